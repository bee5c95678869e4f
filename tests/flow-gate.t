#!/bin/sh
# The gate in the main job, over HTTP: a sick answer is held and offered at
# every refresh, a good part goes on, a person's word goes through make.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
. "$top/tests/seats.sh"
unset SLUICE_LOG

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
soc() {			# soc TARGET VAR=... : against the captures
	make --no-print-directory -f "$top/pipelines/soc/soc.mk" DATA=data \
	    CAPTURES=captures TERMS=20261 CAMPUSES=NB INTERVAL=0 "$@" \
	    >out 2>err
	got=$?
}
capture() {		# capture DAY ENDPOINT FILE
	mkdir -p captures/2026-1/NB
	gzip -nc "$3" >"captures/2026-1/NB/$2.202608$1T120000Z.json.gz"
}
summary() { cat data/logs/"$(cat data/.make/soc/run)".summary.txt; }
samples() { db "SELECT samples FROM gate_parts WHERE part = 'openSections'"; }
seen() { canon-cat -q -c "$config" -d data open_sections open_section_states |
    grep -v -e '"end"' -e 10300; }

catalogue 300 >courses
catalogue 301 >larger
seats 0 250 >good
seats 0 170 >sick
seats 1 251 >next
capture 19 courses courses
capture 19 openSections good
capture 20 openSections sick
capture 21 openSections good
capture 22 openSections sick
capture 22 courses larger
capture 23 openSections next

soc run
ok 'a sick list after a good one: not 0' test $got -ne 0
seen >before
is 'the good one is seen' "$(db 'SELECT sum(is_open)
    FROM open_section_states')" 250
summary >text
ok 'one line in the summary: dataset, part, table, numbers, release' grep -q \
    '20261/NB  openSections  open_sections: too many rows .*(170 came, 80 of 250 missing.*under 25 missing' text
ok 'and what a person can do' grep -q 'make promote ready ACCEPT=REASON' text
version=$(db "SELECT version_id FROM dataset_versions WHERE status = 'held'")
report=data/report/soc/20261/NB/ready_report_$version
is 'the held version has its report' "$(jq -c '[.ready, .status, .held[0].verdict]' \
    "$report.json")" '[false,"held","missing"]'
ok 'and its diff' test -s "data/diff/soc/20261/NB/$version.held.jsonl"
is 'one sample' "$(samples)" 1

soc run TICKS=0
ok 'the same answer: not 0' test $got -ne 0
is 'it was offered again: two samples' "$(samples)" 2
is 'no other version, no other report' "$(db "SELECT
    (SELECT count(*) FROM dataset_versions),
    (SELECT count(*) FROM version_reports)")" '2|2'
soc promote RUN="$(cat data/.make/soc/run)" DATASET=20261/NB \
    REJECT='they are at work'
ok 'a person says no, by make' test $got -ne 0
for words in 'promote ACCEPT=yes' 'run ACCEPT=yes DATASET=20261/NB'; do
	soc $words
	is "refused, since nobody has looked at it: $words" $got 2
done
is 'recorded' "$(db "SELECT verdict, reason FROM gate_parts
    WHERE part = 'openSections'")" 'rejected|they are at work'

soc run TICKS=1
is 'the good one is back, a sick one with a good catalogue comes: not 0' \
    "$(test $got -ne 0 && echo no)" no
is 'the catalogue went through' "$(db 'SELECT count(*) FROM sections')" 301
seen >after
same 'and no seat moved' before after
active=$(db "SELECT version_id FROM dataset_versions WHERE status = 'active'")
is 'it is for readers: ready, with what is held' "$(jq -c \
    '[.ready, .held[0].part]' \
    "data/report/soc/20261/NB/ready_report_$active.json")" \
    '[true,"openSections"]'
summary >text
ok 'the summary has both' grep -q '20261/NB  promoted  *+.*, held: openSections' text
soc promote RUN="$(cat data/.make/soc/run)" DATASET=20261/NB \
    ACCEPT='a person looked' PART=openSections
is 'a person says yes, by make: 0' $got 0
is 'and it is seen' "$(db 'SELECT sum(is_open) FROM open_section_states')" 170
soc promote ready
is 'then nothing is left to do: 0' $got 0
soc -q build
is 'so make says' $got 0

# --- killed while it makes a version of what may pass: repeated, as undisturbed
chmod -R u+w data; rm -rf data; mkdir data
answer 0 courses courses
answer 0 openSections good
offer 0
answer 60 courses larger
answer 60 openSections sick
stage-normalize -q -c "$config" -d data -r R00060 20261/NB
cp -r data base
promote 60
is 'undisturbed: 1, and the good part is seen' \
    "$got $(db 'SELECT count(*) FROM sections')" '1 301'
canon-cat -q -c "$config" -d data --provenance >want
cat data/diff/soc/20261/NB/*.jsonl >feeds
killed_at() {		# killed_at CALL N
	chmod -R u+w data; rm -rf data; cp -r base data
	strace -f -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" diff-promote -q -c "$config" \
	    -d data -r R00060 20261/NB >/dev/null 2>&1
	_got=$?
	[ $_got -ne 137 ] || killed=$((killed + 1))
	promote 60
	canon-cat -q -c "$config" -d data --provenance >now
	cat data/diff/soc/20261/NB/*.jsonl >feeds.now
	[ $got -eq 1 ] && cmp -s want now && cmp -s feeds feeds.now &&
	    [ ! -e data/staging/soc/20261/.NB.mix.sqlite ] ||
	    wrong="$wrong $1:$2"
	return $_got
}
if strace -qq -o /dev/null true 2>/dev/null && [ -z "${SLUICE_SANITIZE-}" ]
then
	killed=0 wrong=''
	each_call pwrite64:25,fdatasync,fsync,unlink,rename:2 killed_at
	ok "killed $killed times" test $killed -gt 10
	is 'always the same in the end' "$wrong" ''
else
	skip 'killed at any write' 'no strace, or sanitizers'
fi
finish
