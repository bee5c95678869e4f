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
expect 'a status, as often as asked for' '503 503 200 ' "for i in 1 2 3; do
	status \"\$SOC/courses.json?$NB\"; printf ' '; done" \
    --fail courses:NB:503:2
expect 'of that campus and endpoint only' '200 200' "
	status \"\$SOC/courses.json?$NK\"; printf ' '
	status \"\$SOC/openSections.json?$NB\"" --fail courses:NB:503:2
expect 'a page instead of JSON' '200 <!doctype' "
	status \"\$SOC/courses.json?$NB\"; printf ' '; head -c 9 body" \
    --fail openSections:NK:html:1,courses:NB:html:1
expect 'nothing instead of everything' '200 []' "
	status \"\$SOC/courses.json?$NB\"; printf ' '; cat body" \
    --fail courses:NB:empty:1
expect 'gzip that was cut' '200 1' "
	status -H 'Accept-Encoding: gzip' \"\$SOC/courses.json?$NB\"
	gzip -t body 2>/dev/null; echo \" \$?\"" --fail courses:NB:truncated:1
expect 'an answer that was cut' '200 no JSON' "
	status \"\$SOC/courses.json?$NB\"
	jq . body >/dev/null 2>&1 || echo ' no JSON'" --fail courses:NB:truncated:1
expect 'late answers come' 200 "status \"\$SOC/courses.json?$NK\"" \
    --latency 20

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
run 64 soc-replica --fail courses:NB -- true
run 64 soc-replica --fail courses:NB:200:1 -- true
run 64 soc-replica --fail sections:NB:503:1 -- true
run 64 soc-replica --fail courses:NB:503:1,, -- true
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
