#!/bin/bash
# Keep what some URLs say, as far as their robots.txt lets us: each answer is
# a sealed partition, named by the list and the URL's path.
#
#	url-fetch.sh LIST [DATA] <urls
#
# Says for each what became of it.  Run again, it is another run: another
# answer to each question, kept beside the first one.  To read them:
#
#	zcat DATA/raw/web/list=LIST/*/*/payload.gz
set -eu -o pipefail
list=$1
data=${2:-data}

run=$(run-new -d "$data" --source web)
jq -cRn --arg run "$run" --arg list "$list" '
	(inputs | select(. != "") | {type: "task", run: $run, source: "web",
	    dataset: $list, part: {list: $list,
	    page: (sub("^[a-z]+://[^/]*"; "") | if . == "" then "/" else . end)},
	    url: ., format: "bytes"}), {type: "end"}' |
	url-fetch -q -d "$data" --robots ${INTERVAL:+--interval "$INTERVAL"} |
	raw-write -d "$data" |
	rec-filter --raw-output '"\(.part.page) \(.code // "kept")"' |
	sort
