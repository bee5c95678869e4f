#!/bin/sh
# state-retry: people's words about partitions, kept and obeyed.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG
why='--why because'

run 66 state-retry $why --all
ok 'no ledger appears' test ! -e data
mkdir data
RUN=R1
{ answer A 2026-11-01 sales '[1]'; failure A 2026-11-02 sales
failure A 2026-11-03 sales timeout; failure B 2026-11-02 stock
answer B 2026-11-03 sales '[2]'; } | enter
RUN=R2
bad B 2026-11-03 sales
said() { jq -r "select(.part) | $1" out | tr '\n' ' '; }
which='"\(.part.account)\(.part.day[9:]):\(.outcome)"'
actions() { ask 'SELECT count(*) FROM state_actions'; }
force() {		# force WANT : what is in force for those that failed
	state-inspect -q --format jsonl --last failed |
	    jq -r 'select(.part) | "\(.part.account)\(.part.day[9:])\(
	    .action // "-")"' | sort | tr '\n' ' ' >force
	ok "in force: $1" test "$(cat force)" = "$1"
}

run 64 state-retry --all
ok 'a reason is needed' grep -q -e '--why is required' err
run 64 state-retry $why
ok 'everything is refused without --all' grep -q 'name some, or --all' err
ok 'and nothing added' test "$(actions)" = 0
run 0 state-retry $why --all -n
ok 'a dry run tells' test "$(said "$which")" = \
    'A2:would_add A3:would_add B2:would_add B3:would_add '
ok 'and adds nothing' test "$(actions)" = 0

run 0 state-retry $why --who ann account=A day=2026-11-02
ok 'one' test "$(said "$which")" = 'A2:added '
echo '["type","source","dataset","part","action","outcome","at","who","why"]' \
    >want
sed -n 1p out | jq -c keys_unsorted >got
same 'an action record has its members in order' want got
ok 'with who, when and why' test "$(ask "SELECT who, why, action, command,
    at LIKE '____-__-__T%Z' FROM state_actions")" = \
    'ann|because|retry|state-retry --why because --who ann account=A day=2026-11-02|1'
force 'A2retry A3- B2- B3- '
run 0 state-retry $why --who ann account=A day=2026-11-02
ok 'again: it is in force already' test "$(said "$which")" = 'A2:already '
ok 'and no row more' test "$(actions)" = 1
ok 'the state is untouched' test "$(ask "SELECT count(*), sum(attempts)
    FROM partition_state")" = '2|3'
run 1 state-retry $why account=C
ok 'no entry, in words' grep -q 'retry: no entry' err
run 1 state-retry $why day=2026-11-01
ok 'what did not fail is none' grep -q 'retry: no entry' err
run 0 state-retry $why --status pending --since 2026-11-03
ok 'by status and date' test "$(said "$which")" = 'A3:added '
ok 'by the user' test "$(ask 'SELECT who FROM state_actions WHERE seq = 2')" = \
    "$(id -un)"
RUN=R3
bad A 2026-11-02 sales
force 'A2- A3retry B2- B3- '
good A 2026-11-03 sales '[3]'
ok 'an answer settles a request' test "$(state-inspect -q --format json \
    --status valid day=2026-11-03 account=A | jq -r '.[].action')" = null

# --- terminal ------------------------------------------------------------------
run 0 state-retry $why --terminal account=B
ok 'terminal' test "$(said "$which")" = 'B2:added B3:added '
force 'A2- B2terminal B3terminal '
run 0 state-retry $why --terminal account=B
ok 'again' test "$(said "$which")" = 'B2:already B3:already '
run 1 state-retry $why --all
ok 'a retry is blocked, the others are added' test "$(said "$which")" = \
    'A2:added B2:blocked B3:blocked '
ok 'which is said' grep -q 'added 1, already 0, blocked as terminal 2' err
run 0 state-retry $why --clear-terminal day=2026-11-03
ok 'cleared' test "$(said "$which")" = 'B3:added '
force 'A2retry B2terminal B3- '
run 1 state-retry $why --clear-terminal day=2026-11-03
ok 'there is nothing more to clear' grep -q 'no entry' err
run 0 state-retry $why account=B report=sales
force 'A2retry B2terminal B3retry '
run 64 state-retry $why --terminal --clear-terminal --all

# --- many ---------------------------------------------------------------------
RUN=R4 i=10
while [ $i -le 30 ]; do failure C 2026-10-$i sales; i=$((i + 1)); done | enter
before=$(actions)
run 1 state-retry $why account=C </dev/null
ok 'more than 20 are asked about' grep -q \
    'retry for 21 partitions? \[y/N\]' err
ok 'no answer is no' test "$(actions)" = "$before"
echo n >no
run 1 state-retry $why account=C <no
ok 'no is no' test "$(actions)" = "$before"
run 0 state-retry $why -n account=C </dev/null
ok 'a dry run does not ask' test "$(said .outcome | wc -w)" = 21
run 0 state-retry $why --until 2026-10-29 account=C </dev/null
ok 'nor is it asked about 20' test "$(actions)" = $((before + 20))
run 0 state-retry $why account=C </dev/null
ok 'nor if few are new' test "$(said .outcome)" = "$(
    printf 'already %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
    )added "
echo y >yes
run 0 state-retry $why --terminal account=C <yes
ok 'yes is yes' test "$(said .outcome | wc -w)" = 21
run 0 state-retry $why --clear-terminal --yes account=C </dev/null
ok '--yes does not ask' test "$(said .outcome | wc -w)" = 21

# --- trouble -------------------------------------------------------------------
run 64 state-retry $why --status good
run 64 state-retry $why --since x
run 64 state-retry $why word
state-retry $why --all --yes >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 1'
run 65 state-retry $why --all
mv keep data/ledger.sqlite
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN IMMEDIATE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
state-retry $why --terminal account=A >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
echo >go
wait
if [ -z "${SLUICE_SANITIZE-}" ] && strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ \
	    state-retry $why --all
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
killed_at() {		# killed_at CALL N : and repeated
	cp before.sqlite data/ledger.sqlite; rm -f data/ledger.sqlite-journal
	(strace -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    state-retry $why --terminal --yes account=C; exit $?) >out 2>err
	got=$?
	[ $got -ne 137 ] || n=$((n + 1))
	# What was told was added is there.
	told=$(grep -c '"outcome":"added"' out)
	there=$(ask "SELECT count(*) FROM state_actions")
	[ "$there" -ge $((told + had)) ] || wrong="$wrong told:$1:$2"
	state-retry $why --terminal --yes account=C >out 2>err ||
	    wrong="$wrong status:$1:$2"
	[ "$(actions)" = $((had + 21)) ] || wrong="$wrong rows:$1:$2"
	return $got
}
if strace -o /dev/null true 2>/dev/null; then
	cp data/ledger.sqlite before.sqlite
	had=$(actions) n=0 wrong=''
	each_call write:7,pwrite64:3,fsync,fdatasync,unlink killed_at
	ok "killed at each of $n calls and repeated: each once" \
	    test "$n" -gt 5 -a -z "$wrong"
	echo "#$wrong"
else
	skip 'killed at every step' 'no strace'
fi
finish
