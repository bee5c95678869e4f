#!/bin/bash
# replica-run.sh -- the main job against soc-replica, which runs this.
#
# On fresh DATA: refresh, let time move, refresh again, so that there is a
# difference to see; with CAPTURES until the last capture.  On existing DATA:
# move TICKS ticks (not to continue a run), then one refresh.  The replica
# remembers its tick, so a run that was killed goes on where it was.
set -u -o pipefail
here=$(cd "${0%/*}" && pwd)
# shellcheck source=pipelines/run.sh
. "$here/../run.sh"
replica=${SOC%/soc/api}/_replica

ask() { curl -sSf "$replica/state" | jq -r ".$1 // 0"; }
refresh() {
	[ "$stop" -eq 0 ] || return "$stop"
	setpriv --pdeathsig TERM make -f "$here/soc.mk" \
		--no-print-directory refresh RUN="$run" &
	finish
}

# The run is named before time moves: killed in between, it is the one to
# continue.
move() {		# move N : a new run, N ticks later
	run=$(new_run) && name_run "$run" || exit
	for ((i = 0; i < $1; i++)); do
		curl -sSf -X POST "$replica/tick" >/dev/null || exit
	done
}

case $TICKS in
"" | *[!0-9]*) echo "$SOURCE: error: TICKS=$TICKS: not a number" >&2; exit 64 ;;
esac
unset MAKEFLAGS MFLAGS MAKELEVEL	# what follows is a make of its own
export SOC
run=${RUN-} status=0

if [ -z "$run" ] && [ "$TICKS" -gt 0 ] && [ -e "$DATA/soc.sqlite" ] &&
	[ "$(ask tick)" -gt 0 ]; then
	move "$TICKS"
fi
refresh || status=$?
last=$(ask steps)
last=$((last > 0 ? last - 1 : 1))	# no captures: one tick makes a change
while [ "$status" -eq 0 ] && [ "$(ask tick)" -lt "$last" ]; do
	move 1
	refresh || status=$?
done
[ "$stop" -eq 0 ] || exit "$stop"
"$here/where.sh"
exit "$status"
