#!/bin/sh
# raw-verify: verdicts, authority, and pointers that follow.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
unset SLUICE_LOG
mkdir data

unchanged() {		# unchanged ENDPOINT SAME_AS TEXT : a 304's record
	printf '{"type":"unchanged",'; part "$1"
	printf ',"sha256":"%s"' "$(printf '%s' "$3" | sha256sum | cut -d' ' -f1)"
	printf ',"same_as":"%s","snapshot":"%s:20261/NB/%s","status":304' \
	    "$2" "$2" "$1"
	[ -z "${ETAG-x}" ] || printf ',"etag":"%s"' "${ETAG-620171575}"
	printf ',"fetched_at":"%s"}\n' "${AT-2026-11-20T11:00:00.000Z}"
}
error() {		# error ENDPOINT CODE : what a fetch has made of it
	printf '{"type":"error","code":"%s","tool":"soc-fetch",' "$2"
	part "$1"
	printf ',"message":"no luck"%s,"of":{"type":"task"}}\n' \
	    "${FAILED+,\"failed_at\":\"$FAILED\"}"
}
check() {		# check STATUS : raw-verify of in
	run "$1" raw-verify -c "$config" -d data <in
}
said() { jq -r 'select(.type == "verdict") | "\(.verdict) \(.code // "-") \(.kind
    ) \(.current // "-") \(.changed) \(.outcome)"' out; }
verdict() { ok "verdict: $1" test "$(said)" = "$1"; }
pointer() { cat "data/ptr/soc/20261/NB/$1"; }

# --- the first one -----------------------------------------------------------
RUN=R1
seal courses '[{"a":1},{"a":2}]'
cp sealed in
check 0
cp out first
verdict 'valid - body R1 true ok'
echo '["type","run","source","dataset","part","sha256","snapshot","kind",
"verdict","current","changed","record_count","size_bytes","outcome"]' |
    jq -c . >want
sed -n 1p out | jq -c keys_unsorted >got
same 'a verdict has its members in order' want got
ok 'the pointer names the run' test "$(pointer courses)" = R1
ok 'the state' test "$(state courses 'status, run, record_count, last_attempt,
    last_error, attempts, etag, confirmed_at, seq')" = \
    'valid|R1|2|ok||1|620171575|2026-11-20T10:00:00.000Z|1'
ask 'SELECT * FROM partition_state; SELECT * FROM attempts' >want
check 0
ok 'again: counted once' sh -c "sqlite3 data/ledger.sqlite \
    'SELECT * FROM partition_state; SELECT * FROM attempts' | diff want -"
verdict 'valid - body R1 false ok'

# --- confirmations --------------------------------------------------------------
touch -d '2026-01-01T00:00:00Z' data/ptr/soc/20261/NB/courses
stamp=$(stat -c %Y data/ptr/soc/20261/NB/courses)
RUN=R2 AT=2026-11-20T11:00:00.000Z
ETAG='' unchanged courses R1 '[{"a":1},{"a":2}]' | stream >in
check 0
verdict 'valid - unchanged R1 false ok'
ok '304 moves the time, not the ETag it lacks' test \
    "$(state courses 'run, confirmed_at, etag, attempts')" = \
    'R1|2026-11-20T11:00:00.000Z|620171575|2'
RUN=R3 AT=2026-11-20T12:00:00.000Z ETAG=other
printf '[{"a":1},{"a":2}]' | body courses | stream | raw-write -d data >in
check 0
verdict 'valid - same_as R1 false ok'
ok 'same_as moves time and ETag' test \
    "$(state courses 'run, confirmed_at, etag, last_attempt_run')" = \
    'R1|2026-11-20T12:00:00.000Z|other|R3'
cp first in; cp sealed in
check 0
ok 'an old record verified again turns nothing back' test \
    "$(state courses 'run, confirmed_at, etag, last_attempt_run, attempts')" = \
    'R1|2026-11-20T12:00:00.000Z|other|R3|3'
ok 'the pointer is not touched' test \
    "$(stat -c %Y data/ptr/soc/20261/NB/courses)" = "$stamp"
ok 'the attempts are all there' test "$(ask "SELECT group_concat(run || ' ' ||
    kind || ' ' || outcome, ', ') FROM attempts")" = \
    'R1 body ok, R2 unchanged ok, R3 same_as ok'

# --- failures demote nothing ------------------------------------------------------
RUN=R4
{ error courses http_503; error openSections timeout; echo "$end"; } >in
check 0
sed '$d' in >want; sed '$d' out >got
same 'errors are passed on' want got
ok 'the last attempt failed, the partition is valid' test "$(state courses \
    'status, run, last_attempt, last_error, last_attempt_run, attempts')" = \
    'valid|R1|failed|http_503|R4|4'
ok 'without a partition an error is only an attempt' test "$(ask "SELECT count(*)
    FROM partition_state") $(ask "SELECT count(*) FROM attempts")" = '1 5'
check 0
ok 'again: counted once' test "$(ask 'SELECT count(*) FROM attempts')" = 5
for at in 12:00 13:00; do
	FAILED=2026-11-20T$at:00.000Z error courses http_503 | stream >in
	check 0
done
ok 'each failure of a run counts, with its time' test "$(ask "SELECT
    group_concat(substr(at, 12, 5), ' ') FROM attempts WHERE run = 'R4' AND
    part_path = '20261/NB/courses' AND at LIKE '%:00:00.000Z'
    ORDER BY seq")" = '12:00 13:00'
RUN=R5
seal courses '[{"a":1},{"a":3}]'
cp sealed sealed5
payload=$(folder courses)/payload.json.gz
chmod u+w "$payload"; printf x >>"$payload"
cp sealed5 in
check 0
verdict 'invalid bad_gzip body R1 false failed'
ok 'it is said' grep -q '^raw-verify: warning: 20261/NB courses: bad_gzip: ' err
ok 'a bad new partition demotes nothing' test "$(state courses \
    'status, run, last_attempt, last_error')" = 'valid|R1|failed|bad_gzip'
run 1 raw-verify -c "$config" -d data --check <in
ok '--check is told after the end' test "$(types)" = 'bad_gzip end'

# --- a newer run, an older one that ends late ---------------------------------------
RUN=R3b
seal courses '[{"a":0}]'
cp sealed late
RUN=R6 AT=2026-11-20T13:00:00.000Z
seal courses '[{"a":6}]'
cp sealed in
check 0
verdict 'valid - body R6 true ok'
ok 'content changed: the pointer moves' test "$(pointer courses)" = R6
cp late in
check 0
verdict 'valid - body R6 false ok'
ok 'an older run replaces nothing' test "$(state courses \
    'run, last_attempt_run, last_attempt')" = 'R6|R6|ok'
RUN=R2 AT=2026-11-20T09:00:00.000Z
error courses timeout | stream >in
check 0
ok 'nor does its failure count as the last' test "$(state courses \
    'last_attempt, last_attempt_run')" = 'ok|R6'
RUN=R7
unchanged courses R1 '[{"a":1},{"a":2}]' | stream >in
check 0
verdict 'invalid hash_mismatch unchanged R6 false failed'
ok 'what confirms an overtaken run is no confirmation' test \
    "$(state courses 'last_attempt, last_error')" = 'failed|hash_mismatch'

# --- what the checks find -----------------------------------------------------------
look() {		# look NAME CODE : of the partition of R8, sealed before
	cp sealed in
	check 0
	ok "$1: $2" test "$(jq -r 'select(.verdict).code' out)" = "$2"
}
again() {		# again SED : as sealed, but with the seal changed
	rm -rf "$(folder openSections)"
	seal openSections '["00001","00002"]'
	[ $# -eq 0 ] || sed -i "$1" "$(folder openSections)/metadata.json"
}
RUN=R8
again 's/"record_count":2/"record_count":3/'
look 'another count' count_mismatch
ok 'a partition that never was valid is invalid' test "$(state openSections \
    'status, run, last_error')" = 'invalid||count_mismatch'
again 's/"size_bytes":17/"size_bytes":18/'; look 'another size' size_mismatch
again 's/"stored_bytes":../"stored_bytes":9/'; look 'other bytes' size_mismatch
again 's/"sha256":"./"sha256":"x/'; look 'another hash' hash_mismatch
again 's/"endpoint":"openSections"/"endpoint":"courses"/'
look 'another key' key_mismatch
again 's/"run":"R8"/"run":"R9"/'; look 'another run' key_mismatch
again 's/"schema_version":"1"/"schema_version":"2"/'
look 'another schema' schema_mismatch
again 's/}//'; look 'a torn seal' bad_metadata
again 's/"sha256"/"sha"/'; look 'a seal without hash' bad_metadata
again; rm "$(folder openSections)/metadata.json"; look 'no seal' missing_file
again; rm "$(folder openSections)/payload.json.gz"
look 'no payload' missing_file
again; printf '[1,2' | gzip -n >new
cp -f new "$(folder openSections)/payload.json.gz"; look 'half a payload' truncated
again; printf '{}' | gzip -n >new
cp -f new "$(folder openSections)/payload.json.gz"; look 'no array' not_array
again; sed -i 's/endpoint=openSections/endpoint=x/' sealed
look 'a record of another path' key_mismatch
again; sed -i 's/"sha256":"./"sha256":"x/' sealed
look 'a record of another hash' hash_mismatch
again; look 'all is well' null
ok 'invalid turns valid' test "$(state openSections 'status, run, last_error')" \
    = 'valid|R8|'
again; sed -i 's/"sha256":"./"sha256":"x/' sealed
look 'a record that misquotes the authoritative partition' hash_mismatch
ok 'which it does not demote' test "$(state openSections \
    'status, run, last_attempt')" = 'valid|R8|failed'
again 's/"record_count":2/"record_count":3/'
look 'the authoritative partition, damaged' count_mismatch
ok 'turns invalid' test "$(state openSections 'status, run')" = 'invalid|'
again
look 'mended' null
ok 'and valid again' test "$(state openSections 'status, run, last_attempt')" \
    = 'valid|R8|ok'

RUN=R9
rm -f "$(RUN=R8 folder openSections)/payload.json.gz"
unchanged openSections R8 '["00001","00002"]' | stream >in
check 0
verdict 'invalid missing_file unchanged R8 false failed'
seal openSections '["00001","00002"]'
touch -d '2026-01-01T00:00:00Z' data/ptr/soc/20261/NB/openSections
cp sealed in
check 0
verdict 'valid - body R9 false ok'
ok 'equal content under a newer run: the pointer stays' test \
    "$(pointer openSections) $(state openSections run)" = 'R8 R9'

# --- pointers -------------------------------------------------------------------------
echo "$end" >in
rm -r data/ptr
check 0
ok 'lost pointers come back' test \
    "$(pointer courses) $(pointer openSections)" = 'R6 R9'
echo R1 >data/ptr/soc/20261/NB/courses
check 0
ok 'one left behind is brought up to date' test "$(pointer courses)" = R6
stat -c '%n %Y %i' data/ptr/soc/20261/NB/* >want
check 0
stat -c '%n %Y %i' data/ptr/soc/20261/NB/* >got
same 'one that is right is left alone' want got

# --- what each element is to have --------------------------------------------------
RUN=X1; seal openSections '[{"a":{"b":null}},{"a":{}}]'
toml-json "$config" | jq '.part.openSections.require = ["/a", "/a/b"]' \
    >needs.json
was=$config config=needs.json
look 'an element without what is required' layout
ok 'it is said what' grep -q 'layout: no /a/b' err
toml-json "$was" | jq '.part.openSections.require = ["/a"]' >needs.json
cp sealed in; check 0
ok 'null or not, it is there' test "$(jq -r 'select(.verdict).verdict' out)" = \
    valid
config=$was

# --- contract ------------------------------------------------------------------------
RUN=S10
seal courses '[10]'
refuse() {		# refuse NAME SED : the record so changed is 65
	sed "$2" sealed >in
	check 65
	ok "$1" grep -q 'standard input: line 1: ' err
	ok "$1: an error record takes its place" test "$(types)" = \
	    'bad_record end'
}
refuse 'no run' 's/"run":"S10",//'
refuse 'another source' 's/"source":"soc"/"source":"ads"/'
refuse 'a part not declared' 's/"endpoint":"courses"/"endpoint":"x"/'
refuse 'members in another order' \
    's/"term_code":"20261","campus_code":"NB"/"campus_code":"20261","term_code":"NB"/'
refuse 'another format' 's/"format":"json-array"/"format":"bytes"/'
refuse 'no hash' 's/"sha256"/"sha"/'
unchanged courses R6 x | sed 's/"same_as":"R6",//' | stream >sealed2
cp sealed2 in
check 65
jq -c 'if .type == "raw" then .type = "error" | .code = "x" |
    .part.endpoint = "none" else . end' sealed >in
check 65
ok 'an error of a part that is not declared is passed on' test "$(types)" = \
    'x end'
{ sed -n 's/"sha256"/"sha"/p' sealed; cat sealed; } >in
check 65
ok 'the others are verified' test "$(types)" = 'bad_record verdict end'
echo '{"type":"error","code":"x","tool":"y"}' | stream >in
check 0
ok 'an error of no partition is passed on' test "$(types)" = 'x end'
echo '{"type":"task","x":1}' | stream >in
check 0
ok 'so are others' grep -q '^{"type":"task","x":1}$' out
jq -c 'if .type == "raw" then . + {"item":{"queue":"q","epoch":3}} else . end' \
    sealed >in
check 0
ok 'whose item it is stays said' test "$(jq -c 'select(.item).item' out)" = \
    '{"queue":"q","epoch":3}'
sed '$d' sealed >in
check 65
ok 'cut input: what came whole counts' test "$(state courses run)" = S10
echo '{"type":"abort","status":75,"reason":"interrupted"}' >in
check 75
run 64 raw-verify -d data
run 64 raw-verify -c "$config" -d data extra
echo 'x = 1' >wrong.toml
run 64 raw-verify -c wrong.toml -d data <in
run 66 raw-verify -c missing.toml -d data <in
run 66 raw-verify -c "$config" -d nowhere <in
ok 'no store appears' test ! -e nowhere
ok 'an early failure is an abort for the next tool' grep -q '"status":66' out

# --- trouble --------------------------------------------------------------------------
cp sealed in
raw-verify -c "$config" -d data <in >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
raw-verify -c "$config" -d data <in >&- 2>err; got=$?
ok 'a closed standard output: 74' test "$got" -eq 74
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 7'
check 65
mv keep data/ledger.sqlite
run 75 flock data/ptr/.lock sh -c '
	raw-verify -c "$0" -d data <in & pid=$!
	until grep -q nanosleep /proc/$pid/wchan 2>/dev/null ||
	    ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
	kill -TERM $pid; wait $pid' "$config"
export SLUICE_LOG=log
check 0
unset SLUICE_LOG
ok 'an event tells of it' test "$(jq -r \
    '"\(.event) \(.run) \(.task) \(.snapshot) \(.code) \(.changed)"' log)" = \
    'verdict S10 20261/NB courses S10:20261/NB/courses valid false'

# Two at once, of two runs: the greater one is current whoever comes last.
i=11
while [ $i -le 18 ]; do
	RUN=S$i; seal courses "[$i]"; mv sealed "sealed.$i"
	i=$((i + 1))
done
for i in 18 11 17 12 16 13 15 14; do
	raw-verify -c "$config" -d data <sealed.$i >"out.$i" 2>&1 &
done
wait
ok 'eight at once: the greatest run is current, and the pointer agrees' \
    test "$(state courses run) $(pointer courses)" = 'S18 S18'

# --- killed at every step that changes something, then repeated ---------------
store() {
	cat data/ptr/soc/20261/NB/*
	find data/ptr | sort
	ask "SELECT source, part_path, status, run, sha256, etag, confirmed_at,
	    last_attempt, attempts, seq FROM partition_state;
	    SELECT seq, part_path, run, kind, outcome, code FROM attempts;
	    PRAGMA integrity_check"
}
killed_at() {		# killed_at CALL N : and repeated
	chmod -R u+w data; rm -rf data; cp -R before data
	(strace -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" \
	    raw-verify -c "$config" -d data <in >out; exit $?) 2>err
	got=$?
	[ $got -ne 137 ] || n=$((n + 1))
	raw-verify -c "$config" -d data <in >out 2>err ||
	    wrong="$wrong status:$1:$2"
	store >after
	cmp -s want after || wrong="$wrong store:$1:$2"
	return $got
}
calls=write,pwrite64:5,fsync,fdatasync,fchmod,link,rename,unlink,unlinkat
calls=$calls,mkdir,ftruncate,flock
if strace -o /dev/null true 2>/dev/null; then
	RUN=S20; seal courses '[20]'; mv sealed first
	RUN=S21; seal openSections '["2"]'
	{ sed '$d' first; sed '$d' sealed; RUN=S22 error courses timeout
	echo "$end"; } >in
	cp -R data before
	check 0
	store >want
	n=0 wrong=''
	each_call "$calls" killed_at
	ok "killed at each of $n calls and repeated: the same store" \
	    test "$n" -gt 30 -a "$got" -eq 0 -a -z "$wrong"
	echo "#$wrong"
	test -n "${SLUICE_SANITIZE-}" || run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ \
	    raw-verify -c "$config" -d data <in
	p=$PWD/$(folder openSections)/payload.json.gz
	cp sealed in
	run 74 strace -qq -o /dev/null -P "$p" -e inject=read:error=EIO \
	    raw-verify -c "$config" -d data <in
	ok 'an unreadable disk is not an invalid payload' test \
	    "$(state openSections status)" = valid
else
	skip 'killed at every step' 'no strace'
fi
finish
