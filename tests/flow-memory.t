#!/bin/sh
# On the largest capture no process needs more than 32 MB of memory, the
# replica included; and a build with nothing to do writes nothing.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

captures=$top/../shared/captures/soc
if [ ! -d "$captures" ]; then
	skip 'memory on 2026-1 NB' 'no captures'
	finish
fi
if [ -n "${SLUICE_SANITIZE-}" ]; then
	skip 'memory on 2026-1 NB' 'sanitizers need more'
	finish
fi

# Every tool behind time(1), which notes the largest resident size in kB.
mkdir front
for tool in "${BIN:-$top/build/bin}"/*; do
	name=${tool##*/}
	cat >"front/$name" <<-EOF
		#!/bin/sh
		exec /usr/bin/time -a -o "$PWD/rss" -f '$name %M' $tool "\$@"
	EOF
	chmod +x "front/$name"
done
path=$PATH PATH=$PWD/front:$PATH
run 0 soc run TERMS=20261 CAMPUSES=NB "CAPTURES=$captures" REPLICA=
PATH=$path
sort -k2n rss | sed 's/^/# /' | tail -n 4
for name in soc-replica soc-fetch raw-write raw-verify stage-normalize \
    diff-promote ready-report snap-build run-progress; do
	ok "$name was measured" grep -q "^$name " rss
done
awk '$2 > 32768' rss >large
same 'no process over 32 MB' /dev/null large

# Names, sizes and times of everything below d.
inventory() { find d -type f -printf '%p %s %T@ %C@\n' | sort; }
inventory >before
run 0 make --no-print-directory -f "$top/pipelines/soc/soc.mk" build DATA=d
inventory >after
same 'a build with nothing to do writes nothing' before after
ok 'and make -q agrees' make -f "$top/pipelines/soc/soc.mk" -q build DATA=d
finish
