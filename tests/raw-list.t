#!/bin/sh
# raw-list: what counts, in the order in which it came to count.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/raw.sh"
unset SLUICE_LOG

run 66 raw-list
ok 'an abort for the next tool' grep -q '^{"type":"abort","status":66' out
ok 'no ledger appears' test ! -e data
mkdir data
said() { jq -r "select(.type != \"end\") | $1" out | tr '\n' ' '; }
take() {		# take ENDPOINT TEXT : seal it and let it count
	seal "$1" "$2"
	verify
}

# --- the list ----------------------------------------------------------------
RUN=R1
seal courses '[1,2]'
run 0 raw-list
ok 'sealed is not yet valid' test "$(types)" = end
verify
take openSections '["1"]'
run 0 raw-list
ok 'what counts' test "$(said '"\(.run):\(.part.endpoint):\(.seq)"')" = \
    'R1:courses:1 R1:openSections:2 '
echo '["type","run","source","dataset","part","url","format","schema_version",
"sha256","path","encoding","size_bytes","stored_bytes","status","etag",
"fetched_at","attempt","snapshot","record_count","confirmed_at","seq"]' |
    jq -c . >want
sed -n 1p out | jq -c keys_unsorted >got
same 'a raw record has its members in order' want got
raw-cat --metadata soc 20261/NB/courses | jq -S 'del(.headers)' >meta
sed -n 1p out | jq -S --slurpfile m meta \
    'with_entries(select(.key as $k | $m[0] | has($k)))' >got
jq -S 'del(.sealed_at)' meta | jq -S --slurpfile r got \
    'with_entries(select(.key as $k | $r[0] | has($k)))' >want
same 'which are those of the seal' want got
ok 'the path leads to it' test -f \
    "data/$(sed -n 1p out | jq -r .path)/payload.json.gz"

run 0 raw-list endpoint=courses campus_code=NB
ok 'by members of the key' test "$(said .part.endpoint)" = 'courses '
run 0 raw-list endpoint=courses campus_code=NK
ok 'all of which must be so' test "$(types)" = end
run 0 raw-list code=NB
ok 'a part of a name is no name' test "$(types)" = end
run 0 raw-list campus_code=N
ok 'nor of a value a value' test "$(types)" = end
run 0 raw-list --source soc --dataset 20261/NB
ok 'by source and dataset' test "$(said .run)" = 'R1 R1 '
run 0 raw-list --source "x'y"
run 0 raw-list "campus_code='\"NB"
ok 'quotes are no SQL' test "$(types)" = end
run 0 raw-list --dataset 20261/NK
ok 'none of another one' test "$(types)" = end

# --- since ---------------------------------------------------------------------
run 0 raw-list --since 1
ok 'what changed since' test "$(said .part.endpoint)" = 'openSections '
run 0 raw-list --since 2
ok 'nothing' test "$(types)" = end
RUN=R2
take courses '[1,2]'
run 0 raw-list --since 2
ok 'a confirmation is no change' test "$(types)" = end
ok 'although it is known' test "$(state courses 'attempts, seq')" = '2|1'
take courses '[1,2,3]'
run 0 raw-list --since 2
ok 'a new ingest is' test "$(said '"\(.run) \(.seq)"')" = 'R2 3 '
RUN=R1b
take openSections '["0"]'
RUN=R0
take openSections '["x"]'
run 0 raw-list --since 3
ok 'an older run that ends late is none' test "$(said .run)" = 'R1b '
run 0 raw-list --since 99
ok 'a cursor that was never reached begins anew' test \
    "$(said .run)" = 'R2 R1b '
id=$(ask 'SELECT id FROM ledger')
run 0 raw-list --since "3-$id"
ok 'a cursor of this ledger' test "$(said .run)" = 'R1b '
run 0 raw-list --since "3-00000000"
ok 'one of another ledger begins anew' test "$(said .run)" = 'R2 R1b '
RUN=R3
take courses '[4]'
rm -f "$(folder courses)/payload.json.gz"
verify
run 0 raw-list
ok 'what is found damaged is not listed' test "$(said .run)" = 'R1b '
RUN=R4
take courses '[5]'
run 0 raw-list --since 4
ok 'what is well again is' test "$(said .run)" = 'R4 '

# --- a consumer ----------------------------------------------------------------
cat >eat <<'X'
#!/bin/sh
jq -r 'select(.type == "raw") | .snapshot' >>eaten
X
chmod +x eat
run 0 raw-list --cursor at.cursor ./eat
sort eaten >got
printf '%s\n' R1b:20261/NB/openSections R4:20261/NB/courses >want
same 'the command gets all of it' want got
ok 'the cursor is there' grep -q "^[0-9]*-$id\$" at.cursor
ok 'nothing of ours is on standard output' test ! -s out
ls -A >before
run 0 raw-list --cursor at.cursor ./eat
sort eaten >got
same 'nothing new: it is not run' want got
ls -A >got
same 'and nothing is left beside the cursor' before got
RUN=R5
take courses '[6]'
cp at.cursor before
run 9 raw-list --cursor at.cursor -- sh -c 'cat >/dev/null; exit 9'
same 'a command that failed: the cursor stays' before at.cursor
ok 'it is said' grep -q 'raw-list: error: sh: status 9' err
run 75 raw-list --cursor at.cursor sh -c 'cat >seen; kill -9 $$'
same 'one that was killed, too' before at.cursor
ok 'it had seen it' grep -q R5:20261/NB/courses seen
run 66 raw-list --cursor at.cursor ./none
same 'one that there is not, too' before at.cursor
sh -c 'raw-list --cursor at.cursor sh -c "cat >seen; kill -9 \$PPID"; :' \
    >out 2>err
same 'we are killed before it is remembered' before at.cursor
: >eaten
run 0 raw-list --cursor at.cursor ./eat
ok 'it sees the partition again' test "$(cat eaten)" = R5:20261/NB/courses
: >eaten
run 0 raw-list --cursor at.cursor ./eat
ok 'and then no more' test ! -s eaten
run 0 raw-list --cursor other endpoint=openSections sh -c 'cat >seen'
ok 'a filtered one' test "$(jq -r .snapshot seen | head -n 1)" = \
    R1b:20261/NB/openSections
ok 'has come as far as the ledger' cmp at.cursor other
RUN=R6
take openSections '["6"]'
run 0 raw-list --cursor at.cursor -- true
ok 'a command need not read' test "$(cut -d- -f1 at.cursor)" -gt \
    "$(cut -d- -f1 other)"
mkfifo ready go
raw-list --cursor other sh -c 'echo >ready; read x <go' & one=$!
read -r _ <ready
run 75 raw-list --cursor other true
ok 'one at a time, by name' grep -q 'other: in use by raw-list (pid' err
echo >go
wait $one
cp at.cursor kept
echo x > at.cursor
run 65 raw-list --cursor at.cursor true
ok 'what is no cursor is not guessed' grep -q 'at.cursor: not a cursor' err
mv kept at.cursor
if strace -o /dev/null true 2>/dev/null; then
	RUN=R7
	take courses '[7]'
	killed_at() {	# killed_at CALL N : in the consumer's own program
		cp before at.cursor; : >eaten
		(strace -qq -o /dev/null -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$2" \
		    raw-list --cursor at.cursor ./eat; exit $?) >out 2>err
		got=$?
		[ $got -ne 137 ] || n=$((n + 1))
		if cmp -s before at.cursor || [ ! -s at.cursor ]; then again=1; else again=0; fi
		# Not remembered, or seen: never neither.
		[ $again -eq 1 ] || grep -q R7:20261/NB/courses eaten ||
		    wrong="$wrong skipped:$1:$2"
		raw-list --cursor at.cursor ./eat >out 2>err || wrong="$wrong $1:$2"
		grep -q R7:20261/NB/courses eaten || wrong="$wrong lost:$1:$2"
		cmp -s want at.cursor || wrong="$wrong cursor:$1:$2"
		return $got
	}
	cp at.cursor before
	raw-list --cursor at.cursor ./eat
	cp at.cursor want
	n=0 wrong=''
	each_call write,fsync,rename,flock,fchmod,unlink,pread64:9 killed_at
	ok "killed at each of $n calls: seen again, never skipped" \
	    test "$n" -gt 5 -a -z "$wrong"
	echo "#$wrong"
else
	skip 'killed at every step' 'no strace'
fi

# --- for each task ----------------------------------------------------------------
task() {		# task ENDPOINT [MEMBERS]
	printf '{"type":"task",'; part "$1"
	printf ',"url":"http://127.0.0.1/","format":"json-array"%s}\n' "${2-}"
}
RUN=S1
{ task courses ',"item":{"epoch":3}'; echo "$end"; } >in
raw-list --tasks <in >out 2>err
ok 'a task gets what counts' test "$(said \
    '"\(.type) \(.run) \(.same_as) \(.snapshot) \(.item.epoch)"')" = \
    'raw S1 R7 R7:20261/NB/courses 3 '
{ task none; task courses; task courses ',"schema_version":"2"'
task courses | sed 's/"run":"S1",//'; echo '{"type":"other"}'; echo "$end"; } >in
run 65 raw-list --tasks <in
ok 'or says what is wrong' test "$(types)" = \
    'missing raw schema_mismatch bad_record other end'
{ task none ',"item":{"epoch":4}'; echo "$end"; } >in
run 66 raw-list --tasks <in
ok 'an error has its task' test "$(said .of.item.epoch)" = '4 '
mv "data/$(raw-list endpoint=courses | sed -n 1p | jq -r .path)" aside
{ task courses; echo "$end"; } >in
run 66 raw-list --tasks <in
ok 'a payload that is not there is missing' test "$(types)" = 'missing end'
mkfifo tasks
: >answers
raw-list --tasks -d later <tasks >>answers 2>err & pid=$!
exec 9>tasks
answered() {		# answered N : until so many have come
	until [ "$(wc -l <answers)" -ge "$1" ] || ! kill -0 $pid 2>/dev/null
	do sleep 0.02; done
}
task openSections >&9
answered 1
cp -R data later
task openSections >&9
answered 2
echo "$end" >&9
exec 9>&-
wait $pid
ok 'each is answered at once, and a ledger may come later' test \
    "$(jq -rs 'map(.code // .type) | join(" ")' answers)" = 'missing raw end'
sed '$d' in >cut.in
run 65 raw-list --tasks <cut.in

# --- refused ----------------------------------------------------------------------
run 64 raw-list --since x
run 64 raw-list --since 1-zz
run 64 raw-list =x
run 64 raw-list 'a b=x'
run 64 raw-list cat
ok 'a command is told what it lacks' grep -q 'a command needs --cursor' err
run 64 raw-list --cursor at.cursor
run 64 raw-list --cursor at.cursor --since 4 true
run 64 raw-list --tasks --source soc
raw-list >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74
raw-list --tasks <in >/dev/full 2>err; got=$?
ok 'with --tasks, too' test "$got" -eq 74
cp data/ledger.sqlite keep
sqlite3 data/ledger.sqlite 'PRAGMA user_version = 7'
run 65 raw-list
mv keep data/ledger.sqlite
if [ -z "${SLUICE_SANITIZE-}" ] && strace -o /dev/null true 2>/dev/null; then
	run 71 strace -qq -o /dev/null \
	    -e inject=rt_sigaction:error=ENOMEM:when=3+ raw-list
else
	skip 'no signals: 71' 'no strace, or a sanitizer'
fi
finish
