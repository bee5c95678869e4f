#!/bin/sh
# soc-plan: what is asked for, what is left out, what is known.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
unset SOC SLUICE_LOG
config=$top/pipelines/soc/pipeline.toml

plan() {		# plan STATUS ARG...
	want=$1; shift
	run "$want" soc-plan -c "$config" "$@"
}
tasks() { jq -r 'select(.type == "task") |
    "\(.dataset) \(.part.endpoint)\(if .known then " known" else "" end)"' out; }
datasets() { tasks | cut -d' ' -f1 | uniq | tr '\n' ' '; }

# --- terms and campuses ----------------------------------------------------
plan 0 -r R1 --terms 20261 --campuses NB
cat >want <<'EOF'
{"type":"task","run":"R1","source":"soc","dataset":"20261/NB","part":{"term_code":"20261","campus_code":"NB","endpoint":"courses"},"url":"https://classes.rutgers.edu/soc/api/courses.json?year=2026&term=1&campus=NB","mode":"incremental","format":"json-array","schema_version":"1"}
{"type":"task","run":"R1","source":"soc","dataset":"20261/NB","part":{"term_code":"20261","campus_code":"NB","endpoint":"openSections"},"url":"https://classes.rutgers.edu/soc/api/openSections.json?year=2026&term=1&campus=NB","mode":"incremental","format":"json-array","schema_version":"1"}
{"type":"end","n":2}
EOF
same 'courses before open sections' want out
ok 'the term is said' grep -q 'note: 20261: term 20261, Spring 2026' err
mv out first
for word in 2026-1 12026 SP2026 sp2026 '20261,2026-1 12026' ' ,20261, '; do
	plan 0 -q -r R1 --terms "$word" --campuses NB
	same "$word is 20261" first out
	ok '-q: not a word' test ! -s err
done
while read -r word code text; do
	plan 0 -r R1 --terms "$word" --campuses CM
	ok "$word is $code" test "$(datasets)" = "$code/CM "
	ok "$word is $text" grep -q "note: $word: term $code, $text" err
done <<'EOF'
WI2026 20260 Winter 2026
02026 20260 Winter 2026
2020-9 20209 Fall 2020
FA2020 20209 Fall 2020
92020 20209 Fall 2020
SU2019 20197 Summer 2019
72019 20197 Summer 2019
19991 19991 Spring 1999
11999 19991 Spring 1999
EOF
for word in 2026 20262 2026-2 2026-01 XX2026 S2026 SP26 18991 99999 1202 \
    202611 12026x 2026/1 20261/NB -20261 ''; do
	plan 64 -r R1 --terms "$word" --campuses NB
	ok "'$word' is no term, and nothing is planned" test ! -s out
done
plan 64 -r R1 --terms 20261,20265 --campuses NB
ok 'the error names the wrong one and the valid ones' grep -q 'terms: 20265: no such term; .*0 Winter, 1 Spring, 7 Summer, 9 Fall' err
plan 0 -r R1 --terms FA2025,20261 --campuses CM,NB,CM
ok 'the cross product, in the order given' test "$(datasets)" = \
    '20259/CM 20259/NB 20261/CM 20261/NB '
plan 0 -r R1 --terms 20261
ok 'all campuses that are enabled' test "$(datasets)" = '20261/NB 20261/NK 20261/CM 20261/ONLINE_NB 20261/ONLINE_NK 20261/ONLINE_CM '
ok 'and the others are named' grep -q 'not enabled: B, CC, H' err
for word in ZZ nb 'NB,ZZ' NB/NK; do
	plan 64 -r R1 --terms 20261 --campuses "$word"
	ok "'$word' lists the valid ones" grep -q \
	    'no such campus; valid: NB, NK, CM, ONLINE_NB' err
done
plan 64 -r R1 --terms 20261 --campuses NB,CC
ok 'a disabled campus cannot be asked for' grep -q \
    'campuses: CC: not enabled in the declaration; valid: NB' err

# --- base, run, mode -------------------------------------------------------
url() { jq -r '.url // empty' out | head -n 1; }
SOC=http://127.0.0.1:9/soc/api; export SOC
plan 0 -r R1 --terms 20261 --campuses ONLINE_NB
ok 'the base comes from SOC' test "$(url)" = "$SOC/courses.json?year=2026&term=1&campus=ONLINE_NB"
plan 0 -r R1 --terms 20261 --campuses NB --base "http://[::1]:80//"
ok 'or from --base' test "$(url)" = \
    'http://[::1]:80/courses.json?year=2026&term=1&campus=NB'
plan 64 -r R1 --terms 20261 --base file:///etc
unset SOC
plan 64 --terms 20261
ok 'a run is needed' grep -q 'resume-run is required' err
plan 64 -r R1 --resume-run R2 --terms 20261
plan 64 -r R1 --terms 20261 --mode half
plan 64 -r R1
plan 64 -r R1 --terms 20261 operand
run 66 soc-plan -c none.toml -r R1 --terms 20261
echo '{"source":{"name":"x"}}' >other.json
run 64 soc-plan -c other.json -r R1 --terms 20261
toml-json "$config" | jq 'del(.soc)' >nosoc.json
run 64 soc-plan -c nosoc.json -r R1 --terms 20261
ok 'the missing table is named' grep -q 'nosoc.json: soc.terms' err

# --- the past --------------------------------------------------------------
R1=$(run-new --source soc) && R2=$(run-new --source soc) || exit 99
# shellcheck disable=SC2016 # for the inner shell to expand
soc-replica --scale 2 --fail '*/NK/courses 404 count=1' -- sh -c '
	soc-plan -q -c "$0" -r "$1" --terms 20261 --campuses NB,NK |
	soc-fetch -q --interval 0 2>/dev/null | raw-write |
	raw-verify -c "$0" >/dev/null' "$config" "$R1"
plan 0 -r "$R2" --terms 20261 --campuses NB,NK
cat >want <<'EOF'
20261/NB courses known
20261/NB openSections known
20261/NK courses
20261/NK openSections known
EOF
tasks >got
same 'what has a good answer is known' want got
ok 'with run, snapshot, hash and ETag' test "$(head -n 1 out |
    jq -r --arg run "$R1" '.known | (keys_unsorted | join(" ")) + " " +
    (.run == $run and .snapshot == $run + ":20261/NB/courses" and
    (.sha256 | length) == 64 | tostring)')" = 'run snapshot sha256 etag true'
plan 0 -r "$R2" --terms 20261 --campuses NB,NK --mode full
ok 'full: nothing is known' test "$(tasks | grep -c known)" -eq 0
plan 64 -r "$R2" --resume-run "$R1" --terms 20261
export SLUICE_LOG=log
plan 0 --resume-run "$R1" --terms 20261 --campuses NB,NK
unset SLUICE_LOG
ok 'a resumed run is asked for what it lacks' test "$(tasks)" = \
    '20261/NK courses'
ok 'under its own id' test "$(head -n 1 out | jq -r .run)" = "$R1"
ok 'the rest is said' grep -q "note: $R1: has 3 answers already" err
ok 'the plan is an event' test "$(jq -r 'select(.event == "plan") |
    "\(.run) \(.tasks) \(.left_out)"' log)" = "$R1 1 3"
ok 'and so is each answer that the run has' test "$(jq -r \
    'select(.event == "answered") | .task' log | paste -s -d,)" = \
    '20261/NB courses,20261/NB openSections,20261/NK openSections'
export SLUICE_LOG=log4
plan 66 --resume-run R9 --terms 20261
unset SLUICE_LOG
ok 'a run that is none cannot be resumed' grep -q 'R9: no run of soc' err
ok 'and has no log' test ! -e log4
plan 0 -r "$R1" --resume-run '' --terms 20261 --campuses NB,NK
ok 'an empty --resume-run is none' test "$(tasks | wc -l)" -eq 4
plan 0 --resume-run "$R1" --terms 20261 --campuses NB
ok 'nothing is left to do' test "$(cat out)" = '{"type":"end","n":0}'
rm -r data/raw/soc/term_code=20261/campus_code=NB/endpoint=courses
plan 0 -r "$R2" --terms 20261 --campuses NB
ok 'a payload that is gone is not known' test "$(tasks | grep -c known)" -eq 1

sqlite3 data/soc.sqlite 'CREATE TABLE dataset_versions (dataset, status);
    INSERT INTO dataset_versions VALUES ("20261/NB", "active"),
    ("20261/NK", "archived"), ("20261/CM", "held"), ("20259/CM", "active")'
plan 0 -r "$R2" --terms 20259,20261 --campuses NB,NK,CM
ok 'what has no accepted version comes first' test "$(datasets)" = \
    '20259/NB 20259/NK 20261/NK 20261/CM 20259/CM 20261/NB '
plan 0 -r "$R2" --terms 20259,20261 --campuses NB,NK,CM --mode full
ok 'full: the order given' test "$(datasets)" = \
    '20259/NB 20259/NK 20259/CM 20261/NB 20261/NK 20261/CM '
: >data/soc.sqlite
plan 0 -r "$R2" --terms 20261 --campuses NB

# --- stores that cannot be read --------------------------------------------
mkfifo sql
sqlite3 data/ledger.sqlite <sql >held & holder=$!
exec 9>sql
echo "BEGIN EXCLUSIVE; SELECT 'held';" >&9
until grep -q held held; do sleep 0.02; done
perl -e 'exec @ARGV' soc-plan -c "$config" -r "$R2" --terms 20261 \
    --campuses NB >out 2>err & pid=$!
until grep -q 'note: 20261' err; do sleep 0.02; done
sleep 0.1
kill -TERM "$pid"
wait "$pid"; got=$?
ok "a ledger that stays locked: 75 (got $got)" test "$got" -eq 75
ok 'and an abort that says so' test "$(jq -r '"\(.type) \(.status)"' out)" = \
    'abort 75'
exec 9>&-; wait "$holder"
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 99'
plan 65 -r "$R2" --terms 20261 --campuses NB
ok 'another version is told' grep -q 'schema version 99' err
seq 1000 >data/ledger.sqlite
plan 65 -r "$R2" --terms 20261 --campuses NB
: >data/ledger.sqlite
plan 0 -r "$R2" --terms 20261 --campuses NB
soc-plan -q -c "$config" -r R1 --terms 20261 >/dev/full 2>err; got=$?
ok "/dev/full: 74 (got $got)" test "$got" -eq 74
soc-plan -q -c "$config" -r R1 --terms 20261 >&- 2>err; got=$?
ok "standard output closed: 74 (got $got)" test "$got" -eq 74
finish
