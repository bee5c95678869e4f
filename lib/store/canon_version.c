#include "store/canon_version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "record/jsonw.h"
#include "store/canon_version_sql.h"

#define PAYLOAD_BYTES ((size_t)1 << 20)

/* Column i into out, "" for NULL.  An id too long is none of ours: -1. */
static int
copy_text(sqlite3_stmt *s, int i, char *out, size_t size)
{
	const char *text = db_text(s, i);

	out[0] = '\0';
	if (text == NULL)
		return 0;
	if (strlen(text) >= size) {
		errno = EINVAL;
		return -1;
	}
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

int
version_active(struct canon_version *v, const char *label,
    struct version_active *a)
{
	sqlite3_stmt *s = version_sql(v, SQL_ACTIVE);
	int r;

	memset(a, 0, sizeof(*a));
	if (s == NULL)
		return -1;
	db_bind(s, PARAM_LABEL, label);
	if ((r = db_step(v->db, s)) == 1 &&
	    (copy_text(s, 0, a->version, sizeof(a->version)) == -1 ||
	    copy_text(s, 1, a->run, sizeof(a->run)) == -1 ||
	    copy_text(s, 2, a->verified, sizeof(a->verified)) == -1 ||
	    copy_text(s, 3, a->staged, sizeof(a->staged)) == -1 ||
	    copy_text(s, 4, a->map, sizeof(a->map)) == -1))
		r = -1;
	sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

/* The one text that a statement gives, "" for none; ?12 may be bound. */
static int
text_of(struct canon_version *v, enum version_sql which,
    const struct version_ref *r, const char *param,
    char out[CANON_VERSION_BYTES])
{
	sqlite3_stmt *s = version_sql_bound(v, which, r);
	int step;

	out[0] = '\0';
	if (s == NULL)
		return -1;
	if (param != NULL)
		db_bind(s, PARAM_A, param);
	step = db_step(v->db, s);
	if (step == 1 && copy_text(s, 0, out, CANON_VERSION_BYTES) == -1)
		step = -1;
	sqlite3_reset(s);
	return step == -1 ? -1 : 0;
}

/* How many versions the base of an id of n bytes has had by then. */
static int64_t
number_of(const char *id, size_t *n)
{
	int64_t made = 1;

	*n = strlen(id);
	if (*n > 4 && id[*n - 4] == '.' &&
	    num_parse(id + *n - 3, 2, 999, &made) == 0)
		*n -= 4;
	return made;
}

int
version_after(struct canon_version *v, const struct version_ref *r,
    char id[CANON_VERSION_BYTES])
{
	char last[CANON_VERSION_BYTES];
	int64_t made;
	size_t n;

	if (text_of(v, SQL_LAST, r, NULL, last) == -1)
		return -1;
	if (strcmp(r->run, last) > 0)
		return snprintf(id, CANON_VERSION_BYTES, "%s", r->run) <
		    CANON_VERSION_BYTES ? 0 : -1;
	made = number_of(last, &n);
	if (made == 999 || n + sizeof(".002") > CANON_VERSION_BYTES) {
		errno = EINVAL;
		return -1;
	}
	snprintf(id, CANON_VERSION_BYTES, "%.*s.%03d", (int)n, last,
	    (int)made + 1);
	return 0;
}

/* Three digits, so that ids sort as they were made. */
int
version_next(struct canon_version *v, const struct version_ref *r,
    char id[CANON_VERSION_BYTES])
{
	char last[CANON_VERSION_BYTES];
	size_t n = strlen(r->run);
	int64_t made = 1;

	if (text_of(v, SQL_LAST_OF_RUN, r, r->run, last) == -1)
		return -1;
	if (n + sizeof(".002") > CANON_VERSION_BYTES || (last[0] != '\0' &&
	    last[n] != '\0' && num_parse(last + n + 1, 2, 998, &made) == -1)) {
		errno = EINVAL;
		return -1;
	}
	if (last[0] == '\0')
		memcpy(id, r->run, n + 1);
	else
		snprintf(id, CANON_VERSION_BYTES, "%s.%03d", r->run,
		    (int)made + 1);
	return 0;
}

int
version_offered(struct canon_version *v, const struct version_ref *r,
    const char *status, char id[CANON_VERSION_BYTES])
{
	return text_of(v, SQL_OFFERED, r, status, id);
}

int
version_run(struct canon_version *v, const struct version_ref *r,
    char run[CANON_VERSION_BYTES])
{
	return text_of(v, SQL_RUN_OF, r, NULL, run);
}

int
version_stage_meta(struct canon_version *v, const char *name, char *out,
    size_t size)
{
	sqlite3_stmt *s = version_sql(v, SQL_META);
	int r;

	out[0] = '\0';
	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, name);
	if ((r = db_step(v->db, s)) == 1 && copy_text(s, 0, out, size) == -1)
		r = -1;
	sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

int
version_has_input(struct canon_version *v, const char *part)
{
	sqlite3_stmt *s = version_sql(v, SQL_HAS_INPUT);
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, part);
	r = db_step(v->db, s);
	sqlite3_reset(s);
	return r;
}

int
version_had_input(struct canon_version *v, const struct version_ref *r,
    const char *part)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_HAD_INPUT, r);
	int had;

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, part);
	had = db_step(v->db, s);
	sqlite3_reset(s);
	return had;
}

/* The one integer that a statement gives, or -1 as *out. */
static int
integer(struct canon_version *v, sqlite3_stmt *s, int64_t *out)
{
	int r = db_step(v->db, s);

	*out = r == 1 ? sqlite3_column_int64(s, 0) : -1;
	sqlite3_reset(s);
	return r == -1 ? -1 : 0;
}

int
version_stage_rows(struct canon_version *v, const char *table, int64_t *rows)
{
	sqlite3_stmt *s = version_sql(v, SQL_STAGE_ROWS);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	return integer(v, s, rows);
}

int
version_stage_bytes(struct canon_version *v, int64_t *bytes)
{
	return integer(v, version_sql(v, SQL_STAGE_BYTES), bytes);
}

static int
create(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	char map[CANON_VERSION_BYTES];
	sqlite3_stmt *s;

	if (version_stage_meta(v, "map_sha256", map, sizeof(map)) == -1 ||
	    (s = version_sql_bound(v, SQL_CREATE, r)) == NULL)
		return -1;
	db_bind(s, PARAM_A, r->run);
	db_bind(s, PARAM_B, r->staged);
	db_bind(s, PARAM_C, parent[0] != '\0' ? parent : NULL);
	db_bind(s, PARAM_D, map[0] != '\0' ? map : NULL);
	return db_run(v->db, s);
}

static int
inputs(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_INPUTS, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, parent);
	return db_run(v->db, s);
}

static void
input_member(struct jsonw *w, sqlite3_stmt *s)
{
	jsonw_obj_open(w, NULL);
	jsonw_str(w, "part", db_text(s, 0));
	jsonw_str(w, "run", db_text(s, 1));
	jsonw_opt(w, "snapshot", db_text(s, 2));
	jsonw_int(w, "record_count", sqlite3_column_int64(s, 3));
	jsonw_int(w, "bytes", sqlite3_column_int64(s, 4));
	jsonw_bool(w, "carried", sqlite3_column_int(s, 5));
	jsonw_obj_close(w);
}

/* What came in, as an event that stands by itself. */
static int
ingest_event(struct canon_version *v, const struct version_ref *r)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_INGEST, r);
	struct buf b;
	struct jsonw w;
	int step, done = -1;

	buf_init(&b, PAYLOAD_BYTES);
	jsonw_init(&w, &b);
	jsonw_obj_open(&w, NULL);
	jsonw_arr_open(&w, "inputs");
	while ((step = db_step(v->db, s)) == 1)
		input_member(&w, s);
	jsonw_arr_close(&w);
	jsonw_obj_close(&w);
	if (step == 0 && w.failed == 0)
		done = version_event(v, r, "ingest", b.data);
	buf_release(&b);
	return done;
}

int
version_note(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	if (create(v, r, parent) == -1 || inputs(v, r, parent) == -1)
		return -1;
	return version_sql_run(v, SQL_FINDINGS, r);
}

int
version_stage(struct canon_version *v, const struct version_ref *r,
    const char *parent)
{
	return version_note(v, r, parent) == -1 ? -1 : ingest_event(v, r);
}

int
version_table(struct canon_version *v, const struct version_ref *r,
    const char *table, const struct diff_count *count)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_TABLE, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	sqlite3_bind_int64(s, PARAM_B, count->new_rows);
	sqlite3_bind_int64(s, PARAM_C, count->inserted);
	sqlite3_bind_int64(s, PARAM_D, count->updated);
	sqlite3_bind_int64(s, PARAM_E, count->deleted);
	return db_run(v->db, s);
}

int
version_changed(struct canon_version *v, const struct version_ref *r,
    const char *table)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_CHANGED, r);
	int64_t changed;

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, table);
	return integer(v, s, &changed) == -1 ? -1 : changed == 1;
}

int
version_sums(struct canon_version *v, const struct version_ref *r,
    struct diff_count *sum, int64_t *tables)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_SUMS, r);
	int step = db_step(v->db, s);

	if (step == 1) {
		sum->inserted = sqlite3_column_int64(s, 0);
		sum->updated = sqlite3_column_int64(s, 1);
		sum->deleted = sqlite3_column_int64(s, 2);
		*tables = sqlite3_column_int64(s, 3);
	}
	sqlite3_reset(s);
	return step == -1 ? -1 : 0;
}

int
version_set_status(struct canon_version *v, const struct version_ref *r,
    const char *status)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_SET_STATUS, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, status);
	return db_run(v->db, s);
}

/* A statement that notes which runs have been here. */
static int
by_runs(struct canon_version *v, enum version_sql which,
    const struct version_ref *r)
{
	sqlite3_stmt *s = version_sql_bound(v, which, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, r->run);
	db_bind(s, PARAM_B, r->staged);
	return db_run(v->db, s);
}

int
version_activate(struct canon_version *v, const struct version_ref *r)
{
	return version_sql_run(v, SQL_ARCHIVE, r) == -1 ? -1 :
	    by_runs(v, SQL_ACTIVATE, r);
}

int
version_verify(struct canon_version *v, const struct version_ref *r)
{
	return by_runs(v, SQL_VERIFY, r);
}

int
version_settle(struct canon_version *v, const struct version_ref *r)
{
	return version_sql_run(v, SQL_SETTLE, r);
}

int
version_event(struct canon_version *v, const struct version_ref *r,
    const char *event, const char *payload)
{
	sqlite3_stmt *s = version_sql_bound(v, SQL_EVENT, r);

	if (s == NULL)
		return -1;
	db_bind(s, PARAM_A, event);
	db_bind(s, PARAM_B, r->run);
	db_bind(s, PARAM_C, payload);
	return db_run(v->db, s);
}
