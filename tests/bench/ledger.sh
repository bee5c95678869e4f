#!/bin/bash
# What a look at the ledger costs with N partitions, next to sqlite3(1) with
# the same question put plainly to the same file: ms of the best of five,
# start included, and ms of CPU.  The limit is 50 ms for --counts and for
# whatever has --limit 50, on a machine that does nothing else.
#
# usage: ledger.sh [N]
set -eu
N=${1:-100000}
top=$(cd "${0%/*}/../.." && pwd)
PATH=$top/build/bin:$PATH
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
run-new -q -d data --source shop >/dev/null
sh "$top/tests/bench/partitions.sh" "$N" | sqlite3 data/ledger.sqlite

best() {		# best COMMAND... : "ms cpu_ms", the best of five
	local TIMEFORMAT='%R %U %S' t
	for _ in 1 2 3 4 5; do
		t=$({ time "$@" >out 2>err || true; } 2>&1)
		awk '{ print $1 * 1000, ($2 + $3) * 1000 }' <<<"$t"
	done | awk 'NR == 1 || $1 < a { a = $1 } NR == 1 || $2 < b { b = $2 }
	    END { print a, b }'
}
# row NAME QUERY ARG... : state-inspect with ARGs, and QUERY
row() {
	local name=$1 query=$2 ours peer
	shift 2
	ours=$(best state-inspect "$@")
	peer=$(best sqlite3 -readonly data/ledger.sqlite "$query")
	awk -v name="$name" -v ours="$ours" -v peer="$peer" 'BEGIN {
	    split(ours, o, " "); split(peer, p, " ")
	    printf "%-28s %7.0f %7.0f %9.0f %7.0f %6.2f\n", name, o[1], o[2],
	    p[1], p[2], (p[2] > 0) ? o[2] / p[2] : 0 }'
}
echo "$N partitions, $(stat -c %s data/ledger.sqlite) bytes"
printf '%-28s %7s %7s %9s %7s %6s\n' '' ms cpu 'sqlite3' cpu ratio
row start 'SELECT 1' --version
p=partition_state
row --counts "SELECT source, status, last_attempt, count(*) FROM $p
    GROUP BY 1, 2, 3" --counts
o='ORDER BY updated_at DESC LIMIT 50'
row 'newest' "SELECT * FROM $p $o" --limit 50
row 'one account' "SELECT * FROM $p WHERE
    part ->> '\$.account' = '1000000007' $o" --limit 50 account=1000000007
row 'no such account' "SELECT * FROM $p WHERE
    part ->> '\$.account' = 'none' $o" --limit 50 account=none
row 'invalid, of two days' "SELECT * FROM $p WHERE status = 'invalid' AND
    part ->> '\$.day' BETWEEN '2024-01-01' AND '2024-01-02' $o" \
    --limit 50 --status invalid --since 2024-01-01 --until 2024-01-02
row 'no such dataset' "SELECT * FROM $p WHERE dataset = 'x' $o" \
    --limit 50 --dataset x
row pending "SELECT * FROM partition_asked WHERE pending
    ORDER BY failed_at DESC LIMIT 50" --limit 50 --status pending
row 'counts of an account' "SELECT source, status, last_attempt, count(*)
    FROM $p WHERE part ->> '\$.account' = '1000000007' GROUP BY 1, 2, 3" \
    --counts account=1000000007
row --freshness "SELECT part ->> '\$.account', part ->> '\$.report',
    max(part ->> '\$.day') AS d, count(*) FROM $p WHERE status = 'valid'
    GROUP BY 1, 2 ORDER BY d LIMIT 50" --freshness --limit 50
row --gaps "SELECT * FROM (SELECT part ->> '\$.account', part ->> '\$.day' AS
    d, lag(part ->> '\$.day') OVER (PARTITION BY part ->> '\$.account',
    part ->> '\$.report' ORDER BY part ->> '\$.day') AS b FROM $p
    WHERE status = 'valid') WHERE julianday(d) - julianday(b) > 1 LIMIT 50" \
    --gaps --limit 50
row --retries "SELECT source, CASE WHEN attempts < 3 THEN 1 WHEN attempts < 6
    THEN 3 WHEN attempts < 11 THEN 6 ELSE 11 END AS b, count(*) FROM $p
    GROUP BY 1, 2" --retries --limit 50
row --actions 'SELECT * FROM state_actions ORDER BY seq DESC LIMIT 50' \
    --actions --limit 50
