#!/bin/sh
# Every bad input that this API or its scrapers have been seen with, as the
# next answer after a good one: what is said, the exit status, and that no
# canonical row moves.  One test per row of the table; its name is the row.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
. "$top/tests/seats.sh"
unset SLUICE_LOG
mkdir data

content() { canon-cat -q -c "$config" -d data; }
keys() { content | jq -c 'select(.type == "row") | [.table, .row.course_string,
    .row.index_number, .row.code, .row.occurrence]' | sort; }

# pass SECONDS ENDPOINT FILE : the answer goes as far as it gets.  Sets tool
# and status, those of the first that says no, and message.
pass() {
	RUN=$(run_id "$1") AT=$(instant "$1")
	chmod -R u+w data && rm -rf data && cp -r good data
	body "$2" <"$3" >record
	[ -z "${SPOIL-}" ] || $SPOIL
	tool=raw-write
	stream <record | raw-write -q -d data >sealed 2>err; status=$?
	if [ $status -eq 0 ]; then
		tool=raw-verify
		raw-verify -q -c "$config" -d data --check <sealed >out 2>err
		status=$?
	fi
	if [ $status -eq 0 ]; then
		tool=stage-normalize
		stage-normalize -q -c "$config" -d data -r "$RUN" 20261/NB \
		    2>err; status=$?
	fi
	if [ $status -eq 0 ]; then
		tool=diff-promote
		diff-promote -q -c "$config" -d data -r "$RUN" 20261/NB \
		    >out 2>err; status=$?
	fi
	message=$({ jq -r 'select(.type == "error") | "\(.code): \(.message)"' \
	    sealed; sed 's/^[a-z-]*: [a-z]*: //' err; } | head -n 1 |
	    sed 's/;.*//')
}

# Cut the stored body in half, and say so in the record.
cut_body() {
	file=data/$(jq -r .path record)
	half=$(($(wc -c <"$file") / 2))
	head -c $half "$file" >half.gz && cat half.gz >"$file"
	jq -c ".stored_bytes = $half" record >cut.new && mv cut.new record
}

# bad NAME ENDPOINT FILE STATUS MESSAGE : no row may move.
bad() {
	pass 60 "$2" "$3"
	content >after
	case $message in
	*"$5"*) said=1 ;;
	*) said=0 ;;
	esac
	[ "$status" -eq "$4" ] && [ $said -eq 1 ] && cmp -s before after
	ok "$1 | $2 | $tool $status | $message | unchanged" test $? -eq 0
}

# odd NAME ENDPOINT FILE FINDING : taken, told, and no row is lost.
odd() {
	pass 60 "$2" "$3"
	keys >after
	finding=$(db "SELECT code || ' ' || n || ': ' || table_name ||
	    ifnull('.' || column_name, '') || ' ' || ifnull(row_key, '')
	    FROM version_findings WHERE version_id = '$RUN'
	    AND code = '$4' LIMIT 1")
	[ "$status" -eq 0 ] && [ -n "$finding" ] &&
	    [ -z "$(comm -23 keys after)" ]
	ok "$1 | $2 | $tool $status | finding $finding | no row lost" \
	    test $? -eq 0
}

catalogue 300 >courses
seats 0 250 >open
answer 0 courses courses
answer 0 openSections open
offer 0
ok 'input | part | who says it, and its exit status | message | rows' \
    test $got -eq 0
content >before
keys >keys
mv data good && cp -r good data

echo '[]' >empty
printf '<!DOCTYPE html>\n<html><body>Down for maintenance</body></html>\n' >html
printf 'Access denied' >denied
sed 's/"title":"T"/"title":"Espa\xf3ol"/' courses >latin1
: >nothing
seats 0 125 >half
seats 40000 40250 >others
sed 's/"campusCode":"NB"/"campusCode":"NK"/g; s/"index":"1/"index":"5/g' \
    courses >newark
head -c 4000 courses >torn
printf '{"error":"none"}' >object

bad '200 []' courses empty 1 'an empty answer after a non-empty one'
bad '200 []' openSections empty 1 'an empty answer after a non-empty one'
bad 'HTML' courses html 76 not_json
bad 'HTML' openSections html 76 not_json
bad 'Access denied' courses denied 76 not_json
bad 'invalid UTF-8 (F3)' courses latin1 76 utf8
bad '0 bytes' courses nothing 76 empty
bad '0 bytes' openSections nothing 76 empty
SPOIL=cut_body bad 'truncated gzip' courses courses 76 gzip
bad 'text cut in the middle' courses torn 76 truncated
bad 'an object, no list' openSections object 76 array
bad 'half a list' openSections half 1 \
    'too many rows of the active version are missing (125 came, 125 of 250'
bad "another campus's file" courses newark 1 \
    'not one row of the active version is in it'
bad "another campus's list" openSections others 1 \
    'not one row of the active version is in it'

# --- what is odd, not bad: kept, and told -----------------------------------------
sed 's/"title":"T"/"title":"T","credits":"3","openSections":"7"/' courses \
    >texts
sed 's/"title":"T"/"title":"T","hologram":{"x":1}/' courses >member
jq -c '.[0].sections += [.[0].sections[0]]' courses >twice
odd 'duplicate indices' courses twice duplicate_key
odd 'numbers as strings' courses texts wrong_type
odd 'a new member' courses member unknown_member
second=$((second + 1))
pass 60 courses courses
content >after
same 'the good answer again: every row as before' before after
finish
