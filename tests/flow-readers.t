#!/bin/sh
# Readers that stay open against a writer that makes version after version:
# each answer is one version's content, whole, and the writer gets its turn.
# READERS=60 does so for a minute; else there are 15 versions.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT
WAIT=10000		# what the writer is allowed, in ms
SLUICE_LOG=$PWD/log; export SLUICE_LOG

# Version N has 20 items, or 21 if N is odd, with n = N; N % 7 boxes named N;
# and one shop, vN.  So every row changes with every version.
version() {		# version N : stage and promote it
	_run=$(printf 'r%05d' "$1")
	stage "$_run" a <<-SQL
	INSERT INTO items (code, n) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL
	    SELECT i + 1 FROM c WHERE i < 20 + $1 % 2) SELECT i, $1 FROM c;
	INSERT INTO boxes (code, box) SELECT code, $1 FROM items
	    WHERE CAST(code AS INTEGER) <= $1 % 7;
	INSERT INTO shops (shop) VALUES ('v$1');
	SQL
	diff-promote -q -c "$toy" -d d -r "$_run" -w $WAIT x/a >promoted
}

# The number of the version that i, b and s are, or what is wrong with them.
whole="SELECT CASE WHEN min(n) = max(n) AND count(*) = 20 + max(n) % 2
    AND (SELECT count(*) FROM b) = max(n) % 7
    AND (SELECT count(*) FROM b WHERE box <> (SELECT n FROM i)) = 0
    AND (SELECT group_concat(shop) FROM s) = 'v' || max(n)
    THEN max(n) ELSE 'mixed' END FROM i"
now="WITH i AS (SELECT * FROM items), b AS (SELECT * FROM boxes),
    s AS (SELECT * FROM shops) $whole;"
any="SELECT version_id AS id FROM dataset_versions
    WHERE promoted_at IS NOT NULL ORDER BY random() LIMIT 1"
at() { echo "SELECT t.* FROM $1_as_of AS t, v WHERE as_of = v.id"; }
as_of="WITH v AS MATERIALIZED ($any), i AS ($(at items)), b AS ($(at boxes)),
    s AS ($(at shops))
    SELECT CAST(substr(id, 2) AS INTEGER) || ' ' || ($whole) FROM v;"

# --- the readers: each writes its answers to a file of its name
shell() { sqlite3 -readonly -cmd ".timeout $WAIT" d/toy.sqlite "$@" 2>&1; }
lists() {		# lists FILE [OPTION...] : canon-cat's rows, as a number
	_rows=$1; shift
	canon-cat -c "$toy" -d d "$@" >"$_rows" || echo "exits $?"
	sed -n 's/.*"n":\([0-9]*\),.*/i \1/p; s/.*"shop":"v\([0-9]*\)".*/s \1/p
	    s/.*"box":"\([0-9]*\)".*/b \1/p' "$_rows" | sort | uniq -c | awk '
	    { n[$2] = $1; v = $3; seen[v] = 1 }
	    END { for (x in seen) versions++
		print versions == 1 && n["i"] == 20 + v % 2 &&
		    n["b"] + 0 == v % 7 && n["s"] == 1 ? v : "mixed" }'
}
moments() { shell "$now"; }
past() { shell "$as_of"; }
older() {		# any version that is kept, by canon-cat
	_version=$(shell "$any")
	echo "$(echo "$_version" | sed 's/r0*//') $(lists older.rows \
	    --dataset x/a --as-of "$_version")"
}
stays() {		# stays SECONDS : a transaction as long, from end to end
	shell BEGIN "$now" ".shell sleep $1" "$now" COMMIT | paste -d ' ' - -
}
read_on() {		# read_on FILE READER... : again and again
	_file=$1; shift
	while [ ! -e finished ]; do "$@"; done >"$_file" 2>&1
}

# --- a minute of it, or some
version 1 || echo 'Bail out! nothing to read'
read_on lists lists rows & read_on moments moments &
read_on past past & read_on older older &
read_on stays stays 0.01 & read_on longer stays 0.05 &
read_on longest stays 0.15 &
last=$(($(date +%s) + ${READERS-0})) n=1 refused=0
while [ $n -lt 15 ] || [ "$(date +%s)" -lt $last ]; do
	n=$((n + 1))
	version $n 2>err || refused=$((refused + 1))
done
: >finished
wait
is 'the writer waited no longer than it was allowed' $refused 0
is 'all versions were made' "$(sqlite3 d/toy.sqlite "SELECT count(*)
    FROM dataset_versions WHERE promoted_at IS NOT NULL")" $n
echo "# $n versions, the slowest took $(jq -s 'map(.ms) | max' log) ms"

# What a reader sees is whole, and only goes forward.
each() {		# each FILE PATTERN : is every line so, and is there one?
	grep -nvx "$2" "$1" | head >odd
	cat odd
	[ -s "$1" ] && [ ! -s odd ]
}
for who in lists moments; do
	echo "# $who: $(wc -l <$who) answers"
	ok "$who: every answer is one version" each $who '[1-9][0-9]*'
	ok "$who: never an older one again" sort -nc $who
done
for who in past older stays longer longest; do
	echo "# $who: $(wc -l <$who) answers"
	ok "$who: each is the version that it should be" \
	    each $who '\([1-9][0-9]*\) \1'
done

# --- nothing is left, and nothing takes space but what is kept
ok 'no journal stays' test ! -e d/toy.sqlite-journal
sqlite3 d/toy.sqlite 'VACUUM INTO "packed.sqlite"'
full=$(stat -c %s d/toy.sqlite) packed=$(stat -c %s packed.sqlite)
echo "# $full bytes, $packed when packed, $((packed / n)) a version"
ok 'the database is no larger than what it keeps' test \
    "$full" -le $((packed * 3 / 2 + 65536))
is 'the history is that of each version, once' "$(sqlite3 d/toy.sqlite \
    'SELECT count(*) FROM shops_history')" $((n - 1))
finish
