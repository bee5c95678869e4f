#!/bin/sh
# state-due: what is to be asked for now, so that a fetch can.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG
why='--why because'
said() { jq -r "select(.part) | $1" out | tr '\n' ' '; }
day='"\(.part.account)\(.part.day[8:])"'
ago() { date -u -d "-$1" +%FT%T.000Z; }

run 0 state-due -c "$config" -r R9
ok 'no ledger: nothing is due' test "$(cat out)" = '{"type":"end","n":0}'
ok 'and none appears' test ! -e data
mkdir data
RUN=R1
good A 2026-11-01 sales
AT=$(ago 3minutes) bad A 2026-11-02 sales
AT=$(ago 6minutes) bad A 2026-11-03 sales
AT=$(ago 2days) bad A 2026-11-04 sales
run 0 state-due -c "$config" -r R9
ok 'what failed five minutes ago, the longest ago first' test \
    "$(said "$day")" = 'A04 A03 '
ok 'it is said' grep -q 'shop: due 2, waiting 1' err
cat >want <<'J'
{"type":"task","run":"R9","source":"shop","dataset":"A/2026-11-04","part":{"account":"A","day":"2026-11-04","report":"sales"},"url":"http://127.0.0.1/A/2026-11-04","mode":"incremental","format":"json-array","schema_version":"1"}
J
sed -n 1p out >got
same 'as it was asked for' want got
run 0 state-due -c "$config" -r R9 --first-wait 60
ok 'another policy' test "$(said "$day")" = 'A04 A03 A02 '
run 0 state-due -c "$config" -r R9 --limit 1
ok 'so many' test "$(said "$day")" = 'A04 '
run 0 state-due -c "$config" -r R9 day=2026-11-03
ok 'by a member' test "$(said "$day")" = 'A03 '
run 0 state-due -c "$config" -r R9 --max-failures 1
ok 'not after so many failures' test "$(said "$day")" = ''

# 5 min x 2^(n-1), at most 6 h; jitter is at most a tenth.
i=2
while [ $i -le 9 ]; do
	RUN=R$i AT=$(ago 3hours) bad A 2026-11-04 sales
	wait=$((5 * (1 << (i - 1))))
	[ $wait -le 360 ] || wait=360
	for part in 85 115; do
		ask "UPDATE partition_asked SET failed_at = '$(ago \
		    $((wait * part * 60 / 100))seconds)'
		    WHERE part_path LIKE '%04/sales'"
		state-due -q -c "$config" -r R9 day=2026-11-04 >out
		echo "$i $part $(said "$day")"
	done
	i=$((i + 1))
done >got
for i in 2 3 4 5 6 7 8 9; do
	echo "$i 85 "; echo "$i 115 A04 "
done >want
same 'each failure doubles the wait, up to six hours' want got
RUN=S1 good A 2026-11-04 sales
run 0 state-due -c "$config" -r R9
ok 'an answer ends it' test "$(said "$day")" = 'A03 '
RUN=S2 AT=$(ago 6minutes) bad A 2026-11-04 sales
run 0 state-due -c "$config" -r R9 day=2026-11-04
ok 'and failures are counted anew' test "$(said "$day")" = 'A04 '
ok 'what is valid is asked for on condition' test "$(said .known.run)" = 'S1 '
run 0 state-due -c "$config" -r R9 --mode full day=2026-11-04
ok 'or not' test "$(said '"\(.mode) \(.known)"')" = 'full null '
RUN=S1 AT=$(ago 1minute) bad A 2026-11-04 sales reset
run 0 state-due -c "$config" -r R9 day=2026-11-04
ok 'an older run that ends late counts for nothing' test \
    "$(said "$day")" = 'A04 '

# --- people ---------------------------------------------------------------------
state-retry -q $why --terminal day=2026-11-04 >out 2>err
run 0 state-due -c "$config" -r R9
ok 'terminal ones are left out' test "$(said "$day")" = 'A03 '
state-retry -q $why day=2026-11-02 >out 2>err
run 0 state-due -c "$config" -r R9
ok 'what is to be retried comes first, whatever the schedule says' test \
    "$(said "$day")" = 'A02 A03 '
RUN=S3 AT=$(ago 0minutes) bad A 2026-11-02 sales
run 0 state-due -c "$config" -r R9
ok 'once' test "$(said "$day")" = 'A03 '
state-backfill -q -c "$config" $why --again account=A day=2026-11-01 \
    report=sales >out 2>err
run 0 state-due -c "$config" -r R9
ok 'what is valid, if it was asked for' test "$(said "$day")" = 'A01 A03 '
state-backfill -q -c "$config" $why account=A day=2026-12-01..2026-12-02 \
    report=sales >out 2>err
run 66 state-due -c "$config" -r R9
ok 'what nobody knows how to ask for is told' grep -q \
    'A/2026-12-01/sales: nobody knows how to ask for it' err
ok 'the others are due' test "$(said "$day")" = 'A01 A03 '
jq '.table = {"stock": (.table.sales | .part = "stock")}' "$config" >stock.json
jq '.part.sales.format = "bytes" | .table.sales = {part: "sales", key: ["n"],
    columns: {n: {type: "integer", required: true}}} | .page.sales = {
    url: "/r/{account}?day={day}", parser_version: "1",
    rows: [{table: "sales", at: "//li", columns: {n: "@n"}}]}' "$config" \
    >paged.json
run 0 state-due -c paged.json -r R9 --base http://127.0.0.1:1 \
    day=2026-12-02
ok 'unless its page is declared' test "$(said .url)" = \
    'http://127.0.0.1:1/r/A?day=2026-12-02 '
jq 'del(.part.sales)' stock.json >less.json
run 66 state-due -c less.json -r R9
ok 'nor what is declared no more' grep -q 'its part is not declared' err
jq '.part.sales += {url: "http://127.0.0.1:1/{day}", request: {method: "POST",
    headers: {"Content-Type": "text/plain"}, body_path: "q/{+account}.txt"}}' \
    "$config" >posted.json
run 0 state-due -c posted.json -r R9 day=2026-12-02
ok 'or how it is asked for' test "$(said '"\(.url) \(.request.method) \(
    .request.body_path)"')" = 'http://127.0.0.1:1/2026-12-02 POST q/A.txt '
jq '.part.sales += {url: "http://127.0.0.1:1/{other}"}' "$config" >other.json
run 66 state-due -c other.json -r R9 day=2026-12-02
ok 'with what its key has' grep -q '"other" is not in its key' err
jq '.part.sales += {request: {}}' "$config" >other.json
run 64 state-due -c other.json -r R9

RUN=S4 AT=$(ago 2days) failure A 2026-11-05 sales | sed \
    's|"format"|"paging":{"error":"/no"},&|' | enter
run 0 state-due -c "$config" -r R9 day=2026-11-05
ok 'as the last time, with all pages' test "$(said .paging.error)" = '/no '

# A fetch takes it.
echo '[7]' >page
cat >serve.pl <<'P'
use IO::Socket::INET;
$s = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die;
open F, '>port.new'; print F $s->sockport; close F; rename 'port.new', 'port';
$SIG{ALRM} = sub { exit }; alarm 60;
while ($c = $s->accept) {
	while (<$c>) { last if /^\r?$/ }
	print $c "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n[7]";
	close $c;
}
P
perl serve.pl & server=$!
until [ -s port ]; do sleep 0.02; done
ask "UPDATE partition_asked SET task = replace(task, '127.0.0.1',
    '127.0.0.1:$(cat port)')"
unset http_proxy https_proxy all_proxy
run 0 state-due -c "$config" -r S5 account=A report=sales day=2026-11-03
mv out tasks
run 0 url-fetch -d data -q --interval 0 <tasks
mv out bodies
run 0 raw-write -d data <bodies
mv out sealed
run 0 raw-verify -c "$config" -d data <sealed
kill $server
wait
run 0 raw-cat shop A/2026-11-03/sales
ok 'what was due is there' test "$(cat out)" = '[7]'
run 0 state-due -c "$config" -r S6 day=2026-11-03
ok 'and due no more' test "$(said "$day")" = ''

# --- trouble ----------------------------------------------------------------------
run 64 state-due -c "$config"
run 64 state-due -c "$config" -r R9 --mode some
run 64 state-due -c "$config" -r R9 word
run 64 state-due -c "$config" -r R9 --limit x
run 66 state-due -c none.json -r R9
state-due -c "$config" -r R9 >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 1'
run 65 state-due -c "$config" -r R9
mv keep data/ledger.sqlite
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN EXCLUSIVE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
state-due -c "$config" -r R9 >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
echo >go
wait
if [ -z "${SLUICE_SANITIZE-}" ] && strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ \
	    state-due -c "$config" -r R9
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
finish
