#!/bin/sh
# gate-inspect: what is normal, what is held, and what would release it.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
unset SLUICE_LOG

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
says() { ok "says: $1" grep -qF -e "$1" out; }
inspect() {		# inspect STATUS [ARG...]
	_status=$1; shift
	run "$_status" gate-inspect -c "$toy" -d d "$@"
}
held() {		# held RUN TOWN : items are gone, shops are the same
	stage "$1" "$2" <<-'SQL'
	INSERT INTO shops (shop) VALUES ('s');
	SQL
	diff-promote -q -c "$toy" -d d -r "$1" "x/$2" >/dev/null 2>&1
}
record() { jq -r "select(.type == \"gate\") | $1" out; }

# --- 66: nothing there yet
inspect 66
ok 'no database' grep -q 'd/toy.sqlite' err

# --- 0
three r1 a </dev/null
three r1 b </dev/null
diff-promote -q -c "$toy" -d d -r r1 x/a >/dev/null
diff-promote -q -c "$toy" -d d -r r1 x/b >/dev/null
inspect 0
says 'x/a goods: open'
says 'x/b goods: open'
says 'items: 3 rows active, baseline 3 of 1 count,'
says 'limits young      2 missing, 30,000 added  <- now'
says 'limits recovered  2 missing, 30,000 added'
says '3 rows, 0 missing, 3 added: open, accepted, 1 answer'
ok 'an ungated part is left out' sh -c '! grep -q open: out'
held r2 a
inspect 0 x/a
says 'x/a goods: held since '
says 'items: an empty answer after a non-empty one (0 came, 3 of 3 missing)'
says 'it passes under 2 missing and under 30,000 added'
says "if it is right:  diff-promote -c $toy -d d -r RUN --accept REASON --part goods x/a"
says "if it is wrong:  diff-promote -c $toy -d d -r RUN --reject REASON --part goods x/a"
ok 'only what was asked for' sh -c '! grep -q x/b out'
cp d/toy.sqlite before
inspect 0 --json
is 'records' "$(record '[.dataset, .part, .table, .state, .verdict,
    .active, .baseline] | join(" ")')" \
    'x/a goods items held empty 3 3
x/b goods items open open 3 3'
is 'what is held' "$(record 'select(.state == "held") | [.version, .agreeing,
    .until, .limits.old.missing, .samples[0].rows, (.samples | length)]
    | join("|")')" 'r2|1|it passes under 2 missing and under 30,000 added|2|0|2'
is 'the stream is whole' "$(tail -n 1 out)" '{"type":"end","n":2}'
ok 'nothing is written' cmp before d/toy.sqlite
diff-promote -q -c "$toy" -d d -r r3 --reject 'maintenance' x/a \
    >/dev/null 2>&1
inspect 0 x/a
says 'items: a person rejected it'
says "$(id -un) said at "
says 'another payload is judged anew'
diff-promote -q -c "$toy" -d d -r r3 --accept 'sold out' x/a >/dev/null
inspect 0 --json x/a
is 'accepted: open, with the word that was said' "$(record '[.state, .active,
    .reason, .rejected] | join("|")')" 'open|0|sold out|'
stage r1 c </dev/null
diff-promote -q -c "$toy" -d d -r r1 x/c >/dev/null 2>&1
inspect 0 x/c
says 'items: the first answer is empty (0 came)'
says 'it passes when something comes'

# --- 64, 65, 66, 71, 73, 74, 75
inspect 64 x
ok 'not a dataset' grep -q 'x: not a dataset of toy' err
inspect 64 --jsno
inspect 66 x/z x/b
ok 'unknown: said' grep -q 'x/z: no such dataset' err
says 'x/b goods: open'
inspect 66 --json x/z
is 'the stream ends all the same' "$(tail -n 1 out)" '{"type":"end","n":0}'
if [ -z "${SLUICE_SANITIZE-}" ]; then
	jq '.view.vw_long = "SELECT \("x" * 900000 | tojson)"' "$toy" \
	    >long.json
	run 71 starved gate-inspect -c long.json -d d
else
	skip 'no memory: 71' 'sanitizers'
fi
sed 's/"price"/"prize"/' "$toy" >other.json
run 73 gate-inspect -c other.json -d d
gate-inspect -c "$toy" -d d >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
gate-inspect -c "$toy" -d d --json >/dev/full 2>err; got=$?
is '/dev/full: 74, records' $got 74
gate-inspect -c "$toy" -d d >&- 2>err; got=$?
is 'closed stdout: 74' $got 74
mkfifo hold
sqlite3 d/toy.sqlite <hold >locked & holder=$!
exec 9>hold
printf 'BEGIN EXCLUSIVE;\n.print locked\n' >&9
while ! grep -q locked locked; do sleep 0.02; done
gate-inspect -c "$toy" -d d >out 2>err & waiter=$!
asleep $waiter
kill -TERM $waiter
wait $waiter; got=$?
is 'stopped while it waits: 75' $got 75
exec 9>&-
wait $holder
cp d/toy.sqlite whole
printf 'no database' >d/toy.sqlite
inspect 65
finish
