#!/bin/bash
# The pipeline without make: every stage a filter, the records visible.
#
#	soc-replica --scale 2 -- examples/by-hand.sh
set -eu -o pipefail
declaration=${1:-${0%/*}/../pipelines/soc/pipeline.toml}
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

run=$(run-new -d "$data" --source soc)
soc-plan -q -c "$declaration" -d "$data" -r "$run" --base "$SOC" \
    --terms SP2026 --campuses CM |
	soc-fetch -q -d "$data" --interval 0 |
	raw-write -d "$data" |
	raw-verify -c "$declaration" -d "$data" |
	rec-filter --raw-output '"\(.dataset) \(.part.endpoint): \(.verdict)"' |
	sort

stage-normalize -q -c "$declaration" -d "$data" -r "$run" 20261/CM
diff-promote -q -c "$declaration" -d "$data" -r "$run" 20261/CM |
	rec-filter --raw-output '.op' | sort -u
ready-report -q -c "$declaration" -d "$data" -r "$run" 20261/CM
sqlite3 "$data/soc.sqlite" "SELECT dataset, status FROM dataset_versions"
