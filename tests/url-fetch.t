#!/bin/sh
# url-fetch: any question, robots.txt, secrets that stay secret.
if [ -z "${DOCS-}" ]; then
	exec perl "${0%/*}/soc-fetch/server.pl" sh "$0"
fi
. "${0%/*}/lib.sh"
unset CONTACT SLUICE_LOG http_proxy https_proxy all_proxy
end='{"type":"end","n":0}'

task() {		# task PAGE URL [REQUEST] : a task for a page of bytes
	jq -nc --arg page "$1" --arg url "$2" --argjson q "${3-null}" \
	    --arg run "${RUN-R1}" '{type: "task", run: $run, source: "web",
	    dataset: "a", part: {site: "a", page: $page}, url: $url} +
	    if $q then {request: $q} else {} end + {format: "bytes"}'
}
one() { { task "$@"; echo "$end"; } >in; }
fetch() {		# fetch STATUS ARG... : quick, with in as its input
	want=$1; shift
	run "$want" url-fetch --interval 0 --backoff 1 "$@" <in
}
codes() { jq -r '.code // .type' out | tr '\n' ' '; }
asked() { grep -c "^$1 " "$DOCS/log"; }
robots() { cat >"$DOCS/${1-robots}"; }
body() { cat "data/incoming/${RUN-R1}/a/$1.body"; }
new() { rm -rf data; mkdir data; : >"$DOCS/log"; }

# --- any question ------------------------------------------------------------
new
one page "$SOC/echo"
fetch 0
ok 'a GET is the usual' test "$(body page)" = 'GET '
mkdir data/ask
printf '{"q":1}' >data/ask/q
hash=$(sha256sum <data/ask/q | cut -d' ' -f1)
one post "$SOC/echo" '{"method":"POST","headers":{"Content-Type":
    "application/json","X-Page":"2"},"body_path":"ask/q"}'
fetch 0
ok 'a POST with its body' test "$(body post)" = 'POST {"q":1}'
ok 'and its headers' grep -q \
    '^POST /echo .*|Content-Type: application/json|X-Page: 2' "$DOCS/log"
ok 'the record says what was asked' test "$(jq -r 'select(.request) | .request |
    "\(.method) \(.body_path) \(.body_sha256)"' out)" = "POST ask/q $hash"
sort out >want
: >"$DOCS/log"
fetch 0
sort out >got
same 'the same run again: the same record' want got
ok 'and no request' test ! -s "$DOCS/log"
printf '{"q":2}' >data/ask/q
fetch 0
ok 'another question is asked anew' test "$(body post)" = 'POST {"q":2}'
raw-write <out >sealed 2>err
ok 'it is sealed' test "$(jq -r '.type' sealed | tr '\n' ' ')" = 'raw end '
jq -c '.request | {method, body_path, body_sha256}' \
    data/raw/web/site=a/page=post/run_id=R1/metadata.json >got
jq -nc --arg h "$(printf '{"q":2}' | sha256sum | cut -d' ' -f1)" \
    '{method: "POST", body_path: "ask/q", body_sha256: $h}' >want
same 'the seal says what was asked' want got
{ task slow "$SOC/held/a"; task lost "$SOC/echo" \
    '{"method":"POST","body_path":"ask/q",
    "headers":{"Content-Type":"application/json"}}'; task z "$SOC/echo"
echo "$end"; } >in
: >"$DOCS/log"; rm -f "$DOCS/go"; echo >"$DOCS/a"; gzip -nkf "$DOCS/a"
url-fetch --interval 0 --max-workers 1 <in >out 2>err & pid=$!
until [ "$(asked 'GET /held/a')" -eq 1 ]; do sleep 0.02; done
mv data/ask/q aside; : >"$DOCS/go"
wait "$pid"; got=$?
mv aside data/ask/q
ok "a question that is lost: 75 (got $got)" test "$got" -eq 75
ok 'stops no other' test "$(codes | xargs -n 1 | sort | xargs)" = \
    'body body end question_changed'
{ task a "$SOC/echo" '{"metod":"GET"}'; task b "$SOC/echo" '{"method":"HEAD"}'
task c "$SOC/echo" '{"method":"POST","body_path":"../in"}'
task d "http://u:p@${SOC#http://}/echo"
task e "$SOC/echo" '{"headers":{"Cookie":"a=b"}}'; task f "$SOC/echo"
echo "$end"; } >in
fetch 65
ok 'a question that cannot be asked is an error, the others are asked' test \
    "$(codes)" = 'bad_task bad_task bad_task bad_task bad_task body end '
one none "$SOC/nogzip"
fetch 76
one none "$SOC/status/404"
fetch 76
one none "$SOC/status/503"
fetch 75 --max-attempts 2
one none "$SOC/status/500" '{"method":"POST","body_path":"ask/q",
    "headers":{"Content-Type":"application/json"}}'
: >"$DOCS/log"
fetch 75
ok 'what may have been done is not done twice' test \
    "$(asked 'POST /status/500')" -eq 1
one page 'http://192.0.2.1/'
fetch 64
ok 'another host wants a contact' grep -q 'name yourself' err

# --- secrets -----------------------------------------------------------------
secret=v3ry-s3cret-t0ken
mkdir keys; chmod 700 keys
printf 'Bearer %s\n' $secret >keys/api
chmod 600 keys/api
shows() {		# shows WHERE... : the secret is in one of these files
	grep -rl "$secret" "$@"
}
auth='{"headers":{"Authorization":{"secret":"api"}}}'
new
export SLUICE_LOG=data/log
one page "$SOC/echo" "$auth"
fetch 0 --secrets keys -v
ok 'the secret was sent' grep -q "|Authorization: Bearer $secret" "$DOCS/log"
ok 'and shows nowhere' test -z "$(shows data out err)"
raw-write <out >sealed 2>err
ok 'nor in the raw store' test -z "$(shows data sealed err)"
ok 'its name does' grep -q '{"secret":"api"}' \
    data/raw/web/site=a/page=page/run_id=R1/metadata.json
: >"$DOCS/log"
{ task a "$SOC/away/302/echo" "$auth"; task b "$SOC/away/307/echo" "$auth"
task c "$SOC/moved/echo" "$auth"; echo "$end"; } >in
fetch 0 --secrets keys
ok 'it stays with the server that it is for' test \
    "$(grep -c "Authorization: Bearer" "$DOCS/log")" -eq 4
ok 'a server elsewhere never sees it' test "$(grep "Host: ${OTHER#http://}" \
    "$DOCS/log" | grep -c "$secret")" -eq 0
mkdir -p data/ask; echo '{"q":1}' >data/ask/q
one d "$SOC/away/307/echo" '{"method":"POST","body_path":"ask/q",
    "headers":{"Content-Type":"application/json"}}'
: >"$DOCS/log"
fetch 0
ok 'nor does a body there get a type that it was not said to have' test \
    "$(grep -c '^POST.*Content-Type' "$DOCS/log") $(grep -c '^POST' \
    "$DOCS/log")" = '1 2'
for want in 'PUT 302 PUT' 'POST 302 GET' 'PUT 303 GET' 'DELETE 301 DELETE' \
    'POST 308 POST'; do
	# shellcheck disable=SC2086  # its words
	set -- $want
	rm -rf data/incoming
	case $1 in DELETE) q='{"method":"DELETE"}' ;;
	*) q='{"method":"'$1'","body_path":"ask/q",
	    "headers":{"Content-Type":"application/json"}}' ;; esac
	one m "$SOC/away/$2/echo" "$q"
	fetch 0
	ok "$1 redirected by $2 is a $3" grep -q "^$3 " \
	    data/incoming/R1/a/m.body
done
rm -rf data/incoming
RUN=R2
{ task a "$SOC/tell/a" "$auth"; task b "$SOC/lead/a" "$auth"; echo "$end"; } >in
fetch 76 --secrets keys
ok 'nor does a server that tells it make us tell it' test \
    -z "$(shows data out err)"
printf 'Bearer %s%0400d\n' $secret 0 >keys/long; chmod 600 keys/long
one page "$SOC/lead/a" '{"headers":{"Authorization":{"secret":"long"}}}'
fetch 76 --secrets keys
ok 'nor half of it' test -z "$(shows data out err)"
RUN=R3
one page "$SOC/echo" "$auth"
fetch 65
ok 'no folder, no secrets' grep -q 'header Authorization: .*--secrets' err
chmod 640 keys/api
fetch 65 --secrets keys
ok 'a file open to others is refused' grep -q 'chmod 600' err
ok 'without saying what is in it' test -z "$(shows out err)"
chmod 600 keys/api
one page "$SOC/status/500" "$auth"
fetch 75 --secrets keys --max-attempts 2 -v
one page "$SOC/reset" "$auth"
fetch 75 --secrets keys --max-attempts 2 -v
ok 'failures do not show it' test -z "$(shows data out err)"
fetch 66 --secrets nowhere
unset SLUICE_LOG RUN

# --- robots.txt --------------------------------------------------------------
new
robots <<'EOT'
200
User-agent: *
Disallow: /

User-agent: sluice
Disallow: /echo/no
Allow: /echo/no/yes
EOT
{ task a "$SOC/echo/a"; task b "$SOC/echo/no"; task c "$SOC/echo/no/yes"
task d "$SOC/echo/%6Eo"; echo "$end"; } >in
fetch 76 --robots
ok 'what is forbidden is not asked' test "$(codes | xargs -n 1 | sort |
    tr '\n' ' ')" = 'body body end robots robots '
ok 'robots.txt was asked for first, and once' test "$(grep -o '^GET [^ ]*' \
    "$DOCS/log" | head -n 1) $(asked 'GET /robots.txt')" = 'GET /robots.txt 1'
ok 'nothing forbidden was' test "$(grep -c '^GET /echo/%6Eo\|^GET /echo/no ' \
    "$DOCS/log")" -eq 0
ok 'the error says why' grep -q '"message":"robots.txt forbids it"' out
rm -rf data/incoming
: >"$DOCS/log"
RUN=R2 one a "$SOC/echo/a"
fetch 0 --robots
ok 'another run knows it already' test "$(asked 'GET /robots.txt')" -eq 0
ok 'one file for a site' test "$(find data/cache -type f | wc -l)" -eq 1
kept=$(find data/cache -type f)
age() { sed -i "1s/\"fetched_at\":\"..../\"fetched_at\":\"$1/" "$kept"; }
ok 'named after it' test "${kept##*/}" = \
    "http%3A%2F%2F127.0.0.1%3A${SOC##*:}"
age 2020
rm -rf data/incoming
fetch 0 --robots
ok 'but not for longer than a day' test "$(asked 'GET /robots.txt')" -eq 1
age 2999
rm -rf data/incoming
fetch 0 --robots
ok 'nor from the future' test "$(asked 'GET /robots.txt')" -eq 2
for junk in '' '{' "{}" "$(printf '\037\213')"; do
	printf '%s' "$junk" >"$kept"
	rm -rf data/incoming
	fetch 0 --robots
done
ok 'a damaged file is none' test "$(asked 'GET /robots.txt')" -eq 6
rm -rf data/incoming
one b "$SOC/echo/no"
fetch 0
ok 'without --robots nobody is asked' test "$(body b)" = 'GET '

# What stands for rules: status, first line and text of the answer.
rules() {		# rules DESCR ROBOTS CODE STATUS : what a task gets with that file
	new; printf "$2" | robots
	one a "$SOC/echo/a"
	fetch "$4" --robots --max-attempts 2 --pause 1
	ok "$1: $3" test "$(codes)" = "$3 end "
}
rules 'no file' 404 body 0
rules 'forbidden file' 403 body 0
rules 'gone' 410 body 0
ok 'which is kept too' grep -q '"status":410' "$(find data/cache -type f)"
rules 'a sick server' 500 robots_unknown 75
ok 'which is not kept' test -z "$(find data -name 'http*')"
rules 'asked too much' 429 robots_unknown 75
rules 'a page' '200\n<html>Disallow: /</html>' body 0
rules 'an empty file' '200\n' body 0
rules 'all forbidden' '200\nUser-agent: *\nDisallow: /' robots 76
new
{ printf '200\nUser-agent: *\nDisallow: /echo/no\n'; seq -f '# %.0f' 400000
} | robots
{ task a "$SOC/echo/a"; task no "$SOC/echo/no"; echo "$end"; } >in
fetch 76 --robots --max-bytes 600000
ok 'a huge file: its first 500 KiB count, and no more is asked for' test \
    "$(codes)" = 'robots body end '
rules 'moved' '302\n/echo/robots' body 0
printf '200\nUser-agent: *\nDisallow: /echo' | robots robots.other
rules 'moved to another site, whose it is not' "302\n$OTHER/robots.txt" \
    robots 76
rules 'a circle' '302\n/robots.txt' robots_unknown 75
one a http://127.0.0.1:1/
fetch 75 --robots --max-attempts 1
ok 'nobody there: no' test "$(codes)" = 'robots_unknown end '

# Each site has its own, redirects included.
new
printf '200\nUser-agent: *\nDisallow: /echo/b' | robots
printf '200\nUser-agent: *\nDisallow: /echo/a' | robots robots.other
{ task a "$SOC/echo/a"; task b "$OTHER/echo/b"; task c "$OTHER/echo/a"
task d "$SOC/moved/echo/b"; task e "$SOC/away/302/echo/a"
task f "$SOC/away/302/echo/b"; echo "$end"; } >in
fetch 76 --robots
ok 'a redirect leads to nothing forbidden' test "$(jq -r \
    '"\(.part.page // "end") \(.code // .type)"' out | sort | tr '\n' ' ')" = \
    'a body b body c robots d robots e robots end end f body '
new
one e "$SOC/away/302/echo/a"
fetch 76 --robots
ok 'also when its site was not known' test "$(codes) $(asked \
    'GET /robots.txt') $(asked 'GET /echo/a')" = 'robots end  2 0'
new
mkdir -p data/ask; echo '{"q":1}' >data/ask/q
post='{"method":"POST","body_path":"ask/q",
    "headers":{"Content-Type":"application/json"}}'
one p "$SOC/away/303/echo/b" "$post"
fetch 76 --robots
ok 'a POST is not asked twice for that' test "$(codes) $(asked \
    'POST /away/303/echo/b')" = 'robots_unknown end  1'

# What has no site, or is known not to be had.
{ task a gopher://127.0.0.1/; task b "http://$(printf '%05000d' 0 | tr 0 a)/"
task c "$SOC/echo/a"; echo "$end"; } >in
fetch 65 --robots --contact me@example.org
ok 'what is no URL is an error, and stops nothing' test "$(codes | xargs -n 1 |
    sort | tr '\n' ' ')" = 'bad_task bad_task body end '
new
echo 500 | robots robots.other
{ task a "$OTHER/echo/a"; task b "$SOC/away/302/echo/b"; echo "$end"; } >in
fetch 75 --robots --max-attempts 1 --max-workers 1
ok 'a redirect to where nothing is known waits for better days' \
    test "$(codes)" = 'robots_unknown robots_unknown end '
new
echo 500 | robots
task x "$SOC/echo/" | jq -c 'range(1500) as $i |
    .part.page = "\($i)" | .url += "\($i)"' >in
echo "$end" >>in
fetch 75 -q --robots --max-attempts 1 --max-failures 1
ok 'stopped by failures: the rest is pending' test "$(codes)" = 'end '
ok 'and nobody was asked again' test "$(asked GET)" -eq 1

# Crawl-delay raises the interval.
new
printf '200\nUser-agent: *\nCrawl-delay: 0.3' | robots
{ task a "$SOC/echo/a"; task b "$SOC/echo/b"; task c "$SOC/echo/c"
echo "$end"; } >in
start=$(date +%s%N)
fetch 0 --robots
ok 'Crawl-delay raises the interval' test \
    $((($(date +%s%N) - start) / 1000000)) -ge 600

# --- the stream, signals -----------------------------------------------------
new
task cut "$SOC/echo/a" >in
fetch 65
one slow "$SOC/slow"; : >"$DOCS/log"
printf '404\n' | robots
url-fetch --robots --grace 0 --interval 0 <in >out 2>err & pid=$!
until [ "$(asked 'GET /slow')" -ge 1 ]; do sleep 0.02; done
kill -TERM "$pid"; wait "$pid"; got=$?
ok "SIGTERM: 75 (got $got)" test "$got" -eq 75
one a "$SOC/echo/a"
url-fetch <in >/dev/full 2>err; got=$?
ok "/dev/full: 74 (got $got)" test "$got" -eq 74
url-fetch <in >&- 2>err; got=$?
ok "standard output closed: 74 (got $got)" test "$got" -eq 74
: >file
rm -rf data/incoming
fetch 66 -d file
fetch 66 -d file --robots
mkdir -p data/incoming/R1/a
echo other >data/incoming/R1/a/h.body
fetch 64 operand
finish
