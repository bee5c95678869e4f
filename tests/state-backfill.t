#!/bin/sh
# state-backfill: ranges that are to be asked for.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG
why='--why because'
fill() {		# fill STATUS ARG... : what would be added, as chosen
	_status=$1; shift
	run "$_status" state-backfill -c "$config" --why because "$@" </dev/null
}
said() { jq -r "select(.part) | $1" out | tr '\n' ' '; }
which='"\(.part.account)\(.part.day[8:])\(.part.report[:2])"'
actions() { ask 'SELECT count(*) FROM state_actions'; }

fill 66 account=A day=2026-11-01 report=sales
ok 'no ledger appears' test ! -e data
mkdir data
RUN=R1
{ answer A 2026-11-02 sales '[1]'; failure A 2026-11-03 sales
answer B 2026-11-02 stock '[2]'; } | enter

fill 0 -n account=A day=2026-11-01..2026-11-04 report=sales
ok 'a range, without what is valid' test "$(said "$which")" = \
    'A01sa A03sa A04sa '
ok 'which is said' grep -q 'left out, valid: 1' err
ok 'a dry run adds nothing' test "$(actions)" = 0
fill 0 -n --again account=A day=2026-11-01..2026-11-04 report=sales
ok 'with it' test "$(said "$which")" = 'A01sa A02sa A03sa A04sa '
fill 0 -n account=A day=2026-10-31..2026-11-01
ok 'all parts that are declared, also across months' test \
    "$(said "$which")" = 'A31sa A31st A01sa A01st '
fill 0 -n day=2026-11-02 report=sales
ok 'a member that is not named is as the ledger knows it' test \
    "$(said "$which")" = 'B02sa '
fill 0 -n day=2026-11-05..2026-11-06 report=stock
ok 'each of them once' test "$(said "$which")" = 'A05st A06st B05st B06st '
fill 0 -n account=1..3 day=2026-11-05 report=stock
ok 'numbers, too' test "$(said "$which")" = '105st 205st 305st '
fill 0 -n account=008..010 day=2026-11-05 report=stock
ok 'as wide as they are written' test "$(said "$which")" = \
    '00805st 00905st 01005st '
fill 0 -n account=1..2 day=2026-11-05..2026-11-06 report=stock
ok 'two ranges' test "$(said "$which")" = '105st 106st 205st 206st '
fill 0 account=A day=2026-11-01..2026-11-04 report=sales
ok 'added' test "$(ask "SELECT action, count(*) FROM state_actions")" = \
    'backfill|3'
fill 0 account=A day=2026-11-01..2026-11-04 report=sales
ok 'again: nothing more' test "$(said .outcome) $(actions)" = \
    'already already already  3'
RUN=R2
good A 2026-11-01 sales
fill 0 account=A day=2026-11-01..2026-11-01 report=sales
ok 'all is valid: nothing to do' test "$(jq -rs 'map(.type) | join(" ")' \
    out)" = end
fill 1 account=Z report=sales
ok 'no entry, in words' grep -q 'backfill: no entry' err
state-retry -q $why --terminal day=2026-11-03 >out 2>err
fill 1 account=A day=2026-11-03..2026-11-05 report=sales
ok 'what is terminal is blocked, the rest is added' test \
    "$(said '"\(.part.day[9:]):\(.outcome)"')" = \
    '3:blocked 4:already 5:added '
before=$(actions)
fill 1 account=A day=2026-01-01..2026-01-21 report=sales
ok 'more than 20 are asked about' test "$(actions)" = "$before"
fill 0 --yes account=A day=2026-01-01..2026-01-21 report=sales
ok '--yes does not ask' test "$(actions)" = $((before + 21))

fill 64
fill 64 word
fill 64 account=A day=2026-11-04..2026-11-01
fill 64 account=A day=2026-11-01..2026-11-31
fill 64 account=A day=2026-11-01..7
fill 64 account=A account=B
fill 64 other=1
fill 64 account=A day=2026-11-01 report=none
fill 64 account=1..2000000 day=2026-11-01
run 64 state-backfill -c "$config" account=A day=2026-11-01
ok 'a reason is needed' grep -q -e '--why is required' err
run 66 state-backfill -c none.json $why account=A
state-backfill -c "$config" $why account=A day=2026-11-01 >/dev/full 2>err
got=$?
ok 'a full standard output: 74' test "$got" -eq 74
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 1'
fill 65 account=A day=2026-11-01
mv keep data/ledger.sqlite
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN IMMEDIATE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
state-backfill -c "$config" $why account=A day=2026-11-20 >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
echo >go
wait
if [ -z "${SLUICE_SANITIZE-}" ] && strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ \
	    state-backfill -c "$config" $why account=A
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
finish
