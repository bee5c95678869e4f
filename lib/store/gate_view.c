#include "store/gate_view.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "store/column.h"
#include "store/ledger.h"

/* A statement with the dataset and a name bound; NULL on failure. */
static sqlite3_stmt *
about(const struct gate_view *v, const char *sql, const char *name)
{
	sqlite3_stmt *s = db_prepare(v->db, sql);

	if (s != NULL) {
		db_bind(s, 1, v->label);
		db_bind(s, 2, name);
	}
	return s;
}

/* --- the part ----------------------------------------------------------- */

static int
read_active(struct gate_view *v)
{
	sqlite3_stmt *s = about(v, "SELECT v.version_id, i.sha256, "
	    "i.fetched_at FROM main.dataset_versions v "
	    "LEFT JOIN main.version_inputs i ON i.dataset = v.dataset "
	    "AND i.version_id = v.version_id AND i.part = ?2 "
	    "WHERE v.dataset = ?1 AND v.status = 'active'", v->part->name);
	int r;

	if (s == NULL)
		return -1;
	if ((r = db_step(v->db, s)) == 1) {
		column_copy(s, 0, v->active, sizeof(v->active));
		column_copy(s, 1, v->input, sizeof(v->input));
		v->fetched_ms = column_instant(s, 2, 0);
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

static int
read_word(struct gate_view *v)
{
	sqlite3_stmt *s = about(v, "SELECT reason, who, at "
	    "FROM main.gate_parts WHERE dataset = ?1 AND part = ?2",
	    v->part->name);
	int r;

	if (s == NULL)
		return -1;
	if ((r = db_step(v->db, s)) == 1) {
		column_copy(s, 0, v->reason, sizeof(v->reason));
		column_copy(s, 1, v->who, sizeof(v->who));
		column_copy(s, 2, v->at, sizeof(v->at));
	}
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

static int
take_answer(int64_t seq, int64_t at_ms, const char *sha256, void *arg)
{
	gate_walk(arg, seq, at_ms, sha256);
	return 0;
}

static int
walk(struct gate_view *v)
{
	const struct gate_part *p = &v->state;
	struct part key;
	struct buf path;
	int r = -1;

	v->walk = (struct gate_walk){ .held = p->held, .series = p->series,
	    .active = v->input[0] != '\0' ? v->input : NULL,
	    .same = p->same[0] != '\0' ? p->same : NULL,
	    .rejected = p->rejected,
	    .seq = p->seq };
	if (v->ledger == NULL)
		return 0;
	buf_init(&path, PATH_BYTES_MAX);
	if (decl_part_key(v->d, v->dataset, v->part->name, &key) == 0 &&
	    part_values(&key, 0, key.n, &path) == 0)
		r = ledger_answers(v->ledger, v->d->source, path.data,
		    p->seq, take_answer, &v->walk);
	if (r == -1) {
		buf_clear(&v->db->message);
		buf_str(&v->db->message, db_message(v->ledger));
		v->db->status = db_status(v->ledger);
	}
	buf_release(&path);
	return r;
}

int
gate_view_read(struct gate_view *v)
{
	v->active[0] = v->input[0] = '\0';
	v->reason[0] = v->who[0] = v->at[0] = '\0';
	v->fetched_ms = 0;
	if (read_active(v) == -1 || read_word(v) == -1 ||
	    gate_part_load(v->db, v->label, v->part->name, &v->state) == -1)
		return -1;
	return walk(v);
}

/* --- its tables --------------------------------------------------------- */

int
gate_view_has(const struct gate_view *v, const struct decl_table *t)
{
	return t->gated && strcmp(t->part, v->part->name) == 0;
}

static int
read_rows(const struct gate_view *v, struct gate_view_table *out)
{
	sqlite3_stmt *s = about(v, "SELECT t.\"rows\" "
	    "FROM main.version_tables t JOIN main.dataset_versions v "
	    "ON v.dataset = t.dataset AND v.version_id = t.version_id "
	    "WHERE t.dataset = ?1 AND t.table_name = ?2 "
	    "AND v.status = 'active'", out->t->name);
	int r;

	out->active = -1;
	if (s == NULL)
		return -1;
	if ((r = db_step(v->db, s)) == 1)
		out->active = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

static int
read_last(const struct gate_view *v, struct gate_view_table *out)
{
	sqlite3_stmt *s = about(v, "SELECT at, \"rows\", missing, added, "
	    "verdict, accepted, answers FROM main.gate_samples "
	    "WHERE dataset = ?1 AND table_name = ?2 ORDER BY n DESC LIMIT 1",
	    out->t->name);
	int r;

	if (s == NULL)
		return -1;
	if ((r = db_step(v->db, s)) == 1)
		out->last = (struct gate_row){ .at_ms = column_instant(s, 0, 0),
		    .rows = sqlite3_column_int64(s, 1),
		    .missing = sqlite3_column_int64(s, 2),
		    .added = sqlite3_column_int64(s, 3),
		    .verdict = gate_verdict(db_text(s, 4)),
		    .accepted = sqlite3_column_int(s, 5),
		    .answers = sqlite3_column_int64(s, 6) };
	sqlite3_finalize(s);
	return r == -1 ? -1 : 0;
}

int
gate_view_table(const struct gate_view *v, const struct decl_table *t,
    struct gate_view_table *out)
{
	*out = (struct gate_view_table){ .t = t };
	if (read_rows(v, out) == -1 || read_last(v, out) == -1)
		return -1;
	if (out->active == -1)
		return 0;
	if (gate_baseline_now(v->db, v->label, t, v->walk.good, out->active,
	    &out->baseline, &out->counts, &out->good_ms) == -1)
		return -1;
	if (v->walk.good > 0)
		out->good_ms = v->walk.good_ms;
	else if (out->good_ms == 0)
		out->good_ms = v->fetched_ms;
	out->age_ms = v->now_ms - out->good_ms;
	return 0;
}

int
gate_view_hold(const struct gate_view *v, struct gate_hold *h)
{
	const struct gate_part *p = &v->state;
	const struct gate_series *s = &v->walk.series;
	struct gate_view_table t;

	*h = (struct gate_hold){ .part = p->held ? v->part->name : NULL,
	    .verdict = p->verdict, .samples = s->samples,
	    .ms = s->last_ms - s->first_ms };
	if (!p->held || p->table[0] == '\0')
		return 0;
	t.t = decl_table(v->d, p->table);
	if (t.t == NULL || !gate_view_has(v, t.t))
		return 0;
	if (gate_view_table(v, t.t, &t) == -1)
		return -1;
	h->table = t.t->name;
	h->rules = &t.t->gate;
	h->limits = GATE_RECOVERED;	/* that it would be judged by */
	h->sample = (struct gate_sample){ .active = t.active,
	    .staged = t.last.rows, .gone = t.last.missing,
	    .added = t.last.added, .baseline = t.baseline,
	    .first = v->active[0] == '\0' };
	return 0;
}
