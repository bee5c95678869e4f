#!/bin/bash
# items.sh refresh|discover|work -- one run of a pipeline of items.
#
# Called by queue.mk under the source's lock, with DATA, SOURCE, CONFIG, MODE,
# AGAIN, the commands DISCOVER and TAKE_UP, LOOPS, and RUN (to continue one,
# else empty) in the environment.  Running again is the only recovery there is.
set -u -o pipefail
unset MAKEFLAGS MFLAGS MAKELEVEL
# shellcheck source=pipelines/run.sh
. "${0%/*}/run.sh"

begin() {
	begin_run || exit
	echo "$SOURCE: run $RUN" >&2
	# What they say is kept, too.
	exec 9> >(exec run-progress --notes -d "$DATA" -r "$RUN")
	notes=$!
}

# The first failure is the one to report; what can go on goes on.
first=0
keep() { [ "$first" -ne 0 ] || first=$1; }	# keep STATUS

# A command with its options, and who tells what it does.  75: it was stopped,
# or has stopped asking; nothing more is begun in this run then.
told() {		# told COMMAND
	local status
	[ "$stop" -eq 0 ] || return 75
	# The shell splits it.
	eval "exec setpriv --pdeathsig TERM $1" 2>&9 9>&- |
		run-progress --log -d "$DATA" -r "$RUN" 9>&- &
	finish
	status=$?
	keep "$status"
	[ "$status" -ne 75 ]
}

# What came of it all, after a signal, too.
summarise() {
	exec 9>&-
	wait "$notes"
	run-progress --summary -d "$DATA" -r "$RUN" --again "$AGAIN"
	keep "$?"
}

discover() { [ -z "$DISCOVER" ] || told "$DISCOVER"; }

work() {
	local at
	if [ -n "$TAKE_UP" ] && ! eval "$TAKE_UP" 2>&9; then
		keep 74
		return
	fi
	for at in $LOOPS; do
		told "job-loop -c '$CONFIG' -d '$DATA' -r '$RUN' \
		    ${at%:*} ${at#*:}" || break
	done
}

refresh() { discover && work; }

case ${1-} in
refresh | discover | work)
	begin
	"$1"
	summarise
	if [ "$stop" -ne 0 ]; then
		echo "$SOURCE: interrupted; run it again" >&2
		exit "$stop"
	fi
	exit "$first"
	;;
*)
	echo "usage: items.sh refresh|discover|work" >&2
	exit 64
	;;
esac
