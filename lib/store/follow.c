#include "store/follow.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/path.h"
#include "store/feed.h"

/* ?1 the dataset, ?2 what the condition asks for. */
#define VERSION_SQL(condition)						\
	"SELECT v.dataset, v.version_id, v.parent, v.run,"		\
	" v.promoted_at, v.seq, ifnull(sum(t.inserted), 0),"		\
	" ifnull(sum(t.updated), 0), ifnull(sum(t.deleted), 0)"		\
	" FROM main.dataset_versions AS v"				\
	" LEFT JOIN main.version_tables AS t USING (dataset, version_id)" \
	" WHERE " condition " GROUP BY v.seq"

static const char next_sql[] = VERSION_SQL("v.seq ="
    " (SELECT min(seq) FROM main.dataset_versions"
    " WHERE seq > ?2 AND (?1 IS NULL OR dataset = ?1))");
static const char get_sql[] = VERSION_SQL("v.dataset = ?1"
    " AND v.version_id = ?2 AND v.seq IS NOT NULL");

static const char by_instant_sql[] = "SELECT ifnull(max(seq), 0)"
    " FROM main.dataset_versions WHERE promoted_at <= ?2 AND ?1 IS ?1";
static const char by_version_sql[] = "SELECT max(seq)"
    " FROM main.dataset_versions WHERE version_id = ?2"
    " AND (?1 IS NULL OR dataset = ?1)";
static const char by_seq_sql[] = "SELECT ?2 + 0 WHERE ?2 + 0 <="
    " ifnull((SELECT max(seq) FROM main.dataset_versions), 0) AND ?1 IS ?1";

/* Is the version that it changed kept, or was there none? */
#define PARENT_KEPT							\
	"(v.parent IS NULL OR EXISTS (SELECT 1"				\
	" FROM main.dataset_versions AS p WHERE p.dataset = v.dataset"	\
	" AND p.version_id = v.parent AND p.seq IS NOT NULL))"

static const char parent_kept_sql[] = "SELECT " PARENT_KEPT
    " FROM main.dataset_versions AS v"
    " WHERE v.dataset = ?1 AND v.version_id = ?2";

/*
 * Nothing is missing between what was known, ?1, and this version, ?2: the
 * version that it changed is kept, so it was known or came before; or no
 * version of any dataset is missing in between.
 */
static const char gapless_sql[] = "SELECT " PARENT_KEPT
    " OR (SELECT count(*) FROM main.dataset_versions"
    " WHERE seq > ?1 AND seq <= ?2) = ?2 - ?1"
    " FROM main.dataset_versions AS v WHERE v.seq = ?2";

static int
missing(struct canon *c, const char *what, const char *why)
{
	buf_clear(&c->db.message);
	buf_printf(&c->db.message, "%s: %s; read all with canon-cat "
	    "--versions, and go on from the greatest seq there", what, why);
	c->db.status = EXIT_NOINPUT;
	errno = ENOENT;
	return -1;
}

int
follow_since(struct canon *c, const char *since, const char *label,
    int64_t *seq)
{
	char instant[CLOCK_TEXT];
	const char *sql = by_version_sql, *value = since;
	sqlite3_stmt *s;
	int64_t n;
	int r;

	if (num_parse(since, 0, INT64_MAX, &n) == 0) {
		sql = by_seq_sql;
	} else if (clock_parse(since, &n) == 0) {
		sql = by_instant_sql;
		clock_format(n, instant);
		value = instant;
	}
	if ((s = db_prepare(&c->db, sql)) == NULL)
		return -1;
	db_bind(s, 1, label);
	db_bind(s, 2, value);
	r = db_step(&c->db, s);
	if (r == 1 && sqlite3_column_type(s, 0) == SQLITE_NULL)
		r = 0;
	else if (r == 1)
		*seq = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return r == 0 ? missing(c, since, "no such version") :
	    r == 1 ? 0 : -1;
}

/* A copy of column i in the arena; NULL for NULL, or without memory. */
static const char *
copy(struct arena *a, sqlite3_stmt *s, int i, int *failed)
{
	const char *text = db_text(s, i), *mine;

	if (text == NULL)
		return NULL;
	mine = arena_strdup(a, text);
	*failed |= mine == NULL;
	return mine;
}

/* The version that s, prepared and bound, gives.  1, 0 or -1. */
static int
read_version(struct canon *c, sqlite3_stmt *s, struct arena *a,
    struct follow_version *v)
{
	int r = db_step(&c->db, s), failed = 0;

	if (r == 1) {
		*v = (struct follow_version){
			copy(a, s, 0, &failed), copy(a, s, 1, &failed),
			copy(a, s, 2, &failed), copy(a, s, 3, &failed),
			copy(a, s, 4, &failed), sqlite3_column_int64(s, 5),
			sqlite3_column_int64(s, 6),
			sqlite3_column_int64(s, 7),
			sqlite3_column_int64(s, 8) };
		if (failed)
			r = db_fail_errno(&c->db, c->db.path);
	}
	sqlite3_finalize(s);
	return r;
}

static int
gapless(struct canon *c, int64_t since, const struct follow_version *v)
{
	sqlite3_stmt *s = db_prepare(&c->db, gapless_sql);
	int r;

	if (s == NULL)
		return -1;
	sqlite3_bind_int64(s, 1, since);
	sqlite3_bind_int64(s, 2, v->seq);
	if ((r = db_step(&c->db, s)) == 1)
		r = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return r;
}

/* In the transaction of the caller. */
static int
next(struct canon *c, const char *label, int64_t since, int64_t cursor,
    struct arena *a, struct follow_version *v)
{
	sqlite3_stmt *s = db_prepare(&c->db, next_sql);
	char what[64];
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, label);
	sqlite3_bind_int64(s, 2, cursor);
	if ((r = read_version(c, s, a, v)) != 1)
		return r;
	if ((r = gapless(c, since, v)) == 0) {
		snprintf(what, sizeof(what), "since seq %lld",
		    (long long)since);
		return missing(c, what, "not all versions are kept any more");
	}
	return r;
}

int
follow_next(struct canon *c, const char *label, int64_t since,
    int64_t cursor, struct arena *a, struct follow_version *v)
{
	int r;

	if (db_exec(&c->db, "BEGIN") == -1)
		return -1;
	r = next(c, label, since, cursor, a, v);
	db_rollback(&c->db);
	return r;
}

void
follow_write(struct jsonw *w, const struct decl *d,
    const struct follow_version *v)
{
	jsonw_str(w, "run", v->run);
	jsonw_str(w, "source", d->source);
	jsonw_str(w, "dataset", v->label);
	jsonw_str(w, "version", v->version);
	jsonw_int(w, "seq", v->seq);
	jsonw_opt(w, "parent", v->parent);
	jsonw_str(w, "promoted_at", v->promoted_at);
	jsonw_int(w, "inserted", v->inserted);
	jsonw_int(w, "updated", v->updated);
	jsonw_int(w, "deleted", v->deleted);
}

static int
put_head(struct canon *c, const struct asof_dataset *d, struct arena *a,
    struct spool *out)
{
	sqlite3_stmt *s = db_prepare(&c->db, get_sql);
	struct follow_version v;
	struct jsonw w;

	if (s == NULL)
		return -1;
	db_bind(s, 1, d->label);
	db_bind(s, 2, d->version);
	if (read_version(c, s, a, &v) != 1)
		return -1;
	spool_record(out, &w, "version");
	follow_write(&w, c->d, &v);
	return spool_put(out, &w) == -1 ? db_fail_errno(&c->db, d->label) : 0;
}

int
follow_heads(struct canon *c, const struct asof *a, struct spool *s)
{
	struct arena arena;
	size_t i;
	int r = 0;

	arena_init(&arena);
	for (i = 0; i < a->n && r == 0; i++)
		r = put_head(c, &a->list[i], &arena, s);
	arena_release(&arena);
	return r;
}

/* --- changes ---------------------------------------------------------------- */

/* Does fp end in the last line of a stream of n records?  Rewinds it. */
static int
is_whole(FILE *fp, int64_t n)
{
	char want[64], got[64];
	int len = snprintf(want, sizeof(want),
	    "\n{\"type\":\"end\",\"n\":%lld}\n", (long long)n);
	const char *end = n == 0 ? want + 1 : want;	/* all there is */
	size_t bytes = n == 0 ? (size_t)len - 1 : (size_t)len;
	int whole = fseeko(fp, -(off_t)bytes, SEEK_END) == 0 &&
	    fread(got, 1, bytes, fp) == bytes &&
	    memcmp(got, end, bytes) == 0;

	rewind(fp);
	return whole;
}

/* Could the history tell?  Asked after it told: what is gone stays gone. */
static int
parent_kept(struct canon *c, const struct follow_version *v)
{
	sqlite3_stmt *s = db_prepare(&c->db, parent_kept_sql);
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, v->label);
	db_bind(s, 2, v->version);
	if ((r = db_step(&c->db, s)) == 1)
		r = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return r;
}

static int
write_changes(struct canon *c, const struct part *dataset,
    const struct follow_version *v, FILE *fp)
{
	struct spool s;
	int r;

	spool_init(&s, fp);
	r = canon_changes(c, dataset, v->version, feed_change, &s);
	if (r == 0)
		r = spool_end(&s);
	if ((errno = s.failed) != 0)
		r = db_fail_errno(&c->db, "temporary file");
	spool_release(&s);
	if (r == 0 && (r = parent_kept(c, v)) != -1)
		r = r == 1 && is_whole(fp,
		    v->inserted + v->updated + v->deleted) ? 0 :
		    missing(c, v->version,
		    "its changes are not kept any more");
	return r;
}

static int
from_history(struct canon *c, const struct part *dataset,
    const struct follow_version *v, FILE **fp)
{
	if ((*fp = tmpfile()) == NULL)
		return db_fail_errno(&c->db, "temporary file");
	if (write_changes(c, dataset, v, *fp) == 0)
		return 0;
	fclose(*fp);
	return -1;
}

int
follow_changes(struct canon *c, const char *data,
    const struct follow_version *v, FILE **fp)
{
	struct part dataset;
	struct buf path;
	int r = 0;

	if (decl_dataset(c->d, v->label, &dataset) == -1)
		return db_fail_errno(&c->db, v->label);
	buf_init(&path, PATH_BYTES_MAX);
	if (feed_path(&path, data, c->d, &dataset, v->version) == -1) {
		r = db_fail_errno(&c->db, data);
	} else if ((*fp = fopen(path.data, "re")) == NULL || !is_whole(*fp,
	    v->inserted + v->updated + v->deleted)) {
		if (*fp != NULL)
			fclose(*fp);
		msg_debug("%s: not whole: from the history", path.data);
		r = from_history(c, &dataset, v, fp);
	}
	buf_release(&path);
	return r;
}
