#!/bin/sh
# job-add: items come in; what is known keeps its state.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/jobs/jobs.sh"
unset SLUICE_LOG

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
adding() {		# adding STATUS [ARG...] <records
	_status=$1; shift
	run "$_status" job-add -c "$jobs" -d d "$@"
}

# --- 0
items 3 >three
adding 0 -r r1 <three
is 'nothing but the end' "$(cat out)" '{"type":"end","n":0}'
ok 'said what' grep -q '3 new, 0 known, 0 taken up, 0 wrong' err
is 'they wait' "$(sql 'SELECT id, state, url, changed_run FROM thing_queue')" \
    '1|new|u1|r1
2|new|u2|r1
3|new|u3|r1'
put "done" "id = '1'"
sed 's/"url":"u/"size":7,"url":"v/' three >newer
adding 0 -r r2 <newer
ok 'known' grep -q '0 new, 3 known' err
is 'new facts, no other state, seen later' "$(sql "SELECT id, state, url, size,
    seen_at > added_at FROM thing_queue WHERE id < '3'")" '1|done|v1|7|1
2|new|v2|7|1'
printf '%s\n' '{"type":"item","part":{"id":"1","no":"1"}}' \
    '{"type":"end","n":1}' >one
adding 0 <one
is 'a fact that is not brought stays' \
    "$(sql "SELECT url, size FROM thing_queue WHERE id = '1'")" 'v1|7'
adding 0 -r r3 --again <one
ok 'taken up' grep -q '0 new, 0 known, 1 taken up' err
is 'by discovery' "$(sql 'SELECT from_state, to_state, role, run
    FROM thing_queue_events ORDER BY event_id DESC LIMIT 1')" \
    'done|new|discovery|r3'
adding 0 --again <one
ok 'from there nothing leads' grep -q '1 known, 0 taken up' err
printf '%s\n' '{"type":"verdict","x":1}' \
    '{"type":"item","queue":"things","part":{"id":"7","no":"2"},"priority":3}' \
    '{"type":"end","n":2}' >mixed
adding 0 <mixed
is 'others pass by' "$(head -n 1 out)" '{"type":"verdict","x":1}'
is 'a priority' "$(sql "SELECT priority FROM thing_queue WHERE id = '7'")" 3
items 2 | head -n 2 >cut.jsonl
adding 0 --partial <cut.jsonl

# --- 65: a cut stream, and items that are none; the others stay
rm -rf d
adding 65 <cut.jsonl
is 'what came before a cut stays' "$(sql 'SELECT count(*) FROM thing_queue')" 2
is 'a cut is told on' "$(tail -n 1 out | cut -c 1-16)" '{"type":"abort",'
printf '%s\n' '{"type":"item","part":{"no":"1","id":"1"}}' \
    '{"type":"item","part":{"id":"8","no":"1"},"size":"big"}' \
    '{"type":"item","part":{"id":"9","no":"1"}}' \
    '{"type":"item","queue":"other","part":{"id":"9","no":"1"}}' \
    '{"type":"end","n":4}' >wrong
adding 65 <wrong
is 'each is an error record' "$(jq -r '.code // .n' out)" 'bad_item
bad_item
bad_item
3'
ok 'with its reason' grep -q 'line 2: .*"size" is of another type' err
ok 'no such queue' grep -q 'no queue "other"' err
is 'the good one is there' \
    "$(sql "SELECT count(*) FROM thing_queue WHERE id >= '8'")" 1

# --- 64, 66, 71, 73, 74, 75
adding 64 --queue other <one
adding 64 extra <one
run 64 job-add -d d <one
sed '/^\[queue/,$d' "$jobs" >none.toml
run 64 job-add -c none.toml -d d <one
ok 'no queue' grep -q 'none.toml: it declares no queue' err
sed 's/^to = "skipped"/to = "nowhere"/' "$jobs" >bad.toml
cp d/jobs.sqlite before
run 64 job-add -c bad.toml -d d <one
ok 'a mistake has line and column' grep -q \
    'bad.toml:[0-9]*:1: queue.things.transition.10: to: no state "nowhere"' err
ok 'nothing was touched' cmp before d/jobs.sqlite
run 66 job-add -c missing.toml -d d <one
sed 's/"things"/"others"/; s/thing_queue/another/' "$jobs" >other.toml
run 73 job-add -c other.toml -d d <one
ok 'another table is refused' grep -q 'it was made with another table' err
if [ -z "${SLUICE_SANITIZE-}" ]; then
	jq -nc '[range(20000) | tostring] | join("") |
	    {type:"item",part:{id:"1",no:"1"},url:.}' >long
	run 71 starved job-add -c "$jobs" -d starved <long
else
	skip 'no memory: 71' 'sanitizers'
fi
job-add -q -c "$jobs" -d d <wrong >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
mkfifo hold
sql <hold >locked & holder=$!
exec 9>hold
printf 'BEGIN IMMEDIATE;\n.print locked\n' >&9
for _ in $(seq 200); do grep -q locked locked && break; sleep 0.02; done
adding 75 --wait 50 <one
ok 'locked: by whom' grep -q 'sqlite3 (pid' err
exec 9>&-
wait $holder
finish
