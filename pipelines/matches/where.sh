#!/bin/bash
# where.sh -- where things are.
set -u
run=$(cat "$DATA/.make/matches/run" 2>/dev/null)
there() { [ ! -e "$2" ] || printf '%-10s %s\n' "$1" "${3-$2}"; }
echo
there database "$DATA/matches.sqlite"
there '' "$DATA/matches.sqlite" \
	"sqlite3 $DATA/matches.sqlite 'SELECT * FROM vw_match_state LIMIT 5'"
there pages "$DATA/raw/matches/"
there reports "$DATA/report/matches/"
there log "$DATA/logs/$run.jsonl" "$DATA/logs/$run.jsonl and $run.summary.txt"
snapshots=$DATA/snapshots_matches
there snapshot "$snapshots/current" \
	"$snapshots/$(readlink "$snapshots/current")"
there '' "$snapshots/current" \
	"sqlite3 $snapshots/current/fast.sqlite 'SELECT name, maps, rating FROM players ORDER BY rating DESC LIMIT 5'"
there serve "$snapshots/current" \
	"snap-serve -c $CONFIG -d $DATA    (make serve)"
there '' "$snapshots/current" \
	'http://127.0.0.1:8080/api/players?minMaps=3&sort=-rating'
