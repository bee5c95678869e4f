#include "store/names.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

/* Put one text into a table of names. */
static int
add_name(struct db *ledger, sqlite3_stmt *insert, const char *text)
{
	db_bind(insert, 1, text);
	return db_run(ledger, insert);
}

/* Fail as another database did. */
static int
fail_as(struct db *ledger, const struct db *other)
{
	buf_clear(&ledger->message);
	buf_str(&ledger->message, db_message(other));
	ledger->status = db_status(other);
	return -1;
}

/* Copy the rows of a query of one column into a table of names. */
static int
copy_names(struct db *ledger, struct db *from, const char *select,
    const char *insert)
{
	sqlite3_stmt *to = db_prepare(ledger, insert);
	sqlite3_stmt *s = to == NULL ? NULL : db_prepare(from, select);
	int r = s == NULL ? -1 : 1, added = 0;

	while (added == 0 && r == 1 && (r = db_step(from, s)) == 1)
		added = add_name(ledger, to, db_text(s, 0));
	if (to != NULL && r == -1)
		fail_as(ledger, from);
	sqlite3_finalize(s);
	sqlite3_finalize(to);
	return r == 0 ? 0 : -1;
}

/* Without its tables we cannot know what versions are made of. */
static int
refuse(struct db *ledger, const char *path)
{
	buf_clear(&ledger->message);
	buf_printf(&ledger->message, "%s: it has no versions, so it cannot "
	    "say what they are made of: nothing is removed", path);
	ledger->status = EXIT_DATA;
	return -1;
}

/* A version's id is its run's, or that with .002 and so on. */
static int
read_versions(struct db *ledger, struct db *canon, const char *path)
{
	int64_t tables = db_int(canon, "SELECT count(*) FROM sqlite_schema",
	    -1), known = db_int(canon, "SELECT count(*) FROM sqlite_schema "
	    "WHERE name IN ('version_inputs', 'dataset_versions')", -1);

	if (tables == -1 || known == -1)
		return fail_as(ledger, canon);
	if (tables == 0)	/* its writer died before there was anything */
		return 0;
	if (known != 2)
		return refuse(ledger, path);
	if (copy_names(ledger, canon, "SELECT snapshot FROM version_inputs "
	    "WHERE snapshot IS NOT NULL",
	    "INSERT OR IGNORE INTO made_of VALUES (?)") == -1)
		return -1;
	return copy_names(ledger, canon, "SELECT run FROM version_inputs "
	    "UNION SELECT substr(version_id, 1, instr(version_id || '.', "
	    "'.') - 1) FROM dataset_versions UNION SELECT last_verified_run "
	    "FROM dataset_versions WHERE last_verified_run IS NOT NULL",
	    "INSERT OR IGNORE INTO versioned VALUES (?)");
}

static int
open_versions(struct db *ledger, const char *path)
{
	struct db canon;
	int r;

	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	r = db_open(&canon, path, DB_READ) == -1 ? fail_as(ledger, &canon) :
	    read_versions(ledger, &canon, path);
	db_close(&canon);
	return r;
}

int
names_versions(struct db *ledger, const char *data, const char *source)
{
	struct buf path;
	int r;

	if (db_exec(ledger, "CREATE TEMP TABLE made_of "
	    "(snapshot TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
	    "CREATE TEMP TABLE versioned "
	    "(run TEXT PRIMARY KEY) STRICT, WITHOUT ROWID") == -1)
		return -1;
	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/%s.sqlite", data, source) == -1)
		r = db_fail_errno(ledger, source);
	else
		r = open_versions(ledger, path.data);
	buf_release(&path);
	return r;
}

static int
add_file(struct db *ledger, sqlite3_stmt *insert, const char *file)
{
	const char *run = file + (*file == '.');
	size_t len = strcspn(run, ".");

	if (len == 0)		/* "." and ".." */
		return 0;
	db_bind(insert, 1, file);
	sqlite3_bind_text(insert, 2, run, (int)len, SQLITE_STATIC);
	return db_run(ledger, insert);
}

/* The files of a folder, and the runs that they are of. */
static int
read_folder(struct db *ledger, DIR *d, const char *path,
    sqlite3_stmt *insert)
{
	struct dirent *e;

	while (errno = 0, (e = readdir(d)) != NULL)
		if (add_file(ledger, insert, e->d_name) == -1)
			return -1;
	return errno == 0 ? 0 : db_fail_errno(ledger, path);
}

/* The same; no folder has no files. */
static int
look_into(struct db *ledger, const char *data, const char *folder,
    const char *insert)
{
	sqlite3_stmt *s = db_prepare(ledger, insert);
	struct buf path;
	DIR *d = NULL;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	if (s == NULL)
		goto out;
	if (buf_printf(&path, "%s/%s", data, folder) == -1 ||
	    (d = opendir(path.data)) == NULL)
		r = errno == ENOENT ? 0 : db_fail_errno(ledger, path.data);
	else
		r = read_folder(ledger, d, path.data, s);
out:
	if (d != NULL)
		closedir(d);
	sqlite3_finalize(s);
	buf_release(&path);
	return r;
}

int
names_runs(struct db *ledger, const char *data)
{
	if (db_exec(ledger, "CREATE TEMP TABLE logged (run TEXT, file TEXT, "
	    "PRIMARY KEY (run, file)) STRICT, WITHOUT ROWID;"
	    "CREATE TEMP TABLE open_run (run TEXT, file TEXT, "
	    "PRIMARY KEY (run, file)) STRICT, WITHOUT ROWID") == -1 ||
	    look_into(ledger, data, "logs", "INSERT OR IGNORE INTO "
	    "logged (file, run) VALUES (?, ?)") == -1)
		return -1;
	return look_into(ledger, data, "incoming", "INSERT OR IGNORE INTO "
	    "open_run (file, run) VALUES (?, ?)");
}
