#include "past.h"

#include <errno.h>

#include "base/msg.h"
#include "base/path.h"

static int
failed(struct past *p, const struct db *d)
{
	msg_error("%s", db_message(d));
	p->status = db_status(d);
	return -1;
}

/* DATA/SOURCE.sqlite; as good as absent before its first table is there. */
static int
open_canon(struct past *p)
{
	struct buf path;
	int64_t n;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/%s.sqlite", p->data, p->source);
	r = db_open(&p->canon, path.data, DB_READ);
	buf_release(&path);
	if (r == -1)
		return errno == ENOENT ? 0 : failed(p, &p->canon);
	n = db_int(&p->canon, "SELECT count(*) FROM sqlite_schema "
	    "WHERE name = 'dataset_versions'", -1);
	if (n == -1)
		return failed(p, &p->canon);
	p->has_canon = n > 0;
	return 0;
}

int
past_open(struct past *p, const char *data, const char *source)
{
	*p = (struct past){ .data = data, .source = source };
	arena_init(&p->arena);
	if (ledger_open(&p->ledger, data, DB_READ) == 0)
		p->has_ledger = 1;
	else if (errno != ENOENT)
		return failed(p, &p->ledger);
	return open_canon(p);
}

void
past_close(struct past *p)
{
	db_close(&p->ledger);
	db_close(&p->canon);
	arena_release(&p->arena);
}

/* Has the query a row for one or (b not NULL) two values?  1, 0 or -1. */
static int
has_row(struct past *p, struct db *d, const char *sql, const char *a,
    const char *b)
{
	sqlite3_stmt *s = db_prepare(d, sql);
	int r;

	if (s != NULL) {
		db_bind(s, 1, a);
		if (b != NULL)
			db_bind(s, 2, b);
	}
	r = db_step(d, s);
	sqlite3_finalize(s);
	return r == -1 ? failed(p, d) : r;
}

int
past_has_run(struct past *p, const char *run)
{
	return p->has_ledger ? has_row(p, &p->ledger, "SELECT 1 FROM runs "
	    "WHERE run_id = ? AND source = ?", run, p->source) : 0;
}

int
past_active(struct past *p, const char *dataset)
{
	return p->has_canon ? has_row(p, &p->canon, "SELECT 1 FROM "
	    "dataset_versions WHERE dataset = ? AND status = 'active'",
	    dataset, NULL) : 0;
}

int
past_answered(struct past *p, const char *run, const char *path)
{
	int r;

	if (!p->has_ledger)
		return 0;
	r = ledger_attempt_ok(&p->ledger, run, p->source, path);
	return r == -1 ? failed(p, &p->ledger) : r;
}

int
past_known(struct past *p, const char *path, const char *schema_version,
    struct ledger_current *c)
{
	int r;

	if (!p->has_ledger)
		return 0;
	arena_clear(&p->arena);
	r = ledger_known(&p->ledger, p->data, p->source, path,
	    schema_version, &p->arena, c);
	return r == -1 ? failed(p, &p->ledger) : r;
}
