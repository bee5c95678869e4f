/* Cursors: their text, and where they begin in a ledger. */
#include "store/consume.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"
#include "tmpdir.h"

static const struct {
	const char *text;
	int64_t seq;		/* -1: refused */
	const char *ledger;
} texts[] = {
	{ "0", 0, "" },
	{ "42", 42, "" },
	{ "42-9f2c1b7a", 42, "9f2c1b7a" },
	{ "9223372036854775807", INT64_MAX, "" },
	{ "9223372036854775808", -1, NULL },
	{ "", -1, NULL },
	{ "-9f2c1b7a", -1, NULL },
	{ "-1", -1, NULL },
	{ "42-", -1, NULL },
	{ "42-9f2c1b7", -1, NULL },
	{ "42-9f2c1b7ab", -1, NULL },
	{ "42-9F2C1B7A", -1, NULL },
	{ "42 ", -1, NULL },
	{ "x", -1, NULL },
	{ "00000000000000000000000000000000000000000000000000000000000000000"
	    "00000000000000000000000000001", -1, NULL },
};

static void
test_texts(void)
{
	struct cursor c;
	size_t i;
	int r;

	for (i = 0; i < TAP_COUNT(texts); i++) {
		r = cursor_parse(&c, texts[i].text);
		if (texts[i].seq == -1)
			tap_ok(r == -1 && errno == EINVAL, "'%s' is refused",
			    texts[i].text);
		else
			tap_ok(r == 0 && c.seq == texts[i].seq &&
			    strcmp(c.ledger, texts[i].ledger) == 0, "'%s'",
			    texts[i].text);
	}
}

static void
test_begin(void)
{
	static const struct {
		const char *descr, *ledger;
		int64_t seq, want;
	} cases[] = {
		{ "of any ledger", "", 3, 3 },
		{ "of this one", "aaaaaaaa", 3, 3 },
		{ "at its end", "aaaaaaaa", 7, 7 },
		{ "of another one", "bbbbbbbb", 3, 0 },
		{ "not reached yet", "aaaaaaaa", 8, 0 },
		{ "of any, and not reached", "", 8, 0 },
	};
	struct cursor c;
	struct db db;
	size_t i;

	if (ledger_open(&db, ".", DB_CREATE) == -1)
		exit(99);
	c = (struct cursor){ .seq = 0 };
	tap_int(cursor_begin(&c, &db), 0, "an empty ledger");
	tap_int(c.seq, 0, "ends there");
	db_exec(&db, "UPDATE ledger SET id = 'aaaaaaaa'; "
	    "INSERT INTO partition_state (source, part_path, dataset, part, "
	    "status, last_attempt, last_attempt_run, attempts, updated_at, "
	    "seq) VALUES ('s', 'd/p', 'd', '{}', 'invalid', 'ok', 'R', 1, "
	    "'now', 7)");
	for (i = 0; i < TAP_COUNT(cases); i++) {
		c.seq = cases[i].seq;
		strcpy(c.ledger, cases[i].ledger);
		tap_int(cursor_begin(&c, &db), cases[i].want,
		    cases[i].descr);
		tap_ok(c.seq == 7 && strcmp(c.ledger, "aaaaaaaa") == 0,
		    "and it is now where the ledger is");
	}
	db_close(&db);
}

int
main(void)
{
	tmpdir_enter();
	test_texts();
	test_begin();
	tmpdir_leave();
	return tap_done();
}
