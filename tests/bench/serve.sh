#!/bin/bash
# How many look-ups of one course snap-serve answers in a second, next to
# node with better-sqlite3 on the same snapshot, which makes the same answer
# of the same SQL, and to nginx with a file of that size; all in one run, by
# wrk with K connections, on the same processors as the servers: more than two
# for each would measure how long a request waits for its turn there.  Ids are
# drawn from all courses.  ROUNDS times in turn; the middle of the rates
# counts, and the worst p99.  Said is whether the limits are kept: twice
# node's rate, and p99 below 2 ms.  The status is 1 if one is not.
#
# Without DATA it is made of the replica's courses.  better-sqlite3 is
# installed by npm in a folder of its own, or taken from NODE_MODULES.
#
# usage: serve.sh [DATA [K [ROUNDS]]]
set -eu
top=$(cd "${0%/*}/../.." && pwd)
PATH=$top/build/bin:$PATH
config=$top/pipelines/soc/pipeline.toml
K=${2:-4} rounds=${3:-3} seconds=3
work=$(mktemp -d)
chmod 755 "$work"		# nginx reads as somebody else
pids=
trap 'for p in $pids; do kill "$p" || :; done 2>/dev/null; wait; rm -rf "$work"' EXIT
there() { command -v "$1" >/dev/null || { echo "$1: not installed"; false; }; }
there wrk || exit 0

data=${1-}
if [ -z "$data" ]; then
	data=$work/d
	make -s -f "$top/pipelines/soc/soc.mk" run DATA="$data" INTERVAL=0 \
	    >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
fi
fast=$(realpath "$data/snapshots/current")/fast.sqlite
cd "$work"
sqlite3 -readonly "$fast" 'SELECT id FROM courses ORDER BY random() LIMIT 2000' |
    sed 's|^|/api/courses/|' >paths
cat >ask.lua <<'END'
local all, i = {}, 0
for line in io.lines("paths") do all[#all + 1] = line end
request = function()
	i = i % #all + 1
	return wrk.format("GET", os.getenv("ONE") or all[i])
end
END
cat >peer.js <<'END'
const [dir, fast, config] = process.argv.slice(2);
const Database = require(dir + '/better-sqlite3');
const r = JSON.parse(require('fs').readFileSync(config)).route.course;
const meta = JSON.parse(require('fs').readFileSync(
    require('path').dirname(fast) + '/metadata.json'));
const db = new Database(fast, { readonly: true });
const one = db.prepare(`SELECT ${r.select} FROM ${r.from} WHERE ` +
    r.param.id.sql.replace(':id', '?') + ' LIMIT 1');
const head = { generatedAt: meta.generated_at, version: meta.version,
    snapshot: meta.snapshot };
require('http').createServer((q, a) => {
	const row = one.get(decodeURIComponent(q.url.slice(13)));
	if (!row) { a.writeHead(404); return a.end(); }
	for (const c of r.json) row[c] = JSON.parse(row[c]);
	for (const c of r.boolean) row[c] = row[c] !== 0;
	const body = JSON.stringify({ meta: head, data: row });
	a.writeHead(200, { 'Content-Type': 'application/json',
	    'Content-Length': Buffer.byteLength(body),
	    'X-Snapshot': meta.snapshot });
	a.end(body);
}).listen(0, '127.0.0.1', function () {
	console.log('http://127.0.0.1:' + this.address().port);
});
END

# begin NAME COMMAND... : in the background; its address is in NAME.url
begin() {
	local name=$1 i
	shift
	"$@" >"$name.url" 2>"$name.err" & pids="$pids $!"
	for ((i = 0; i < 100; i++)); do
		[ ! -s "$name.url" ] || return 0
		sleep 0.1
	done
	cat "$name.err"; return 1
}
begin snap-serve snap-serve -c "$config" -d "$data" --port 0
peers=snap-serve
modules=${NODE_MODULES-}
if there node && { [ -n "$modules" ] || there npm; }; then
	[ -n "$modules" ] || { modules=$work/npm/node_modules; mkdir npm
	    (cd npm && npm install --silent better-sqlite3@12 >log 2>&1) || {
	    echo 'better-sqlite3: cannot be installed'; modules=; }; }
	if [ -n "$modules" ]; then
		toml-json "$config" >config.json
		begin node node peer.js "$modules" "$fast" config.json
		peers="$peers node"
		url=$(head -1 paths)
		for s in snap-serve node; do
			curl -s "$(cat $s.url)$url" | jq -S . >$s.json
		done
		cmp snap-serve.json node.json || exit 1
	fi
fi
if there nginx; then
	curl -s "$(cat snap-serve.url)$(head -1 paths)" >one.json
	# A port that was free a moment ago.
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
	    Listen => 1, LocalAddr => "127.0.0.1")->sockport')
	cat >nginx.conf <<-END
	worker_processes auto; pid $work/nginx.pid; error_log $work/nginx.err;
	daemon off; events { worker_connections 1024; }
	http { access_log off; keepalive_requests 100000000;
	server { listen 127.0.0.1:$port; root $work;
	types { application/json json; } } }
	END
	nginx -c "$work/nginx.conf" 2>nginx.out & pids="$pids $!"
	echo "http://127.0.0.1:$port" >nginx.url
	sleep 0.5
	peers="$peers nginx"
fi

ask() {			# ask NAME : its rate, and p99 in ms, into figures
	[ "$1" != nginx ] || local -x ONE=/one.json
	wrk -t1 -c"$K" -d${seconds}s --latency -s ask.lua "$(cat "$1.url")" \
	    >wrk.out
	! grep -i 'non-2xx\|socket errors' wrk.out || exit 1
	awk -v name="$1" '
	    $1 == "99%" { p = $2; f = p ~ /us$/ ? .001 : p ~ /ms$/ ? 1 : 1000
		sub(/[a-z]+$/, "", p); p99 = p * f }
	    $1 == "Requests/sec:" { print name, $2, p99 }' wrk.out >>figures
}
for ((i = 0; i < rounds; i++)); do
	for p in $peers; do ask "$p"; done
done
echo "bytes of an answer: $(curl -s "$(cat snap-serve.url)$(head -1 paths)" |
    wc -c); connections: $K"
sort -k1,1 -k2,2n figures | awk '
    { n[$1]++; rate[$1, n[$1]] = $2; if ($3 > p99[$1]) p99[$1] = $3 }
    END {
	for (p in n) {
		mid[p] = rate[p, int((n[p] + 1) / 2)]
		printf "%-11s %7.0f a second, p99 %.2f ms\n", p, mid[p], p99[p]
	}
	s = mid["snap-serve"]
	if ("nginx" in mid)
		printf "to nginx: %.2f\n", s / mid["nginx"]
	bad = (p99["snap-serve"] >= 2)
	printf "p99, below 2 ms: %s\n", bad ? "NOT KEPT" : "kept"
	if ("node" in mid) {
		slow = s < 2 * mid["node"]
		printf "to node: %.2f, at least 2: %s\n", s / mid["node"],
		    slow ? "NOT KEPT" : "kept"
		bad = bad || slow
	}
	exit bad
    }'
