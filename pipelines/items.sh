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
}

# A command with its options, and who tells what it does.
told() {		# told COMMAND
	[ "$stop" -eq 0 ] || return "$stop"
	# The shell splits it.
	eval "exec setpriv --pdeathsig TERM $1" |
		run-progress --log -d "$DATA" -r "$RUN" &
	finish
}

discover() { [ -z "$DISCOVER" ] || told "$DISCOVER"; }

# After a halt nothing more is asked for in this run.
halted() {
	local n
	n=$(sqlite3 -readonly "$DATA/$SOURCE.sqlite" "SELECT count(*)
	    FROM queue_halts WHERE run = '$RUN'" 2>/dev/null)
	[ "${n:-0}" -gt 0 ]
}

# The first failure is the one to report; what can go on goes on.
work() {
	local at first=0 status
	if [ -n "$TAKE_UP" ]; then eval "$TAKE_UP" || return; fi
	for at in $LOOPS; do
		told "job-loop -c '$CONFIG' -d '$DATA' -r '$RUN' \
		    ${at%:*} ${at#*:}" ||
			{ status=$?; [ "$first" -ne 0 ] || first=$status; }
		[ "$stop" -eq 0 ] && ! halted || break
	done
	return "$first"
}

refresh() {
	local first=0 status
	begin
	discover || first=$?
	work || { status=$?; [ "$first" -ne 0 ] || first=$status; }
	run-progress --summary -d "$DATA" -r "$RUN" --again "$AGAIN" ||
		{ status=$?; [ "$first" -ne 0 ] || first=$status; }
	if [ "$stop" -ne 0 ]; then
		echo "$SOURCE: interrupted; run it again" >&2
		exit "$stop"
	fi
	exit "$first"
}

case ${1-} in
refresh)
	refresh
	;;
discover | work)
	begin
	"$1"
	;;
*)
	echo "usage: items.sh refresh|discover|work" >&2
	exit 64
	;;
esac
