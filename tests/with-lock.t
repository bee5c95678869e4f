#!/bin/sh
# with-lock: one holder at a time, its status and signals are the command's.
. "${0%/*}/lib.sh"

run 0 with-lock a/b/lock true
ok "the lock file and its folders are there" test -f a/b/lock
ok "it names the command" grep -q '^pid=[0-9]* .* name=true$' a/b/lock
run 7 with-lock lock sh -c 'exit 7'
ok "the command's status comes without a word" test ! -s err
run 0 with-lock --name 'refresh of soc' lock true
ok "--name says who" grep -q ' name=refresh of soc$' lock

# Hold it until told: the holder's own words come over a fifo.
mkfifo ready go
with-lock --name 'the first' lock sh -c 'echo up >ready; read -r _ <go' &
read -r _ <ready
run 75 with-lock lock true
ok "the holder is named" grep -q \
    'lock: held by the first (pid [0-9]*, alive)$' err
with-lock -w 60000 lock sh -c 'echo late >late' &
second=$!
ok "the waiting one has not run" test ! -e late
echo x >go
wait "$second"; got=$?
ok "the waiting one runs then" test "$got" -eq 0 -a -s late

# A child in the background keeps the lock; closing it would not.
with-lock lock sh -c '(read -r _ <go) & echo $! >child'
run 75 with-lock lock true
ok "it is told from its parent, who is gone" grep -q \
    'held by sh (pid [0-9]* is gone, but a process it started' err
# What else the text may be: of before a crash, of another host, damaged.
cp lock whole
held_by() {		# held_by SED-COMMANDS WHAT
	sed "$1" whole >lock
	run 75 with-lock lock true
	ok "$2" grep -q "lock: held by $2" err
}
held_by 's/boot=./boot=/' \
    'a process that left no name (before it sh, pid [0-9]* of an earlier boot)'
held_by 's/host=[^ ]*/host=far-away/' 'sh (pid [0-9]* on far-away)'
held_by 's/pid=/pid=-/' 'a process that left no name$'
echo x >go
run 0 with-lock -w 60000 lock true

# A killed holder leaves nothing behind.
with-lock lock sh -c 'echo up >ready; exec sleep 60' & pid=$!
read -r _ <ready
kill -KILL "$pid"; wait "$pid" 2>/dev/null
run 0 with-lock -w 60000 lock true

# Signals reach the command itself.
with-lock lock sh -c 'trap "kill \$!; exit 9" TERM; sleep 60 &
	echo up >ready; wait' & pid=$!
read -r _ <ready
kill -TERM "$pid"; wait "$pid"; got=$?
ok "TERM is the command's business" test "$got" -eq 9
run 0 with-lock -w 60000 lock sed -n 's/^SigIgn:.*\(....\)$/\1/p' /proc/self/status
ok "SIGPIPE is not ignored" grep -q '^[02468ace]' out

run 64 with-lock
run 64 with-lock lock
run 64 with-lock -w soon lock true
run 66 with-lock lock no-such-command
ok "it is named" grep -q no-such-command err
: >plain; chmod 600 plain
run 71 with-lock lock ./plain
run 74 with-lock . true
run 74 with-lock plain/lock true
finish
