#!/bin/sh
# canon-cat: rows by declared type, of one moment, and each exit status.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"

cat_() {		# cat_ STATUS [OPTION...] [TABLE...]
	want=$1; shift
	run "$want" canon-cat -c "$toy" -d d "$@"
}
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT

cat_ 66
is 'no database: the stream says so' "$(cat out)" \
    '{"type":"abort","status":66,"reason":"noinput"}'

three r1 b </dev/null
diff-promote -q -c "$toy" -d d -r r1 x/b >/dev/null
three r1 a <<'SQL'
UPDATE items SET more = '{"b":[1,2]}', extra = '{"odd":null}' WHERE code = '2';
SQL
diff-promote -q -c "$toy" -d d -r r1 x/a >/dev/null

cat_ 0 items
cat >want <<'EOF'
{"type":"row","source":"toy","dataset":"x/a","table":"items","row":{"land":"x","town":"a","code":"1","name":"one","n":1,"price":1.5,"good":true,"occurrence":1}}
{"type":"row","source":"toy","dataset":"x/a","table":"items","row":{"land":"x","town":"a","code":"2","name":"two","n":2,"price":2.5,"good":false,"more":{"b":[1,2]},"occurrence":1,"extra":{"odd":null}}}
{"type":"row","source":"toy","dataset":"x/a","table":"items","row":{"land":"x","town":"a","code":"3","n":3,"occurrence":1}}
{"type":"row","source":"toy","dataset":"x/b","table":"items","row":{"land":"x","town":"b","code":"1","name":"one","n":1,"price":1.5,"good":true,"occurrence":1}}
{"type":"row","source":"toy","dataset":"x/b","table":"items","row":{"land":"x","town":"b","code":"2","name":"two","n":2,"price":2.5,"good":false,"occurrence":1}}
{"type":"row","source":"toy","dataset":"x/b","table":"items","row":{"land":"x","town":"b","code":"3","n":3,"occurrence":1}}
{"type":"end","n":6}
EOF
same 'rows by type, in key order' want out
cat_ 0 --dataset x/b shops boxes
is 'tables as asked, of one dataset' "$(jq -r '"\(.table) \(.dataset)
    \(.row.box)"' out | tr -s '\n ' ' ')" \
    'shops x/b null boxes x/b null boxes x/b null boxes x/b b null null null '
cat_ 0
is 'all tables in declared order' \
    "$(jq -r '.table // empty' out | uniq | tr '\n' ' ')" \
    'items boxes shops '
cat_ 0 --provenance shops
is 'provenance' "$(head -n 1 out)" '{"type":"row","source":"toy","dataset":"x/a","table":"shops","row":{"land":"x","town":"a","shop":"s","occurrence":1,"row_hash":"","valid_from":"r1"}}'
cat_ 66 --dataset x/none
ok 'a dataset that is none is told' grep -q 'x/none: no such dataset' err

cat_ 0 --versions shops
is 'the versions before the rows' "$(jq -rc '[.type, .dataset, .seq]' out)" \
    '["version","x/a",2]
["version","x/b",1]
["row","x/a",null]
["row","x/b",null]
["end",null,null]'
changes-cat -c "$toy" -d d >changes
sed -n 1p out >want; grep '"seq":2' changes >got
same 'a version record as changes-cat has it' want got
cat_ 0 --versions --dataset x/b --as-of r1 shops
is 'those of then' "$(jq -rc 'select(.seq) | [.dataset, .version]' out)" \
    '["x/b","r1"]'

# --- a reader that does not read holds nobody up
mkfifo slow
canon-cat -c "$toy" -d d >slow & reader=$!
exec 9<slow
three r2 a </dev/null
run 0 diff-promote -c "$toy" -d d -r r2 x/a
cat <&9 >late; exec 9<&-
wait $reader; got=$?
is 'a slow reader is served' $got 0

# --- as it was
canon-cat -c "$toy" -d d --dataset x/a >was_r2
three r3 a <<'SQL'
DELETE FROM items WHERE code = '3';
UPDATE items SET name = 'deux' WHERE code = '2';
SQL
run 0 diff-promote -c "$toy" -d d -r r3 x/a
canon-cat -c "$toy" -d d --dataset x/a >was_r3
three r4 a </dev/null
run 0 diff-promote -c "$toy" -d d -r r4 x/a
cat_ 0 --as-of r2
same 'of a version' was_r2 out
cat_ 0 --as-of r3
same 'of another, with a row less' was_r3 out
cat_ 0 --dataset x/a
same 'what was there before is back' was_r2 out
cat_ 0 --as-of r4 --provenance items
is 'since when' "$(jq -r 'select(.row) | "\(.row.code) \(.row.valid_from)"' \
    out)" '1 r1
2 r4
3 r4'
cat_ 0 --as-of r1 --dataset x/b items
is 'of one dataset' "$(jq -r '.dataset // empty' out | uniq -c |
    tr -s ' ')" ' 3 x/b'
is 'the view says the same' "$(sqlite3 d/toy.sqlite "SELECT code, name,
    valid_from, valid_to FROM items_as_of WHERE as_of = 'r2'
    AND town = 'a' ORDER BY 1")" '1|one|r1|
2|two|r2|r3
3||r1|r3'
ok 'without looking at every row' test -z "$(sqlite3 d/toy.sqlite "EXPLAIN
    QUERY PLAN SELECT * FROM items_as_of WHERE as_of = 'r2' AND land = 'x'
    AND town = 'a'" | grep 'SCAN t')"
sqlite3 d/toy.sqlite "UPDATE dataset_versions SET promoted_at =
    '2026-11-0' || seq || 'T00:00:00.000Z'"
cat_ 0 --as-of 2026-11-04T12:00:00Z --dataset x/a
same 'at an instant' was_r3 out
cat_ 0 --as-of 2026-11-04T12:00:00Z
is 'of every dataset' "$(jq -r '.dataset // empty' out | sort -u |
    tr '\n' ' ')" 'x/a x/b '
cat_ 0 --as-of 2026-11-01T00:00:00.000Z
is 'what was not there yet is not there' "$(jq -r '.dataset // empty' out |
    sort -u)" 'x/b'
cat_ 66 --as-of 2026-10-31T00:00:00Z
ok 'before the first: what is kept' grep -q \
    'no version of then; kept are 5: r1 (2026-11-01T00.*Z) to r4 (2026' err
cat_ 66 --as-of r9
ok 'unknown: what is kept' grep -q 'r9: no such version; kept are 5' err
stage r5 a <<-'SQL'
INSERT INTO shops (shop) VALUES ('s');
SQL
diff-promote -q -c "$toy" -d d -r r5 x/a >/dev/null 2>&1
cat_ 66 --as-of r5
ok 'held' grep -q 'r5: x/a is held and never active; kept are' err
is 'the stream says so' "$(cat out)" \
    '{"type":"abort","status":66,"reason":"noinput"}'

run 64 canon-cat -d d
cat_ 64 nothing
ok 'not a table' grep -q 'nothing: not a table of toy' err
cat_ 64 --dataset x
cp -r d whole
sqlite3 d/toy.sqlite "UPDATE items SET more = printf('\"%.*c\"', 900000, 'x')
    WHERE code = '1'"
if [ -z "${SLUICE_SANITIZE-}" ]; then
	run 71 prlimit --data=2000000 canon-cat -c "$toy" -d d items
else
	skip 'no memory' 'sanitizers need more'
fi
sqlite3 d/toy.sqlite "UPDATE items SET more = printf('\"%.*c\"', 2000000, 'x')
    WHERE code = '1'"
cat_ 65 items
is 'a row over the limit: the stream says so' \
    "$(cut -c1-28 out)" '{"type":"abort","status":65,'
ok 'and the message which' grep -q ' items 1: too long for a record$' err
echo 'no database at all, only text' >d/toy.sqlite
cat_ 65
rm -r d; mv whole d
run 66 canon-cat -c none.json -d d
sed 's/"price"/"prize"/' "$toy" >other.json
run 73 canon-cat -c other.json -d d
canon-cat -c "$toy" -d d >/dev/full 2>err; got=$?
is '/dev/full: 74' $got 74
ok '/dev/full: says so' grep -q 'standard output: No space left' err
canon-cat -c "$toy" -d d >&- 2>err; got=$?
is 'closed stdout: 74' $got 74

mkfifo hold
sqlite3 d/toy.sqlite <hold >held & holder=$!
exec 9>hold
printf 'BEGIN EXCLUSIVE;\n.print locked\n' >&9
while ! grep -q locked held; do sleep 0.02; done
canon-cat -c "$toy" -d d >out 2>err & waiter=$!
asleep $waiter
kill -TERM $waiter; wait $waiter; got=$?
is 'a stop while it waits: 75' $got 75
exec 9>&-
wait $holder
finish
