#!/bin/sh
# run-progress: a stream's end as an exit status, and the tale of a run.
. "${0%/*}/lib.sh"

part='"source":"soc","dataset":"20261/NB","part":{"term_code":"20261",'
part=$part'"campus_code":"NB","endpoint":"courses"}'
cat >verdicts <<END
{"type":"verdict",$part,"verdict":"valid","changed":true,"size_bytes":20760545,"outcome":"ok"}
{"type":"verdict",$part,"verdict":"valid","changed":false,"outcome":"ok"}
{"type":"verdict",$part,"verdict":"invalid","code":"bad_utf8","outcome":"failed"}
{"type":"error","code":"http_404",$part,"message":"not\u009b found","of":{}}
{"type":"end","n":4}
END
cat >want <<'END'
[1/6] 20261/NB courses changed 20.8 MB
[2/6] 20261/NB courses unchanged
[3/6] 20261/NB courses invalid: bad_utf8
[4/6] 20261/NB courses failed: http_404: not?? found
4 items: 1 changed, 1 unchanged, 1 invalid, 1 failed, 2 did not come
END
run 0 run-progress --planned 6 <verdicts
sed 's/ ([^()]*)$//' err >got
same "one line per item" want got
ok "a sink writes nothing" test ! -s out
run 0 run-progress -q <verdicts
ok "-q says nothing" test ! -s err
run 0 run-progress --tee <verdicts
same "--tee passes everything on" verdicts out
ok "without a plan, items are counted" grep -q '^\[4\] ' err

{ echo '{"type":"task"}'; echo '{"type":"task"}'; head -n 1 verdicts
echo '{"type":"end","n":3}'; } >tasks
run 0 run-progress <tasks
ok "tasks are items to come" grep -q '^\[1/2\]' err
printf '%s\n' '{"type":"change"}' '{"type":"change"}' \
    '{"type":"end","n":2}' >changes
run 0 run-progress <changes
ok "other records are counted" grep -q '^2 records (change)' err

if command -v script >/dev/null; then
	TERM=xterm script -qec 'run-progress --planned 6 <verdicts' /dev/null \
	    >typed </dev/null
	ok "a terminal's line is rewritten" grep -q 'changed.*left.*\[K' typed
	ok "what failed stays" grep -q '^.*http_404: not?? found.$' typed
else
	skip "a terminal's line is rewritten" 'no script(1)'
fi

sed '$d' verdicts >torn
run 65 run-progress <torn
ok "it says so" grep -q 'no end record' err
run 65 run-progress --tee <torn
ok "and tells the next one" grep -q '"abort","status":65' out
run 0 run-progress --partial <torn
run 65 run-progress </dev/null
(cat torn; echo '{"type":"abort","status":75,"reason":"temp"}') >aborted
run 75 run-progress <aborted
ok "--tee to /dev/full exits 74" sh -c \
    'run-progress --tee <verdicts >/dev/full; [ $? -eq 74 ]'
ok "--tee to a closed stdout exits 74" sh -c \
    'run-progress --tee <verdicts >&-; [ $? -eq 74 ]'
ok "a closed stderr is no reason to fail" sh -c 'run-progress <verdicts 2>&-'
ok "a closed stdin exits 74" sh -c 'run-progress <&-; [ $? -eq 74 ]'
run 64 run-progress --planned many
run 64 run-progress --summary
run 64 run-progress --summary -r ../x
run 64 run-progress operand

# --- the summary ------------------------------------------------------------

e() {			# e SECOND EVENT MEMBERS : one event of run R
	printf '{"type":"event","at":"2026-11-20T22:31:%s.000Z","event":"%s",' \
	    "$1" "$2"
	printf '"tool":"t","pid":1,"run":"R","source":"soc",%s}\n' "$3"
}
nb='"dataset":"20261/NB","task":"20261/NB courses"'
nbo='"dataset":"20261/NB","task":"20261/NB openSections"'
nk='"dataset":"20261/NK","task":"20261/NK courses"'
cm='"dataset":"20261/CM","task":"20261/CM courses"'
mkdir -p d/logs
{
	e 10 plan '"tasks":5,"left_out":0'
	e 11 attempt "$nb,\"attempt\":1,\"code\":\"http_503\",\"ms\":100"
	e 12 attempt "$nb,\"attempt\":2,\"code\":\"ok\",\"bytes\":20000000,\"ms\":1900"
	e 13 snapshot "$nb,\"code\":\"sealed\",\"ms\":200"
	e 14 verdict "$nb,\"code\":\"valid\",\"changed\":true"
	e 14 attempt "$nbo,\"attempt\":1,\"code\":\"unchanged\",\"ms\":10"
	e 14 verdict "$nbo,\"code\":\"valid\",\"changed\":false"
	e 15 attempt "$nk,\"attempt\":1,\"code\":\"http_404\",\"ms\":30"
	e 15 attempt "$cm,\"attempt\":1,\"code\":\"ok\",\"bytes\":10,\"ms\":5"
	e 16 snapshot "$cm,\"code\":\"not_json\""
	e 17 stage '"dataset":"20261/NB","rows":7'
	e 18 version '"dataset":"20261/NB","outcome":"promoted","inserted":1200,"updated":3,"deleted":0'
	e 19 report '"dataset":"20261/NB","ready":true,"failed":[]'
} >d/logs/R.jsonl

cat >want <<'END'
run R of soc, 9.0 s
items
  planned    5
  fetched    2  20.0 MB
  unchanged  1
  same       0
  verified   2
  invalid    1
  failed     1
  pending    1
datasets
  20261/CM  unchanged  no valid answer
  20261/NB  promoted   +1,200 ~3 -0     ready
  20261/NK  unchanged  no valid answer
failed
  20261/CM courses  invalid  not_json
  20261/NK courses  failed   http_404
errors
  http_404  1  for example 20261/NK courses
  not_json  1  for example 20261/CM courses
time, added up per stage
  fetch    2.0 s  5 times
  seal     0.2 s  2 times
  verify   0.0 s  2 times
  stage    0.0 s  1 time
  promote  0.0 s  1 time
  ready    0.0 s  1 time
next
  make run RUN=R DATA=d  asks again for what failed or is pending
END
run 1 run-progress --summary -d d -r R
same "the summary" want out
same "the same in a file" want d/logs/R.summary.txt
ok "a whole log makes no noise" test ! -s err
run 1 run-progress --summary -d d -r R --again 'make run SOC=URL'
ok "the next step as the pipeline has it" grep -q \
    '^  make run SOC=URL RUN=R DATA=d  asks again' out
ok "and as JSON" test "$(jq -c '[.fine, .items.planned, .items.failed,
    (.datasets | length), (.failed | length)]' d/logs/R.summary.json)" = \
    '[false,5,1,3,2]'

{
	e 10 plan '"tasks":3,"left_out":0'
	e 11 attempt "$nb,\"attempt\":1,\"code\":\"http_503\""
	e 12 breaker "$nb,\"code\":\"http_503\",\"failures\":1"
} | sed 's/"run":"R"/"run":"B"/' >d/logs/B.jsonl
run 1 run-progress --summary -d d -r B
ok "why nothing more was asked for" \
    grep -q '^  20261/NB courses  http_503  1 failure in a row$' out
ok "and what was not" grep -q '^  pending    2' out
ok "as JSON too" jq -e '.stopped == [{"task": "20261/NB courses",
    "code": "http_503", "failures": 1}] and .items.pending == 2' \
    d/logs/B.summary.json
e 13 plan '"tasks":3,"left_out":0' | sed 's/"run":"R"/"run":"B"/' \
    >>d/logs/B.jsonl
run 1 run-progress --summary -d d -r B
ok "until the run is continued" sh -c '! grep -q stopped out'

{
	e 10 attempt "$nb,\"attempt\":1,\"code\":\"http_404\""
	e 11 attempt "$nbo,\"attempt\":1,\"code\":\"unchanged\""
	e 12 verdict "$nbo,\"code\":\"valid\",\"changed\":false"
} | sed 's/"run":"R"/"run":"M"/' >d/logs/M.jsonl
run 1 run-progress --summary -d d -r M
ok "half a dataset is said to be half" \
    grep -q '20261/NB  unchanged  as far as it was fetched' out

# The run is killed in the middle of a line, then continued: one tale.
printf '{"type":"event","at":"2026-11-20T22:31:2' >>d/logs/R.jsonl
run 1 run-progress --summary -d d -r R
same "a torn line changes nothing" want out
ok "but is told" grep -q 'left out: 1' err
{
	e 20 plan '"tasks":3,"left_out":2'
	for task in "$nk" "$cm" \
	    '"dataset":"20261/CM","task":"20261/CM openSections"'; do
		e 21 attempt "$task,\"attempt\":1,\"code\":\"ok\",\"ms\":5"
		e 22 snapshot "$task,\"code\":\"same_as\""
		e 23 verdict "$task,\"code\":\"valid\",\"changed\":false"
	done
	e 24 version '"dataset":"20261/NB","outcome":"repeated","inserted":1200,"updated":3,"deleted":0'
	echo '{"type":"event","event":"attempt","run":"other","code":"x"}'
	echo 'no event at all'
} >>d/logs/R.jsonl
run 0 run-progress --summary -d d -r R
ok "all is fine now" jq -e '.fine and .items.verified == 5 and
    .items.same == 3 and .failed == [] and .items.planned == 5' \
    d/logs/R.summary.json
ok "what was promoted before the kill stays" \
    grep -q '20261/NB  promoted   +1,200 ~3 -0' out
ok "nothing to do next" sh -c '! grep -q next out'

e 30 version '"dataset":"20261/NB","outcome":"held","reason":"empty"' \
    >>d/logs/R.jsonl
run 1 run-progress --summary -d d -r R
ok "a held dataset is not fine" grep -q '20261/NB  held  *empty' out
ok "and can be accepted" grep -q 'make promote ready ACCEPT=REASON' out
e 31 version '"dataset":"20261/NB","outcome":"pending","reason":"part"' \
    >>d/logs/R.jsonl
run 1 run-progress --summary -d d -r R
ok "a pending dataset is not fine" grep -q '20261/NB  pending' out
e 32 version '"dataset":"20261/NK","outcome":"promoted"' >>d/logs/R.jsonl
run 1 run-progress --summary -d d -r R
ok "promoted without a report is not fine" grep -q '20261/NK .*no report' out
{
	e 32 report '"dataset":"20261/NK","ready":false,"accepted":"why","failed":["x"]'
	e 32 version '"dataset":"20261/NB","outcome":"promoted"'
	e 33 report '"dataset":"20261/NB","ready":false,"failed":["a","b"],"report":"x/r.json"'
} >>d/logs/R.jsonl
run 1 run-progress --summary -q -d d -r R
ok "-q prints nothing" test ! -s out
ok "what a person accepted is ready" grep -q '20261/NK .*  ready' \
    d/logs/R.summary.txt
ok "what is not ready says why" grep -q 'not ready: a, b' \
    d/logs/R.summary.txt
ok "and where to look" grep -q 'less d/x/r.md' d/logs/R.summary.txt

# What is no event of ours changes nothing.
grep -v '"version"\|"report"' d/logs/R.jsonl >d/logs/H.jsonl
sed -i 's/"run":"R"/"run":"H"/' d/logs/H.jsonl
run 1 run-progress --summary -d d -r H
cp out want
perl -e '
    print "{\"type\":\"event\",\"event\":\"report\",\"run\":\"H\",",
	"\"x\":", "[" x 5000, "]" x 5000, "}\n";
    print "x" x 2097152, "\n", "\0\0\n", "[" x 100000, "\n", "\n",
	"{\"type\":\"event\",\"event\":\"\\ud800\"}\n", "\xff\n",
	"{\"type\":\"event\",\"event\":7,\"run\":\"H\"}\n",
	"{\"type\":\"event\",\"event\":\"attempt\",\"run\":\"H\",",
	"\"task\":{},\"code\":[],\"ms\":1e99,\"bytes\":-1}\n"
    ' >>d/logs/H.jsonl
run 1 run-progress --summary -d d -r H
grep -v '^  fetch\|^  ready' want >want2; grep -v '^  fetch\|^  ready' out >got
same "a hostile log tells the same" want2 got

run 66 run-progress --summary -d d -r none
: >d/logs/empty.jsonl
run 0 run-progress --summary -d d -r empty
ok "/dev/full exits 74" sh -c \
    'run-progress --summary -d d -r R >/dev/full; [ $? -eq 74 ]'
ok "closed stdout exits 74" sh -c \
    'run-progress --summary -d d -r R >&-; [ $? -eq 74 ]'
mkdir d/logs/R2.summary.txt d/logs/R2.summary.txt/x
cp d/logs/R.jsonl d/logs/R2.jsonl
run 74 run-progress --summary -d d -r R2

# --- job loops -----------------------------------------------------------------

j='"run":"J","source":"s","queue":"q","step":"read"'
item() {		# item TYPE NUMBER MEMBERS
	printf '{"type":"%s","at":"2026-11-20T22:31:%02d.000Z",%s,' "$1" "$2" "$j"
	printf '"part":{"id":"%d"},"label":"thing %d",%s,' "$2" "$2" "$3"
	printf '"number":%d,"total":4,"duration_ms":%d}\n' "$2" "$((100 * $2))"
}
stop() {		# stop END MEMBERS
	printf '{"type":"stopped","at":"2026-11-20T22:32:00.000Z",%s,' "$j"
	printf '"end":"%s"%s,"due":1,"dead":["thing 9"],"dead_count":1}\n' \
	    "$1" "$2"
}
{
	printf '{"type":"loop","at":"2026-11-20T22:31:00.000Z",%s,"total":4}\n' "$j"
	item "done" 1 '"state":"scraped","n":3,"inserted":3,"found":2'
	item "done" 2 '"state":"scraped","n":3,"quarantined":1'
	item error 3 '"code":"layout","message":"no table"'
	item "done" 4 '"state":"away","skipped":true'
	item retry 0 '"code":"http_503"'
	stop halted ',"code":"layout","reason":"3 items in a row failed"'
	echo '{"type":"abort","status":75,"reason":"halted"}'
} >loop
run 75 run-progress --log -d d -r J <loop
ok 'only the logs are kept' test ! -e d/logs/J.summary.txt
rm d/logs/J.*
run 75 run-progress --log --summary -d d -r J <loop
head -n 4 err >got
cat >want <<'END'
[1/4] thing 1 ok scraped (0.1s)
[2/4] thing 2 ok scraped (0.2s)
[3/4] thing 3 failed: layout: no table (0.3s)
[4/4] thing 4 ok away (0.4s)
END
same 'a line per item' want got
ok 'the summary follows, also after a halt' grep -q '^  discovered   2$' err
jq -c '.loop | [.discovered, .scraped, .validated, .failed, .skipped,
    .quarantined, .dead_items, (.failed_items[] | .task, .code),
    (.steps[] | .n, .median_ms, .total_ms), (.errors[] | .example),
    (.stopped[] | .how, .reason)]' d/logs/J.summary.json >got
cat >want <<'END'
[2,3,1,1,1,1,["thing 9"],"thing 3","layout",4,200,1000,"thing 3","halted","3 items in a row failed"]
END
same 'and has it all as JSON' want got
ok 'RUN.log has everything' test "$(grep -c '' d/logs/J.log)" -eq 8
ok 'with the lines that were shown' grep -q \
    '^2[0-9T:.-]*Z \[3/4\] thing 3 failed: layout: no table (0.3s)$' d/logs/J.log
ok 'RUN.jsonl is events' test "$(jq -r .type d/logs/J.jsonl | sort -u)" = event
run 1 run-progress --summary -d d -r J
ok 'a halted run is not fine' grep -q 'q read  halted  3 items in a row' out
{ item "done" 3 '"state":"scraped","n":1'; stop dry ''
echo '{"type":"end","n":2}'; } | run-progress -q --log -d d -r J
run 0 run-progress --summary -d d -r J
ok 'the last word about an item counts' sh -c '! grep -q layout out'

# Ctrl-C is the producer's business: its last words are still taken.
mkfifo flow
run-progress --log --summary -d i -r J <flow 2>err & pid=$!
exec 3>flow
item "done" 1 '"state":"scraped"' >&3
until grep -q 'thing 1' err; do sleep .02; done
kill -INT $pid
{ item "done" 2 '"state":"scraped"'; stop interrupted ''
echo '{"type":"abort","status":75,"reason":"interrupted"}'; } >&3
exec 3>&-
wait $pid; got=$?
ok 'interrupted: the stream is read to its end' test "$got" -eq 75
ok 'and told' grep -q 'q read  interrupted' err
if command -v script >/dev/null; then
	TERM=xterm LC_ALL=C.UTF-8 script -qec \
	    'run-progress --log -d d -r T <loop' /dev/null >typed </dev/null
	ok 'a check mark, where it can be shown' grep -q 'thing 1 ✓ scraped' typed
	ok 'and the time left' grep -q 'left' typed
else
	skip 'a check mark' 'no script(1)'
fi
run 64 run-progress --log <loop

# What programs say: shown as it comes, and kept.
{ printf 'a\033b: error: c\n'; printf 'and the last'; } >said
run 0 run-progress --notes -d d -r N <said
same 'notes are shown' said err
sed 's/^[0-9T:.-]*Z //' d/logs/N.log >got
printf '%s\n' 'a?b: error: c' 'and the last' >want
same 'and kept with their instant' want got
run 64 run-progress --notes <said
run 64 run-progress --notes --log -r N <said
mkdir -p x/logs/J.log
run 74 run-progress --log -d x -r J <loop
finish
