#!/bin/sh
# The main job end to end on the replica: fresh, again, one tick later, a
# plan that starts nothing, one dataset failing beside another.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

sql() { sqlite3 d/soc.sqlite "$1"; }
versions() { sql 'SELECT count(*) FROM dataset_versions'; }

soc -n run >out 2>err; got=$?
ok 'a dry run exits 0' test "$got" -eq 0
ok 'a dry run shows the fetch' grep -q refresh.sh out
ok 'a dry run makes nothing' test ! -e d

run 0 soc run
ok 'two campuses are active' test "$(sql "SELECT group_concat(dataset)
    FROM (SELECT dataset FROM dataset_versions WHERE status = 'active'
    ORDER BY dataset)")" = 20261/NB,20261/NK
ok 'the first refresh and one tick made two versions each' \
    test "$(versions)" -eq 4
ok 'there are courses' test "$(sql 'SELECT count(*) FROM courses')" -gt 100
ok 'the change feed has the second version' \
    test "$(cat d/diff/soc/20261/NB/*.jsonl | grep -c '"op":"update"')" -gt 0
ok 'both are ready' test "$(grep -l '"ready":true' \
    d/report/soc/20261/N?/*.json | wc -l)" -ge 2
ok 'it says where things are' grep -q '^database  *d/soc.sqlite' out
ok 'nothing is left in the quarantine' test -z "$(ls -A d/incoming)"
ok 'the tick is kept' test "$(cat d/replica.tick)" -eq 1
ok 'and what to try' grep -q '/api/courses?term=20261&' out
rm out; soc_start serve PORT=0
while [ ! -s out ] && kill -0 $leader 2>/dev/null; do sleep 0.02; done
ok 'make serve answers it' test "$(curl -s \
    "$(cat out)/api/courses?term=20261&hasOpenSection=true" |
    jq '.meta.total > 10')" = true
kill -s TERM -- "-$leader"; wait "$leader"

content d >before
run 0 soc run
ok 'again: no version more' test "$(versions)" -eq 4
content d >after
ok 'again: the same rows' cmp before after
ok 'again: nothing was staged' sh -c \
    '! grep -q "\"event\":\"stage\"" "d/logs/$(cat d/.make/soc/run).jsonl"'

run 0 soc run TICKS=1
ok 'a tick later: new versions' test "$(versions)" -gt 4
ok 'the log names run, task and version' sh -c '
    log=d/logs/$(cat d/.make/soc/run).jsonl
    for event in plan attempt snapshot verdict stage version report; do
	grep -q "\"event\":\"$event\"" "$log" || exit 1
    done'

run 0 soc run MODE=full
ok 'a full run sends no validator, and stages everything' test "$(
    grep -c '"event":"stage"' "d/logs/$(cat d/.make/soc/run).jsonl")" -eq 2
ok 'and is asked for everything' test "$(
    grep -c '"code":"unchanged"' "d/logs/$(cat d/.make/soc/run).jsonl")" -eq 0
ok 'but makes no version of the same data' test "$(sql "SELECT count(*) FROM
    dataset_versions WHERE version_id = '$(cat d/.make/soc/run)'")" -eq 0

# One partition fails: the other campus is promoted, the status tells.
before=$(sql "SELECT max(version_id) FROM dataset_versions
    WHERE dataset = '20261/NK'")
REPLICA='--fail "*/NB/courses 404"'
soc run TICKS=1 >out 2>err; got=$?
ok 'a failing partition fails the run' test "$got" -ne 0
ok 'the other campus went on' test "$(sql "SELECT max(version_id)
    FROM dataset_versions WHERE dataset = '20261/NK'")" '>' "$before"
ok 'the summary names it' grep -q '20261/NB courses' \
    "d/logs/$(cat d/.make/soc/run).summary.txt"
ok 'it is told once while it runs' test \
    "$(grep -c 'NB courses.*http_404' err)" -eq 1
ok 'and what to type next' grep -q '^  make run RUN=' out
soc summary SOC=https://api.invalid >out 2>err
ok 'with the address, for an API' grep -q \
    '^  make run SOC=https://api.invalid RUN=' out
REPLICA=
run 0 soc run

# Continued, a run stays at its tick.
tick=$(cat d/replica.tick)
run 0 soc run TICKS=1 "RUN=$(cat d/.make/soc/run)"
ok 'to continue a run does not move time' \
    test "$(cat d/replica.tick)" -eq "$tick"
soc run TERMS=20259 CAMPUSES=CM "REPLICA=--scale 4 --fail '*/CM/courses 404 count=1'" \
    >out 2>err
run 0 soc run "RUN=$(cat d/.make/soc/run)"
ok 'its terms and campuses are those it began with' test "$(sql "SELECT dataset
    FROM dataset_versions WHERE version_id = '$(cat d/.make/soc/run)'")" = \
    20259/CM

# Stage by stage, as by hand: the log and the summary have it all.
run 0 soc plan DATA=byhand
ok 'a plan is a whole stream' grep -q '"type":"end","n":4' out
for target in fetch stage promote ready; do
	run 0 soc $target DATA=byhand
done
run 0 soc summary DATA=byhand
ok 'made by hand: promoted and ready' grep -q '20261/NB  promoted .*ready' out
run 0 soc plan DATA=byhand CAMPUSES=CM
run 0 soc fetch DATA=byhand
ok 'fetch takes what was planned' test "$(ls byhand/ptr/soc/20261 |
    tr '\n' ' ')" = 'CM NB NK '
run 0 soc -n plan fetch stage promote ready DATA=never
ok 'a dry run of all of them starts nothing' test ! -e never
run 0 soc -j4 plan fetch stage promote ready DATA=atonce
ok 'all at once are made in order' test "$(find atonce/report -name \
    '*.json' | wc -l)" -eq 2

# A wrong word on the command line touches nothing.
wrong() {		# wrong PATTERN VAR=... : refused, and says why
	pattern=$1; shift
	soc run "$@" >out 2>err; got=$?
	ok "$* fails" test "$got" -ne 0
	ok "and says why" grep -q -e "$pattern" err
	content d >got
	same 'and touches nothing' before got
}
content d >before
run=$(cat d/.make/soc/run)
wrong Spring TERMS=20265
wrong 'none: no run of soc' RUN=none
wrong 'no run of soc' RUN=../../none
wrong 'TICKS=1x: not a number' TICKS=1x
wrong 'name a folder' 'DATA=d/a b'
wrong 'name a folder' "DATA=d/a'b"
ok 'no run has their names' test "$(find . -name '*none*' | wc -l)" -eq 0
ok 'nor has the last one changed' \
    test "$(cat d/.make/soc/run)" '=' "$run"
mv d/replica.tick tick
wrong 'data of an API: give SOC=URL'
mv tick d/replica.tick
wrong 'data of a replica: give another DATA' SOC=https://soc.invalid/soc/api

# --- the documented command, through the front door
run 0 sluice soc -d w --terms 20261 --campuses NB --mode full \
    --max-workers 3 --request-interval 0 --inline-blob 'REPLICA=--scale 4'
sealed=$(find w/raw -name payload.json.gz | wc -l)
bytes=$(find w/raw -name payload.json.gz -exec cat {} + | wc -c)
ok 'each sealed payload is in the ledger, too' test "$(sqlite3 \
    w/ledger.sqlite 'SELECT count(*) || " " || sum(length(payload))
    FROM raw_snapshot_blobs')" = "$sealed $bytes" -a "$sealed" -gt 0
runs() { sqlite3 w/ledger.sqlite 'SELECT count(*) FROM runs'; }
id=$(cat w/.make/soc/run) before=$(runs)
run 0 sluice soc -d w --terms 20261 --campuses NB --inline-blob \
    --resume-run "$id" 'REPLICA=--scale 4'
ok 'a run that is resumed is the same one' test \
    "$(runs) $(cat w/.make/soc/run)" = "$before $id"
finish
