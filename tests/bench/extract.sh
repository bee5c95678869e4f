#!/bin/bash
# What html-extract takes, next to libxml2 alone: a loop of htmlReadMemory()
# and xmlFreeDoc() over the same pages, in turn, K times, in the same run.
# CPU is user and system time, the child's too, the best of 5.  html-extract
# also unpacks, evaluates every declared expression and writes the records.
# The limit: 1.5 times.
#
# The pages are captured ones if they are beside the tree, else the replica's.
#
# usage: extract.sh [K]
set -eu
K=${1:-100}
top=$(cd "${0%/*}/../.." && pwd)
PATH=$top/build/bin:$PATH
export K LC_ALL=C
if [ -z "${SITE-}" ]; then
	exec site-replica -c "$top/pipelines/matches/site/site.toml" \
	    bash "$0" "$K"
fi
work=$(mktemp -d) && cd "$work"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir data
export SOURCE=matches RUN=R1
unset SLUICE_LOG http_proxy
# shellcheck source=/dev/null
. "$top/tests/pages.sh"
toml-json "$top/pipelines/matches/pipeline.toml" >pipeline.json

# take NAME KEY DATASET PATH <PAGE : keep it, and a body record
take() {
	cat >"$1.html"
	page "$2" "$3" "http://h$4" <"$1.html" >>all
}
captures=$top/../shared/captures/matches
if [ -d "$captures" ]; then
	results() { zcat "$captures/2022-12-08.results-browser.html.gz"; }
	overview() { zcat "$captures/2022-12-05.result-page.html.gz"; }
	stats() { zcat "$captures/2022-12-08.map-page.html.gz"; }
	detail() { zcat "$captures/2022-12-08.map-performance-page.html.gz"; }
	match=2360450 other=2360701 map=148304 second=148314
else
	results() { curl -sS "$SITE/results?offset=0"; }
	first=$(results | grep -o 'unix="[0-9]*"><a href="/matches/[0-9]*/' |
	    sed -n '1s/.*matches//p')
	match=${first//\//} other=$match
	overview() { curl -sS "$SITE/matches/$match/x"; }
	map=$(overview | sed -n 's/.*mapstatsid\/\([0-9]*\).*/\1/p' | head -1)
	second=$map
	stats() { curl -sS "$SITE/stats/matches/mapstatsid/$map/x"; }
	detail() { curl -sS "$SITE/stats/matches/performance/mapstatsid/$map/x"; }
fi
results | take results '{"offset":"0","page":"results"}' 0 '/results?offset=0'
overview | take overview "{\"match_id\":\"$match\",\"page\":\"overview\"}" \
    "$match" "/matches/$match/x"
stats | take stats \
    "{\"match_id\":\"$other\",\"map_number\":\"1\",\"page\":\"stats\"}" \
    "$other/1" "/stats/matches/mapstatsid/$map/x"
detail | take performance \
    "{\"match_id\":\"$other\",\"map_number\":\"2\",\"page\":\"performance\"}" \
    "$other/2" "/stats/matches/performance/mapstatsid/$second/x"
sealed pipeline.json <all

cat >parse.c <<'END'
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char *argv[])
{
	static char page[8][1 << 22];
	static int n[8];
	int i, k;

	for (i = 2; i < argc && i < 10; i++) {
		FILE *fp = fopen(argv[i], "r");

		n[i - 2] = (int)fread(page[i - 2], 1, sizeof(page[0]), fp);
		fclose(fp);
	}
	for (k = atoi(argv[1]); k > 0; k--)
		for (i = 0; i < argc - 2; i++)
			xmlFreeDoc(htmlReadMemory(page[i], n[i], NULL, NULL,
			    HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING));
	return 0;
}
END
# shellcheck disable=SC2046
cc -O2 -o parse parse.c $(xml2-config --cflags --libs)
{ for ((k = 0; k < K; k++)); do sed '$d' in; done; tail -1 in; } >many

spent() {		# spent COMMAND... : its CPU time in ms
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null; } 2>&1 |
	    awk 'END { printf "%.0f", ($1 + $2) * 1000 }'
}
html-extract -c pipeline.json -d data <many >out
grep -c '"type":"done"' out | sed 's/$/ pages read/'
# In turns, and the best of each: a neighbour slows down only some.
peer='' ours=''
for i in 1 2 3 4 5; do
	t=$(spent ./parse "$K" ./*.html)
	[ -n "$peer" ] && [ "$t" -ge "$peer" ] || peer=$t
	t=$(spent sh -c 'html-extract -c pipeline.json -d data <many')
	[ -n "$ours" ] && [ "$t" -ge "$ours" ] || ours=$t
done
awk -v p="$peer" -v o="$ours" -v n=$((K * 4)) 'BEGIN {
	printf "libxml2 alone    %7.2f ms a page\n", p / n
	printf "html-extract     %7.2f ms a page\n", o / n
	printf "ratio            %7.2f (limit 1.5)\n", o / p }'
