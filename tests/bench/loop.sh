#!/bin/bash
# What the item loop costs: N items through a worker that does nothing, with
# a durable transaction for each, next to the same statements without any
# worker (sqlite3(1), one process, the same pragmas: a claim and an end per
# item) and to parallel --joblog -j1 with an empty command.  Then 10 items in
# one transaction, and the peak memory with 10^6 items that wait.  The
# limits: 0.7 times the bare statements, 4 times parallel, 16 MB.
#
# On a disk, since that is what a durable transaction waits for: TMPDIR=DIR
# measures another.
#
# usage: loop.sh [N]
set -eu
N=${1:-2000}
top=$(cd "${0%/*}/../.." && pwd)
PATH=$top/build/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset SLUICE_LOG
toml-json "$top/tests/job-loop/things.toml" | jq 'del(.queue.things.step.read.parts)
    | .queue.things.step.read.worker = "exec ./empty" | .queue.things.lease_s = 60' >c.json
cat >empty.c <<'E2'
/* A worker that closes each item at once, without rows. */
#include <stdio.h>
#include <string.h>
int
main(void)
{
	static char line[1 << 20];
	char *p, *end;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strncmp(line, "{\"type\":\"end\"", 13) == 0)
			break;
		p = strstr(line, "\"part\":");
		end = strchr(p, '}');
		printf("{\"type\":\"done\",%.*s},\"n\":0}\n", (int)(end - p), p);
		fflush(stdout);
	}
	return puts("{\"type\":\"end\"}") == EOF;
}
E2
cc -O2 -o empty empty.c
fill() {		# fill N : that many items wait, in a new database
	rm -rf d
	job-loop -q -c c.json -d d -r R0 things read >/dev/null
	sqlite3 d/s.sqlite "INSERT INTO thing_queue (id, state, due_at,
	    changed_at, added_at, seen_at) SELECT printf('%07d', value),
	    'waiting', t, t, t, t FROM generate_series(1, $1),
	    (SELECT '2026-01-01T00:00:00.000Z' AS t)"
}
rate() {		# rate NAME COMMAND... : items a second; in $got
	local name=$1 TIMEFORMAT=%R t
	shift
	t=$({ time "$@" >out 2>err; } 2>&1) || { tail -n 3 err; exit 1; }
	got=$(awk -v t="$t" -v n="$N" 'BEGIN { printf "%.0f", n / t }')
	printf '%-24s %9s items/s\n' "$name" "$got"
}
ratio() {		# ratio NAME A B LIMIT
	awk -v a="$2" -v b="$3" -v l="$4" -v n="$1" 'BEGIN {
	    printf "%-24s %9.2f (limit %s)\n", n, a / b, l }'
}

# The statements of a claim and of an end, as the queue's own code makes
# them, for each item in turn.
bare() {
	awk -v n="$N" 'BEGIN {
	    print "PRAGMA foreign_keys = ON;"
	    w = "owner IS NULL AND state = \x27waiting\x27"
	    due = "FROM thing_queue INDEXED BY thing_queue_due WHERE " w
	    t = "\x272026-01-02T00:00:00.000Z\x27"
	    for (i = 1; i <= n; i++) {
		print "SELECT item_id " due " AND priority = 0 AND due_at <= " t \
		    " ORDER BY due_at, id LIMIT 1;"
		print "BEGIN IMMEDIATE;"
		print "SELECT priority " due " ORDER BY priority DESC LIMIT 1;"
		print "UPDATE thing_queue SET owner = \x27pid=1\x27, epoch = epoch + 1," \
		    " lease_until = " t ", claimed_at = " t " WHERE item_id = " i ";"
		print "SELECT epoch, tries, id FROM thing_queue WHERE item_id = " i ";"
		print "COMMIT;"
		print "SELECT priority, url FROM thing_queue WHERE item_id = " i ";"
		print "BEGIN IMMEDIATE;"
		print "SELECT 1 FROM thing_queue WHERE item_id = " i " AND epoch = 1;"
		print "INSERT INTO thing_queue_attempts (item_id, epoch, step, run," \
		    " started_at, ended_at, outcome) SELECT item_id, epoch, \x27read\x27," \
		    " \x27R1\x27, claimed_at, " t ", \x27ok\x27 FROM thing_queue" \
		    " WHERE item_id = " i ";"
		print "INSERT INTO queue_actor (one, role, at, step, run) VALUES" \
		    " (1, \x27loop\x27, " t ", \x27read\x27, \x27R1\x27);"
		print "UPDATE thing_queue SET state = \x27done\x27, owner = NULL," \
		    " lease_until = NULL, claimed_at = NULL, tries = 0, due_at = " t "," \
		    " changed_at = " t ", changed_run = \x27R1\x27 WHERE item_id = " i ";"
		print "DELETE FROM queue_actor;"
		print "COMMIT;"
	    }
	}' >bare.sql
	rate 'bare statements' sqlite3 d/s.sqlite <bare.sql
}

printf '%d items, an empty worker\n' "$N"
fill "$N"; bare; bare=$got
fill "$N"
rate 'job-loop' job-loop -q -c c.json -d d -r R1 things read; loop=$got
fill "$N"
rate 'job-loop --group 10' job-loop -q -c c.json -d d -r R1 --group 10 \
    --in-flight 10 things read
ratio 'to the bare statements' "$loop" "$bare" 0.7
ratio 'group to single' "$got" "$loop" -
if command -v parallel >/dev/null; then
	n=$N; N=$((N < 300 ? N : 300))
	seq "$N" >ids
	rate 'parallel --joblog -j1' parallel --will-cite --joblog log -j1 true :::: ids
	N=$n
	ratio 'to parallel' "$loop" "$got" 4
fi
fill 1000000
timeout -s INT 3 /usr/bin/time -f %M -o peak job-loop -q -c c.json -d d -r R1 \
    things read >/dev/null 2>&1 || true
awk 'END { printf "%-24s %9.1f MB (limit 16)\n", "peak, 10^6 items wait", $1 / 1024 }' peak
