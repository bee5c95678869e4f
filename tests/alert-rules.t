#!/bin/sh
# alert-rules: once per situation, never lost, and each exit status.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"

# Two rules of our own over two towns: something failed; it is not noon yet.
jq '.alert = {
    failing: {severity: "error", text: "it fails", sql: "SELECT task AS subject, min(at) AS since, count(*) || '"' runs'"' AS detail, count(*) AS runs, 1.5 AS odds, NULL AS gone, code FROM item WHERE outcome = '"'failed'"' AND at > ifnull((SELECT max(at) FROM item o WHERE o.task = item.task AND outcome <> '"'failed'"'), '"''"') GROUP BY task"},
    late: {severity: "info", text: "no event lately", sql: "SELECT source AS subject, max(event.at) AS since, NULL AS detail FROM event, now GROUP BY source HAVING unixepoch(now.at) - unixepoch(max(event.at)) > 3600"},
    none: {severity: "info", text: "no subject", sql: "SELECT NULL AS subject, NULL AS since, NULL AS detail"}}' \
    "$toy" >toy.json

rules() {		# rules STATUS [OPTION...] <EVENTS
	want=$1; shift
	run "$want" alert-rules -c toy.json -d d --now 2026-11-20T12:30:00Z \
	    "$@"
}
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT
e() {			# e MINUTE RUN TASK CODE : an attempt
	printf '{"type":"event","at":"2026-11-20T12:%s:00.000Z",' "$1"
	printf '"event":"attempt","tool":"t","pid":1,"run":"%s",' "$2"
	printf '"source":"toy","task":"%s","code":"%s"}\n' "$3" "$4"
}
end() { echo '{"type":"end","n":0}'; }
told() { jq -r 'select(.state) | "\(.state) \(.name) \(.subject)"' out; }
store() { sqlite3 d/alerts.sqlite "$@"; }
none='{"type":"end","n":0}'

# --- the life of an alert
{ e 10 r1 a http_503; e 11 r1 b unchanged; echo '{"type":"other"}'; end; } \
    >first
rules 0 -n <first
mv out dry
ok 'a dry run creates nothing' test ! -e d
rules 0 <first
same 'the dry run told the same' dry out
cat >want <<'EOF'
{"type":"alert","at":"2026-11-20T12:30:00.000Z","source":"toy","state":"raised","name":"failing","severity":"error","subject":"a","since":"2026-11-20T12:10:00.000Z","text":"it fails","detail":"1 runs","facts":{"runs":1,"odds":1.5,"code":"http_503"}}
{"type":"end","n":1}
EOF
same 'an alert record' want out
ok 'nothing else is said' test ! -s err
{ sed '$d' first; e 12 r2 a http_404; end; } >second
cp d/alerts.sqlite before
rules 0 <second
is 'told once, though it goes on' "$(cat out)" "$none"
same 'and no write' before d/alerts.sqlite
{ sed '$d' second; e 13 r3 a ok; e 14 r3 b http_500; end; } >third
rules 0 -n <third; mv out dry
same 'a dry run leaves the store alone' before d/alerts.sqlite
rules 0 <third
same 'the dry run told the same' dry out
is 'the new one, then the one that is over' "$(told)" 'raised failing b
cleared failing a'
is 'the cleared one is as it was told' "$(jq -c 'select(.subject == "a") |
    [.since, .detail, .facts.code]' out)" \
    '["2026-11-20T12:10:00.000Z","1 runs","http_503"]'
is 'what lasts is in the store' "$(store 'SELECT source, name, subject, since,
    raised_at FROM alerts')" \
    'toy|failing|b|2026-11-20T12:14:00.000Z|2026-11-20T12:30:00.000Z'
rules 0 <third
is 'nothing new' "$(cat out)" "$none"

# --- half the events decide nothing: b is not over, and nobody is late
sed '$d' first >half
rules 65 --now 2026-11-20T20:00:00Z <half
is 'a cut stream tells nothing' "$(cat out)" \
    '{"type":"abort","status":65,"reason":"data"}'
{ cat half; echo '{"type":"abort","status":75,"reason":"temp"}'; } >aborted
rules 75 --now 2026-11-20T20:00:00Z <aborted
rules 65 </dev/null
is 'and nothing is remembered' "$(store 'SELECT count(*) FROM alerts')" 1
rules 0 --now 2026-11-20T20:00:00Z <third
is 'time alone raises' "$(told)" 'raised late toy'
rules 1 --check --now 2026-11-20T20:00:00Z <third
is '--check: 1, though it was told before' "$(cat out)" "$none"
end >empty
rules 0 --check <empty
is 'nothing on record: no situation' "$(told)" 'cleared failing b
cleared late toy'

# --- another source's alerts are its own; a removed rule's are over
jq '.source.name = "other"' toy.json >other.json
rules 0 <third
run 0 alert-rules -c other.json -d d --now 2026-11-20T12:30:00Z <third
is "another source's events are none" "$(cat out)" "$none"
is "and its alerts are left" "$(store 'SELECT count(*) FROM alerts')" 1
cp d/alerts.sqlite before
jq 'del(.alert)' toy.json >bare.json
run 0 alert-rules -c bare.json -d d <third
is 'a rule that was removed' "$(told)" 'cleared failing b'
cp before d/alerts.sqlite

# --- never lost: remembered only when they have arrived
rm d/alerts.sqlite
alert-rules -c toy.json -d d <third >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
ok '/dev/full: says so' grep -q 'standard output: No space left' err
alert-rules -c toy.json -d d <third >&- 2>err; got=$?
is 'closed stdout: 74' $got 74
rules 75 sh -c 'cat >/dev/null; exit 3' <third
ok 'a command that failed' grep -q 'sh: status 3; it is told again' err
rules 66 ./no-such-command <third
is 'nothing is remembered' "$(store 'SELECT count(*) FROM alerts')" 0
rules 0 -n sh -c 'touch started' <third
ok 'a dry run starts no command' test ! -e started
is 'but tells' "$(told)" 'raised failing b'
rules 0 sh -c 'cat; echo "$1"' - x <third
is 'the command gets the records' "$(told 2>/dev/null; tail -n 1 out)" \
    'raised failing b
x'
rules 0 sh -c 'touch started' <third
ok 'nothing to tell: no command' test ! -e started -a ! -s out

# Killed at each write of the store: told again, or remembered.
if [ -z "${SLUICE_SANITIZE-}" ] && command -v strace >/dev/null; then
	rm -r d; rules 0 <empty
	killed() {	# killed CALL N : one run that dies there, then one
		cp d/alerts.sqlite fresh
		strace -f -qq -o /dev/null -e trace="$1" \
		    -e inject="$1:signal=KILL:when=$2" alert-rules \
		    -c toy.json -d d --now 2026-11-20T12:30:00Z \
		    <third >killed.out 2>/dev/null
		died=$?
		alert-rules -c toy.json -d d --now 2026-11-20T12:30:00Z \
		    <third >again.out 2>again.err || echo "$1 $2" >>lost
		cat killed.out again.out | grep -q raised || echo "$1 $2" >>lost
		alert-rules -c toy.json -d d --now 2026-11-20T12:30:00Z \
		    <third | grep raised && echo "$1 $2 twice" >>lost
		cp fresh d/alerts.sqlite; rm -f d/alerts.sqlite-journal
		return $died
	}
	each_call pwrite64,fdatasync,unlink killed
	ok 'killed anywhere: never lost, and told once in the end' test ! -e lost
else
	skip 'killed anywhere' 'no strace'
fi

# --- the rules of soc, of which none is about soc: one situation each
toml-json "$top/pipelines/soc/pipeline.toml" | jq -s '.[1].alert = .[0].alert |
    .[1]' - "$toy" >soc.json
h() {			# h HOUR EVENT MEMBERS : an event of run r
	printf '{"type":"event","at":"2026-11-20T%s:00.000Z",' "$1"
	printf '"event":"%s","tool":"t","pid":1,"source":"toy",%s}\n' "$2" "$3"
}
asked() {		# asked HOUR TASK CODE : run rHOUR asks for it
	h "$1" attempt "\"run\":\"r$1\",\"dataset\":\"x/a\",\"task\":\"$2\",\"code\":\"$3\""
	[ "$3" != ok ] || h "$1" verdict \
	    "\"run\":\"r$1\",\"dataset\":\"x/a\",\"task\":\"$2\",\"code\":\"valid\""
}
soc() {			# soc NOW <EVENTS : what its rules tell by then
	{ cat; end; } | alert-rules -c soc.json -d soc --now "$1" >out 2>err ||
	    cat err >>out
	jq -r 'select(.state) | "\(.state) \(.name) \(.subject) since \(.since |
	    .[11:16]): \(.detail)"' out
}
{ asked 01:00 x ok; asked 02:00 x http_503; asked 03:00 x not_json; } >fails
is 'twice in a row is no alert' "$(soc 2026-11-20T05:00:00Z <fails)" ''
asked 04:00 x http_503 >>fails
is 'three times is one' "$(soc 2026-11-20T05:00:00Z <fails)" \
    'raised failing x since 02:00: 3 runs: http_503,not_json'
asked 04:30 x ok >>fails
is 'until an answer is valid' "$(soc 2026-11-20T05:00:00Z <fails | cut -c1-17)" \
    'cleared failing x'
h 00:00 plan '"run":"r"' >>fails
is 'a day without runs, and of old data' "$(soc 2026-11-21T05:00:00Z <fails)" \
    'raised old x/a since 04:30: last confirmed 2026-11-20T04:30:00.000Z: x
raised idle toy since 00:00: the last one is r'
{
	h 04:00 report '"dataset":"x/a","ready":true,"failed":[]'
	h 05:00 report '"dataset":"x/a","ready":false,"failed":["a","b"]'
	h 06:00 report '"dataset":"x/a","ready":false,"failed":["c"]'
} >reports
rm -r soc
is 'not ready' "$(soc 2026-11-20T07:00:00Z <reports)" \
    'raised not_ready x/a since 05:00: failed: a, b'
h 06:30 report '"dataset":"x/a","ready":false,"accepted":"why","failed":["c"]' \
    >>reports
is 'accepted by a person' "$(soc 2026-11-20T07:00:00Z <reports | cut -c1-21)" \
    'cleared not_ready x/a'

# What the gate itself has to say about a version that it holds.
rm -r d soc
three r1 a </dev/null
diff-promote -q -c "$toy" -d d -r r1 x/a >/dev/null
echo 'DELETE FROM items; DELETE FROM boxes;' | three r2 a
run 1 diff-promote -q -c "$toy" -d d -r r2 x/a
event-cat -c "$toy" -d d | sed '$d' >held
later=$(date -u -d +2hours +%FT%TZ)
is 'a version that is held' "$(soc "$(date -u +%FT%TZ)" <held)" ''
is 'held for an hour' "$(soc "$later" <held | sed 's/since ...../since/')" \
    'raised held x/a goods since: items: 0 rows, about 3 expected'
echo "UPDATE items SET n = 9 WHERE code = '3';" | three r3 a
diff-promote -q -c "$toy" -d d -r r3 x/a >/dev/null
is 'until it is let go' "$(event-cat -c "$toy" -d d | sed '$d' |
    soc "$later" | cut -c1-22)" 'cleared held x/a goods'

# --- each exit status
run 64 alert-rules -d d
rules 64 --now soon <third
ok 'how an instant is written' grep -q 'like 2026-11-20T22:31:14Z' err
for sql in 'SELECT 1' 'SELEC' 'DELETE FROM event' \
    'SELECT x AS subject, 1 AS since, 2 AS detail FROM event'; do
	jq --arg sql "$sql" '.alert.late.sql = $sql' toy.json >wrong.json
	run 64 alert-rules -c wrong.json -d d <third
	ok "no such rule: $sql" grep -q 'wrong.json: alert.late: ' err
done
jq '.alert.odd = {severity: "info", text: "t",
    sql: "SELECT abs(-9223372036854775807 - length(task)) AS subject, NULL AS since, NULL AS detail FROM event"}' toy.json >odd.json
rm -r d; rules 0 <first
run 65 alert-rules -c odd.json -d d --now 2026-11-20T12:30:00Z <third
ok 'a rule that fails is named' grep -q 'error: alert.odd: integer overflow' err
is 'and the others are asked' "$(told)" 'raised failing b
cleared failing a'
ok 'to the end' grep -q '"type":"end"' out
run 66 alert-rules -c none.json -d d
{ e 10 r1 a ok; echo '{"type":"event"'; end; } >torn
rules 65 <torn
ok 'what is no record is named' grep -q 'standard input: line 2: ' err
if [ -z "${SLUICE_SANITIZE-}" ]; then
	run 71 starved alert-rules -c toy.json -d d <third
else
	skip 'no memory' 'sanitizers need more'
fi
mkfifo hold
sqlite3 d/alerts.sqlite <hold >held & holder=$!
exec 9>hold
printf 'BEGIN EXCLUSIVE;\n.print locked\n' >&9
while ! grep -q locked held && kill -0 $holder; do sleep 0.02; done
alert-rules -c toy.json -d d <first >out 2>err & waiter=$!
asleep $waiter
kill -TERM $waiter; wait $waiter; got=$?
is 'a stop while it waits: 75' $got 75
exec 9>&-
wait $holder
echo 'no database at all, only text' >d/alerts.sqlite
rules 65 <first
ok 'a damaged store is named' grep -q 'd/alerts.sqlite' err
finish
