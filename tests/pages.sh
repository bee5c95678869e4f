# shellcheck shell=sh
# pages.sh -- sealed pages for the tests; source after lib.sh.
# SOURCE is the source's name.  Records go to the file named in.

# page KEY DATASET URL [MEMBERS] <BYTES : a body record, the bytes in incoming.
# KEY is the partition's key as JSON, DATASET its label.
page() {
	_body=data/incoming/${RUN-R1}/$(echo "$1" | cksum | tr ' ' .).body
	mkdir -p "${_body%/*}"
	cat >"$_body.text"
	gzip -nc "$_body.text" >"$_body"
	printf '{"type":"body","run":"%s","source":"%s"' "${RUN-R1}" "$SOURCE"
	printf ',"dataset":"%s","part":%s,"url":"%s"' "$2" "$1" "$3"
	printf ',"format":"bytes","schema_version":"1","sha256":"%s"' \
	    "$(sha256sum <"$_body.text" | cut -d' ' -f1)"
	printf ',"path":"%s","encoding":"gzip"' "${_body#data/}"
	printf ',"size_bytes":%d,"stored_bytes":%d,"status":200' \
	    "$(wc -c <"$_body.text")" "$(wc -c <"$_body")"
	printf ',"fetched_at":"2026-11-30T10:00:00.000Z","attempt":1%s}\n' \
	    "${4-}"
	rm "$_body.text"
}

# sealed CONFIG <BODIES : seal and judge them; their verdicts are in.
sealed() {
	{ cat; echo '{"type":"end","n":0}'; } >bodies
	raw-write -d data <bodies >raws && raw-verify -c "$1" -d data <raws >in
}
