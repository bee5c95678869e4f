/* One database's content put into another that others have open. */
#include "store/db_copy.h"

#include <errno.h>
#include <signal.h>

#include "tap.h"
#include "tmpdir.h"

static void
make(const char *path, const char *sql)
{
	struct db d;

	unlink(path);
	if (db_open(&d, path, DB_CREATE) == -1 || db_exec(&d, sql) == -1)
		exit(99);
	db_close(&d);
}

static void
make_both(void)
{
	make("old.sqlite", "CREATE TABLE t (n); CREATE TABLE gone (n);"
	    "INSERT INTO t VALUES (1); INSERT INTO gone VALUES (1)");
	make("new.sqlite", "CREATE TABLE t (n, more); CREATE INDEX i ON t (n);"
	    "WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1"
	    " FROM c WHERE n < 2000) INSERT INTO t SELECT n, hex(randomblob("
	    "200)) FROM c");
}

static int64_t
rows(struct db *d)
{
	return db_int(d, "SELECT count(*) FROM t", -1);
}

/* Is it what new.sqlite is, and sound? */
static int
is_new(struct db *d)
{
	return rows(d) == 2000 && db_int(d, "SELECT count(*) FROM "
	    "sqlite_schema", -1) == 2 && db_int(d, "SELECT count(*) FROM "
	    "pragma_integrity_check WHERE integrity_check = 'ok'", -1) == 1;
}

static void
test_copies(void)
{
	struct db d, reader;

	make_both();
	db_open(&reader, "old.sqlite", DB_READ);
	tap_ok(rows(&reader) == 1, "a reader has it open");
	db_open(&d, "old.sqlite", DB_WRITE);
	tap_ok(db_begin(&d) == 0 && db_copy(&d, "new.sqlite") == 0,
	    "copied, by who may write");
	tap_ok(is_new(&d) && is_new(&reader), "both have the new content");
	db_close(&d);
	db_close(&reader);
	db_open(&d, "fresh.sqlite", DB_CREATE);
	tap_ok(db_copy(&d, "new.sqlite") == 0 && is_new(&d),
	    "into a file that was not there");
	db_close(&d);
}

/* Run fn in another process; it writes a byte to the pipe when it is so
 * far. */
static pid_t
another(void (*fn)(int ready))
{
	int p[2];
	pid_t pid;
	char c;

	if (pipe(p) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		close(p[0]);
		fn(p[1]);
		_exit(0);
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		exit(98);
	close(p[0]);
	return pid;
}

/* Half of a transaction is in the file and in the journal. */
static void
write_half(int ready)
{
	struct db d;

	if (db_open(&d, "old.sqlite", DB_WRITE) == -1 ||
	    db_exec(&d, "PRAGMA cache_size = 2; BEGIN IMMEDIATE;"
	    "UPDATE t SET more = hex(randomblob(300))") == -1 ||
	    write(ready, "x", 1) != 1)
		_exit(99);
	for (;;)
		pause();
}

/* The next writer's journal is its own, whoever had the file open. */
static void
test_journal(void)
{
	struct db d, reader;
	pid_t pid;

	make_both();
	db_open(&reader, "old.sqlite", DB_READ);
	rows(&reader);
	db_open(&d, "old.sqlite", DB_WRITE);
	db_begin(&d);
	db_copy(&d, "new.sqlite");
	db_close(&d);
	pid = another(write_half);
	reader.wait_ms = 0;
	tap_ok(rows(&reader) == -1 && errno == EBUSY,
	    "the reader of before has to wait for the next writer");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tap_ok(is_new(&reader), "and undoes what it left when it was killed");
	db_close(&reader);
}

/*
 * While the source cannot be read, another one writes to the target: as
 * soon as who has it locked lets go.
 */
static void
write_between(int ready)
{
	struct db source, d;

	if (db_open(&source, "new.sqlite", DB_WRITE) == -1 ||
	    db_open(&d, "old.sqlite", DB_WRITE) == -1 ||
	    db_exec(&source, "BEGIN EXCLUSIVE") == -1 ||
	    write(ready, "x", 1) != 1)
		_exit(99);
	d.wait_ms = 0;
	while (db_begin(&d) == 0) {
		db_rollback(&d);
		sqlite3_sleep(1);
	}
	d.wait_ms = DB_BUSY_MS;
	if (db_begin(&d) == -1 ||
	    db_exec(&d, "INSERT INTO t VALUES (2)") == -1 ||
	    db_commit(&d) == -1)
		_exit(99);
	db_rollback(&source);
}

static void
test_overtaken(void)
{
	struct db d;
	pid_t pid;
	int r;

	make_both();
	pid = another(write_between);
	db_open(&d, "old.sqlite", DB_WRITE);
	db_begin(&d);
	sqlite3_sleep(100);
	r = db_copy(&d, "new.sqlite");
	tap_ok(r == -1 && errno == EBUSY && db_status(&d) == EXIT_TEMP &&
	    strcmp(db_message(&d), "old.sqlite: another one has written to "
	    "it meanwhile; run again") == 0, "told: %s", db_message(&d));
	tap_ok(rows(&d) == 2, "what the other one wrote stays");
	waitpid(pid, NULL, 0);
	db_close(&d);
}

static void
test_failures(void)
{
	struct db d;

	make_both();
	db_open(&d, "old.sqlite", DB_WRITE);
	tap_ok(db_copy(&d, "none.sqlite") == -1 &&
	    db_status(&d) == EXIT_NOINPUT && rows(&d) == 1, "no source");
	tmpdir_text("text", "a text, and no database at all, however long "
	    "it may be: it has to have a header of a hundred bytes at least");
	tap_ok(db_copy(&d, "text") == -1 && db_status(&d) == EXIT_DATA &&
	    rows(&d) == 1, "no database");
	db_close(&d);
}

int
main(void)
{
	tmpdir_enter();
	test_copies();
	test_journal();
	test_overtaken();
	test_failures();
	tmpdir_leave();
	return tap_done();
}
