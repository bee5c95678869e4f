#!/bin/bash
# Several servers on one snapshot root, for a proxy in front of them.
#
#	many-servers.sh CONFIG DATA N COMMAND...
#
# Runs COMMAND with their addresses in SERVERS, and ends them with it.  Each
# follows current by itself, and nothing needs to tell them; one that stays
# behind is a snapshot_mismatch of pipeline-status(1).
set -eu
config=$1 data=$2 n=$3
shift 3
urls=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$urls"' EXIT

for ((i = 0; i < n; i++)); do
	snap-serve -q -c "$config" -d "$data" --port 0 >"$urls/$i" &
	pids+=($!)
done
for ((i = 0; i < n; i++)); do
	until [ -s "$urls/$i" ]; do kill -0 "${pids[i]}"; sleep 0.1; done
done
SERVERS=$(cat "$urls"/*)
export SERVERS
"$@"
