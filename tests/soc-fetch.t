#!/bin/sh
# soc-fetch against a loopback server that can be as bad as a real one.
if [ -z "${DOCS-}" ]; then
	exec perl "${0%.t}/server.pl" sh "$0"
fi
. "${0%/*}/lib.sh"
unset CONTACT SLUICE_LOG http_proxy https_proxy all_proxy

printf '[{"a":1},{"a":2}]' >"$DOCS/a"
seq 200000 >"$DOCS/big"
gzip -nk "$DOCS/a" "$DOCS/big"

task() {		# task ENDPOINT PATH [MEMBERS] : a task record
	printf '{"type":"task","run":"R1","source":"soc","dataset":"20261/NB"'
	printf ',"part":{"term_code":"20261","campus_code":"NB","endpoint":"%s"}' "$1"
	printf ',"url":"%s","mode":"full","format":"json-array"' "$SOC/$2?x=1"
	printf ',"schema_version":"1"%s}\n' "${3-}"
}
end='{"type":"end","n":0}'
one() { task "$@" >in; echo "$end" >>in; }
fetch() {		# fetch STATUS ARG... : quick, with in as its input
	want=$1; shift
	run "$want" soc-fetch --interval 0 --backoff 1 "$@" <in
}
code() {		# code CODE : the only record is that error, then end
	ok "code $1" test "$(jq -rs 'map(.code // .type) | join(" ")' out)" \
	    = "$1 end"
}
asked() { grep -c "^GET $1 " "$DOCS/log"; }
files() { find data -type f 2>/dev/null | sort; }
pick() { jq -r "$1" out; }

# --- bodies ----------------------------------------------------------------
{ task courses ok/a; task plain plain/a; task big ok/big; task none empty
echo '{"type":"other","x":1}'; echo "$end"; } >in
export SLUICE_LOG=log
fetch 0 --max-workers 1
unset SLUICE_LOG
cp out first
ok 'gzip is kept as it was sent' cmp "$DOCS/a.gz" \
    data/incoming/R1/20261/NB/courses.body
ok 'so are plain bytes' cmp "$DOCS/a" data/incoming/R1/20261/NB/plain.body
ok 'and a body of no bytes' test -f data/incoming/R1/20261/NB/none.body
cat >want <<EOF
body $(sha256sum <"$DOCS/a" | cut -d' ' -f1) gzip 17 $(wc -c <"$DOCS/a.gz")
body $(sha256sum <"$DOCS/a" | cut -d' ' -f1) identity 17 17
body $(sha256sum <"$DOCS/big" | cut -d' ' -f1) gzip $(wc -c <"$DOCS/big") $(wc -c <"$DOCS/big.gz")
body $(sha256sum </dev/null | cut -d' ' -f1) identity 0 0
EOF
jq -r 'select(.type == "body") |
    "\(.type) \(.sha256) \(.encoding) \(.size_bytes) \(.stored_bytes)"' out >got
same 'hash and sizes are of the decoded bytes' want got
echo '["type","run","source","dataset","part","url","mode","format",
"schema_version","sha256","path","encoding","size_bytes","stored_bytes",
"status","etag","last_modified","content_type","fetched_at","attempt",
"connect_ms","first_byte_ms","total_ms"]' | jq -c . >want
grep courses out >record
jq -c keys_unsorted record >got
same 'a body record has its members in order' want got
ok 'the headers are in it' test "$(jq -r \
    '"\(.status) \(.etag) \(.last_modified) \(.content_type)"' record)" = \
    '200 1285791231 Sat, 15 Nov 2025 20:00:00 GMT application/json'
ok 'what is no task passes through' grep -q '^{"type":"other","x":1}$' out
ok 'the note is the record' cmp record \
    data/incoming/R1/20261/NB/courses.json
sed 's/([0-9.]* s)/(T)/' err >got
cat >want <<'EOF'
[1/4] 20261/NB courses ok 17 B (T)
[2/4] 20261/NB plain ok 17 B (T)
[3/4] 20261/NB big ok 1.3 MB (T)
[4/4] 20261/NB none ok 0 B (T)
EOF
same 'one line per task on standard error' want got
ok 'one event per attempt' test "$(jq -r 'select(.event == "attempt") |
    "\(.run) \(.task) \(.attempt) \(.code) \(.bytes)"' log | head -n 1)" = \
    'R1 20261/NB courses 1 ok 17'
ok 'gzip is asked for, by name without contact' grep -q \
    'GET /ok/a .*User-Agent: sluice/[0-9.]*|.*Accept-Encoding: gzip' "$DOCS/log"
ok 'one connection is used again' test \
    "$(grep -c '^connection' "$DOCS/log")" -eq 1

# --- the same run again ----------------------------------------------------
: >"$DOCS/log"
fetch 0
sort first >want; sort out >got
same 'the same records again' want got
ok 'and no request' test ! -s "$DOCS/log"
rm data/incoming/R1/20261/NB/courses.json data/incoming/R1/20261/NB/none.body
mv data/incoming/R1/20261/NB/plain.body data/incoming/R1/20261/NB/plain.body.bad
chmod u+w data/incoming/R1/20261/NB/big.body
echo half >>data/incoming/R1/20261/NB/big.body
fetch 0 -q
ok '-q: not a word' test ! -s err
ok 'a body without a note is fetched anew' test "$(asked /ok/a)" -eq 1
ok 'a body that was refused as well' test "$(asked /plain/a)" -eq 1
ok 'and a body of another size' test "$(asked /ok/big)" -eq 1
ok 'but nothing else' test "$(grep -c '^GET' "$DOCS/log")" -eq 3
: >"$DOCS/log"
# What a disk may show when the machine went down just after.
big=data/incoming/R1/20261/NB/big.body
size=$(stat -c %s "$big")
chmod u+w "$big" && truncate -s 100 "$big" && truncate -s "$size" "$big"
fetch 0 -q
ok 'a body of other bytes is fetched anew' test "$(asked /ok/big)" -eq 1
ok 'and nothing else is' test "$(grep -c '^GET' "$DOCS/log")" -eq 1
rm -r data

# --- conditional requests --------------------------------------------------
known() { printf ',"known":{"run":"R0","snapshot":"S0","sha256":"aa","etag":%s}' "$1"; }
one courses ok/a "$(known '"1285791231"')"
fetch 0
ok 'the ETag goes out raw' grep -q 'If-None-Match: 1285791231|*$' "$DOCS/log"
echo '["type","run","source","dataset","part","url","mode","format",
"schema_version","sha256","same_as","snapshot","status","etag","fetched_at",
"attempt","total_ms"]' | jq -c . >want
head -n 1 out | jq -c keys_unsorted >got
same 'an unchanged record has its members in order' want got
ok 'it names what is known' test "$(head -n 1 out |
    jq -r '"\(.type) \(.sha256) \(.same_as) \(.snapshot) \(.status)"')" = \
    'unchanged aa R0 S0 304'
ok 'and leaves no file' test -z "$(files)"
one courses ok/a "$(known '"7"')"
fetch 0
ok 'another ETag: a body' test "$(pick .type | head -n 1)" = body
rm -r data
: >"$DOCS/log"
one courses ok/a "$(known '"7\r\nX-Evil: 1"')"
fetch 0
ok 'an ETag that is no header value is not sent' test \
    "$(grep -c 'If-None-Match\|Evil' "$DOCS/log")" -eq 0
rm -r data

# --- who is asking ---------------------------------------------------------
one courses ok/a
CONTACT=env@example.org fetch 0
ok 'the contact is in the User-Agent' grep -q \
    'User-Agent: sluice/[0-9.]* (+env@example.org)' "$DOCS/log"
rm -r data
one courses ok/a; sed 's|http://[^/]*|http://192.0.2.1|' in >in2; mv in2 in
fetch 64
ok 'another host wants a contact' grep -q 'name yourself' err
ok 'the stream is aborted' test "$(pick '"\(.type) \(.status)"')" = 'abort 64'
fetch 64 --contact 'two
lines'

# --- failures that are final -----------------------------------------------
: >"$DOCS/log"
one courses status/404
fetch 76
code http_404
ok 'a 404 is asked for once' test "$(asked /status/404)" -eq 1
ok 'the error names the item and the task' test "$(head -n 1 out | jq -r '
    "\(.tool) \(.run) \(.dataset) \(.part.endpoint) \(.status) \(.attempt) "
    + .of.type')" = 'soc-fetch R1 20261/NB courses 404 1 task'
ok 'and when it was' sh -c 'head -n 1 out | jq -r .failed_at |
    grep -qx "20[-0-9]*T[:0-9]*\.[0-9][0-9][0-9]Z"'
fetch 76 -q
ok '-q leaves it to the record' test ! -s err
for pair in trailing/a:bad_gzip nogzip:bad_gzip brotli:bad_encoding \
    partial:http_206 nohttp:bad_http loop:redirect_loop \
    ftp:redirect_scheme nowhere:redirect_url many/1:redirect_limit \
    page:html status/400:http_400 page_endless/404:http_404 \
    page_endless/302:http_302 page_short/410:http_410 header/200000:bad_http
do
	one courses "${pair%:*}"
	: >"$DOCS/log"
	fetch 76
	code "${pair#*:}"
	ok "${pair%:*} is tried once" test "$(asked "/${pair%:*}")" -eq 1
done
one courses ok/big
fetch 76 --max-bytes 1000000
code too_big
fetch 76 --max-bytes 1000
code too_big
{ task a nogzip; task b status/502; echo "$end"; } >in
fetch 75 --max-attempts 1
ok '75 when one of them failed for now' test "$(pick .code | grep -c _)" -eq 2
ok 'no file is left by any of them' test -z "$(files)"

# --- failures that are tried again -----------------------------------------
one courses flaky/2/a
export SLUICE_LOG=log2
fetch 0
unset SLUICE_LOG
ok 'two 500s, then the body' test "$(pick .attempt | head -n 1)" = 3
ok 'each attempt is an event' test "$(jq -r '"\(.attempt) \(.code)"' log2 |
    tr '\n' ' ')" = '1 http_500 2 http_500 3 ok '
ok 'people see why it takes longer' test "$(grep -c 'note: 20261/NB.*again in' \
    err)" -eq 2
rm -r data
for pair in status/503:http_503 status/408:http_408 cut/a:truncated \
    half/plain:truncated short:bad_length reset:reset; do
	one courses "${pair%:*}"
	fetch 75 --max-attempts 3
	code "${pair#*:}"
	ok "${pair%:*} is tried three times" test \
	    "$(asked "/${pair%:*}")" -eq 3
done
one courses slow
fetch 75 --timeout 200 --max-attempts 2
code timeout
one courses ok/a; sed 's|http://[^/]*|http://127.0.0.1:1|' in >in2; mv in2 in
fetch 75 --max-attempts 2
code connect
one courses drip
fetch 75 --min-rate 1000 --rate-window 300 --max-attempts 2
code too_slow
ok 'and leaves no file' test -z "$(files)"
one courses busy/a
export SLUICE_LOG=log3
fetch 0 --backoff 0
unset SLUICE_LOG
ok 'Retry-After is kept to' test "$(jq -r .again_ms log3 | head -n 1)" -gt 0
rm -r data
one courses moved/ok/a
fetch 0
ok 'a redirect is followed' cmp "$DOCS/a.gz" \
    data/incoming/R1/20261/NB/courses.body
rm -r data
one courses held/a; rm -f "$DOCS/go"
soc-fetch <in >out 2>err & pid=$!
until [ "$(asked /held/a)" -eq 1 ]; do sleep 0.02; done
mkdir -p data/incoming/R1/20261/NB
echo other >data/incoming/R1/20261/NB/courses.body
: >"$DOCS/go"
wait "$pid"; got=$?
ok "73 when another process was faster (got $got)" test "$got" -eq 73
code exists
ok 'its bytes stay' grep -q other data/incoming/R1/20261/NB/courses.body
rm -r data

# --- politeness ------------------------------------------------------------
: >"$DOCS/log"
{ task a ok/a; task b plain/a; task c empty; echo "$end"; } >in
# One at a time: of two that are begun in order a busy server may see the
# other one first.
start=$(date +%s%N)
run 0 soc-fetch --interval 100 --max-workers 1 <in
ok 'starts are an interval apart' test \
    $((($(date +%s%N) - start) / 1000000)) -ge 200
ok 'in the order of the tasks' test "$(sed -n 's/^GET \([^ ]*\).*/\1/p' \
    "$DOCS/log" | tr '\n' ' ')" = '/ok/a /plain/a /empty '
rm -r data
i=0
while [ $i -lt 1500 ]; do task "e$i" status/404; i=$((i + 1)); done >in
echo "$end" >>in
fetch 76 -q --max-workers 8
ok 'more tasks than are kept waiting' test "$(pick .code | grep -c http_404)" \
    -eq 1500
soc-fetch -q --interval 60000 <in >out 2>err & pid=$!
until [ "$(asked /status/404)" -gt 1500 ]; do sleep 0.02; done
sleep 1
ok 'the rest of them is waited for asleep' test "$(awk '{ print $14 + $15 }' \
    "/proc/$pid/stat")" -lt 25
kill "$pid"; wait "$pid"

# --- stopped by failures ---------------------------------------------------
mark=data/incoming/breaker.soc.json
rm -rf data; : >"$DOCS/log"
for n in 1 2 3 4 5 6; do task e$n status/500; done >in; echo "$end" >>in
export SLUICE_LOG=log4
fetch 75 --max-workers 1 --max-attempts 2
unset SLUICE_LOG
ok 'three tasks, twice each, and no more' test "$(asked /status/500)" -eq 6
ok 'what was not asked for has no record' test \
    "$(pick '.code // .type' | tr '\n' ' ')" = \
    'http_500 http_500 http_500 end '
n=$(pick .part.endpoint | sed -n 3p)
ok 'it is said, and counted' grep -q \
    '6 tasks: 0 ok, 3 failed, 3 not asked' err
ok 'and logged' test "$(jq -r 'select(.event == "breaker") |
    "\(.run) \(.task) \(.code) \(.failures)"' log4)" = \
    "R1 20261/NB $n http_500 3"
ok 'the next run is told' test "$(jq -r .task $mark)" = "20261/NB $n"
{ task x status/500; task y status/500; echo "$end"; } |
    sed 's/"source":"soc"/"source":"o.ther"/' >in
fetch 75 --max-attempts 1 --max-failures 2
ok 'but one of another source has its own' test -e $mark -a \
    -e data/incoming/breaker.o.ther.json -a "$(pick .code |
    grep -c http_500)" -eq 2
for n in 1 2 3 4 5 6; do task e$n status/500; done >in; echo "$end" >>in
fetch 75 --max-attempts 1 --max-failures 0
ok 'and --max-failures 0 asks for all' test \
    "$(pick .code | grep -c http_500)" -eq 6
n=$(jq -r .task $mark); n=${n#* }
: >"$DOCS/log"
{ task "$n" status/500; task other ok/a; echo "$end"; } >in
fetch 75 --max-workers 4 --max-attempts 1
ok 'which probes with another task first' test "$(sed -n \
    's/^GET \([^ ]*\).*/\1/p' "$DOCS/log" | tr '\n' ' ')" = '/ok/a /status/500 '
ok 'and forgets it when that succeeds' test ! -e $mark
rm -rf data

# --- private networks -------------------------------------------------------
# Addresses of our own, in a network of our own.
cat >inner.sh <<'E2'
own=198.51.100.1:${SOC##*:} name=x.localhost:${SOC##*:}
ip link set lo up
for a in 198.51.100.1 198.51.100.2 10.9.9.9; do ip addr add $a/32 dev lo; done
printf '[1]' >"$DOCS/a"; gzip -nk "$DOCS/a"
while read -r part url; do
	printf '{"type":"task","run":"R1","source":"s","dataset":"d",'
	printf '"part":{"k":"d","n":"%s"},"url":"%s",' "$part" "$url"
	printf '"format":"json-array"}\n'
done >in <<E3
outside http://$own/url/198.51.100.2:${SOC##*:}/ok/a
outwards http://10.9.9.9:${SOC##*:}/url/$own/ok/a
opened http://$name/ok/a
machine http://$own/url/127.0.0.1:${SOC##*:}/ok/a
name http://$own/url/$name/ok/a
private http://$own/url/10.9.9.9:${SOC##*:}/ok/a
inwards http://10.9.9.9:${SOC##*:}/url/$name/ok/a
E3
echo '{"type":"end","n":0}' >>in
soc-fetch -q --interval 0 --max-workers 1 --contact me --max-failures 0 \
    -d inner <in >inner.out
E2
if unshare -rn ip link set lo up 2>/dev/null; then
	HOST=0.0.0.0 unshare -rn perl "$T/server.pl" sh inner.sh 2>err
	cat >want <<-'EOF'
	outside body
	outwards body
	opened body
	machine redirect_private
	name redirect_private
	private redirect_private
	inwards redirect_private
	null end
	EOF
	jq -r '"\(.part.n) \(.code // .type)"' inner.out >got
	same 'redirects lead no further inside a network' want got
else
	skip 'redirects lead no further inside' 'no network of our own'
fi
rm -rf inner

# --- HTTP/2 ------------------------------------------------------------------
# A server that offers it, as most do behind TLS: all on one connection.
if command -v nghttpd >/dev/null && openssl req -x509 -newkey rsa:2048 -nodes \
    -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null; then
	n=1
	while [ $n -le 20 ]; do task h$n a; n=$((n + 1)); done >in
	echo "$end" >>in
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
	    Listen => 1, LocalAddr => "127.0.0.1")->sockport')
	sed "s|$SOC|https://127.0.0.1:$port|" in >in2; mv in2 in
	nghttpd -v -a 127.0.0.1 -d "$DOCS" "$port" key.pem cert.pem \
	    >h2.log 2>&1 &
	pid=$!
	until openssl s_client -connect "127.0.0.1:$port" </dev/null \
	    >/dev/null 2>&1; do sleep 0.05; done
	CURL_CA_BUNDLE=$PWD/cert.pem run 0 soc-fetch -q --interval 0 \
	    --max-workers 8 <in
	ok 'HTTP/2: all over one connection' test \
	    "$(sed -n 's/^\(.id=[0-9]*.\).*:path: .*/\1/p' h2.log |
	    uniq -c | awk '{ print $1 }' | xargs)" = 20
	kill $pid; wait $pid 2>/dev/null
	rm -rf data
else
	skip 'HTTP/2: all over one connection' 'no nghttpd'
fi

# --- many -------------------------------------------------------------------
i=0
while [ $i -lt 3000 ]; do task "m$i" ok/a; i=$((i + 1)); done >in
echo "$end" >>in
# most COUNT : kB of memory and fds that so many tasks take at most
most() {
	head -n "$1" in >some; echo "$end" >>some
	rm -rf data
	soc-fetch -q --interval 0 --max-workers 8 <some >out 2>err & pid=$!
	fds=0
	while kill -0 $pid 2>/dev/null; do
		now=$(ls /proc/$pid/fd 2>/dev/null | wc -l)
		[ "$now" -le "$fds" ] || fds=$now
		grep VmHWM /proc/$pid/status >hwm.new 2>/dev/null
		[ ! -s hwm.new ] || mv hwm.new hwm
	done
	wait $pid; got=$?
	kb=$(tr -dc 0-9 <hwm)
	echo "# $1: status $got, $kb kB, $fds descriptors"
}
most 300; few_kb=$kb
most 3000
if [ -n "${SLUICE_SANITIZE-}" ]; then
	skip 'ten times as many in hardly more memory' 'a sanitizer keeps it'
else
	ok 'ten times as many answers in hardly more memory' \
	    test $got -eq 0 -a "$kb" -lt $((few_kb + 4000))
fi
ok 'and few descriptors' test "$fds" -lt 60
ok 'all of them came' test "$(grep -c '"type":"body"' out)" -eq 3000
# Tasks of 1 MB, more of them than may be in memory at a time.
cp in all
head -n 150 all | jq -c '.pad = "x" * 1000000' >in
most 150
mv all in
if [ -n "${SLUICE_SANITIZE-}" ]; then
	skip 'long tasks wait in the pipe' 'a sanitizer keeps them'
else
	ok 'long tasks wait in the pipe' test $got -eq 0 -a "$kb" -lt 120000
fi
rm -rf data

# Two runs beside each other in one DATA.
head -n 300 in >some; echo "$end" >>some
sed 's/"R1"/"R2"/' some >others
soc-fetch -q --interval 0 --max-workers 4 <some >out1 2>err & pid=$!
soc-fetch -q --interval 0 --max-workers 4 <others >out2 2>err2; got2=$?
wait $pid; got=$?
ok 'two runs do not mind each other' test "$got $got2" = '0 0' -a \
    "$(cat out1 out2 | grep -c '"type":"body"')" -eq 600 -a \
    "$(find data -name '*.body' ! -name '.*' | wc -l)" -eq 600
rm -rf data

# --- the input -------------------------------------------------------------
{ task a ok/a; task b plain/a | head -c 30; } >in
fetch 65
ok 'cut input: what came whole is done' test \
    "$(pick '"\(.type) \(.status)"' | tr '\n' ' ')" = 'body 200 abort 65 '
task a ok/a >in
fetch 65
fetch 0 --partial
{ task a ok/a; echo '{"type":"abort","status":75,"reason":"gone"}'; } >in
fetch 75
ok "its producer's abort goes on" test "$(tail -n 1 out | jq .status)" -eq 75
{ echo '{"type":"task","run":"R1"}'; task a ok/a
task b ok/a | sed 's|http:|gopher:|'; echo "$end"; } >in
fetch 65
ok 'a wrong task is an error, the others are done' test \
    "$(pick '.code // .type' | sort | tr '\n' ' ')" = 'bad_task bad_task body end '
{ task "$(printf '%0250d' 1)" ok/a; task a ok/a; echo "$end"; } >in
fetch 65
ok 'a name too long for a file is no reason to stop either' test \
    "$(pick '.code // .type' | sort | tr '\n' ' ')" = 'bad_task body end '
{ echo nonsense; echo "$end"; } >in
fetch 65
echo "$end" >in
fetch 0
ok 'no tasks: nothing to do' test "$(cat out)" = "$end"
fetch 64 --max-workers 0
fetch 64 operand
rm -r data

# What a task says never leads out of the run's folder.
task .. ok/a | sed 's|"R1"|"../../../x"|; s|"NB"|"../.."|' >in
echo "$end" >>in
fetch 0
ok 'values are encoded in paths' test -f \
    data/incoming/%2E.%2F..%2F..%2Fx/20261/%2E.%2F../%2E..body
ok 'and nothing is elsewhere' test "$(find . -name '*.body' | wc -l)" -eq 1
rm -r data

# A task is answered while its producer is still thinking about the next.
mkfifo tasks answers
soc-fetch --interval 0 --max-workers 16 --max-failures 0 <tasks >answers \
    2>err & pid=$!
exec 7>tasks 8<answers
task a ok/a >&7
read -r line <&8
ok 'answered at once' test "${line%%,*}" = '{"type":"body"'
# So is a crowd of them, whose bodies are synced together, and what fails;
# and the next one when nothing else is asked for.
n=1
while [ $n -le 20 ]; do task c$n ok/a; n=$((n + 1)); done >&7
task c0 status/404 >&7
n=0 seen=
while [ $n -le 20 ] && read -r line <&8; do
	seen="$seen$(printf '%s\n' "$line" | jq -r '.code // .type') "
	n=$((n + 1))
done
ok 'and a crowd, with its failures' test "$(echo "$seen" | tr ' ' '\n' |
    sort | uniq -c | xargs)" = '1 20 body 1 http_404'
task late ok/a >&7
read -r line <&8
ok 'and one more, later' test "$(printf '%s\n' "$line" |
    jq -r '"\(.type) \(.part.endpoint)"')" = 'body late'
ok 'all while the input is open' kill -0 "$pid"
echo "$end" >&7
exec 7>&-
read -r line <&8; exec 8<&-
wait "$pid"; got=$?
ok "and the end comes when it comes (got $got)" test "$got" -eq 76
rm -r data

# --- signals and stores ----------------------------------------------------
{ task a ok/a; task b slow; task c held/a; echo "$end"; } >in
rm -f "$DOCS/go"; : >"$DOCS/log"
for signal in INT TERM; do
	# An interactive shell's background jobs could not be interrupted.
	perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' soc-fetch --interval 0 \
	    --grace 100 <in >out 2>err & pid=$!
	until [ "$(asked /slow)" -ge 1 ] && [ "$(asked /held/a)" -ge 1 ] &&
	    grep -q body out; do sleep 0.02; done
	kill -$signal "$pid"
	wait "$pid"; got=$?
	ok "SIG$signal: 75 (got $got)" test "$got" -eq 75
	ok 'what was in flight is interrupted' test \
	    "$(pick '.code // .type' | tr '\n' ' ')" = \
	    'body interrupted interrupted abort '
	ok 'and leaves nothing behind' test "$(files | tr '\n' ' ')" = \
	    'data/incoming/R1/20261/NB/a.body data/incoming/R1/20261/NB/a.json '
	: >"$DOCS/log"
done
rm -rf data; rm -f "$DOCS/go"; : >"$DOCS/log"
{ task a held/a; task b held/a; task c ok/a; echo "$end"; } >in
soc-fetch --interval 0 --max-workers 2 --grace 60000 <in >out 2>err & pid=$!
until [ "$(asked /held/a)" -eq 2 ]; do sleep 0.02; done
kill "$pid"; sleep 0.1; : >"$DOCS/go"
wait "$pid"; got=$?
ok "what is in flight may end (got $got)" test "$got" -eq 75
ok 'nothing else is begun' test "$(pick '.code // .type' | tr '\n' ' ')" = \
    'body body abort '
ok 'and the end is summed up' grep -q '3 tasks: 2 ok, 0 failed, 1 not asked' err
rm -rf data; rm -f "$DOCS/go"; : >"$DOCS/log"
soc-fetch --interval 0 --grace 60000 <in >out 2>err & pid=$!
until [ "$(asked /held/a)" -eq 2 ]; do sleep 0.02; done
kill "$pid"; sleep 0.1; kill "$pid"
wait "$pid"; got=$?
ok "a second signal ends it at once (got $got)" test "$got" -eq 75
ok 'and leaves no half body under a name' test -z "$(find data -name '[!.]*' \
    -type f ! -path '*/c.*')"
one a ok/a
soc-fetch <in >/dev/full 2>err; got=$?
ok "/dev/full: 74 (got $got)" test "$got" -eq 74
soc-fetch <in >&- 2>err; got=$?
ok "standard output closed: 74 (got $got)" test "$got" -eq 74
{ task x ok/a; echo "$end"; } >in
: >file
fetch 66 -d file
ok 'the folder is named' grep -q 'file/incoming: Not a directory' err
SLUICE_LOG=$PWD/file/log fetch 66
finish
