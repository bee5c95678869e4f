#!/bin/bash
# Tell which seats opened in the newest version of each dataset.
#
#	open-seats.sh [DATA]
#
# One line per seat on standard output, for mail, notify-send or curl.  Nothing
# is told before rec-filter has seen the end record: no alarm is ever raised
# from half a feed.
set -eu -o pipefail
data=${1:-data}

for dataset in "$data"/diff/soc/*/*/; do
	feeds=("$dataset"*.jsonl)
	opened=$(rec-filter --raw-output '
	    select(.table == "open_section_states" and .op == "update" and
		.new.is_open == true) |
	    .key | "\(.term_code) \(.campus_code) \(.index_number)"
	    ' <"${feeds[-1]}")		# run ids sort by time
	while read -r term campus index; do
		sqlite3 -readonly -separator ' ' "$data/soc.sqlite" "SELECT
		    'open:', index_number, course_string, title
		    FROM vw_open_sections WHERE term_code = '$term' AND
		    campus_code = '$campus' AND index_number = '$index'"
	done <<<"$opened"
done
