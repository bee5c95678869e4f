#include "store/shape.h"

#include <stdlib.h>
#include <string.h>

/*
 * Compiling goes in two steps: the places with their tables, then each
 * place's tree, grown one pointer at a time with linked members that are
 * laid out as a sorted array at the end.
 */
struct sprout {
	const char *name, *pointer;
	size_t name_len;
	struct sprout *next, *first;	/* sibling, first member */
	size_t n_uses, n_members;
	struct use_link *uses;
	struct shape_place *place;
};

struct use_link {
	struct use_link *next;
	struct shape_use use;
};

/* --- places ------------------------------------------------------------- */

static struct shape_place *
place_of(const struct shapes *s, const struct decl *d,
    const struct decl_table *t)
{
	struct shape_place *p;

	if (t->paged)
		return NULL;
	for (p = s->places; p < s->places + s->n; p++)
		if (p->rows != NULL && strcmp(p->part->name, t->part) == 0 &&
		    strcmp(p->rows, t->rows) == 0 &&
		    (t->parent == -1 ? p->up == NULL : p->up != NULL &&
		    p->up->tables[0].table == &d->tables[t->parent]))
			return p;
	return NULL;
}

static int
add_table(struct shapes *s, struct shape_place *p, const struct decl *d,
    const struct decl_table *t)
{
	struct shape_table *slot = &p->tables[p->n_tables++];

	/* The owner goes first, wherever it is declared. */
	if (!t->distinct) {
		*slot = p->tables[0];
		slot = &p->tables[0];
	}
	slot->table = t;
	slot->index = (size_t)(t - d->tables);
	slot->cells = arena_calloc(&s->arena, t->n_columns,
	    sizeof(*slot->cells));
	return slot->cells == NULL ? -1 : 0;
}

static struct shape_place *
add_place(struct shapes *s, const struct decl *d, const struct decl_table *t)
{
	struct shape_place *p = &s->places[s->n];
	const struct decl_table *up;

	p->part = decl_part(d, t->part);
	p->rows = t->rows;
	p->tables = arena_calloc(&s->arena, d->n_tables, sizeof(*p->tables));
	p->below = arena_calloc(&s->arena, d->n_tables, sizeof(*p->below));
	if (p->tables == NULL || p->below == NULL)
		return NULL;
	if (t->parent != -1) {
		up = &d->tables[t->parent];
		p->up = place_of(s, d, up);
		p->up->below[p->up->n_below++] = p;
	}
	s->n++;
	return p;
}

static int
build_places(struct shapes *s, const struct decl *d)
{
	const struct decl_table *t, *end = d->tables + d->n_tables;
	struct shape_place *p;

	s->places = arena_calloc(&s->arena, d->n_tables, sizeof(*s->places));
	if (s->places == NULL)
		return -1;
	for (t = d->tables; t < end; t++)
		if (t->sql == NULL && (((p = place_of(s, d, t)) == NULL &&
		    (p = add_place(s, d, t)) == NULL) ||
		    add_table(s, p, d, t) == -1))
			return -1;
	return 0;
}

/* --- trees -------------------------------------------------------------- */

/* Undo RFC 6901's ~0 and ~1 in n bytes. */
static const char *
unescape(struct arena *a, const char *s, size_t *n)
{
	char *copy = arena_memdup(a, s, *n);
	size_t i, len = 0;

	if (copy == NULL)
		return NULL;
	for (i = 0; i < *n; i++)
		copy[len++] = s[i] != '~' ? s[i] : s[++i] == '0' ? '~' : '/';
	copy[len] = '\0';
	*n = len;
	return copy;
}

/* The member of s for pointer's token of n bytes, made if it is new. */
static struct sprout *
grow(struct arena *a, struct sprout *s, const char *pointer,
    const char *token, size_t n)
{
	const char *path = arena_memdup(a, pointer,
	    (size_t)(token + n - pointer));
	const char *name = unescape(a, token, &n);
	struct sprout *m;

	if (path == NULL || name == NULL)
		return NULL;
	for (m = s->first; m != NULL; m = m->next)
		if (m->name_len == n && memcmp(m->name, name, n) == 0)
			return m;
	if ((m = arena_calloc(a, 1, sizeof(*m))) == NULL)
		return NULL;
	m->name = name;
	m->name_len = n;
	m->pointer = path;
	m->next = s->first;
	s->first = m;
	s->n_members++;
	return m;
}

static struct sprout *
descend(struct arena *a, struct sprout *s, const char *pointer)
{
	const char *p = pointer;
	size_t n;

	while (s != NULL && *p == '/') {
		p++;
		n = strcspn(p, "/");
		s = grow(a, s, pointer, p, n);
		p += n;
	}
	return s;
}

/* Append, so that the owner's uses stay first. */
static int
add_use(struct arena *a, struct sprout *s, struct shape_table *t,
    size_t column)
{
	struct use_link **tail = &s->uses;

	while (*tail != NULL)
		tail = &(*tail)->next;
	if ((*tail = arena_calloc(a, 1, sizeof(**tail))) == NULL)
		return -1;
	(*tail)->use = (struct shape_use){ t, column };
	s->n_uses++;
	return 0;
}

static int
sprout_all(struct arena *a, struct shape_place *p, struct sprout *root)
{
	struct sprout *s;
	size_t i, j;

	for (i = 0; i < p->n_tables; i++) {
		const struct decl_table *t = p->tables[i].table;

		for (j = 0; j < t->n_columns; j++) {
			const struct decl_column *c = &t->columns[j];

			if (c->origin == DECL_PAGE)
				s = grow(a, root, c->name, c->name,
				    strlen(c->name));
			else if (c->origin == DECL_POINTER)
				s = descend(a, root, c->pointer);
			else
				continue;
			if (s == NULL ||
			    add_use(a, s, &p->tables[i], j) == -1)
				return -1;
		}
	}
	for (i = 0; i < p->n_below; i++) {
		s = descend(a, root, p->below[i]->rows);
		if (s == NULL)
			return -1;
		s->place = p->below[i];
	}
	return 0;
}

static int
name_cmp(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return memcmp(a, b, a_len);
}

static int
shape_cmp(const void *a, const void *b)
{
	const struct shape *x = a, *y = b;

	return name_cmp(x->name, x->name_len, y->name, y->name_len);
}

static int
set_uses(struct arena *a, struct shape *to, const struct sprout *from)
{
	const struct use_link *u;
	size_t i = 0;

	to->n_uses = from->n_uses;
	to->uses = arena_calloc(a, from->n_uses, sizeof(*to->uses));
	if (to->uses == NULL)
		return -1;
	for (u = from->uses; u != NULL; u = u->next)
		to->uses[i++] = u->use;
	return 0;
}

/* The depth of this recursion is the length of a declared pointer. */
static int
lay_out(struct arena *a, struct shape *to, const struct sprout *from)
{
	const struct sprout *m;
	struct shape *out;
	size_t i, j;

	to->name = from->name;
	to->name_len = from->name_len;
	to->pointer = from->pointer;
	to->place = from->place;
	to->seen = -1;
	to->n_members = from->n_members;
	to->members = arena_calloc(a, from->n_members, sizeof(*to->members));
	if (to->members == NULL || set_uses(a, to, from) == -1)
		return -1;
	out = to->members;
	for (m = from->first; m != NULL; m = m->next)
		if (lay_out(a, out++, m) == -1)
			return -1;
	qsort(to->members, to->n_members, sizeof(*to->members), shape_cmp);
	for (i = 0; i < to->n_members; i++) {
		to->members[i].up = to;
		for (j = 0; j < to->members[i].n_members; j++)
			to->members[i].members[j].up = &to->members[i];
	}
	return 0;
}

int
shapes_init(struct shapes *s, const struct decl *d)
{
	struct shape_place *p;
	struct sprout root = { .name = "", .pointer = "" };
	int r;

	memset(s, 0, sizeof(*s));
	arena_init(&s->arena);
	r = build_places(s, d);
	for (p = s->places; r == 0 && p < s->places + s->n; p++) {
		root.first = NULL;
		root.uses = NULL;
		root.n_uses = root.n_members = 0;
		r = sprout_all(&s->arena, p, &root);
		if (r == 0)
			r = lay_out(&s->arena, &p->item, &root);
	}
	if (r == -1)
		shapes_release(s);
	return r;
}

void
shapes_release(struct shapes *s)
{
	arena_release(&s->arena);
	s->n = 0;
}

struct shape_place *
shapes_part(struct shapes *s, const char *part)
{
	struct shape_place *p;

	for (p = s->places; p < s->places + s->n; p++)
		if (p->up == NULL && p->rows != NULL &&
		    strcmp(p->part->name, part) == 0)
			return p;
	return NULL;
}

struct shape_place *
shapes_table(struct shapes *s, const struct decl_table *t)
{
	struct shape_place *p;

	for (p = s->places; p < s->places + s->n; p++)
		if (p->rows == NULL && p->tables[0].table == t)
			return p;
	return NULL;
}

static struct shape *
search(const struct shape *s, const char *name, size_t len)
{
	size_t lo = 0, hi = s->n_members, mid;
	int r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = name_cmp(name, len, s->members[mid].name,
		    s->members[mid].name_len);
		if (r == 0)
			return &s->members[mid];
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

struct shape *
shape_member(struct shape *s, struct shape *after, const char *name,
    size_t len)
{
	struct shape **hint = after != NULL ? &after->next : &s->first;
	struct shape *m = *hint;

	if (m != NULL && m->name_len == len && memcmp(m->name, name, len) == 0)
		return m;
	if ((m = search(s, name, len)) != NULL)
		*hint = m;
	return m;
}
