#!/bin/sh
# The ledger as others rely on it: what becomes of each event, who may write
# what, many at once, and many partitions.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG http_proxy https_proxy all_proxy

# --- events of one partition ----------------------------------------------------
# after NAME WANT : the state is status run schema_version record_count
# last_attempt last_error attempts
after() {
	_got=$(ask "SELECT status, ifnull(run, '-'), ifnull(schema_version,
	    '-'), ifnull(record_count, '-'), last_attempt,
	    ifnull(last_error, '-'), attempts FROM partition_state
	    WHERE part_path = 'A/2026-11-01/sales'" | tr '|' ' ')
	ok "$1: $2" test "$_got" = "$2"
	[ "$_got" = "$2" ] || echo "# $_got"
}
folder() { echo "data/raw/shop/account=A/day=2026-11-01/report=sales/run_id=$RUN"; }
sealed() {		# sealed TEXT : of $RUN, not verified yet
	answer A 2026-11-01 sales "$1" | stream | raw-write -q -d data >sealed
}
verify() { raw-verify -q -c "$config" -d data <sealed >out; }
clear() { chmod -R u+w data 2>/dev/null; rm -rf data; mkdir data; }

clear
RUN=R5; sealed '[1]'; verify
after 'success, no previous run' 'valid R5 1 1 ok - 1'
RUN=R6; sealed '[1,2]'; verify
after 'success of a newer run' 'valid R6 1 2 ok - 2'
RUN=R6; verify
after 'the same answer verified again' 'valid R6 1 2 ok - 2'
RUN=R4; sealed '[4,4,4]'; verify
after 'success of an older run that ends late' 'valid R6 1 2 ok - 3'
RUN=R7; sealed '[7]'; rm -f "$(folder)/metadata.json"; verify
after 'failure, partition not found' 'valid R6 1 2 failed missing_file 4'
ok 'the earlier success is what a consumer reads' test \
    "$(raw-cat shop A/2026-11-01/sales)" = '[1,2]'
RUN=R5b; sealed '[5]'; verify
after 'a late older success clears no newer failure' \
    'valid R6 1 2 failed missing_file 5'
RUN=R8; sealed '[8]'; chmod u+w "$(folder)"/*
echo '{' >"$(folder)/metadata.json"; verify
after 'failure, metadata unreadable' 'valid R6 1 2 failed bad_metadata 6'
RUN=R9; sealed '[9]'; chmod u+w "$(folder)"/*
echo x >"$(folder)/payload.json.gz"; verify
after 'failure, payload unreadable' 'valid R6 1 2 failed bad_gzip 7'
RUN=S1; sealed '[1]'; chmod u+w "$(folder)"/*
sed -i 's/"record_count":1/"record_count":2/' "$(folder)/metadata.json"; verify
after 'failure, record count mismatch' 'valid R6 1 2 failed count_mismatch 8'
RUN=S2; SCHEMA=2 sealed '[2]'; verify
after 'failure, another schema version' 'valid R6 1 2 failed schema_mismatch 9'
RUN=S3; sealed '[3]'; verify
after 'success after failures' 'valid S3 1 1 ok - 10'
RUN=S0; sealed '[0]'; rm -f "$(folder)/metadata.json"; verify
after 'an older run that fails late demotes nothing' 'valid S3 1 1 ok - 11'
RUN=S4; bad A 2026-11-01 sales
after 'a request that failed' 'valid S3 1 1 failed http_503 12'
clear
RUN=R1; sealed '[1]'; rm -f "$(folder)/metadata.json"; verify
after 'failure, no previous run' 'invalid - - - failed missing_file 1'
RUN=R2; bad A 2026-11-01 sales timeout
after 'and another' 'invalid - - - failed timeout 2'
RUN=R3; sealed '[3]'; verify
after 'then success' 'valid R3 1 1 ok - 3'
clear
RUN=R1; bad A 2026-11-01 sales
after 'failures only: no row, it is pending' ''
ok 'which is said' test "$(state-inspect -d data --format tsv |
    sed 1d | cut -f 5)" = pending

# --- schema versions ---------------------------------------------------------------
clear
RUN=R1; sealed '[1]'; verify
sed 's/"schema_version": "1"/"schema_version": "2"/' "$config" >two.json
config=two.json
RUN=R2; sealed '[1]'
ok 'the same bytes under another version are no confirmation' test \
    "$(jq -r 'select(.type == "raw").same_as' sealed)" = R1
verify
after 'what was meant by version 1 confirms nothing of version 2' \
    'valid R1 1 1 failed schema_mismatch 2'
RUN=R3; SCHEMA=2 sealed '[1]'; verify
after 'one that is of version 2 replaces it whole' 'valid R3 2 1 ok - 3'
ok 'each version is in a run of its own' test "$(ask "SELECT count(*) FROM
    (SELECT run FROM raw_snapshots GROUP BY run
    HAVING count(DISTINCT schema_version) > 1)")" = 0
config=shop.json

# --- who may write ------------------------------------------------------------------
clear
RUN=R1
good A 2026-11-01 sales '[1]'
bad A 2026-11-02 sales
for what in INSERT UPDATE DELETE; do
	ask "CREATE TRIGGER guard_$what BEFORE $what ON partition_state
	    BEGIN SELECT RAISE(ABORT, 'guarded'); END"
done
before=$(ask 'SELECT * FROM partition_state')
cat >serve.pl <<'P'
use IO::Socket::INET;
$s = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die;
open F, '>port.new'; print F $s->sockport; close F; rename 'port.new', 'port';
$SIG{ALRM} = sub { exit }; alarm 60;
while ($c = $s->accept) {
	while (<$c>) { last if /^\r?$/ }
	print $c "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n[7]";
	close $c;
}
P
perl serve.pl & server=$!
until [ -s port ]; do sleep 0.02; done
ask "UPDATE partition_asked SET task = replace(task, '127.0.0.1',
    '127.0.0.1:$(cat port)')"
run 0 run-new -d data --source shop
run 0 state-retry -d data --why guard --all
run 0 state-backfill -c "$config" -d data --why guard --again account=A \
    day=2026-11-01 report=sales
run 0 state-due -c "$config" -d data -r R2
mv out tasks
ok 'guarded: due' test "$(jq -rs 'map(.type) | join(" ")' tasks)" = \
    'task task end'
run 0 url-fetch -d data -q --interval 0 <tasks
mv out bodies
kill $server; wait
ok 'guarded: fetched' test "$(jq -rs 'map(.type) | join(" ")' bodies)" = \
    'body body end'
run 0 raw-write -d data <bodies
mv out sealed
ok 'guarded: sealed' test "$(jq -rs 'map(.type) | join(" ")' sealed)" = \
    'raw raw end'
run 0 raw-cat shop A/2026-11-01/sales
ok 'guarded: read' test "$(cat out)" = '[1]'
run 0 raw-cat --since 0 shop
run 0 raw-list
run 0 raw-list --cursor cursor true
run 66 raw-list --tasks <tasks
run 0 state-inspect
run 0 stage-normalize -c "$config" -d data -r R2 A/2026-11-01
run 0 raw-prune -c "$config" -d data
ok 'nobody has touched it' test "$(ask 'SELECT * FROM partition_state')" = \
    "$before"
run 65 raw-verify -c "$config" -d data <sealed
ok 'but raw-verify, which is stopped' grep -q guarded err
for what in INSERT UPDATE DELETE; do ask "DROP TRIGGER guard_$what"; done
run 0 raw-verify -c "$config" -d data <sealed
ok 'and repeats it when it may' test "$(raw-cat shop A/2026-11-02/sales)" = \
    '[7]'

# --- many at once ------------------------------------------------------------------
clear
run-new -q -d data --source shop >/dev/null
i=1
while [ $i -le 24 ]; do
	RUN=$(printf 'R%02d' $i)
	answer A "2026-11-$(printf %02d $i)" sales "[$i]" | stream >"body.$i"
	i=$((i + 1))
done
cat >many.mk <<'M'
all := $(shell seq 24)
all: $(all)
$(all):
	@raw-write -d data <body.$@ | raw-verify -c shop.json -d data >verdict.$@
	@raw-list --cursor cursor.$@ true
	@state-retry -d data --why x day=2026-11-0$@ || [ $$? -eq 1 ]
.PHONY: all $(all)
M
run 0 env -u MAKEFLAGS make --no-print-directory -j8 -f many.mk
ok 'eight runs at once: nobody finds the ledger busy' \
    sh -c '! grep -q -e locked -e busy err'
ok 'and all partitions are valid' test "$(ask "SELECT count(*), max(seq),
    count(DISTINCT seq) FROM partition_state WHERE status = 'valid'")" = \
    '24|24|24'
RUN=S1; sealed '[1]'; mv sealed one
RUN=S2; sealed '[2]'; mv sealed two
raw-verify -q -c "$config" -d data <one >out.1 & pid=$!
raw-verify -q -c "$config" -d data <two >out.2; got=$?
wait $pid
ok 'two validators of one partition: both end well' test $? -eq 0 -a $got -eq 0
after 'and the newer run counts' 'valid S2 1 1 ok - 3'

# --- many partitions -----------------------------------------------------------------
many=100000
[ -z "${SLUICE_SANITIZE-}" ] || many=10000
clear
run-new -q -d data --source shop >/dev/null
sh "$top/tests/bench/partitions.sh" $many | sqlite3 data/ledger.sqlite
run 0 state-inspect --counts --format tsv
ok "$many partitions are counted" test "$(sed 1d out |
    awk '{ n += $4 } END { print n }')" = $many
run 0 state-inspect --format tsv --limit 50 account=1000000007
ok 'fifty of them are shown' test "$(sed 1d out | wc -l)" = 50
run 0 raw-list --cursor many.cursor sh -c 'grep -c "^{.type.:.raw" >n'
ok 'a consumer gets the valid ones' test "$(cat n)" = \
    "$(ask "SELECT count(*) FROM partition_state WHERE status = 'valid'")"
run 0 raw-list --cursor many.cursor sh -c 'exit 9'
ok 'and then none' test "$(cut -d- -f1 many.cursor)" = $many
run 0 state-due -c "$config" -d data -r R9 --limit 50
ok 'fifty are due' test "$(wc -l <out)" = 51
finish
