#!/bin/sh
# raw-cat: the authoritative payload and nothing else.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"

run 66 raw-cat soc 20261/NB/courses
ok 'no ledger appears' test ! -e data
mkdir data
RUN=R1
printf '[{"a":1},\n {"a":"\303\251"}]\n' >text1
seal courses "$(cat text1)"
printf '%s' "$(cat text1)" >text1
run 1 raw-cat soc 20261/NB/courses
ok 'sealed is not yet valid' grep -q 'soc 20261/NB/courses: pending' err
verify
run 0 raw-cat soc 20261/NB/courses
same 'the payload' text1 out
run 0 raw-cat soc term_code=20261/campus_code=NB/endpoint=courses
same 'by names too' text1 out
run 1 raw-cat soc term=20261/campus_code=NB/endpoint=courses
run 1 raw-cat soc 20261/NB/openSections
run 1 raw-cat ads 20261/NB/courses
run 0 raw-cat --stored soc 20261/NB/courses
same 'as stored' "$(folder courses)/payload.json.gz" out
run 0 raw-cat --metadata soc 20261/NB/courses
same 'metadata' "$(folder courses)/metadata.json" out

RUN=R2
seal courses '[2]'
run 0 raw-cat soc 20261/NB/courses
same 'a run not verified is not read' text1 out
verify
run 0 raw-cat soc 20261/NB/courses
ok 'one that was is' test "$(cat out)" = '[2]'

run 64 raw-cat soc
run 64 raw-cat --stored --metadata soc 20261/NB/courses
run 64 raw-cat soc 20261/NB/courses extra
raw-cat soc 20261/NB/courses >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
ok 'it is said' grep -q '^raw-cat: error: standard output: ' err
raw-cat soc 20261/NB/courses >&- 2>err; got=$?
ok 'a closed standard output: 74' test "$got" -eq 74

f=$(folder courses)
chmod u+w "$f" "$f"/*; cp "$f/metadata.json" meta
mv "$f/payload.json.gz" "$f/payload.gz"
jq -c '.format = "bytes"' meta >"$f/metadata.json"
run 0 raw-cat --stored soc 20261/NB/courses
same 'a payload that need not be JSON' "$f/payload.gz" out
mv "$f/payload.gz" "$f/payload.json.gz"; cp meta "$f/metadata.json"

# Another one holds the ledger: waiting ends with a stop request.
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN EXCLUSIVE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
raw-cat soc 20261/NB/courses >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
echo >go
wait

f=$(folder courses)/payload.json.gz
chmod u+w "$f"
cp "$f" keep
printf '[3]' | gzip -n >"$f"
run 65 raw-cat soc 20261/NB/courses
ok 'other bytes are an error' grep -q 'not the bytes that were sealed' err
head -c 10 keep >"$f"
run 65 raw-cat soc 20261/NB/courses
rm -f "$f"
run 66 raw-cat soc 20261/NB/courses
cp sealed in
raw-verify -c "$config" -d data <in >out 2>err
run 1 raw-cat soc 20261/NB/courses
ok 'invalid is said' grep -q 'soc 20261/NB/courses: invalid' err
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 7'
run 65 raw-cat soc 20261/NB/courses
if [ -z "${SLUICE_SANITIZE-}" ] && strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ \
	    raw-cat soc 20261/NB/courses
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
finish
