#!/bin/sh
# sluice-consumer(7): its consumers, as they stand there, do what it says.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG

# Each example begins with a comment that is its name.
awk '/^\.Bd/ { on = 1; file = ""; next } /^\.Ed/ { on = 0 }
    on && file == "" { file = $2 }
    on { gsub(/\\e/, "\\"); print >file }' "$top/man/sluice-consumer.7"
for file in copy.sh totals.sh loads.sql; do
	ok "$file has about ten lines" test "$(wc -l <$file)" -ge 8 -a \
	    "$(wc -l <$file)" -le 12
done
mkdir data
RUN=R1
{ answer A 2026-11-01 sales '[1]'; answer A 2026-11-02 sales '[1,2]'
failure A 2026-11-03 sales; } | enter

all() {			# all : run the three, as the page says
	run 0 raw-list --source shop --cursor copy.cursor sh -eu copy.sh
	run 0 raw-list --cursor totals.cursor sh -eu totals.sh
	run 0 sqlite3 loads.sqlite <loads.sql
}
copies() { (cd copy && grep . ./* | tr '\n' ' '); }
loads() { sqlite3 loads.sqlite "SELECT part_path || '=' || run || ':' ||
    record_count FROM loads ORDER BY 1" | tr '\n' ' '; }
totals() { jq -r 'to_entries | sort_by(.key)[] |
    "\(.key[5:])=\(.value.run):\(.value.n)"' totals.json | tr '\n' ' '; }
all
ok 'sh: what is valid' test "$(copies)" = \
    './A_2026-11-01_sales:[1] ./A_2026-11-02_sales:[1,2] '
ok 'jq: what is valid' test "$(totals)" = \
    'A/2026-11-01/sales=R1:1 A/2026-11-02/sales=R1:2 '
ok 'SQL: what is valid' test "$(loads)" = \
    'A/2026-11-01/sales=R1:1 A/2026-11-02/sales=R1:2 '
RUN=R2
{ answer A 2026-11-01 sales '[1,2,3]'; failure A 2026-11-02 sales
answer B 2026-11-02 sales '[9]'; } | enter
RUN=R0
good A 2026-11-02 sales '[0]'
: >copy/A_2026-11-02_sales
all
ok 'sh: what changed, and nothing else' test "$(copies)" = \
    './A_2026-11-01_sales:[1,2,3] ./B_2026-11-02_sales:[9] '
rows='A/2026-11-01/sales=R2:3 A/2026-11-02/sales=R1:2 B/2026-11-02/sales=R2:1 '
ok 'jq: what changed' test "$(totals)" = "$rows"
ok 'SQL: what changed' test "$(loads)" = "$rows"
cp -p totals.json before
all
ok 'nothing changed: nothing is done' test -z \
    "$(find totals.json -newer before)"
ok 'and what there is stays' test "$(totals)" = "$rows"

# Killed between reading and its cursor, at any moment: seen again.
RUN=R3
good A 2026-11-02 sales '[7]'
if strace -o /dev/null true 2>/dev/null; then
	n=0 wrong=''
	cp copy.cursor cursor.before
	killed_at() {	# killed_at CALL N : in any process of the consumer
		cp cursor.before copy.cursor
		echo old >copy/A_2026-11-02_sales
		(strace -f -qq -o /dev/null -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$2" raw-list --source shop \
		    --cursor copy.cursor sh -eu copy.sh; exit $?) >out 2>err
		got=$?
		[ "$(cat copy/A_2026-11-02_sales)" = '[7]' ] ||
		    cmp -s copy.cursor cursor.before ||
		    wrong="$wrong skipped:$1:$2"
		raw-list --source shop --cursor copy.cursor sh -eu copy.sh \
		    >out 2>err || wrong="$wrong status:$1:$2"
		[ "$(cat copy/A_2026-11-02_sales)" = '[7]' ] ||
		    wrong="$wrong lost:$1:$2"
		n=$((n + 1))
		return $got
	}
	for call in write rename execve fsync; do
		for nth in 1 2 3 4; do killed_at $call $nth; done
	done
	ok "killed at $n moments: seen again, never skipped" test -z "$wrong"
	echo "#$wrong"
else
	skip 'killed at any moment' 'no strace'
fi
finish
