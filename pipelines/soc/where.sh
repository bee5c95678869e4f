#!/bin/bash
# where.sh -- the newest reports, and where things are.
set -u
run=$(cat "$DATA/.make/soc/run" 2>/dev/null)
for report in "$DATA"/report/soc/*/*/"ready_report_$run.md"; do
	[ -e "$report" ] && printf '\n%s\n' "$(cat "$report")"
done

there() { [ ! -e "$2" ] || printf '%-10s %s\n' "$1" "${3-$2}"; }
echo
there database "$DATA/soc.sqlite"
there '' "$DATA/soc.sqlite" \
	"sqlite3 $DATA/soc.sqlite 'SELECT index_number, title FROM vw_open_sections LIMIT 5'"
there changes "$DATA/diff/soc/"
there reports "$DATA/report/soc/"
there log "$DATA/logs/$run.jsonl" "$DATA/logs/$run.jsonl and $run.summary.txt"
there snapshot "$DATA/snapshots/current" \
	"$DATA/snapshots/$(readlink "$DATA/snapshots/current")"
there '' "$DATA/snapshots/current" \
	"sqlite3 $DATA/snapshots/current/fast.sqlite 'SELECT id, title, sections_open FROM courses LIMIT 5'"
terms=("$DATA"/report/soc/*)		# of which the newest is the last
there serve "$DATA/snapshots/current" \
	"snap-serve -c $CONFIG -d $DATA    (make serve)"
there '' "$DATA/snapshots/current" \
	"http://127.0.0.1:8080/api/courses?term=${terms[-1]##*/}&hasOpenSection=true"
