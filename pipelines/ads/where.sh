#!/bin/bash
# where.sh -- the newest report, and where things are.
set -u
run=$(cat "$DATA/.make/ads/run" 2>/dev/null)
newest=$(printf '%s\n' "$DATA"/report/ads/*/*/"ready_report_$run.md" | tail -1)
[ ! -e "$newest" ] || printf '\n%s\n' "$(cat "$newest")"

there() { [ ! -e "$2" ] || printf '%-10s %s\n' "$1" "${3-$2}"; }
echo
there database "$DATA/ads.sqlite"
there '' "$DATA/ads.sqlite" \
	"sqlite3 $DATA/ads.sqlite 'SELECT * FROM vw_customer_daily'"
there changes "$DATA/diff/ads/"
there reports "$DATA/report/ads/"
there pages "$DATA/raw/ads/"
there log "$DATA/logs/$run.jsonl" "$DATA/logs/$run.jsonl and $run.summary.txt"
