# shellcheck shell=sh
# snap.sh -- the toy with snapshots; source after lib.sh and toy/stage.sh.
# shellcheck disable=SC2154	# toy is stage.sh's
jq '. + {
  snapshot: {files: ["fast", "more"], copy: "more", keep: 1,
   changes: {file: "more", versions: 3, rows: 4},
   values: {size: {file: "fast", columns: ["n", "word"],
    rows: [["1", "small"], ["2", "big"]]}},
   table: {
    things: {file: "fast",
     columns: "id INTEGER PRIMARY KEY, town TEXT, code TEXT, name TEXT, size TEXT",
     sql: "SELECT row_number() OVER (ORDER BY town, code) AS id, town, code, name, word AS size FROM items LEFT JOIN size ON size.n = items.n ORDER BY town, code",
     count: "SELECT count(*) FROM items",
     indexes: {things_code: "(code, town)"}},
    words: {file: "fast", fts5: "name, content='"''"'",
     sql: "SELECT id AS rowid, name FROM fast.things ORDER BY id"}},
   sample: {things: {n: 2, draw: "SELECT town, code FROM items",
    want: "SELECT name FROM items WHERE town = :town AND code = :code",
    got: "SELECT name FROM fast.things WHERE town = :town AND code = :code"}}},
  route: {things: {path: "/things", from: "things t", key: "t.id",
   select: "t.town, t.code, t.name", order: "t.id", example: "q=one",
   param: {q: {type: "words",
    sql: "t.id IN (SELECT rowid FROM words WHERE words MATCH :q)"}}}}}' \
    "$toy" >toy.json
root=d/snapshots

# promote RUN TOWN : what is staged, with SQL on standard input.
promote() {
	three "$1" "$2"
	diff-promote -q -c toy.json -d d -r "$1" "x/$2" >/dev/null ||
	    echo "# promote $1 $2: $?"
}

# report VERSION TOWN READY [ACCEPTED] : as ready-report notes it.
report() {
	sqlite3 d/toy.sqlite "CREATE TABLE IF NOT EXISTS version_reports (
	    report_id INTEGER PRIMARY KEY, version_id TEXT, dataset TEXT,
	    made_at TEXT, run TEXT, ready INTEGER, accepted TEXT,
	    failures INTEGER, warnings INTEGER, seed INTEGER, report TEXT);
	    INSERT INTO version_reports (version_id, dataset, ready, accepted,
	    failures) VALUES ('$1', 'x/$2', $3, nullif('${4-}', ''), 2)"
}

build() {		# build STATUS [OPTION...] [DATASET...]
	want=$1; shift
	run "$want" snap-build -c "${file-toy.json}" -d d "$@"
}
built() { jq -r 'select(.type == "built").snapshot' out; }
meta() { jq -r "$1" "$root/$(built)/metadata.json"; }
fast() { sqlite3 -readonly "$root/$(built)/fast.sqlite" "$1"; }
more() { sqlite3 -readonly "$root/$(built)/more.sqlite" "$1"; }
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT
traced() { [ -z "${SLUICE_SANITIZE-}" ] && command -v strace >/dev/null; }
