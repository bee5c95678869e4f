#!/bin/bash
# What a request costs, and how long many take, next to curl -Z, wget, aria2
# and Scrapy, all in one run against one replica: N gzip answers of 27 kB,
# once at once and once 50 ms late with K in flight.  CPU is user and system
# time of the client alone, per request.  soc-fetch also decodes, hashes,
# syncs and records; "curl --compressed" and Scrapy decode, the others keep
# what comes.  The limits: 1.5 times the CPU of curl --compressed, and 1.25
# times ceil(N/K) * 50 ms.
#
# In memory if it can, since only soc-fetch waits for the disk: TMPDIR=DIR
# measures a disk, too.
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
	memory=/dev/shm
	test -w "$memory" || memory=/tmp
	work=$(mktemp -d -p "${TMPDIR-$memory}"); export work
	trap 'rm -rf "$work"' EXIT
	for late in 0 $LATE; do
		export late
		soc-replica --scale 7 --latency "$late" -- bash "$0" "$N" "$K"
	done
	exit
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
	    (u + s) / n * 1e6, r }'
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

printf '%d answers of %d bytes, %d ms late, %d in flight\n' "$N" \
    "$(stat -c %s one.gz)" "$late" "$K"
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
if [ "$late" -gt 0 ]; then
	awk -v n="$N" -v k="$K" -v ms="$late" 'BEGIN {
	    rounds = int((n + k - 1) / k)
	    printf "%-18s %9s %9.2f, times 1.25: %.2f\n", "ceil(N/K) * delay",
	    "", rounds * ms / 1e3, 1.25 * rounds * ms / 1e3 }'
fi
