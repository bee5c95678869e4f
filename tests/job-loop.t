#!/bin/sh
# job-loop: items through workers, one transaction each; whatever a worker
# does, and whoever is killed.
. "${0%/*}/lib.sh"

cp "$T/worker.sh" worker.sh
toml-json "$T/things.toml" >c.json
ask() { sqlite3 d/s.sqlite "$@"; }

# queue N [TOML-EDIT] : N items that wait, in a new database
queue() {
	rm -rf d
	jq "${2-.}" c.json >q.json
	if [ -z "${2-}" ] && [ -d plain ]; then
		cp -R plain d
	else
		WORKER=: job-loop -c q.json -d d -r R0 things read >/dev/null ||
		    exit 99
		[ -n "${2-}" ] || cp -R d plain
	fi
	ask "INSERT INTO thing_queue (id, state, due_at, changed_at, added_at,
	    seen_at) SELECT value, 'waiting', t, t, t, t FROM
	    generate_series(1, $1), (SELECT '2026-01-01T00:00:00.000Z' AS t)"
}
# worker TEXT : what it does with an item
worker() { WORKER="item() { $1; }; . ./worker.sh"; export WORKER; }
# loop STATUS [ARG...] : as run R, or R=...
loop() {
	_want=$1; shift
	run "$_want" job-loop -c q.json -d d -r "${R-R1}" "$@" things read
}
states() { ask "SELECT group_concat(n || ' ' || state, ', ') FROM
    (SELECT count(*) AS n, state FROM thing_queue GROUP BY state)"; }
is() { echo "$2" >want; echo "$3" >got; same "$1" want got; }
codes() { jq -r 'select(.code and .part) | "\(.part.id) \(.code)"' out | sort -n |
    tr '\n' ' '; }

queue 3
worker 'row 1 a; row 2 b; fin 2'
loop 0
is 'all of them are done' '3 done' "$(states)"
ok 'stderr is empty' test ! -s err
jq -c 'select(.type == "done") | [.label, .state, .number, .total, .n]' out >got
cat >want <<'END'
["thing 1","done",1,3,2]
["thing 2","done",2,3,2]
["thing 3","done",3,3,2]
END
same 'each is told' want got
is 'their rows are there' '1|1|a 1|2|b 2|1|a 2|2|b 3|1|a 3|2|b ' \
    "$(ask 'SELECT id, n, x FROM things ORDER BY 1, 2' | tr '\n' ' ')"
is 'and how it ended' 'dry 3 0' \
    "$(jq -r 'select(.type == "stopped") | "\(.end) \(.done) \(.failed)"' out)"
loop 0
is 'a second time there is nothing to do' '["loop","stopped","end"]' \
    "$(jq -sc 'map(.type)' out)"

queue 20
worker 'row 1 a; fin 1'
loop 0 --workers 3 --in-flight 2 --group 4
is 'several workers, several in flight, in groups' '20 done' "$(states)"
is 'each once' '20|20' "$(ask 'SELECT count(*), sum(epoch) FROM thing_queue')"
queue 2
worker 'fin 0 ",\"state\":\"skipped\""'
loop 0
is 'a worker may say where it goes' '2 skipped' "$(states)"
queue 2
worker 'case $id in x*) fin 0;; *) printf "{\"type\":\"item\",\"queue\":\"things\",\"part\":{\"id\":\"x$id\"},\"of\":{\"id\":\"$id\"},\"url\":\"u\"}\n"; fin 1;; esac'
loop 0
is 'what a worker finds is worked at, too' '4 done' "$(states)"
is 'with its facts' 'u' "$(ask "SELECT url FROM thing_queue WHERE id = 'x1'")"

# --- what workers do ---------------------------------------------------------

# fails CODE WORKER : of three items the second one fails so, and no other
fails() {
	queue 3
	worker "case \$id in 2) $2;; *) row 1 a; fin 1;; esac"
	loop 76 --item-timeout 1
	is "$1" "2 $1 | 2 done, 1 failed" "$(codes)| $(states)"
	is "$1: its rows are not there" 2 "$(ask 'SELECT count(*) FROM things')"
}
fails no_done 'row 1 a; exit 0'
fails worker_exit 'exit 3'
fails wrong_count 'row 1 a; fin 2'
fails garbage 'row 1 a; echo Segmentation fault'
fails too_long 'row 1 a; head -c 2000000 /dev/zero | tr "\0" x'
fails wrong_key 'row 1 a; part="\"part\":{\"id\":\"9\"}"; fin 1'
fails item_timeout 'row 1 a'
fails http_404 'row 1 a; err http_404'
fails bad_row 'printf "{\"type\":\"row\",%s,\"table\":\"no\",\"values\":{}}\n" "$part"; fin 1'
fails bad_state 'fin 0 ",\"state\":\"dead\""'
fails bad_item 'printf "{\"type\":\"item\",\"queue\":\"no\",\"part\":{\"id\":\"1\"},\"of\":{\"id\":\"2\"}}\n"; fin 1'
queue 6
worker 'case $id in 2) kill -9 $$;; *) row 1 a; fin 1;; esac'
loop 76 --in-flight 3
is 'of several in flight the one at fault fails' \
    '2 worker_exit | 5 done, 1 failed' "$(codes)| $(states)"
queue 1
WORKER='exec /none/such'
loop 64
ok 'a worker that cannot run is no item'\''s failure' grep -q \
    'the worker of step read cannot run' err
is 'it waits still' '1 waiting' "$(states)"

# --- failures ------------------------------------------------------------------

queue 1 '.queue.things.retry = {tries: 3, base_s: 0, cap_s: 0}'
worker 'echo x >>tries; test $(wc -l <tries) -eq 3 && fin 0 || err http_503'
rm -f tries
loop 0
is 'what passes is tried again within the run' 'retry retry done' \
    "$(jq -r 'select(.label) | .type' out | tr '\n' ' ' | sed 's/ $//')"
queue 1 '.queue.things.retry = {tries: 3, base_s: 0, cap_s: 0}'
worker 'err http_404'
loop 76
is 'what lasts is not' 'error' "$(jq -r 'select(.label) | .type' out)"
loop 0
is 'nor again in this run' '1 failed' "$(states)"
R=R2 loop 76
is 'but in the next; then it is dead' '1 dead' "$(states)"
is 'and named' '["thing 1"]' "$(jq -c 'select(.type == "stopped") | .dead' out)"
R=R3 loop 0
is 'in every summary' '["thing 1"]' \
    "$(jq -c 'select(.type == "stopped") | .dead' out)"

queue 9
worker 'echo "$id" >>asked; err http_503'
rm -f asked
loop 75
is 'a site that is down is asked for three items' '1 2 3 ' "$(tr '\n' ' ' <asked)"
is 'the last record says why' 'true' \
    "$(jq -c 'select(.type == "abort") | .reason | test("3 items in a row")' out)"
rm -f asked
R=R2 loop 75
is 'the next run tries one' 1 "$(wc -l <asked)"
worker 'test "$id" = 1 || sleep .1; fin 0'
R=R3 loop 0 --in-flight 4
is 'and goes on when it succeeds' '9 done' "$(states)"
is 'the halt is over' 0 \
    "$(ask 'SELECT count(*) FROM queue_halts WHERE cleared_at IS NULL')"
queue 12
worker 'test $((id % 3)) -eq 0 && err broken || fin 0'
loop 76
is 'every third one failing is no halt' '8 done, 4 failed' "$(states)"
queue 9
worker 'err blocked'
loop 75
is 'one block page is enough' 1 "$(codes | wc -w | awk '{ print $1 / 2 }')"
queue 9
worker 'case $id in 3|6) fin 0;; *) err layout;; esac'
loop 75
ok 'too many pages of another layout are' grep -q 'more than 50 %' err
queue 9
worker 'err http_404'
loop 76
is 'what is not there says nothing about the others' '9 failed' "$(states)"

# --- signals, kills ---------------------------------------------------------------

# begun N : wait until so many items were begun
begun() { until [ "$(wc -l <asked)" -ge "$1" ]; do sleep .02; done; }
queue 5
worker 'echo "$id" >>asked; test "$id" -lt 2 || sleep 1; fin 0'
: >asked
job-loop -c q.json -d d -r R1 things read >out 2>err & pid=$!
begun 2; kill -INT $pid; wait $pid; got=$?
is 'interrupted: what is in flight is finished' '75 2 done, 3 waiting' \
    "$got $(states)"
ok 'and it is said' grep -q '"reason":"interrupted"' out
is 'no lease is left' 0 \
    "$(ask 'SELECT count(*) FROM thing_queue WHERE owner IS NOT NULL')"
: >asked
worker 'echo "$id" >>asked; exec sleep 600'
job-loop -c q.json -d d -r R1 things read >out 2>err & pid=$!
begun 1
while kill -INT $pid 2>/dev/null; do sleep .05; done
wait $pid; got=$?
is 'a second one stops at once' 75 $got
worker 'fin 0'
loop 0
is 'and nothing is lost' '5 done' "$(states)"

queue 1
: >asked
worker 'echo "$$" >>asked; exec sleep 600'
job-loop -c q.json -d d -r R1 things read >out 2>err & pid=$!
begun 1
run 75 job-loop -c q.json -d d -r R1 things read
ok 'one loop at a time, with its name' grep -q \
    'things read: 1 at work already: job-loop (pid [0-9]*, alive)' err
kill -KILL $pid; wait $pid 2>/dev/null
ok 'the worker dies with the loop' gone "$(cat asked)"
worker 'fin 0'
loop 0
is 'a dead loop'\''s items are due at once' '1 done lost' \
    "$(states) $(ask "SELECT outcome FROM thing_queue_attempts
    WHERE epoch = 1")"

queue 20 '.queue.things.step.read.loops = 2'
worker 'sleep .01; echo "$id" >>asked; row 1 a; fin 1'
: >asked
job-loop -c q.json -d d -r R1 things read >out1 2>err1 & pid=$!
job-loop -c q.json -d d -r R1 things read >out2 2>err2 & pid2=$!
wait $pid; a=$?; wait $pid2; b=$?
is 'two loops: each item once' '0 0 20 done 20' \
    "$a $b $(states) $(sort -u asked | wc -l)"

# It is stopped for longer than its lease, and another takes over.
queue 1 '.queue.things.step.read.loops = 2'
: >asked
worker 'echo x >>asked; until [ -e go ]; do sleep .02; done; row 1 late; fin 1'
rm -f go
job-loop -c q.json -d d -r R1 things read >out1 2>err1 & pid=$!
begun 1; kill -STOP $pid; sleep 3.2
worker 'row 1 new; fin 1'
R=R2 loop 0
ask .dump >before
touch go; sleep .1; kill -CONT $pid; wait $pid; got=$?
ask .dump >after
is 'the overtaken one exits 73' 73 $got
same 'and has changed nothing' before after
ok 'it is said for the item' grep -q '"code":"overtaken"' out1

# Killed at random: loop, leader or worker.  KILLS and SEED from outside.
content() { ask "SELECT id, n, x FROM things ORDER BY 1, 2" \
    "SELECT id, state FROM thing_queue ORDER BY 1"; }
waiting() { ask "SELECT count(*) FROM thing_queue WHERE state <> 'done'"; }
rows='row 1 "$id"; row 2 "$id$id"; fin 2'
patient='.queue.things.max_attempts = 100 | .queue.things.retry.tries = 9'
queue 12
worker "$rows"
loop 0
content >undisturbed
kills=${KILLS-4} seed=${SEED-1} left=$kills differ=0
queue 12 "$patient"
cp -R d fresh
worker "sleep .01; $rows"
while [ "$left" -gt 0 ]; do
	if [ "$(waiting)" -eq 0 ]; then
		content | cmp -s undisturbed - || differ=1
		rm -rf d; cp -R fresh d
	fi
	job-loop -c q.json -d d -r "K$left" --in-flight 2 things read \
	    >out 2>err & pid=$!
	perl -e 'srand($ARGV[0]); select(undef, undef, undef, .05 + rand(.4))' \
	    $((seed + left))
	leader=$(pgrep -P $pid | head -n 1)
	case $((left % 3)) in
	0) victim=$leader ;;
	1) victim=$([ -z "$leader" ] || pgrep -P "$leader" | head -n 1) ;;
	*) victim=$pid ;;
	esac
	[ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null
	wait $pid 2>/dev/null
	left=$((left - 1))
done
for r in Z1 Z2 Z3; do
	job-loop -c q.json -d d -r $r things read >out 2>err
done
content | cmp -s undisturbed - || differ=1
is "killed $kills times from SEED=$seed: content as undisturbed" 0 $differ
is 'and each version once' "$(ask 'SELECT count(DISTINCT dataset) FROM
    dataset_versions')" "$(ask 'SELECT count(*) FROM dataset_versions')"

# --- the rest -----------------------------------------------------------------------

queue 1
worker 'fin 0'
: >asked
job-loop --follow -c q.json -d d -r R1 things read >out 2>err & pid=$!
until grep -q '"done"' out; do sleep .02; done
ask "INSERT INTO thing_queue (id, state, due_at, changed_at, added_at, seen_at)
    SELECT 'late', 'waiting', t, t, t, t FROM
    (SELECT '2026-01-01T00:00:00.000Z' AS t)"
until grep -q 'thing late' out; do sleep .02; done
kill -TERM $pid; wait $pid; got=$?
is '--follow works at what comes, until it is stopped' '75 2 done' \
    "$got $(states)"

run 64 job-loop -c q.json -d d -r R1 no read
ok 'an unknown queue is named' grep -q 'no queue "no"' err
run 64 job-loop -c q.json -d d -r R1 things no
run 64 job-loop -c q.json things read
jq '.queue.things.initial = "no"' c.json >bad.json
run 64 job-loop -c bad.json -d d -r R1 things read
run 66 job-loop -c none.json -d d -r R1 things read
queue 1
job-loop -c q.json -d d -r R1 things read >/dev/full 2>err; got=$?
is 'a full standard output: 74' 74 $got
is 'what was done is done' '1 done' "$(states)"
sqlite3 d/s.sqlite 'PRAGMA user_version = 7'
loop 65
finish
