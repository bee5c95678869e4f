#!/bin/bash
# Take in pages that a person has saved, as if they had been fetched: each is
# a sealed partition, and no request is made.
#
#	saved-pages.sh DATA CONFIG <list
#
# The list has a line for each page: its partition's key as JSON, the part
# last, its address, and the file, which may be gzip; with tabs between:
#
#	{"match_id":"2360450","page":"overview"}	https://…	page.html.gz
#
# Says for each what became of it.  The same pages again are another run.
set -eu -o pipefail
data=$1 config=$2

source=$(toml-json "$config" | jq -r .source.name)
run=$(run-new -d "$data" --source "$source")
incoming=incoming/$run
mkdir -p "$data/$incoming"

# One body record: what a fetcher would have told of the file.
body() {		# body N KEY URL FILE
	local coding=identity read=cat path=$incoming/$1.body
	case $4 in *.gz) coding=gzip read=zcat ;; esac
	cp "$4" "$data/$path"
	jq -cn --arg run "$run" --arg source "$source" --argjson part "$2" \
		--arg url "$3" --arg path "$path" --arg coding "$coding" \
		--arg sha256 "$($read "$4" 2>/dev/null | sha256sum | cut -d' ' -f1)" \
		--argjson size "$($read "$4" 2>/dev/null | wc -c)" \
		--argjson stored "$(wc -c <"$4")" \
		--arg at "$(date -u -r "$4" +%FT%T.000Z)" --argjson of "$declared" '
		($part | to_entries) as $key | $of.part[$key[-1].value] as $p |
		{type: "body", run: $run, source: $source,
		    dataset: ($key[:-1] | map(.value | @uri) | join("/")),
		    part: $part, url: $url, format: $p.format,
		    schema_version: $p.schema_version, sha256: $sha256,
		    path: $path, encoding: $coding, size_bytes: $size,
		    stored_bytes: $stored, status: 200, fetched_at: $at,
		    attempt: 1}'
}

declared=$(toml-json "$config" | jq -c '{part}') n=0
{
	while IFS=$'\t' read -r key url file; do
		body $((n += 1)) "$key" "$url" "$file"
	done
	echo '{"type":"end","n":'$n'}'
} | raw-write -q -d "$data" | raw-verify -q -c "$config" -d "$data" |
	rec-filter --raw-output '(.of // .) as $r |
	    "\($r.part | map(tostring) | join(" ")) \(.code // .verdict)"'
