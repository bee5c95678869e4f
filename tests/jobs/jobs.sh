# shellcheck shell=sh disable=SC2154 # $top is the caller's
# jobs.sh -- items of the queue of tests/jobs/pipeline.toml, by hand.
jobs=$top/tests/jobs/pipeline.toml

# items COUNT : so many item records, thing 1/1, 2/1, ..., and end.
items() {
	_i=0
	while [ $_i -lt "$1" ]; do
		_i=$((_i + 1))
		printf '{"type":"item","part":{"id":"%d","no":"1"},"url":"u%d"}\n' \
		    $_i $_i
	done
	printf '{"type":"end","n":%d}\n' "$1"
}

add() { items "$1" | job-add -q -c "$jobs" -d d -r r0 >/dev/null; }

sql() { sqlite3 d/jobs.sqlite "$@"; }

# unruled SQL : what no trigger would let pass; they are back afterwards.
unruled() {
	sql "SELECT sql || ';' FROM sqlite_schema
	    WHERE type = 'trigger' AND tbl_name = 'thing_queue'" >.triggers
	{
		echo 'BEGIN;'
		sql "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema
		    WHERE type = 'trigger' AND tbl_name = 'thing_queue'"
		echo "$1;"
		cat .triggers
		echo 'COMMIT;'
	} | sql
}

# put STATE WHERE : items into a state that only the loop brings them to.
put() { unruled "UPDATE thing_queue SET state = '$1' WHERE $2"; }
