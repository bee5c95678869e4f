#!/bin/sh
# 400 downloads killed at random moments (as many as KILLS says) and run
# again: no file is torn, none is lost, and no more is asked for again than
# was in flight.
if [ -z "${DOCS-}" ]; then
	exec perl "${0%/*}/soc-fetch/server.pl" sh "$0"
fi
. "${0%/*}/lib.sh"
unset CONTACT SLUICE_LOG http_proxy https_proxy all_proxy
items=400 workers=8

i=0
while [ $i -lt $items ]; do
	seq -f "[\"item $i line %g\"," 300 >"$DOCS/$i"
	echo ']' >>"$DOCS/$i"
	printf '{"type":"task","run":"R1","source":"s","dataset":"d/e",'
	printf '"part":{"a":"d","b":"e","n":"%d"},"url":"%s/ok/%d",' $i "$SOC" $i
	printf '"mode":"full","format":"json-array","schema_version":"1"}\n'
	i=$((i + 1))
done >in
echo '{"type":"end","n":0}' >>in
gzip -nk "$DOCS"/*
(cd "$DOCS" && sha256sum ./*[0-9]) | sed 's/  .*[/]/ /' | sort >want
seed=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
echo "# SEED=$seed"

# random N : 0..N-1, the next of a sequence that SEED fixes.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	drawn=$((seed / 65536 % $1))
}
asked() { grep -c '^GET' "$DOCS/log"; }
fetch() { soc-fetch -q --interval 0 --max-workers $workers <in; }
torn() {		# bodies whose bytes are not those that were sent
	for body in data/incoming/R1/d/e/*.body; do
		[ -e "$body" ] || continue
		doc=${body##*/}
		cmp -s "$body" "$DOCS/${doc%.body}.gz" || echo "$body"
	done
}

kill_once() {		# kill_once REQUESTS : when the server saw so many
	rm -rf data; : >"$DOCS/log"
	soc-fetch -q --interval 0 --max-workers $workers <in >first 2>err &
	pid=$!
	while [ "$(asked)" -lt "$1" ] && kill -0 $pid 2>/dev/null; do :; done
	random 20
	[ $((drawn % 2)) -eq 0 ] || sleep "0.0$((drawn / 10))$((drawn % 10))"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null; got=$?
	torn >damage
}

n=0
while [ $n -lt "${KILLS:-3}" ]; do
	random $items
	name="killed after $drawn requests"
	kill_once "$drawn"
	ok "$name: by that, or done before (got $got)" \
	    test $got -eq 137 -o $got -eq 0
	ok "$name: nothing is torn" test ! -s damage
	run 0 fetch
	jq -r 'select(.type == "body") | "\(.sha256) \(.part.n)"' out |
	    sort >got
	same "$name: nothing is lost" want got
	ok "$name: every file is whole" test -z "$(torn)" -a \
	    "$(find data -name '*.body' ! -name '.*' | wc -l)" -eq $items
	again=$(($(asked) - items))
	ok "$name: asked again for $again, at most $workers" \
	    test $again -ge 0 -a $again -le $workers
	n=$((n + 1))
done

# Each of those is what one kill costs; this is the sum of many.
rm -rf data; : >"$DOCS/log"
n=0
while [ $n -lt "${KILLS:-3}" ]; do
	before=$(asked)
	soc-fetch -q --interval 0 --max-workers $workers <in >first 2>err &
	pid=$!
	random $((2 * items / ${KILLS:-3}))
	while [ "$(asked)" -lt $((before + drawn)) ] &&
	    kill -0 $pid 2>/dev/null; do :; done
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	n=$((n + 1))
done
run 0 fetch
jq -r 'select(.type == "body") | "\(.sha256) \(.part.n)"' out | sort >got
same "killed $n times on the way: nothing is lost" want got
again=$(($(asked) - items))
ok "and $again were asked for again, at most $workers each time" \
    test $again -le $((n * workers))
finish
