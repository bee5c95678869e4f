#!/bin/sh
# snap-build: which versions, what is in the files, and nothing by halves.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/snap.sh"

build 66
promote r1 a </dev/null
build 66
ok 'no version for readers' grep -q 'no ready version for readers' err
report r1 a 0
build 66
report r1 a 1

# --- 0: what is in it
build 0
first=$(built)
ok 'the id is the version and a hash' expr "$first" : 'r1-[0-9a-f]\{12\}$'
is 'a declared table' "$(fast 'SELECT group_concat(code || name || size) FROM
    things WHERE size IS NOT NULL')" '1onesmall,2twobig'
is 'words' "$(fast "SELECT rowid FROM words WHERE words MATCH 'two'")" 2
is 'constants' "$(fast 'SELECT word FROM size WHERE n = 2')" big
is 'copies' "$(more 'SELECT count(*), max(valid_from) FROM items')" '3|r1'
is 'their indexes' "$(more "SELECT count(*) FROM sqlite_schema
    WHERE name = 'items_key'")" 1
is 'the planner knows them' "$(fast "SELECT count(*) > 0 FROM sqlite_stat1
    WHERE tbl = 'things'")" 1
is 'no changes before the second version' "$(more 'SELECT count(*), kept FROM
    versions')|$(more 'SELECT count(*) FROM changes')" '1|0|0'
is 'metadata' "$(meta '[.snapshot, .source, .version, .partial, .validated,
    .datasets[0].dataset, .datasets[0].newest, .files[0].tables.things,
    .checks.samples] | join(" ")')" \
    "$first toy r1 false true x/a r1 3 1"
for name in fast more; do
	is "$name: its hash" "$(meta ".files[] | select(.name == \"$name\").sha256")" \
	    "$(sha256sum <"$root/$first/$name.sqlite" | cut -d' ' -f1)"
done
is 'read-only, and nothing besides' "$(stat -c '%a %n' "$root/$first"/* |
    sed 's,d/.*/,,' | tr '\n' ' ')" \
    '444 fast.sqlite 444 metadata.json 444 more.sqlite '

# --- the same input, the same bytes
build 0
is 'it is there' "$(jq -r 'select(.there).snapshot' out)" "$first"
cp -r "$root/$first" before; rm -r "${root:?}/$first"
build 0
ok 'made again, byte for byte' diff -r before "$root/$first"

# --- which versions
promote r1 b </dev/null
promote r2 a <<'SQL'
UPDATE items SET name = 'deux' WHERE code = '2';
DELETE FROM items WHERE code = '3';
INSERT INTO items (code, name) VALUES ('4', 'four');
SQL
report r2 a 0
SLUICE_LOG=$PWD/log build 0
is 'the last ready one stays' "$(fast 'SELECT group_concat(town || name) FROM
    things')" 'aone,atwo'
ok 'which is told' grep -q 'newest version is not for readers: 2' err
is 'metadata names both' "$(meta '.datasets[] | [.dataset, .version, .newest,
    .withheld] | join(" ")')" 'x/a r1 r2 checks that failed: 2
x/b  r1 it has no report yet'
is 'an event' "$(jq -r '[.event, .withheld, .datasets] | join(" ")' log)" \
    'build 2 1'
is 'copies are of then, too' "$(more 'SELECT group_concat(name) FROM
    items')" 'one,two'
report r2 a 0 'a person says so'
report r1 b 1
build 0
is 'a person accepts it' "$(fast "SELECT group_concat(town || name, ' ')
    FROM things WHERE name IS NOT NULL")" 'aone adeux afour bone btwo'
is 'what changed' "$(more "SELECT group_concat(op || ' ' ||
    (record ->> '\$.key.code'), ', ') FROM changes")" \
    'update 2, delete 3, insert 4'
is 'of which version' "$(more 'SELECT version, kept FROM versions
    WHERE parent IS NOT NULL')" 'r2|1'
is 'as changes-cat tells it' "$(more "SELECT record FROM changes
    WHERE op = 'insert'")" "$(changes-cat -c toy.json -d d | grep '"insert"' |
    grep '"r2"')"
report r2 a 0
build 0
is 'and a newer report takes it back' "$(fast 'SELECT count(*) FROM things')" 6
jq '.snapshot.take = "promoted"' toy.json >promoted.json
file=promoted.json build 0
is 'all that was promoted' "$(fast "SELECT count(*) FROM things
    WHERE name = 'deux'")" 1

report r2 a 1
promote r3 a <<'SQL'
UPDATE items SET name = 'x' || code;
INSERT INTO items (code) VALUES ('5'), ('6');
SQL
report r3 a 1
build 0
is 'over so many rows changes are left out' "$(more "SELECT
    group_concat(version || kept, ' ') FROM (SELECT * FROM versions WHERE
    dataset = 'x/a' ORDER BY seq)")" 'r10 r20 r30'

build 0 x/b
is 'partial' "$(meta '[.partial, (.datasets | length)] | join(" ")')" 'true 1'
build 0 --no-validate x/b
is 'it is there, validated' "$(meta .validated)" true
rm -r "${root:?}/$(built)"
build 0 --no-validate x/b
is 'not validated' "$(meta .validated)" false

# --- 64: what is declared wrongly
wrong() {		# wrong WHERE FILTER : a declaration spoiled by jq
	jq "$2" toy.json >wrong.json
	file=wrong.json build 64
	ok "$1 is named" grep -q "wrong.json: $1: " err
	ok 'nothing is left' test ! -e "$root/.building"
}
wrong snapshot.table.things '.snapshot.table.things.sql = "SELECT nothing"'
wrong snapshot.table.things '.snapshot.table.things.sql = "DELETE FROM items"'
wrong snapshot.table.things '.snapshot.table.things.columns = "id, id"'
wrong snapshot.table.things '.snapshot.table.things.indexes.i = "(size, x)"'
wrong snapshot.table.words '.snapshot.table.words.fts5 = "a, b, nothing=1"'
wrong snapshot.table.things.count '.snapshot.table.things.count = "x"'
wrong snapshot.sample.things.draw '.snapshot.sample.things.draw = "x"'
wrong snapshot.sample.things.got '.snapshot.sample.things.got = "SELECT x"'
wrong snapshot.sample.things.want \
    '.snapshot.sample.things |= (.want += " AND n = :n")'
wrong route.things.select '.route.things.select = "t.x"'
wrong route.things.param.q '.route.things.param.q.sql = "t.x = :q"'
wrong route.things.param.q '.route.things.param.q.sql = "t.id = :other"'
jq '.snapshot.file = 1' toy.json >wrong.json
file=wrong.json build 64
run 64 snap-build -d d
build 64 x

# --- 65: what is not as it should be
bad() {			# bad TEXT FILTER
	jq "$2" toy.json >bad.json
	file=bad.json build 65
	ok "$1" grep -q "$1" err
	ok 'nothing is left' test ! -e "$root/.building"
}
bad 'things: 8 rows, but 7 are to be expected' \
    '.snapshot.table.things.count = "SELECT 7"'
bad 'sample things: town .*: name: .* in the canonical tables' \
    '.snapshot.table.things.sql |= sub("name,"; "code AS name,")'
bad 'sample things: .*: rows: more in the canonical tables, no more in' \
    '.snapshot.sample.things.got += " AND 0"'
bad 'UNIQUE constraint failed' \
    '.snapshot.table.things.columns += ", UNIQUE (town)"'

# --- 66, 73, 74, 75
build 66 x/none
run 66 snap-build -c none.json -d d
jq '.table.items.columns.x = "/x"' toy.json >other.json
file=other.json build 73
jq 'del(.snapshot)' toy.json >bare.json
file=bare.json build 0
ok 'none is declared' grep -q 'toy declares no snapshot' err
jq '.snapshot.folder = "others"' toy.json >bare.json
file=bare.json build 0
ok 'a folder of its own' test -e "d/others/$(built)/metadata.json"
jq '.snapshot.folder = "a/b"' toy.json >bare.json
file=bare.json build 64
rm -r d/others
mkfifo hold
flock "$root/.lock" cat hold & holder=$!
while flock -n "$root/.lock" true; do sleep 0.02; done
build 75 -w 100
ok 'who has it' grep -q "$root: held by " err
: >hold; wait $holder

# --- killed anywhere: no half snapshot, and the next one makes it
if traced; then
	build 0; was=$(built); ln -s "$was" "$root/current"
	promote r4 a </dev/null; report r4 a 1
	cp -r d start
	killed() {		# killed CALL N
		rm -rf d; cp -r start d
		strace -f -qq -o /dev/null -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$2" \
		    snap-build -q -c toy.json -d d >out 2>err
		got=$?
		[ $got -eq 137 ] || return $got
		(cd "$root" && ls -d r4*) >half 2>/dev/null
		for id in $(cat half); do
			[ "$(jq -r .snapshot "$root/$id/metadata.json")" = "$id" ] ||
			    echo "$1 $2: $id"
		done >>damage
		[ "$(readlink "$root/current")" = "$was" ] ||
		    echo "$1 $2: current moved" >>damage
		snap-build -q -c toy.json -d d >out 2>err ||
		    echo "$1 $2: $(cat err)" >>damage
		[ ! -e "$root/.building" ] || echo "$1 $2: left" >>damage
		sha256sum "$root/$(built)"/* >>sums
		return 137
	}
	: >damage
	each_call rename,mkdir,fsync:2,fchmod,unlink:3,pwrite64:70 killed
	same 'killed anywhere: whole or not there, and made again' /dev/null damage
	is 'always the same' "$(sort -u sums | wc -l)" 3
	rm -r "$root"
	run 74 strace -f -qq -o /dev/null -e trace=pwrite64 \
	    -e inject=pwrite64:error=ENOSPC:when=9 \
	    snap-build -c toy.json -d d
	is 'a full disk: nothing is left' "$(ls "$root")" ''
else
	skip 'killed anywhere' 'no strace, or sanitizers'
fi
finish
