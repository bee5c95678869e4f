#!/bin/sh
# rec-filter: jq in the middle of a stream loses neither end nor abort.
. "${0%/*}/lib.sh"

cat >seats <<'END'
{"type":"change","table":"sections","n":1}
{"type":"change","table":"states","n":2}
{"type":"end","n":2}
END
sed '$d' seats >torn

run 0 rec-filter 'select(.table == "states")' <seats
cat >want <<'END'
{"type":"change","table":"states","n":2}
{"type":"end","n":1}
END
same "select keeps the end record" want out
ok "stderr is empty" test ! -s err

run 0 rec-filter . <seats
same "the identity changes nothing" seats out
run 0 rec-filter 'select(.table == $t)' --arg t states <seats
same "jq arguments are passed on" want out
run 0 rec-filter 'select(false)' <seats
echo '{"type":"end","n":0}' >want
same "no record left is an end record" want out
run 0 rec-filter 'first(inputs)' -n <seats
(head -n 1 seats; echo '{"type":"end","n":1}') >want
same "jq may stop early" want out
run 0 rec-filter '{type: "count", n: length}' -s <seats
(echo '{"type":"count","n":2}'; echo '{"type":"end","n":1}') >want
same "slurping sees no end record" want out

run 0 rec-filter --raw-output '"\(.table) \(.n)"' <seats
printf 'sections 1\nstates 2\n' >want
same "--raw-output is text alone" want out
run 65 rec-filter --raw-output .table <torn

# Each record leaves when it comes, not at the end.
mkfifo in flow
rec-filter 'select(.n > 0)' <in >flow 2>/dev/null & pid=$!
exec 3>in 4<flow
head -n 1 seats >&3
read -r line <&4
ok "records stream" test "$line" = "$(head -n 1 seats)"
kill -TERM "$pid"; wait "$pid"; got=$?
cat <&4 >out
exec 3>&- 4<&-
ok "interrupted exits 75" test "$got" -eq 75
ok "and says abort" grep -q '"abort","status":75' out

printf '%s\n' '{"type":"a"}' '{"type":"abort","status":76,"reason":"x"}' >ab
run 76 rec-filter . <ab
echo '{"type":"abort","status":76,"reason":"proto"}' >want
tail -n 1 out >last
same "an abort passes with its status" want last

run 65 rec-filter . <torn
tail -n 1 out >last
echo '{"type":"abort","status":65,"reason":"data"}' >want
same "a cut stream is aborted" want last
run 0 rec-filter --partial . <torn
run 65 rec-filter . </dev/null
printf '%s\n' '{"type":"a"}' 'not json' '{"type":"end","n":1}' >bad
run 65 rec-filter . <bad
run 65 rec-filter '.n | error("odd")' <seats
ok "jq's own words are kept" grep -q odd err
tail -n 1 out >last
same "a failing program aborts" want last
run 65 rec-filter '{n}' <seats
ok "output without a type is no record" grep -q 'no type' err
ok "and what to do is said" grep -q 'raw-output' err
run 65 rec-filter . --tab <seats
run 65 rec-filter .table -r <seats

run 64 rec-filter
run 64 rec-filter '.table |' <seats
ok "jq says what" grep -q 'compile error' err
ok "and nothing but an abort comes" grep -q '^{"type":"abort","status":64' out
# A producer that has nothing to say does not keep a wrong program alive.
mkfifo idle
exec 3<>idle
run 64 rec-filter '.table |' <idle
exec 3>&-

# Killed, it takes the rest with it: no record goes to nobody.
exec 3<>idle
setsid rec-filter . <idle >out 3>&- & pid=$!
echo '{"type":"a"}' >&3
until grep -q a out; do sleep 0.02; done
kill -KILL "$pid"; wait "$pid" 2>/dev/null
i=0
while [ -n "$(pgrep -s "$pid")" ] && [ $i -lt 100 ]; do
	sleep 0.05; i=$((i + 1))
done
ok "killed, it leaves no process" test -z "$(pgrep -s "$pid")"
exec 3>&-

self=$(command -v rec-filter)
run 71 env PATH=/nonexistent "$self" . <seats
ok "the missing program is named" grep -q 'jq: No such file' err

ok "/dev/full exits 74" sh -c 'rec-filter . <seats >/dev/full; [ $? -eq 74 ]'
ok "closed stdout exits 74" sh -c 'rec-filter . <seats >&-; [ $? -eq 74 ]'
ok "raw to /dev/full exits 74" sh -c \
    'rec-filter --raw-output .table <seats >/dev/full; [ $? -eq 74 ]'
ok "closed stdin exits 74" sh -c 'rec-filter . <&-; [ $? -eq 74 ]'
finish
