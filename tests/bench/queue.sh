#!/bin/bash
# What a claim costs from a queue of many items, next to one of few: us of
# the best of five rounds of 100 claims, each a durable transaction, and us
# of CPU without the disk.  The limit is twice as much from 1,000,000.
#
# usage: queue.sh [MANY [FEW]]
set -eu
many=${1:-1000000} few=${2:-10000}
top=$(cd "${0%/*}/../.." && pwd)
PATH=$top/build/bin:$PATH
decl=$top/tests/jobs/pipeline.toml
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
read -ra libs < <(sed -n '/^LDLIBS/,/[^\\]$/p' "$top/Makefile" |
    tr -d '\\\n' | sed 's/.*?=//'; echo)
${CC:-cc} -O2 -std=c17 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE \
    -iquote "$top/lib" -Wl,--as-needed -o "$work/claims" \
    "$top/tests/bench/claims.c" "$top/build/libsluice.a" \
    "${libs[@]}"
ln -s "$top/build/bin/toml-json" "$work/toml-json"

# fill N : DATA/N has so many items, of which each tenth is not yet due.
fill() {
	echo '{"type":"item","part":{"id":"0","no":"0"}}' |
	    job-add -q --partial -c "$decl" -d "$work/$1" >/dev/null
	sqlite3 "$work/$1/jobs.sqlite" "PRAGMA synchronous = OFF;
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < $1)
	    INSERT INTO thing_queue (id, no, url, state, priority, due_at,
		changed_at, added_at, seen_at)
	    SELECT i, i % 7, 'https://example.org/things/' || i, 'new',
		i % 3, iif(i % 10 = 0, '2999', '2026-11-30T00:00:00.000Z'),
		't', 't', 't' FROM n" >/dev/null
}
for n in "$few" "$many"; do
	fill "$n"
	echo "$n $("$work/claims" "$decl" "$work/$n" 5 100)"
done | awk '
    BEGIN { printf "%12s %10s %10s\n", "items", "us", "us of CPU" }
    { printf "%12d %10d %10d\n", $1, $2, $3; us[NR] = $2; cpu[NR] = $3 }
    END { printf "%12s %10.2f %10.2f\n", "ratio", us[2] / us[1],
	cpu[2] / cpu[1] }'
