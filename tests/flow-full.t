#!/bin/sh
# DATA on a file system of 2 MB: each tool says that the disk is full, with
# its status, and no store is damaged.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

# A mount of our own needs a mount namespace: root, or a user namespace.
if [ -z "${IN_NAMESPACE-}" ]; then
	for how in '-m' '-rm'; do
		if unshare $how mount -t tmpfs -o size=2m none /mnt \
		    2>/dev/null; then
			cd / && rm -rf "$work"
			IN_NAMESPACE=1 exec unshare $how sh "$top/tests/flow-full.t"
		fi
	done
	skip 'a full disk' 'no mount namespace'
	finish
fi
mkdir d && mount -t tmpfs -o size=2m none d || exit 99

# Enough for the raw partitions, not for the staged rows.
soc run "REPLICA=--scale 10" >out 2>err; got=$?
ok 'a run on a full disk fails' test "$got" -ne 0
ok 'and says why' grep -Eq 'No space left|disk is full|disk I/O' err
stores d >damage
ok 'every store is whole' test ! -s damage
cp -r d roomy
DATA=roomy
run 0 soc run "REPLICA=--scale 10" "RUN=$(cat d/.make/soc/run)"
content roomy >got
DATA=undisturbed; run 0 soc run "REPLICA=--scale 10"
content undisturbed >want
ok 'with room again: the same content as an undisturbed run' cmp want got

umount d

# Each tool alone, its input ready and not a byte of room left.
mount -t tmpfs -o size=2m none d || exit 99
fetch() {			# fetch RUN CAMPUS TICK : answered into incoming
	# shellcheck disable=SC2016
	soc-replica --scale 1 --tick "$3" -- sh -c 'soc-plan -q -c "$1" -d d \
	    -r "$2" --terms 20261 --campuses "$3" --mode full |
	    soc-fetch -q -d d --interval 0' sh "$config" "$1" "$2"
}
stage() { stage-normalize -q -c "$config" -d d -r "$1" 20261/NK; }
verify() { raw-verify -c "$config" -d d >/dev/null; }
promoted=$(run-new -d d --source soc)
fetch "$promoted" NK 0 | raw-write -d d | verify
stage "$promoted"
diff-promote -q -c "$config" -d d -r "$promoted" 20261/NK >/dev/null
staged=$(run-new -d d --source soc)
fetch "$staged" NK 5 | raw-write -d d | verify
stage "$staged"
fetch "$staged" CM 0 | raw-write -d d >raws
fetch "$staged" ONLINE_CM 0 >bodies
mkdir d/logs; echo '{"type":"event","event":"plan","tasks":1}' >d/logs/R.jsonl
head -c 2097152 /dev/zero >d/fill 2>/dev/null

full() {		# full INPUT TOOL ARG... : 74, and a word about it
	input=$1; shift
	"$@" >out 2>err <"$input"; got=$?
	ok "$1 on a full disk: 74 (got $got)" test "$got" -eq 74
	ok "$1 says so" grep -Eq 'No space left|disk is full|disk I/O' err
}
full /dev/null run-new -d d --source soc
full /dev/null fetch "$staged" ONLINE_NB 0
full bodies raw-write -d d
full raws raw-verify -c "$config" -d d
full /dev/null stage-normalize -c "$config" -d d -r "$staged" 20261/NK
full /dev/null diff-promote -c "$config" -d d -r "$staged" 20261/NK
full /dev/null ready-report -c "$config" -d d -r "$promoted" 20261/NK
full /dev/null run-progress --summary -d d -r R
stores d >damage
ok 'every store is still whole' test ! -s damage
umount d
finish
