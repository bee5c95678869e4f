#!/bin/sh
# soc-replica: the API's true behaviour, time that moves when it is told to,
# made-up terms that look like the captures, a command that never outlives it.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

captures=$top/../shared/captures/soc
NB='year=2026&term=1&campus=NB'
NK='year=2026&term=1&campus=NK'

# Run a script of curl calls as the command of a small replica.
cat >calls.sh <<'E2'
get() { curl -sS "$@"; }
post() { get -X POST "${SOC%/soc/api}/_replica/$1"; }
state() { get "${SOC%/soc/api}/_replica/state"; }
status() { get -o body -w '%{http_code}' "$@"; }
E2
replica() {	# replica SCRIPT OPTION... : SCRIPT's status and out
	script=$1; shift
	${WRAP-} soc-replica --scale 4 "$@" -- \
	    sh -c ". ./calls.sh; $script" >out 2>err; got=$?
}
expect() {	# expect NAME WANT SCRIPT OPTION... : SCRIPT prints WANT
	name=$1 want=$2; shift 2
	replica "$@"
	ok "$name" test "$got $(cat out)" = "0 $want"
}
gone() {	# the process dies within ten seconds
	n=0
	while kill -0 "$1" 2>/dev/null && [ $((n += 1)) -lt 200 ]; do
		sleep 0.05
	done
	! kill -0 "$1" 2>/dev/null
}

# --- the command ---------------------------------------------------------
run 7 soc-replica -- sh -c 'exit 7'
ok "the command's status comes without a word" test ! -s err
run 143 soc-replica sh -c 'kill -TERM $$'
run 0 soc-replica -- sh -c 'echo "$SOC"'
ok 'SOC is on the loopback interface' grep -q \
    '^http://127\.0\.0\.1:[1-9][0-9]*/soc/api$' out

mkfifo ready
trapped='trap "kill \$!; exit 9" TERM INT HUP; sleep 60 & echo up >ready; wait'
for signal in TERM HUP; do
	soc-replica -- sh -c "$trapped" & pid=$!
	read -r _ <ready
	kill -$signal "$pid"; wait "$pid"; got=$?
	ok "$signal is the command's business" test "$got" -eq 9
done
soc-replica -- sh -c 'echo $$ >ready; exec sleep 60' & pid=$!
read -r command <ready
kill -KILL "$pid"; wait "$pid" 2>/dev/null
ok 'the command dies with the replica' gone "$command"
sh -c 'soc-replica -- sh -c "echo \$PPID \$\$ >ready; exec sleep 60"; :' &
pid=$!
read -r child command <ready
kill -KILL "$pid"; wait "$pid" 2>/dev/null
ok 'the replica dies with its parent' gone "$child"
ok 'and so does the command' gone "$command"

# --- answers ---------------------------------------------------------------
replica "get -D head -H 'Accept-Encoding: gzip' -o gz \"\$SOC/courses.json?$NB\"
	get -D plain -o json \"\$SOC/courses.json?$NB\"
	get -I \"\$SOC/courses.json?$NB\" >headonly
	etag=\$(sed -n 's/^ETag: \([0-9]*\).*/\1/p' head)
	: >body
	status -H \"If-None-Match: \$etag\" \"\$SOC/courses.json?$NB\"
	echo \" \$(wc -c <body)\"
	status -H \"If-None-Match: \\\"\$etag\\\"\" \"\$SOC/courses.json?$NB\"
	get -D open -o list \"\$SOC/openSections.json?$NB\""
ok 'an ETag that matches gives 304 and no body' grep -q '^304 0$' out
ok 'a quoted one is another' grep -q '^200$' out
for header in 'HTTP/1.1 200' 'Server: Apache/2\.4\.56' 'ETag: [0-9]*.$' \
    'Content-Type: application/json.$' 'Content-Encoding: gzip.$' \
    'Cache-Control: max-age=900.$' "Content-Length: $(wc -c <gz).\$"; do
	ok "header $header" grep -q "^$header" head
done
ok 'the list may be kept for half a minute' \
    grep -q '^Cache-Control: max-age=30.$' open
ok 'HEAD has the length' grep -q "^Content-Length: $(wc -c <json)" headonly
ok 'no gzip unless asked for' sh -c '! grep -q Encoding plain'
gzip -dc gz >decoded
ok 'gzip holds the same bytes' cmp decoded json

expect 'an unknown term is empty' '200 []' \
    'status "$SOC/courses.json?year=2026&term=5&campus=NB"
	echo " $(cat body)"'
expect 'an unknown campus is empty' '200 []' \
    'status "$SOC/courses.json?year=2026&term=1&campus=ZZ"
	echo " $(cat body)"'
expect 'case matters' '200 []' \
    'status "$SOC/openSections.json?year=2026&term=1&campus=nb"
	echo " $(cat body)"'
for query in 'year=2026&term=1' 'year=2026&campus=NB' 'term=1&campus=NB' \
    'year=x&term=1&campus=NB' 'year=2026&term=&campus=NB' \
    'year=2026%00&term=1&campus=NB'; do
	expect "$query is a bad request" 400 \
	    "status \"\$SOC/courses.json?$query\""
	ok 'with a page' grep -q '<h1>HTTP Status 400' body
done
expect 'there is no sections.json' 404 "status \"\$SOC/sections.json?$NB\""
expect 'nothing else is there' 404 'status "${SOC%/soc/api}/"'
expect 'a body is no use' 405 "status -d x \"\$SOC/courses.json?$NB\""
expect 'the connection stays' 1 "get -o a -o b \"\$SOC/courses.json?$NB\" \
	\"\$SOC/openSections.json?$NB\"; state | jq '.connections - 1'"

# --- time --------------------------------------------------------------------
expect 'a tick moves' '{"tick":4}' 'post tick' --tick 3
expect 'only by POST' 405 'status "${SOC%/soc/api}/_replica/tick"'
expect 'the tick is kept' '{"tick":1}' 'post tick' --tick-file d/tick
expect 'and resumed' '1 requests 0' \
    'state | jq -r "\"\(.tick) requests \(.requests)\""' --tick-file d/tick
expect '--tick goes before it' 8 'state | jq .tick' --tick 8 --tick-file d/tick
ok 'and is recorded at the start' test "$(cat d/tick)" = 8
fetch="get \"\$SOC/courses.json?$NB\" >courses
	get \"\$SOC/openSections.json?$NK\" >open; cat courses open"
replica "post tick; post tick; $fetch"; sed 1,2d out >moved
replica "$fetch" --tick 2; same 'tick 2 is tick 2' out moved
replica "$fetch"; cp out zero
replica "$fetch"; same 'the same arguments make the same bytes' zero out
replica "$fetch" --seed 2
ok 'another seed does not' sh -c '! cmp -s zero out'
replica "get \"\$SOC/openSections.json?$NB\""; cp out open
replica "get \"\$SOC/openSections.json?$NK\""
same 'the list is that of all campuses' open out

# --- what is made up ---------------------------------------------------------
replica "get \"\$SOC/courses.json?$NB\"" --scale 12; cp out nb
replica "get \"\$SOC/courses.json?$NB\"" --scale 12 --tick 1; cp out nb1
replica "get \"\$SOC/openSections.json?$NB\"" --scale 12; cp out open
has() { ok "$1" jq -e "$2" nb; }	# has NAME PROGRAM
has 'no course key repeats' 'map([.courseString, .supplementCode,
    .campusCode]) | length == (unique | length)'
has 'no index repeats' 'map(.sections[].index) |
    length == (unique | length)'
has 'a courseString repeats off campus' 'group_by(.courseString) |
    any(map(.campusCode) | unique == ["NB", "OB"])'
has 'a courseString repeats with a supplement' 'group_by(.courseString) |
    any(map(.supplementCode) | unique == ["  ", "LB"])'
has 'credits are integer, real and null' 'map(.credits) |
    any(. == null) and any(. == 3) and any(. == 1.5)'
has 'null goes with BA' 'all((.credits == null) ==
    (.creditsObject.code == "BA"))'
has 'null and "" are mixed' 'map(.courseFeeDescr) |
    any(. == null) and any(. == "")'
has 'titles are padded to 80' 'any(.expandedTitle | length == 80)'
has 'notes have HTML' 'any(.preReqNotes | contains("<em> OR </em>"))'
has 'and wrongly decoded bytes' 'any(.[].sections[].sectionNotes;
    contains("\u00bf\u00bf"))'
has 'a meeting ends before it begins' 'any(.[].sections[].meetingTimes[];
    .endTimeMilitary < .startTimeMilitary)'
has 'a meeting has no length' 'any(.[].sections[].meetingTimes[];
    .meetingDay == "S" and .endTimeMilitary == .startTimeMilitary)'
has 'two meetings are equal' 'any(.[].sections[].meetingTimes;
    length == 2 and .[0] == .[1])'
has 'a lecture has no day' 'any(.[].sections[].meetingTimes[];
    .meetingModeCode == "02" and .meetingDay == "")'
has 'online is an invalid campus' 'any(.[].sections[].meetingTimes[];
    .campusName == "** INVALID **")'
has 'the text is not the join of two names' 'any(.[].sections[];
    (.instructors | length) == 2 and
    .instructorsText != ([.instructors[].name] | join("; ")))'
has 'there are cross-listed sections' 'any(.[].sections[];
    .crossListedSections | length == 2)'
has 'two unit majors are equal' 'any(.[].sections[].unitMajors;
    length > (unique | length))'
has 'majors, minors and honors' 'map(.sections[]) |
    any(.majors != []) and any(.minors != []) and any(.honorPrograms != [])'
jq -c '[.[].sections[]]' nb >sections
ok 'a few statuses disagree' jq -e --slurpfile open open '
    ($open[0] | INDEX(.)) as $list |
    [.[] | select(.openStatus != ($list[.index] != null))] |
    length > 0 and length < 8' sections
ok 'the list names what no course has' jq -e --slurpfile open open '
    (INDEX(.index)) as $all | any($open[0][]; $all[.] == null)' sections
ok 'core codes change their order, not their value' jq -en \
    --slurpfile a nb --slurpfile b nb1 '
    def codes: [.[0][].coreCodes[]]; ($a | codes[0]) as $x |
    ($b | codes | map(select(.id == $x.id))[0]) as $y |
    $x == $y and ($x | keys_unsorted) != ($y | keys_unsorted)'
ok 'a tick opens and closes about one seat in a hundred' jq -en \
    --slurpfile a nb --slurpfile b nb1 '
    def seats: [.[0][].sections[]] | INDEX(.index); ($b | seats) as $y |
    [$a | seats[] | select($y[.index] != null) |
	.openStatus != $y[.index].openStatus] |
    (map(select(.)) | length) / length | . > 0.002 and . < 0.02'
ok 'sections appear and go' jq -en --slurpfile a nb --slurpfile b nb1 '
    def all: [.[0][].sections[].index]; ($a | all) as $x | ($b | all) as $y |
    ($x - $y | length) as $gone | ($y - $x | length) as $new |
    $gone + $new | . > 0 and . < 20'
expect 'up to 2020 the API was another' '26 33 true' \
    'get "$SOC/courses.json?year=2020&term=9&campus=CM" | jq -r "
	\"\(.[0] | length) \(.[0].sections[0] | length) \(
	any(.[].sections[].meetingTimes[]; .meetingDay == \"TH\"))\""'
expect 'indices are unique in a term' true '
	for c in NB NK CM ONLINE_NB ONLINE_NK ONLINE_CM; do
		get "$SOC/courses.json?year=2026&term=9&campus=$c"
	done | jq -s "map(.[].sections[].index) |
	    length == (unique | length)"'

if [ -d "$captures" ]; then
	gzip -dc "$captures"/2026-1/NK/courses.*.gz >real
	shape='.[] | [paths as $p | [($p | map(if type == "number" then "[]"
	    else . end) | join("/")), (getpath($p) | type)] | join(" ")] |
	    unique[]'
	for f in nb real; do
		jq -r "$shape" $f | sort -u >$f.types
		cut -d' ' -f1 $f.types | sort -u >$f.members
		jq -c '.[0] | keys_unsorted, (.sections[0] | keys_unsorted,
		    (.meetingTimes[0] | keys_unsorted))' $f >$f.order
	done
	same 'the captures have the same members' real.members nb.members
	same 'in the same order' real.order nb.order
	comm -23 nb.types real.types >other
	same 'of the same types' /dev/null other
else
	skip 'the shape of the captures' 'no captures'
fi

# --- a full term -----------------------------------------------------------
if [ -z "${SLUICE_SANITIZE-}" ]; then
	expect 'a full NB is of the real size' 'true true true' "
		get -H 'Accept-Encoding: gzip' \"\$SOC/courses.json?$NB\" |
		    gzip -dc >full
		jq -r '\"\(length > 4300 and length < 4700) \([.[].sections[]] |
		    length | . > 11000 and . < 12000)\"' full | tr '\n' ' '
		awk '/VmHWM/ { print \$2 < 32768 ? \"true\" : \$2 }' \
		    /proc/\$PPID/status" --scale 100
	ok 'of 20 MB' test "$(wc -c <full)" -gt 19000000
	expect 'all at once is fine' '6 0' "
		for c in NB NK CM ONLINE_NB ONLINE_NK ONLINE_CM; do
			get -o \$c \"\$SOC/courses.json?$NB\" &
		done; wait; for c in NB NK CM ONLINE_NB ONLINE_NK ONLINE_CM; do
			cmp -s \$c full || echo \$c; done
		state | jq -r '\"\(.status_2xx) \(.status_5xx)\"'" --scale 100
else
	skip 'a full NB is of the real size' 'sanitizers need more memory'
fi

# --- answers that go wrong ---------------------------------------------------
# wrong NAME WANT RULES COMMANDS... : with $nb, $nk, $open as URLs
wrong() {
	name=$1 want=$2 rules=$3; shift 3
	expect "$name" "$want" "nb=\"\$SOC/courses.json?$NB\"
	    nk=\"\$SOC/courses.json?$NK\" open=\"\$SOC/openSections.json?$NB\"
	    s() { status \"\$@\"; printf ' '; }; $*" --fail "$rules"
}
wrong 'a status, as often as asked for' '503 503 200 ' \
    '*/NB/courses 503 count=2' 's $nb; s $nb; s $nb'
wrong 'of what matches only' '200 200 503 ' '*/NB/courses 503' \
    's $nk; s $open; s $nb'
wrong 'the first rule that is not spent' '500 502 503 200 ' \
    '2026?/* 500 count=1; *NB* 502 count=1; * 503 count=1' \
    's $nb; s $nb; s $nb; s $nb'
wrong 'after some' '200 500 200 ' '* 500 skip=1 count=1' 's $nb; s $nb; s $nb'
wrong 'for each key apart' '500 500 200 200 ' '* 500 count=1 each' \
    's $nb; s $nk; s $nb; s $nk'
wrong 'when it may be retried' '1 GMT' \
    '*/NB/* 503 retry_after=1; * 503 retry_date=5' \
    'for u in $nb $nk; do get -o body -D - $u | tr -d "\r" |
    sed -n "s/^Retry-After: .* //; s/^Retry-After: //p; /^GMT/p"; done | xargs'
wrong 'a page instead of JSON' '200 <!doctype' '*/NB/courses html' \
    's $nb; head -c 9 body'
wrong 'words instead of JSON' '200 Access denied' '* denied' 's $nb; cat body'
wrong 'nothing instead of everything' '200 []' '* empty' 's $nb; cat body'
wrong 'seven tenths of a list' '200 true true' '* half share=70 count=1' '
    s $open; mv body sick; get -o whole $open
    jq -rn --slurpfile a sick --slurpfile b whole "(\$a[0] | length) as \$n |
	(\$b[0] | length) as \$m | \"\(\$n == (\$m * 7 / 10 | floor)) \(
	(\$a[0] - \$b[0]) == [])\""'
wrong 'the same sick list, with an ETag of its own' 304 '* half count=3' '
    get -o a -D head $open; get -o b $open; cmp a b
    etag() { sed -n "s/^ETag: \([0-9]*\).*/\1/p" head; }; old=$(etag)
    status -H "If-None-Match: $old" $open
    get -o b -D head $open; [ "$(etag)" != "$old" ] || echo same'
wrong 'text that was cut, in sound gzip' '200 0 no JSON' '* truncated' '
    s -H "Accept-Encoding: gzip" $nb; gzip -dc <body >text; printf "$? "
    jq . text >/dev/null 2>&1 || echo "no JSON"'
wrong 'bytes that are no UTF-8' '200 1 1' '* utf8' '
    s $nb; LC_ALL=C tr -cd "\363" <body | wc -c | tr "\n" " "
    iconv -f UTF-8 -t UTF-8 body >/dev/null 2>&1 || echo 1'
wrong 'what belongs to another key' same \
    '20261/NB/courses other as=*/NK/*' 's $nb >/dev/null; mv body other
    get -o body $nk; cmp body other && echo same'
wrong 'gzip that was cut, of the right length' '200 1 true' '* cut_gzip' '
    s -D head -H "Accept-Encoding: gzip" $nb; gzip -t body 2>/dev/null
    printf "$? "; [ "$(sed -n "s/^Content-Length: \([0-9]*\).*/\1/p" head)" \
    -eq "$(wc -c <body)" ] && echo true'
wrong 'a wrong bit in gzip' '200 1' '* damaged' '
    s -H "Accept-Encoding: gzip" $nb; gzip -t body 2>/dev/null; echo $?'
# curl's words: 18 is a body that ends early, 52 nothing, 56 a reset.
fails() {	# fails NAME CODE RULES : curl ends with that status
	wrong "$1" "$2" "$3" "get -o body ${4-} \$nb 2>/dev/null; echo \$?"
}
fails 'less than was announced' 18 '* length by=10'
wrong 'more than was announced' 9 '* length by=-10' \
    'get -o a $nb; get -o b $nk; : >body
    curl -sS --raw --ignore-content-length -o body $nb
    [ $(($(wc -c <body) - $(wc -c <a))) -eq 10 ] && echo 9'
fails 'a reset in the middle' 56 '* reset'
ok 'of what was not yet all' test -s body
fails 'a reset at once' 56 '* reset share=0'
fails 'a closed connection' 52 '* close'
fails 'no answer' 28 '* silent' '-m 0.3'
wrong 'which the end of the command ends' 'done' '* silent' '
    get -m 60 $nb >body 2>&1 & sleep 0.3; echo done'
fails 'a byte a second' 28 '* drip' '-m 0.3'
wrong 'a body without end' 5000000 '* endless' \
    'get $nb 2>/dev/null | head -c 5000000 | wc -c'
wrong 'a bomb' '1 100663296' '* bomb size=100000000' \
    'get -o body -H "Accept-Encoding: gzip" $nb
    [ $(wc -c <body) -lt 1000000 ] && printf "1 "; gzip -dc <body | wc -c'
wrong 'a redirect' '307 ftp://x/' '* redirect to=ftp://x/ status=307' '
    s -D head $nb; sed -n "s/^Location: \(.*\)./\1/p" head'
wrong 'redirects without end' 47 '* loop' \
    'get -o body -L --max-redirs 9 $nb 2>/dev/null; echo $?'
wrong 'so many redirects' '3 200' '* chain count=3' \
    'get -o body -L -w "%{num_redirects} %{http_code}" $nb'
wrong 'late answers come' '200 ' '* late delay=20' 's $nb'
expect 'all of them do' 200 "status \"\$SOC/courses.json?$NK\"" --latency 20
wrong 'all of half of them' '20 20' '* 500 chance=0 count=20; * 503 chance=100' '
    for i in 1 2 3 4 5 6 7 8 9 10; do s $nb; s $nk; done >all
    state | jq -r "\"\(.status_5xx) \(.faults)\""'
chance() {	# the statuses of 20 requests, by seed and order
	replica "nb=\"\$SOC/courses.json?$NB\" nk=\"\$SOC/courses.json?$NK\"
	    for u in $2; do for i in 1 2 3 4 5 6 7 8 9 10; do
	    echo \"\$u \$(status \$u)\" | sed 's/.*campus=//'; done; done |
	    sort -s -k1,1" --fail '* 503 chance=50' --fault-seed "$1"
}
chance 7 '$nb $nk'; cp out seven
ok 'some are struck' sh -c 'grep -q 503 seven && grep -q 200 seven'
chance 7 '$nk $nb'; same 'the same seed strikes the same' seven out
chance 8 '$nb $nk'
ok 'another one others' sh -c '! cmp -s seven out'
cat >script <<'E2'
# a bad morning
*/NB/* 503 count=1

*/NB/* html; */NK/* denied
E2
expect 'rules in a file' '503 200 <!doc 200 Acces' "
	status \"\$SOC/courses.json?$NB\"
	for u in '$NB' '$NK'; do printf ' '
	status \"\$SOC/courses.json?\$u\"; printf ' '; head -c 5 body; done" \
    --faults script

# --- who asked for what -----------------------------------------------------
replica "get -o a -o b \"\$SOC/courses.json?$NB\" \"\$SOC/courses.json?$NB\"
	get -o b \"\$SOC/openSections.json?$NK\"; get -o b \"\$SOC/x?\"; state >state" \
    --log log --fail '*/NB/* 503 skip=1; */NK/* close'
echo '["type","at","mono_ms","connection","method","path","key","status",
    "fault"]' | jq -c . >want
sed -n 2p log | jq -c keys_unsorted >out
same 'a request has its members in order' want out
jq -r '"\(.connection) \(.path[0:20]) \(.key) \(.status) \(.fault)"' log >out
cat >want <<'E2'
1 /soc/api/courses.jso 20261/NB/courses 200 null
1 /soc/api/courses.jso 20261/NB/courses 503 status
2 /soc/api/openSection 20261/NK/openSections null close
3 /soc/api/x? null 404 null
E2
same 'the log tells who asked for what' want out
ok 'and the time between' jq -es '.[1].mono_ms >= .[0].mono_ms and
    (.[0].at | test("^20..-..-..T..:..:..[.]...Z$"))' log
ok 'the state counts them' jq -e '.requests == 4 and .faults == 2 and
    .unanswered == 1 and .status_4xx == 1 and .status_5xx == 1' state

# --- TLS ---------------------------------------------------------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout key.pem -out cert.pem -days 2 -subj /CN=replica \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
expect 'https' 'https 200 true' "echo \"\${SOC%%:*} \$(status --cacert cert.pem \
    \"\$SOC/openSections.json?$NB\") \$(jq 'length > 0' body)\"" \
    --cert cert.pem --key key.pem
expect 'and not to be trusted without its certificate' 60 \
    "get \"\$SOC/courses.json?$NB\" 2>/dev/null; echo \$?" \
    --cert cert.pem --key key.pem
expect 'no answer over TLS' 28 "get -m 0.3 --cacert cert.pem \
    \"\$SOC/courses.json?$NB\" 2>/dev/null; echo \$?" \
    --cert cert.pem --key key.pem --fail '* silent'
run 64 soc-replica --cert cert.pem -- true
run 64 soc-replica --cert cert.pem --key key.pem --fail '* drip' -- true
run 65 soc-replica --cert cert.pem --key cert.pem -- true
run 66 soc-replica --cert cert.pem --key missing -- true

# --- robots ------------------------------------------------------------------
printf 'User-agent: *\nDisallow: /no\n' >robots.txt
expect 'no robots.txt' 404 'status "${SOC%/soc/api}/robots.txt"'
expect 'the one that is given' '200 text/plain User-agent: * Disallow: /no' \
    'status "${SOC%/soc/api}/robots.txt" -D head
    printf " %s " "$(sed -n "s/^Content-Type: \(.*\)./\1/p" head)"
    xargs -d "\n" <body' --robots robots.txt
expect 'or none today' '503 302' 'u=${SOC%/soc/api}/robots.txt
    status $u; printf " "; status $u' --robots robots.txt \
    --fail 'robots.txt 503 count=1; robots.txt redirect to=/other'

# --- captures ----------------------------------------------------------------
mkdir -p c/2026-1/NB c/2026-1/NK c/notes
pack() { echo "$2" | gzip -n >"c/2026-1/$1.json.gz"; }
pack NB/courses.20260101T000000Z '[1]'
pack NB/courses.20260103T000000Z '[3]'
pack NB/openSections.20260102T000000Z '[2]'
pack NK/courses.20260102T000000Z '[4]'
pack NK/sections.20260105T000000Z '[5]'
echo no >c/2026-1/NB/courses.20260104T000000Z.json
steps='for i in 0 1 2 3; do for q in courses.json?campus=NB \
    openSections.json?campus=NB courses.json?campus=NK \
    openSections.json?campus=NK; do get "$SOC/$q&year=2026&term=1" |
    tr "\n" " "; done; post tick >/dev/null; done'
want='[1] [2] [4] [][1] [2] [4] [][3] [2] [4] [][3] [2] [4] []'
expect 'each endpoint has its newest capture' "$want" \
    "$steps" --captures c
expect 'the steps are counted' '3 3' \
    'echo "$(state | jq .steps) $SOC_STEPS"' --captures c
replica "get -H 'Accept-Encoding: gzip' \
    \"\$SOC/courses.json?$NB\"" --captures c
ok 'captures are served as they are' cmp out \
    c/2026-1/NB/courses.20260101T000000Z.json.gz
echo torn >c/2026-1/NK/courses.20260102T000000Z.json.gz
expect 'a capture that is none is our fault' 500 \
    "status \"\$SOC/courses.json?$NK\"" --captures c
ok 'and is named' grep -q 'NK/courses.*gz' err
if [ -d "$captures" ]; then
	expect 'the captures have three steps' 3 'state | jq .steps' \
	    --captures "$captures"
	replica "get \"\$SOC/courses.json?$NK\"" --captures "$captures"
	ok 'and decode to what was captured' cmp out real
else
	skip 'the captures have three steps' 'no captures'
fi

# --- without a command, and what can go wrong --------------------------------
mkfifo url
soc-replica --scale 1 >url & pid=$!
read -r SOC <url
ok 'it serves at the URL that it prints' \
    curl -sSf -o list "$SOC/openSections.json?$NB"
port=${SOC#*1:}; port=${port%%/*}
run 71 soc-replica --port "$port" -- true
ok 'a taken port is named' grep -q "port $port" err
kill -TERM "$pid"; wait "$pid"; got=$?
ok 'a signal ends it' test "$got" -eq 0

run 64 soc-replica --no-such-option
run 64 soc-replica --scale 0 -- true
for rule in '*' '* 200' '* no' '* 503 share=1' '* half share=101' '* length' \
    '* 503 count=0' '* 503;* half by' '* other as=' '* redirect'; do
	run 64 soc-replica --fail "$rule" -- true
done
ok 'the rule is named' grep -q -e '--fail: line 1: .*is missing' err
printf '* 503\n\n* 5x3\n' >bad
run 65 soc-replica --faults bad -- true
ok 'and its line' grep -q 'bad: line 3: 5x3: no such fault' err
run 66 soc-replica --faults missing -- true
run 74 soc-replica --log tick/below -- true
echo 'not a tick' >tick
run 65 soc-replica --tick-file tick -- true
ok 'what is no tick stays' grep -q 'not a tick' tick
run 66 soc-replica --captures missing -- true
run 66 soc-replica --captures d -- true
run 66 soc-replica -- no-such-command
run 71 soc-replica -- /
run 74 soc-replica --tick-file tick/below -- true
soc-replica >/dev/full 2>err; got=$?
ok 'a full standard output is an error' test "$got" -eq 74
soc-replica >&- 2>err; got=$?
ok 'a closed one too' test "$got" -eq 74
finish
