/* Alert rules: which are rules, and what is told of what they find. */
#include "store/alert.h"

#include <errno.h>
#include <unistd.h>

#include "tap.h"
#include "tmpdir.h"

#define ROW(subject) "SELECT " subject " AS subject, at AS since, " \
	"NULL AS detail FROM event"

static const struct {
	const char *descr, *sql, *want;		/* NULL: it is a rule */
} rules[] = {
	{ "a rule", ROW("run"), NULL },
	{ "of what became of tasks", "SELECT task AS subject, at AS since, "
	    "code AS detail FROM item", NULL },
	{ "of the present", "SELECT 1 AS subject, at AS since, 2 AS detail "
	    "FROM now", NULL },
	{ "no SQL", "x", "d.json: alert.rule: near \"x\": syntax error" },
	{ "nothing", "", "d.json: alert.rule: no query" },
	{ "no such table", "SELECT 1 FROM alerts", "d.json: alert.rule: "
	    "no such table: alerts" },
	{ "too few columns", "SELECT 1 AS subject, 2 AS since", "d.json: "
	    "alert.rule: needs the columns subject, since and detail" },
	{ "no query", "DELETE FROM event RETURNING 1 AS subject, 2 AS since, "
	    "3 AS detail", "d.json: alert.rule: no query" },
};

static void
check_rule(size_t i)
{
	struct decl_sql rule = { "rule", "error", "t", rules[i].sql, 0 };
	struct decl d = { .file = "d.json", .n_alerts = 1, .alerts = &rule };
	struct buf why;
	int r;

	buf_init(&why, 1000);
	buf_str(&why, "");
	errno = 0;
	r = alerts_check(&d, &why);
	tap_str(why.data, rules[i].want != NULL ? rules[i].want : "",
	    rules[i].descr);
	tap_ok(rules[i].want == NULL ? r == 0 : r == -1 && errno == EINVAL,
	    "%s: the answer", rules[i].descr);
	buf_release(&why);
}

/* One look at the events of these runs; what it tells into told. */
static int
look(const char *const *runs, int to_read, int commit, struct buf *told)
{
	struct decl_sql rule = { "rule", "info", "t", ROW("run"), 0 };
	struct decl d = { .file = "d.json", .source = "s", .n_alerts = 1,
	    .alerts = &rule };
	struct events e;
	struct alerts a = { &e, &d, "2026-11-20T00:00:00.000Z", 0 };
	struct spool s;
	char text[200];
	FILE *fp = tmpfile();
	int r = events_open(&e, NULL);

	for (; r == 0 && *runs != NULL; runs++)
		r = db_execf(&e.db, "INSERT INTO event (run) VALUES (%s)",
		    *runs);
	spool_init(&s, fp);
	if (r == -1 || events_items(&e) == -1 || alerts_find(&a) == -1 ||
	    alerts_open(&a, ".", to_read) == -1 ||
	    alerts_tell(&a, &s) == -1 || (commit && alerts_commit(&a) == -1))
		r = -1;
	buf_clear(told);
	buf_str(told, "");
	for (rewind(fp); fgets(text, sizeof(text), fp) != NULL; )
		buf_printf(told, "%.3s%.*s ", strstr(text, "state") + 8,
		    (int)strcspn(strstr(text, "subject") + 10, "\""),
		    strstr(text, "subject") + 10);
	spool_release(&s);
	fclose(fp);
	events_close(&e);
	return r;
}

static const struct {
	const char *descr, *runs[4];
	int to_read, commit;
	const char *want;
} looks[] = {
	{ "a dry look without a store", { "'a'" }, 1, 0, "raia " },
	{ "told, and not remembered", { "'a'", "'b'" }, 0, 0, "raia raib " },
	{ "told again", { "'a'", "'b'" }, 0, 1, "raia raib " },
	{ "one is over, one is new", { "'b'", "'c'" }, 1, 0, "raic clea " },
	{ "a dry look remembers nothing", { "'b'", "'c'" }, 0, 1,
	    "raic clea " },
	{ "nothing is new", { "'c'", "'b'", "'c'" }, 0, 1, "" },
	{ "no subject, no situation", { "NULL", "'b'" }, 0, 1, "clec " },
	{ "all is over", { NULL }, 0, 1, "cleb " },
	{ "a quote", { "'d''e'" }, 0, 1, "raid'e " },
};

int
main(void)
{
	struct buf told;
	size_t i;

	tmpdir_enter();
	for (i = 0; i < TAP_COUNT(rules); i++)
		check_rule(i);
	buf_init(&told, 1000);
	for (i = 0; i < TAP_COUNT(looks); i++) {
		tap_int(look(looks[i].runs, looks[i].to_read,
		    looks[i].commit, &told), 0, looks[i].descr);
		tap_str(told.data, looks[i].want, "it tells");
		if (i == 0)
			tap_ok(access("alerts.sqlite", F_OK) == -1,
			    "no store is made");
	}
	buf_release(&told);
	tmpdir_leave();
	return tap_done();
}
