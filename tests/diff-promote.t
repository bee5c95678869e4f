#!/bin/sh
# diff-promote: what becomes of a staging database, and each exit status.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"

promote() {		# promote STATUS RUN [OPTION...] TOWN
	want=$1 with=$2; shift 2
	run "$want" diff-promote -c "$toy" -d d -r "$with" "$@"
}
traced() { [ -z "${SLUICE_SANITIZE-}" ] && command -v strace >/dev/null; }
db() { sqlite3 d/toy.sqlite "$@"; }
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT

# --- the life of a dataset
three r1 a </dev/null
promote 0 r1 -n x/a
mv out preview
ok 'a dry run creates nothing' test ! -e d/toy.sqlite -a ! -e d/diff
ok 'and says what would be' grep -q '+7 ~0 -0 in 3 tables.*would be' err
promote 0 r1 x/a
ok 'a line for people' grep -q \
    '^diff-promote: note: x/a: +7 ~0 -0 in 3 tables, version r1 is active' err
same 'the dry run printed the same' preview out
same 'the change feed is what was printed' out d/diff/toy/x/a/r1.jsonl
is 'the last record is end' "$(tail -n 1 out)" '{"type":"end","n":7}'
cat >want <<'EOF'
{"type":"change","run":"r1","source":"toy","dataset":"x/a","version":"r1","op":"insert","table":"items","key":{"land":"x","town":"a","code":"1","occurrence":1},"new":{"code":"1","name":"one","n":1,"price":1.5,"good":true,"occurrence":1}}
EOF
sed -n 1p out >got
same 'a change record' want got
is 'events' "$(db "SELECT group_concat(event, ' ') FROM
    dataset_version_events")" 'ingest diff promote'
cp out first
promote 0 r1 x/a
ok 'repeated: nothing to do' grep -q 'version r1 is active already' err
same 'repeated: the same changes' first out
rm -r d/diff
promote 0 r1 x/a
same 'a missing feed is made again' first d/diff/toy/x/a/r1.jsonl
is 'one version' "$(db 'SELECT count(*) FROM dataset_versions')" 1

three r2 a </dev/null
db .dump | grep -v last_verified >before; rm -r d/diff
promote 0 r2 x/a
ok 'unchanged' grep -q 'unchanged, version r1 stays active' err
is 'unchanged: nothing to print' "$(cat out)" '{"type":"end","n":0}'
is 'unchanged: verified' "$(db 'SELECT version_id, last_verified_run
    FROM dataset_versions')" 'r1|r2'
same 'unchanged: but the feed was missing' first d/diff/toy/x/a/r1.jsonl
cp d/toy.sqlite before.sqlite
promote 0 r3 x/a
same 'unchanged: said once, then it costs no write' before.sqlite d/toy.sqlite

three r3 a <<'SQL'
UPDATE items SET name = 'uno', good = NULL WHERE code = '1';
DELETE FROM items WHERE code = '2';
INSERT INTO items (code, more, extra) VALUES ('4', '[1,{"a":null}]', '{"z":1}');
DELETE FROM boxes WHERE box IS NULL AND occurrence = 2;
SQL
cp d/toy.sqlite before.sqlite
promote 0 r3 -n x/a
same 'a dry run leaves the database alone' before.sqlite d/toy.sqlite
promote 0 r3 --accept 'no need' x/a
cat >want <<'EOF'
update items {"code":"1"} {"name":"one","good":true} {"name":"uno","good":null}
delete items {"code":"2"} {"code":"2","name":"two","n":2,"price":2.5,"good":false,"occurrence":1} null
insert items {"code":"4"} null {"code":"4","more":[1,{"a":null}],"occurrence":1,"extra":{"z":1}}
delete boxes {"code":"1"} {"code":"1","parent_occurrence":1,"occurrence":2} null
EOF
rec-filter --raw-output '"\(.op) \(.table) \(.key | {code}) \(.old) \(.new)"' \
    <out >got
same 'update, delete, insert' want got
is 'history' "$(db "SELECT code, name, valid_from, valid_to FROM
    items_history ORDER BY 1")" '1|one|r1|r3
2|two|r1|r3'
is 'inputs say what was carried over' "$(db "SELECT part, carried FROM
    version_inputs WHERE version_id = 'r3' ORDER BY 1")" 'goods|0
open|1'
is 'counts per table' "$(db "SELECT table_name, rows, inserted, updated,
    deleted FROM version_tables WHERE version_id = 'r3' ORDER BY 1")" \
    'boxes|2|0|0|1
items|3|1|1|1
shops|1|0|0|0'

# --- 1: the gate, and a part that never came
three r4 b </dev/null
sqlite3 d/staging/toy/x/b.sqlite "DELETE FROM staging_inputs
    WHERE part = 'open'"
promote 1 r4 x/b
ok 'waiting: says for what' grep -q 'its part open has no valid payload' err
is 'waiting: staged' "$(db "SELECT status FROM dataset_versions
    WHERE dataset = 'x/b'")" staged
is 'waiting: only end' "$(cat out)" '{"type":"end","n":0}'

stage r4 a <<-'SQL'
INSERT INTO shops (shop) VALUES ('s');
SQL
promote 1 r4 x/a
ok 'held: which table and how many' grep -q \
    'held by the gate: items: an empty answer .*(0 came, 3 of 3 missing)' err
ok 'held: and what releases it' grep -q -e '--accept REASON' err
is 'held: rows stay' "$(db 'SELECT count(*) FROM items')" 3
is 'held: noted' "$(db "SELECT status FROM dataset_versions
    WHERE version_id = 'r4' AND dataset = 'x/a'")" held
is 'held: what was kept back is told apart' "$(ls d/diff/toy/x/a)" \
    'r1.jsonl
r3.jsonl
r4.held.jsonl'
is 'held: as changes of its version' "$(jq -r '[.op, .version]
    | join(" ")' d/diff/toy/x/a/r4.held.jsonl | sort | uniq -c |
    tr -s ' ' | sed 1d)" \
    ' 5 delete r4'
promote 1 r5 -n x/a
is 'a dry run tells, and shows what would go' "$(rec-filter --raw-output \
    .op <out | uniq -c | tr -s ' ')" ' 5 delete'
SLUICE_LOG=$PWD/log promote 1 r5 x/a
is 'held: the event' "$(jq -r '[.event, .dataset, .version, .outcome,
    .deleted, .reason] | join(" ")' log)" \
    'version x/a r4 held 5 items: an empty answer after a non-empty one (0 came, 3 of 3 missing); it passes under 2 missing and under 30,000 added'
SLUICE_LOG=$PWD/log promote 0 r5 --accept 'closed for good' x/a
is 'accepted: by a later run, as its version' "$(db "SELECT version_id,
    staged_run FROM dataset_versions WHERE status = 'active'")" 'r5|r4'
is 'accepted: what was held is settled' "$(db "SELECT version_id, status, seq
    FROM dataset_versions WHERE promoted_at IS NULL
    AND dataset = 'x/a'")" 'r4|archived|'
is 'accepted: why and by whom' "$(db "SELECT payload ->> 'reason',
    payload ->> 'who' FROM dataset_version_events WHERE event = 'accept'
    AND run = 'r5'")" "closed for good|$(id -un)"
is 'accepted: the event' "$(jq -r '[.event, .outcome, .deleted, .bytes]
    | join(" ")' log | tail -n 1)" 'version promoted 5 110'

# --- 64
run 64 diff-promote -d d -r r1 x/a
run 64 diff-promote -c "$toy" -d d -r r1 x
ok 'not a dataset' grep -q 'not a dataset of toy' err
run 64 diff-promote -c "$toy" -d d -r r1 --accept '' x/a
echo '{"source":{}}' >wrong.json
run 64 diff-promote -c wrong.json -d d -r r1 x/a

# --- 65
three r6 a </dev/null
sqlite3 d/staging/toy/x/a.sqlite 'DELETE FROM shops'
cp d/toy.sqlite before.sqlite
promote 65 r6 x/a
ok 'rows were lost' grep -q 'staging says 1 rows in shops and has 0' err
is 'the stream says so' "$(cut -c1-28 out)" '{"type":"abort","status":65,'
three r6 a </dev/null
mv d/staging/toy/x/a.sqlite d/staging/toy/x/c.sqlite
promote 65 r6 x/c
ok 'of another dataset' grep -q 'staging holds dataset "x/a"' err
three r6 a <<'SQL'
INSERT INTO items (code) VALUES ('1');
SQL
promote 65 r6 x/a
three r6 a <<'SQL'
INSERT INTO boxes (code) VALUES ('nobody');
SQL
promote 65 r6 x/a
three r6 a </dev/null
sqlite3 d/staging/toy/x/a.sqlite 'ALTER TABLE items DROP COLUMN n'
promote 65 r6 x/a
echo 'no database at all, only text' >d/staging/toy/x/a.sqlite
promote 65 r6 x/a
same 'none of them changed the database' before.sqlite d/toy.sqlite
three r6 a </dev/null
mv d/toy.sqlite right; echo 'no database at all, only text' >d/toy.sqlite
promote 65 r6 x/a
mv right d/toy.sqlite

# --- 66
promote 66 r6 x/none
run 66 diff-promote -c none.json -d d -r r1 x/a
run 66 diff-promote -c "$toy" -d none -r r1 x/a
ok 'nothing is created for nothing' test ! -e none

# --- 73
promote 73 r5 x/a
ok 'a run older than its staging' grep -q 'r5 was overtaken by r6' err
promote 0 r6 x/a
three r5 a <<'SQL'
DELETE FROM items WHERE code = '3';
SQL
cp d/toy.sqlite before.sqlite
promote 73 r5 x/a
ok 'says by whom' grep -q 'r5 was overtaken by r6' err
sed 's/"price"/"prize"/' "$toy" >other.json
run 73 diff-promote -c other.json -d d -r r7 x/a
ok 'another declaration: what to do' grep -q \
    'made by another declaration.*rebuild it: diff-promote' err
same 'neither changed the database' before.sqlite d/toy.sqlite
sed 's/SELECT \* FROM items/SELECT code FROM items/' "$toy" >view.json
three r6 a </dev/null
run 0 diff-promote -c view.json -d d -r r7 x/a
is 'a changed view is followed' "$(db 'SELECT * FROM vw_items LIMIT 1')" 1

# --- 74
diff-promote -c "$toy" -d d -r r6 x/a >/dev/full 2>err; got=$?
is '/dev/full: 74' "$got" 74
ok '/dev/full: says so' grep -q 'standard output: No space left' err
diff-promote -q -c "$toy" -d d -r r6 x/a >&- 2>err; got=$?
is 'closed stdout: 74' "$got" 74
three r7 a <<'SQL'
UPDATE items SET n = 7;
SQL
if traced; then
	cp d/toy.sqlite before.sqlite
	strace -f -qq -o /dev/null -P "$PWD/d/toy.sqlite" \
	    -e inject=pwrite64:error=ENOSPC diff-promote -c "$toy" -d "$PWD/d" \
	    -r r7 x/a >out 2>err; got=$?
	is 'disk full: 74' "$got" 74
	is 'disk full: the database is whole' "$(db 'PRAGMA integrity_check')" ok
	is 'disk full: and as before' "$(db 'SELECT sum(n) FROM items')" 6
else
	skip 'disk full' 'no strace, or sanitizers'
fi

# --- versions that are kept no longer
rm -rf kept; cp -r d kept
jq '.retention = {archived_days: 30}' "$toy" >keep.json
prune() {		# prune STATUS [OPTION...]
	want=$1; shift
	run "$want" diff-promote -c keep.json -d d -r late --prune "$@"
}
many() {		# many N : that many versions, one each day before today
	rm -rf d
	i=0
	while [ $i -lt "$1" ]; do
		run=$(printf 'v%03d' $i)
		three "$run" a <<-SQL
		UPDATE items SET n = $i;
		DELETE FROM items WHERE code = '3' AND $i % 2 = 1;
		SQL
		diff-promote -q -c "$toy" -d d -r "$run" x/a >/dev/null
		i=$((i + 1))
	done
	db "UPDATE dataset_versions SET promoted_at = strftime(
	    '%Y-%m-%dT%H:%M:%fZ', 'now', printf('-%d days', $1 - seq))"
}
many 40
prune 0 -n
ok 'a dry run says what would go' grep -q \
    'x/a: would remove 9 versions and 23 rows of history; .* now is v009' err
is 'and removes nothing' "$(db 'SELECT count(*) FROM dataset_versions')" 40
canon-cat -c "$toy" -d d --as-of v009 >v009
canon-cat -c "$toy" -d d >now
prune 0
ok 'it is told' grep -q 'x/a: removed 9 versions and 23 rows' err
is 'what was replaced 30 days ago is gone' "$(db 'SELECT min(version_id),
    count(*) FROM dataset_versions')" 'v009|31'
is 'and with it all that is known of it' "$(for table in version_inputs \
    version_tables version_findings dataset_version_events; do
	db "SELECT count(*) FROM $table WHERE version_id < 'v009'"
done | sort -u)" 0
is 'and its history' "$(db "SELECT count(*) FROM items_history
    WHERE valid_to <= 'v009'")" 0
is 'and its feed' "$(ls d/diff/toy/x/a | head -n 1)" v009.jsonl
canon-cat -c "$toy" -d d --as-of v009 >got
same 'the oldest that stays is whole' v009 got
canon-cat -c "$toy" -d d >got
same 'and so is the newest' now got
is 'an event' "$(db "SELECT version_id, payload FROM dataset_version_events
    WHERE event = 'prune'")" 'v039|{"versions":9,"rows":23,"oldest":"v009"}'
run 66 canon-cat -c "$toy" -d d --as-of v008
cp d/toy.sqlite before.sqlite
prune 0 x/a
same 'again: nothing to do, nothing written' before.sqlite d/toy.sqlite
run 0 diff-promote -c "$toy" -d d -r late --prune
same 'nothing declared: nothing goes' before.sqlite d/toy.sqlite
run 0 diff-promote -c keep.json -d none -r late --prune
run 64 diff-promote -c keep.json -d d -r late --prune --rebuild
run 64 diff-promote -c keep.json -d d -r late --prune x
rm -rf d; mv kept d

# --- 71
if [ -z "${SLUICE_SANITIZE-}" ]; then
	run 71 starved diff-promote -c "$toy" -d d -r r7 x/a
	is 'no memory: nothing has changed' \
	    "$(db 'SELECT sum(n) FROM items')" 6
else
	skip 'no memory' 'sanitizers need more'
fi

# --- 75: the lock is waited for, until we are told to stop
mkfifo hold
sqlite3 d/toy.sqlite <hold >held & holder=$!
exec 9>hold
printf 'BEGIN IMMEDIATE;\n.print locked\n' >&9
while ! grep -q locked held 2>/dev/null; do sleep 0.02; done
diff-promote -c "$toy" -d d -r r7 x/a >out 2>err & waiter=$!
asleep $waiter
kill -TERM $waiter; wait $waiter; got=$?
is 'a stop while it waits: 75' "$got" 75
is 'the stream says so' "$(cut -c1-28 out)" '{"type":"abort","status":75,'
diff-promote -c "$toy" -d d -r r7 x/a >out 2>err & waiter=$!
asleep $waiter
printf 'COMMIT;\n' >&9
exec 9>&-
wait $waiter; got=$?
is 'else it gets its turn' "$got" 0
wait $holder
is 'and its rows are there' "$(db 'SELECT sum(n) FROM items')" 21

# --- and so are readers, for as long as is said
three r75 a <<'SQL'
UPDATE items SET n = 8;
SQL
mkfifo ready go
sqlite3 -cmd BEGIN -cmd 'SELECT count(*) FROM items' d/toy.sqlite \
    '.shell echo x >ready' '.shell read -r _ <go' & reader=$!
read -r _ <ready
cp d/toy.sqlite before.sqlite
promote 75 r75 -w 100 x/a
ok 'a reader that stays: says how long, and who' grep -Eq \
    "x/a: d/toy.sqlite: still locked after 1[0-9]+ ms: read by sqlite3 \\(pid $reader\\)" err
same 'and nothing is changed' before.sqlite d/toy.sqlite
ok 'nor left behind' test ! -e d/toy.sqlite-journal -a \
    ! -e d/diff/toy/x/a/r75.jsonl
promote 75 r75 -w 0 x/a
ok 'or there is no wait at all' grep -q 'still locked after 0 ms' err
echo x >go; wait $reader
promote 0 r75 -w 0 x/a
run 64 diff-promote -c "$toy" -d d -r r75 -w -1 x/a

# --- and in the middle of its rows
if traced; then
	three r8 a <<-'SQL'
	INSERT INTO items (code, n) WITH RECURSIVE c(i) AS (SELECT 100
	    UNION ALL SELECT i + 1 FROM c WHERE i < 20000) SELECT i, i FROM c;
	SQL
	strace -f -qq -o /dev/null -P "$PWD/d/toy.sqlite-journal" \
	    -e trace=pwrite64 -e inject=pwrite64:signal=TERM:when=1 \
	    diff-promote -c "$toy" -d "$PWD/d" -r r8 x/a >out 2>err; got=$?
	is 'a stop in the middle: 75' $got 75
	is 'and nothing is changed' "$(db 'SELECT count(*) FROM items')" 3
else
	skip 'a stop in the middle' 'no strace, or sanitizers'
fi

# --- killed before any of its writes, and repeated: as if undisturbed
killed_at() {		# killed_at CALL N
	rm -r d; cp -r base d; cp staged d/staging/toy/x/a.sqlite
	strace -f -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    diff-promote -q -c "$toy" -d d -r r8 x/a >/dev/null 2>&1
	got=$?
	[ $got -ne 137 ] || killed=$((killed + 1))
	diff-promote -q -c "$toy" -d d -r r8 x/a >again 2>err &&
	    canon-cat -c "$toy" -d d --provenance >got &&
	    cmp -s want got && cmp -s feed again &&
	    cmp -s feed d/diff/toy/x/a/r8.002.jsonl || wrong="$wrong $1:$2"
	return $got
}
if traced; then
	# Its run has promoted once already, and was continued.
	three r8 a <<-'SQL'
	UPDATE items SET name = 'acht' WHERE code < '3';
	SQL
	promote 0 r8 x/a
	cp -r d base
	three r8 a <<-'SQL'
	UPDATE items SET name = 'ocho' WHERE code < '3';
	INSERT INTO items (code, n) WITH RECURSIVE c(i) AS (SELECT 100
	    UNION ALL SELECT i + 1 FROM c WHERE i < 150) SELECT i, i FROM c;
	SQL
	cp d/staging/toy/x/a.sqlite staged
	promote 0 r8 x/a
	canon-cat -c "$toy" -d d --provenance >want
	cp d/diff/toy/x/a/r8.002.jsonl feed
	is 'continued: another version' "$(db "SELECT version_id, parent
	    FROM dataset_versions WHERE status = 'active' AND town = 'a'")" \
	    'r8.002|r8'
	killed=0 wrong=''
	each_call pwrite64:3,fdatasync,fsync,unlink,rename,write,ftruncate \
	    killed_at
	ok "killed $killed times" test $killed -gt 20
	is 'always the same in the end' "$wrong" ''
else
	skip 'killed at any write' 'no strace, or sanitizers'
fi
finish
