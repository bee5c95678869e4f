/* A reader finds whole data after a writer was killed in a transaction. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/db.h"
#include "tap.h"

#define PATH "t.sqlite"
#define DDL "CREATE TABLE t (x INTEGER) STRICT; INSERT INTO t VALUES (1), (2)"

/* Spill a transaction to the file, so that a journal must undo it, die. */
static void
write_and_die(void)
{
	struct db d;

	if (db_open(&d, PATH, DB_CREATE) == -1 ||
	    db_schema(&d, 1, DDL, "") == -1 ||
	    db_exec(&d, "PRAGMA cache_size = 1") == -1 || db_begin(&d) == -1 ||
	    db_exec(&d, "WITH r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r"
	    " LIMIT 50000) INSERT INTO t SELECT n FROM r") == -1)
		_exit(1);
	kill(getpid(), SIGKILL);
}

static void
leave_journal(void)
{
	int status = 0;
	pid_t pid;

	unlink(PATH);
	fflush(stdout);
	if ((pid = fork()) == 0)
		write_and_die();
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status) && access(PATH "-journal", F_OK) == 0,
	    "a killed writer leaves a journal");
}

static void
test_open(void)
{
	struct db d;

	leave_journal();
	tap_int(db_open(&d, PATH, DB_READ), 0, "opened to be read");
	tap_int(db_schema(&d, 1, "", ""), 0, "the schema is there");
	tap_int(db_int(&d, "SELECT count(*) FROM t", -1), 2,
	    "the half transaction is gone");
	tap_int(db_exec(&d, "DELETE FROM t"), -1, "a reader cannot write");
	tap_ok(access(PATH "-journal", F_OK) == -1, "nor is the journal left");
	db_close(&d);
}

static void
test_attach(void)
{
	struct db d;

	leave_journal();
	tap_int(db_open(&d, "other.sqlite", DB_CREATE), 0, "another database");
	tap_int(db_attach(&d, PATH, "a", DB_READ), 0, "attached to be read");
	tap_int(db_int(&d, "SELECT count(*) FROM a.t", -1), 2,
	    "the half transaction is gone here too");
	tap_int(db_exec(&d, "DELETE FROM a.t"), -1, "and cannot be written");
	tap_int(db_attach(&d, "none.sqlite", "b", DB_READ), -1,
	    "a file that is not there");
	tap_int(db_status(&d), EXIT_NOINPUT, "is a missing input");
	db_close(&d);
}

static void
test_empty(void)
{
	struct db d;
	FILE *fp = fopen("empty.sqlite", "w");

	if (fp != NULL)
		fclose(fp);
	tap_int(db_open(&d, "empty.sqlite", DB_READ), 0, "an empty file");
	tap_int(db_schema(&d, 1, DDL, ""), -1, "has no schema");
	tap_int(errno, ENOENT, "and counts as none");
	db_close(&d);
}

int
main(void)
{
	char dir[] = "/tmp/test-db-recover-XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 99;
	test_open();
	test_attach();
	test_empty();
	unlink(PATH);
	unlink("other.sqlite");
	unlink("empty.sqlite");
	rmdir(dir);
	return tap_done();
}
