#!/bin/sh
# part-plan: ranges of keys as tasks, as declared.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/shop.sh"
unset SLUICE_LOG BASE
said() { jq -r "select(.part) | $1" out | tr '\n' ' '; }
plan() { part-plan -c "$config" -r R1 "$@"; }
jq '.part.sales += {url: "/{account}/{report}?day={day}", format: "json-lines",
	rows: "/rows", paging: {next: "/next", token: "/at/token", error: "/no"},
	request: {method: "POST", safe: true,
	    headers: {"Content-Type": "application/json",
		Authorization: {bearer: "shop.json"}},
	    body: {q: "of {+account} on {day}", n: 7}}} |
    .part.stock.url = "http://127.0.0.1:1/{day}"' "$config" >full.json
config=full.json

run 0 plan --base http://127.0.0.1:1/ account='A b' day=2026-11-01 \
    report=sales
cat >want <<'J'
{"type":"task","run":"R1","source":"shop","dataset":"A%20b/2026-11-01","part":{"account":"A b","day":"2026-11-01","report":"sales"},"url":"http://127.0.0.1:1/A%20b/sales?day=2026-11-01","request":{"method":"POST","safe":true,"headers":{"Content-Type":"application/json","Authorization":{"bearer":"shop.json"}},"body":{"q":"of A b on 2026-11-01","n":7}},"paging":{"next":"/next","token":"/at/token","error":"/no"},"mode":"incremental","format":"json-lines","rows":"/rows","schema_version":"1"}
{"type":"end","n":1}
J
same 'one partition, as declared' want out
ok 'no ledger is made' test ! -e data
BASE=http://127.0.0.1:2 run 0 plan account=A day=2026-12-31..2027-01-01 \
    account=B
ok 'all combinations, every part' test "$(said '"\(.dataset)/\(.part.report)"')" \
    = "A/2026-12-31/sales A/2026-12-31/stock A/2027-01-01/sales \
A/2027-01-01/stock B/2026-12-31/sales B/2026-12-31/stock B/2027-01-01/sales \
B/2027-01-01/stock "
ok 'the base of the environment' grep -q '"http://127.0.0.1:2/A/sales' out
run 0 plan account=7..9 day=2026-11-01 day=2026-11-05..2026-11-06 report=stock
ok 'numbers; a value and a range of one member' test "$(said '.dataset')" = \
    "7/2026-11-01 8/2026-11-01 9/2026-11-01 7/2026-11-05 7/2026-11-06 \
8/2026-11-05 8/2026-11-06 9/2026-11-05 9/2026-11-06 "

# What is valid is asked for on condition.
mkdir data
RUN=R0 good A 2026-11-01 stock
run 0 plan account=A day=2026-11-01..2026-11-02 report=stock
ok 'what is known' test "$(said '.known.run // "-"')" = 'R0 - '
run 0 plan --mode full account=A day=2026-11-01 report=stock
ok 'or not' test "$(said '.known')" = 'null '

# state-due asks in the same way.
state-backfill -q -c "$config" --why x account=A day=2026-11-03 report=sales \
    >/dev/null 2>&1
plan --base http://127.0.0.1:1 account=A day=2026-11-03 report=sales >want
run 0 state-due -c "$config" -r R1 --base http://127.0.0.1:1
same 'what is due is asked for in the same way' want out

# --- trouble ----------------------------------------------------------------------
refused() {		# refused STATUS TEXT ARGUMENT... : TEXT is in err
	_want=$1 _text=$2; shift 2
	run "$_want" plan "$@"
	ok "said: $_text" grep -q "$_text" err
}
refused 64 'name each member' account=A
refused 64 'name each member' account=A day=2026-11-01 other=1
refused 64 'not member=value' account=A day=2026-11-02..2026-11-01
refused 64 'not member=value' account
refused 64 'named twice' account=A account=A day=2026-11-01
refused 64 'named twice' account=A day=2026-11-01..2026-11-05 day=2026-11-05
refused 64 'no such part' account=A day=2026-11-01 report=other
refused 64 'mode' --mode some account=A day=2026-11-01
refused 64 'declares no url' account=A day=2026-11-01 report=sales
ok 'and the stream ends so' grep -q '"abort","status":64' out
jq '.part.stock.url = "http://127.0.0.1:1/{other}"' full.json >other.json
config=other.json
refused 64 '"other" is not in its key' account=A day=2026-11-01 report=stock
config=none.json; run 66 plan account=A day=2026-11-01
config=full.json
run 64 part-plan -c "$config" account=A day=2026-11-01
echo x >data/ledger.sqlite
run 65 plan account=A day=2026-11-01 report=stock
rm -r data
plan account=1..99 day=2026-11-01 report=stock >/dev/full 2>err
ok 'a full disk is told' test $? -eq 74
if command -v strace >/dev/null && [ -z "${SLUICE_SANITIZE-}" ]; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ \
	    part-plan -c "$config" -r R1 account=1 day=2026-11-01
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
finish
