#include "store/backfill.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

/* The datasets of one kind while they are chosen. */
struct work {
	struct control *c;
	const struct decl *d;
	const struct span *span;
	const struct decl_kind *kind;
	int64_t keys;		/* so far, of BACKFILL_MAX */
};

int
backfill_has_member(const struct decl *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->n_members && strcmp(d->members[i], name) != 0; i++)
		continue;
	return i < d->n_members || strcmp(d->part_member, name) == 0;
}

/* --- the span over a dataset ---------------------------------------------- */

/* Choose the partition of that key. */
static int
choose(struct work *w, const struct part *key)
{
	struct buf path, json, label;
	struct action_part p;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	buf_init(&label, PATH_BYTES_MAX);
	buf_init(&json, PATH_BYTES_MAX);
	if (part_values(key, 0, key->n, &path) == -1 ||
	    part_values(key, 0, key->n - 1, &label) == -1 ||
	    part_json(key, &json) == -1) {
		db_fail_errno(&w->c->db, w->d->source);
	} else {
		p = (struct action_part){ w->d->source, path.data,
		    label.data, json.data };
		r = control_choose(w->c, &p);
	}
	buf_release(&path);
	buf_release(&label);
	buf_release(&json);
	return r;
}

/* The parts of a dataset, those that the span means. */
static int
choose_parts(struct work *w, const struct part *dataset)
{
	const struct span_member *m = span_find(w->span, w->d->part_member);
	const struct decl_part *p;
	struct part key;
	size_t i;

	for (i = 0; i < w->d->n_parts; i++) {
		p = &w->d->parts[i];
		if (p->kind != w->kind ||
		    (m != NULL && !span_has(m, p->name)))
			continue;
		if (decl_part_key(w->d, dataset, p->name, &key) == -1)
			return db_fail_errno(&w->c->db, p->name);
		if (choose(w, &key) == -1)
			return -1;
	}
	return 0;
}

/* All combinations of the span, the rest of the dataset's key as it is. */
static int
choose_span(struct work *w, struct part *dataset)
{
	int64_t i, n = span_size(w->span);

	if (n > BACKFILL_MAX || (w->keys += n) > BACKFILL_MAX) {
		errno = E2BIG;
		return db_fail_errno(&w->c->db, "more than a million at once");
	}
	for (i = 0; i < n; i++) {
		span_put(w->span, i, dataset);
		if (choose_parts(w, dataset) == -1)
			return -1;
	}
	return 0;
}

/* --- which datasets -------------------------------------------------------- */

/* Has the kind all members that are named? */
static int
has_span(const struct work *w)
{
	const char *name;
	size_t i, j;

	for (i = 0; i < w->span->n; i++) {
		name = w->span->m[i].name;
		for (j = 0; j < w->kind->n_key; j++)
			if (strcmp(w->kind->key[j], name) == 0)
				break;
		if (j == w->kind->n_key &&
		    strcmp(w->d->part_member, name) != 0)
			return 0;
	}
	return 1;
}

/* Are all members of its key named?  Then fill dataset with anything. */
static int
is_whole(const struct work *w, struct part *dataset)
{
	size_t i;

	dataset->n = 0;
	for (i = 0; i < w->kind->n_key; i++)
		if (span_find(w->span, w->kind->key[i]) == NULL ||
		    part_add(dataset, w->kind->key[i], "?") == -1)
			return 0;
	return 1;
}

/*
 * The dataset of a known key with the ranges' first values in it; the other
 * members that are named must be so.  0 if it has not these members.
 */
static int
normalize(const struct work *w, const char *json, struct part *dataset)
{
	const struct span_member *m;
	const char *value;
	struct part known;
	size_t i;

	dataset->n = 0;
	if (part_parse(&known, json) == -1 || known.n != w->kind->n_key + 1)
		return 0;
	for (i = 0; i < w->kind->n_key; i++) {
		value = part_get(&known, w->kind->key[i]);
		m = span_find(w->span, w->kind->key[i]);
		if (value == NULL || (m != NULL && !m->is_range &&
		    strcmp(m->value, value) != 0) ||
		    part_add(dataset, w->kind->key[i], value) == -1)
			return 0;
	}
	span_put(w->span, 0, dataset);
	return 1;
}

/* Note it as one to begin with, once. */
static int
note_base(struct work *w, const struct part *dataset)
{
	sqlite3_stmt *s = db_prepare(&w->c->db,
	    "INSERT OR IGNORE INTO base VALUES (?)");
	struct buf json;
	int r = -1;

	buf_init(&json, PATH_BYTES_MAX);
	if (part_json(dataset, &json) == -1) {
		db_fail_errno(&w->c->db, w->d->source);
	} else if (s != NULL) {
		db_bind(s, 1, json.data);
		r = db_run(&w->c->db, s);
	}
	sqlite3_finalize(s);
	buf_release(&json);
	return r;
}

static int
choose_base(struct work *w)
{
	sqlite3_stmt *s = db_prepare(&w->c->db,
	    "SELECT part FROM base ORDER BY part");
	struct part dataset;
	int r;

	while ((r = db_step(&w->c->db, s)) == 1)
		if (part_parse(&dataset, db_text(s, 0)) == -1 ||
		    choose_span(w, &dataset) == -1)
			break;
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}

/* What is not named is as the ledger knows it, in each combination. */
static int
choose_known(struct work *w)
{
	sqlite3_stmt *s;
	struct part dataset;
	int r;

	if (db_exec(&w->c->db, "DROP TABLE IF EXISTS temp.base; "
	    "CREATE TEMP TABLE base (part TEXT PRIMARY KEY) STRICT") == -1 ||
	    (s = db_prepare(&w->c->db, "SELECT part FROM partition_asked "
	    "WHERE source = ? GROUP BY dataset")) == NULL)
		return -1;
	db_bind(s, 1, w->d->source);
	while ((r = db_step(&w->c->db, s)) == 1)
		if (normalize(w, db_text(s, 0), &dataset) &&
		    note_base(w, &dataset) == -1)
			break;
	sqlite3_finalize(s);
	return r == 0 ? choose_base(w) : -1;
}

int
backfill_choose(struct control *c, const struct decl *d,
    const struct span *s)
{
	struct work w = { .c = c, .d = d, .span = s };
	struct part dataset;
	size_t i;

	for (i = 0; i < d->n_kinds; i++) {
		w.kind = &d->kinds[i];
		if (!has_span(&w))
			continue;
		if ((is_whole(&w, &dataset) ? choose_span(&w, &dataset) :
		    choose_known(&w)) == -1)
			return -1;
	}
	return 0;
}
