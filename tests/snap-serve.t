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
finish
