#!/bin/sh
# snap-serve: the declared routes over HTTP, each answer of one snapshot.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/snap.sh"

serve() {		# serve STATUS [OPTION...] : with the script calls.sh
	want=$1; shift
	run "$want" snap-serve -c "${file-toy.json}" -d d --port 0 "$@"
}
# What follows runs while a server does, each in a shell with these.
cat >calls.sh <<'E2'
get() { curl -sS "$@"; }
status() { get -o body -w '%{http_code}' "$@"; }
header() { _n=$1; shift; get -D- -o body "$@" | tr -d '\r' |
    sed -n "s/^$_n: //ip"; }
E2
expect() {	# expect NAME WANT SCRIPT OPTION... : SCRIPT prints WANT
	name=$1 want=$2 script=$3; shift 3
	${WRAP-} snap-serve -c "${file-toy.json}" -d d --port 0 "$@" -- \
	    sh -c ". ./calls.sh; $script" >out 2>err; got=$?
	ok "$name" test "$got $(cat out)" = "0 $want"
	test "$got $(cat out)" = "0 $want" || sed 's/^/# /' out err
}

serve 66 true
ok 'nothing to serve' grep -q 'd/snapshots: there is no current snapshot' err
run-new -d d --source toy --mode full >/dev/null
promote r1 a </dev/null; report r1 a 1
build 0; one=$(built)
snap-publish -q -c toy.json -d d >/dev/null

# --- answers
expect 'a route' 'one two null 3' 'get $API/things |
    jq -r "[.data[].name, .meta.total] | map(. // \"null\") | join(\" \")"'
expect 'a query' one 'get "$API/things?q=on" | jq -r ".data[].name"'
expect 'its snapshot, and what it is' "$one $one application/json" \
    'echo $(get $API/things | jq -r .meta.snapshot) \
    $(header X-Snapshot $API/things) $(header Content-Type $API/things)'
expect 'every problem' '400 2' 'echo $(status "$API/things?x=1&page=0") \
    $(jq ".error.details | length" body)'
expect 'no path' '404 not_found' 'echo $(status $API/nothing) \
    $(jq -r .error.code body)'
expect 'who has it gets 304, without a body' "304 304 200 0" '
    e=$(header ETag $API/things)
    echo $(status -H "If-None-Match: $e" $API/things) $(status -H \
    "If-None-Match: \"x\", W/$e" $API/things) $(status -H \
    "If-None-Match: \"x\"" $API/things) $(get -H "If-None-Match: $e" \
    $API/things | wc -c)'
expect 'HEAD is GET without a body' '200 0 same' 'echo $(status -I \
    $API/things) $(get -I $API/things -o /dev/null | wc -c) $(
    test "$(header Content-Length -I $API/things)" = \
    "$(get $API/things | wc -c)" && echo same)'
expect 'OPTIONS, for pages of any origin' '204 * GET, HEAD, OPTIONS' \
    'echo "$(status -X OPTIONS $API/things) $(header \
    Access-Control-Allow-Origin $API/things) $(header \
    Access-Control-Allow-Methods -X OPTIONS $API/things)"'
expect 'the id of a request' 'a.b-C_9 a.b-C_9 other' '
    echo $(header X-Request-Id -H "X-Request-Id: a.b-C_9" $API/nothing) \
    $(jq -r .error.traceId body) $(a=$(header X-Request-Id $API/things)
    b=$(header X-Request-Id $API/things); test ${#a} = 16 && test $a != $b &&
    echo other)'
expect 'an id that is none' 16 'a=$(header X-Request-Id -H \
    "X-Request-Id: <b>" $API/things); echo ${#a}'

# --- the next snapshot, while it runs
promote r2 a <<'SQL'
UPDATE items SET name = 'uno' WHERE code = '1';
SQL
report r2 a 1
build 0; two=$(built)
expect 'what is published is served' "$one true $two uno" '
    next() { [ "$(header X-Snapshot $API/things)" != '"$one"' ]; }
    echo $(get $API/healthz | jq -r ".snapshot, .isCurrent"
    snap-publish -q -c toy.json -d d >&2; until next; do :; done
    get $API/healthz | jq -r .snapshot; get $API/things |
    jq -r ".data[0].name")'

is 'no server, no file' "$(ls d/serve)" ''
expect 'who serves what' "$two toy yes" 'f=$(echo d/serve/*.json)
    echo $(jq -r ".snapshot, .source" $f) $([ "$(jq -r .url $f)" = $API ] &&
    [ "$(jq -r .root $f)" = "$(cd d/snapshots && pwd -P)" ] && echo yes)'
expect 'what cannot be opened is not served' "$two false 200" '
    mv d/snapshots/current d/keep; mkdir d/snapshots/none
    ln -s none d/snapshots/current
    until [ "$(get $API/healthz | jq .isCurrent)" = false ]; do :; done
    sleep 0.2
    echo $(get $API/healthz | jq -r ".snapshot, .isCurrent") \
    $(status $API/things)
    rm -r d/snapshots/current d/snapshots/none; mv d/keep d/snapshots/current'
is 'that is told once' "$(grep -c "none/metadata.json: .*; $two is served on" \
    err)" 1
expect 'nor what is of another source' "$two" '
    cp -r d/snapshots/'"$two"' d/snapshots/other
    chmod -R u+w d/snapshots/other
    f=d/snapshots/other/metadata.json; jq ".source = \"other\" |
    .snapshot = \"other\"" $f >d/m; mv d/m $f
    mv d/snapshots/current d/keep; ln -s other d/snapshots/current
    until [ "$(get $API/healthz | jq .isCurrent)" = false ]; do :; done
    sleep 0.2; get $API/healthz | jq -r .snapshot
    rm -r d/snapshots/current d/snapshots/other; mv d/keep d/snapshots/current'

# --- as many swaps as are asked for, with readers all the time
for r in s1 s2 s3; do
	promote $r a <<-SQL
	UPDATE items SET name = '$r';
	SQL
	report $r a 1
	build 0; ids="${ids-} $(built)"
	snap-publish -q -c toy.json -d d >/dev/null
done
${WRAP-} snap-serve -c toy.json -d d --port 0 --threads 3 --log swaps.log -- \
    perl "$T/swaps.pl" d/snapshots "${SWAPS-10}" 2 $ids >out 2>err
is "no answer fails, or is of two" "$(cat out)" 'many answers, 0 wrong'
sed 's/^/# /' err
is 'nor is the log torn' "$(jq -r .status swaps.log | sort -u)" 200
snap-publish -q -c toy.json -d d >/dev/null
last=$(readlink d/snapshots/current)

# --- declared: a long answer, one that takes long, when data is old
jq '.route += {long: {path: "/long", from: "things t", order: "t.id",
    select: "t.id, printf(\"%.3000c\", \"x\") AS x, t.name"},
  slow: {path: "/slow", one: true, select: "sum(n) AS n", from:
    "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000) SELECT n FROM c)"}} |
  .snapshot.stale_after_minutes = 60' toy.json >more.json
file=more.json
expect 'gzip, for who takes it' 'gzip same smaller Accept-Encoding' '
    g="Accept-Encoding: br, gzip;q=0.5"; u=$API/long
    echo $(header Content-Encoding -H "$g" $u) $(get $u >a
    get -H "$g" $u | gzip -dc | cmp - a && echo same) $(
    [ "$(get -H "$g" $u | wc -c)" -lt 1000 ] && echo smaller) \
    $(header Vary $u)'
expect 'an ETag for each form, of one answer' '304 304 differ' '
    u=$API/long; a=$(header ETag $u); b=$(header ETag --compressed $u)
    echo $(status -H "If-None-Match: $b" $u) $(status --compressed -H \
    "If-None-Match: $a" $u) $([ "$a" != "$b" ] && echo differ)'
expect 'no gzip for who does not, and for what is small' none '
    echo $(header Content-Encoding -H "Accept-Encoding: gzip;q=0" $API/long
    header Content-Encoding --compressed $API/things)none'
expect 'an answer that takes too long' '503 too_long 200' '
    echo $(status $API/slow) $(jq -r .error.code body) \
    $(status $API/things)' --query-time 100
verified() {		# verified SECONDS_AGO SNAPSHOT
	printf '{"snapshot":"%s","verified_at":"%s","datasets":[]}\n' "$2" \
	    "$(date -u -d "-$1 seconds" +%FT%TZ)" >d/verified.tmp
	mv d/verified.tmp d/snapshots/verified.json
}
verified 60 "$last"
expect 'ready' '200 true' 'echo $(status $API/ready) $(jq .ready body)'
verified 3660 "$last"
expect 'the data is old' '503 the data is too old' '
    echo $(status $API/ready) $(jq -r .reason body)'
verified 60 other
expect 'nobody knows' 503 'status $API/ready'
verified 3660 "$last"
expect 'and it is so no more' '503 200' 'echo $(status $API/ready) $(
    printf "{\"snapshot\":\"%s\",\"verified_at\":\"%s\"}" '"$last"' \
    $(date -u +%FT%TZ) >d/v; mv d/v d/snapshots/verified.json
    until [ $(status $API/ready) = 200 ]; do :; done; status $API/ready)'

# --- pages of its own
expect 'metrics' 'text/plain; version=0.0.4; charset=utf-8
sluice_requests_total{route="things",status="200"} 2
sluice_requests_total{route="things",status="400"} 1
sluice_requests_total{route="none",status="404"} 1
sluice_request_duration_seconds_count{route="things"} 3
sluice_snapshot_info{source="toy",snapshot="'"$last"'"} 1' '
    for p in things things "things?x" nothing; do get $API/$p >/dev/null; done
    header Content-Type $API/metrics
    grep -E "requests_total.*(things|none)|count.*things|_info{" body'
expect 'every route is described' '3.1.0 things q page pageSize 100 /slow' '
    echo $(get $API/openapi.json | jq -r ".openapi,
    (.paths[\"/things\"].get | .operationId, (.parameters | (.[].name),
    .[2].schema.maximum)), (.paths | keys)[1]")'
mkdir -p d/report/toy/x/a d/report/toy/x/b
echo old >d/report/toy/x/a/ready_report_r1.html
echo new >d/report/toy/x/a/ready_report_s3.html
echo '{}' >d/report/toy/x/a/ready_report_s4.json
expect 'the latest report' 'new text/html; charset=utf-8' '
    echo $(get $API/report) "$(header Content-Type $API/report)"'
echo b >d/report/toy/x/b/ready_report_s5.html
expect 'of a dataset, and of none' 'b new 404 400 400 404' '
    echo $(get "$API/report?dataset=x/b") $(get "$API/report?dataset=x%2Fa") \
    $(for d in "dataset=x/c" "dataset=x" other=1 "dataset=../x"; do
    status "$API/report?$d"
    echo; done)'
echo whole >d/report/toy/ready_report_s1.html
expect 'or of the whole source' whole 'get $API/report'

# --- limits, and what only some clients send
raw="perl $T/raw.pl"
H='Host: x\r\n'
expect 'a path that is long, and too long' '400 414 414' '
    echo $(status "$API/things?q=$(printf %08000d 0)") \
    $(status "$API/things?q=$(printf %010000d 0)") \
    $(status "$API/things?q=$(printf %070000d 0)")'
expect 'no method but three, and no bodies' '405 405 413 413 413 200' "
    for r in 'DELETE /things HTTP/1.1\r\n$H\r\n' \
    'POST /things HTTP/1.1\r\n${H}Content-Length: 3\r\n\r\nabc' \
    'GET /things HTTP/1.1\r\n${H}Content-Length: 3\r\n\r\nabc' \
    'GET /things HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n' \
    'GET /things HTTP/1.1\r\n${H}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' \
    'GET /things HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n'; do
	$raw send \"\$r\"
    done | paste -sd' '"
expect 'no host, no answer' 400 "
    $raw send 'GET /things HTTP/1.1\r\n\r\n' | cut -d' ' -f1"
expect 'NUL, and steps upwards, are no path' '404 404 400' "
    for p in /things%00 /x/../things '/things?q=%00'; do
	$raw send \"GET \$p HTTP/1.1\r\n$H\r\n\"
    done | paste -sd' '"
expect 'several at a time, in pieces' '200 404 200' "
    $raw send 'GET /things HTT' 'P/1.1\r\n${H}\r\nGET /x HTTP/1.1\r\n$H\r\n' \
    'GET /things HTTP/1.1\r\n$H\r\n'"
expect 'a drip does not hold a connection' 'cut 1' "
    echo \$($raw drip) \$(get \$API/metrics |
    sed -n 's/^sluice_connections_cut_total //p')" --header-time 300
expect 'so many from one address' 'open open open closed closed' \
    "$raw idle 5" --per-address 3
expect 'more in all wait until one is cut' '200 open' "
    $raw idle 3 >idle & sleep 0.1; s=\$(status \$API/things)
    wait; echo \$s \$(cut -d' ' -f1 idle)" --connections 2 --threads 2 --header-time 500
expect 'headers that are too large' 431 "
    status -H \"X: \$(printf %070000d 0)\" \$API/things"

# --- the access log
${WRAP-} snap-serve -c toy.json -d d --port 0 --log log -- sh -c '
    . ./calls.sh; get -H "X-Request-Id: abc" "$API/things?q=s3" >/dev/null
    get "$API/nothing?\"'"'"'$(printf "\\303\\251")" >/dev/null' >out 2>err
is 'a line for each' "$(jq -r '[.id, .client, .method, .target, .route,
    .status, .snapshot] | map(. // "-" | tostring) | join(" ")' log |
    sed 's/^[0-9a-f]\{16\}/ID/')" "abc 127.0.0.1 GET /things?q=s3 things 200 $last
ID 127.0.0.1 GET /nothing?\"'%C3%A9 none 404 -"

# --- signals, and the end
begin() {		# begin [OPTION...] : in the background; API and pid
	rm -f url
	# In the background, a shell has SIGINT ignored.
	env --default-signal=INT snap-serve -c "$file" -d d --port 0 "$@" \
	    >url 2>err & pid=$!
	until [ -s url ]; do kill -0 $pid || break; done
	API=$(cat url); export API
}
for signal in TERM INT; do
	begin --query-time 60000
	curl -sS "$API/slow" >slow & client=$!
	until [ "$(curl -sS "$API/metrics" |
	    sed -n 's/^sluice_requests_under_way //p')" = 2 ]; do :; done
	kill -$signal $pid; wait $pid
	is "$signal: the status" $? 0
	wait $client
	is "$signal: what is under way is answered" "$(jq .data.n slow)" \
	    4500001500000
done
begin
kill -KILL $pid; wait $pid 2>/dev/null
is 'a killed one leaves its file' "$(ls d/serve | wc -l)" 1
expect 'the next one removes it' 1 'ls d/serve | wc -l'
rmdir d/serve; echo >d/serve
expect 'no file can be written: no harm' 200 'status $API/things'
ok 'but a word' grep -q 'd/serve: .*nobody can look up this server' err
rm d/serve

# --- statuses
serve 7 sh -c 'exit 7'
serve 143 sh -c 'kill -TERM $$'
serve 64 --none
serve 64 --threads 0 true
serve 64 --address localhost true
jq 'del(.snapshot)' toy.json >bad.json; file=bad.json serve 64 true
jq '.route.things.select = "t.none"' toy.json >bad.json
file=bad.json serve 64 true
ok 'what does not fit, and where' grep -q 'route.things.select: .*t.none' err
jq '.source.name = "other"' toy.json >bad.json; file=bad.json serve 73 true
serve 66 ./none
begin
run 71 snap-serve -c toy.json -d d --port "${API##*:}" true
kill $pid; wait $pid
serve 74 --log d/none/log true
mv d/snapshots/current d/keep; mkdir d/snapshots/current
serve 65 true
finish
