#!/bin/sh
# The main job killed at random moments (as many as KILLS says), continued
# with RUN=: the same content of every table as an undisturbed run.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

DATA=undisturbed; run 0 soc run
content undisturbed >want
DATA=d
events=$(cat undisturbed/logs/*Z*.jsonl | grep -c '"type":"event"')
seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
echo "# SEED=$seed, $events events"

# random N : 0..N-1, the next of a sequence that SEED fixes.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	drawn=$((seed / 65536 % $1))
}
seen() { cat d/logs/*Z*.jsonl 2>/dev/null | grep -c '"type":"event"'; }
alive() { kill -0 "$leader" 2>/dev/null; }

kill_once() {		# kill_once SIGNAL EVENTS : when that many are logged
	rm -rf d
	soc_start run
	while alive && [ "$(seen)" -lt "$2" ]; do sleep 0.01; done
	random 40
	sleep "0.0$((drawn / 10))$((drawn % 10))"
	kill "-$1" "-$leader" 2>/dev/null
	wait "$leader" 2>/dev/null
	while [ -n "$(pgrep -s "$leader")" ]; do sleep 0.05; done
}

n=0
while [ "$n" -lt "${KILLS:-6}" ]; do
	case $((n % 3)) in
	0) signal=KILL ;;
	1) signal=TERM ;;
	2) signal=INT ;;
	esac
	random "$events"
	moment=$drawn
	kill_once $signal "$moment"
	stores d >damage
	ok "$signal at event $moment: every store is whole" test ! -s damage
	soc run "RUN=$(cat d/.make/soc/run 2>/dev/null)" >out 2>err; got=$?
	ok "$signal at event $moment: continued" test "$got" -eq 0
	[ "$got" -eq 0 ] || tail -n 20 out err | sed 's/^/# /'
	content d >got
	ok "$signal at event $moment: the same content" cmp want got
	n=$((n + 1))
done
finish
