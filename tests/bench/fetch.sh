#!/bin/bash
# What a request costs, and how long many take, next to curl -Z, wget, aria2
# and Scrapy, all in one run against one replica: N gzip answers of 27 kB,
# once at once and once 50 ms late with K in flight.  CPU is user and system
# time of the client alone, per request.  soc-fetch also decodes, hashes,
# syncs and records; "curl --compressed" and Scrapy decode, the others keep
# what comes.  All of it twice: on the disk of TMPDIR (/tmp), for which only
# soc-fetch waits, and in memory.  Each time the ratios are said, and whether
# the limits are kept: 1.5 times the CPU of curl --compressed, and 1.25 times
# ceil(N/K) * 50 ms.  The status is 1 if one is not.
#
# usage: fetch.sh [N [K]]
set -eu
N=${1:-2000} K=${2:-64} LATE=50
export N K LATE
if [ -z "${SOC-}" ]; then
	top=$(cd "${0%/*}/../.." && pwd)
	PATH=$top/build/bin:$PATH
	# Removed at the very end: a file system may be slower to make files
	# when many were removed just before.
	disk=$(mktemp -d) memory=
	test ! -w /dev/shm || memory=$(mktemp -d -p /dev/shm)
	trap 'rm -rf "$disk" "$memory"' EXIT
	kept=0
	for work in "$disk" $memory; do
		for late in 0 $LATE; do
			export late work
			soc-replica --scale 7 --latency "$late" -- \
			    bash "$0" "$N" "$K" || kept=1
		done
	done
	exit $kept
fi
mkdir "$work/$late" && cd "$work/$late"
unset http_proxy https_proxy all_proxy SLUICE_LOG
url="$SOC/courses.json?year=2026&term=1&campus=CM"
curl -sS -H 'Accept-Encoding: gzip' "$url" >one.gz	# the replica made it
# try NAME COMMAND... : run it in a new folder, and say what it took
try() {
	local name=$1 TIMEFORMAT='%U %S %R' t
	shift
	mkdir "$name" && cd "$name"
	t=$({ time "$@" >../out 2>../err; } 2>&1) || {
		echo "$name: failed"; tail -n 3 ../err; cd ..; return
	}
	cd ..
	read -r user system real <<<"$t"
	awk -v name="$name" -v u="$user" -v s="$system" -v r="$real" \
	    -v n="$N" 'BEGIN { printf "%-18s %9.0f %9.2f\n", name,
	    (u + s) / n * 1e6, r }' | tee -a figures
}
# ratio WHAT COLUMN A B LIMIT : A's figure to B's, which may be a number;
# LIMIT 0: only to know
broken=0
ratio() {
	awk -v what="$1" -v c="$2" -v a="$3" -v b="$4" -v limit="$5" '
	    { v[$1] = $c }
	    END {
		r = v[a] / (b in v ? v[b] : b)
		printf "%-40s %5.2f", what, r
		if (limit > 0)
			printf ", at most %s: %s", limit,
			    r <= limit ? "kept" : "NOT KEPT"
		print ""
		exit limit > 0 && r > limit
	    }' figures || broken=1
}
there() { command -v "$1" >/dev/null || { echo "$1: not installed"; false; }; }

for ((i = 0; i < N; i++)); do
	printf 'url="%s"\noutput="%d"\n' "$url" "$i"
done >curl.conf
for ((i = 0; i < N; i++)); do
	printf '{"type":"task","run":"R","source":"soc","dataset":"2026/CM",'
	printf '"part":{"y":"2026","c":"CM","n":"%d"},"url":"%s",' "$i" "$url"
	printf '"mode":"full","format":"json-array","schema_version":"1"}\n'
done >tasks
echo '{"type":"end","n":0}' >>tasks
for ((i = 0; i < N; i++)); do echo "$url&n=$i"; done >urls
for ((i = 0; i < N; i++)); do
	printf '%s\n  out=%d\n' "$url" "$i"
done >aria.in
cat >spider.py <<'E2'
import os, scrapy
class Spider(scrapy.Spider):
    name = "s"
    def start_requests(self):
        for i in range(int(os.environ["N"])):
            yield scrapy.Request(os.environ["url"], dont_filter=True,
                                 cb_kwargs={"i": i})
    def parse(self, response, i):
        with open(str(i), "wb") as f:
            f.write(response.body)
E2
export url
soc() { soc-fetch -q --interval 0 --max-workers "$K" <../tasks >../records; }

printf '%d answers of %d bytes, %d ms late, %d in flight, %s\n' "$N" \
    "$(stat -c %s one.gz)" "$late" "$K" "on $(stat -fc %T .)"
printf '%-18s %9s %9s\n' '' 'CPU us' 'wall s'
try soc-fetch soc
[ "$(grep -c '"type":"body"' records)" -eq "$N" ] || echo 'not all of them'
try curl curl -sS -Z --parallel-max "$K" --no-progress-meter \
    -H 'Accept-Encoding: gzip' -K ../curl.conf
try curl-compressed curl -sS -Z --parallel-max "$K" --no-progress-meter \
    --compressed -K ../curl.conf
if there aria2c; then
	try aria2 aria2c -q -j "$K" -x 1 --max-connection-per-server=1 \
	    --header 'Accept-Encoding: gzip' -i ../aria.in
fi
if there scrapy; then
	try scrapy scrapy runspider -L ERROR -s CONCURRENT_REQUESTS="$K" \
	    -s CONCURRENT_REQUESTS_PER_DOMAIN="$K" ../spider.py
fi
if [ "$late" -eq 0 ] && there wget; then	# one at a time: no use waiting
	try wget wget -q --compression=none -i ../urls
fi
ratio 'CPU to that of curl --compressed' 2 soc-fetch curl-compressed 1.5
ratio 'CPU to that of curl, which only keeps it' 2 soc-fetch curl 0
if [ "$late" -gt 0 ]; then
	ideal=$(awk -v n="$N" -v k="$K" -v ms="$late" 'BEGIN {
	    print int((n + k - 1) / k) * ms / 1e3 }')
	ratio "wall to ceil(N/K) * delay, $ideal s" 3 soc-fetch "$ideal" 1.25
fi
exit $broken
