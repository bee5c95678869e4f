#!/bin/sh
# raw-write: whole bodies become immutable partitions, bad ones nothing.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
unset SLUICE_LOG
mkdir data

# --- sealing -----------------------------------------------------------------
printf '[{"a":1}, {"a":"\303\251"}]' >text1
body courses <text1 >body1
cp "$(incoming courses)" sent
{ cat body1; echo '{"type":"task","x":1}'; echo "$end"; } >in
run 0 raw-write -d data <in
ok 'nothing is said' test ! -s err
cp out first
f=$(folder courses)
same 'the payload is what the server sent' sent "$f/payload.json.gz"
ok 'it left incoming' test ! -e "$(incoming courses)"
ok 'both files are read-only' test "$(stat -c %a "$f"/* | sort -u)" = 444
jq -cS '{source, part, run, url, fetched_at, status, etag, sha256, size_bytes,
    stored_bytes, schema_version} + {record_count: 2}' body1 >want
jq -cS . "$f/metadata.json" >got
same 'metadata.json says where it came from' want got
jq -c --arg path "${f#data/}" 'select(.type == "body") | .type = "raw" |
    .path = $path | . + {snapshot: "R1:20261/NB/courses", record_count: 2}' \
    body1 >want
sed -n 1p out >got
same 'the record has grown' want got
ok 'others are passed on' test "$(types)" = 'raw task end'
ok 'the manifest has a line' test "$(jq -r '"\(.snapshot_id) \(.size_bytes)"' \
    data/raw/manifest.jsonl)" = "R1:20261/NB/courses $(wc -c <text1)"
ok 'the ledger has a row' test \
    "$(ask 'SELECT snapshot_id, record_count FROM raw_snapshots')" = \
    'R1:20261/NB/courses|2'

# --- the same again ------------------------------------------------------------
tree() {			# every file but locks, and what is in it
	(cd data && find . -type f ! -name .lock | sort | xargs sha256sum)
}
tree >want
run 0 raw-write -d data <in
same 'again, without the file: the same records' first out
body courses <text1 >/dev/null
run 0 raw-write -d data <in
same 'again, with the file: the same records' first out
tree >got
same 'and the same store' want got

# --- bytes in the ledger, too --------------------------------------------------
body courses <text1 >/dev/null
run 0 raw-write -d data --inline-blob <in
same 'a blob as well: the same records' first out
blob() { sqlite3 data/ledger.sqlite "SELECT writefile('blob', payload) \
    FROM raw_snapshot_blobs WHERE snapshot_id = 'R1:20261/NB/courses'"; }
ok 'there is one' test "$(blob)" -gt 0
ok 'of the stored bytes' cmp blob "$(folder courses)/payload.json.gz"
run 0 raw-write -d data --inline-blob <in
ok 'and once only' test "$(ask 'SELECT count(*) FROM raw_snapshot_blobs')" -eq 1
ok 'it goes with its snapshot' test "$(sqlite3 data/ledger.sqlite "
    PRAGMA foreign_keys = ON; BEGIN; DELETE FROM raw_snapshots;
    SELECT count(*) FROM raw_snapshot_blobs; ROLLBACK")" = 0

# --- other bytes ----------------------------------------------------------------
{ printf '[]' | body courses; printf '[1]' | body openSections
echo "$end"; } >in
run 73 raw-write -d data <in
ok 'other bytes are refused, the rest is taken in' test "$(types)" = \
    'refused raw end'
ok 'the item is named, and what to do' grep -q \
    '20261/NB courses: refused: .*; a new run takes this one' err
ok 'the file stays' test -f "$(incoming courses)"
gzip -dc "$f/payload.json.gz" >got
same 'the partition is left alone' text1 got

RUN=RACE; export RUN
i=0
while [ $i -lt 8 ]; do
	mkdir -p "race/$i"
	printf '[%d]' $i | body openSections | stream >"race/$i/in"
	mv "$(incoming openSections)" "$(incoming openSections).$i"
	sed -i "s/openSections.body/openSections.body.$i/" "race/$i/in"
	i=$((i + 1))
done
i=0
while [ $i -lt 8 ]; do
	(raw-write -d data <"race/$i/in" >"race/$i/out" 2>&1
	echo $? >"race/$i/status") &
	i=$((i + 1))
done
wait
ok 'of eight at once exactly one is the first' test \
    "$(cat race/*/status | sort | tr '\n' ' ')" = '0 73 73 73 73 73 73 73 '
ok 'and it is whole' sh -c "gzip -dc $(folder openSections)/payload.json.gz |
    sha256sum | grep -q \$(jq -r .sha256 $(folder openSections)/metadata.json)"

# --- plain bodies ----------------------------------------------------------------
RUN=R2 CODING=identity
body courses <text1 | stream >in
run 0 raw-write -d data <in
cp "$(folder courses)/payload.json.gz" packed
ok 'a plain body is packed' test "$(jq -r .encoding out | head -n 1)" = gzip
gzip -dc packed >got
same 'and is the same inside' text1 got
ok 'the header has no name and no time' test \
    "$(od -An -tx1 -N10 packed | tr -d ' ')" = 1f8b0800000000000003
RUN=R3
body courses <text1 | stream >in
run 0 raw-write -d data <in
same 'packing is repeatable' packed "$(folder courses)/payload.json.gz"
CODING=gzip

# --- the same as what is authoritative ---------------------------------------------
RUN=S1
seal courses '[{"x":1}]'
verify
RUN=S2 ETAG=new
printf '[{"x":1}]' | body courses | stream >in
run 0 raw-write -d data <in
cp out first
ok 'equal bytes are not sealed' test ! -e "$(folder courses)"
ok 'the record says whose they are' test "$(jq -r 'select(.type == "raw") |
    "\(.same_as) \(.snapshot) \(.path) \(.etag) \(.run)"' out)" = \
    "S1 S1:20261/NB/courses $(RUN=S1 folder courses | sed s,data/,,) new S2"
ok 'the file left incoming' test ! -e "$(incoming courses)"
run 0 raw-write -d data <in
same 'again, without the file' first out
RUN=S3 SCHEMA=2
printf '[{"x":1}]' | body courses | stream >in
run 0 raw-write -d data <in
ok 'another schema version is another meaning' test \
    "$(jq -r 'select(.type == "raw") | .same_as' out)" = null
unset SCHEMA
RUN=S5
printf '[{"x":1}]' | body courses | stream >in
payload=$(RUN=S1 folder courses)/payload.json.gz
mv "$payload" whole
{ head -c -8 whole; printf '12345678'; } >"$payload"
run 0 raw-write -d data <in
ok 'a payload that is damaged is no equal' test \
    -f "$(folder courses)/payload.json.gz" -a \
    "$(wc -c <whole)" -eq "$(wc -c <"$payload")"
rm "$payload"
RUN=S4
printf '[{"x":1}]' | body courses | stream >in
run 0 raw-write -d data <in
ok 'a payload that is lost is sealed anew' test \
    -f "$(folder courses)/payload.json.gz"

# --- bad payloads -------------------------------------------------------------------
RUN=B
bad() {			# bad NAME CODE STATUS WHERE : in is one body and end
	run "$3" raw-write -d data <in
	ok "$1: $2" test "$(types)" = "$2 end"
	ok "$1: nothing is sealed" test ! -e "$(folder courses)"
	ok "$1: the body stays, under another name" sh -c \
	    "test ! -e $(incoming courses) && mv $(incoming courses).bad seen"
	ok "$1: where" grep -q -e "^raw-write: warning: 20261/NB courses: $2: .*$4" err
}
bad_text() {		# bad_text NAME CODE WHERE : the payload is in p
	body courses <p | stream >in
	bad "$1" "$2" 76 "$3"
}
printf '[{"a":1},{"a":"F\363rum"}]' >p
bad_text 'Latin-1' bad_utf8 'element 1: .* at byte 16'
printf '[{"a":1},{"a":tru}]' >p
bad_text 'a wrong literal' not_json 'element 1: .* at byte 1'
printf '[1,]' >p; bad_text 'a comma too many' not_json 'at byte 3'
printf '[1] x' >p; bad_text 'text behind' not_json 'at byte 4'
printf 'Access denied' >p; bad_text 'a message' not_json ''
printf '<html></html>' >p; bad_text 'HTML' not_json ''
printf 'F\363rum' >p; bad_text 'Latin-1 text' bad_utf8 'at byte 1'
printf '{"error":"busy"}' >p; bad_text 'an object' not_array ''
printf 'null' >p; bad_text 'null' not_array ''
printf '[1,{"a":' >p; bad_text 'half an answer' truncated ''
: >p; bad_text 'nothing' empty_body ''
printf '["\0"]' >p; bad_text 'NUL' not_json 'element 0'
printf '["\\ud800"]' >p; bad_text 'a lone surrogate' not_json 'element 0'
head -c 100000 /dev/zero | tr '\0' '[' >p
bad_text 'a depth bomb' too_deep 'at byte 65'
{ printf '['; head -c 17000000 /dev/zero | tr '\0' 1; } >p
bad_text 'an endless element' too_big ''
CODING=identity
: >p; bad_text 'nothing, plain' empty_body ''
printf '[1]' | gzip -n >p; bad_text 'gzip called plain' not_json ''
CODING=gzip

# A file that is not what its record says: fetching again cures it.
put() {			# put FILE [FITTING] : in place of the body in incoming
	printf '[1]' | body courses | stream >record
	cp -f "$1" "$(incoming courses)"
	if [ $# -eq 2 ]; then
		sed "s/\"stored_bytes\":[0-9]*/\"stored_bytes\":$(wc -c <"$1")/" \
		    record
	else
		cat record
	fi >in
}
printf '[1]' | gzip -n >whole
head -c 15 whole >p
put p; bad 'a file cut later' size_mismatch 75 ''
put p fitting; bad 'a gzip cut off' truncated 76 ''
{ cat whole; echo x; } >p
put p fitting; bad 'bytes behind the gzip' bad_gzip 76 ''
printf 'xx' >p
put p fitting; bad 'no gzip at all' bad_gzip 76 ''
printf '[2]' | gzip -n >p
put p fitting; bad 'other bytes of that size' hash_mismatch 75 ''
put whole
sed 's/"size_bytes":3/"size_bytes":4/' in >in2; mv in2 in
bad 'another size' size_mismatch 75 ''
put whole; rm "$(incoming courses)"
run 75 raw-write -d data <in
ok 'no file: missing_file' test "$(types)" = 'missing_file end'

# One bad item does not stop the others, and the gravest status counts.
{ printf '{}' | body courses; printf '[1]' | body openSections
echo "$end"; } >in
run 76 raw-write -d data <in
ok 'one bad item does not stop the others' test "$(types)" = 'not_array raw end'

# --- contract ------------------------------------------------------------------------
RUN=C
refuse() {		# refuse NAME SED : the record so changed is 65
	printf '[1]' | body courses | sed "$2" | stream >in
	run 65 raw-write -d data <in
	ok "$1" grep -q 'standard input: line 1: ' err
	ok "$1: an error record takes its place" test "$(types)" = \
	    'bad_record end'
}
refuse 'no run' 's/"run":"C",//'
refuse 'no part' 's/"part"/"port"/'
refuse 'a dataset of another part' 's,20261/NB",20261/NK",'
refuse 'no hash' 's/"sha256"/"sha"/'
refuse 'no size' 's/"size_bytes":3/"size_bytes":"3"/'
refuse 'a path elsewhere' 's,"path":"incoming,"path":"../incoming,'
refuse 'a path out of incoming' 's,"path":"incoming,"path":"incoming/../raw,'
refuse 'another format' 's/json-array/csv/'
refuse 'another encoding' 's/"gzip"/"br"/'
{ printf '[1]' | body courses | sed 's/"sha256"/"sha"/'
printf '[1]' | body openSections; echo "$end"; } >in
run 65 raw-write -d data <in
ok 'the others are sealed' test "$(types)" = 'bad_record raw end'
printf '[1]' | body courses >record
run 65 raw-write -d data <record
ok 'cut input: what came whole is sealed' test -f "$(folder courses)/metadata.json"
ok 'and said' test "$(types)" = 'raw abort'
printf '{"type":"body"' >in
run 65 raw-write -d data <in
{ echo '{"type":"abort","status":75,"reason":"interrupted"}'; } >in
run 75 raw-write -d data <in
ok 'an abort is passed on' test "$(jq -r .status out)" = 75
: >in
run 65 raw-write -d data <in
run 64 raw-write extra
run 66 raw-write -d nowhere <in
ok 'no store appears' test ! -e nowhere
ok 'an early failure is an abort for the next tool' grep -q '"status":66' out

# --- other formats, other questions ----------------------------------------------
RUN=F
asked='{"method":"POST","headers":{"X-Key":{"secret":"key"}},"body_sha256":"aa"}'
{ printf '<html>\377' | body page; printf '{"a":1}' | body one
printf '<html>' | body wrong; } | jq -c --argjson q "$asked" '.format =
    (if .part.endpoint == "page" then "bytes" else "json" end) |
    del(.schema_version) | .request = $q' | stream >in
run 76 raw-write -d data <in
ok 'a page is bytes, one value is JSON, a page is not' test "$(types)" = \
    'raw raw not_json end'
ok 'bytes have a name of their own' test -f "$(folder page)/payload.gz"
ok 'JSON has the usual one' test -f "$(folder one)/payload.json.gz"
jq -c '{request, format, record_count, schema_version}' \
    "$(folder page)/metadata.json" >got
echo "{\"request\":$asked,\"format\":\"bytes\",\"record_count\":1,\"schema_version\":null}" >want
same 'the seal says what was asked' want got
ok 'no schema version, none in the manifest' test "$(grep -c schema_version \
    data/raw/manifest.jsonl)" -eq "$(grep -vc 'F:' data/raw/manifest.jsonl)"
run 65 sh -c 'jq -c "if .format then .format = \"xml\" else . end" in |
    raw-write -d data'
{ printf '[1]' | body long "$(printf ',"url":"http://127.0.0.1/%0100000d"' 1)"
echo "$end"; } | sed 's|"url":"http://127.0.0.1/long",||' >in
run 0 raw-write -d data <in
run 0 raw-write -d data <in

# --- trouble ------------------------------------------------------------------------
RUN=T
printf '[1]' | body courses | stream >in
raw-write -d data <in >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
printf '[1]' | body courses | stream >in
raw-write -d data <in >&- 2>err; got=$?
ok 'a closed standard output: 74' test "$got" -eq 74
raw-write -d data <in >got 2>err; got=$?
ok 'and again it is a success' test "$got" -eq 0
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 7'
run 65 raw-write -d data <in
ok 'another schema is refused' grep -q 'schema version 7' err
mv keep data/ledger.sqlite
RUN=T2
printf '[1]' | body courses | stream >in
run 75 flock data/raw/.lock sh -c '
	raw-write -d data <in & pid=$!
	until grep -q nanosleep /proc/$pid/wchan 2>/dev/null ||
	    ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
	kill -TERM $pid; wait $pid'
ok 'interrupted before it began: nothing is sealed' test ! -e "$(folder courses)"
export SLUICE_LOG=log
run 0 raw-write -d data <in
unset SLUICE_LOG
ok 'an event tells of it' test "$(jq -r \
    '"\(.event) \(.run) \(.task) \(.snapshot) \(.code) \(.bytes)"' log)" = \
    'snapshot T2 20261/NB courses T2:20261/NB/courses sealed 3'
if strace -o /dev/null true 2>/dev/null; then
	test -n "${SLUICE_SANITIZE-}" || run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ raw-write -d data <in
	RUN=FULL
	printf '[1]' | body courses | stream >in
	p=$PWD/$(folder courses)
	mkdir -p "$p"
	run 74 strace -qq -o /dev/null -P "$p" -e inject=fsync:error=ENOSPC \
	    raw-write -d data <in
	ok 'a full disk stops at once' grep -q '"status":74' out
	ok 'and seals nothing' test ! -e "$p/metadata.json"
	run 0 raw-write -d data <in
	printf '[1]' | body courses | stream >in
	run 74 strace -qq -o /dev/null -P "$p/metadata.json" \
	    -e inject=access,faccessat,faccessat2:error=EIO \
	    raw-write -d "$PWD/data" <in
	ok 'a seal that cannot be looked at: the payload stays' \
	    gzip -t "$p/payload.json.gz"
else
	skip 'a full disk: 74' 'no strace'
fi

# --- killed at every step that changes something, then repeated ---------------
store() {		# store : what is in data, times left out
	(cd data && find raw incoming | sort
	find raw -type f ! -name .lock | sort | xargs cat)
	ask "SELECT seq, snapshot_id, part, path, sha256, attempt, fetched_at
	    FROM raw_snapshots; PRAGMA integrity_check"
}
fresh() {		# fresh : two bodies in incoming, their records in in
	rm -rf data
	mkdir data
	{ body courses <text1; printf '[1]' | CODING=identity body openSections
	echo "$end"; } >in
}
killed_at() {		# killed_at CALL N : and repeated
	fresh
	# A message of the shell about the killed child goes to err.
	(strace -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    raw-write -d data <in >out; exit $?) 2>err
	got=$?
	[ $got -ne 137 ] || n=$((n + 1))
	raw-write -d data <in >out 2>err || wrong="$wrong status:$1:$2"
	store >after
	cmp -s want after || wrong="$wrong store:$1:$2"
	cmp -s first out || wrong="$wrong records:$1:$2"
	return $got
}
RUN=K
calls=write,pwrite64:5,fsync:2,fdatasync,fchmod,link,unlink,unlinkat,mkdir
calls=$calls,ftruncate,flock
if strace -o /dev/null true 2>/dev/null; then
	fresh
	raw-write -d data <in >first
	store >want
	n=0 wrong=''
	each_call "$calls" killed_at
	ok "killed at each of $n calls and repeated: the same store" \
	    test "$n" -gt 50 -a "$got" -eq 0 -a -z "$wrong"
	echo "# $wrong"
else
	skip 'killed at every step' 'no strace'
fi
finish
