#!/bin/bash
# replica-run.sh -- the main job against the stand-in; stand-in.sh runs this.
#
# On existing DATA move TICKS ticks first (not to continue a run): the last
# days' numbers grow, and the token of before holds no more.  The stand-in
# remembers its tick, so a run that was killed goes on where it was.
set -u -o pipefail
here=$(cd "${0%/*}" && pwd)
# shellcheck source=pipelines/run.sh
. "$here/../run.sh"

case $TICKS in
"" | *[!0-9]*) echo "$SOURCE: error: TICKS=$TICKS: not a number" >&2; exit 64 ;;
esac
unset MAKEFLAGS MFLAGS MAKELEVEL	# what follows is a make of its own
run=${RUN-}

# The run is named before time moves: killed in between, it is the one to
# continue.
if [ -z "$run" ] && [ "$TICKS" -gt 0 ] && [ -e "$DATA/$SOURCE.sqlite" ]; then
	run=$(new_run) && name_run "$run" || exit
	for ((i = 0; i < TICKS; i++)); do
		curl -sSf -X POST "$SITE/_replica/tick" >/dev/null || exit
	done
fi
setpriv --pdeathsig TERM make -f "$here/ads.mk" --no-print-directory \
	refresh RUN="$run" &
finish
status=$?
[ "$stop" -eq 0 ] || exit "$stop"
"$here/where.sh"
exit "$status"
