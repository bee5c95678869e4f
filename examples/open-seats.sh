#!/bin/bash
# Tell which seats have opened since this was last asked.
#
#	open-seats.sh [DATA [DECLARATION [COMMAND ...]]]
#
# One line per seat that is open still, to the standard input of COMMAND (mail,
# for example), or to standard output.  How far it has read is in
# DATA/open-seats.seq, and moves when all is told and COMMAND succeeded.
# Nothing is told before rec-filter has seen the end record: no alarm is ever
# raised from half a feed.
set -eu -o pipefail
data=${1:-data}
declaration=${2:-${0%/*}/../pipelines/soc/pipeline.toml}
seen=$data/open-seats.seq

changes=$(changes-cat -c "$declaration" -d "$data" \
    --since "$(cat "$seen" 2>/dev/null || echo 0)" |
    rec-filter --raw-output '
	if .type == "version" then "seq \(.seq)"
	elif .table == "open_section_states" and .op == "update" and
	    .new.is_open == true then .key |
	    "open \(.term_code) \(.campus_code) \(.index_number)"
	else empty end')
told=$(while read -r what term campus index; do
	[ "$what" = open ] || continue
	sqlite3 -readonly -separator ' ' "$data/soc.sqlite" "SELECT
	    'open:', index_number, course_string, title
	    FROM vw_open_sections WHERE term_code = '$term' AND
	    campus_code = '$campus' AND index_number = '$index'"
done <<<"$changes" | sort -u)
if [ -n "$told" ] && [ $# -gt 2 ]; then
	"${@:3}" <<<"$told"
elif [ -n "$told" ]; then
	echo "$told"
fi
if [ -n "$changes" ]; then
	awk '$1 == "seq" { last = $2 } END { print last }' \
	    <<<"$changes" >"$seen.new"
	mv "$seen.new" "$seen"
fi
