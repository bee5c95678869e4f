#!/bin/sh
# ready-report: a good version, and every way not to be one.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
unset SLUICE_LOG
mkdir data

# Twelve courses of two sections; instructors and times differ.
jq -nc '[range(12) | . as $i | {
    courseString: "01:198:\(100 + $i)", supplementCode: "  ", campusCode: "NB",
    subject: "198", courseNumber: "\(100 + $i)", title: "COURSE \($i)",
    level: "U", credits: (if $i == 3 then null else $i / 2 end),
    openSections: 1, sections: [range(2) | {
	index: "\(10000 + 2 * $i + .)", number: "0\(.)", campusCode: "NB",
	openStatus: (. == 0), openStatusText: ["OPEN", "CLOSED"][.],
	instructorsText: "LAST,  FIRST \($i)", examCode: "A",
	meetingTimes: [range(.) | {meetingDay: ["TH", "", "M"][$i % 3],
	    startTimeMilitary: "0930", endTimeMilitary: "1050",
	    meetingModeCode: "02", buildingCode: "B ", roomNumber: null}]}]}]' \
    >courses
jq -nc '[range(12) | "\(10000 + 2 * .)"] + ["99999"]' >open

promote() {		# promote RUN [OPTION...] : what is in courses and open
	RUN=$1; shift
	AT=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	for endpoint in courses:courses openSections:open; do
		body "${endpoint%:*}" <"${endpoint#*:}"
	done | stream >in
	raw-write -d data <in >sealed && verify &&
	    stage-normalize -q -c "$config" -d data -r "$RUN" 20261/NB &&
	    diff-promote -q -c "$config" -d data -r "$RUN" "$@" 20261/NB >feed
}
report() {		# report STATUS [OPTION...]
	want=$1; shift
	run "$want" ready-report -c "${file-$config}" -d data -r "$RUN" "$@" \
	    20261/NB
}
json() { jq -r "$1" "data/report/soc/20261/NB/ready_report_${2-$RUN}.json"; }
md() { echo "data/report/soc/20261/NB/ready_report_${1-$RUN}.md"; }
db() { sqlite3 data/soc.sqlite "$1"; }
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT

run 66 ready-report -c "$config" -d data -r R1 20261/NB
ok 'the first version' promote R1

# --- 0: ready
SLUICE_LOG=$PWD/log report 0 --seed 7
ok 'a line for people' grep -q 'note: 20261/NB: ready, warnings: 0, sample seed 7; ' err
is 'the verdict' "$(json '[.ready, .failures, .warnings, .seed,
    .dataset_version_id, .term_code, .campus_code] | join(" ")')" \
    'true 0 0 7 R1 20261 NB'
is 'all checks passed' "$(json '[.checks[] | select(.ok)] | length')" \
    "$(json '.checks | length')"
is 'at least ten elements' "$(json '.sample_sizes | [.[]] | join(" ")')" \
    '12 13'
is 'metrics' "$(json '.metrics | [.courses.rows, .courses.record_count,
    .sections.rows, .section_meetings.rows, .open_sections.inserted]
    | join(" ")')" '12 12 24 12 13'
is 'snapshots and inputs' "$(json '.snapshots.courses + " " +
    (.inputs | map("\(.part) \(.carried)") | join(" "))')" \
    'R1:20261/NB/courses courses false openSections false'
is 'the declared table' "$(json '.tables.seats[0] | "\(.open) \(.strays)"')" \
    '12 1'
ok 'for people' grep -q '^# Rutgers Schedule of Classes 20261/NB: ready$' "$(md)"
ok 'with the seed to draw again' grep -q -e '--seed 7 20261/NB' "$(md)"
is 'a row' "$(db 'SELECT version_id, dataset, run, ready, failures, seed,
    report FROM version_reports')" \
    'R1|20261/NB|R1|1|0|7|report/soc/20261/NB/ready_report_R1.json'
is 'an event' "$(jq -r '[.event, .dataset, .version, .ready, (.failed |
    length), .report] | join(" ")' log)" \
    'report 20261/NB R1 true 0 report/soc/20261/NB/ready_report_R1.json'

json 'del(.made_at)' >want
report 0 --seed 7
json 'del(.made_at)' >got
same 'the same seed, the same report' want got
is 'the newest row counts' "$(db 'SELECT count(*) FROM version_reports')" 2
report 0
ok 'else every report has a seed of its own' test "$(json .seed)" != 7
report 0 -q
ok '-q says nothing' test ! -s err
ok '%-encoded is the same dataset' ready-report -c "$config" -d data -r R1 \
    20261/%4eB

# --- 1: whatever is wrong, it is named
cp data/soc.sqlite good.sqlite
wrong() {		# wrong CHECK SQL : a database damaged by SQL
	db "PRAGMA foreign_keys = OFF; $2"
	report 1 -q --seed 1
	ok "$1 fails" grep -q "error: 20261/NB: $1: " err
	cp good.sqlite data/soc.sqlite
}
wrong schema 'DROP INDEX idx_sections_open'
ok 'the missing index is named' grep -q 'idx_sections_open' err
wrong schema 'DROP VIEW vw_open_sections'
wrong events "DELETE FROM dataset_version_events WHERE event = 'diff'"
wrong inputs_valid "DELETE FROM version_inputs WHERE part = 'openSections'"
wrong payload_rows "DELETE FROM section_meetings
    WHERE index_number = '10003'"
ok 'with the counts' grep -q '11 rows; the payload has 12' err
wrong record_count "DELETE FROM courses WHERE course_string = '01:198:100'"
wrong not_empty 'DELETE FROM courses'
wrong valid_from "UPDATE courses SET valid_from = 'Z'"
wrong open_states "DELETE FROM open_section_states
    WHERE index_number = '10001'"
wrong open_seats "UPDATE open_section_states SET is_open = 1
    WHERE index_number = '10001'"
wrong strays "UPDATE version_findings SET n = 2 WHERE code = 'stray_index'"
wrong courses_filled 'UPDATE courses SET title = NULL'
wrong sections_filled 'UPDATE sections SET open_status = NULL'
wrong foreign_keys "DELETE FROM sections WHERE index_number = '10003'"
history() {		# history VALID_FROM VALID_TO : of a section that is there
	echo "PRAGMA ignore_check_constraints = ON;
	    INSERT INTO open_sections_history SELECT *, '$2' FROM
	    open_sections LIMIT 1; UPDATE open_sections_history SET
	    valid_from = '$1' WHERE valid_to = '$2'"
}
wrong history "$(history Q R2)"
ok 'ended later than it is there' grep -q \
    'open_sections \[.*there since R1, and another until R2' err
wrong history "$(history O Q); $(history N P)"
ok 'twice at once' grep -q 'from O, and another until P' err
wrong one_active "DROP INDEX dataset_versions_active; INSERT INTO
    dataset_versions (dataset, version_id, term_code, campus_code, status,
    run, created_at) VALUES ('20261/NB', 'R0', '20261', 'NB', 'active', 'R0',
    'then')"

# Every field that the sample compares, one value each.
differs() {		# differs FIELD TABLE ASSIGNMENT
	wrong courses_sample "UPDATE $2 SET $3"
	ok "$1 differs" grep -q ": $1: .* in the payload, .* in the table" err
}
differs title courses "title = title || 'X'"
differs credits courses 'credits = ifnull(credits, 0) + 0.5'
differs subject courses "subject = NULL"
differs courseNumber courses "course_number = '999'"
differs level courses "level = 'G'"
differs instructorsText sections "instructors_text = trim(instructors_text, '0123456789')"
differs number sections "section_number = 'X'"
differs openStatus sections 'is_open = 1 - is_open'
differs openStatusText sections "open_status = 'MAYBE'"
differs examCode sections "exam_code = 'B'"
differs meetings section_meetings "meeting_day = 'W'"
differs meetings section_meetings "start_time = '0931'"
differs meetings section_meetings "building_code = 'C'"
differs meetings section_meetings "room_number = '1'"
wrong courses_sample "DELETE FROM sections WHERE index_number < '10012'"
ok 'a section less' grep -q 'sections: 2 in the payload, 0 in the table' err
wrong courses_sample "UPDATE sections SET course_string = '01:198:100'"
wrong open_sample "UPDATE open_sections SET index_number = 'x' || index_number"

raw=$(folder courses)
mv "$raw" aside
report 1 -q
ok 'no payload to compare with' grep -q 'courses_sample: .*No such file' err
mv aside "$raw"
chmod u+w "$raw/payload.json.gz"
mv "$raw/payload.json.gz" aside
jq -c '.[0].title = "OTHER"' courses | gzip -n >"$raw/payload.json.gz"
report 1 -q
ok 'another payload than that of the version' grep -q 'courses_sample: ' err
mv aside "$raw/payload.json.gz"

# --- a person takes it anyway
db "UPDATE courses SET title = 'X' WHERE course_string = '01:198:105'"
report 1
ok 'not ready, for people' grep -q '^# .*: NOT READY$' "$(md)"
ok 'the failed check comes first' sh -c \
    'grep -A 4 "## Checks" "$1" | tail -n 1 | grep -q "failed.*COURSE 5"' - "$(md)"
report 0 --accept 'a typo'
is 'accepted: the row' "$(db 'SELECT ready, accepted FROM version_reports
    ORDER BY report_id DESC LIMIT 1')" '0|a typo'
ok 'accepted: the report' grep -q 'NOT READY, accepted: a typo' "$(md)"
cp good.sqlite data/soc.sqlite

# --- a change, a held version, old data
jq -c '.[0:11] + ["10001"]' open >open.new && mv open.new open
ok 'the second version' promote R2
report 0
is 'what changed' "$(json '.tables.seats[0] | "\(.["opened in this version"]) \(
    .["closed in this version"]) \(.open)"')" '1 1 12'
ok 'its predecessor' grep -q 'after R1' "$(md)"
ok 'warnings are told' grep -q 'warning.*status_disagreement' "$(md)"
cp open before; echo '[]' >open
promote R3 2>err; got=$?
ok 'an empty list is held' test "$got" -eq 1
report 0
ok 'the active version goes on' grep -q 'Version R2, promoted' "$(md R2)"
ok 'and what is held is told' grep -q 'R3 is held.*: .*active version goes on' \
    "$(md R2)"
ok 'held: a report of its own' grep -q '^# .*: NOT READY, held by the gate' \
    "$(md R3)"
ok 'held: why' grep -q 'open_sections: an empty answer after a' "$(md R3)"
ok 'held: what a person can do' grep -q -e '--accept REASON --part openSections 20261/NB' "$(md R3)"
is 'held: to programs' "$(json '[.ready, .status, .held[0].part,
    .held[0].verdict, .held[0].table, .metrics.open_sections.deleted]
    | join(" ")' R3)" 'false held openSections empty open_sections 12'
is 'held: recorded once' "$(db "SELECT count(*), max(ready)
    FROM version_reports WHERE version_id = 'R3'")" '1|0'
ok 'held: a section of the active one' grep -q '^## Held' "$(md R2)"
is 'and a member' "$(json '.held[0].verdict' R2)" empty
before=$(db 'SELECT count(*) FROM version_reports')
run 0 ready-report -c "$config" -d data -r R2 --missing 20261/NB
is 'nothing is missing' "$(db 'SELECT count(*) FROM version_reports')" "$before"
is 'also to programs' "$(json '.waiting[0] | "\(.version) \(.status) \(
    .events.gate.verdict)"' R2)" 'R3 held empty'
cp before open

sed 's/^stale_after_minutes = .*/stale_after_minutes = 30/' "$config" >old.toml
sqlite3 data/ledger.sqlite "UPDATE attempts SET at = '2025-01-01T00:00:00Z'"
db "UPDATE version_inputs SET fetched_at = '2025-01-01T00:00:00Z'"
file=old.toml report 0
ok 'old data is a warning' grep -q 'warning | stale .*2025-01-01' "$(md R2)"
RUN=R4 AT=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for endpoint in courses:courses openSections:open; do
	body "${endpoint%:*}" <"${endpoint#*:}"
done | stream >in
raw-write -d data <in >sealed && verify
file=old.toml report 0
ok 'confirmed by an answer with the same content, it is not' \
    grep -q 'passed | stale' "$(md R2)"

sqlite3 data/ledger.sqlite "UPDATE attempts SET at = '2025-01-01T00:00:00Z'"
cp data/soc.sqlite second.sqlite
jq -S . courses >sorted; cp courses before.c; cp sorted courses
ok 'other bytes, the same rows' promote R41
mv before.c courses
file=old.toml report 0
ok 'confirm them, too' grep -q 'passed | stale' "$(md R2)"
cp second.sqlite data/soc.sqlite

# --- odd data is kept, quarantined or counted: that is as it should be
cp data/soc.sqlite second.sqlite; cp courses before.c; cp open before.o
jq -c '.[0].sections = "none" | .[1].sections[1].meetingTimes = {"a": "b"} |
    .[2].sections[1] = 7 | .[3].sections[0].index = 10006 |
    .[4].sections[1].meetingTimes = [null, "x", {}] |
    .[5].sections[0].index += " " | .[6].school = "01" |
    .[7].sections = {"a": {"index": "10014"}} |
    . + [5, null, "x", [], {"courseString": " "}]' before.c >courses
jq -c '. + ["10002", "10002", 5, "", null, "x", "x"]' before.o >open
ok 'odd data is promoted' promote R5
report 0
is 'rows are quarantined' "$(json '[.metrics | .courses, .sections,
    .open_sections | .quarantined] | join(" ")')" '5 2 3'
is 'a stray counts once' "$(json '.tables.seats[0].strays')" "$(jq -n \
    --slurpfile c courses --slurpfile o open '[$c[0][] | objects |
    .sections | arrays | .[] | objects | .index | strings |
    rtrimstr(" ")] as $have | $o[0] | map(strings | select(. != "")) |
    unique - $have | length')"
cp second.sqlite data/soc.sqlite; cp before.c courses; cp before.o open

# --- the other statuses
run 64 ready-report -d data -r R2 20261/NB
run 64 ready-report -c "$config" -d data 20261/NB
run 64 ready-report -c "$config" -d data -r R2 20261/NB x
run 64 ready-report -c "$config" -d data -r R2 20261
ok 'no dataset' grep -q 'not a dataset of soc' err
run 64 ready-report -c "$config" -d data -r R2 --sample 9 20261/NB
run 64 ready-report -c "$config" -d data -r R2 --seed x 20261/NB
declare_() {		# declare_ TEXT : the declaration and this
	{ cat "$config"; printf '%s\n' "$1"; } >more.toml
	file=more.toml report 64
}
declare_ '[check.bad]
severity = "error"
text = "x"
sql = "SELECT x FROM nowhere"'
ok 'wrong SQL is named' grep -q 'more.toml: check.bad: no such table' err
{ cat "$config"; printf '%s\n' '[check.odd]' 'severity = "error"' \
    'text = "x"' 'sql = "SELECT json_extract(title, 1) FROM courses"'; } \
    >more.toml
file=more.toml RUN=R2 report 1
ok 'SQL that the data makes fail is a failed check' grep -q \
    'error: 20261/NB: odd: x: the query: ' err
declare_ '[check.bad]
severity = "error"
text = "x"
sql = "DELETE FROM courses"'
ok 'a check may only read' grep -q 'no query: DELETE' err
is 'and has only read' "$(db 'SELECT count(*) FROM courses')" 12
declare_ '[ready.sample.bad]
part = "pictures"
text = "x"
sql = "SELECT 1"'
ok 'a part that is none' grep -q 'ready.sample.bad: no part "pictures"' err
declare_ '[report.bad]
title = "x"
sql = "SELECT"'
ok 'a wrong table' grep -q 'report.bad: ' err
{ cat "$config"; printf '%s\n' '[report.big]' 'title = "x"' \
    'sql = "SELECT hex(zeroblob(9000000)) AS x"'; } >more.toml
file=more.toml report 65
ok 'a report over its limit' grep -q '20261/NB: the report is over ' err
sed '/^printed = /d' "$config" >other.toml
file=other.toml report 73
ok 'made by another declaration' grep -q 'by another declaration than' err
run 66 ready-report -c none.toml -d data -r R2 20261/NB
run 66 ready-report -c "$config" -d none -r R2 20261/NB
run 66 ready-report -c "$config" -d data -r R2 20261/NK
ok 'no active version' grep -q '20261/NK: no active version' err
db "UPDATE dataset_versions SET status = 'archived' WHERE status = 'active'"
report 1
is 'but one that is held, which was told' "$(cat err)" ''
cp good.sqlite data/soc.sqlite
mv data/ledger.sqlite aside
report 66
mv aside data/ledger.sqlite
echo 'no database at all, only text' >data/soc.sqlite
report 65
cp good.sqlite data/soc.sqlite

RUN=R1
rm -r data/report; : >data/report
report 74
rm data/report
mkfifo go
(echo 'BEGIN IMMEDIATE;'; read -r _ <go; echo 'ROLLBACK;') |
    sqlite3 data/soc.sqlite & holder=$!
ready-report -q -c "$config" -d data -r R1 20261/NB 2>err & pid=$!
asleep "$pid"; kill -TERM "$pid"; wait "$pid"; got=$?
ok 'interrupted while another writes: 75' test "$got" -eq 75
echo x >go; wait "$holder"
report 0

# --- a whole source
toml-json "$config" | jq 'del(.report, .ready.sample) | .check = {rows: {
    severity: "error", text: "there are courses", sql: "SELECT table_name
    AS row_key, 0 AS detail FROM ready_table WHERE \"rows\" = 0 AND
    table_name = '"'courses'"'"}}' >whole.json
whole() {		# whole STATUS OPTION...
	want=$1; shift
	run "$want" ready-report -c whole.json -d data -r R9 "$@"
}
reports() { db "SELECT count(*) FROM version_reports WHERE dataset = ''"; }
file=data/report/soc/ready_report_$(db "SELECT version_id
    FROM dataset_versions WHERE status = 'active' ORDER BY seq DESC")
whole 0
is 'all rows' "$(jq -r '[has("dataset"), .ready, .metrics.courses.rows] |
    join(" ")' "$file.json")" "false true $(db 'SELECT count(*) FROM courses')"
ok 'numbers stand right on the page' grep -q '<th class=n>rows</th>' \
    "$file.html"
ok 'as a page, too' grep -q '<h1>Rutgers Schedule of Classes<' "$file.html"
whole 0 --missing
is 'and once, while nothing is promoted' "$(reports)" 1
db "UPDATE dataset_versions SET promoted_at = '2126-11-20T00:00:00.000Z'
    WHERE status = 'active'"
whole 0 --missing
is 'then again' "$(reports)" 2
db 'DELETE FROM courses'
whole 1
ok 'what is not ready is told' grep -q 'soc: rows: there are courses' err
whole 1 --missing
is 'and looked at again' "$(reports)" 4
db "UPDATE dataset_versions SET status = 'archived' WHERE status = 'active'"
whole 66
finish
