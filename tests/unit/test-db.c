/* SQLite as we use it: names, schemas, failures and their statuses. */
#include "store/db.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "base/stop.h"
#include "forked.h"
#include "tap.h"
#include "tmpdir.h"

#define DDL "CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;" \
    "CREATE TABLE u (k TEXT REFERENCES t DEFERRABLE INITIALLY DEFERRED) STRICT"

/* A path is a path, whatever SQLite would make of it. */
static void
test_names(void)
{
	static const char *const names[] = {
		"plain.sqlite", "new/deep/er.sqlite", "a b.sqlite",
		"50%.sqlite", "what?mode=ro", "a#b", "a%41b", "file:x.sqlite",
		"caf\xc3\xa9", "'quoted'", "-n", ".//x//y",
	};
	struct db d, e;
	size_t i;
	int good;

	for (i = 0; i < TAP_COUNT(names); i++) {
		good = db_open(&d, names[i], DB_CREATE) == 0 &&
		    db_exec(&d, DDL) == 0 && access(names[i], F_OK) == 0;
		db_close(&d);
		good = good && db_open(&e, "plain.sqlite", DB_WRITE) == 0 &&
		    db_attach(&e, names[i], "other", DB_READ) == 0 &&
		    db_int(&e, "SELECT count(*) FROM other.t", -1) == 0 &&
		    db_exec(&e, "INSERT INTO other.t VALUES ('a', 1)") == -1;
		db_close(&e);
		tap_ok(good, "created, and attached: %s", names[i]);
	}
	tap_ok(db_open(&d, "//tmp/../dev/null/x", DB_READ) == -1,
	    "two slashes name no host");
	db_close(&d);
}

static void
test_missing(void)
{
	static const struct {
		const char *path;
		enum db_mode mode;
		int err;
		enum exits status;
	} cases[] = {
		{ "none.sqlite", DB_READ, ENOENT, EXIT_NOINPUT },
		{ "none.sqlite", DB_WRITE, ENOENT, EXIT_NOINPUT },
		{ "none/none.sqlite", DB_READ, ENOENT, EXIT_NOINPUT },
		{ "text/x.sqlite", DB_CREATE, ENOTDIR, EXIT_NOINPUT },
		{ "new", DB_CREATE, EIO, EXIT_IO },	/* a folder */
		{ "text", DB_READ, EIO, EXIT_DATA },	/* no database */
	};
	struct db d;
	size_t i;

	tmpdir_text("text", "this is not a database, but long enough to "
	    "be looked at; this is not a database, but long enough to be");
	for (i = 0; i < TAP_COUNT(cases); i++) {
		int r;

		errno = 0;
		r = db_open(&d, cases[i].path, cases[i].mode);
		if (r == 0)	/* the file is looked at when first used */
			r = db_int(&d, "PRAGMA user_version", -2) == -2 ?
			    -1 : 0;
		tap_ok(r == -1 && errno == cases[i].err &&
		    db_status(&d) == cases[i].status &&
		    strncmp(db_message(&d), cases[i].path,
		    strlen(cases[i].path)) == 0, "%s: %s", cases[i].path,
		    db_message(&d));
		db_close(&d);
		db_close(&d);
	}
	tap_ok(access("none.sqlite", F_OK) == -1, "nothing was created");
	db_open(&d, "plain.sqlite", DB_WRITE);
	tap_ok(db_attach(&d, "none.sqlite", "x", DB_READ) == -1 &&
	    db_attach(&d, "none.sqlite", "x", DB_WRITE) == -1 &&
	    access("none.sqlite", F_OK) == -1, "nor by an attach");
	db_close(&d);
}

static void
test_schema(void)
{
	struct db d;

	db_open(&d, "schema.sqlite", DB_CREATE);
	tap_int(db_schema(&d, 3, DDL, "hint"), 0, "a new database");
	tap_int(db_schema(&d, 3, DDL, "hint"), 0, "the same again");
	tap_int(db_int(&d, "PRAGMA application_id", 0), DB_APPLICATION_ID,
	    "is marked as ours");
	errno = 0;
	tap_ok(db_schema(&d, 4, DDL, "run x") == -1 && errno == EPROTO &&
	    db_status(&d) == EXIT_DATA, "another version is refused");
	tap_str(db_message(&d), "schema.sqlite: schema version 3, this "
	    "program needs 4; run x", "with what to do");
	db_close(&d);
	db_open(&d, "schema.sqlite", DB_READ);
	tap_int(db_schema(&d, 3, DDL, "hint"), 0, "a reader compares");
	db_close(&d);
	db_open(&d, "foreign.sqlite", DB_CREATE);
	db_exec(&d, "CREATE TABLE theirs (a)");
	errno = 0;
	tap_ok(db_schema(&d, 3, DDL, "hint") == -1 && errno == EPROTO &&
	    db_int(&d, "SELECT count(*) FROM sqlite_schema", -1) == 1 &&
	    db_int(&d, "PRAGMA application_id", -1) == 0,
	    "another's database is left alone");
	db_close(&d);
	db_open(&d, "broken.sqlite", DB_CREATE);
	tap_ok(db_schema(&d, 3, DDL "; CREATE nonsense", "hint") == -1 &&
	    db_status(&d) == EXIT_BUG &&
	    db_int(&d, "SELECT count(*) FROM sqlite_schema", -1) == 0,
	    "a schema that is wrong creates nothing");
	tap_int(db_schema(&d, 3, DDL, "hint"), 0, "the right one then does");
	db_close(&d);
}

/* Many open a new database at once: one creates, all find it. */
static void
test_openers(void)
{
	int i, status, failed = 0;

	fflush(stdout);
	for (i = 0; i < 12; i++)
		if (fork() == 0) {
			struct db d;
			int bad = db_open(&d, "race.sqlite", DB_CREATE) == -1
			    || db_schema(&d, 1, DDL, "hint") == -1 ||
			    db_exec(&d, "INSERT INTO t VALUES (hex("
			    "randomblob(16)), 1)") == -1;

			db_close(&d);
			_exit(bad);
		}
	for (i = 0; i < 12; i++) {
		wait(&status);
		failed += status != 0;
	}
	tap_int(failed, 0, "12 openers at once");
}

static void
test_failures(void)
{
	struct db d;

	db_open(&d, "fail.sqlite", DB_CREATE);
	db_schema(&d, 1, DDL, "hint");
	tap_str(db_message(&d), "", "no message yet");
	tap_ok(db_exec(&d, "SELEC 1") == -1 && db_status(&d) == EXIT_BUG,
	    "SQL that is wrong");
	tap_str(db_message(&d), "fail.sqlite: near \"SELEC\": syntax error",
	    "says where");
	tap_ok(db_prepare(&d, "SELECT x FROM t") == NULL &&
	    db_status(&d) == EXIT_BUG, "a column that is not there");
	tap_int(db_step(&d, NULL), -1, "a step of nothing fails");
	db_begin(&d);
	tap_ok(db_exec(&d, "INSERT INTO t VALUES ('a', 'text')") == -1 &&
	    db_status(&d) == EXIT_DATA, "STRICT: the wrong type");
	tap_ok(db_exec(&d, "INSERT INTO u VALUES ('none')") == 0 &&
	    db_commit(&d) == -1 && db_status(&d) == EXIT_DATA,
	    "a foreign key to nothing");
	db_rollback(&d);
	tap_int(db_status(&d), EXIT_DATA, "a rollback does not forget it");
	db_rollback(&d);
	tap_int(db_int(&d, "SELECT count(*) FROM u", -1), 0, "rolled back");
	tap_ok(db_execf(&d, "INSERT INTO t VALUES ('%s', %d)", "a", 1) == 0 &&
	    db_execf(&d, "INSERT INTO t VALUES ('%s', %d)", "a", 1) == -1 &&
	    db_status(&d) == EXIT_DATA, "a key twice");
	db_exec(&d, "PRAGMA max_page_count = 10");
	errno = 0;
	tap_ok(db_exec(&d, "INSERT INTO t VALUES (hex(zeroblob(100000)), 1)")
	    == -1 && errno == ENOSPC && db_status(&d) == EXIT_IO,
	    "a full disk");
	db_close(&d);
	db_open(&d, "fail.sqlite", DB_READ);
	tap_ok(db_exec(&d, "DELETE FROM t") == -1 &&
	    db_status(&d) == EXIT_IO, "writing what is open for reading");
	db_close(&d);
}

static void
test_rows(void)
{
	struct buf b;
	struct db d;
	sqlite3_stmt *s;

	db_open(&d, "rows.sqlite", DB_CREATE);
	db_exec(&d, DDL);
	db_exec(&d, "INSERT INTO t VALUES ('x', 7)");
	s = db_prepare(&d, "INSERT INTO u VALUES (?)");
	db_bind(s, 1, "x");
	tap_int(db_run(&d, s), 0, "run");
	db_bind(s, 1, NULL);
	tap_int(db_run(&d, s), 0, "run again, with NULL");
	sqlite3_finalize(s);
	s = db_prepare(&d, "SELECT k FROM u ORDER BY k");
	tap_int(db_step(&d, s), 1, "a row");
	tap_str(db_text(s, 0), NULL, "NULL is NULL");
	tap_int(db_step(&d, s), 1, "another");
	tap_str(db_text(s, 0), "x", "text");
	tap_int(db_step(&d, s), 0, "no more");
	tap_int(db_step(&d, s), 1, "reset: the first again");
	tap_int(db_int(&d, "SELECT n FROM t WHERE k = 'x'", -1), 7, "int");
	tap_int(db_int(&d, "SELECT n FROM t WHERE k = 'y'", -1), -1, "none");
	buf_init(&b, 100);
	db_ident(&b, "a\"b");
	tap_str(b.data, "\"a\"\"b\"", "an identifier");
	buf_release(&b);
	db_close(&d);		/* s is left open */
	tap_ok(d.h == NULL, "close finalises what is left");
}

/* Another writer holds the database: wait, but not after a stop request. */
static void
busy(const void *arg)
{
	int64_t start = clock_mono_ms();
	struct db d, other;
	int bad;

	db_open(&other, "rows.sqlite", DB_WRITE);
	db_open(&d, "rows.sqlite", DB_WRITE);
	bad = db_begin(&other) != 0;
	if (arg != NULL) {
		if (stop_init() == -1 || raise(SIGTERM) != 0)
			exit(99);
	} else {
		d.wait_ms = 30;
	}
	errno = 0;
	bad |= db_begin(&d) != -1 || errno != EBUSY ||
	    db_status(&d) != EXIT_TEMP || clock_mono_ms() - start > 20000;
	db_rollback(&other);
	bad |= db_begin(&d) != 0;
	db_close(&d);
	db_close(&other);
	exit(bad);
}

/* A writer waits for one that commits a little later. */
static void
patient(const void *arg)
{
	struct db d;
	int p[2];
	char c;

	(void)arg;
	if (pipe(p) == -1)
		exit(99);
	if (fork() == 0) {
		db_open(&d, "rows.sqlite", DB_WRITE);
		db_begin(&d);
		if (write(p[1], "x", 1) != 1)
			_exit(1);
		usleep(100000);
		db_commit(&d);
		_exit(0);
	}
	if (read(p[0], &c, 1) != 1)
		exit(98);
	db_open(&d, "rows.sqlite", DB_WRITE);
	exit(db_begin(&d) == 0 && db_commit(&d) == 0 ? 0 : 1);
}

/* Another process, in a transaction that reads or writes, until killed. */
static pid_t
another(const char *sql)
{
	struct db d;
	int p[2];
	pid_t pid;
	char c;

	if (pipe(p) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		db_open(&d, "rows.sqlite", DB_WRITE);
		if (db_exec(&d, sql) == -1 || write(p[1], "x", 1) != 1)
			_exit(99);
		for (;;)
			pause();
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		exit(98);
	close(p[0]);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What the program is called is for valgrind to say. */
static void
test_named(const struct db *d, const char *how, pid_t pid)
{
	char begin[96], end[32];
	const char *said = db_message(d);

	snprintf(begin, sizeof(begin), "rows.sqlite: still locked after "
	    "%lld ms: %s by ", (long long)d->waited_ms, how);
	snprintf(end, sizeof(end), " (pid %ld)", (long)pid);
	tap_ok(strncmp(said, begin, strlen(begin)) == 0 &&
	    strstr(said, end) != NULL, "named: %s", said);
}

/* Who waits in vain waited as long as declared, and is told for whom. */
static void
test_wait(void)
{
	pid_t pid = another("BEGIN IMMEDIATE");
	struct db d;
	int64_t n;

	db_open(&d, "rows.sqlite", DB_WRITE);
	n = db_int(&d, "SELECT sum(n) FROM t", -1);
	tap_int(d.wait_ms, DB_BUSY_MS, "half a minute, unless declared");
	d.wait_ms = 50;
	errno = 0;
	tap_ok(db_begin(&d) == -1 && errno == EBUSY && d.waited_ms >= 50,
	    "a writer holds it");
	test_named(&d, "written", pid);
	end(pid);
	pid = another("BEGIN; SELECT * FROM t");
	tap_ok(db_begin(&d) == 0 && d.waited_ms == 0 &&
	    db_exec(&d, "UPDATE t SET n = n + 1") == 0,
	    "a reader lets a writer begin");
	errno = 0;
	tap_ok(db_commit(&d) == -1 && errno == EBUSY && d.waited_ms >= 50,
	    "but not commit");
	test_named(&d, "read", pid);
	d.waited_ms = 50;
	tap_ok(db_commit(&d) == -1 && d.waited_ms == 50,
	    "the wait is for the whole transaction");
	end(pid);
	db_rollback(&d);
	pid = another("BEGIN EXCLUSIVE");
	tap_ok(db_int(&d, "SELECT count(*) FROM t", -1) == -1 &&
	    db_status(&d) == EXIT_TEMP && d.waited_ms >= 50,
	    "outside of one each statement has its own");
	end(pid);
	tap_int(db_int(&d, "SELECT sum(n) FROM t", 0), n,
	    "nothing was changed");
	d.wait_ms = 0;
	tap_ok(db_begin(&d) == 0 && db_commit(&d) == 0, "no wait is needed");
	db_close(&d);
}

int
main(void)
{
	struct forked f;
	int asked = 1;

	tmpdir_enter();
	test_names();
	test_missing();
	test_schema();
	test_openers();
	test_failures();
	test_rows();
	forked_run(&f, busy, NULL);
	tap_int(f.status, 0, "busy is temporary");
	forked_run(&f, busy, &asked);
	tap_int(f.status, 0, "nobody waits after a stop request");
	forked_run(&f, patient, NULL);
	tap_int(f.status, 0, "a writer waits for another one");
	test_wait();
	tmpdir_leave();
	return tap_done();
}
