#include "store/status.h"

#include <errno.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "record/jsonw.h"
#include "store/canon_schema.h"
#include "store/ledger.h"
#include "store/queue_view.h"
#include "store/serving.h"
#include "store/snapshot.h"

#define MINUTE_MS 60000

/* The last runs that are told. */
#define RUNS 5

struct look {
	const struct status_query *q;
	struct jsonw w;
	struct buf path;
	struct db ledger, canon;
	int has_ledger, has_canon;
	char current[SNAPSHOT_ID_BYTES];
	int64_t next_ms;		/* 0: nothing asks for a refresh */
	char why[128];
	int mismatch;
};

static int
set_path(struct look *k, const char *name)
{
	buf_clear(&k->path);
	return buf_printf(&k->path, "%s/%s", k->q->data, name);
}

static void suggest(struct look *k, int64_t at_ms, const char *why, ...)
    MSG_FMT(3, 4);

/* Something asks for a refresh at that time: the first one counts. */
static void
suggest(struct look *k, int64_t at_ms, const char *why, ...)
{
	va_list ap;

	if (at_ms < k->q->now_ms)
		at_ms = k->q->now_ms;
	if (k->next_ms != 0 && k->next_ms <= at_ms)
		return;
	k->next_ms = at_ms;
	va_start(ap, why);
	vsnprintf(k->why, sizeof(k->why), why, ap);
	va_end(ap);
}

/* --- stores ------------------------------------------------------------- */

/* Bytes of a file, or of all files below a folder; -1 with errno. */
static int64_t
size_of(char *path)
{
	char *const top[] = { path, NULL };
	struct stat st;
	int64_t bytes = 0;
	FTSENT *e;
	FTS *t;

	if (lstat(path, &st) == -1)
		return -1;
	if ((t = fts_open(top, FTS_PHYSICAL | FTS_NOCHDIR, NULL)) == NULL)
		return -1;
	while ((e = fts_read(t)) != NULL)
		if (e->fts_info == FTS_F)
			bytes += e->fts_statp->st_size;
	fts_close(t);
	return bytes;
}

static void
put_store(struct look *k, const char *store, const char *state,
    int64_t bytes)
{
	jsonw_obj_open(&k->w, NULL);
	jsonw_str(&k->w, "store", store);
	jsonw_str(&k->w, "state", state);
	if (bytes >= 0)
		jsonw_int(&k->w, "bytes", bytes);
	jsonw_str(&k->w, "path", k->path.data);
	jsonw_obj_close(&k->w);
}

/* One at k->path. */
static void
put_files(struct look *k, const char *store)
{
	int64_t bytes = size_of(k->path.data);

	put_store(k, store, bytes != -1 ? "there" : errno == ENOENT ?
	    "missing" : strerror(errno), bytes);
}

static void
put_database(struct look *k, const char *store, const struct db *db, int has)
{
	int64_t bytes = size_of(k->path.data);

	put_store(k, store, has ? "there" : bytes == -1 && errno == ENOENT ?
	    "missing" : db_message(db), bytes);
}

/* Sealed bytes as the ledger counts them: the tree may be large. */
static void
put_raw(struct look *k)
{
	sqlite3_stmt *s;

	buf_str(&k->path, k->q->d->source);
	if (!k->has_ledger || access(k->path.data, F_OK) == -1) {
		put_store(k, "raw", k->has_ledger ? "missing" :
		    "not known without the ledger", -1);
		return;
	}
	s = db_prepare(&k->ledger, "SELECT ifnull(sum(stored_bytes), 0) "
	    "FROM raw_snapshots WHERE source = ?1");
	db_bind(s, 1, k->q->d->source);
	if (db_step(&k->ledger, s) == 1)
		put_store(k, "raw", "there", sqlite3_column_int64(s, 0));
	else
		put_store(k, "raw", db_message(&k->ledger), -1);
	sqlite3_finalize(s);
}

static int
put_stores(struct look *k)
{
	static const char *const folders[] = { "staging", "diff", "report" };
	size_t i;

	jsonw_arr_open(&k->w, "stores");
	if (set_path(k, "ledger.sqlite") == -1)
		return -1;
	put_database(k, "ledger", &k->ledger, k->has_ledger);
	if (set_path(k, k->q->d->source) == -1 ||
	    buf_str(&k->path, ".sqlite") == -1)
		return -1;
	put_database(k, "canonical", &k->canon, k->has_canon);
	if (set_path(k, "raw/") == -1)
		return -1;
	put_raw(k);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (set_path(k, folders[i]) == -1 ||
		    buf_printf(&k->path, "/%s", k->q->d->source) == -1)
			return -1;
		put_files(k, folders[i]);
	}
	if (set_path(k, "logs") == -1)
		return -1;
	put_files(k, "logs");
	buf_clear(&k->path);
	if (buf_str(&k->path, k->q->root) == -1)
		return -1;
	put_files(k, "snapshots");
	jsonw_arr_close(&k->w);
	return 0;
}

/* --- what the databases say --------------------------------------------- */

/* The rows of a query, ?1 the source, as objects; a database that cannot be
 * read says nothing here, but where the stores are. */
static void
put_rows(struct look *k, const char *name, struct db *db, int has,
    const char *sql)
{
	sqlite3_stmt *s = has ? db_prepare(db, sql) : NULL;
	int i;

	jsonw_arr_open(&k->w, name);
	if (s != NULL && sqlite3_bind_parameter_count(s) > 0)
		db_bind(s, 1, k->q->d->source);
	while (s != NULL && db_step(db, s) == 1) {
		jsonw_obj_open(&k->w, NULL);
		for (i = 0; i < sqlite3_column_count(s); i++)
			if (sqlite3_column_type(s, i) == SQLITE_INTEGER)
				jsonw_int(&k->w, sqlite3_column_name(s, i),
				    sqlite3_column_int64(s, i));
			else
				jsonw_opt(&k->w, sqlite3_column_name(s, i),
				    db_text(s, i));
		jsonw_obj_close(&k->w);
	}
	sqlite3_finalize(s);
	jsonw_arr_close(&k->w);
}

static void
put_ledger(struct look *k)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "SELECT run_id AS run, mode, created_at "
	    "AS begun_at FROM runs WHERE source = ?1 "
	    "ORDER BY run_id DESC LIMIT %d", RUNS);
	put_rows(k, "runs", &k->ledger, k->has_ledger, sql);
	put_rows(k, "partitions", &k->ledger, k->has_ledger,
	    "SELECT status, last_attempt, count(*) AS partitions "
	    "FROM partition_state WHERE source = ?1 GROUP BY 1, 2 "
	    "UNION ALL SELECT 'pending', 'failed', count(*) "
	    "FROM partition_asked WHERE source = ?1 AND pending "
	    "HAVING count(*) > 0");
	if (!k->has_ledger || db_int(&k->ledger, "SELECT count(*) FROM runs",
	    0) == 0)
		suggest(k, k->q->now_ms, "there was no run yet");
}

static void
put_canon(struct look *k)
{
	put_rows(k, "versions", &k->canon, k->has_canon, "SELECT status, "
	    "count(*) AS versions FROM dataset_versions GROUP BY 1");
	put_rows(k, "held", &k->canon, k->has_canon, "SELECT dataset, part, "
	    "held_since AS since, table_name AS \"table\", samples "
	    "FROM gate_parts WHERE state = 'held' ORDER BY 1, 2");
}

/* --- queues ------------------------------------------------------------- */

static void
put_state(struct look *k, const struct decl_queue *d, size_t state,
    const struct queue_count *c)
{
	int64_t next_ms;

	if (c->items == 0)
		return;
	jsonw_obj_open(&k->w, NULL);
	jsonw_str(&k->w, "queue", d->name);
	jsonw_str(&k->w, "state", d->states[state]);
	jsonw_int(&k->w, "items", c->items);
	jsonw_int(&k->w, "due", c->due);
	jsonw_int(&k->w, "leased", c->leased);
	jsonw_opt(&k->w, "next_due_at", c->next_due[0] != '\0' ?
	    c->next_due : NULL);
	jsonw_obj_close(&k->w);
	if (c->due > 0)
		suggest(k, k->q->now_ms, "%lld items are due",
		    (long long)c->due);
	else if (c->next_due[0] != '\0' &&
	    clock_parse(c->next_due, &next_ms) == 0)
		suggest(k, next_ms, "an item is due");
}

static void
put_queue(struct look *k, const struct decl_queue *d)
{
	struct queue_count counts[DECL_STATES_MAX];
	struct queue queue;
	size_t i;

	if (queue_open(&queue, &k->canon, d, 0) == 0 &&
	    queue_counts(&queue, k->q->now_ms, counts) == 0)
		for (i = 0; i < d->n_states; i++)
			put_state(k, d, i, &counts[i]);
	queue_close(&queue);
}

static void
put_queues(struct look *k)
{
	size_t i;

	jsonw_arr_open(&k->w, "queues");
	for (i = 0; k->has_canon && i < k->q->queues->n; i++)
		put_queue(k, &k->q->queues->q[i]);
	jsonw_arr_close(&k->w);
}

/* --- snapshots ---------------------------------------------------------- */

/* When the source last confirmed it; half of the time until readers are
 * told that it is old is a good time to ask again. */
static void
put_verified(struct look *k)
{
	int64_t stale_ms = k->q->s->stale_after_minutes * MINUTE_MS, at_ms;
	yyjson_doc *doc;
	const char *at;

	buf_clear(&k->path);
	buf_printf(&k->path, "%s/verified.json", k->q->root);
	doc = yyjson_read_file(k->path.data, 0, NULL, NULL);
	at = yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc),
	    "verified_at"));
	jsonw_opt(&k->w, "verified_at", at);
	if (at != NULL && stale_ms > 0 && clock_parse(at, &at_ms) == 0)
		suggest(k, at_ms + stale_ms / 2, "half of the %lld minutes "
		    "has passed after which it is old",
		    (long long)k->q->s->stale_after_minutes);
	yyjson_doc_free(doc);
}

static void
put_meta(struct look *k, const char *id)
{
	struct snapshot_meta m;
	yyjson_val *dataset;
	struct buf why;
	int64_t withheld = 0;
	size_t i, max;

	buf_clear(&k->path);
	buf_printf(&k->path, "%s/%s", k->q->root, id);
	buf_init(&why, 8192);
	if (snapshot_meta_read(&m, k->path.data, &why) == -1) {
		jsonw_str(&k->w, "problem", why.data);
	} else {
		jsonw_str(&k->w, "generated_at", m.generated_at);
		put_verified(k);
		yyjson_arr_foreach(m.datasets, i, max, dataset)
			withheld += yyjson_obj_get(dataset, "withheld") !=
			    NULL;
		jsonw_int(&k->w, "datasets",
		    (int64_t)yyjson_arr_size(m.datasets));
		jsonw_int(&k->w, "withheld", withheld);
		snapshot_meta_release(&m);
	}
	buf_release(&why);
}

static void
put_link(struct look *k, const char *link, char id[SNAPSHOT_ID_BYTES])
{
	int r = snapshot_link(k->q->root, link, id);

	jsonw_obj_open(&k->w, NULL);
	jsonw_str(&k->w, "link", link);
	jsonw_str(&k->w, "state", r == 1 ? "there" : r == 0 ? "missing" :
	    errno == EINVAL ? "no link to a snapshot beside it" :
	    strerror(errno));
	jsonw_opt(&k->w, "snapshot", r == 1 ? id : NULL);
	if (r == 1 && id == k->current)
		put_meta(k, id);
	jsonw_obj_close(&k->w);
}

static void
put_snapshots(struct look *k)
{
	char previous[SNAPSHOT_ID_BYTES];

	jsonw_arr_open(&k->w, "snapshots");
	put_link(k, "current", k->current);
	put_link(k, "previous", previous);
	jsonw_arr_close(&k->w);
}

/* --- servers ------------------------------------------------------------ */

static int
put_server(const struct serving *s, void *arg)
{
	static const char *const states[] = { [OWNER_ALIVE] = "alive",
	    [OWNER_GONE] = "gone", [OWNER_EARLIER] = "gone",
	    [OWNER_UNKNOWN] = "unknown" };
	struct look *k = arg;
	enum owner_state state = owner_state(&s->owner);
	int current = strcmp(s->snapshot != NULL ? s->snapshot : "",
	    k->current) == 0;

	if (strcmp(s->source, k->q->d->source) != 0)
		return 0;
	jsonw_obj_open(&k->w, NULL);
	jsonw_str(&k->w, "url", s->url);
	jsonw_str(&k->w, "state", states[state]);
	jsonw_opt(&k->w, "snapshot", s->snapshot);
	jsonw_bool(&k->w, "current", current);
	jsonw_opt(&k->w, "since", s->since);
	jsonw_opt(&k->w, "started_at", s->started_at);
	jsonw_str(&k->w, "host", s->owner.host);
	jsonw_int(&k->w, "pid", s->owner.pid);
	jsonw_obj_close(&k->w);
	if (!current && strcmp(states[state], "gone") != 0)
		k->mismatch = 1;
	return 0;
}

static void
put_servers(struct look *k)
{
	jsonw_arr_open(&k->w, "servers");
	serving_each(k->q->data, put_server, k);
	jsonw_arr_close(&k->w);
	jsonw_bool(&k->w, "snapshot_mismatch", k->mismatch);
}

/* --- all of it ---------------------------------------------------------- */

static int
open_canon(struct look *k)
{
	if (set_path(k, k->q->d->source) == -1 ||
	    buf_str(&k->path, ".sqlite") == -1)
		return -1;
	return db_open(&k->canon, k->path.data, DB_LOOK) == 0 &&
	    canon_schema_open(&k->canon, k->q->d, 0) == 0;
}

static void
put_next(struct look *k)
{
	char at[CLOCK_TEXT];

	if (k->next_ms == 0)
		return;
	clock_format(k->next_ms, at);
	jsonw_obj_open(&k->w, "next_refresh");
	jsonw_str(&k->w, "at", at);
	jsonw_str(&k->w, "why", k->why);
	jsonw_obj_close(&k->w);
}

int
status_document(const struct status_query *q, struct buf *b)
{
	struct look k = { .q = q };
	char now[CLOCK_TEXT];
	int r = -1;

	buf_init(&k.path, PATH_BYTES_MAX);
	k.has_ledger = ledger_open(&k.ledger, q->data, DB_LOOK) == 0;
	k.has_canon = open_canon(&k) == 1;
	clock_format(q->now_ms, now);
	jsonw_init(&k.w, b);
	jsonw_obj_open(&k.w, NULL);
	jsonw_str(&k.w, "source", q->d->source);
	jsonw_str(&k.w, "data", q->data);
	jsonw_str(&k.w, "at", now);
	if (put_stores(&k) == 0) {
		put_ledger(&k);
		put_queues(&k);
		put_canon(&k);
		put_snapshots(&k);
		put_servers(&k);
		put_next(&k);
		r = jsonw_end(&k.w);
	}
	db_close(&k.ledger);
	db_close(&k.canon);
	buf_release(&k.path);
	return r;
}
