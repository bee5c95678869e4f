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

# kill_inside TOOL N : everything dies when it has changed files N times by
# one kind of call (strace counts each by itself).
kill_inside() {
	rm -rf d front; mkdir front
	cat >"front/$1" <<-EOF
		#!/bin/sh
		strace -qq -o /dev/null -e inject=$changing:signal=KILL:when=$2 \
		    "$(command -v "$1")" "\$@"
		status=\$?
		[ \$status -ne 137 ] || kill -KILL 0
		exit \$status
	EOF
	chmod +x "front/$1"
	path=$PATH PATH=$PWD/front:$PATH
	soc_start run
	wait "$leader" 2>/dev/null; got=$?
	PATH=$path
	ok "$1 dies at its change $2" test "$got" -eq 137
}
changing=pwrite64,fsync,fdatasync,link,rename,renameat,unlink

goes_on() {		# goes_on NAME : the run is continued, and comes out right
	stores d >damage
	ok "$1: every store is whole" test ! -s damage
	soc run "RUN=$(cat d/.make/soc/run 2>/dev/null)" >out 2>err; got=$?
	ok "$1: continued" test "$got" -eq 0
	[ "$got" -eq 0 ] || tail -n 20 out err | sed 's/^/# /'
	content d >got
	ok "$1: the same content" cmp want got
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
	goes_on "$signal at event $moment"
	n=$((n + 1))
done

if [ -n "${SLUICE_SANITIZE-}" ]; then
	skip 'killed inside seal, stage and promote' 'no sanitizer under strace'
	finish
fi
for tool in raw-write raw-verify stage-normalize diff-promote; do
	random 20
	kill_inside $tool $((drawn + 1))
	goes_on "KILL inside $tool"
done
finish
