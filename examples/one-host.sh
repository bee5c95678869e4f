#!/bin/bash
# One host: a run every so often, and beside it a server that follows.
#
#	soc-replica --scale 2 -- examples/one-host.sh
#
# Here one run follows the other; cron(8) and a service manager would do the
# two lines that begin with "refresh" and "snap-serve".
set -eu
soc=$(cd "${0%/*}/../pipelines/soc" && pwd)
data=$(mktemp -d)
trap 'kill $server 2>/dev/null; rm -rf "$data"' EXIT

refresh() { make -s -f "$soc/soc.mk" refresh DATA="$data" INTERVAL=0 2>&1; }
ask() { curl -sSf "$(cat "$data/url")/api/sections?term=20261&openStatus=open"; }

refresh >"$data/log" || { cat "$data/log"; exit 1; }
snap-serve -q -c "$soc/pipeline.toml" -d "$data" --port 0 >"$data/url" &
server=$!
until [ -s "$data/url" ]; do kill -0 $server; sleep 0.1; done
was=$(ask | jq -r .meta.snapshot)
echo "open: $(ask | jq .meta.total)"

curl -sSf -X POST "${SOC%/soc/api}/_replica/tick" >/dev/null	# time moves
refresh >"$data/log" || { cat "$data/log"; exit 1; }
while [ "$(ask | jq -r .meta.snapshot)" = "$was" ]; do sleep 0.1; done
echo "open: $(ask | jq .meta.total), told by the same server"
