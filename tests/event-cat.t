#!/bin/sh
# event-cat: logs and table as one stream in order, and each exit status.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"

cat_() { want=$1; shift; run "$want" event-cat -c "$toy" -d d "$@"; }
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT
log() {			# log RUN SECOND EVENT [MEMBERS] : an event of its log
	printf '{"type":"event","at":"2026-11-20T22:31:%s.000Z",' "$2" \
	    >>"d/logs/$1.jsonl"
	printf '"event":"%s","tool":"t","pid":1,"run":"%s","source":"%s"%s}\n' \
	    "$3" "$1" "${SOURCE-toy}" "${4+,$4}" >>"d/logs/$1.jsonl"
}
names() { jq -r 'select(.event) | "\(.run):\(.event)"' out | tr '\n' ' '; }

cat_ 0 -v
is 'nothing has happened yet' "$(cat out)" '{"type":"end","n":0}'
ok 'no log: said with -v' grep -q 'd/logs: no log$' err
ok 'no database: said with -v' grep -q 'd/toy.sqlite: no database yet$' err
cat_ 0
ok 'and not without' test ! -s err

# Two runs, the first of them continued after the second; not all in order.
mkdir -p d/logs
log r1 10 plan; log r1 12 verdict '"dataset":"x/a"'
log r1 11 attempt '"dataset":"x/a"'
log r2 20 plan; log r2 40 attempt '"dataset":"x/b"'
log r1 30 plan; log r1 40 attempt '"dataset":"x/a"'
SOURCE=other log r2 21 plan
echo '{"type":"task","run":"r1"}' >d/logs/r1.plan.jsonl
echo 'for people' >d/logs/r1.summary.txt
cat_ 0
is 'in order of time, then of run' "$(names)" 'r1:plan r1:attempt r1:verdict r2:plan r1:plan r1:attempt r2:attempt '
sed -n 1p d/logs/r1.jsonl >want
sed -n 1p out >got
same 'an event as it was logged' want got
ok 'nothing to say' test ! -s err
is 'the last record is end' "$(tail -n 1 out)" '{"type":"end","n":7}'

cat_ 0 -r r2
is 'of one run' "$(names)" 'r2:plan r2:attempt '
cat_ 0 --dataset x/a
is 'of one dataset' "$(names)" 'r1:attempt r1:verdict r1:attempt '
cat_ 0 --since 2026-11-20T22:31:30Z
is 'since then, that instant too' "$(names)" 'r1:plan r1:attempt r2:attempt '

# --- items of a queue
. "$top/tests/jobs/jobs.sh"
mkdir j
items 2 | job-add -q -c "$jobs" -d j -r r0 >/dev/null
curate-set -q -c "$jobs" -d j -r r9 --why 'too big' --who me hold 2/1 >/dev/null
run 0 event-cat -c "$jobs" -d j
is 'transitions of items are events' "$(jq -c 'select(.event == "transition") |
    [.event_id, .run, .dataset, .task, .queue, .from, .to, .role, .who, .why]' \
    out)" '[1,"r9","2/1","thing 2/1","things","new","held","person","me","too big"]'
run 0 event-cat -c "$jobs" -d j --dataset 1/1
is 'of one dataset' "$(jq -c 'select(.event == "transition")' out)" ''

# --- lines of a tool that was killed
cp -r d torn
printf '{"type":"event","at":"2026-11-20T22:31:2' >>torn/logs/r1.jsonl
log r1 50 stage; tail -n 1 d/logs/r1.jsonl >>torn/logs/r1.jsonl
printf '%s\n' 'no event' '{"type":"event","event":"x"}' '' \
    '{"type":"event","at":"yesterday","event":"x"}' >>torn/logs/r1.jsonl
perl -e 'print "{\"type\":\"event\",\"at\":\"2026-11-20T22:31:14Z\",",
    "\"event\":\"x\",\"x\":\"", "x" x 1100000, "\"}\n",
    "{\"type\":\"event\",\"at\":\"2026-11-20T22:31:14Z\",",
    "\"event\":\"x\",\"x\":", "[" x 5000, "]" x 5000, "}\n",
    "{\"type\":\"event\",\"at\":\"2026-11-20T22:31:1"' >>torn/logs/r1.jsonl
cat_ 0; cp out want
run 0 event-cat -c "$toy" -d torn
same 'torn lines change nothing' want out
ok 'but are told' grep -q 'warning: lines that are no events.*: 8$' err
run 0 event-cat -q -c "$toy" -d torn
ok 'not with -q' test ! -s err

# --- what the database says
three r1 a </dev/null
SLUICE_LOG=d/logs/r3.jsonl diff-promote -q -c "$toy" -d d -r r1 x/a >/dev/null
cat_ 0 -r r1 --dataset x/a --since 2026-11-20T22:32:00Z
is 'a promotion is in both' "$(jq -rc 'select(.event) |
    [.event, .tool, .event_id, .version, .payload.inserted // .inserted]' out)" \
'["ingest",null,1,"r1",null]
["diff",null,2,"r1",7]
["promote",null,3,"r1",7]
["version","diff-promote",null,"r1",7]'
sqlite3 d/toy.sqlite "SELECT json_object('type', 'event', 'at', at, 'event',
    event, 'event_id', event_id, 'run', run, 'source', 'toy', 'dataset',
    dataset, 'version', version_id, 'payload', json(payload))
    FROM dataset_version_events" >want
jq -c 'select(.event_id)' out >got
same 'the events of the table' want got
sqlite3 d/toy.sqlite "UPDATE dataset_version_events SET payload =
    printf('{\"x\":\"%.*c\"}', 1100000, 'x') WHERE event_id = 1"
cat_ 0
is 'a payload too long for a record' "$(jq -c 'select(.event_id == 1) |
    [.event, .payload]' out)" '["ingest",null]'

# --- more events than memory: what is held does not grow with them
i=0
while [ $i -lt 200 ]; do
	cp d/logs/r1.jsonl "d/logs/s$i.jsonl"; i=$((i + 1))
done
seq -w 20000 | sed 's/.*/{"type":"event","at":"2026-11-20T22:31:14.&Z"/
    s/$/,"event":"x"}/' >d/logs/m.jsonl
if [ -z "${SLUICE_SANITIZE-}" ]; then
	run 0 prlimit --data=8000000 event-cat -c "$toy" -d d
	ok 'sorted' sh -c "jq -r '.at // empty' out | cut -c1-23 | sort -c"
	is 'all of them' "$(tail -n 1 out)" '{"type":"end","n":21212}'
	run 71 starved event-cat -c "$toy" -d d
else
	skip 'bounded memory' 'sanitizers need more'
fi

run 64 event-cat -d d
cat_ 64 --since yesterday
ok 'how an instant is written' grep -q 'like 2026-11-20T22:31:14Z' err
cat_ 64 --dataset x
cat_ 64 operand
run 66 event-cat -c none.json -d d
event-cat -c "$toy" -d d >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
ok '/dev/full: says so' grep -q 'standard output: No space left' err
event-cat -c "$toy" -d d >&- 2>err; got=$?
is 'closed stdout: 74' $got 74
mkdir d/logs/dir.jsonl
cat_ 74
ok 'a log that cannot be read is named' grep -q 'd/logs/dir.jsonl: ' err
rmdir d/logs/dir.jsonl

mkfifo hold
sqlite3 d/toy.sqlite <hold >held & holder=$!
exec 9>hold
printf 'BEGIN EXCLUSIVE;\n.print locked\n' >&9
while ! grep -q locked held && kill -0 $holder; do sleep 0.02; done
event-cat -c "$toy" -d d >out 2>err & waiter=$!
asleep $waiter
kill -TERM $waiter; wait $waiter; got=$?
is 'a stop while it waits: 75' $got 75
exec 9>&-
wait $holder
echo 'no database at all, only text' >d/toy.sqlite
cat_ 65
is 'and the stream says so' "$(cat out)" \
    '{"type":"abort","status":65,"reason":"data"}'
finish
