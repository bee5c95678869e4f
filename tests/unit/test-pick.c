/* Filters as SQL, over keys as the ledger stores them. */
#include "store/pick.h"

#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "tap.h"

static const struct {
	const char *descr, *line;	/* words, with a ; between */
	int taken;		/* -1: refused */
} words[] = {
	{ "none", "", 0 },
	{ "two", "a=1;b=2", 2 },
	{ "a command ends them", "a=1;cat;b=2", 1 },
	{ "so does --", "a=1;--;b=2", 2 },
	{ "a value may have an =", "a=1=2", 1 },
	{ "no name", "=1", -1 },
	{ "no value", "a=", -1 },
	{ "no such name", "a b=1", -1 },
	{ "a quote in it", "a\"=1", -1 },
	{ "twice", "a=1;a=2", -1 },
};

static const struct {
	const char *descr, *word, *name, *value;
	int want;
} keys[] = {
	{ "equal", "k=v", "k", "v", 1 },
	{ "another value", "k=v", "k", "w", 0 },
	{ "a longer value", "k=v", "k", "vv", 0 },
	{ "a longer name", "k=v", "kk", "v", 0 },
	{ "the end of a name", "k=v", "xk", "v", 0 },
	{ "quotes", "k='a\"b\\", "k", "'a\"b\\", 1 },
	{ "the member within a value", "k=v", "x", "\"k\":\"v\"", 0 },
	{ "and after a comma", "k=v", "x", ",\"k\":\"v\"", 0 },
	{ "UTF-8", "k=\xc3\xa9", "k", "\xc3\xa9", 1 },
	{ "a line break", "k=a\nb", "k", "a\nb", 1 },
};

/* pick_members() of a line's words. */
static int
take(const char *line)
{
	char copy[64], *argv[8], *rest = copy, *word;
	struct pick p = { .source = NULL };
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, ";")) != NULL && line[0] != '\0')
		argv[n++] = word;
	argv[n] = NULL;
	return pick_members(&p, argv);
}

/* Does the filter mean a key with this one member, and another one? */
static int
matches(struct db *db, const struct pick *p, const char *name,
    const char *value)
{
	struct part part = { 0 };
	struct buf sql, json;
	int got;

	buf_init(&sql, 65536);
	buf_init(&json, 65536);
	part_add(&part, "first", "1");
	part_add(&part, name, value);
	part_json(&part, &json);
	buf_str(&sql, "SELECT count(*) FROM (SELECT 's' AS source, "
	    "'d' AS dataset, ");
	pick_quote(&sql, json.data);
	buf_str(&sql, " AS part) WHERE ");
	pick_sql(p, &sql);
	got = (int)db_int(db, sql.data, -1);
	buf_release(&sql);
	buf_release(&json);
	return got;
}

static const struct {
	const char *descr, *part, *date, *undated;
} dates[] = {
	{ "none", "{\"a\":\"1\"}", NULL, "{\"a\":\"1\"}" },
	{ "in front", "{\"d\":\"2026-11-20\",\"a\":\"1\"}", "2026-11-20",
	    "{\"a\":\"1\"}" },
	{ "between", "{\"a\":\"1\",\"d\":\"2026-11-20\",\"b\":\"2\"}",
	    "2026-11-20", "{\"a\":\"1\",\"b\":\"2\"}" },
	{ "behind", "{\"a\":\"1\",\"d\":\"2026-11-20\"}", "2026-11-20",
	    "{\"a\":\"1\"}" },
	{ "alone", "{\"d\":\"2026-11-20\"}", "2026-11-20", "{}" },
	{ "two of them", "{\"d\":\"2026-11-20\",\"e\":\"2026-11-21\"}",
	    "2026-11-20", "{\"e\":\"2026-11-21\"}" },
	{ "within a value", "{\"a\":\"x2026-11-20\"}", NULL,
	    "{\"a\":\"x2026-11-20\"}" },
	{ "a name", "{\"2026-11-20\":\"1\"}", NULL,
	    "{\"2026-11-20\":\"1\"}" },
	{ "an instant", "{\"a\":\"2026-11-20T10:00:00Z\"}", NULL,
	    "{\"a\":\"2026-11-20T10:00:00Z\"}" },
};

static void
test_dates(struct db *db)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT part_date(?)");
	struct buf undated;
	char date[11];
	size_t i;

	buf_init(&undated, 256);
	for (i = 0; i < TAP_COUNT(dates); i++) {
		db_bind(s, 1, dates[i].part);
		if (db_step(db, s) != 1)
			exit(99);
		tap_str(db_text(s, 0), dates[i].date, dates[i].descr);
		sqlite3_reset(s);
		buf_clear(&undated);
		tap_int(pick_undated(dates[i].part, &undated, date),
		    dates[i].date != NULL, "has one");
		tap_str(undated.data, dates[i].undated, "the rest");
		if (dates[i].date != NULL)
			tap_str(date, dates[i].date, "and the date");
	}
	buf_release(&undated);
	sqlite3_finalize(s);
}

static void
test_times(void)
{
	struct pick_time t;

	tap_int(pick_day("1970-01-02"), 1, "a day");
	tap_int(pick_day("2024-02-29"), 19782, "of a leap year");
	tap_int(pick_day("2026-02-29"), -1, "that there is not");
	tap_int(pick_day("2026-2-1"), -1, "with its zeros");
	tap_ok(pick_time_parse(&t, "2026-11-20") == 0 &&
	    strcmp(t.text, "2026-11-20") == 0, "a date");
	tap_ok(pick_time_parse(&t, "2026-11-20T10:00:00Z") == 0 &&
	    strcmp(t.text, "2026-11-20T10:00:00.000Z") == 0, "an instant");
	tap_int(pick_time_parse(&t, "now"), -1, "neither");
}

int
main(void)
{
	struct pick p;
	struct db db;
	size_t i;

	for (i = 0; i < TAP_COUNT(words); i++)
		tap_int(take(words[i].line), words[i].taken, words[i].descr);
	if (db_open(&db, "", DB_CREATE) == -1 || pick_functions(&db) == -1)
		exit(99);
	for (i = 0; i < TAP_COUNT(keys); i++) {
		char word[32], *argv[] = { word, NULL };

		p = (struct pick){ .source = NULL };
		snprintf(word, sizeof(word), "%s", keys[i].word);
		pick_members(&p, argv);
		tap_int(matches(&db, &p, keys[i].name, keys[i].value),
		    keys[i].want, keys[i].descr);
	}
	p = (struct pick){ .source = NULL };
	tap_ok(pick_is_all(&p), "nothing said");
	tap_int(matches(&db, &p, "k", "v"), 1, "means everything");
	p.source = "s";
	p.dataset = "d";
	tap_ok(!pick_is_all(&p), "something said");
	tap_int(matches(&db, &p, "k", "v"), 1, "source and dataset");
	p.dataset = "' OR ''='";
	tap_int(matches(&db, &p, "k", "v"), 0, "a quote is no SQL");
	test_dates(&db);
	test_times();
	db_close(&db);
	return tap_done();
}
