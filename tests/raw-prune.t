#!/bin/sh
# raw-prune: what nothing rests on goes, in an order that can be killed.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
unset SLUICE_LOG

run 66 raw-prune -c "$config"
ok 'no ledger appears' test ! -e data
mkdir data

# keep JSON : a declaration with this [retention] is in p.json.
toml-json "$config" >whole.json || exit 99
keep() { jq -c ".retention = $1" whole.json >p.json; }
keep '{"raw_latest": 2, "attempts": 16, "runs": 3}'
# shellcheck disable=SC2120
prune() { raw-prune -c p.json "$@"; }
# refresh RUN TEXT : a run that found this text as courses, and is over.
refresh() { RUN=$1; seal courses "$2"; verify; rm -r "data/incoming/$RUN"; }
runs() { ls "${f%/*}" | sed 's/run_id=//' | tr '\n' ' '; }
f=$(folder courses)
tree() {			# every file, and what is in it
	(cd data && find . -type f | sort | xargs sha256sum)
}

# --- what stays -----------------------------------------------------------
for i in 1 2 3 4 5 6; do refresh "R$i" "[$i]"; done
RUN=R7
seal courses '[7]'		# nobody has judged it
rm -r "data/incoming/$RUN"
tree >before
run 0 raw-prune -c "$config"
ok 'within what stays: nothing' test "$(types)" = end -a ! -s err
run 0 prune -n
ok 'a dry run names what would go' test "$(jq -r '.run // .type' out |
    tr '\n' ' ')" = 'R1 R2 R3 R4 R5 end '
ok 'and tells people' grep -q \
    '^raw-prune: note: 20261/NB: would remove: partitions 5 ' err
tree >after
same 'and removes nothing' before after

# A version was made of R2, R3's run may be continued, the pointer names R4,
# R5 is authoritative: as if R6 had been found damaged.
sqlite3 data/soc.sqlite 'PRAGMA application_id = 1936483173;
    CREATE TABLE dataset_versions (version_id, last_verified_run);
    CREATE TABLE version_inputs (version_id, run, snapshot);
    INSERT INTO dataset_versions VALUES ("R2", NULL), ("R5.002", "R6");
    INSERT INTO version_inputs VALUES ("R2", "R2", "R2:20261/NB/courses")'
mkdir -p data/incoming/R3
echo R4 >data/ptr/soc/20261/NB/courses
ask 'UPDATE partition_state SET run = "R5", snapshot = "R5:20261/NB/courses"'
run 0 prune
ok 'the rest goes' test "$(runs)" = 'R2 R3 R4 R5 R6 R7 '
ok 'a record tells of it' test "$(jq -r 'select(.type == "pruned") |
    "\(.run) \(.source) \(.dataset) \(.part.endpoint) \(.snapshot) \(.path)"' \
    out)" = "R1 soc 20261/NB courses R1:20261/NB/courses ${f#data/}"
ok 'and a line' grep -q \
    '^raw-prune: note: 20261/NB: removed: partitions 1 (.* B), answers 0$' err
ok 'the row has gone' test "$(ask 'SELECT group_concat(run, " ")
    FROM (SELECT run FROM raw_snapshots ORDER BY run)')" = 'R2 R3 R4 R5 R6 R7'
ok 'and the line of the manifest' test "$(jq -r .run data/raw/manifest.jsonl |
    tr '\n' ' ')" = 'R2 R3 R4 R5 R6 R7 '
tree >before
run 0 prune
tree >after
same 'again: nothing changes' before after
ok 'and nothing is said' test "$(types)" = end -a ! -s err

# --- nothing of it is known for sure ----------------------------------------
refresh R8 '[8]'
mv data/soc.sqlite keep.sqlite
sqlite3 data/soc.sqlite 'CREATE TABLE other (x)'
tree >before
run 65 prune
ok 'a database without versions is refused' grep -q \
    '^raw-prune: error: data/soc.sqlite: it has no versions' err
ok 'the stream says so' test "$(types)" = abort
tree >after
same 'and nothing is removed' before after
head -c 100 /dev/zero >data/soc.sqlite
run 65 prune
ok 'so is one that is none' grep -q 'data/soc.sqlite: ' err
: >data/soc.sqlite
run 0 prune
ok 'an empty one was never begun: nothing is made of R2' \
    test "$(runs)" = 'R3 R7 R8 '
mv keep.sqlite data/soc.sqlite

# --- datasets ----------------------------------------------------------------
keep '{"raw_latest": 1}'
run 0 prune 20261/NK
ok 'another dataset is left alone' test "$(types)" = end
run 64 prune 20261
ok 'one that is none is named' grep -q '20261: not a dataset of soc' err
keep '{}'
run 0 prune
ok 'nothing said: nothing goes' test "$(types)" = end
keep '{"raw_latest": 0}'
run 64 prune
ok 'a wrong declaration' grep -q 'retention: "raw_latest" is no integer' err
run 66 raw-prune -c nowhere.json

# --- answers -----------------------------------------------------------------
keep '{"attempts": 16, "raw_latest": 2}'
rm -rf data; mkdir data
same_as() {		# same_as RUN AT TEXT : the server sends it once more
	RUN=$1 AT=$2
	seal courses "${3-[1]}"
	verify
	rm -r "data/incoming/$RUN"
}
failed() {		# failed RUN : it does not answer
	RUN=$1
	{ printf '{"type":"error","code":"http_status","tool":"soc-fetch",'
	part courses; echo ',"message":"busy"}'; echo "$end"; } >sealed
	verify
}
refresh 90 '[0]'
same_as 91 2026-11-20T11:00:00.000Z '[0]'
same_as 92 2026-11-20T11:30:00.000Z '[0]'
refresh A00 '[1]'
same_as A01 2026-11-20T12:00:00.000Z
same_as A02 2026-11-20T11:00:00.000Z
for i in 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18; do failed "A$i"; done
answers() { ask 'SELECT group_concat(run, " ") FROM
    (SELECT run FROM attempts ORDER BY seq)'; }
run 0 prune
ok 'within the play: none goes' test "$(ask 'SELECT count(*) FROM attempts')" \
    -eq 22
for i in 19 20 21; do failed "A$i"; done
state courses '*' >before
run 0 prune
ok 'those that something rests on stay' test "$(answers)" = \
    "90 92 A00 A01 A02 A06 A07 A08 A09 $(seq -s ' ' -f A%g 10 21)"
ok 'people are told' grep -q 'partitions 0 (0 B), answers 4$' err
state courses '*' >after
same 'authority is what it was' before after
same_as A01 2026-11-20T12:00:00.000Z
same_as A00 2026-11-20T10:30:00.000Z
ok 'an older answer still confirms nothing newer' test \
    "$(state courses 'run, confirmed_at')" = 'A00|2026-11-20T12:00:00.000Z'
failed A22
ok 'answers go on being counted' test "$(state courses attempts)" -eq 27

# --- runs --------------------------------------------------------------------
keep '{"attempts": 16, "raw_latest": 1, "runs": 3}'
rm -rf data; mkdir data
i=0
while [ $i -lt 9 ]; do
	run-new -d data --source soc --at "2026-11-20T10:00:0${i}Z"
	i=$((i + 1))
done >runs
nth() { sed -n "$1p" runs; }
refresh "$(nth 1)" '[1]'
mkdir -p "data/incoming/$(nth 2)/20261" "data/incoming/$(nth 3)" \
    "data/incoming/$(nth 8)" data/incoming/other data/logs
echo x >"data/incoming/$(nth 2)/20261/NB.body"
echo x >"data/logs/$(nth 4).jsonl"
run 0 prune -n
ok 'a dry run counts' test "$(sed 's/.*note: //' err | tr '\n' ' ')" = \
    'soc: quarantine of old runs would go: 2 soc: rows of old runs would go: 4 '
run 0 prune -r "$(nth 3)"
ok 'old quarantine goes, but not of the run going on' test \
    "$(ls data/incoming | tr '\n' ' ')" = "$(nth 3) $(nth 8) other "
ask 'SELECT run_id FROM runs ORDER BY 1' >got
for i in 1 3 4 7 8 9; do nth $i; done >want
same 'so do rows of runs that nothing names' want got
run 0 prune
ok 'it does no longer go on' test ! -e "data/incoming/$(nth 3)"
tree >before
run 0 prune
tree >after
same 'nothing left to do: not a byte changes' before after

# --- trouble -----------------------------------------------------------------
rm -rf data; mkdir data
keep '{"raw_latest": 1}'
for i in 1 2 3 4; do refresh "R$i" "[$i]"; done
prune >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
ok 'it stopped' test "$(runs)" = 'R2 R3 R4 '
prune >&- 2>err; got=$?
ok 'a closed standard output: 74' test "$got" -eq 74
cp data/ledger.sqlite keep.sqlite
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 7'
run 65 prune
ok 'another schema is refused' grep -q 'schema version 7' err
mv keep.sqlite data/ledger.sqlite
refresh R5 '[5]'
run 75 flock data/raw/.lock sh -c '
	raw-prune -c p.json & pid=$!
	until grep -q nanosleep /proc/$pid/wchan 2>/dev/null ||
	    ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
	kill -TERM $pid; wait $pid'
export SLUICE_LOG=log
run 0 prune -r R6
unset SLUICE_LOG
ok 'an event tells of it' test "$(jq -r \
    '"\(.event) \(.run) \(.source) \(.dataset) \(.partitions)"' log)" = \
    'prune R6 soc 20261/NB 2'

# --- killed at every step that changes something, then repeated --------------
fresh() {		# fresh : six runs, half of them to go
	rm -rf data
	cp -R fresh data
}
rm -rf data; mkdir data
i=0
while [ $i -lt 9 ]; do
	run-new -d data --source soc --at "2026-11-20T10:00:0${i}Z"
	i=$((i + 1))
done >runs
for i in 1 2 3 4; do refresh "$(nth $i)" "[$i]"; done
mkdir -p "data/incoming/$(nth 2)/20261"
echo x >"data/incoming/$(nth 2)/20261/NB.body"
keep '{"raw_latest": 2, "attempts": 16, "runs": 3}'
cp -R data fresh
stored() {		# stored : what is in data
	(cd data && find raw incoming | sort
	find raw -type f ! -name .lock | sort | xargs cat)
	ask 'SELECT seq, snapshot_id FROM raw_snapshots;
	    SELECT seq FROM attempts; SELECT run_id FROM runs;
	    PRAGMA integrity_check'
}
killed_at() {		# killed_at CALL N : and repeated
	fresh
	(strace -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    raw-prune -c p.json >out; exit $?) 2>err
	got=$?
	[ $got -ne 137 ] || n=$((n + 1))
	# A sealed partition is whole, and in the ledger.
	find data/raw -name metadata.json | while read -r seal; do
		gzip -t "${seal%/*}/payload.json.gz" || echo torn
		[ "$(ask "SELECT count(*) FROM raw_snapshots WHERE
		    run = '$(jq -r .run "$seal")'")" = 1 ] || echo unknown
	done >torn 2>&1
	[ ! -s torn ] || wrong="$wrong torn:$1:$2"
	prune >out 2>err || wrong="$wrong status:$1:$2"
	stored >after
	cmp -s want after || wrong="$wrong store:$1:$2"
	return $got
}
calls=write,pwrite64:3,fsync,fdatasync,unlink,unlinkat,rename,rmdir,flock
if strace -o /dev/null true 2>/dev/null; then
	fresh
	prune >out 2>err
	stored >want
	n=0 wrong=''
	each_call "$calls" killed_at
	ok "killed at each of $n calls and repeated: the same store" \
	    test "$n" -gt 25 -a "$got" -eq 0 -a -z "$wrong"
	echo "# $wrong"
	fresh
	prune >out 2>err
	run 0 strace -f -o calls -e trace=pwrite64,unlink,unlinkat,rename,flock \
	    raw-prune -c p.json
	ok 'nothing to do: no store is written' sh -c \
	    '! grep -v "^[0-9]* *[+-]" calls'
	fresh
	run 74 strace -qq -o /dev/null \
	    -e inject=rename,renameat,renameat2:error=EIO raw-prune -c p.json
	ok 'the manifest is named' grep -q 'data/raw/manifest.jsonl: ' err
	test -n "${SLUICE_SANITIZE-}" || run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ raw-prune -c p.json
else
	skip 'killed at every step' 'no strace'
fi
finish
