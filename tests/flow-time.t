#!/bin/sh
# Versions and time on the captures of 12 and 15 November 2025: what was
# true at either, the database made again from the raw store, with its
# versions and without, and killed in the middle.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

captures=$top/../shared/captures/soc
if [ ! -d "$captures" ]; then
	skip 'versions and time' 'no captures'
	finish
fi
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT
sql() { sqlite3 d/soc.sqlite "$@"; }
nb() { soc "$@" "CAPTURES=$captures" TERMS=20261 CAMPUSES=NB; }
rows() { canon-cat -c "$config" -d d "$@"; }
rebuild() {		# rebuild STATUS [OPTION...]
	want=$1; shift
	run "$want" diff-promote -c "$config" -d d -r rebuilt --rebuild "$@"
}
# Everything that the database holds, but for its own rebuilding.
everything() {
	for table in $(sql "SELECT name FROM sqlite_schema WHERE type = 'table'
	    AND name <> 'canon_meta' ORDER BY name"); do
		echo "$table"
		sql "SELECT * FROM $table" | grep -av '|rebuild|' | sort
	done
}

run 0 nb refresh
rows >on12
run 0 nb run TICKS=1
rows >on15
v12=$(sql 'SELECT version_id FROM dataset_versions WHERE seq = 1')
v15=$(sql 'SELECT version_id FROM dataset_versions WHERE seq = 2')
ok 'they differ' test "$(cmp on12 on15 2>&1)"

# --- as it was
rows --as-of "$v12" >got; ok 'as of the first version' cmp on12 got
rows --as-of "$v15" >got; ok 'as of the second' cmp on15 got
at=$(sql 'SELECT promoted_at FROM dataset_versions WHERE seq = 1')
rows --as-of "$at" >got; ok 'as of an instant' cmp on12 got

# --- back to the first, and back again
cp -r d kept
back() {		# back STATUS VERSION [OPTION...]
	want=$1 to=$2; shift 2
	run "$want" diff-promote -c "$config" -d d -r ~back --rollback "$to" \
	    "$@" 20261/NB
}
back 0 "$v12" -n
cmp kept/soc.sqlite d/soc.sqlite
ok 'a dry run shows the changes' grep -q \
    '"op":"insert","table":"open_sections"' out
ok 'and does nothing' cmp kept/soc.sqlite d/soc.sqlite
run 0 nb rollback "VERSION=$v12" DATASET=20261/NB REJECT='seats are wrong'
rows >got; ok 'rolled back: the rows of then' cmp on12 got
v3=$(sql "SELECT version_id FROM dataset_versions WHERE status = 'active'")
is 'as a version of its own' "$(sql "SELECT seq, parent
    FROM dataset_versions WHERE status = 'active'")" "3|$v15"
is 'made of what that one was made of' "$(sql "SELECT part, run
    FROM version_inputs WHERE version_id = '$v3' ORDER BY 1")" \
    "courses|$v12
openSections|$v12"
is 'by whom and why' "$(sql "SELECT payload FROM dataset_version_events
    WHERE event = 'rollback' AND version_id = '$v3'")" \
    "{\"to\":\"$v12\",\"from\":\"$v15\",\"reason\":\"seats are wrong\",\"who\":\"$(id -un)\"}"
is 'the part that differed is held' "$(sql "SELECT part, verdict
    FROM gate_parts WHERE state = 'held'")" 'openSections|rejected'
is 'readers may have it' "$(sql "SELECT ready FROM version_reports
    WHERE version_id = '$v3'")" 1
run 2 nb refresh
ok 'the same payload again: held' grep -q 'a person rejected it' err
rows >got; ok 'and the rows stay' cmp on12 got
run 0 nb promote ready DATASET=20261/NB ACCEPT='they were right'
rows >got; ok 'until a person accepts' cmp on15 got
back 0 "$(sql 'SELECT max(version_id) FROM dataset_versions')"
ok 'back to what is active: nothing to do' grep -q 'unchanged' err
back 66 "~nothing"
ok 'to what is not kept: what is' grep -q 'no such version; kept are 4' err
back 66 "$v12" --config none.toml
run 64 diff-promote -c "$config" -d d -r ~back --rollback "$v12" --prune
run 2 nb rollback "VERSION=$v12"
back 0 "$at"
rows >got; ok 'to an instant' cmp on12 got
run 73 diff-promote -c "$config" -d d -r old --rollback "$v15" 20261/NB
rm -rf d; mv kept d

# --- from the raw store, with the versions that are on record
everything >want
cp -r d kept
rebuild 0 -n
ok 'a dry run says what would be done' grep -q \
    'soc: 2 versions of 1 dataset would be made from their payloads' err
ok 'and does nothing' cmp kept/soc.sqlite d/soc.sqlite
rebuild 0
everything >got; ok 'everything is as before' cmp want got
is 'but that it was rebuilt' "$(sql "SELECT version_id, payload FROM
    dataset_version_events WHERE event = 'rebuild'")" \
    "$v15|{\"versions\":2,\"from\":\"versions\",\"who\":\"$(id -un)\"}"
ok 'no leftovers' test -z "$(find d -name '*.rebuild*' ! -name '*.lock')"
rebuild 0 20261/NB
everything >got; ok 'of one dataset: the same' cmp want got
rebuild 66 20261/NK
ok 'of one that nobody knows' grep -q 'nothing is known to rebuild' err

# --- older payloads are gone: as far back as they are there
old=$(sql "SELECT path FROM version_inputs WHERE version_id = '$v12'
    AND part = 'openSections'")
mv "d/$old" gone
rebuild 0
ok 'one version less' grep -q 'payloads are gone: 1 lost' err
rows >got; ok 'the rows of today' cmp on15 got
run 66 canon-cat -c "$config" -d d --as-of "$v12"
ok 'those of then are not kept' grep -q "no such version; kept are 1: $v15" err
run 66 canon-cat -c "$config" -d d --as-of "$at"
mv gone "d/$old"
new=$(sql "SELECT path FROM version_inputs WHERE version_id = '$v15'
    AND part = 'openSections'")
mv "d/$new" gone; cp d/soc.sqlite before
rebuild 66
ok 'not without what is active' grep -q "$v15 was made of $new, which is" err
ok 'the old one stays' cmp before d/soc.sqlite
mv gone "d/$new"

# --- from the raw store alone
rm d/soc.sqlite
run 0 nb rebuild
rows >got; ok 'without a database: the same rows' cmp on15 got
rows --as-of "$v12" >got; ok 'and those of then' cmp on12 got
is 'ready for readers' "$(sql 'SELECT version_id, ready
    FROM version_reports')" "$v15|1"

# --- another map
sed 's|^title = "/title"|title = "/expandedTitle"|' "$config" >other.toml
promote() {		# promote STATUS CONFIG
	run 0 stage-normalize -c "$2" -d d -r ~2 20261/NB
	run "$1" diff-promote -c "$2" -d d -r ~2 20261/NB
}
promote 73 other.toml
ok 'is refused, with what to do' grep -q 'staged by another map.*rebuild it: diff-promote -c other.toml -d d --rebuild -r RUN' err
rows >got; ok 'nothing has changed' cmp on15 got
run 0 diff-promote -c other.toml -d d -r ~1 --rebuild
is 'rebuilt: the rows are of the new one' "$(sql 'SELECT count(*) FROM courses
    WHERE title IS NOT expanded_title')" "$(sql 'SELECT count(*) FROM
    courses WHERE trim(expanded_title) IS NOT expanded_title')"
is 'those of then as well' "$(sql "SELECT count(*) FROM sections_as_of
    WHERE as_of = '$v12'")" "$(jq -r 'select(.table == "sections") | 1' \
    on12 | wc -l)"
is 'a report about other rows is none of theirs' \
    "$(sql 'SELECT count(*) FROM version_reports')" 0
ok 'nor is their feed' test ! -e "d/diff/soc/20261/NB/$v15.jsonl"
promote 0 other.toml
ok 'and all agrees again' grep -q 'unchanged' err

# --- who waits for the lock meanwhile, and who has it open all the time
rm -rf d; cp -r kept d
mkfifo hold ask
sqlite3 d/soc.sqlite <ask >open & reader=$!
sqlite3 d/soc.sqlite <hold >held & holder=$!
exec 9>hold 8>ask
echo 'SELECT count(*) FROM courses;' >&8
printf 'BEGIN IMMEDIATE;\n.print locked\n' >&9
while ! grep -q locked held || [ ! -s open ]; do sleep 0.02; done
# A rebuild, then two promotes; each waits for the one before.
waits() {		# waits PID : until it has the database open
	while [ -z "$(find "/proc/$1/fd" -lname '*soc.sqlite' 2>/dev/null)" ]
	do sleep 0.02; done
}
diff-promote -q -c other.toml -d d -r ~1 --rebuild >out 2>err 8>&- 9>&- &
first=$!
waits $first
sleep 0.1
exec 9>&-
wait $holder
while [ ! -e d/.soc.rebuild.sqlite ]; do sleep 0.02; done
# The lock is let go for a moment before the copy, which a write then would
# stop; one that finds nothing to write may come through.
diff-promote -c "$config" -d d -r ~3 20261/NB >out 2>err 8>&-; got=$?
ok "a promote of another map, which waited, is refused (got $got)" \
    grep -q "$([ $got -eq 73 ] && echo 'another .*rebuild it: ' ||
	echo '20261/NB: unchanged, ')" err
wait $first; is 'the rebuild is done' $? 0
printf 'PRAGMA integrity_check;\nSELECT count(*) FROM courses;\n' >&8
exec 8>&-
wait $reader
is 'who had it open reads on' "$(tr '\n' ' ' <open)" '4608 ok 4608 '

# --- killed anywhere
if [ -n "${SLUICE_SANITIZE-}" ] || ! command -v strace >/dev/null; then
	skip 'killed while it rebuilds' 'no strace, or sanitizers'
	finish
fi
captures=$top/tests/none
rm -rf d kept
run 0 soc run
everything >want
cp -r d kept
killed=0 wrong=''
killed_at() {		# killed_at CALL N
	rm -rf d; cp -r kept d
	strace -f -qq -o /dev/null -e "trace=$1" \
	    -e "inject=$1:signal=KILL:when=$2" diff-promote -q -c "$config" \
	    -d d -r rebuilt --rebuild >/dev/null 2>&1
	got=$?
	[ $got -ne 137 ] || killed=$((killed + 1))
	everything >got && cmp -s want got || wrong="$wrong $1:$2"
	diff-promote -q -c "$config" -d d -r rebuilt --rebuild >/dev/null &&
	    everything >got && cmp -s want got || wrong="$wrong $1:$2+"
	return $got
}
each_call rename,fsync,unlink:3,pwrite64:900 killed_at
ok "killed $killed times" test $killed -gt 8
is 'always the same' "$wrong" ''
finish
