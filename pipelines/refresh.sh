#!/bin/bash
# refresh.sh plan|fetch|refresh -- one run of a pipeline.
#
# Called by pipeline.mk under the source's lock, with DATA, SOURCE, CONFIG,
# MODE, JOBS, PIPELINE_MK, the commands PLAN and FETCH, the names of PLAN's
# variables in WORDS, and RUN (to continue one, else empty) in the
# environment; PLAN finds the run to continue in RESUME.  Running again is
# the only recovery there is.
set -u -o pipefail
unset MAKEFLAGS MFLAGS MAKELEVEL	# the build below is a make of its own
# shellcheck source=pipelines/run.sh
. "${0%/*}/run.sh"

# Name the run for us, for the tools, and for what comes after us.
set_run() {
	export RUN=$1 SLUICE_LOG=$DATA/logs/$1.jsonl
	plan=$DATA/logs/$1.plan.jsonl
	mkdir -p "$DATA/logs" && name_run "$1" || exit 74
	echo "$SOURCE: run $RUN" >&2
}

# A run to continue that is none is refused before anything has its name.
make_plan() {
	export RESUME=$RUN
	[ -n "$RUN" ] || RUN=$(new_run) || exit
	SLUICE_LOG=$DATA/logs/$RUN.jsonl
	export RUN SLUICE_LOG
	# PLAN and FETCH are commands with their options: the shell splits them.
	# shellcheck disable=SC2153
	eval "$PLAN" >"$state/plan" || return
	set_run "$RUN"
	[ "$MODE" != full ] || forget_stages
	mv "$state/plan" "$plan"
}

# A full run makes everything it plans again: a missing stamp is all it takes.
forget_stages() {
	jq -r 'select(.type == "task") | .dataset' "$state/plan" | sort -u |
		while read -r dataset; do rm -f "$state/$dataset.stage"; done
}

fetch() {
	local tasks
	[ "$stop" -eq 0 ] || return "$stop"
	tasks=$(grep -c '^{"type":"task"' "$plan")
	eval "exec $FETCH" <"$plan" | raw-write -d "$DATA" |
		raw-verify -c "$CONFIG" -d "$DATA" |
		run-progress -d "$DATA" -r "$RUN" --planned "$tasks" &
	finish
}

build() {
	[ "$stop" -eq 0 ] || return "$stop"
	setpriv --pdeathsig TERM make -f "$PIPELINE_MK" --no-print-directory \
		-s -k -j "$JOBS" build RUN="$RUN" &
	finish
}

# The first failure is the one to report; what can go on goes on.
refresh() {
	local first=0 status
	make_plan || exit
	fetch || first=$?
	build || { status=$?; [ "$first" -ne 0 ] || first=$status; }
	run-progress --summary -d "$DATA" -r "$RUN" ||
		{ status=$?; [ "$first" -ne 0 ] || first=$status; }
	if [ "$stop" -ne 0 ]; then
		echo "$SOURCE: interrupted; continue with RUN=$RUN" >&2
		exit "$stop"
	fi
	# Nothing is left to continue: the quarantine holds notes only.
	[ "$first" -ne 0 ] || rm -rf "${DATA:?}/incoming/$RUN"
	exit "$first"
}

# What a plan was made of, for the fetch that comes for it.
keep_words() {
	local word
	for word in RUN $WORDS; do printf '%s=%q\n' "$word" "${!word}"; done
}

case ${1-} in
plan)
	make_plan && keep_words >"$state/planned" && cat "$plan"
	;;
fetch)
	# Planned anew, of the same words for the same run: what is known,
	# and a replica's address, may have changed since.
	if [ -z "$RUN" ] && [ -f "$state/planned" ]; then
		# shellcheck source=/dev/null
		. "$state/planned"
	fi
	make_plan || exit
	rm -f "$state/planned"
	fetch
	;;
refresh)
	refresh
	;;
*)
	echo "usage: refresh.sh plan|fetch|refresh" >&2
	exit 64
	;;
esac
