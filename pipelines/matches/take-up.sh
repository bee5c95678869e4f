#!/bin/bash
# take-up.sh MODE -- what is known and complete is due again: in mode full
# the maps of the matches that the walk took up, else matches of the range
# of offsets with their maps.  These are a person's transitions; sluice-queue(5).
set -u
case $1 in
full) which="SELECT match_id FROM match_queue WHERE state = 'discovered'" ;;
*) which="SELECT match_id FROM match_queue WHERE \"offset\"
	BETWEEN $START_OFFSET AND $END_OFFSET" ;;
esac
for table in map_queue match_queue; do
	sqlite3 -cmd '.timeout 30000' "$DATA/$SOURCE.sqlite" \
		"UPDATE $table SET state = 'discovered'
		WHERE state = 'complete' AND match_id IN ($which)" || exit 74
done
