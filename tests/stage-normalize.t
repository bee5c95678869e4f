#!/bin/sh
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
export TMPDIR=$work

# seal RUN PART FILE [SCHEMA] : FILE becomes a valid partition of 2026.
seal() {
	mkdir -p "d/incoming/$1"
	gzip -cn "$3" >"d/incoming/$1/$2.gz"
	printf '{"type":"body","run":"%s","source":"shop","dataset":"2026",' \
	    "$1" >body
	printf '"part":{"day":"2026","feed":"%s"},"url":"http://[::1]/",' \
	    "$2" >>body
	printf '"mode":"full","format":"json-array","schema_version":"%s",' \
	    "${4-1}" >>body
	printf '"sha256":"%s","path":"incoming/%s/%s.gz","encoding":"gzip",' \
	    "$(sha256sum "$3" | cut -d' ' -f1)" "$1" "$2" >>body
	printf '"size_bytes":%d,"stored_bytes":%d,"status":200,' \
	    "$(wc -c <"$3")" "$(wc -c <"d/incoming/$1/$2.gz")" >>body
	printf '"fetched_at":"2026-11-20T00:00:00.000Z","attempt":1}\n' >>body
	printf '{"type":"end","n":1}\n' >>body
	sed "s/^schema_version = \"1\"/schema_version = \"${4-1}\"/" \
	    "$T/pipeline.toml" >seal.toml
	raw-write -d d <body >raw 2>err &&
	    raw-verify -c seal.toml -d d <raw >verdict 2>>err &&
	    grep -q '"verdict":"valid"' verdict
}
new() { run-new -d d --source shop; }
stage() { stage-normalize -c "$T/pipeline.toml" -d d -r "$@"; }
db=d/staging/shop/2026.sqlite
query() { sqlite3 "$db" "$1"; }
cp "$T/things.json" "$T/names.json" .

run 66 stage r 2026
ok 'it names the ledger' grep -q 'd/ledger.sqlite' err
one=$(new)
run 66 stage "$one" 2026
ok 'it names the dataset' grep -q '^stage-normalize: error: 2026: ' err
ok 'there are two payloads' seal "$one" things things.json
run 0 stage "$one" 2026
ok 'a part may be missing' test "$(query 'SELECT part FROM
    staging_inputs')" = things
ok 'its tables are empty' test "$(query 'SELECT count(*) FROM names')" = 0
ok 'and there are' seal "$one" names names.json

SLUICE_LOG=$PWD/log; export SLUICE_LOG
run 0 stage "$one" 2026
ok 'one line sums it up' grep -q \
    '^stage-normalize: note: 2026: 3 things, 3 names, 2 quarantined (' err
ok 'nothing on standard output' test ! -s out
ok 'an event tells of it' jq -e '.event == "stage" and .run == "'"$one"'" and
    .dataset == "2026" and .rows == 12 and .quarantined == 2 and
    .bytes > 300' log
unset SLUICE_LOG

query 'SELECT day, id, name, price, opens, sold, occurrence, extra
    FROM things ORDER BY id, name;
    SELECT id, code, parent_occurrence, occurrence, extra FROM pieces
    ORDER BY 1, 2, 3; SELECT id, is_listed FROM named ORDER BY 1, 2;
    SELECT table_name, part, element, reason FROM quarantine;
    SELECT * FROM staging_tables;
    SELECT code, severity, table_name, column_name, n, row_key, detail
    FROM findings' >tables
sed 's/|1|1|$/|T|T|/; s/|2|[12]|$/|T|T|/; s/|1|2|$/|T|T|/' tables >got
cat >want <<'END'
2026|1|chair|||||{"opens":"2560","price":"3.50"}
END
grep '^2026|1|' tables | sed 's/|1|{/||{/' >got
same 'what does not fit is in extra' want got
ok 'twins are numbered' test "$(query 'SELECT group_concat(occurrence) FROM
    (SELECT occurrence FROM things WHERE id = 2 ORDER BY 1)')" = 1,2
ok 'their children find them' test "$(query 'SELECT t.name FROM pieces p
    JOIN things t ON t.id = p.id AND t.occurrence = p.parent_occurrence
    WHERE p.code = "a"')" = lamp
sed -n '/^things|things/,$p' tables >got
cat >want <<'END'
things|things|2|id is blank
things|4|3|1
pieces|4|3|1
names|3|3|0
named||3|0
bad_time|warning|things|opens|1|1|"2560"
duplicate_key|warning|named||1|2|2 rows
duplicate_key|warning|pieces||1|2 b|2 rows
duplicate_key|warning|things||1|2|2 rows
missing_key|warning|things|id|1||{"name":"nobody","pieces":[{"code":"z"}]}
unknown_member|info|pieces|/colour|1|2 a|"red"
unlisted|warning|||1|2|not listed
wrong_type|warning|things|price|1|1|"3.50"
END
same 'quarantine, counts and findings' want got
ok 'every row has a hash' test "$(query 'SELECT count(*) FROM (SELECT row_hash
    FROM things UNION ALL SELECT row_hash FROM pieces UNION ALL
    SELECT row_hash FROM named) WHERE length(row_hash) = 16')" = 9
ok 'what is known of the payload' test "$(query 'SELECT run, size_bytes,
    record_count FROM staging_inputs WHERE part = "things"')" = \
    "$one|$(wc -c <things.json | tr -d ' ')|4"
ok 'and of the staging' test "$(query 'SELECT group_concat(name) FROM
    (SELECT name FROM staging_meta ORDER BY name)')" = \
    dataset,map_sha256,normalized_at,run,source

run 0 stage "$one" --rows 2026
ok 'rows come as records' jq -es 'length == 13 and .[-1] == {type: "end",
    n: 12} and (map(select(.table == "things").row) | length == 3 and
    .[0] == {day: "2026", id: "1", name: "chair", occurrence: 1, extra:
    {opens: "2560", price: "3.50"}})' out
run 0 stage "$one" -q 2026
ok 'quiet says nothing' test ! -s err

# A jq program in front of the map.
sed '/^\[part.names\]/a reshape = "names.jq"' "$T/pipeline.toml" >jq.toml
reshaped() { stage-normalize -c ./jq.toml -d d -r "$one" "$@" 2026; }
echo 'map(ascii_upcase)' >names.jq
run 0 reshaped
ok 'what the program makes is mapped' test "$(query 'SELECT group_concat(name)
    FROM (SELECT name FROM names ORDER BY 1)')" = CHAIR,LAMP,SOFA
echo 'map(ascii_upcase | tonumber)' >names.jq
run 65 reshaped
echo '"no array"' >names.jq
run 65 reshaped
echo 'map(' >names.jq
run 64 reshaped
rm names.jq
run 64 reshaped
ok 'the program is named' grep -q 'error: 2026: ./names.jq: ' err

# An earlier staging database stays whatever happens.
sha256sum "$db" >before
stays() { ok "$1: the database is as it was" sha256sum -c before; }
run 64 stage "$one"
run 64 stage "$one" 2026/NB
run 64 stage "$one" --rows=1 2026
run 64 stage-normalize -d d -r "$one" 2026
sed 's/FROM named WHERE/FROM nowhere WHERE/' "$T/pipeline.toml" >sql.toml
run 64 stage-normalize -c sql.toml -d d -r "$one" 2026
ok 'the finding is named' grep -q 'sql.toml: finding.unlisted: sql: ' err
sed 's/t.day, t.id, /t.day, NULL, /' "$T/pipeline.toml" >null.toml
run 64 stage-normalize -c null.toml -d d -r "$one" 2026
ok 'the table is named' grep -q 'null.toml: table.named: sql: ' err
sed 's/AS detail/AS text/' "$T/pipeline.toml" >text.toml
run 64 stage-normalize -c text.toml -d d -r "$one" 2026
sed 's/"real"/"money"/' "$T/pipeline.toml" >type.toml
run 64 stage-normalize -c type.toml -d d -r "$one" 2026
ok 'the column is named' grep -q \
    'type.toml:[0-9]*:[0-9]*: table.things.columns.price: unknown type "money"' err
run 66 stage-normalize -c missing.toml -d d -r "$one" 2026
stays 'a wrong declaration'

two=$(new)
ok 'a payload of another schema is sealed' seal "$two" names names.json 2
run 65 stage "$two" 2026
ok 'the versions are named' grep -q 'schema version 2, declared is 1' err
three=$(new)
sed 's/sofa/bed/' names.json >other.json
ok 'a payload is sealed' seal "$three" names other.json
sealed=$(echo d/raw/shop/day=2026/feed=names/run_id="$three"/payload.json.gz)
chmod -R u+w d/raw
cp "$sealed" kept.gz
printf '["lamp"]' | gzip -cn >"$sealed"
run 65 stage "$three" 2026
ok 'other bytes are found out' grep -q 'not the bytes that were sealed' err
printf '["lamp", "chair"' | gzip -cn >"$sealed"
run 65 stage "$three" 2026
ok 'so is one that is cut' grep -q 'error: 2026: names: ' err
head -c 30 kept.gz >"$sealed"
run 65 stage "$three" 2026
rm -f "$sealed"
run 66 stage "$three" 2026
ok 'a missing one is named' grep -q "run_id=$three" err
cp kept.gz "$sealed"
stays 'a damaged payload'

run 0 stage "$three" -v 2026
sha256sum "$db" >before
trap '' XFSZ
(ulimit -f 1; stage "$three" 2026 >out 2>err); got=$?
ok "a full disk is 74 (got $got)" test "$got" -eq 74
stays 'a full disk'
ok 'nothing else is left' test "$(ls d/staging/shop)" = 2026.sqlite
stage "$three" --rows 2026 >/dev/full 2>err; got=$?
ok "a full standard output is 74 (got $got)" test "$got" -eq 74
stage "$three" --rows 2026 >&- 2>err; got=$?
ok "a closed standard output is 74 (got $got)" test "$got" -eq 74
stays 'rows that nobody reads'

# A run that was overtaken does not stage over a newer one.
sha256sum "$db" >before
run 73 stage "$two" 2026
ok 'who was overtaken, and by whom' grep -q \
    "error: 2026: $two was overtaken by $three, which has staged it" err
stays 'an overtaken run'
run 0 stage "$two" --rows 2026
stays 'rows of an overtaken run, which change nothing'
cp "$db" kept.sqlite
echo 'no database at all' >"$db"
run 0 stage "$two" 2026
ok 'what is no database is replaced' test "$(query 'SELECT value FROM
    staging_meta WHERE name = "run"')" = "$two"
mv kept.sqlite "$db"

# Long enough for an element that takes more memory than there is, and for
# a row over the limit of a record.
big=$(new)
{
	printf '[{"id":"1","name":"'
	head -c 9000000 /dev/zero | tr '\0' x
	printf '"}]\n'
} >big.json
ok 'a large element is sealed' seal "$big" things big.json
run 65 stage "$big" --rows 2026
ok 'a row may be too long for a record' grep -q 'too long for a record' err
run 0 stage "$big" 2026
sha256sum "$db" >before
if [ -n "${SLUICE_SANITIZE-}" ]; then
	skip 'too little memory is 71' 'sanitizers need more'
else
	# shellcheck disable=SC3045 # dash and bash have it
	(ulimit -v 60000; stage "$big" 2026 >out 2>err); got=$?
	ok "too little memory is 71 (got $got)" test "$got" -eq 71
	stays 'too little memory'
fi
if [ -n "${SLUICE_SANITIZE-}" ] || ! command -v strace >/dev/null; then
	skip 'an interrupted one is 75' 'strace and LeakSanitizer exclude'
else
	sealed=$PWD/d/raw/shop/day=2026/feed=things/run_id=$big/payload.json.gz
	run 75 strace -qq -o /dev/null -P "$sealed" \
	    -e inject=read:signal=TERM:when=1 \
	    stage-normalize -c "$T/pipeline.toml" -d d -r "$big" 2026
	stays 'interrupted'
	echo rest >d/staging/shop/.2026.sqlite.tmp
	strace -qq -o /dev/null -P "$sealed" \
	    -e inject=read:signal=KILL:when=1 \
	    stage-normalize -c "$T/pipeline.toml" -d d -r "$big" 2026 \
	    >out 2>err; got=$?
	ok 'killed' test "$got" -eq 137
	stays 'killed'
fi
run 0 stage "$big" 2026
ok 'what a killed one left is gone' test "$(ls -A d/staging/shop | sort)" = \
    ".2026.sqlite.lock
2026.sqlite"

# The real thing: rows and findings of every capture.
captures=$top/../shared/captures/soc
capture() {		# capture DATASET FOLDER TIME
	file=$captures/$2/courses.$3.json.gz
	if [ ! -r "$file" ]; then
		skip "$1 has the rows to expect" 'no captures'
		return
	fi
	term=${1%/*} campus=${1#*/} r=$(run-new -d c --source soc)
	mkdir -p "c/incoming/$r"
	for part in courses openSections; do
		cp "$captures/$2/$part.$3.json.gz" "c/incoming/$r/$part.gz"
		chmod u+w "c/incoming/$r/$part.gz"
		gzip -dc "c/incoming/$r/$part.gz" >plain
		printf '{"type":"body","run":"%s","source":"soc",' "$r"
		printf '"dataset":"%s","part":{"term_code":"%s",' "$1" "$term"
		printf '"campus_code":"%s","endpoint":"%s"},' "$campus" $part
		printf '"url":"http://[::1]/","mode":"full","format":'
		printf '"json-array","schema_version":"1","sha256":"%s",' \
		    "$(sha256sum plain | cut -d' ' -f1)"
		printf '"path":"incoming/%s/%s.gz","encoding":"gzip",' \
		    "$r" $part
		printf '"size_bytes":%d,"stored_bytes":%d,"status":200,' \
		    "$(wc -c <plain)" "$(wc -c <"c/incoming/$r/$part.gz")"
		printf '"fetched_at":"2026-11-20T00:00:00.000Z",'
		printf '"attempt":1}\n'
	done >bodies
	echo '{"type":"end","n":2}' >>bodies
	config=$top/pipelines/soc/pipeline.toml
	raw-write -d c <bodies >raws 2>err &&
	    raw-verify -c "$config" -d c <raws >verdicts 2>>err
	run 0 stage-normalize -c "$config" -d c -r "$r" "$1"
	sqlite3 "c/staging/soc/$1.sqlite" 'SELECT * FROM staging_tables;
	    SELECT code, severity, table_name, column_name, n, row_key,
	    detail FROM findings' >got
	same "$1 has the rows and findings to expect" \
	    "$T/$term-$campus.txt" got
}
capture 20261/NB 2026-1/NB 20251115T200000Z
capture 20261/NK 2026-1/NK 20251115T200000Z
capture 20261/CM 2026-1/CM 20251115T200000Z
capture 20209/CM 2020-9/CM 20200603T000000Z
finish
