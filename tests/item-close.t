#!/bin/sh
# item-close: pages in, items out; each item is closed once.
. "${0%/*}/lib.sh"

# page ITEM PAGES TYPE MEMBERS : a record about a page of that item
page() {
	printf '{"type":"%s","run":"R","source":"s","dataset":"%s",' "$3" "$1"
	printf '"part":{"id":"%s","page":"p"}%s,"item":{"queue":"q",' "$1" "$4"
	printf '"step":"fetch","part":{"id":"%s"},"epoch":3,"attempt":1,' "$1"
	printf '"pages":%d}}\n' "$2"
}
closed() {		# closed ITEM TYPE MEMBERS : what closes it
	printf '{"type":"%s",%s"run":"R","source":"s","queue":"q",' "$2" \
	    "${4-}"
	printf '"step":"fetch","part":{"id":"%s"},"epoch":3,"attempt":1,%s}\n' \
	    "$1" "$3"
}
end() { printf '{"type":"end","n":%d}\n' "$1"; }

row='{"type":"row","part":{"id":"1"},"table":"t","values":{}}'
{ echo "$row"; page 1 2 "done" ',"n":1'; page 2 1 "done" ',"n":0'
echo "$row"; echo '{"type":"note"}'; page 1 2 "done" ',"n":1,"warnings":2'
end 0; } >in
run 0 item-close <in
{ echo "$row"; closed 2 "done" '"n":0'; echo "$row"; echo '{"type":"note"}'
closed 1 "done" '"n":2,"warnings":2'; end 5; } >want
same 'items are closed when all their pages came' want out
ok 'stderr is empty' test ! -s err

{ page 1 3 verdict ',"verdict":"valid"'; page 1 3 raw ''
page 1 3 unchanged ''; end 3; } >in
run 0 item-close <in
{ closed 1 "done" '"n":0'; end 1; } >want
same 'at a store what it says counts' want out

{ page 1 3 "done" ',"n":4'; page 1 3 error ',"code":"http_503","tool":"x","message":"no","status":503'
page 1 3 error ',"code":"http_404","tool":"y","message":"gone"'; end 3; } >in
run 0 item-close <in
{ closed 1 error '"message":"1 p: no","status":503' \
    '"code":"http_503","tool":"x",'; end 1; } >want
same 'the first error counts, after all pages came' want out
{ page 1 1 verdict ',"verdict":"invalid","code":"bad_utf8"'; end 1; } >in
run 0 item-close <in
ok 'an invalid page is an error' grep -q '^{"type":"error","code":"bad_utf8"' \
    out
{ printf '{"type":"error","code":"x","tool":"t","message":"m","of":'
page 1 1 task '' | tr -d '\n'; echo '}'; end 1; } >in
run 0 item-close <in
ok 'an error may have the item in what it is about' grep -q \
    '^{"type":"error","code":"x".*"part":{"id":"1"}' out
{ page 1 2 "done" ',"n":1,"state":"skipped"'; page 1 2 "done" ',"n":0'
end 2; } >in
run 0 item-close <in
ok 'where a page says that it goes, the item goes' grep -q \
    '"n":1,"state":"skipped"}' out
{ page 1 1 "done" ',"n":2,"entries":2,"total":9,"last":false'; end 1; } >in
run 0 item-close <in
ok 'what a listing says of itself is kept' grep -q \
    '"n":2,"entries":2,"total":9,"last":false}' out
# A new attempt is another item.
{ page 1 1 "done" ',"n":1'; page 1 1 "done" ',"n":1' | sed 's/"epoch":3/"epoch":4/'
end 2; } >in
run 0 item-close <in
ok 'each attempt is closed' test "$(grep -c '"done"' out)" -eq 2
{ page 1 0 "done" ',"n":1'; echo '{"type":"done","item":[]}'; end 2; } >in
run 0 item-close <in
same 'what names no item is passed on' in out

{ page 1 2 "done" ',"n":1'; end 1; } >in
run 65 item-close <in
ok 'a page that never came fails its item' grep -q \
    '"error","code":"missing_page".*"part":{"id":"1"}' out
ok 'in a whole stream' grep -q '"type":"end"' out
page 1 1 "done" ',"n":1' >torn
run 65 item-close <torn
ok 'a cut stream is aborted, what was whole is kept' test \
    "$(sed 's/^{"type":"\([a-z]*\)".*/\1/' out | tr '\n' ' ')" = \
    'done abort '
run 0 item-close --partial <torn
{ cat torn; echo '{"type":"abort","status":75,"reason":"x"}'; } >aborted
run 75 item-close <aborted
run 65 item-close </dev/null
run 64 item-close operand
ok '/dev/full exits 74' sh -c 'item-close <torn >/dev/full; [ $? -eq 74 ]'
if [ -z "${SLUICE_SANITIZE-}" ]; then
	perl -e 'print "{\"type\":\"", "x" x 1000000, "\"}\n"' >long
	run 71 starved item-close <long
else
	skip 'no memory: 71' 'sanitizers'
fi
mkfifo slow said
item-close <slow >said 2>err & pid=$!
exec 3>slow 4<said
echo '{"type":"note"}' >&3
read -r _ <&4
kill -TERM "$pid"; wait "$pid"; got=$?
exec 3>&- 4<&-
ok 'interrupted exits 75' test "$got" -eq 75
finish
