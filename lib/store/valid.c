#include "store/valid.h"

#include <string.h>

#include "base/limits.h"
#include "base/path.h"
#include "record/part.h"
#include "store/raw.h"

#define SELECT								\
	"SELECT p.run, p.source, p.dataset, p.part, p.part_path, s.url,"	\
	" s.request, s.format, p.schema_version, p.sha256, s.etag,"	\
	" s.last_modified, s.content_type, p.fetched_at,"		\
	" p.confirmed_at, p.snapshot, ifnull(p.size_bytes, -1),"	\
	" ifnull(p.stored_bytes, -1), ifnull(p.record_count, -1),"	\
	" ifnull(s.status, -1), ifnull(s.attempt, -1), p.seq"		\
	" FROM (SELECT * FROM partition_state WHERE status = 'valid'"	\
	" AND %s) AS p LEFT JOIN raw_snapshots AS s"			\
	" ON s.snapshot_id = p.snapshot ORDER BY p.seq"

/* Take the row; its path goes to b. */
static int
take_row(sqlite3_stmt *s, struct valid *v, struct buf *b)
{
	const char **texts[] = { &v->run, &v->source, &v->dataset, &v->part,
	    &v->part_path, &v->url, &v->request, &v->format,
	    &v->schema_version, &v->sha256, &v->etag, &v->last_modified,
	    &v->content_type, &v->fetched_at, &v->confirmed_at,
	    &v->snapshot };
	int64_t *numbers[] = { &v->size_bytes, &v->stored_bytes,
	    &v->record_count, &v->status, &v->attempt, &v->seq };
	struct part part;
	int i;

	for (i = 0; i < 16; i++)
		*texts[i] = db_text(s, i);
	for (i = 0; i < 6; i++)
		*numbers[i] = sqlite3_column_int64(s, 16 + i);
	buf_clear(b);
	if (part_parse(&part, v->part) == -1 ||
	    raw_path(v->source, &part, v->run, b) == -1)
		return -1;
	v->path = b->data;
	return 0;
}

/* Run the query over those that where says; how many it had goes to n. */
static int
each(struct db *db, const char *where, valid_fn fn, void *arg, int64_t *n)
{
	sqlite3_stmt *s;
	struct valid v;
	struct buf b;
	int r = -1;

	buf_init(&b, LIMIT_RECORD_BYTES);
	if (buf_printf(&b, SELECT, where) == -1) {
		db_fail_errno(db, db->path);
		buf_release(&b);
		return -1;
	}
	s = db_prepare(db, b.data);
	for (*n = 0; (r = db_step(db, s)) == 1; ++*n) {
		if (take_row(s, &v, &b) == -1) {
			r = db_fail_errno(db, db_text(s, 4));
			break;
		}
		if ((r = fn(&v, arg)) != 0)
			break;
	}
	sqlite3_finalize(s);
	buf_release(&b);
	return r;
}

int
valid_each(struct db *db, const struct pick *p, int64_t since, valid_fn fn,
    void *arg)
{
	struct buf where;
	int64_t n;
	int r;

	buf_init(&where, LIMIT_RECORD_BYTES);
	r = buf_printf(&where, "seq > %lld AND ", (long long)since);
	if (r == -1 || pick_sql(p, &where) == -1)
		r = db_fail_errno(db, db->path);
	else
		r = each(db, where.data, fn, arg, &n);
	buf_release(&where);
	return r;
}

int
valid_one(struct db *db, const char *source, const char *part_path,
    valid_fn fn, void *arg)
{
	struct buf where;
	int64_t n = 0;
	int r;

	buf_init(&where, LIMIT_RECORD_BYTES);
	if (buf_str(&where, "source = ") == -1 ||
	    pick_quote(&where, source) == -1 ||
	    buf_str(&where, " AND part_path = ") == -1 ||
	    pick_quote(&where, part_path) == -1)
		r = db_fail_errno(db, part_path);
	else if ((r = each(db, where.data, fn, arg, &n)) == 0 && n == 0)
		r = 1;
	buf_release(&where);
	return r;
}

int64_t
valid_last(struct db *db)
{
	return db_int(db, "SELECT ifnull(max(seq), 0) FROM partition_state",
	    -1);
}

static void
put_count(struct jsonw *w, const char *name, int64_t n)
{
	if (n != -1)
		jsonw_int(w, name, n);
}

void
valid_write(const struct valid *v, const char *for_run, struct jsonw *w)
{
	jsonw_str(w, "run", for_run != NULL ? for_run : v->run);
	jsonw_str(w, "source", v->source);
	jsonw_str(w, "dataset", v->dataset);
	jsonw_raw(w, "part", v->part, strlen(v->part));
	jsonw_opt(w, "url", v->url);
	if (v->request != NULL)
		jsonw_raw(w, "request", v->request, strlen(v->request));
	jsonw_opt(w, "format", v->format);
	jsonw_str(w, "schema_version", v->schema_version);
	jsonw_str(w, "sha256", v->sha256);
	jsonw_str(w, "path", v->path);
	jsonw_str(w, "encoding", "gzip");
	put_count(w, "size_bytes", v->size_bytes);
	put_count(w, "stored_bytes", v->stored_bytes);
	put_count(w, "status", v->status);
	jsonw_opt(w, "etag", v->etag);
	jsonw_opt(w, "last_modified", v->last_modified);
	jsonw_opt(w, "content_type", v->content_type);
	jsonw_opt(w, "fetched_at", v->fetched_at);
	put_count(w, "attempt", v->attempt);
	jsonw_str(w, "snapshot", v->snapshot);
	put_count(w, "record_count", v->record_count);
	if (for_run != NULL && strcmp(for_run, v->run) != 0)
		jsonw_str(w, "same_as", v->run);
	jsonw_opt(w, "confirmed_at", v->confirmed_at);
	jsonw_int(w, "seq", v->seq);
}
