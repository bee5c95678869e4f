#!/bin/sh
# log-prune: the logs of old runs go, of no others.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
unset SLUICE_LOG
config=$top/pipelines/soc/pipeline.toml

run 66 log-prune -c "$config"
ok 'no ledger appears' test ! -e data
mkdir -p data/logs data/incoming
toml-json "$config" >whole.json || exit 99
keep() { jq -c ".retention = $1" whole.json >p.json; }
i=0
while [ $i -lt 7 ]; do
	run-new -d data --source soc --at "2026-11-20T10:00:0${i}Z"
	i=$((i + 1))
done >runs
run-new -d data --source shop --at 2026-11-20T09:00:00Z >other
nth() { sed -n "$1p" runs; }
while read -r id; do
	for name in jsonl plan.jsonl words words.new summary.json summary.txt
	do echo x >"data/logs/$id.$name"; done
	echo x >"data/logs/.$id.summary.txt-AbCdEf"
done <<E1
$(cat runs other)
E1
echo x >data/logs/notes.txt
mkdir "data/incoming/$(nth 2)"
left() { find data/logs -name "$1.*" -o -name ".$1.*" | wc -l; }

keep '{"raw_latest": 1}'
run 0 log-prune -c p.json
ok 'nothing said: nothing goes' test "$(ls -A data/logs | wc -l)" -eq 57 \
    -a ! -s err
keep '{"runs": 4}'
run 0 log-prune -c p.json -n
ok 'a dry run counts' grep -qx \
    'log-prune: note: soc: logs of old runs would go: 2' err
ok 'and removes nothing' test "$(ls -A data/logs | wc -l)" -eq 57
run 0 log-prune -c p.json -r "$(nth 3)"
ok 'the oldest has gone, with all its files' test "$(left "$(nth 1)")" -eq 0
ok 'one that may be continued stays' test "$(left "$(nth 2)")" -eq 7
ok 'so does the one going on' test "$(left "$(nth 3)")" -eq 7
ok 'the four newest stay' test "$(left "$(nth 4)")" -eq 7
ok 'what is of another source stays, or of no run' test \
    "$(left "$(cat other)") $(left notes)" = '7 1'
ok 'it is said' grep -qx 'log-prune: note: soc: logs of old runs gone: 1' err
run 0 log-prune -c p.json
ok 'it does no longer go on' test "$(left "$(nth 3)")" -eq 0
find data -type f | sort | xargs sha256sum >before
run 0 log-prune -c p.json
find data -type f | sort | xargs sha256sum >after
same 'again: nothing changes' before after
ok 'and nothing is said' test ! -s err

# By age, besides the number.
cp -R data aged
new=$(run-new -d aged --source soc)
echo x >"aged/logs/$new.log"
aged() { find aged/logs -name "$1.*" | wc -l; }
keep '{"runs": 1, "log_days": 36500}'
run 0 log-prune -c p.json -d aged
ok 'what is young enough stays' test "$(aged "$(nth 4)")" -eq 6
keep '{"runs": 4, "log_days": 1}'
run 0 log-prune -c p.json -d aged
ok 'as do the newest' test "$(aged "$(nth 5)")" -eq 6
ok 'what is neither goes' test "$(aged "$(nth 4)")" -eq 0
keep '{"log_days": 1}'
run 0 log-prune -c p.json -d aged
ok 'by age alone' test "$(aged "$(nth 7)") $(aged "$new")" = '0 1'

run 64 log-prune
run 64 log-prune -c p.json extra
keep '{"runs": 0}'
run 64 log-prune -c p.json
ok 'a wrong declaration' grep -q 'retention: "runs" is no integer' err
keep '{"runs": 1}'
run 66 log-prune -c nowhere.json
cp data/ledger.sqlite kept
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 7'
run 65 log-prune -c p.json
ok 'another schema is refused' grep -q 'schema version 7' err
mv kept data/ledger.sqlite

# Another one holds the ledger: waiting ends with a stop request.
mkfifo ready go
sqlite3 data/ledger.sqlite 'BEGIN EXCLUSIVE' \
    '.system echo up >ready; read x <go' &
read -r _ <ready
log-prune -c p.json >out 2>err & pid=$!
asleep $pid
kill -TERM $pid; wait $pid; got=$?
ok "a busy ledger: 75 (got $got)" test "$got" -eq 75
echo >go
wait

if strace -o /dev/null true 2>/dev/null; then
	run 74 strace -qq -o /dev/null -e inject=unlink,unlinkat:error=EIO \
	    log-prune -c p.json
	ok 'the file is named' grep -q 'data/logs/.*: ' err
	test -n "${SLUICE_SANITIZE-}" || run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ log-prune -c p.json
	run 137 sh -c 'strace -qq -o /dev/null \
	    -e inject=unlink,unlinkat:signal=KILL:when=3 log-prune -c p.json'
else
	skip 'a disk that fails: 74' 'no strace'
fi
run 0 log-prune -c p.json
ok 'killed and repeated: only the newest is left' test \
    "$(ls -A data/logs | cut -d. -f1 | sort -u | tr '\n' ' ')" = \
    "$({ echo; nth 2; nth 7; cat other; echo notes; } | sort | tr '\n' ' ')"
finish
