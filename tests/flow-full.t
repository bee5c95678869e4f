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

# Nothing at all is left: each tool, alone.
head -c 2097152 /dev/zero >d/fill 2>/dev/null
full() {		# full TOOL ARG... : 74, or 75 where it tries again
	"$@" >out 2>err <in; got=$?
	ok "$1 on a full disk: 74 (got $got)" test "$got" -eq 74
	ok "$1 says so" test -s err
}
echo '{"type":"end","n":0}' >in
full run-new -d d --source soc
full stage-normalize -c "$config" -d d -r 20300101T000000000Z-x 20261/NB
stores d >damage
ok 'every store is still whole' test ! -s damage
finish
