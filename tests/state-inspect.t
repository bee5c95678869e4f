#!/bin/sh
# state-inspect: what the ledger says, and no trace of having asked.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG

run 0 state-inspect
ok 'no ledger is no error' grep -qx 'no entry' out
ok 'it is said' grep -q 'data: no ledger' err
ok 'and none appears' test ! -e data
run 0 state-inspect --format json
ok 'nor is there JSON' test "$(cat out)" = '[]'
run 0 state-inspect --format jsonl
ok 'the records end' test "$(cat out)" = '{"type":"end","n":0}'
mkdir data
: >data/ledger.sqlite
run 0 state-inspect
ok 'an empty file is as good as none' grep -qx 'no entry' out
rm data/ledger.sqlite
run-new -d data --source shop >/dev/null
run 0 state-inspect
ok 'no entry, in words' test "$(cat out)" = 'no entry'

RUN=R1
{ answer A 2026-11-01 sales '[1]'; answer A 2026-11-02 sales '[1,2]'
answer A 2026-11-05 sales '[]'; answer B 2026-11-02 sales '[3]'
answer B 2026-11-02 stock '[4]'; failure B 2026-11-04 sales; } | enter
RUN=R2 AT=2026-11-21T10:00:00.000Z
bad A 2026-11-02 sales timeout
ask "UPDATE partition_state SET updated_at = '2026-11-20T10:00:0' || seq ||
    '.000Z'"
said() { jq -r "$1" out | tr '\n' ' '; }

run 0 state-inspect --format json
ok 'those that changed last first; pending too' test "$(said '.[] |
    "\(.part.account)\(.part.day[8:])\(.part.report[:2]):\(.status)"')" = \
    'B02st:valid B02sa:valid A05sa:valid A02sa:valid A01sa:valid B04sa:pending '
echo '["source","partition","dataset","part","status","run","schema_version",
"record_count","size_bytes","fetched_at","confirmed_at","last_attempt",
"last_error","last_attempt_run","attempts","failures","updated_at","seq"]' |
    jq -c . >want
jq -c '.[] | select(.last_error == "timeout") | keys_unsorted' out >got
same 'all that is known of each' want got
run 0 state-inspect
cat >want <<'T'
source partition status run record_count last_attempt last_error attempts failures action updated_at
shop B/2026-11-02/stock valid R1 1 ok - 1 0 - 2026-11-20T10:00:05.000Z
shop B/2026-11-02/sales valid R1 1 ok - 1 0 - 2026-11-20T10:00:04.000Z
shop A/2026-11-05/sales valid R1 0 ok - 1 0 - 2026-11-20T10:00:03.000Z
shop A/2026-11-02/sales valid R1 2 failed timeout 2 1 - 2026-11-20T10:00:02.000Z
shop A/2026-11-01/sales valid R1 1 ok - 1 0 - 2026-11-20T10:00:01.000Z
shop B/2026-11-04/sales pending - - failed http_503 1 1 - 2026-11-20T10:00:00.000Z
T
tr -s ' ' <out >got
same 'a table' want got
ok 'whose columns are aligned' test "$(cut -c-25 out | sed -n 's/.*\/s.*/x/p' |
    wc -l)" = "$(sed 1d out | cut -c-25 | grep -c /s)"
run 0 state-inspect --format tsv --limit 1
ok 'tab-separated values' test "$(sed 1d out | cut -f 2,5)" = \
    "$(printf 'B/2026-11-02/stock\tvalid')"
ok 'with their names' test "$(sed -n 1p out | cut -f 1-3)" = \
    "$(printf 'source\tpartition\tdataset')"
run 0 state-inspect --format jsonl --limit 2
ok 'records' test "$(jq -r .type out | tr '\n' ' ')" = \
    'partition partition end '

days() {		# days NAME WANT ARG... : which are shown
	_what=$1 _days=$2; shift 2
	run 0 state-inspect --format jsonl "$@"
	ok "$_what" test "$(said 'select(.part) |
	    "\(.part.account)\(.part.day[9:])\(.part.report[2:3])"')" = "$_days"
}
days 'by a member' 'A5l A2l A1l ' account=A
days 'by another one' 'B2o ' report=stock
days 'by two' 'B2l B4l ' account=B report=sales
days 'by none' '' account=C
days 'by dataset' 'B2o B2l ' --dataset B/2026-11-02
days 'by source' '' --source other
days 'valid ones' 'B2o B2l A5l A2l A1l ' --status valid
days 'pending ones' 'B4l ' --status pending
days 'invalid ones' '' --status invalid
days 'failed ones' 'A2l B4l ' --last failed
days 'from a date on' 'A5l B4l ' --since 2026-11-03
days 'up to a date' 'B2o B2l A2l A1l ' --until 2026-11-02
days 'between dates' 'B4l ' --since 2026-11-03 --until 2026-11-04
days 'from an instant on' 'B2o B2l ' --since 2026-11-20T10:00:04Z
days 'up to an instant' 'A1l B4l ' --until 2026-11-20T10:00:01Z
days 'so many' 'B2o B2l ' --limit 2
days 'none' '' --limit 0
days 'quotes are no SQL' '' "account=' OR 1 OR '"

run 0 state-inspect --counts --format jsonl
ok 'counts' test "$(said 'select(.partitions) |
    "\(.status):\(.last_attempt):\(.partitions)"')" = \
    'valid:ok:4 valid:failed:1 pending:failed:1 '
run 0 state-inspect --counts --format jsonl account=A
ok 'counts of some' test "$(said 'select(.partitions) |
    "\(.status):\(.last_attempt):\(.partitions)"')" = \
    'valid:ok:2 valid:failed:1 '
run 0 state-inspect --freshness --format jsonl
ok 'the newest date of each key, the stalest first' test "$(said '
    select(.latest) | "\(.key.account)/\(.key.report)=\(.latest)"')" = \
    'B/sales=2026-11-02 B/stock=2026-11-02 A/sales=2026-11-05 '
ok 'its lag' test "$(jq 'select(.latest == "2026-11-05").lag_days' out)" -ge \
    $((($(date -u +%s) - $(date -u -d 2026-11-05 +%s)) / 86400))
run 0 state-inspect --freshness
ok 'in a table the key is short' grep -q '^shop  *A/sales  *2026-11-05' out
run 0 state-inspect --gaps --format jsonl
ok 'dates between others that are missing' test "$(said 'select(.first) |
    "\(.key.account)\(.key.report[:2]) \(.first) \(.last) \(.days)"')" = \
    'Asa 2026-11-03 2026-11-04 2 '
run 0 state-inspect --gaps --format jsonl --since 2026-10-31 \
    --until 2026-11-05
ok 'dates of a range that are missing' test "$(said 'select(.first) |
    "\(.key.account)\(.key.report[:2]) \(.first[5:]) \(.last[5:]),"')" = \
    'Asa 10-31 10-31, Asa 11-03 11-04, Bsa 10-31 11-01, Bsa 11-03 11-05, '"\
Bst 10-31 11-01, Bst 11-03 11-05, "
run 0 state-inspect --gaps report=stock
ok 'none missing is said' grep -qx 'no entry' out
run 0 state-inspect --retries --format tsv
printf 'source\ttimes\tanswered\tfailing\nshop\t1-2\t6\t2\n' >want
same 'how often' want out
state-retry -q -d data --why 'upstream is back' --who me account=A \
    >/dev/null
run 0 state-inspect --actions --format jsonl
ok 'what people said' test "$(said 'select(.seq) |
    "\(.who) \(.action) \(.part.day) \(.why)"')" = \
    'me retry 2026-11-02 upstream is back '
run 0 state-inspect --format jsonl --last failed account=A
ok 'is in force' test "$(said 'select(.part).action')" = 'retry '

# --- no trace ------------------------------------------------------------------
trace() {
	find data -printf '%p %s %T@ %C@ %m\n' | sort
	sha256sum data/ledger.sqlite
}
trace >before
chmod 444 data/ledger.sqlite; chmod 555 data
trace | sed 's/ [^ ]* [0-9]*$//' >looks
run 0 state-inspect
ok 'a folder that nobody may write is enough' grep -q A/2026-11-01 out
chmod 755 data; chmod 644 data/ledger.sqlite
trace >before
for view in '' --counts --freshness --gaps --retries --actions; do
	# shellcheck disable=SC2086
	state-inspect $view >out 2>err || bad=1
done
trace >got
same 'nothing is changed' before got
if strace -o /dev/null true 2>/dev/null; then
	strace -qq -f -o calls -e trace=%file,ftruncate,pwrite64,fsync,fdatasync \
	    state-inspect >out 2>err
	grep -E 'O_CREAT|O_RDWR|O_WRONLY|unlink|rename|mkdir|truncate|pwrite|sync' \
	    calls | grep -v /dev/ >made
	ok 'no file is made, written or removed' diff /dev/null made
	# A writer that was killed in the middle of its commit.
	cp -R data half
	(strace -qq -o /dev/null -e inject=unlink:signal=KILL \
	    sqlite3 half/ledger.sqlite 'UPDATE partition_state SET etag = 1'
	    exit $?) >out 2>err
	if [ -s half/ledger.sqlite-journal ]; then
		ls half >before
		run 75 state-inspect -d half
		ok 'what a writer left half done is not mended' \
		    grep -q 'a writer died in the middle' err
		ls half >got
		same 'but left' before got
		run 0 raw-list -d half
		run 0 state-inspect -d half
		ok 'until somebody has' grep -q A/2026-11-01 out
	else
		skip 'a journal left behind' 'none was'
	fi
else
	skip 'no file is made' 'no strace'
fi

# --- trouble -------------------------------------------------------------------
run 64 state-inspect --status good
run 64 state-inspect --last good
run 64 state-inspect --format xml
run 64 state-inspect --since yesterday
run 64 state-inspect --until 2026-02-30
run 64 state-inspect --counts --gaps
run 64 state-inspect --gaps --status valid
run 64 state-inspect word
run 64 state-inspect --limit -1
state-inspect >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 1'
run 65 state-inspect
mv keep data/ledger.sqlite
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN EXCLUSIVE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
state-inspect >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
echo >go
wait
if [ -z "${SLUICE_SANITIZE-}" ] && strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ state-inspect
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
finish
