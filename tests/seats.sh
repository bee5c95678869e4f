# shellcheck shell=sh
# seats.sh -- a term's catalogue and open list by hand, answer by answer;
# source after lib.sh and raw.sh.  $top is the repository.
config=$top/pipelines/soc/pipeline.toml

# catalogue N : N sections, ten to a course, indices from 10000.
catalogue() {
	awk -v n="$1" 'BEGIN { printf "["
	for (i = 0; i < n; i++) {
		if (i % 10 == 0)
			printf "%s{\"courseString\":\"01:198:%d\",\"title\":\"T\"," \
			    "\"supplementCode\":\"  \",\"campusCode\":\"NB\"," \
			    "\"sections\":[", (i ? "]}," : ""), i / 10
		printf "%s{\"index\":\"%05d\",\"number\":\"01\"," \
		    "\"openStatus\":true,\"openStatusText\":\"OPEN\"}",
		    (i % 10 ? "," : ""), 10000 + i
	}
	print n ? "]}]" : "]" }'
}

# seats FROM TO : the list of these open sections.
seats() {
	awk -v i="$1" -v n="$2" 'BEGIN { printf "["
	for (first = i; i < n; i++)
		printf "%s\"%05d\"", (i > first ? "," : ""), 10000 + i
	print "]" }'
}

# instant SECONDS : that long after the start of the day.
instant() { date -u -d "@$((1787097600 + $1))" +%Y-%m-%dT%H:%M:%S.000Z; }

# A run is named by its second.
run_id() { printf 'R%05d' "$1"; }

# answer SECONDS ENDPOINT FILE : the source gave this; verified.  One after
# the other: the first of all makes the ledger, which raw-verify wants.
answer() {
	RUN=$(run_id "$1") AT=$(instant "$1")
	body "$2" <"$3" | stream | raw-write -q -d data >raws 2>>answers
	raw-verify -q -c "$config" -d data <raws >verdicts 2>>answers
}

# promote SECONDS [OPTION...] : what is staged; the status is in $got.
promote() {
	_run=$(run_id "$1"); shift
	diff-promote -q -c "$config" -d data -r "$_run" "$@" 20261/NB \
	    >out 2>err
	got=$?
}

# offer SECONDS [OPTION...] : stage what counts, and promote it.
offer() {
	stage-normalize -q -c "$config" -d data -r "$(run_id "$1")" \
	    20261/NB 2>err
	got=$?
	[ $got -ne 0 ] || promote "$@"
}

db() { sqlite3 data/soc.sqlite "$1"; }
