#!/bin/sh
# job-list: counts and items, in each form; nothing is touched.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/jobs/jobs.sh"
unset SLUICE_LOG

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
list() {		# list STATUS [ARG...]
	_status=$1; shift
	run "$_status" job-list -c "$jobs" -d d "$@"
}

# --- 0: no database is no mistake, and none is made
list 0 --format tsv
is 'no items' "$(cut -f 3,4 out | sed -n 2p)" "new$(printf '\t')0"
list 0 --items --format jsonl
is 'no records' "$(cat out)" '{"type":"end","n":0}'
ok 'nothing was made' test ! -e d

add 4
put failed "id = '2'"
put "done" "id = '3'"
sql "UPDATE thing_queue SET due_at = '2999-01-01T00:00:00.000Z' WHERE id = '4';
    UPDATE thing_queue SET owner = 'pid=7 start=1 space=1 boot=ab host=h name=me',
    lease_until = '2999-01-01T00:00:00.000Z', epoch = 1,
    code = 'http', message = 'm' WHERE id = '1'"
sha256sum d/jobs.sqlite >before
list 0 --format tsv
printf '%s\n' 'queue step state items due leased next_due_at' \
    'things fetch new 2 0 1 2999-01-01T00:00:00.000Z' \
    'things parse got 0 0 0 ' 'things  done 1 0 0 ' 'things  failed 1 0 0 ' \
    'things  held 0 0 0 ' 'things  skipped 0 0 0 ' 'things  dead 0 0 0 ' |
    tr ' ' '\t' >want
same 'counts of each step and state' want out
list 0
ok 'for people' grep -Eq '^things +fetch +new +2 +0 +1 +2999' out
list 0 --format jsonl
is 'as records' "$(jq -c 'select(.state == "new") | [.type, .items, .due]' \
    out)" '["count",2,0]'
list 0 --state new --format tsv
is 'items by state' "$(cut -f 2,4,7 out | tr '\t' ' ' | sed 1d)" \
    'thing 1/1 new me (pid 7 on h)
thing 4/1 new '
list 0 --code http --format jsonl
is 'by code' "$(jq -c 'select(.type == "item") | [.item, .part, .epoch,
    .message]' out)" '["thing 1/1",{"id":"1","no":"1"},1,"m"]'
list 0 --items --limit 3 --format json
is 'not more than that' "$(jq length out)" 3
list 0 --format tsv 2 3/1
is 'by key, or its beginning' "$(cut -f 2,4 out | tr '\t' ' ' | sed 1d)" \
    'thing 2/1 failed
thing 3/1 done'
is 'when it is due' "$(job-list -c "$jobs" -d d --format json 4 |
    jq -r '.[0].due_at')" 2999-01-01T00:00:00.000Z
ok 'nothing is written' sha256sum -c before

# --- 64, 65, 66, 71, 73, 74, 75
list 64 --format xml
list 64 --state nowhere
list 64 1/2/3
list 64 --queue other
list 66 99 1
ok 'no such item' grep -q '99: no such item' err
ok 'the other is there' grep -q 'thing 1/1' out
run 66 job-list -c missing.toml
sed 's/"things"/"others"/; s/thing_queue/another/' "$jobs" >other.toml
run 73 job-list -c other.toml -d d
if [ -z "${SLUICE_SANITIZE-}" ]; then
	toml-json "$jobs" | jq '.queue.things.step.fetch.worker = "x" *
	    3000000' >long.json
	run 71 starved job-list -c long.json -d d
else
	skip 'no memory: 71' 'sanitizers'
fi
job-list -c "$jobs" -d d >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
mkfifo hold
sql <hold >locked & holder=$!
exec 9>hold
printf 'BEGIN EXCLUSIVE;\n.print locked\n' >&9
for _ in $(seq 200); do grep -q locked locked && break; sleep 0.02; done
job-list -c "$jobs" -d d >out 2>err & waiter=$!
for _ in $(seq 200); do		# it has the file open, and waits for it
	find /proc/$waiter/fd -lname "*jobs.sqlite" 2>/dev/null | grep -q . && break
	sleep 0.02
done
kill -TERM $waiter
wait $waiter; got=$?
is 'stopped while it waits: 75' $got 75
exec 9>&-
wait $holder
printf 'no database' >d/jobs.sqlite
list 65
finish
