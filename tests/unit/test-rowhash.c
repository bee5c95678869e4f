/*
 * test-rowhash -- hashes of rows are stored: they must never change, and
 * lists of values that differ must never look alike.
 */
#include "store/rowhash.h"
#include "tap.h"

#define NUL { CELL_NULL, { 0 }, NULL }
#define INT(n) { CELL_INTEGER, { .integer = (n) }, NULL }
#define REAL(n) { CELL_REAL, { .real = (n) }, NULL }
#define TEXT(s) { CELL_TEXT, { .len = sizeof(s) - 1 }, s }

static const struct {
	const char *descr;
	struct cell cells[4];
	size_t n;
	const char *want;	/* computed once, stored in databases since */
} cases[] = {
	{ "no value", { NUL }, 0, "99aa06d3014798d86001c324468d497f" },
	{ "NULL", { NUL }, 1, "a6cd5e9392000f6ac44bdff4074eecdb" },
	{ "two NULLs", { NUL, NUL }, 2, NULL },
	{ "0", { INT(0) }, 1, NULL },
	{ "0.0", { REAL(0.0) }, 1, NULL },
	{ "1", { INT(1) }, 1, NULL },
	{ "-1", { INT(-1) }, 1, NULL },
	{ "1.0", { REAL(1.0) }, 1, NULL },
	{ "empty text", { TEXT("") }, 1, NULL },
	{ "text 0", { TEXT("0") }, 1, NULL },
	{ "text with a NUL", { TEXT("a\0b") }, 1, NULL },
	{ "a", { TEXT("a") }, 1, NULL },
	{ "ab, c", { TEXT("ab"), TEXT("c") }, 2, NULL },
	{ "a, bc", { TEXT("a"), TEXT("bc") }, 2, NULL },
	{ "abc", { TEXT("abc") }, 1, NULL },
	{ "a, NULL", { TEXT("a"), NUL }, 2, NULL },
	{ "NULL, a", { NUL, TEXT("a") }, 2, NULL },
	{ "text that looks like values",
	    { TEXT("a\3\1\0\0\0\0\0\0\0b") }, 1, NULL },
	{ "a, b", { TEXT("a"), TEXT("b") }, 2, NULL },
	{ "a row", { TEXT("01:013:120"), INT(615), REAL(3.5), NUL }, 4,
	    "6da9410391bb0ae7f24fff52cb230948" },
};

static void
hex(const unsigned char hash[ROWHASH_BYTES], char out[33])
{
	int i;

	for (i = 0; i < ROWHASH_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void
test_cases(struct buf *scratch)
{
	static char all[TAP_COUNT(cases)][33];
	unsigned char hash[ROWHASH_BYTES];
	size_t i, j;
	int unique;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		if (rowhash(scratch, cases[i].cells, cases[i].n, NULL, hash)
		    == -1)
			tap_ok(0, "rowhash");
		hex(hash, all[i]);
		if (cases[i].want != NULL)
			tap_str(all[i], cases[i].want, cases[i].descr);
		unique = 1;
		for (j = 0; j < i; j++)
			unique &= strcmp(all[i], all[j]) != 0;
		tap_ok(unique, "no other hash is that of: %s",
		    cases[i].descr);
	}
}

static void
test_more(struct buf *scratch)
{
	const struct cell both[] = { TEXT("a"), TEXT("{\"x\":1}") };
	const struct cell minus = REAL(-0.0), plus = REAL(0.0);
	unsigned char a[ROWHASH_BYTES], b[ROWHASH_BYTES];
	int good;

	good = rowhash(scratch, both, 2, NULL, a) == 0 &&
	    rowhash(scratch, both, 1, &both[1], b) == 0;
	tap_ok(good && memcmp(a, b, sizeof(a)) == 0,
	    "extra counts as one more value");
	good = rowhash(scratch, &minus, 1, NULL, a) == 0 &&
	    rowhash(scratch, &plus, 1, NULL, b) == 0;
	tap_ok(good && memcmp(a, b, sizeof(a)) == 0,
	    "-0.0 is 0.0, as SQLite stores it");
}

/* What was bound comes back as it was. */
static void
test_columns(void)
{
	const struct cell in[] = { NUL, INT(INT64_MIN), REAL(0.1),
	    TEXT("a\0b"), TEXT("") };
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	struct cell c;
	int i, good;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT ?, ?, ?, ?, ?", -1, &s, NULL)
	    != SQLITE_OK)
		tap_ok(0, "sqlite");
	for (i = 0; i < 5; i++)
		cell_bind(s, i + 1, &in[i]);
	good = sqlite3_step(s) == SQLITE_ROW;
	for (i = 0; i < 5 && good; i++) {
		c = cell_column(s, i);
		good = c.type == in[i].type && (c.type != CELL_TEXT ||
		    (c.u.len == in[i].u.len &&
		    memcmp(c.text, in[i].text, c.u.len) == 0)) &&
		    (c.type != CELL_INTEGER ||
		    c.u.integer == in[i].u.integer) &&
		    (c.type != CELL_REAL || c.u.real == in[i].u.real);
		tap_ok(good, "value %d goes through SQLite", i);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
}

int
main(void)
{
	struct buf scratch, small;
	unsigned char hash[ROWHASH_BYTES];
	struct cell big = TEXT("0123456789abcdef");

	buf_init(&scratch, 65536);
	buf_init(&small, 10);
	test_cases(&scratch);
	test_more(&scratch);
	test_columns();
	tap_ok(rowhash(&small, &big, 1, NULL, hash) == -1,
	    "too little scratch memory is an error");
	buf_release(&small);
	buf_release(&scratch);
	return tap_done();
}
