#!/bin/sh
# make is the scheduler: a recipe that fails or is interrupted leaves every
# store where it was, and the next run finishes the work.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

DATA=undisturbed; run 0 soc run
content undisturbed >want
DATA=d

# in_front TOOL SCRIPT : SCRIPT runs instead of TOOL; $real is the tool.
in_front() {
	mkdir -p front
	printf '#!/bin/sh\nreal=%s\n%s\n' "$(command -v "$1")" "$2" >"front/$1"
	chmod +x "front/$1"
}
path=$PATH
sound() {		# sound NAME : all stores are there, and whole
	stores d >damage
	ok "$1: every store is whole" test ! -s damage
}

for tool in soc-plan soc-fetch raw-write raw-verify stage-normalize \
    diff-promote ready-report log-prune raw-prune; do
	in_front $tool 'exit 1'
	PATH=$PWD/front:$path
	soc run >out 2>err; got=$?
	ok "$tool fails: so does the run" test "$got" -ne 0
	PATH=$path; rm -r front
	sound "$tool fails"
done
run 0 soc run
content d >got
ok 'after nine failures: the undisturbed content' cmp want got

# The tool stands still while the signal comes.
wait_for() {
	i=0
	while [ ! -e "$1" ] && [ $i -lt 600 ]; do sleep 0.05; i=$((i + 1)); done
}
start_held() {		# start_held TOOL : a run that has got to TOOL
	rm -rf d reached; mkdir d
	in_front "$1" "touch reached; sleep 0.3; exec \"\$real\" \"\$@\""
	PATH=$PWD/front:$path
	soc_start run
	wait_for reached
}
check_end() {		# check_end NAME : it fails, and nothing is lost or left
	wait "$leader" 2>/dev/null; got=$?
	PATH=$path; rm -r front
	ok "$1: the run says so" test "$got" -ne 0
	# What the first program started may take a moment to end.
	i=0
	while [ -n "$(pgrep -s "$leader")" ] && [ $i -lt 100 ]; do
		sleep 0.05; i=$((i + 1))
	done
	ok "$1: no process is left" test -z "$(pgrep -s "$leader")"
	sound "$1"
	run 0 soc run "RUN=$(cat d/.make/soc/run 2>/dev/null)"
	content d >got
	ok "$1: continued, the same content" cmp want got
}
for how in INT:group TERM:make; do
	for tool in soc-fetch stage-normalize diff-promote ready-report; do
		start_held $tool
		case $how in
		*:group) kill -INT "-$leader" ;;
		*) kill -TERM "$leader" ;;
		esac
		check_end "$how in $tool"
	done
done
for victim in soc.mk.run soc-replica replica-run.sh soc.mk.*refresh \
    refresh.sh; do
	start_held stage-normalize
	# Not one that only has it as an argument.
	kill -KILL "$(pgrep -s "$leader" -f \
	    "^([^ ]*/)?(bash |make .*)?([^ ]*/)?$victim" | head -n 1)"
	check_end "KILL of $victim alone"
done

# Time has moved, and nobody has refreshed yet.
rm -rf d; mkdir d
in_front curl '"$real" "$@" || exit
case $* in *POST*) kill -KILL "-$(ps -o sess= $$ | tr -d " ")" ;; esac'
PATH=$PWD/front:$path
soc_start run
check_end 'KILL just after the tick'

# A second refresh beside the first: 75's message, with the owner.
in_front stage-normalize "touch reached; sleep 1; exec \"\$real\" \"\$@\""
rm -f reached
PATH=$PWD/front:$path
soc_start run TICKS=1
wait_for reached
with-lock d/.make/soc/lock true >out2 2>err2; got=$?
ok 'a second refresh is refused' test "$got" -eq 75
ok 'and hears who holds the lock' grep -q 'pid [0-9]' err2
with-lock d/.make/soc/replica.lock true >out2 2>err2; got=$?
ok 'so is a second replica' test "$got" -eq 75
wait "$leader" 2>/dev/null
PATH=$path

# What is touched while it is being staged is staged again.
in_front stage-normalize 'touch d/ptr/soc/20261/NB/courses
exec "$real" "$@"'
PATH=$PWD/front:$path
run 0 soc run TICKS=1
PATH=$path
run 1 soc -q build
run 0 soc build
run 0 soc -q build
finish
