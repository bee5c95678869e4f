/*
 * shape.h -- the map, compiled for walking one element after another.
 *
 * A place is an array whose items become rows: a part's payload, a nested
 * array, or the row records of one table that is made of pages.  Its tables are the owner, whose row keeps all of the
 * item, and distinct tables, which are projections of it.  Below a place
 * is a tree of shapes, one per member that some column or nested place
 * names; the walk steps from shape to shape and looks nothing up by
 * pointer.  What the walk notes while it runs lives here, too.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "base/arena.h"
#include "decl/decl.h"
#include "store/rowhash.h"

struct shape_use {		/* a column that takes the value here */
	struct shape_table *table;
	size_t column;
};

struct shape {
	const char *name;	/* the member; "" for the item itself */
	size_t name_len;
	struct shape *up;	/* NULL for the item itself */
	const char *pointer;	/* from the item */
	size_t n_uses;
	struct shape_use *uses;	/* the owner's first */
	struct shape_place *place;	/* items here are rows, or NULL */
	size_t n_members;
	struct shape *members;	/* sorted by length, then bytes */
	/* of the walk */
	struct shape *first;	/* the member that came first last time */
	struct shape *next;	/* the sibling that came next last time */
	int64_t seen;		/* number of the last item that had it */
};

struct shape_table {
	const struct decl_table *table;
	size_t index;		/* in decl.tables */
	struct cell *cells;	/* [n_columns], the row in the making */
};

struct shape_place {
	const struct decl_part *part;	/* of the payload */
	const char *rows;	/* pointer from the upper place's item; NULL
				 * of row records */
	struct shape_place *up;	/* NULL: the payload itself */
	size_t n_tables;
	struct shape_table *tables;	/* the owner first */
	struct shape item;
	size_t n_below;
	struct shape_place **below;	/* in declared order */
	/* of the walk */
	int64_t items;		/* walked so far */
	yyjson_val *now;	/* the array of the present upper item */
};

struct shapes {
	size_t n;
	struct shape_place *places;	/* the upper before the lower */
	struct arena arena;	/* owns all */
};

/* Compile d's map.  d must outlive s.  Returns 0, or -1 with ENOMEM. */
int shapes_init(struct shapes *s, const struct decl *d);
void shapes_release(struct shapes *s);

/* The place of a part's own elements; NULL if no table takes them. */
struct shape_place *shapes_part(struct shapes *s, const char *part);

/* The place of a table's row records. */
struct shape_place *shapes_table(struct shapes *s,
    const struct decl_table *t);

/*
 * The member of that name, or NULL if nothing names it.  after is the
 * shape that the member before it had (NULL: none, or unknown): payloads
 * repeat their order, so this is one comparison most of the time.
 */
struct shape *shape_member(struct shape *s, struct shape *after,
    const char *name, size_t len);

#endif
