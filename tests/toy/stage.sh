# shellcheck shell=sh
# stage.sh -- a staging database by SQL, without raw store and ledger.
#
#	stage RUN TOWN <<-'SQL'		rows of x/TOWN as stage-normalize
#	INSERT INTO items ...		makes them; land and town are filled in
#	SQL
# shellcheck disable=SC2034	# used by who sources this
toy=${top:?}/tests/toy/toy.json

stage() {
	mkdir -p d/staging/toy/x
	rm -f "d/staging/toy/x/$2.sqlite"
	{
		cat <<-SQL
		CREATE TABLE staging_meta (name TEXT PRIMARY KEY, value TEXT);
		INSERT INTO staging_meta VALUES ('source', 'toy'),
		    ('dataset', 'x/$2'), ('run', '$1'), ('map_sha256', 'm');
		CREATE TABLE staging_inputs (part TEXT PRIMARY KEY, run TEXT,
		    snapshot TEXT, sha256 TEXT, size_bytes INTEGER,
		    record_count INTEGER, schema_version TEXT,
		    fetched_at TEXT, path TEXT);
		INSERT INTO staging_inputs VALUES
		    ('goods', '$1', '$1:goods', '$1', 100, 3, '1', 't', 'p'),
		    ('open', 'r0', 'r0:open', 'b', 10, 1, '1', 't', 'p');
		CREATE TABLE staging_tables (table_name TEXT PRIMARY KEY,
		    payload_rows INTEGER, "rows" INTEGER, quarantined INTEGER);
		CREATE TABLE findings (code TEXT, severity TEXT,
		    table_name TEXT, column_name TEXT, n INTEGER,
		    row_key TEXT, detail TEXT);
		CREATE TABLE items (land TEXT DEFAULT 'x',
		    town TEXT DEFAULT '$2', code TEXT, name TEXT, n INTEGER,
		    price REAL, good INTEGER, more TEXT,
		    occurrence INTEGER DEFAULT 1, extra TEXT,
		    row_hash BLOB DEFAULT x'');
		CREATE TABLE boxes (land TEXT DEFAULT 'x',
		    town TEXT DEFAULT '$2', code TEXT, box TEXT,
		    parent_occurrence INTEGER DEFAULT 1,
		    occurrence INTEGER DEFAULT 1, extra TEXT,
		    row_hash BLOB DEFAULT x'');
		CREATE TABLE shops (land TEXT DEFAULT 'x',
		    town TEXT DEFAULT '$2', shop TEXT,
		    occurrence INTEGER DEFAULT 1, extra TEXT,
		    row_hash BLOB DEFAULT x'');
		SQL
		cat
		cat <<-'SQL'
		UPDATE items SET row_hash = CAST(quote(name) || quote(n) ||
		    quote(price) || quote(good) || quote(more) ||
		    quote(extra) AS BLOB);
		INSERT INTO staging_tables VALUES
		    ('items', NULL, (SELECT count(*) FROM items), 0),
		    ('boxes', NULL, (SELECT count(*) FROM boxes), 0),
		    ('shops', NULL, (SELECT count(*) FROM shops), 0);
		SQL
	} | sqlite3 "d/staging/toy/x/$2.sqlite"
}

# Three items, as most cases begin; more SQL on standard input.
three() {
	{
		cat <<-'SQL'
		INSERT INTO items (code, name, n, price, good) VALUES
		    ('1', 'one', 1, 1.5, 1), ('2', 'two', 2, 2.5, 0),
		    ('3', NULL, 3, NULL, NULL);
		INSERT INTO boxes (code, box, occurrence) VALUES
		    ('1', 'b', 1), ('1', NULL, 1), ('1', NULL, 2);
		INSERT INTO shops (shop) VALUES ('s');
		SQL
		cat
	} | stage "$1" "$2"
}
