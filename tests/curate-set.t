#!/bin/sh
# curate-set: what persons may do, by the tool and by SQL, and no more.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/jobs/jobs.sh"
unset SLUICE_LOG

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
curate() {		# curate STATUS [ARG...]
	_status=$1; shift
	run "$_status" curate-set -c "$jobs" -d d "$@"
}
states() { sql "SELECT group_concat(state) FROM (SELECT state FROM thing_queue
    WHERE id IN ('1', '2', '3') ORDER BY id)"; }
last() { sql "SELECT $1 FROM thing_queue_events ORDER BY event_id DESC LIMIT 1"; }

add 3

# --- 0
curate 0 --why 'no pages' skip 1 2/1
is 'they are moved' "$(states)" skipped,skipped,new
is 'each is told' "$(jq -c 'select(.type == "action") | [.part.id, .action,
    .from, .to, .why]' out)" '["1","skip","new","skipped","no pages"]
["2","skip","new","skipped","no pages"]'
is 'and is an event' "$(last 'from_state, to_state, role, who, why')" \
    "new|skipped|person|$(id -un)|no pages"
curate 0 --why 'after all' --who ann -r r7 --state skipped revive
is 'by state' "$(states)" new,new,new
is 'for another' "$(last 'who, run')" 'ann|r7'
put failed "id = '1'"
sql "UPDATE thing_queue SET code = 'http' WHERE id = '1'"
sha256sum d/jobs.sqlite >before
curate 0 -n --why x --code http hold
is 'a dry run tells' "$(jq -r 'select(.type == "action") | .to' out)" held
ok 'what would be' grep -q 'would move 1,' err
ok 'and moves nothing' sha256sum -c before
curate 0 --why x --code http hold
is 'by code' "$(states)" held,new,new
put got "id = '3'"
curate 0 --why x hold 3
curate 0 --why x revive 3
is 'back to where it was' "$(states)" held,new,got
sql "UPDATE thing_queue SET owner = 'x', lease_until = '2999', epoch = 1
    WHERE id = '2'"
curate 0 --why x skip 2
is 'a lease ends' "$(sql "SELECT owner IS NULL, epoch FROM thing_queue
    WHERE id = '2'")" '1|1'

# --- 1: nothing to do, not from there, or not meant
curate 1 --why x --state failed retry
ok 'nothing to do' grep -q 'retry: no item' err
curate 1 --why x retry 2
ok 'not from there' grep -q 'thing 2/1: retry does not lead from skipped' err
add 30
sha256sum d/jobs.sqlite >before
echo n >answer
curate 1 --why x --all hold <answer
ok 'many are asked about' grep -q 'hold 28 items? \[y/N\]' err
curate 1 --why x --all hold </dev/null
ok 'no answer is no' sha256sum -c before
echo y >answer
curate 0 --why x --all hold <answer
is 'yes' "$(sql "SELECT count(*) FROM thing_queue WHERE state = 'held'")" 29
curate 0 --yes --why x --all revive </dev/null
is 'not asked' "$(sql "SELECT count(*) FROM thing_queue WHERE state = 'new'")" 29

# --- every pair of states: in the shell, by the tool, and for others' roles
toml-json "$jobs" | jq -r '.queue.things | .states as $states |
    (.transition[] | . as $t | ([.from] | flatten)[] | ["can", $t.who, .,
    $t.to, $t.action // "-"]), ($states[] as $a | $states[] as $b |
    select($a != $b) | ["pair", $a, $b]) | join(" ")' >table
awk '$1 == "pair" { printf "{\"type\":\"item\",\"part\":{\"id\":\"%s\"," \
    "\"no\":\"%s\"}}\n", $2, $3 } END { print "{\"type\":\"end\",\"n\":42}" }' \
    table | job-add -q -c "$jobs" -d d >/dev/null
may() {		# may WHO : the transitions that are declared for WHO
	awk -v who="$1" '$1 == "can" && $2 == who { print $3, $4 }' table |
	    sort -u
}
# try ROLE LEASE : each item FROM/TO, put FROM, is moved TO; which do?
try() {
	unruled "UPDATE thing_queue SET state = id, owner = $2, resume = NULL,
	    lease_until = $2, failed_runs = 0 WHERE id > 'a'"
	awk -v role="$1" '$1 == "pair" {
	print "BEGIN;"
	if (role != "")
		printf "INSERT INTO queue_actor (one, role, at) " \
		    "VALUES (1, %s%s%s, %sx%s);\n", q, role, q, q, q
	printf "UPDATE thing_queue SET state = %s%s%s WHERE id = %s%s%s " \
	    "AND no = %s%s%s;\n", q, $3, q, q, $2, q, q, $3, q
	print "DELETE FROM queue_actor; COMMIT;" }' q="'" table |
	    sql 2>/dev/null
	sql -separator ' ' "SELECT id, no FROM thing_queue WHERE id > 'a'
	    AND state = no ORDER BY 1, 2"
}
may person >want
try '' NULL >got
same 'the shell can do what persons may, no more' want got
try '' "'x'" >got
same 'also to what is leased' want got
try discovery NULL >got
may discovery >want
same 'discovery what it may' want got
try loop "'x'" >got
may loop >want
same 'a loop with a lease what it may' want got
try loop NULL >got
grep -v '^new \|^got ' want >want.free
same 'and without one no step' want.free got
tool() {	# tool ACTION : where the tool moves one item of each state
	unruled "UPDATE thing_queue SET state = id, resume = NULL
	    WHERE id > 'a'"
	sql "SELECT DISTINCT id || '/' || min(no) FROM thing_queue
	    WHERE id > 'a' GROUP BY id" | xargs curate-set -q -c "$jobs" -d d \
	    --why x "$1" 2>/dev/null | jq -r 'select(.type == "action") |
	    "\(.from) \(.to) \(.action)"'
}
for action in retry skip hold revive force; do
	tool $action
done | sort >got
awk '$2 == "person" && !seen[$3 $5]++ { print $3, $4, $5 }' table | sort >want
same 'the tool does each action where it is declared' want got

put new "id = '1'"
is 'the shell signs as unknown' "$(sql "UPDATE thing_queue SET state = 'held'
    WHERE id = '1'"; last 'role, who')" 'person|unknown'

# --- 64, 66, 71, 73, 74, 75
put new true
sha256sum d/jobs.sqlite >before
curate 64 --why x hold
ok 'all of them: --all' grep -q 'that is everything: name some, or --all' err
curate 64 hold 1
curate 64 --why ' ' hold 1
curate 64 --why x
curate 64 --why x jump 1
ok 'which there are' grep -q \
    'jump: no action of queue things (retry, skip, hold, revive, force)' err
curate 64 --why x --state nowhere hold
curate 64 --why x hold 1/2/3
ok 'nothing was touched' sha256sum -c before
curate 66 --why x hold 99 1
ok 'no such item' grep -q '99: no such item' err
is 'the other was moved' "$(sql "SELECT state FROM thing_queue
    WHERE id = '1'")" held
run 66 curate-set -c "$jobs" -d nowhere --why x hold 1
sed 's/"things"/"others"/; s/thing_queue/another/' "$jobs" >other.toml
run 73 curate-set -c other.toml -d d --why x hold 1
if [ -z "${SLUICE_SANITIZE-}" ]; then
	toml-json "$jobs" | jq '.queue.things.step.fetch.worker = "x" *
	    3000000' >long.json
	run 71 starved curate-set -c long.json -d d --why x hold 1
else
	skip 'no memory: 71' 'sanitizers'
fi
curate-set -q -c "$jobs" -d d --why x hold 2 >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
mkfifo hold
sql <hold >locked & holder=$!
exec 9>hold
printf 'BEGIN IMMEDIATE;\n.print locked\n' >&9
for _ in $(seq 200); do grep -q locked locked && break; sleep 0.02; done
curate 75 --wait 50 --why x hold 3
exec 9>&-
wait $holder
finish
