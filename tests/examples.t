#!/bin/sh
# The examples run, and print what stands beside them.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

run 0 soc-replica --scale 2 -- "$top/examples/by-hand.sh" "$config"
same 'by-hand.sh prints what it should' "$top/examples/by-hand.out" out

run 0 soc run 'REPLICA=--scale 10'
run 0 "$top/examples/open-seats.sh" d
same 'open-seats.sh names the seats that opened' \
    "$top/examples/open-seats.out" out
feed=$(find d/diff/soc/20261/NB -name '*.jsonl' | sort | tail -n 1)
chmod u+w "$feed"; sed '$d' "$feed" >torn; cat torn >"$feed"
run 65 "$top/examples/open-seats.sh" d
ok 'a torn feed raises no alarm' test ! -s out
finish
