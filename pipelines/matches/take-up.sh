#!/bin/bash
# take-up.sh MODE -- what is known and complete is due again: in mode full
# the maps of the matches that the walk took up, else matches of the range
# of offsets with their maps.  These are a person's transitions, and each is
# an event that says so; sluice-queue(5).
set -u -o pipefail
db=$DATA/$SOURCE.sqlite mode=$1
case $mode in
full) of="state = 'discovered'" ;;
*) of="\"offset\" BETWEEN $START_OFFSET AND $END_OFFSET" ;;
esac

force() {		# force QUEUE SQL : the items whose keys it yields
	sqlite3 -readonly -cmd '.timeout 30000' "$db" "$2" |
		xargs -r -n 1000 curate-set -q -c "$CONFIG" -d "$DATA" \
			-r "$RUN" --queue "$1" --yes --why "mode $mode" \
			force >/dev/null
}

[ -e "$db" ] || exit 0
force maps "SELECT match_id || '/' || map_number FROM map_queue
    WHERE state = 'complete' AND match_id IN
	(SELECT match_id FROM match_queue WHERE $of)" &&
force matches "SELECT match_id FROM match_queue
    WHERE state = 'complete' AND $of" || exit 74
