#!/bin/sh
# Two runs over one dataset: an older one is stopped where it waits for the
# write lock, a newer one does its work, and the older one goes on.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/raw.sh"
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT

# hold COMMAND... : it has the lock, when it has said so to ready, until it
# reads a line from go.
mkfifo ready go
hold() {
	"$@" & holder=$!
	read -r _ <ready
}
hold_db() {		# hold_db FILE : its write lock
	hold sqlite3 -cmd 'BEGIN IMMEDIATE' "$1" '.shell echo x >ready' \
	    '.shell read -r _ <go'
}
hold_file() {		# hold_file FILE : what flock locks
	hold with-lock "$1" sh -c 'echo x >ready; read -r _ <go'
}
let_go() {
	echo x >go
	wait "$holder"
}

# older COMMAND... : start it, and stop it at its first nap for the lock.
older() {
	if [ -z "${SLUICE_SANITIZE-}" ] && command -v strace >/dev/null; then
		strace -f -o trace -e trace=nanosleep,clock_nanosleep \
		    -e inject=nanosleep,clock_nanosleep:signal=STOP:when=1 \
		    sh -c 'echo $$ >pid; exec "$@"' sh "$@" \
		    >older.out 2>older.err <older.in & waiter=$!
		until grep -q 'stopped by SIGSTOP' trace 2>/dev/null ||
		    ! kill -0 "$waiter" 2>/dev/null; do
			sleep 0.02
		done
		pid=$(cat pid)
	else
		"$@" >older.out 2>older.err <older.in & waiter=$! pid=$!
		sleep 1
		kill -STOP "$pid"
	fi
}

# goes_on STATUS WHAT : the older one, to its end.
goes_on() {
	kill -CONT "$pid"
	wait "$waiter"; got=$?
	ok "$2 exits $1 (got $got)" test "$got" -eq "$1"
	test "$got" -eq "$1" || sed 's/^/# /' older.err
	rm -f trace
}
: >older.in

# --- promoting: content, versions, gate and files stay the newer one's
promote() { diff-promote -q -c "$toy" -d d -r "$@" >out 2>err; }
keep() {		# keep DIR : all that is canonical
	rm -rf "$1"; mkdir "$1"
	canon-cat -c "$toy" -d d --provenance >"$1/rows"
	sqlite3 d/toy.sqlite .dump >"$1/all"
	cp -r d/diff "$1/"
}
three r1 a </dev/null
run 0 promote r1 x/a
three r2 a <<'SQL'
UPDATE items SET name = 'of the older one';
SQL
hold_db d/toy.sqlite
older diff-promote -c "$toy" -d d -r r2 x/a
let_go
three r3 a <<'SQL'
UPDATE items SET name = 'of the newer one';
SQL
run 0 promote r3 x/a
keep newer
goes_on 73 'an older promote'
ok 'it says by whom it was overtaken' grep -q \
    'error: x/a: .*r2 was overtaken by r3' older.err
is 'its stream says so' "$(cut -c1-28 older.out)" \
    '{"type":"abort","status":73,'
keep after
ok 'and nothing has changed' diff -r newer after

# The newer one may have found nothing new, and only confirmed it.
three r4 a <<'SQL'
UPDATE items SET name = 'of the older one';
SQL
hold_db d/toy.sqlite
older diff-promote -c "$toy" -d d -r r4 x/a
let_go
three r5 a <<'SQL'
UPDATE items SET name = 'of the newer one';
SQL
run 0 promote r5 x/a
keep newer
goes_on 73 'older than a confirmation: promote'
keep after
ok 'and nothing has changed, again' diff -r newer after

# Another dataset of the same source is not concerned.
three r6 b </dev/null
hold_db d/toy.sqlite
older diff-promote -c "$toy" -d d -r r6 x/b
let_go
three r7 a <<'SQL'
UPDATE items SET name = 'newest';
SQL
run 0 promote r7 x/a
goes_on 0 'an older promote of another dataset'
is 'both have their versions' "$(sqlite3 d/toy.sqlite "SELECT dataset,
    version_id FROM dataset_versions WHERE status = 'active'
    ORDER BY 1" | tr '\n' ' ')" 'x/a|r7 x/b|r6 '

# --- verifying: what counts stays the newer one's
authority() {
	ask 'SELECT part_path, status, run, snapshot, sha256, last_attempt_run
	    FROM partition_state'
	cat data/ptr/soc/20261/NB/*
}
mkdir data
RUN=R1; seal courses '[{"a":1}]'; verify
RUN=R2; seal courses '[{"a":2}]'; mv sealed older.in
RUN=R3; seal courses '[{"a":3}]'
hold_file data/ptr/.lock
older raw-verify -c "$config" -d data
let_go
verify
is 'the newer run counts' "$(state courses run)" R3
authority >newer.txt
goes_on 0 'an older verify'
authority >after.txt
same 'it has replaced nothing' newer.txt after.txt
is 'its answer is on record' "$(ask "SELECT count(*) FROM attempts
    WHERE run = 'R2'")" 1
: >older.in

# --- staging: the newer one's database stays
db=data/staging/soc/20261/NB.sqlite
mkdir -p "${db%/*}"
hold_file data/staging/soc/20261/.NB.sqlite.lock
older stage-normalize -c "$config" -d data -r R2 20261/NB
let_go
run 0 stage-normalize -c "$config" -d data -r R3 20261/NB
cp "$db" newer.sqlite
goes_on 73 'an older stage'
ok 'it says by whom' grep -q 'R2 was overtaken by R3' older.err
same 'and has replaced nothing' newer.sqlite "$db"
ok 'nor left anything' test ! -e data/staging/soc/20261/.NB.sqlite.tmp
finish
