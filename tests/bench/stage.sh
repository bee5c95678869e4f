#!/bin/bash
# How long staging takes next to the sqlite3 shell's json_each on the same
# payload, for every table that the declaration takes from it: best of five
# of each, in milliseconds, and the ratio.  Neither side syncs to disk;
# stage-normalize also hashes, numbers, derives and looks for findings.
#
# usage: stage.sh [payload.json.gz open.json.gz]
set -eu
top=$(cd "${0%/*}/../.." && pwd)
bin=$top/build/bin
PATH=$bin:$PATH
captures=$top/../shared/captures/soc/2026-1/NB
courses=${1:-$captures/courses.20251115T200000Z.json.gz}
open=${2:-$captures/openSections.20251115T200000Z.json.gz}
config=$top/pipelines/soc/pipeline.toml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# best COMMAND... : ms of the fastest of five runs
best() {
	local least='' start t
	for _ in 1 2 3 4 5; do
		start=$(date +%s%N)
		"$@" >out 2>err || { cat err >&2; exit 1; }
		t=$((($(date +%s%N) - start) / 1000000))
		if [ -z "$least" ] || [ "$t" -lt "$least" ]; then least=$t; fi
	done
	echo "$least"
}

# The same tables by json_each: one CREATE TABLE AS for each.
toml-json "$config" >decl.json
jq -r --arg courses "$work/courses.json" --arg open "$work/open.json" '
def path: "$" + gsub("/"; ".");
def sources($t): .table[$t] as $x |
    if $x.parent then sources($x.parent) +
	", json_each(\($x.parent).value, \u0027\($x.rows | path)\u0027) \($t)"
    else "json_each(readfile(\u0027" +
	(if $x.part == "courses" then $courses else $open end) +
	"\u0027)) \($t)" end;
def column($t; $c): .table[$t] as $x | $x.columns[$c] as $v |
    if ($v | type) == "object" and $v.parent then column($x.parent; $c)
    else ($v | if type == "object" then .at else . end) as $at |
	if $at == "" then "\($t).value"
	else "json_extract(\($t).value, \u0027\($at | path)\u0027)" end
    end;
. as $d | .table | to_entries[] | select(.value.sql == null) |
.key as $t | .value as $x |
"CREATE TABLE \($t) AS SELECT " + (if $x.distinct then "DISTINCT " else ""
end) + ([.value.columns | keys_unsorted[] | . as $c |
    "\($d | column($t; $c)) AS \($c)"] | join(", ")) +
" FROM \($d | sources($t));"' decl.json >json.sql
gzip -dc "$courses" >courses.json
gzip -dc "$open" >open.json
by_json_each() {
	rm -f json.sqlite
	{ echo 'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;'
	cat json.sql; echo 'COMMIT;'; } | sqlite3 json.sqlite
}

# A ledger that vouches for the two payloads.
run=$(run-new -d d --source soc)
mkdir -p "d/incoming/$run"
for part in courses openSections; do
	name=$part.gz plain=courses.json from=$courses
	[ $part = courses ] || { plain=open.json; from=$open; }
	cp "$from" "d/incoming/$run/$name"
	chmod u+w "d/incoming/$run/$name"
	jq -cn --arg run "$run" --arg part $part --arg name "$name" \
	    --arg sha "$(sha256sum $plain | cut -d' ' -f1)" \
	    --argjson size "$(stat -c %s $plain)" \
	    --argjson stored "$(stat -c %s "$from")" '{type: "body",
	    run: $run, source: "soc", dataset: "20261/NB", part: {term_code:
	    "20261", campus_code: "NB", endpoint: $part}, url: "file:",
	    mode: "full", format: "json-array", schema_version: "1",
	    sha256: $sha, path: "incoming/\($run)/\($name)",
	    encoding: "gzip", size_bytes: $size, stored_bytes: $stored,
	    status: 200, fetched_at: "2026-11-20T00:00:00.000Z",
	    attempt: 1}'
done >bodies
echo '{"type":"end","n":2}' >>bodies
raw-write -d d <bodies >raws
raw-verify -c "$config" -d d <raws >verdicts
by_map() { stage-normalize -q -c "$config" -d d -r "$run" 20261/NB; }

rows() { sqlite3 "$1" "SELECT count(*) FROM sections"; }
map=$(best by_map) json=$(best by_json_each)
[ "$(rows json.sqlite)" = "$(rows d/staging/soc/20261/NB.sqlite)" ] ||
    { echo 'the two have not the same rows' >&2; exit 1; }
size=$(stat -c %s courses.json)
awk -v map="$map" -v json="$json" -v size="$size" 'BEGIN {
	printf "%-24s %6s %8s %6s\n", "", "ms", "MB/s", "ratio"
	printf "%-24s %6d %8.0f %6.1f\n", "stage-normalize", map,
	    size / map / 1000, 1
	printf "%-24s %6d %8.0f %6.1f\n", "sqlite3 json_each", json,
	    size / json / 1000, json / map }'
if command -v /usr/bin/time >/dev/null; then
	/usr/bin/time -f '%M kB resident' stage-normalize -q -c "$config" \
	    -d d -r "$run" 20261/NB
fi
