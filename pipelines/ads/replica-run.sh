#!/bin/bash
# replica-run.sh -- the main job against the stand-in, which runs this.
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
export ADS=$SITE SECRETS=$state/secrets
run=${RUN-}

# What a person would have put there, as made up as the accounts.
make_secrets() (
	umask 077
	mkdir -p "$SECRETS" && cd "$SECRETS" || exit
	jq -n --arg uri "$SITE/token" '{token_uri: $uri,
	    client_id: "made-up-client",
	    client_secret: "made-up-client-secret",
	    refresh_token: "made-up-refresh-token"}' >client.json &&
		echo made-up-developer-token >developer-token &&
		echo 1112223333 >login-customer-id
)

# The run is named before time moves: killed in between, it is the one to
# continue.
if [ -z "$run" ] && [ "$TICKS" -gt 0 ] && [ -e "$DATA/$SOURCE.sqlite" ]; then
	run=$(new_run) && name_run "$run" || exit
	for ((i = 0; i < TICKS; i++)); do
		curl -sSf -X POST "$SITE/_replica/tick" >/dev/null || exit
	done
fi
make_secrets || exit
setpriv --pdeathsig TERM make -f "$here/ads.mk" --no-print-directory \
	refresh RUN="$run" &
finish
status=$?
[ "$stop" -eq 0 ] || exit "$stop"
"$here/where.sh"
exit "$status"
