# shellcheck shell=bash
# run.sh -- what the scripts that run a pipeline share; source it.
#
# Needs DATA, SOURCE and MODE.  stop is 75 after a signal; who sources this
# starts nothing then.
state=$DATA/.make/$SOURCE

# A signal goes on to the first program of the pipe that is running: what
# follows it ends when its stream does.
stop=0
on_signal() {
	stop=75
	# shellcheck disable=SC2046
	kill -TERM $(jobs -p) 2>/dev/null
}
trap on_signal INT TERM HUP

# Wait for the pipe just started, also through signals; its status.
finish() {
	local last=$! status
	[ "$stop" -eq 0 ] || on_signal	# there was nothing to pass it to yet
	while wait "$last"; status=$?
		[ "$status" -gt 128 ] && kill -0 "$last" 2>/dev/null
	do :; done
	return "$status"
}

# Allocate a run.
new_run() { run-new -d "$DATA" --source "$SOURCE" --mode "$MODE"; }

# Name the run that make stage, promote, ready and RUN= go on with.
name_run() {
	mkdir -p "$state" && printf '%s' "$1" >"$state/run.new" &&
		mv "$state/run.new" "$state/run"
}

# Continue RUN, or allocate one; all that follows writes to its log.
begin_run() {
	[ -n "$RUN" ] || RUN=$(new_run) || exit
	export RUN SLUICE_LOG=$DATA/logs/$RUN.jsonl
	mkdir -p "$DATA/logs" && : >>"$SLUICE_LOG" && name_run "$RUN"
}
