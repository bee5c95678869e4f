#include "store/map.h"

#include <string.h>
#include <xxhash.h>

#include "store/fit.h"

/* Bytes of a value that a finding shows. */
#define DETAIL_BYTES 80

/* A finding about the row in the making: its key is known at the end. */
struct map_quirk {
	struct map_quirk *next;
	enum finding_code code;
	const struct decl_table *table;
	const char *column;	/* or a member's pointer */
	yyjson_val *value;
};

/* The sum over rows below: their order does not count. */
struct content {
	uint64_t low, high;
};

static int walk(struct map *, struct shape_place *, yyjson_val *,
    struct content *);
static int take(struct map *, struct shape_place *, struct shape *,
    yyjson_val *, yyjson_val *, int);

int
map_init(struct map *m, struct staging *s)
{
	memset(m, 0, sizeof(*m));
	m->staging = s;
	arena_init(&m->arena);
	buf_init(&m->text, 4 * LIMIT_ELEMENT_BYTES);
	return shapes_init(&m->shapes, s->decl);
}

void
map_release(struct map *m)
{
	shapes_release(&m->shapes);
	arena_release(&m->arena);
	buf_release(&m->text);
}

int
map_begin(struct map *m, const char *part)
{
	m->element = 0;
	m->place = shapes_part(&m->shapes, part);
	return decl_part_key(m->staging->decl, &m->staging->dataset, part,
	    &m->key);
}

/* --- findings ----------------------------------------------------------- */

static enum finding_severity
severity(enum finding_code code)
{
	switch (code) {
	case FINDING_UNKNOWN_MEMBER:
	case FINDING_MISSING_MEMBER:
	case FINDING_MAPPED_VALUE:
		return FINDING_INFO;
	default:
		return FINDING_WARNING;
	}
}

static int
quirk(struct map *m, enum finding_code code, const struct decl_table *t,
    const char *column, yyjson_val *value)
{
	struct map_quirk *q = arena_alloc(&m->arena, sizeof(*q));

	if (q == NULL)
		return -1;
	*q = (struct map_quirk){ m->quirks, code, t, column, value };
	m->quirks = q;
	return 0;
}

/* The beginning of a value as canonical JSON, cut between characters. */
static char *
detail(struct map *m, yyjson_val *value)
{
	struct cell text;
	size_t n;

	if (extra_canonical(&m->arena, value, &text) == -1)
		return NULL;
	if ((n = text.u.len) > DETAIL_BYTES)
		for (n = DETAIL_BYTES;
		    n > 0 && (text.text[n] & 0xc0) == 0x80; n--)
			continue;
	return arena_memdup(&m->arena, text.text, n);
}

static int
row_key(struct map *m, const struct shape_table *t)
{
	const struct cell *key[DECL_KEY_MAX];
	size_t i;

	for (i = 0; i < t->table->n_key; i++)
		key[i] = &t->cells[t->table->key[i]];
	buf_clear(&m->text);
	return occurrence_key_text(&m->text, key, t->table->n_key);
}

static int
report_quirks(struct map *m, const struct shape_table *owner)
{
	const struct map_quirk *q;
	struct note *note;
	char *text;

	if (m->quirks == NULL)
		return 0;
	if (row_key(m, owner) == -1)
		return -1;
	for (q = m->quirks; q != NULL; q = q->next) {
		note = notes_count(&m->staging->notes,
		    finding_code_text(q->code), severity(q->code),
		    q->table->name, q->column, 1);
		if (note == NULL)
			return -1;
		if (!note_wants(note, m->text.data))
			continue;
		if ((text = detail(m, q->value)) == NULL)
			return -1;
		note_example(note, m->text.data, text);
	}
	m->quirks = NULL;
	return 0;
}

/* --- values ------------------------------------------------------------- */

/* The pointer of a member that has no shape. */
static const char *
pointer(struct map *m, const struct shape *s, yyjson_val *name)
{
	const char *p = yyjson_get_str(name);
	size_t i, n = yyjson_get_len(name);
	struct buf b;
	char *copy = NULL;

	buf_init(&b, 4 * LIMIT_ELEMENT_BYTES);
	buf_printf(&b, "%s/", s->pointer);
	for (i = 0; i < n && p[i] != '\0'; i++)
		if ((p[i] == '~' ? buf_str(&b, "~0") : p[i] == '/' ?
		    buf_str(&b, "~1") : buf_chr(&b, p[i])) == -1)
			break;
	copy = arena_memdup(&m->arena, b.data, b.len);
	buf_release(&b);
	return copy;
}

static int
take_unknown(struct map *m, const struct shape_place *p, struct shape *s,
    yyjson_val *name, yyjson_val *value)
{
	const char *where = pointer(m, s, name);

	if (where == NULL || extra_add(&m->extra, s, name, value) == -1)
		return -1;
	return quirk(m, FINDING_UNKNOWN_MEMBER, p->tables[0].table, where,
	    value);
}

static int
take_members(struct map *m, struct shape_place *p, struct shape *s,
    yyjson_val *object, int covered)
{
	struct shape *member, *last = NULL;
	yyjson_val *name, *value;
	size_t i, max;

	yyjson_obj_foreach(object, i, max, name, value) {
		member = shape_member(s, last, yyjson_get_str(name),
		    yyjson_get_len(name));
		if (member != NULL) {
			last = member;
			if (take(m, p, member, name, value, covered) == -1)
				return -1;
		} else if (!covered &&
		    take_unknown(m, p, s, name, value) == -1) {
			return -1;
		}
	}
	return 0;
}

/* Null and blank text are the same as absent: nothing to keep. */
static int
is_blank(yyjson_val *v)
{
	const char *s = yyjson_get_str(v);
	size_t i, n = yyjson_get_len(v);

	if (s == NULL)
		return yyjson_is_null(v);
	for (i = 0; i < n; i++)
		if (!fit_blank(s[i]))
			return 0;
	return 1;
}

/*
 * Give the value to the columns that take it.  Returns 1 if the owner's
 * row has it now, 0 if not, -1 on failure.
 */
static int
take_columns(struct map *m, const struct shape_place *p,
    const struct shape *s, yyjson_val *value)
{
	const struct shape_use *u;
	const struct decl_column *c;
	enum finding_code code;
	int kept = 0, is_owner;

	for (u = s->uses; u < s->uses + s->n_uses; u++) {
		c = &u->table->table->columns[u->column];
		is_owner = u->table == &p->tables[0];
		code = FINDING_NONE;
		switch (fit_value(c, value, &m->arena,
		    &u->table->cells[u->column])) {
		case FIT_OK:
		case FIT_BLANK:
			kept |= is_owner;
			break;
		case FIT_MAPPED:
			kept |= is_owner;
			code = FINDING_MAPPED_VALUE;
			break;
		case FIT_WRONG:
			code = FINDING_WRONG_TYPE;
			break;
		case FIT_BAD_TIME:
			code = FINDING_BAD_TIME;
			break;
		case FIT_MEMORY:
			return -1;
		}
		/* A projection repeats what its owner has said. */
		if (code != FINDING_NONE && (is_owner || u == s->uses) &&
		    quirk(m, code, u->table->table, c->name, value) == -1)
			return -1;
	}
	return kept;
}

static int
is_covering(const struct shape_place *p, const struct shape *s)
{
	size_t i;

	for (i = 0; i < s->n_uses; i++)
		if (s->uses[i].table == &p->tables[0] &&
		    p->tables[0].table->columns[s->uses[i].column].type ==
		    DECL_JSON)
			return 1;
	return 0;
}

/*
 * Take the value of shape s; name is its member name, NULL for the item
 * itself.  covered: a JSON column further up keeps all of it.
 */
static int
take(struct map *m, struct shape_place *p, struct shape *s,
    yyjson_val *name, yyjson_val *value, int covered)
{
	const struct decl_table *owner = p->tables[0].table;
	int kept;

	if (s->seen == p->items) {
		if (quirk(m, FINDING_DUPLICATE_MEMBER, owner, s->pointer,
		    value) == -1)
			return -1;
		return covered ? 0 : extra_add(&m->extra, s->up, name, value);
	}
	s->seen = p->items;
	if ((kept = take_columns(m, p, s, value)) == -1)
		return -1;
	if (s->place != NULL && yyjson_is_arr(value)) {
		s->place->now = value;
		return 0;
	}
	if (s->n_members > 0 && yyjson_is_obj(value))
		return take_members(m, p, s, value,
		    covered || is_covering(p, s));
	if (kept || covered || is_blank(value))
		return 0;
	if (s->n_uses == 0 && quirk(m, FINDING_WRONG_TYPE, owner,
	    s->pointer, value) == -1)
		return -1;
	return extra_add(&m->extra, s->up, name, value);
}

/* --- rows --------------------------------------------------------------- */

/* Empty rows, but for what comes from above. */
static void
start_rows(const struct map *m, const struct shape_place *p)
{
	const struct shape_table *t;
	const struct decl_column *c;
	const char *value;
	size_t i;

	for (t = p->tables; t < p->tables + p->n_tables; t++) {
		memset(t->cells, 0, t->table->n_columns * sizeof(*t->cells));
		for (i = 0; i < t->table->n_columns; i++) {
			c = &t->table->columns[i];
			if (c->origin == DECL_PARENT) {
				t->cells[i] = p->up->tables[0].cells[
				    c->parent_column];
			} else if (c->origin == DECL_PART) {
				value = part_get(&m->key, c->member);
				t->cells[i] = cell_text(value,
				    strlen(value));
			}
		}
	}
}

static int
is_empty(const struct cell *c)
{
	return c->type == CELL_NULL ||
	    (c->type == CELL_TEXT && c->u.len == 0);
}

/*
 * Why the row has no key, or NULL if it has one.  Blanks in the key become
 * '' unless they may be NULL.
 */
static const char *
complete_key(const struct shape_table *t)
{
	const struct decl_table *d = t->table;
	const char *missing = NULL;
	size_t i, blank = 0;

	for (i = 0; i < d->n_key; i++) {
		struct cell *c = &t->cells[d->key[i]];

		if (!is_empty(c))
			continue;
		blank++;
		if (d->columns[d->key[i]].required && missing == NULL)
			missing = d->columns[d->key[i]].name;
		if (!d->null_key[i])
			*c = cell_text("", 0);
	}
	return missing == NULL && blank == d->n_key ?
	    d->columns[d->key[0]].name : missing;
}

/* Count the rows of nested arrays that go with a quarantined item. */
static void
count_below(struct map *m, const struct shape_place *p, yyjson_val *item)
{
	struct staging_table *t;
	yyjson_val *array, *below;
	size_t i, j, max;

	for (i = 0; i < p->n_below; i++) {
		array = yyjson_ptr_get(item, p->below[i]->rows);
		p->below[i]->now = NULL;
		if (!yyjson_is_arr(array))
			continue;
		t = &m->staging->tables[p->below[i]->tables[0].index];
		t->payload_rows += (int64_t)yyjson_arr_size(array);
		t->quarantined += (int64_t)yyjson_arr_size(array);
		yyjson_arr_foreach(array, j, max, below)
			count_below(m, p->below[i], below);
	}
}

static int
put_aside(struct map *m, struct shape_place *p, yyjson_val *item,
    const char *missing)
{
	const struct shape_table *t = &p->tables[0];
	struct cell payload;
	struct buf reason;
	int r = -1;

	m->staging->tables[t->index].quarantined++;
	count_below(m, p, item);
	buf_init(&reason, 256);
	if (quirk(m, FINDING_MISSING_KEY, t->table, missing, item) == 0 &&
	    report_quirks(m, t) == 0 &&
	    buf_printf(&reason, "%s is blank", missing) == 0 &&
	    extra_canonical(&m->arena, item, &payload) == 0)
		r = staging_quarantine(m->staging, t->index, p->part->name,
		    m->element, reason.data, &payload);
	buf_release(&reason);
	return r;
}

/* Rows of the distinct tables; one without a key is no row. */
static int
put_projections(struct map *m, const struct shape_place *p)
{
	const struct cell none = { CELL_NULL, { 0 }, NULL };
	unsigned char hash[ROWHASH_BYTES];
	const struct shape_table *t;

	for (t = p->tables + 1; t < p->tables + p->n_tables; t++)
		if (complete_key(t) == NULL && staging_put(m->staging,
		    t->index, t->cells, &none, hash) == -1)
			return -1;
	return 0;
}

static int
walk_below(struct map *m, const struct shape_place *p,
    struct content *content)
{
	yyjson_val *array, *item;
	size_t i, j, max;

	for (i = 0; i < p->n_below; i++) {
		if ((array = p->below[i]->now) == NULL)
			continue;
		p->below[i]->now = NULL;
		yyjson_arr_foreach(array, j, max, item)
			if (walk(m, p->below[i], item, content) == -1)
				return -1;
	}
	return 0;
}

/*
 * Add one row's content: its hash, mixed with the sum of those below and
 * with its table, since two tables may have rows of the same values.
 */
static void
add_content(struct map *m, size_t table, int64_t row,
    const unsigned char hash[ROWHASH_BYTES], const struct content *below,
    struct content *sum)
{
	struct occurrences *o = &m->staging->occurrences;
	const uint64_t number = table;
	unsigned char mix[ROWHASH_BYTES + sizeof(*below) + sizeof(number)];
	XXH128_canonical_t canonical;
	struct content own;

	memcpy(mix, hash, ROWHASH_BYTES);
	memcpy(mix + ROWHASH_BYTES, below, sizeof(*below));
	memcpy(mix + ROWHASH_BYTES + sizeof(*below), &number, sizeof(number));
	XXH128_canonicalFromHash(&canonical, XXH3_128bits(mix, sizeof(mix)));
	if (occurrences_has_below(o, table))
		occurrences_set_content(o, table, row, canonical.digest);
	memcpy(&own, canonical.digest, sizeof(own));
	sum->low += own.low;
	sum->high += own.high;
}

static int
put_row(struct map *m, struct shape_place *p, struct content *sum)
{
	const struct shape_table *owner = &p->tables[0];
	unsigned char hash[ROWHASH_BYTES];
	struct content below = { 0, 0 };
	struct cell extra;
	int64_t row;

	if (report_quirks(m, owner) == -1 ||
	    extra_text(&m->extra, &extra) == -1 ||
	    (row = staging_put(m->staging, owner->index, owner->cells,
	    &extra, hash)) == -1 || put_projections(m, p) == -1 ||
	    walk_below(m, p, &below) == -1)
		return -1;
	add_content(m, owner->index, row, hash, &below, sum);
	return 0;
}

static int
walk(struct map *m, struct shape_place *p, yyjson_val *item,
    struct content *sum)
{
	const char *missing;

	p->items++;
	m->staging->tables[p->tables[0].index].payload_rows++;
	start_rows(m, p);
	extra_init(&m->extra, &m->arena);
	m->quirks = NULL;
	if (take(m, p, &p->item, NULL, item, 0) == -1)
		return -1;
	if ((missing = complete_key(&p->tables[0])) != NULL)
		return put_aside(m, p, item, missing);
	return put_row(m, p, sum);
}

int
map_element(struct map *m, yyjson_val *element)
{
	struct content sum = { 0, 0 };

	arena_clear(&m->arena);
	if (m->place != NULL && walk(m, m->place, element, &sum) == -1)
		return staging_fail_errno(m->staging, m->place->part->name);
	m->element++;
	return 0;
}

int
map_row(struct map *m, size_t t, yyjson_val *values)
{
	const struct decl *d = m->staging->decl;

	m->place = shapes_table(&m->shapes, &d->tables[t]);
	return map_element(m, values);
}

/* --- members that never came -------------------------------------------- */

static int
find_missing(struct map *m, const struct shape_place *p,
    const struct shape *s)
{
	const struct decl_table *t;
	const char *where = s->pointer;
	struct note *note;
	size_t i;

	for (i = 0; s->seen != -1 && i < s->n_members; i++)
		if (find_missing(m, p, &s->members[i]) == -1)
			return -1;
	if (s->seen != -1)
		return 0;
	t = p->tables[0].table;
	if (s->n_uses > 0) {
		t = s->uses[0].table->table;
		where = t->columns[s->uses[0].column].name;
	}
	note = notes_count(&m->staging->notes,
	    finding_code_text(FINDING_MISSING_MEMBER), FINDING_INFO, t->name,
	    where, p->items);
	if (note == NULL)
		return -1;
	note_example(note, "", s->pointer);
	return 0;
}

int
map_end(struct map *m)
{
	const struct shape_place *p;

	for (p = m->shapes.places; p < m->shapes.places + m->shapes.n; p++)
		if (p->items > 0 && m->place != NULL &&
		    p->part == m->place->part &&
		    find_missing(m, p, &p->item) == -1)
			return staging_fail_errno(m->staging,
			    m->place->part->name);
	return 0;
}
