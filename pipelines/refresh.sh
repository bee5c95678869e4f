#!/bin/bash
# refresh.sh plan|fetch|refresh|prune|rebuild|rollback -- one run of a
# pipeline.
#
# Called by pipeline.mk under the source's lock, with DATA, SOURCE, CONFIG,
# MODE, JOBS, PIPELINE_MK, AGAIN, INLINE_BLOB (if not empty, the ledger
# keeps sealed bytes, too), the commands PLAN and FETCH, the names of PLAN's
# variables in WORDS, and RUN (to continue one, else empty) in the
# environment; PLAN finds the run to continue in RESUME.  Running again is
# the only recovery there is.
set -u -o pipefail
unset MAKEFLAGS MFLAGS MAKELEVEL	# the build below is a make of its own
# shellcheck source=pipelines/run.sh
. "${0%/*}/run.sh"

# What the tasks of a run follow from, for who continues it.
keep_words() {
	local word
	for word in $WORDS; do printf '%s=%q\n' "$word" "${!word}"; done \
		>"$words.new" && mv "$words.new" "$words"
}

# A run that is continued is planned anew: of the words that it began with,
# for a server whose address may have changed.  One that is none is refused
# before anything has its name.
make_plan() {
	export RESUME=$RUN
	[ -n "$RUN" ] || RUN=$(new_run) || exit
	export RUN SLUICE_LOG=$DATA/logs/$RUN.jsonl
	plan=$DATA/logs/$RUN.plan.jsonl words=$DATA/logs/$RUN.words
	# shellcheck source=/dev/null
	[ ! -f "$words" ] || . "$words"
	# PLAN and FETCH are commands with their options: the shell splits them.
	# shellcheck disable=SC2153
	eval "$PLAN" >"$state/plan" || return
	echo "$SOURCE: run $RUN" >&2
	mkdir -p "$DATA/logs" && name_run "$RUN" && keep_words &&
		mv "$state/plan" "$plan" || return
	[ "$MODE" != full ] || forget_stages
}

# A full run makes everything it plans again: a missing stamp is all it takes.
forget_stages() {
	jq -r 'select(.type == "task") | .dataset' "$plan" | sort -u |
		while read -r dataset; do rm -f "$state/$dataset.stage"; done
}

fetch() {
	local tasks
	[ "$stop" -eq 0 ] || return "$stop"
	tasks=$(grep -c '^{"type":"task"' "$plan")
	eval "exec $FETCH" <"$plan" | raw-write -q -d "$DATA" \
		${INLINE_BLOB:+--inline-blob} |
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

# Readers get what is ready, also when something else is not.
publish() {
	[ "$stop" -eq 0 ] || return "$stop"
	[ -n "$(find "$state" -name '*.ready' -print -quit)" ] || return 0
	setpriv --pdeathsig TERM make -f "$PIPELINE_MK" --no-print-directory \
		-s publish RUN="$RUN" ACCEPT= REJECT= &	# they were heard
	finish
}

# What retention lets go, said only if something went.  Versions come first,
# since payloads stay while one is of them; then logs: the row of a run goes
# when nothing is left of it.
prune() {
	local tool status=0
	for tool in 'diff-promote --prune' log-prune raw-prune snap-prune; do
		[ "$stop" -eq 0 ] || return "$stop"
		# shellcheck disable=SC2086
		setpriv --pdeathsig TERM $tool -c "$CONFIG" -d "$DATA" \
			-r "$1" >/dev/null &
		finish || status=$?
	done
	return "$status"
}

# Do something with versions that are there, in a run of its own.
past() {		# past OPTION...
	RUN=''
	begin_run || exit
	setpriv --pdeathsig TERM diff-promote -c "$CONFIG" -d "$DATA" \
		-r "$RUN" "$@" >/dev/null &
	finish
}

# What is made for readers is made again, too.
rebuild() {
	past --rebuild && find "$state" -name '*.ready' -delete && build &&
		publish
}

# Without its stamp, what was staged last is offered again, to be held until
# it changes or a person says otherwise.
rollback() {
	if [ -z "${VERSION-}" ] || [ -z "${DATASET-}" ]; then
		echo "$SOURCE: error: rollback needs VERSION= and DATASET=" >&2
		return 64
	fi
	past --rollback "$VERSION" ${REJECT:+--reject "$REJECT"} "$DATASET" &&
		rm -f "$state/$DATASET.promote" &&
		ready-report -c "$CONFIG" -d "$DATA" -r "$RUN" "$DATASET" &&
		rm -f "$state/snapshot" && publish
}

# The first failure is the one to report; what can go on goes on.
refresh() {
	local first=0 status
	make_plan || exit
	fetch || first=$?
	build || { status=$?; [ "$first" -ne 0 ] || first=$status; }
	publish || { status=$?; [ "$first" -ne 0 ] || first=$status; }
	run-progress --summary -d "$DATA" -r "$RUN" --again "$AGAIN" ||
		{ status=$?; [ "$first" -ne 0 ] || first=$status; }
	# Nothing is left to continue: the quarantine holds notes only.
	[ "$stop" -ne 0 ] || [ "$first" -ne 0 ] ||
		rm -rf "${DATA:?}/incoming/$RUN"
	prune "$RUN" || { status=$?; [ "$first" -ne 0 ] || first=$status; }
	if [ "$stop" -ne 0 ]; then
		echo "$SOURCE: interrupted; continue with RUN=$RUN" >&2
		exit "$stop"
	fi
	exit "$first"
}

case ${1-} in
plan)
	make_plan && printf '%s' "$RUN" >"$state/planned" && cat "$plan"
	;;
fetch)
	if [ -z "$RUN" ] && [ -f "$state/planned" ]; then
		RUN=$(cat "$state/planned")
	fi
	make_plan || exit
	rm -f "$state/planned"
	fetch
	;;
refresh)
	refresh
	;;
prune)
	prune "$(cat "$state/run" 2>/dev/null)"
	;;
rebuild)
	rebuild
	;;
rollback)
	rollback
	;;
*)
	echo "usage: refresh.sh plan|fetch|refresh|prune|rebuild|rollback" >&2
	exit 64
	;;
esac
