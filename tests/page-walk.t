#!/bin/sh
# page-walk: how far it goes, what it writes, and where it is taken up.
. "${0%/*}/lib.sh"

cp "$T/worker.sh" worker.sh
toml-json "$T/list.toml" >c.json
ask() { sqlite3 d/s.sqlite "$@"; }
is() { echo "$2" >want; echo "$3" >got; same "$1" want got; }
# walk STATUS [ARG...] : what was asked for is then in asked
walk() {
	_want=$1; shift
	: >asked; : >tasks
	run "$_want" page-walk -c c.json -d d -r "${R-R1}" --base \
	    http://127.0.0.1:1 "$@" results list=all
}
asked() { tr '\n' ' ' <asked; }
items() { ask 'SELECT count(*) FROM thing_queue'; }
ids() { seq "$1" "$2" | sed 's/^/i/'; }
anew() { rm -rf d fault.* silent endless; }

ids 1 100 >site
walk 0
is 'to the last offset, inclusive' '0 10 20 30 40  50' "$(asked) $(items)"
ok 'stderr is empty' test ! -s err
jq -c 'select(.type == "page") | [.label, .number, .total, .entries, .found,
    .entries_total]' out >got
cat >want <<'END'
["results 0",1,5,10,10,100]
["results 10",2,5,10,10,100]
["results 20",3,5,10,10,100]
["results 30",4,5,10,10,100]
["results 40",5,5,10,10,100]
END
same 'each page is told' want got
head -n 1 tasks >got
cat >want <<'END'
{"type":"task","run":"R1","source":"s","dataset":"all/0","part":{"list":"all","offset":"0","page":"results"},"url":"http://127.0.0.1:1/all?offset=0","mode":"full","format":"bytes","schema_version":"1","item":{"step":"walk","part":{"list":"all","offset":"0"},"pages":1}}
END
same 'the worker is given its task' want got

ask .dump >before
walk 0
ask .dump >after
is 'again: one page, which is known' '0 ' "$(asked)"
same 'and nothing is written' before after
{ ids 101 105; ids 1 100; } >site
SEEN=y walk 0
is 'five new ones: two pages' '0 10  55' "$(asked) $(items)"
is 'new facts for all of a page with a new one' 10 \
    "$(ask "SELECT count(*) FROM thing_queue WHERE seen = 'y'")"
walk 0 --full
is '--full: all of them' '0 10 20 30 40 ' "$(asked)"
walk 0 --full --first 10 --last 25
is 'another range' '10 20 ' "$(asked)"
is 'states stay' 0 "$(ask "SELECT count(*) FROM thing_queue
    WHERE state <> 'waiting'")"

anew; ids 1 23 >site
walk 0
is 'an end mark' '0 10 20  23' "$(asked) $(items)"
ok 'the last page may be short' test ! -s err
anew; : >silent; : >endless
echo 'for id in i1 i2; do printf "{\"type\":\"item\",\"queue\":\"things\",\"part\":{\"id\":\"$id\"},\"of\":%s}\n" "$key"; done; printf "{\"type\":\"done\",\"part\":%s,\"n\":2,\"entries\":2,\"last\":false}\n" "$key"' >fault.0
ids 1 100 >site
walk 0
ok 'a short page that is not the last is said' grep -q \
    'results 0: a short page that is not the last: 2 entries' err
is 'and the walk goes on' '0 10 20 30 40 ' "$(asked)"
anew; ids 1 30 >site; : >silent; : >endless
walk 76
is 'no entries: the walk ends' '0 10 20 30  30' "$(asked) $(items)"
is 'with the page' '["results 30","no_entries"]' \
    "$(jq -c 'select(.code) | [.label, .code]' out)"
is 'no mark of it' 3 "$(ask 'SELECT count(*) FROM page_marks')"

anew; ids 1 100 >site
echo 'printf "{\"type\":\"error\",\"code\":\"http_503\",\"message\":\"no\",\"part\":%s}\n" "$key"' >fault.20
walk 76
is 'a page that fails ends it, not what was found' '0 10 20  20' \
    "$(asked) $(items)"
ok 'it is named' grep -q 'results 20: http_503: no; discovery ends here' err
is 'the stream is whole' end "$(tail -n 1 out | jq -r .type)"
anew
echo 'printf "{\"type\":\"item\",\"queue\":\"things\",\"part\":{\"id\":\"i1\"},\"of\":%s}\n{\"type\":\"item\",\"queue\":\"no\",\"part\":{\"id\":\"1\"},\"of\":%s}\n{\"type\":\"done\",\"part\":%s,\"n\":2}\n" "$key" "$key" "$key"' >fault.0
walk 76
is 'half a page is nothing' 'bad_item 0' \
    "$(jq -r 'select(.code) | .code' out) $(items)"
anew
cp c.json plain.json
jq '.queue.things.breaker = {halt_on: ["blocked"]}' plain.json >c.json
echo 'printf "{\"type\":\"error\",\"code\":\"blocked\",\"message\":\"no\",\"part\":%s}\n" "$key"' >fault.10
walk 75
is 'a block page is the end of asking' '0 10  10 halted blocked: no' \
    "$(asked) $(items) $(jq -r 'select(.end) | "\(.end) \(.reason)"' out)"
is 'the last record says so' 'abort blocked: no' \
    "$(tail -n 1 out | jq -r '"\(.type) \(.reason)"')"
cp plain.json c.json
anew
echo 'exit 3' >fault.10
walk 76
is 'a worker that dies' 'worker_exit 10' \
    "$(jq -r 'select(.code) | .code' out) $(items)"

# A full walk that is killed is taken up, and what came in since is read.
anew; ids 1 100 >site
echo 'kill -KILL $(ps -o ppid= -p $(ps -o ppid= -p $$)); sleep 600' >fault.30
walk 137 --full
is 'killed at a page' '0 10 20 30  30' "$(asked) $(items)"
rm fault.30
{ ids 101 112; ids 1 100; } >site
R=R2 walk 0 --full
is 'taken up: what came in, then on from there' '0 10 30 40 ' "$(asked)"
is 'it overlaps by what came in, and nothing is missing' 50 "$(items)"
ok 'it is said' grep -q 'what came in since is read; taken up at 30' err
R=R3 walk 0 --full
is 'once finished it begins anew' '0 10 20 30 40 ' "$(asked)"
anew; ids 1 100 >site
echo 'exit 3' >fault.30
walk 76 --full
rm fault.30
ids 16 100 >site
R=R2 walk 0 --full
is 'a listing that shrank: so much earlier' '0 10 20 30 40 ' "$(asked)"

anew; ids 1 100 >site
walk 0
echo 's/.type.:.item./"type":"done"/; s/.epoch.*/"n":0}/' >done.sed
jq '.queue.things.step.read.worker = "exec sed -u -f done.sed"' c.json \
    >done.json
job-loop -q -c done.json -d d -r R1 --group 50 things read >/dev/null
is 'all are done' 0 "$(ask "SELECT count(*) FROM thing_queue
    WHERE state <> 'done'")"
walk 0 --full
is '--full alone leaves them so' 0 "$(ask "SELECT count(*) FROM thing_queue
    WHERE state <> 'done'")"
walk 0 --again
is '--again reads all pages of the range' '0 10 20 30 40 ' "$(asked)"
is 'and takes up what is known' 50 "$(ask "SELECT count(*) FROM thing_queue
    WHERE state = 'waiting'")"

# --- the rest ---------------------------------------------------------------------
anew
mkfifo held
echo 'read -r _ <held; kill -9 $$' >fault.0
page-walk -c c.json -d d -r R1 --base http://127.0.0.1:1 results list=all \
    >out 2>err & pid=$!
: >asked
until grep -q . asked; do sleep .02; done
run 75 page-walk -c c.json -d d -r R1 results list=all
ok 'one walk at a time' grep -q 'another walk: page-walk (pid' err
kill -TERM $pid; echo x >held; wait $pid; got=$?
is 'the page in hand is waited for' 76 $got
anew; ids 1 100 >site
echo ': >begun; read -r _ <held; printf "{\"type\":\"item\",\"queue\":\"things\",\"part\":{\"id\":\"i1\"},\"of\":%s}\n{\"type\":\"done\",\"part\":%s,\"n\":1}\n" "$key" "$key"' >fault.0
page-walk -c c.json -d d -r R1 results list=all >out 2>err & pid=$!
until [ -e begun ]; do sleep .02; done
kill -TERM $pid; echo x >held; wait $pid; got=$?
is 'interrupted: the page in hand is kept' '75 1' "$got $(items)"
run 64 page-walk -c c.json -d d -r R1 results
ok 'the other members of the key are asked for' grep -q 'list=VALUE is required' err
run 64 page-walk -c c.json -d d -r R1 no
run 64 page-walk -c c.json -d d -r R1 --first 9 --last 3 results list=all
run 64 page-walk -c c.json -d d -r R1 --base ftp://x results list=all
jq 'del(.page.results.walk.worker)' c.json >none.json
run 64 page-walk -c none.json -d d -r R1 results list=all
run 66 page-walk -c no.json -d d -r R1 results list=all
anew
page-walk -c c.json -d d -r R1 results list=all >/dev/full 2>err; got=$?
is 'a full standard output: 74' 74 $got
sqlite3 d/s.sqlite 'PRAGMA user_version = 7'
walk 65
finish
