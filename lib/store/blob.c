#include "store/blob.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/raw.h"

#define CHUNK 65536

static const char ddl[] =
"CREATE TABLE IF NOT EXISTS raw_snapshot_blobs ("
"	snapshot_id TEXT PRIMARY KEY"
"	    REFERENCES raw_snapshots (snapshot_id) ON DELETE CASCADE,"
"	payload BLOB NOT NULL) STRICT";

/* Make room for n bytes.  1 if it was made, 0 if there is one, or -1. */
static int
add_row(struct db *ledger, const char *snapshot, int64_t n)
{
	sqlite3_stmt *s = db_prepare(ledger, "INSERT INTO raw_snapshot_blobs "
	    "(snapshot_id, payload) VALUES (?, zeroblob(?)) "
	    "ON CONFLICT (snapshot_id) DO NOTHING");
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, snapshot);
	sqlite3_bind_int64(s, 2, n);
	r = db_run(ledger, s);
	sqlite3_finalize(s);
	return r == -1 ? -1 : sqlite3_changes(ledger->h);
}

static int
copy(struct db *ledger, sqlite3_blob *blob, int fd, const char *path)
{
	char block[CHUNK];
	int at = 0, r;
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0) {
		r = sqlite3_blob_write(blob, block, (int)n, at);
		if (r != SQLITE_OK)
			return db_fail(ledger, r);
		at += (int)n;
	}
	if (n == 0 && at == sqlite3_blob_bytes(blob))
		return 0;
	if (n == 0)
		errno = EIO;		/* it became shorter meanwhile */
	return db_fail_errno(ledger, path);
}

/* The bytes of fd into the row that was just made. */
static int
fill(struct db *ledger, int fd, const char *path)
{
	sqlite3_blob *blob;
	int r = sqlite3_blob_open(ledger->h, "main", "raw_snapshot_blobs",
	    "payload", sqlite3_last_insert_rowid(ledger->h), 1, &blob);

	if (r != SQLITE_OK) {
		db_fail(ledger, r);
		sqlite3_blob_close(blob);
		return -1;
	}
	r = copy(ledger, blob, fd, path);
	if (sqlite3_blob_close(blob) != SQLITE_OK && r == 0)
		r = db_fail(ledger, sqlite3_errcode(ledger->h));
	return r;
}

static int
keep(struct db *ledger, const char *snapshot, int fd, const char *path)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) == -1)
		return db_fail_errno(ledger, path);
	if (db_begin(ledger) == -1)
		return -1;
	if ((r = db_exec(ledger, ddl)) == 0 &&
	    (r = add_row(ledger, snapshot, st.st_size)) == 1)
		r = fill(ledger, fd, path);
	if (r != -1)
		r = db_commit(ledger);
	if (r == -1)
		db_rollback(ledger);
	return r;
}

int
blob_keep(struct db *ledger, const char *data, const char *snapshot,
    const char *path)
{
	int fd = raw_open(data, path), r;

	if (fd == -1)
		return db_fail_errno(ledger, path);
	r = keep(ledger, snapshot, fd, path);
	close(fd);
	return r;
}
