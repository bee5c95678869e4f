#!/bin/bash
# items.sh refresh|discover|work|publish -- one run of a pipeline of items.
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
	if [ -n "$TAKE_UP" ] && ! eval "$TAKE_UP" 2>&9 9>&-; then
		keep 74
		return
	fi
	for at in $LOOPS; do
		told "job-loop -c '$CONFIG' -d '$DATA' -r '$RUN' \
		    ${at%:*} ${at#*:}" || break
	done
}

# Readers get all that there is, if it is ready as a whole.
publish() {
	local tool n
	n=$(sqlite3 -readonly "$DATA/$SOURCE.sqlite" "SELECT count(*)
	    FROM dataset_versions WHERE status = 'active'" 2>/dev/null)
	[ "${n:-0}" -gt 0 ] || return
	for tool in 'ready-report --missing' snap-build 'snap-publish -q' \
		snap-prune; do
		[ "$stop" -eq 0 ] || return
		# shellcheck disable=SC2086
		setpriv --pdeathsig TERM $tool -c "$CONFIG" -d "$DATA" \
			-r "$RUN" >/dev/null 2>&9 9>&- &
		finish || { keep "$?"; return; }
	done
}

refresh() {
	discover && work
	publish
}

case ${1-} in
refresh | discover | work | publish)
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
	echo "usage: items.sh refresh|discover|work|publish" >&2
	exit 64
	;;
esac
