# shellcheck shell=sh
# raw.sh -- bodies, records and stores for the tests of the raw store; source
# after lib.sh.  $top is the repository.  Records go to files named in and out.
config=$top/pipelines/soc/pipeline.toml
end='{"type":"end","n":0}'

part() {		# part ENDPOINT : the members that name the item
	printf '"run":"%s","source":"soc","dataset":"20261/NB",' "${RUN-R1}"
	printf '"part":{"term_code":"20261","campus_code":"NB","endpoint":"%s"}' \
	    "$1"
}

incoming() { echo "data/incoming/${RUN-R1}/20261/NB/$1.body"; }

# body ENDPOINT [MEMBERS] <TEXT : put the text into incoming and print its
# record.  CODING is gzip or identity.
body() {
	body=$(incoming "$1")
	mkdir -p "${body%/*}"
	cat >text
	case ${CODING-gzip} in
	gzip) gzip -nc text >"$body" ;;
	*) cat text >"$body" ;;
	esac
	printf '{"type":"body",'; part "$1"
	printf ',"url":"http://127.0.0.1/%s","mode":"full"' "$1"
	printf ',"format":"json-array","schema_version":"%s"' "${SCHEMA-1}"
	printf ',"sha256":"%s"' "$(sha256sum <text | cut -d' ' -f1)"
	printf ',"path":"%s","encoding":"%s"' "${body#data/}" "${CODING-gzip}"
	printf ',"size_bytes":%d,"stored_bytes":%d,"status":200' \
	    "$(wc -c <text)" "$(wc -c <"$body")"
	printf ',"etag":"%s","fetched_at":"%s","attempt":1%s}\n' \
	    "${ETAG-620171575}" "${AT-2026-11-20T10:00:00.000Z}" "${2-}"
}

stream() { cat; echo "$end"; }		# records, and their end
folder() {		# folder ENDPOINT : the partition's folder
	echo "data/raw/soc/term_code=20261/campus_code=NB/endpoint=$1/run_id=${RUN-R1}"
}
ask() { sqlite3 data/ledger.sqlite "$1"; }
state() {		# state ENDPOINT COLUMNS : of partition_state
	ask "SELECT $2 FROM partition_state WHERE part_path = '20261/NB/$1'"
}
types() { jq -rs 'map(.code // .type) | join(" ")' out; }

# seal ENDPOINT TEXT : into the store, the raw records are in sealed
seal() {
	printf '%s' "$2" | body "$1" | stream >in
	raw-write -d data <in >sealed || exit 99
}

# verify : what is in sealed
verify() { raw-verify -c "$config" -d data <sealed >out 2>err; }
