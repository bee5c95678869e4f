# shellcheck shell=sh
# shop.sh -- partitions by date of a made-up source, for the tests of the
# ledger; source after lib.sh.  Accounts A and B have a report a day.
config=shop.json
cat >"$config" <<'J'
{"source": {"name": "shop", "dataset_key": ["account", "day"],
    "part_member": "report"},
 "part": {"sales": {"format": "json-array", "schema_version": "1"},
    "stock": {"format": "json-array", "schema_version": "1"}},
 "table": {"sales": {"part": "sales", "rows": "", "key": ["n"],
    "columns": {"n": "/n"}}}}
J
end='{"type":"end","n":0}'
stream() { cat; echo "$end"; }
ask() { sqlite3 data/ledger.sqlite "$1"; }

key() {			# key ACCOUNT DAY REPORT : members that name it
	printf '"run":"%s","source":"shop","dataset":"%s/%s",' "${RUN-R1}" \
	    "$1" "$2"
	printf '"part":{"account":"%s","day":"%s","report":"%s"}' "$1" "$2" "$3"
}

# answer ACCOUNT DAY REPORT TEXT : a body record, of a file in incoming
answer() {
	body=data/incoming/${RUN-R1}/$1/$2/$3.body
	mkdir -p "${body%/*}"
	printf '%s' "$4" >"$body"
	printf '{"type":"body",'; key "$1" "$2" "$3"
	printf ',"url":"http://127.0.0.1/%s/%s","format":"json-array"' "$1" "$2"
	printf ',"schema_version":"%s","sha256":"%s","path":"%s"' \
	    "${SCHEMA-1}" "$(sha256sum <"$body" | cut -d' ' -f1)" "${body#data/}"
	printf ',"encoding":"identity","size_bytes":%d,"stored_bytes":%d' \
	    "$(wc -c <"$body")" "$(wc -c <"$body")"
	printf ',"status":200,"fetched_at":"%s","attempt":1}\n' \
	    "${AT-2026-11-20T10:00:00.000Z}"
}

# failure ACCOUNT DAY REPORT [CODE] : what a fetch makes of it
failure() {
	printf '{"type":"error","code":"%s","tool":"url-fetch",' "${4-http_503}"
	key "$1" "$2" "$3"
	printf ',"message":"no luck","failed_at":"%s","of":{"type":"task",' \
	    "${AT-2026-11-20T10:00:00.000Z}"
	key "$1" "$2" "$3"
	printf ',"url":"http://127.0.0.1/%s/%s","format":"json-array"' "$1" "$2"
	printf ',"schema_version":"1"}}\n'
}

# enter : the bodies and errors on standard input count
enter() {
	stream | raw-write -d data >sealed 2>err
	raw-verify -c "$config" -d data <sealed >out 2>>err
}

# good ACCOUNT DAY REPORT [TEXT], bad ACCOUNT DAY REPORT [CODE]
good() { answer "$1" "$2" "$3" "${4-[1]}" | enter; }
bad() { failure "$@" | enter; }
