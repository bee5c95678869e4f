#!/bin/bash
# where.sh -- the newest reports, and where things are.
set -u
run=$(cat "$DATA/.make/soc/run")
for report in "$DATA"/report/soc/*/*/"ready_report_$run.md"; do
	[ -e "$report" ] && printf '\n%s\n' "$(cat "$report")"
done
cat <<EOF

database   $DATA/soc.sqlite
           sqlite3 $DATA/soc.sqlite 'SELECT * FROM vw_open_sections LIMIT 5'
changes    $DATA/diff/soc/
reports    $DATA/report/soc/
log        $DATA/logs/$run.jsonl and $run.summary.txt
EOF
