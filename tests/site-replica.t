#!/bin/sh
# site-replica: pages made of tables and templates, saved pages, several
# hosts, time by ticks, what goes wrong; what was made up can be compared.
. "${0%/*}/lib.sh"

cp -R "$T" site
echo Monday >site/monday.txt
echo Tuesday | gzip >site/tuesday.txt.gz

# Run a script of curl calls as the command of the replica.
cat >calls.sh <<'E2'
get() { curl -sS "$@"; }
at() { get "http://$1.localhost:${SITE##*:}$2"; }
status() { get -o body -w '%{http_code}' "$@"; }
tick() { get -X POST "$SITE/_replica/tick"; }
state() { get "$SITE/_replica/state"; }
E2
replica() {	# replica SCRIPT OPTION... : SCRIPT's status and out
	script=$1; shift
	${WRAP-} site-replica -c site/site.toml "$@" -- \
	    sh -c ". ./calls.sh; $script" >out 2>err; got=$?
}
expect() {	# expect NAME WANT SCRIPT OPTION... : SCRIPT prints WANT
	name=$1 want=$2; shift 2
	replica "$@"
	ok "$name" test "$got $(cat out)" = "0 $want"
	test "$got $(cat out)" = "0 $want" || sed 's/^/# /' out err
}

# --- made-up pages -------------------------------------------------------
expect 'a page of rows, in rows' 'from 0 of 3
1 &lt;Thing&gt; 1 low 10
2 &lt;Thing&gt; 2 low 20
3 &lt;Thing&gt; 3 30
foot 0 1' 'get $SITE/list'
expect 'what the query string says' 'from 2 of 3
3 &lt;Thing&gt; 3 30
foot 0 1' 'get "$SITE/list?other=7&offset=2"'
expect 'no rows' 'from 9 of 3
nothing
foot 0 1' 'get "$SITE/list?offset=9"'
expect 'what the path says, and values as they are' \
    '&lt;Thing&gt; 2|<Thing> 2|a b|has a size' \
    'get "$SITE/thing/2/a%20b.html"'
expect 'no row, no page' 404 'status "$SITE/thing/9/a.html"'
expect 'no route, no page' 404 'status "$SITE/thing/2"'
expect 'only to be read' 405 'status -d x "$SITE/list"'
expect 'a form' '|7|a b||' \
    'get -H "X-Key: k" -d "other=1&by=a%20b" $SITE/ask/7'
expect 'a form without it' '|7|nobody||' 'get -H "X-Key: k" -d x $SITE/ask/7'
expect 'JSON' '|7|nobody|é "x"|12' 'get -H "X-Key: k" -d \
    "{\"a\":{\"what\":\"é \\\"x\\\"\"},\"n\":12}" $SITE/ask/7 |
    sed "s/&quot;/\"/g"'
expect 'a status, and its answer' '401 401|7|nobody||' \
    'status -d x $SITE/ask/7; echo " $(cat body)"'
expect 'only to be asked' 404 'status "$SITE/ask/7"'
expect 'as it was declared' 405 'status -X PUT -d x "$SITE/ask/7"'
expect 'a body that is too long' 413 'head -c 1048577 /dev/zero >long
	status -H Expect: --data-binary @long -H "X-Key: k" "$SITE/ask/7"'
expect 'a value that is no text breaks nothing' 404 \
    'status "$SITE/thing/2%00/a.html"'
expect 'parameters' 1 'get $SITE/list | grep -c "^1 "' --set things=1
expect 'the same again' same 'get $SITE/list >a; get $SITE/list >b
	cmp a b && echo same'
expect 'a validator' 304 'e=$(get -I $SITE/list |
	sed -n "s/^ETag: \(\"[0-9]*\"\).*/\1/p")
	status -H "If-None-Match: $e" $SITE/list'
expect 'gzip' 'from 0 of 3' \
    'get -H "Accept-Encoding: gzip" $SITE/list | gzip -dc | head -1'
expect 'a query that is wrong is told' 500 'status $SITE/broken'
ok 'with its place' grep -q '/broken: site/broken.html:1: no such table' err

# --- time ----------------------------------------------------------------
expect 'a tick makes more' '{"tick":1}
4' 'tick; get $SITE/list | grep -c Thing'
expect 'it is kept' '{"tick":1}' tick --tick-file d/tick
expect 'and resumed' 4 'get $SITE/list | grep -c Thing' --tick-file d/tick
replica : --tick-file d/tick --database truth.db
ok 'so is what is made up' test "$(sqlite3 truth.db \
    'SELECT count(*) FROM thing')" = 4
replica 'get $SITE/list; tick; get $SITE/list' --database truth.db
same 'the copy has what the pages say' /dev/fd/3 out 3<<'E2'
from 0 of 3
1 &lt;Thing&gt; 1 low 10
2 &lt;Thing&gt; 2 low 20
3 &lt;Thing&gt; 3 30
foot 0 1
{"tick":1}
from 0 of 3
1 &lt;Thing&gt; 1 low 10
2 &lt;Thing&gt; 2 low 20
3 &lt;Thing&gt; 3 30
4 &lt;Thing&gt; 4 40
foot 1 1
E2
ok 'of the last tick' test "$(sqlite3 truth.db \
    'SELECT count(*), max(name) FROM thing')" = '4|<Thing> 4'
replica : --database one.db; replica : --database two.db
replica : --database other.db --seed 2
dump() { sqlite3 "$1" .dump; }
ok 'a seed makes the same' test "$(dump one.db)" = "$(dump two.db)"
ok 'another seed does not' test "$(dump one.db)" != "$(dump other.db)"

# --- saved pages, and hosts ------------------------------------------------
expect 'saved pages move, and stay' 'Monday
{"tick":1}
Tuesday
{"tick":2}
Tuesday' 's="$SITE/saved?x=1"; get $s; tick; get $s; tick; get $s'
expect 'an address is its query, too' 404 'status "$SITE/saved"'
expect 'stored gzip is sent as it is' same 'tick >/dev/null
	get -H "Accept-Encoding: gzip" "$SITE/saved?x=1" >gz
	cmp gz site/tuesday.txt.gz && echo same' 
expect 'a host of its own' 'Monday' 'at news /'
expect 'not of others' 404 'status $SITE/'
expect 'a route of a host' '["shop",1]' 'at shop /feed |
	jq -c "[\"shop\", .[0].id]"'
expect 'any host has the rest' 'from 0 of 3' 'at any /list | head -1'
expect 'a file that is gone' 500 'status $SITE/gone'
ok 'is told' grep -q '^site-replica: error: site/gone.html' err
cat >pages.toml <<'E2'
[pages]
"/" = ["monday.txt", "tuesday.txt.gz"]
E2
run 0 site-replica -c pages.toml --dir site -- \
    sh -c 'curl -sS $SITE/; echo $SITE_STEPS'
ok 'nothing but saved pages, from elsewhere' test "$(cat out)" = 'Monday
2'

# --- what goes wrong -------------------------------------------------------
expect 'a fault at an address' '503 200 200' \
    'echo $(status $SITE/list) $(status $SITE/list) $(status "$SITE/list?a")' \
    --fail 'list 503 count=1'
expect 'on a host' '503 200' \
    'echo $(status http://shop.localhost:${SITE##*:}/feed) \
	$(status $SITE/list)' --fail 'shop.localhost/* 503'
expect 'what another address has' 'from 2 of 3' \
    'get $SITE/list | head -1' --fail 'list other as=list?offset=2'
expect 'a cut' 'from 0' 'get $SITE/list' --fail 'list truncated share=7'
replica 'get $SITE/list; at shop /feed; status $SITE/no' --log log
ok 'requests are logged with their keys' test "$(jq -r .key log | tr '\n' ' ')" \
    = 'list shop.localhost/feed no '

# --- statuses ----------------------------------------------------------------
run 7 site-replica -c site/site.toml -- sh -c 'exit 7'
run 64 site-replica
run 66 site-replica -c nothing.toml
ok 'which is named' grep -q nothing.toml err
run 66 site-replica -c site/site.toml -- ./no-such-command
run 65 site-replica -c site/site.toml --tick-file site/monday.txt -- :
run 74 site-replica -c site/site.toml --database no/such/dir -- :
run 74 sh -c 'site-replica -c site/site.toml >/dev/full'
site-replica -c site/site.toml -- sh -c 'exec site-replica \
    -c site/site.toml --port ${SITE##*:} -- :' >out 2>err
ok 'a port that is taken is 71' test $? -eq 71
site-replica -c site/site.toml >url & pid=$!
n=0; until [ -s url ] || [ $((n += 1)) -gt 200 ]; do sleep 0.05; done
ok 'without a command the address is printed' \
    grep -q '^http://127\.0\.0\.1:[0-9]*$' url
kill $pid; wait $pid
ok 'and a signal ends it' test $? -eq 0

wrong() {	# wrong NAME WHAT FILE TEXT : 64, and WHAT is said
	rm -rf bad; cp -R site bad; printf '%s\n' "$4" >"bad/$3"
	run 64 site-replica -c bad/site.toml -- :
	ok "$1 is told" grep -qF "$2" err
	grep -qF "$2" err || sed 's/^/# /' err
}
wrong 'an unknown member' 'unknown member "rout"' site.toml 'rout = 1'
wrong 'a route without a path' 'path' site.toml '[[route]]
template = "list.html"'
wrong 'a body of what has none' 'a GET has no body' site.toml '[[route]]
path = "/a"
template = "list.html"
form = { a = 1 }'
wrong 'a brace' '{ without }' site.toml '[[route]]
path = "/{a"
template = "list.html"'
wrong 'a template that is not there' 'no.html' site.toml '[[route]]
path = "/a"
template = "no.html"'
wrong 'SQL' 'bad/data.sql:2: ' data.sql '-- one
SELEC 1;'
wrong 'a parameter' 'no parameter has the name :no' data.sql 'SELECT :no;'
wrong 'a block that stays open' 'bad/list.html:2: a block without {{/}}' \
    list.html 'one
{{#tick}}'
wrong 'one that nobody opened' 'list.html:1: {{/}} without a block' \
    list.html '{{/}}'
wrong 'a name that is none' 'list.html:1: not a name: a-b' list.html '{{a-b}}'
wrong 'a file in itself' 'too many files in files' foot.html '{{>foot.html}}'
run 64 site-replica -c site/site.toml --set other=1 -- :
ok 'a parameter that there is not is told' grep -q 'no parameter "other"' err
finish
