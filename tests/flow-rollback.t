#!/bin/sh
# A person goes back, and back again: what was given up stays out, however
# often it is offered, until the payload changes or a person accepts it.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
. "$top/tests/seats.sh"
unset SLUICE_LOG
mkdir data

is() { ok "$1" test "$2" = "$3"; }		# is NAME GOT WANT
# back STATUS SECONDS VERSION : to that version.
back() {
	want=$1 second=$2; shift 2
	run "$want" diff-promote -q -c "${map-$config}" -d data \
	    -r "$(run_id "$second")" --rollback "$@" 20261/NB
}
seen() { db 'SELECT count(*) FROM open_sections'; }
active() { db "SELECT version_id FROM dataset_versions
    WHERE status = 'active'"; }

back 66 1 R00000
is 'nothing is made for nothing' "$(ls -A data)" ''
catalogue 300 >courses
seats 0 250 >first
seats 0 245 >second
seats 0 240 >third
answer 0 courses courses
answer 0 openSections first
offer 0
answer 60 openSections second
offer 60
answer 120 openSections third
offer 120
is 'three versions of the seats' "$(seen) $(active)" '240 R00120'

back 0 130 R00060
is 'back' "$(seen) $(active)" '245 R00130'
promote 140
is 'what was given up is offered: held' "$got $(seen)" '1 245'
back 0 150 R00000
is 'and further back' "$(seen) $(active)" '250 R00150'
promote 160
is 'what was given up first is held, too' "$got $(seen)" '1 250'
answer 170 openSections third
offer 170
is 'also when the source says it again' "$got $(seen)" '1 250'
answer 180 openSections second
offer 180
is 'and what was given up then' "$got $(seen)" '1 250'
ok 'by whose word' grep -q 'open_sections: a person rejected it' err
back 0 190 R00060
is 'back to what was given up: it is wanted now' "$(seen)" 245
promote 200
is 'and offered, it is what there is' "$got $(seen)" '0 245'
is 'so the gate is open' "$(db "SELECT DISTINCT state
    FROM gate_parts")" open
seats 0 239 >fourth
answer 210 openSections fourth
offer 210
is 'another payload passes' "$got $(seen)" '0 239'
answer 220 openSections third
offer 220
is 'but what was given up once' "$got $(seen)" '1 239'
offer 221 --accept 'it was right'
is 'comes by a person only' "$got $(seen)" '0 240'

# --- rows of two maps
sed 's|^title = "/title"|title = "/expandedTitle"|' "$config" >other.toml
db .dump >before
map=$PWD/other.toml back 73 300 R00000
ok 'another map does not go back' grep -q \
    'staged by another map.*rebuild it: diff-promote' err
db .dump >after
same 'and nothing has changed' before after

# --- a person's word is not in the raw store
seats 0 100 >few
answer 400 openSections few
offer 400
promote 401 --accept 'a small term'
is 'accepted' "$got $(seen)" '0 100'
rm data/soc.sqlite
run 0 diff-promote -c "$config" -d data -r R00500 --rebuild
is 'made of the ledger alone, it is held again' "$(seen) $(db "SELECT part
    FROM gate_parts WHERE state = 'held'")" '240 openSections'
ok 'and that is told, with how many there are' grep -q \
    'gate holds: 1; what a person had accepted' err
is 'none but what passed is counted' "$(sed -n \
    's/.*soc: \([0-9]* versions\) of 1 dataset made.*/\1/p' err)" \
    "$(db 'SELECT count(*) FROM dataset_versions WHERE seq > 0') versions"
chmod -R u+w data && rm -rf data
run 66 diff-promote -c "$config" -d data -r R00500 --rebuild
ok 'of nothing, nothing is made' test ! -e data
finish
