#include "store/stage.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "store/ledger.h"
#include "store/reshape.h"

void
stage_init(struct stage *st, const struct decl *d, const char *data,
    const struct part *dataset)
{
	memset(st, 0, sizeof(*st));
	st->decl = d;
	st->data = data;
	st->dataset = *dataset;
	arena_init(&st->arena);
	buf_init(&st->message, 8192);
}

void
stage_release(struct stage *st)
{
	arena_release(&st->arena);
	buf_release(&st->message);
}

/* The inputs, none of them present yet.  0 or -1 with errno. */
static int
begin(struct stage *st)
{
	const struct decl *d = st->decl;
	size_t i;

	if (st->inputs != NULL)
		return 0;
	st->inputs = arena_calloc(&st->arena, d->n_parts,
	    sizeof(*st->inputs));
	if (st->inputs == NULL)
		return -1;
	for (i = 0; i < d->n_parts; i++)
		st->inputs[i].in.part = d->parts[i].name;
	return 0;
}

/* --- from the ledger ---------------------------------------------------- */

/* 1 valid, 0 not, -1 with the ledger's message or errno. */
static int
find_input(struct stage *st, struct db *ledger, struct stage_input *in)
{
	struct ledger_current c;
	struct part key;
	struct buf path;
	int r = -1;

	buf_init(&path, (size_t)LIMIT_PART_MEMBERS *
	    LIMIT_PART_VALUE_BYTES * 3);
	if (decl_part_key(st->decl, &st->dataset, in->in.part, &key) == 0 &&
	    part_values(&key, 0, key.n, &path) == 0)
		r = ledger_current(ledger, st->decl->source, path.data,
		    &st->arena, &c);
	buf_release(&path);
	if (r == 1)
		in->in = (struct staging_input){ .part = in->in.part,
		    .run = c.run, .snapshot = c.snapshot,
		    .sha256 = c.sha256, .schema_version = c.schema_version,
		    .fetched_at = c.fetched_at, .path = c.path,
		    .size_bytes = c.size_bytes,
		    .record_count = c.record_count };
	return r;
}

static enum exits
find_inputs(struct stage *st, struct db *ledger)
{
	size_t i, found = 0;
	int r;

	if (begin(st) == -1) {
		buf_printf(&st->message, "%s", strerror(errno));
		return EXIT_OS;
	}
	for (i = 0; i < st->decl->n_parts; i++) {
		if (!decl_has(st->decl->parts[i].kind, &st->dataset))
			continue;
		if ((r = find_input(st, ledger, &st->inputs[i])) == -1) {
			buf_printf(&st->message, "%s", db_message(ledger));
			return db_status(ledger);
		}
		st->inputs[i].present = r;
		found += (size_t)r;
	}
	if (found > 0)
		return EXIT_OK;
	buf_printf(&st->message, "no valid partition");
	return EXIT_NOINPUT;
}

enum exits
stage_inputs(struct stage *st)
{
	enum exits status;
	struct db ledger;

	if (ledger_open(&ledger, st->data, DB_READ) == -1) {
		status = errno == ENOENT ? EXIT_NOINPUT : db_status(&ledger);
		buf_printf(&st->message, "%s", db_message(&ledger));
	} else {
		status = find_inputs(st, &ledger);
	}
	db_close(&ledger);
	return status;
}

/* --- from what is on record --------------------------------------------- */

/* A copy of column i: 0, or -1 with errno. */
static int
keep(struct arena *a, sqlite3_stmt *s, int i, const char **out)
{
	const char *text = db_text(s, i);

	*out = text == NULL ? NULL : arena_strdup(a, text);
	return text != NULL && *out == NULL ? -1 : 0;
}

static int
take_input(struct stage *st, sqlite3_stmt *s, struct staging_input *in)
{
	struct arena *a = &st->arena;

	in->size_bytes = sqlite3_column_int64(s, 6);
	in->record_count = sqlite3_column_int64(s, 7);
	if (keep(a, s, 0, &in->run) == -1 ||
	    keep(a, s, 1, &in->snapshot) == -1 ||
	    keep(a, s, 2, &in->sha256) == -1 ||
	    keep(a, s, 3, &in->schema_version) == -1 ||
	    keep(a, s, 4, &in->fetched_at) == -1 ||
	    keep(a, s, 5, &in->path) == -1)
		return -1;
	return 0;
}

int
stage_input_of_query(struct stage *st, struct db *db, sqlite3_stmt *s,
    size_t i)
{
	int r = -1;

	if (begin(st) == -1) {
		db_fail_errno(db, st->decl->file);
	} else if (s != NULL) {
		db_bind(s, 1, st->inputs[i].in.part);
		r = db_step(db, s);
		if (r == 1 && take_input(st, s, &st->inputs[i].in) == -1)
			r = db_fail_errno(db, st->decl->file);
		st->inputs[i].present = r == 1;
	}
	sqlite3_finalize(s);
	return r;
}

int
stage_input_of_version(struct stage *st, struct db *db, const char *version,
    size_t i)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT " STAGE_INPUT_COLUMNS
	    " FROM main.version_inputs WHERE part = ?1 AND version_id = ?2"
	    " AND dataset = ?3");
	struct buf label;
	int r = -1;

	buf_init(&label, PATH_BYTES_MAX);
	if (part_values(&st->dataset, 0, st->dataset.n, &label) == -1) {
		db_fail_errno(db, st->decl->file);
		sqlite3_finalize(s);
	} else {
		db_bind(s, 2, version);
		db_bind(s, 3, label.data);
		r = stage_input_of_query(st, db, s, i);
	}
	buf_release(&label);
	return r;
}

int
stage_input_of_staging(struct stage *st, struct db *db, const char *schema,
    size_t i)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	buf_init(&sql, 1024);
	if (buf_str(&sql, "SELECT " STAGE_INPUT_COLUMNS " FROM ") == 0 &&
	    db_ident(&sql, schema) == 0 &&
	    buf_str(&sql, ".staging_inputs WHERE part = ?1") == 0)
		s = db_prepare(db, sql.data);
	buf_release(&sql);
	return stage_input_of_query(st, db, s, i);
}

/* --- loading ------------------------------------------------------------ */

/* What was sealed are these bytes and no others. */
static int
check(struct staging *s, const struct staging_input *in,
    const struct payload_facts *facts)
{
	if (in->sha256 == NULL || strcmp(facts->sha256, in->sha256) != 0)
		return staging_fail(s, EXIT_DATA,
		    "%s: not the bytes that were sealed", in->path);
	if (facts->record_count != in->record_count ||
	    facts->size_bytes != in->size_bytes)
		return staging_fail(s, EXIT_DATA,
		    "%s: not the counts that were sealed", in->path);
	return 0;
}

/*
 * Load a payload as it is, checked on the way; or check it, and load what
 * the declared program makes of it.
 */
static int
load_bytes(struct map *m, const struct decl_part *p,
    const struct staging_input *in, int fd)
{
	struct staging *s = m->staging;
	struct payload_facts facts;
	struct finding f;
	int made, r;

	if (p->reshape == NULL)
		return load_payload(m, p->name, fd, PAYLOAD_GZIP,
		    &p->form, &facts) == -1 ? -1 : check(s, in, &facts);
	switch (payload_check(fd, PAYLOAD_GZIP, &p->form, &facts, &f)) {
	case PAYLOAD_OK:
		break;
	case PAYLOAD_FAILED:
		return staging_fail_errno(s, p->name);
	default:
		return staging_fail(s, EXIT_DATA, "%s: %s", p->name, f.text);
	}
	if (check(s, in, &facts) == -1 ||
	    (made = reshape(s, p->name, p->reshape, fd)) == -1)
		return -1;
	r = load_payload(m, p->name, made, PAYLOAD_PLAIN, &payload_array,
	    &facts);
	close(made);
	return r;
}

static int
load_input(struct stage *st, struct map *m, const struct decl_part *p,
    const struct staging_input *in)
{
	struct staging *s = m->staging;
	const char *schema = in->schema_version != NULL ?
	    in->schema_version : "unknown";
	int fd, r;

	if (in->path == NULL)
		return staging_fail(s, EXIT_NOINPUT, "%s: no path is on "
		    "record", p->name);
	if (strcmp(schema, p->schema_version) != 0)
		return staging_fail(s, EXIT_DATA,
		    "%s: schema version %s, declared is %s", in->path,
		    schema, p->schema_version);
	if ((fd = raw_open(st->data, in->path)) == -1)
		return staging_fail_errno(s, in->path);
	r = load_bytes(m, p, in, fd);
	close(fd);
	if (r == -1)
		return -1;
	st->bytes += in->size_bytes;
	return staging_add_input(s, in);
}

int
stage_load(struct stage *st, struct staging *s)
{
	const struct decl *d = st->decl;
	struct map m;
	size_t i;
	int r = 0;

	if (map_init(&m, s) == -1)
		return staging_fail_errno(s, d->file);
	for (i = 0; r == 0 && st->inputs != NULL && i < d->n_parts; i++)
		if (st->inputs[i].present)
			r = load_input(st, &m, &d->parts[i],
			    &st->inputs[i].in);
	map_release(&m);
	return r;
}

enum exits
stage_write(struct stage *st, const char *path, const char *run,
    const char *now)
{
	enum exits status = EXIT_OK;
	struct staging s;

	if (staging_open(&s, st->decl, &st->dataset, path) == -1 ||
	    stage_load(st, &s) == -1 ||
	    staging_complete(&s, run, now) == -1 ||
	    staging_publish(&s) == -1) {
		buf_clear(&st->message);
		buf_str(&st->message, staging_message(&s));
		status = staging_status(&s);
	}
	staging_release(&s);
	return status;
}

int
stage_path(struct buf *b, const struct stage *st, const char *what)
{
	const struct part *p = &st->dataset;

	if (buf_printf(b, "%s/staging/%s/", st->data, st->decl->source) == -1
	    || part_values(p, 0, p->n - 1, b) == -1 ||
	    buf_str(b, p->n > 1 ? "/." : ".") == -1 ||
	    part_values(p, p->n - 1, p->n, b) == -1)
		return -1;
	return buf_printf(b, ".%s.sqlite", what);
}
