#!/bin/sh
# changes-cat: every version once, in order, whole, and each exit status.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"

changes() { want=$1; shift; run "$want" changes-cat -c "$toy" -d d "$@"; }
rows() { canon-cat -c "$toy" -d d "$@"; }
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT
promote() {		# promote RUN TOWN <SQL
	three "$1" "$2"
	diff-promote -q -c "$toy" -d d -r "$1" "x/$2" >"$1.$2.out" || echo bad
}
heads() { jq -r 'select(.type == "version") |
    "\(.seq) \(.dataset) \(.version) \(.parent)"' out; }

changes 66
is 'no database: the stream says so' "$(cat out)" \
    '{"type":"abort","status":66,"reason":"noinput"}'

# --- versions and their changes
promote r1 b </dev/null; promote r1 a </dev/null
promote r2 a <<'SQL'
UPDATE items SET name = 'uno' WHERE code = '1';
SQL
promote r2 a <<'SQL'
UPDATE items SET name = 'due' WHERE code = '1';
DELETE FROM items WHERE code = '3';
SQL
changes 0
is 'in the order in which they became true' "$(heads)" '1 x/b r1 null
2 x/a r1 null
3 x/a r2 r1
4 x/a r2.002 r2'
sqlite3 d/toy.sqlite "SELECT json_object('type', 'version', 'run', run,
    'source', 'toy', 'dataset', dataset, 'version', version_id, 'seq', seq,
    'parent', parent, 'promoted_at', promoted_at, 'inserted', 0, 'updated', 1,
    'deleted', 1) FROM dataset_versions WHERE seq = 4" >want
grep '"seq":4' out >got
same 'a version record' want got
for run in r1.b r1.a; do
	sed '$d' $run.out
done >want
sed '$d' d/diff/toy/x/a/r2.jsonl >>want
sed '$d' d/diff/toy/x/a/r2.002.jsonl >>want
grep '"change"' out >got
same 'and the changes of each, as they were promoted' want got
is 'as many as it says' "$(jq -s 'map(select(.type == "version") |
    .inserted + .updated + .deleted) | add' out)" "$(grep -c . want)"
is 'the last record is end' "$(tail -n 1 out)" '{"type":"end","n":21}'
cp out all

changes 0 --since 2
is 'since a seq' "$(heads | cut -c1)" '3
4'
changes 0 --since r1 --dataset x/a
is 'since a version' "$(heads | cut -c1)" '3
4'
at=$(sqlite3 d/toy.sqlite 'SELECT promoted_at FROM dataset_versions WHERE seq = 3')
changes 0 --since "$at"
is 'since an instant' "$(heads)" '4 x/a r2.002 r2'
changes 0 --since 4
is 'nothing since' "$(cat out)" '{"type":"end","n":0}'
changes 0 --dataset x/b
is 'of one dataset' "$(heads)" '1 x/b r1 null'
changes 0 --dataset x/none
is 'of one without versions' "$(cat out)" '{"type":"end","n":0}'

# --- files are exports: the history says the same
cp -r d/diff whole
rm d/diff/toy/x/b/r1.jsonl
chmod u+w d/diff/toy/x/a/*
sed '$d' whole/toy/x/a/r2.jsonl >d/diff/toy/x/a/r2.jsonl
: >d/diff/toy/x/a/r1.jsonl
changes 0
same 'a file that is gone, cut or empty' all out
ok 'and nothing is said' test ! -s err

# --- a consumer that is killed anywhere has every version once
consumer=$top/tests/toy/consumer.pl
seq_of() { jq .seq "$1" 2>/dev/null || echo 0; }
follow() {		# follow STATE [LINES] : go on from where it is
	changes-cat -q -c "$toy" -d d --since "$(seq_of "$1")" \
	    --dataset "$2" >stream || echo "status $?" >>odd
	perl "$consumer" follow "$1" ${3+"$3"} <stream 2>>odd
}
edit() {		# edit RUN TOWN N : promote something like the last
	promote "$1" "$2" <<-SQL
	UPDATE items SET n = $3, name = nullif('n' || $3 % 3, 'n0')
	    WHERE code = '$(($3 % 3 + 1))';
	DELETE FROM boxes WHERE $3 % 2 AND box IS NULL;
	INSERT INTO items (code, more) SELECT 100 + $3, '[$3]' WHERE $3 % 4 = 1;
	INSERT INTO shops (shop) SELECT 's$3' WHERE $3 % 3 = 1;
	SQL
}
rm -r d; i=0
while [ $i -lt 14 ]; do
	i=$((i + 1)); run=s$(printf %02d $i)
	town=$(echo a a b | cut -d' ' -f$((i % 3 + 1)))
	edit "$run" "$town" $i
	[ $((i % 4)) -ne 0 ] || edit "$run" "$town" $((i + 5))	# continued
	[ $((i % 3)) -ne 0 ] || find d/diff -name "*${i}.jsonl" -delete
	for town in a b; do
		# Killed, cut short by a killed producer, and killed again.
		follow mine.$town x/$town $((i * 7 % 11))
		changes-cat -q -c "$toy" -d d --dataset x/$town \
		    --since "$(seq_of mine.$town)" | head -n $((i * 5 % 9)) |
		    perl "$consumer" follow mine.$town 2>>odd
		follow mine.$town x/$town $((i * 3 % 17))
	done
	[ $((i % 5)) -ne 0 ] || rows --versions >"bootstrap.$i"
done >log 2>&1
for town in a b; do
	follow mine.$town x/$town
	jq -r '.taken[]' mine.$town >got
	sqlite3 d/toy.sqlite "SELECT dataset || ' ' || version_id
	    FROM dataset_versions WHERE dataset = 'x/$town' ORDER BY seq" >want
	same "town $town: each version once, in order" want got
	jq -cS '.rows[]' mine.$town | sort >got
	rows --dataset x/$town | jq -cS '.row // empty' | sort >want
	same "town $town: the rows it has are the rows there are" want got
done
ok 'there were many, and continued runs' test "$(sqlite3 d/toy.sqlite "SELECT
    count(*) > 15 AND sum(version_id LIKE '%.002') > 2
    FROM dataset_versions")" -eq 1

# --- read all, then go on from there
for i in 5 10; do
	perl "$consumer" fill "boot.$i" <"bootstrap.$i"
	changes-cat -q -c "$toy" -d d --since "$(seq_of boot.$i)" >stream
	perl "$consumer" follow "boot.$i" <stream 2>>odd
	jq -cS '.rows[]' "boot.$i" | sort >got
	rows | jq -cS '.row // empty' | sort >want
	same "from all rows after run $i on" want got
done
ok 'no version came twice, or did not fit' sh -c '! grep -v Killed odd'

# --- what is not kept any more
newest=$(sqlite3 d/toy.sqlite 'SELECT max(seq) FROM dataset_versions')
cp d/toy.sqlite kept.sqlite
sqlite3 d/toy.sqlite "DELETE FROM dataset_versions WHERE seq IN (1, 2, 3)"
changes 66
ok 'says what to do' grep -q \
    'since seq 0: not all versions are kept.*canon-cat --versions' err
is 'tells nothing' "$(cat out)" \
    '{"type":"abort","status":66,"reason":"noinput"}'
changes 66 --since 2
changes 0 --since 3
is 'what was known before is not missed' "$(heads | head -n 1 | cut -c1)" 4
first=$(sqlite3 d/toy.sqlite "SELECT dataset || '/' || version_id
    FROM dataset_versions WHERE seq = 4")
rm -f "d/diff/toy/$first.jsonl"
changes 66 --since 3
ok 'nor guessed from half a history' grep -q 'changes are not kept' err
changes 66 --since $((newest + 1))
changes 66 --since s99
ok 'no such version' grep -q 's99: no such version' err
cp kept.sqlite d/toy.sqlite

# --- each exit status
run 64 changes-cat -d d
changes 64 --dataset x
changes 64 operand
run 66 changes-cat -c none.json -d d
sed 's/"price"/"prize"/' "$toy" >other.json
run 73 changes-cat -c other.json -d d
if [ -z "${SLUICE_SANITIZE-}" ]; then
	run 71 starved changes-cat -c "$toy" -d d
else
	skip 'no memory' 'sanitizers need more'
fi
changes-cat -c "$toy" -d d >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
ok '/dev/full: says so' grep -q 'standard output: No space left' err
changes-cat -c "$toy" -d d >&- 2>err; got=$?
is 'closed stdout: 74' $got 74
mkfifo hold
sqlite3 d/toy.sqlite <hold >held & holder=$!
exec 9>hold
printf 'BEGIN EXCLUSIVE;\n.print locked\n' >&9
while ! grep -q locked held && kill -0 $holder; do sleep 0.02; done
changes-cat -c "$toy" -d d >out 2>err & waiter=$!
asleep $waiter
kill -TERM $waiter; wait $waiter; got=$?
is 'a stop while it waits: 75' $got 75
exec 9>&-
wait $holder
echo 'no database at all, only text' >d/toy.sqlite
changes 65
finish
