#!/bin/sh
# An August day again: New Brunswick's list of open seats had 11,423 entries,
# then 8,146 in 13 answers over 41 s, with status 200, then all of them.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
. "$top/tests/seats.sh"
unset SLUICE_LOG
mkdir data

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
# What readers see of seats, and what the feed has told of them.
seen() { canon-cat -q -c "$config" -d data open_sections open_section_states; }
versions() { db "SELECT count(*) FROM dataset_versions
    WHERE promoted_at IS NOT NULL"; }
at_gate() { db "SELECT $2 FROM gate_parts WHERE part = '$1'"; }

catalogue 12000 >courses
seats 0 11423 >good
seats 0 8146 >sick

# --- the replay ---------------------------------------------------------------
answer 0 courses courses
answer 0 openSections good
offer 0
is 'a normal day begins' $got 0
answer 28 openSections good
answer 56 openSections good
seen >before
cp data/soc.sqlite before.sqlite
promote 56
is 'the same again: 0' $got 0
ok 'and no byte of the database is written' cmp -s before.sqlite data/soc.sqlite

wrong=''
for second in 60 63 67 70 74 77 81 84 88 91 95 98 101; do
	answer $second openSections sick
	offer $second
	[ $got -eq 1 ] || wrong="$wrong $second: $got"
	seen | cmp -s before - || wrong="$wrong $second: seats moved"
done
is '13 answers of 8,146 over 41 s: held each time, no seat moves' "$wrong" ''
ok 'one clear line' grep -q '20261/NB: held by the gate: open_sections: too many rows of the active version are missing (8,146 came, 3,277 of 11,423 missing, 572 are too many); the active version stays; it passes under 572 missing and under 2,856 added, or after 3 answers over 300 s that agree (13 over 41 s so far); if it is right: --accept REASON' err
is 'all of them are samples' "$(at_gate openSections 'state, samples,
    held_since, last_at')" "held|13|$(instant 60)|$(instant 101)"
is 'one version is held, and one event says so' "$(db "SELECT count(*),
    sum(event = 'gate') FROM dataset_version_events WHERE version_id =
    (SELECT version_id FROM dataset_versions WHERE status = 'held')")" '4|1'
cp data/soc.sqlite before.sqlite
promote 102
is 'promoting again without an answer is no sample: 1' $got 1
ok 'and writes nothing' cmp -s before.sqlite data/soc.sqlite
gate-inspect -c "$config" -d data 20261/NB >inspected
ok 'gate-inspect says what would release it' grep -q \
    'under 572 missing .* (13 over 41 s so far)' inspected
ok 'what was kept back is told apart' test "$(grep -c '"delete","table":"open_sections"' \
    data/diff/soc/20261/NB/R00060.held.jsonl)" -eq 3277

answer 105 openSections good
offer 105
is 'then back: 0' $got 0
seen >after
same 'every seat as before' before after
is 'one version in all, and no history of any seat' "$(versions) $(db 'SELECT
    (SELECT count(*) FROM open_sections_history) +
    (SELECT count(*) FROM open_section_states_history)')" '1 0'
is 'the feed tells of no other' "$(ls data/diff/soc/20261/NB)" 'R00000.jsonl
R00060.held.jsonl'
is 'the gate is open' "$(at_gate openSections 'state, verdict, samples')" 'open|open|0'
is 'nothing waits' "$(db "SELECT count(*) FROM dataset_versions
    WHERE status = 'held'")" 0
event-cat -c "$config" -d data >events
alert-rules -c "$config" -d data --now "$(instant 120)" <events >alerts
is 'nobody is alerted' "$(jq -r 'select(.type == "alert")' alerts)" ''

# --- what is real gets through ------------------------------------------------
seats 12 11423 >poll
answer 135 openSections poll
offer 135
is 'a normal poll: 12 seats closed, 0' $got 0
is 'and told' "$(grep -c '"delete","table":"open_sections"' \
    data/diff/soc/20261/NB/R00135.jsonl)" 12
seats 1200 11423 >many
for second in 200 350 499; do
	answer $second openSections many
	offer $second
	is "$((second - 200)) s of 10 % less: held" $got 1
done
answer 500 openSections many
offer 500
is 'after 300 s it is real' $got 0
is 'by lasting' "$(db "SELECT payload ->> 'state' FROM dataset_version_events
    WHERE event = 'gate' ORDER BY event_id DESC LIMIT 1")" lasted
answer 530 openSections many
offer 530
is 'and normal from then on' $got 0

# --- each part by itself ---------------------------------------------------------
catalogue 11990 >fewer
seats 1200 9000 >sick
answer 560 courses fewer
answer 560 openSections sick
offer 560
is 'a sick list beside a good catalogue: 1' $got 1
ok 'says which part' grep -q 'its part openSections is held by the gate' err
is 'the catalogue is the new one' "$(db 'SELECT count(*) FROM sections')" 11990
is 'the list is not' "$(db 'SELECT count(*) FROM open_sections')" 10223
is 'the version says what it was made of' "$(db "SELECT part, run, carried
    FROM version_inputs WHERE version_id = 'R00560' ORDER BY part")" \
    'courses|R00560|0
openSections|R00200|1'
is 'states are of the two' "$(db 'SELECT count(*), sum(is_open)
    FROM open_section_states')" '11990|10223'
promote 561
is 'offered again: 1' $got 1
is 'no other version' "$(db 'SELECT max(version_id) FROM dataset_versions')" R00560
catalogue 5000 >half
seats 1201 11423 >poll
answer 590 courses half
answer 590 openSections poll
offer 590
is 'half a catalogue beside a good list: 1' $got 1
ok 'says which part' grep -q 'its part courses is held by the gate' err
is 'the list is the new one' "$(db 'SELECT count(*) FROM open_sections')" 10222
is 'the catalogue is not' "$(db 'SELECT count(*) FROM sections')" 11990
is 'the gate of the list is open' "$(at_gate openSections state)" open
answer 620 courses fewer
offer 620
is 'the catalogue is back: 0' $got 0
is 'released' "$(at_gate courses state)" open

# --- a person's word ---------------------------------------------------------------
answer 650 openSections sick
offer 650 --reject 'they are at work there'
is 'rejected: 1' $got 1
for second in 800 1000 1200; do
	answer $second openSections sick
done
offer 1200
is 'no time makes it right: 1' $got 1
ok 'it says so' grep -q 'open_sections: a person rejected it' err
is 'who, and why' "$(at_gate openSections 'who, reason')" \
    "$(id -un)|they are at work there"
seats 1201 9001 >sicker
for second in 1300 1400; do
	answer $second openSections sicker
	offer $second
	is 'another payload is judged anew: 1' $got 1
done
answer 1601 openSections sicker
offer 1601
is 'and may last: 0' $got 0
answer 1700 openSections sick
offer 1700 --accept 'a person looked'
is 'what was rejected once is accepted: 0' $got 0
is 'rejected no more' "$(at_gate openSections "state, ifnull(rejected, '')")" 'open|'
is 'its events' "$(db "SELECT group_concat(event || ' ' ||
    (payload ->> 'reason'), ', ') FROM dataset_version_events
    WHERE event IN ('accept', 'reject')")" \
    'reject they are at work there, accept a person looked'
echo '[]' >none
for second in 1800 2000 2200 2400; do
	answer $second openSections none
	offer $second
done
is 'an empty list lasts for nothing: 1' $got 1
ok 'only a person' grep -q 'an empty answer after .*it passes under .*added; if' err

# --- a person's word is about what a person was told --------------------------------
catalogue 100 >half
answer 2500 courses half
offer 2500
is 'both parts are held: 1' $got 1
ok 'both are told' grep -q 'held by the gate: courses: too many rows .*; and open_sections: an empty answer .*; if all of it is right: --accept REASON, if one part is: with --part PART' err
promote 2501 --accept 'a small term' --part courses
is 'one is accepted, the other is held on: 1' $got 1
is 'the catalogue is the new one' "$(db 'SELECT count(*) FROM sections')" 100
is 'the list is not' "$(db 'SELECT count(*) FROM open_sections')" 7800
is 'what was said is about one of them' "$(db "SELECT part, state, reason
    FROM gate_parts ORDER BY part")" "courses|open|a small term
openSections|held|a person looked"
diff-promote -c "$config" -d data -r R02502 --accept again --part courses \
    20261/NB >out 2>err
ok 'nothing to accept: it is said' grep -q 'there was nothing to accept' err
answer 2600 openSections sick
offer 2600
is 'the list is back: 0' $got 0
diff-promote -c "$config" -d data -r R02601 --reject 'what is there' \
    20261/NB >out 2>err
got=$?
is 'what is active is not what came: 0' $got 0
ok 'but it is said' grep -q 'nothing to reject; .* --rollback' err
promote 2602 --part courses
is 'a part without a word: 64' $got 64
promote 2602 --accept 'yes' --part course
is 'no such part: 64' $got 64

# --- three days of November: 1,268 of 14,906 listed, 918 of NB's 10,831 seats -------
captures=$top/../shared/captures/soc/2026-1/NB
if [ ! -d "$captures" ]; then
	skip 'the captures of 12 and 15 November' 'no captures'
	finish
fi
gzip -dc "$captures"/courses.*.gz >courses
gzip -dc "$captures"/openSections.20251112*.gz >nov12
gzip -dc "$captures"/openSections.20251115*.gz >nov15
jq -c '[.[] | select(tonumber % 10 < 7)]' nov12 >sick
open() { db 'SELECT sum(is_open) FROM open_section_states'; }
november() {		# november SECONDS FILE : that long after the 12th
	rm -rf data; cp -r twelfth data
	answer "$1" openSections "$2"
	offer "$1"
}
chmod -R u+w data; rm -rf data; mkdir data
answer 0 courses courses
answer 0 openSections nov12
offer 0
is 'the 12th' "$(open)" 10831
chmod -R u+w data; mv data twelfth
november 259200 nov15
is 'the 15th, against a baseline of days: 0' $got 0
is '918 of its seats closed, 120 opened' "$(open)" 10033
november 300 nov15
is '8.5 % are under a tenth: it passes within minutes, too' $got 0
november 300 sick
is 'a third less within minutes: 1' $got 1
is 'no seat moves' "$(open)" 10831
answer 330 openSections nov15
offer 330
is 'and over a twentieth is no recovery: 1' $got 1
november 259200 sick
is 'but in three days it may be so: 0' $got 0
finish
