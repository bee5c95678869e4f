#!/bin/sh
# How long a tool takes to start, next to true(1): N starts of each, best of
# five rounds, as milliseconds for one start and as a ratio.
set -u
bin=${1:-build/bin} n=${2:-50}

one() {			# one COMMAND... : ms for one start, best of five
	best=
	for _ in 1 2 3 4 5; do
		t0=$(date +%s%N)
		i=0
		while [ "$i" -lt "$n" ]; do "$@" >/dev/null; i=$((i + 1)); done
		t=$((($(date +%s%N) - t0) / n / 1000))
		if [ -z "$best" ] || [ "$t" -lt "$best" ]; then best=$t; fi
	done
	echo "$best"
}

base=$(one /bin/true)
printf '%-18s %7s %7s\n' program ms ratio
for tool in /bin/true "$bin"/*; do
	us=$(one "$tool" --version)
	awk -v name="${tool##*/}" -v us="$us" -v base="$base" \
	    'BEGIN { printf "%-18s %7.2f %7.1f\n", name, us / 1000, us / base }'
done
