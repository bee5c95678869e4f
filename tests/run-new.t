#!/bin/sh
# run-new: unique ids whose order is that of allocation.
. "${0%/*}/lib.sh"

run 0 run-new --source soc --mode full
ok 'it is one line, an id without a colon' sh -c 'test "$(wc -l <out)" -eq 1 &&
    grep -qE "^[0-9]{8}T[0-9]{9}Z-[0-9a-f]{6}$" out'
ok 'the run is registered' test "$(sqlite3 data/ledger.sqlite \
    "SELECT run_id || ' ' || source || ' ' || mode FROM runs")" = \
    "$(cat out) soc full"

# 100 at once: all different, all registered.
i=0
while [ $i -lt 100 ]; do
	run-new -d many --source soc >id.$i 2>err.$i || echo $i >>failed &
	i=$((i + 1))
done
wait
ok '100 concurrent calls succeed' test ! -e failed
ok '100 ids' test "$(cat id.* | sort -u | wc -l)" -eq 100
ok '100 runs' test "$(sqlite3 many/ledger.sqlite \
    'SELECT count(DISTINCT run_id) FROM runs')" -eq 100

# One after the other, faster than the clock ticks.
i=0
while [ $i -lt 20 ]; do
	run-new --source soc
	i=$((i + 1))
done >ids
ok 'ids grow' sort -c -u ids

run 0 run-new --source soc --at 2030-01-02T03:04:05.678Z
ok '--at shows in the id' grep -q '^20300102T030405678Z-' out
run 0 run-new --source soc
ok 'a clock behind the last id does not go back' \
    grep -q '^20300102T030405679Z-' out
run 0 run-new --source soc --at 2020-01-01T00:00:00Z
ok '--at can be earlier' grep -q '^20200101T000000000Z-' out
run 0 run-new --source soc
ok 'which does not make the next one earlier' \
    grep -q '^20300102T03040568' out

run 64 run-new
ok 'the source is asked for' grep -q -e --source err
run 64 run-new --source ''
run 64 run-new --source soc --at yesterday
run 64 run-new --source soc --at 2026-13-01T00:00:00Z
run 64 run-new --source soc extra

mkdir other
sqlite3 other/ledger.sqlite 'CREATE TABLE t (x)'
run 65 run-new -d other --source soc
ok 'a strange database is named' grep -q 'other/ledger.sqlite' err
mkdir -p dir/ledger.sqlite
run 74 run-new -d dir --source soc
run-new --source soc >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
ok 'it is said' grep -q '^run-new: error: standard output: ' err
run-new --source soc >&- 2>err; got=$?
ok 'a closed standard output: 74' test "$got" -eq 74

# Another one holds the ledger: waiting ends with a stop request.
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN IMMEDIATE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
run-new --source soc >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
ok 'and no id' test ! -s out
echo >go
wait

if strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null -e inject=getrandom:error=ENOSYS \
	    run-new --source soc
else
	skip 'no random bits: 71' 'no strace'
fi
finish
