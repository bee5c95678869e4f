#include "store/occurrence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- a set of keys, open addressing, at most half full ------------------ */

static struct occurrence_slot *
slot_of(const struct occurrence_keys *k, const uint64_t key[2])
{
	size_t i = (size_t)key[0] & (k->cap - 1);

	while (k->slots[i].row != 0 && (k->slots[i].key[0] != key[0] ||
	    k->slots[i].key[1] != key[1]))
		i = (i + 1) & (k->cap - 1);
	return &k->slots[i];
}

static int
keys_grow(struct occurrence_keys *k)
{
	struct occurrence_keys big = { .cap = k->cap == 0 ? 256 : 2 * k->cap };
	size_t i;

	big.slots = calloc(big.cap, sizeof(*big.slots));
	if (big.slots == NULL)
		return -1;
	for (i = 0; i < k->cap; i++)
		if (k->slots[i].row != 0)
			*slot_of(&big, k->slots[i].key) = k->slots[i];
	free(k->slots);
	k->slots = big.slots;
	k->cap = big.cap;
	return 0;
}

static int
list(struct occurrence_keys *k, const uint64_t key[2], int64_t row)
{
	struct occurrence_slot *more;

	if (k->n_twins == k->cap_twins) {
		size_t cap = k->cap_twins == 0 ? 64 : 2 * k->cap_twins;

		more = realloc(k->twins, cap * sizeof(*more));
		if (more == NULL)
			return -1;
		k->twins = more;
		k->cap_twins = cap;
	}
	k->twins[k->n_twins++] = (struct occurrence_slot){
	    { key[0], key[1] }, row };
	return 0;
}

int
occurrence_keys_has(const struct occurrence_keys *k,
    const unsigned char hash[ROWHASH_BYTES])
{
	uint64_t key[2];

	memcpy(key, hash, sizeof(key));
	return k->cap > 0 && slot_of(k, key)->row != 0;
}

int
occurrence_keys_add(struct occurrence_keys *k,
    const unsigned char hash[ROWHASH_BYTES], int64_t row)
{
	struct occurrence_slot *s;
	uint64_t key[2];

	memcpy(key, hash, sizeof(key));
	if (2 * (k->n + 1) > k->cap && keys_grow(k) == -1)
		return -1;
	s = slot_of(k, key);
	if (s->row == 0) {
		*s = (struct occurrence_slot){ { key[0], key[1] }, row };
		k->n++;
		return 0;
	}
	if (s->row > 0) {
		if (list(k, key, s->row) == -1)
			return -1;
		s->row = -s->row;
	}
	return list(k, key, row);
}

void
occurrence_keys_release(struct occurrence_keys *k)
{
	free(k->slots);
	free(k->twins);
	memset(k, 0, sizeof(*k));
}

/* --- rows --------------------------------------------------------------- */

int
occurrences_init(struct occurrences *o, const struct decl *d)
{
	struct occurrence_table *t;
	size_t i;

	o->decl = d;
	buf_init(&o->scratch, SIZE_MAX / 2);
	o->tables = calloc(d->n_tables + 1, sizeof(*o->tables));
	for (i = 0; o->tables != NULL && i < d->n_tables; i++) {
		t = &o->tables[i];
		t->table = &d->tables[i];
		buf_init(&t->family, SIZE_MAX / 2);
		t->below = calloc(d->n_tables, sizeof(*t->below));
		if (t->below == NULL)
			break;
		if (!decl_nested(&d->tables[i]))
			continue;
		t = &o->tables[d->tables[i].parent];
		t->below[t->n_below++] = i;
	}
	if (o->tables != NULL && i == d->n_tables)
		return 0;
	occurrences_release(o);
	errno = ENOMEM;
	return -1;
}

void
occurrences_release(struct occurrences *o)
{
	size_t i;

	for (i = 0; o->tables != NULL && i < o->decl->n_tables; i++) {
		occurrence_keys_release(&o->tables[i].keys);
		free(o->tables[i].below);
		buf_release(&o->tables[i].family);
	}
	free(o->tables);
	o->tables = NULL;
	buf_release(&o->scratch);
}

void
occurrences_clear(struct occurrences *o)
{
	struct occurrence_table *t;

	for (t = o->tables; t < o->tables + o->decl->n_tables; t++) {
		if (t->keys.n > 0)
			memset(t->keys.slots, 0,
			    t->keys.cap * sizeof(*t->keys.slots));
		t->keys.n = t->keys.n_twins = 0;
		buf_clear(&t->family);
		t->rows = 0;
	}
}

static size_t
family_bytes(const struct occurrence_table *t)
{
	return ROWHASH_BYTES + t->n_below * sizeof(int64_t);
}

/* Room for one more row; rows below it come after those there are. */
static int
family_add(struct occurrences *o, struct occurrence_table *t)
{
	const unsigned char none[ROWHASH_BYTES] = { 0 };
	int64_t first;
	size_t i;

	if (buf_reserve(&t->family, family_bytes(t)) == -1 ||
	    buf_add(&t->family, none, sizeof(none)) == -1)
		return -1;
	for (i = 0; i < t->n_below; i++) {
		first = o->tables[t->below[i]].rows + 1;
		if (buf_add(&t->family, &first, sizeof(first)) == -1)
			return -1;
	}
	return 0;
}

int
occurrences_add(struct occurrences *o, size_t table,
    const struct cell *cells, int64_t row)
{
	struct occurrence_table *t = &o->tables[table];
	struct cell key[DECL_KEY_MAX];
	unsigned char hash[ROWHASH_BYTES];
	size_t i;

	for (i = 0; i < t->table->n_key; i++)
		key[i] = cells[t->table->key[i]];
	if (rowhash(&o->scratch, key, t->table->n_key, NULL, hash) == -1 ||
	    (t->n_below > 0 && family_add(o, t) == -1))
		return -1;
	t->rows = row;
	return occurrence_keys_add(&t->keys, hash, row);
}

int
occurrences_has_below(const struct occurrences *o, size_t table)
{
	return o->tables[table].n_below > 0;
}

void
occurrences_set_content(struct occurrences *o, size_t table, int64_t row,
    const unsigned char hash[ROWHASH_BYTES])
{
	struct occurrence_table *t = &o->tables[table];

	memcpy(t->family.data + (size_t)(row - 1) * family_bytes(t), hash,
	    ROWHASH_BYTES);
}

/* --- numbering ---------------------------------------------------------- */

struct twin {
	unsigned char hash[ROWHASH_BYTES], content[ROWHASH_BYTES];
	int64_t row, parent;
};

struct resolve {
	struct occurrences *o;
	struct occurrence_table *t;
	struct db *db;		/* borrowed, as below */
	struct notes *notes;
	sqlite3_stmt *get, *set, **set_below;	/* owned */
	struct twin *group;	/* owned */
	size_t cap;
};

static int
slot_cmp(const void *a, const void *b)
{
	const struct occurrence_slot *x = a, *y = b;

	if (x->key[0] != y->key[0])
		return x->key[0] < y->key[0] ? -1 : 1;
	if (x->key[1] != y->key[1])
		return x->key[1] < y->key[1] ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static int
twin_cmp(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;
	int r;

	if ((r = memcmp(x->hash, y->hash, ROWHASH_BYTES)) == 0)
		r = memcmp(x->content, y->content, ROWHASH_BYTES);
	if (r == 0 && x->parent != y->parent)
		r = x->parent < y->parent ? -1 : 1;
	return r;
}

static int
prepare(struct resolve *r)
{
	const struct decl_table *t = r->t->table;
	struct buf sql;
	size_t i;

	buf_init(&sql, (size_t)1 << 20);
	r->set_below = calloc(r->t->n_below + 1, sizeof(sqlite3_stmt *));
	if (r->set_below == NULL)
		return -1;
	buf_printf(&sql, "SELECT row_hash, %s", decl_nested(t) ?
	    "parent_occurrence" : "0");
	for (i = 0; i < t->n_key; i++)
		buf_printf(&sql, ", \"%s\"", t->columns[t->key[i]].name);
	buf_printf(&sql, " FROM \"%s\" WHERE rowid = ?", t->name);
	r->get = db_prepare(r->db, sql.data);
	buf_clear(&sql);
	buf_printf(&sql, "UPDATE \"%s\" SET occurrence = ? WHERE rowid = ?",
	    t->name);
	r->set = db_prepare(r->db, sql.data);
	for (i = 0; i < r->t->n_below; i++) {
		buf_clear(&sql);
		buf_printf(&sql, "UPDATE \"%s\" SET parent_occurrence = ? "
		    "WHERE rowid BETWEEN ? AND ?",
		    r->o->tables[r->t->below[i]].table->name);
		r->set_below[i] = db_prepare(r->db, sql.data);
		if (r->set_below[i] == NULL)
			break;
	}
	buf_release(&sql);
	return r->get != NULL && r->set != NULL && i == r->t->n_below ?
	    0 : -1;
}

static int
finish(struct resolve *r, int ret)
{
	size_t i;

	sqlite3_finalize(r->get);
	sqlite3_finalize(r->set);
	for (i = 0; r->set_below != NULL && i < r->t->n_below; i++)
		sqlite3_finalize(r->set_below[i]);
	free(r->set_below);
	free(r->group);
	return ret;
}

static int
note_group(struct resolve *r, size_t n)
{
	const struct decl_table *t = r->t->table;
	struct cell cells[DECL_KEY_MAX];
	const struct cell *key[DECL_KEY_MAX];
	struct buf text;
	struct note *note;
	char detail[64];
	size_t i;
	int ret = -1;

	buf_init(&text, (size_t)1 << 20);
	for (i = 0; i < t->n_key; i++) {
		cells[i] = cell_column(r->get, (int)i + 2);
		key[i] = &cells[i];
	}
	snprintf(detail, sizeof(detail), "%zu rows", n);
	note = notes_count(r->notes,
	    finding_code_text(FINDING_DUPLICATE_KEY), FINDING_WARNING,
	    t->name, "", (int64_t)n - 1);
	if (note != NULL && occurrence_key_text(&text, key, t->n_key) == 0) {
		note_example(note, text.data, detail);
		ret = 0;
	}
	buf_release(&text);
	return ret;
}

static int
tell_group(struct resolve *r, size_t n)
{
	int ret = -1;

	sqlite3_bind_int64(r->get, 1, r->group[0].row);
	if (db_step(r->db, r->get) == 1)
		ret = note_group(r, n);
	sqlite3_reset(r->get);
	return ret;
}

/*
 * Read what orders the n twins; a row that was put aside is none of them
 * any more.  Returns how many are left, or -1.
 */
static int64_t
read_group(struct resolve *r, const struct occurrence_slot *s, size_t n)
{
	struct twin *w = r->group;
	size_t i;
	int step;

	for (i = 0; i < n; i++) {
		sqlite3_bind_int64(r->get, 1, s[i].row);
		if ((step = db_step(r->db, r->get)) == -1)
			return -1;
		if (step == 0)
			continue;
		memset(w, 0, sizeof(*w));
		w->row = s[i].row;
		if (sqlite3_column_bytes(r->get, 0) == ROWHASH_BYTES)
			memcpy(w->hash, sqlite3_column_blob(r->get, 0),
			    ROWHASH_BYTES);
		w->parent = sqlite3_column_int64(r->get, 1);
		if (r->t->n_below > 0)
			memcpy(w->content, r->t->family.data +
			    (size_t)(w->row - 1) * family_bytes(r->t),
			    ROWHASH_BYTES);
		w++;
		sqlite3_reset(r->get);
	}
	n = (size_t)(w - r->group);
	if (n > 1 && !r->t->table->may_repeat && tell_group(r, n) == -1)
		return -1;
	qsort(r->group, n, sizeof(*r->group), twin_cmp);
	return (int64_t)n;
}

/* The first row in table below[i] that belongs to row or a later one. */
static int64_t
first_below(const struct resolve *r, int64_t row, size_t i)
{
	int64_t first;

	if (row > r->t->rows)
		return r->o->tables[r->t->below[i]].rows + 1;
	memcpy(&first, r->t->family.data + (size_t)(row - 1) *
	    family_bytes(r->t) + ROWHASH_BYTES + i * sizeof(first),
	    sizeof(first));
	return first;
}

static int
number(struct resolve *r, int64_t row, int64_t occurrence)
{
	size_t i;

	sqlite3_bind_int64(r->set, 1, occurrence);
	sqlite3_bind_int64(r->set, 2, row);
	if (db_run(r->db, r->set) == -1)
		return -1;
	for (i = 0; i < r->t->n_below; i++) {
		sqlite3_bind_int64(r->set_below[i], 1, occurrence);
		sqlite3_bind_int64(r->set_below[i], 2,
		    first_below(r, row, i));
		sqlite3_bind_int64(r->set_below[i], 3,
		    first_below(r, row + 1, i) - 1);
		if (db_run(r->db, r->set_below[i]) == -1)
			return -1;
	}
	return 0;
}

static int
resolve_group(struct resolve *r, const struct occurrence_slot *s, size_t n)
{
	int64_t i, left;

	if (n > r->cap) {
		free(r->group);
		r->cap = n;
		if ((r->group = calloc(n, sizeof(*r->group))) == NULL) {
			r->cap = 0;
			return -1;
		}
	}
	left = read_group(r, s, n);
	for (i = 1; i < left; i++)
		if (number(r, r->group[i].row, i + 1) == -1)
			return -1;
	return left == -1 ? -1 : 0;
}

int
occurrences_resolve(struct occurrences *o, size_t table, struct db *db,
    struct notes *notes)
{
	struct resolve r = { .o = o, .t = &o->tables[table], .db = db,
	    .notes = notes };
	struct occurrence_slot *s = r.t->keys.twins;
	size_t i, n, total = r.t->keys.n_twins;

	if (total == 0)
		return 0;
	if (prepare(&r) == -1)
		return finish(&r, -1);
	qsort(s, total, sizeof(*s), slot_cmp);
	for (i = 0; i < total; i += n) {
		for (n = 1; i + n < total && memcmp(s[i].key, s[i + n].key,
		    sizeof(s->key)) == 0; n++)
			continue;
		if (resolve_group(&r, s + i, n) == -1)
			return finish(&r, -1);
	}
	return finish(&r, 0);
}

int
occurrence_key_text(struct buf *b, const struct cell *const *cells, size_t n)
{
	size_t i, start = b->len;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		if (cells[i]->type == CELL_NULL ||
		    (cells[i]->type == CELL_TEXT && cells[i]->u.len == 0))
			continue;
		if (b->len > start)
			r = buf_chr(b, ' ');
		if (r == 0 && cells[i]->type == CELL_TEXT)
			r = buf_add(b, cells[i]->text, cells[i]->u.len);
		else if (r == 0)
			r = buf_printf(b, "%lld",
			    (long long)cells[i]->u.integer);
	}
	return r == 0 && b->len == start ? buf_add(b, "", 0) : r;
}
