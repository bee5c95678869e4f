#!/bin/sh
# page-plan: the pages of an item's step, and items that cannot be planned.
. "${0%/*}/lib.sh"

cat >c.json <<'END'
{"source":{"name":"s","dataset_key":["id"],"part_member":"page"},
"part":{"view":{"format":"bytes","schema_version":"1"},
"stats":{"format":"bytes","schema_version":"2"}},
"table":{"things":{"part":"view","key":["n"],"columns":{
"n":{"type":"integer","required":true}}}},
"queue":{"q":{"table":"q_items","key":["id"],"step":{"one":{},"two":{},
"none":{}}}},
"page":{"view":{"queue":"q","steps":["one"],"url":"/v/{id}",
"parser_version":"1","rows":[{"table":"things","at":"//x",
"columns":{"n":"@n"}}]},
"stats":{"queue":"q","steps":["one","two"],"url":"/s/{stats_id}?n={n}",
"parser_version":"1","rows":[{"table":"things","at":"//x",
"columns":{"n":"@n"}}]}}}
END
# item STEP MEMBERS
item() {
	printf '{"type":"item","run":"R","source":"s","queue":"q","step":"%s",' \
	    "$1"
	printf '"part":{"id":"%s"},"epoch":3,"attempt":1%s}\n' "${ID-7}" "$2"
}
end='{"type":"end","n":1}'

{ item one ',"stats_id":"a/b","n":5'; echo "$end"; } >in
run 0 page-plan -c c.json --base http://127.0.0.1:1/x/ <in
member='"item":{"queue":"q","step":"one","part":{"id":"7"},"epoch":3,"attempt":1,"pages":2}}'
cat >want <<END
{"type":"task","run":"R","source":"s","dataset":"7","part":{"id":"7","page":"view"},"url":"http://127.0.0.1:1/x/v/7","mode":"full","format":"bytes","schema_version":"1",$member
{"type":"task","run":"R","source":"s","dataset":"7","part":{"id":"7","page":"stats"},"url":"http://127.0.0.1:1/x/s/a%2Fb?n=5","mode":"full","format":"bytes","schema_version":"2",$member
{"type":"end","n":2}
END
same 'a task for each page of the step' want out
ok 'stderr is empty' test ! -s err
BASE=http://127.0.0.1:1/x run 0 page-plan -c c.json <in
same 'BASE is the default' want out

{ item two ',"stats_id":"9","n":1'; echo '{"type":"note"}'; echo "$end"; } >in
run 0 page-plan -c c.json <in
ok 'the pages of another step' test "$(jq -r '.url // .type' out |
    tr '\n' ' ')" = '/s/9?n=1 note end '

{ item one ',"n":5'; ID=8 item two ',"stats_id":"9","n":1'; echo "$end"; } >in
run 65 page-plan -c c.json <in
ok 'an item that lacks a fact is an error, without a task' test \
    "$(jq -r '.code // .part.id // .type' out | tr '\n' ' ')" = \
    'bad_item 8 end '
ok 'which says what' grep -q 'page stats: its address needs "stats_id"' err
ok 'and whose item it is' test "$(jq -c 'select(.code) | .part' out)" = \
    '{"id":"7"}'
{ item one ',"stats_id":"9","n":1' | sed 's/"part":{"id"/"part":{"other"/'
echo "$end"; } >in
run 65 page-plan -c c.json <in
ok 'a key of no dataset' grep -q "key is not that of a dataset" err
{ item one '' | sed 's/"queue":"q",//'; echo "$end"; } >in
run 65 page-plan -c c.json <in

{ item none ''; echo "$end"; } >in
run 64 page-plan -c c.json <in
ok 'a step without pages is a mistake' grep -q \
    'no page is declared for step none of queue q' err
run 64 page-plan
run 64 page-plan -c c.json --base ftp://x <in
sed 's/"stats_id"/"stats_id"/; s,"/v/,"x":1\,"/v/,' c.json >bad.json
run 64 page-plan -c bad.json <in
run 66 page-plan -c none.json <in
item two ',"stats_id":"9","n":1' >torn
run 65 page-plan -c c.json <torn
run 0 page-plan -c c.json --partial <torn
{ cat torn; echo '{"type":"abort","status":75,"reason":"x"}'; } >aborted
run 75 page-plan -c c.json <aborted
ok '/dev/full exits 74' sh -c \
    'page-plan -c c.json <torn >/dev/full; [ $? -eq 74 ]'
if [ -z "${SLUICE_SANITIZE-}" ]; then
	perl -e 'print "{\"type\":\"", "x" x 1000000, "\"}\n"' >long
	run 71 starved page-plan -c c.json <long
else
	skip 'no memory: 71' 'sanitizers'
fi
mkfifo slow said
page-plan -c c.json <slow >said 2>err & pid=$!
exec 3>slow 4<said
echo '{"type":"note"}' >&3
read -r _ <&4
kill -TERM "$pid"; wait "$pid"; got=$?
exec 3>&- 4<&-
ok 'interrupted exits 75' test "$got" -eq 75
finish
