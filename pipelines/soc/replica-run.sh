#!/bin/bash
# replica-run.sh -- the main job against soc-replica, which runs this.
#
# On fresh DATA: refresh, let time move, refresh again, so that there is a
# difference to see; with CAPTURES until the last capture.  On existing DATA:
# move TICKS ticks, then one refresh.  The replica remembers its tick, so a
# run that was killed goes on where it was.
set -u -o pipefail
here=$(cd "${0%/*}" && pwd)
replica=${SOC%/soc/api}/_replica

ask() { curl -sSf "$replica/state" | jq -r ".$1 // 0"; }
tick() { curl -sSf -X POST "$replica/tick" >/dev/null; }

child=
trap '[ -z "$child" ] || kill -TERM "$child" 2>/dev/null' INT TERM HUP
refresh() {
	local status
	setpriv --pdeathsig TERM make -f "$here/soc.mk" \
		--no-print-directory refresh RUN="${1-}" &
	child=$!
	while wait "$child"; status=$?
		[ "$status" -gt 128 ] && kill -0 "$child" 2>/dev/null
	do :; done
	child=
	return "$status"
}

unset MAKEFLAGS MFLAGS MAKELEVEL	# what follows is a make of its own
export SOC
run=${RUN-} status=0

if [ -e "$DATA/soc.sqlite" ] && [ "$(ask tick)" -gt 0 ]; then
	for ((i = 0; i < TICKS; i++)); do tick || exit; done
fi
refresh "$run" || status=$?
last=$(ask steps)
last=$((last > 0 ? last - 1 : 1))	# no captures: one tick makes a change
while [ "$status" -eq 0 ] && [ "$(ask tick)" -lt "$last" ]; do
	# The run is named before time moves: killed in between, it is the
	# one to continue.
	run=$(run-new -d "$DATA" --source "$SOURCE" --mode "$MODE") || exit
	tick || exit
	refresh "$run" || status=$?
done
"$here/where.sh"
exit "$status"
