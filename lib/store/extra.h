/*
 * extra.h -- what a row's columns cannot hold, as one JSON text.
 *
 * Values are put at the place they have in the item: a member "x" of the
 * object "school" becomes {"school":{"x":…}}.  The text is canonical
 * (names sorted by bytes), so equal leftovers are equal text.
 */
#ifndef EXTRA_H
#define EXTRA_H

#include "base/arena.h"
#include "store/rowhash.h"
#include "store/shape.h"

struct extra_item {
	const struct shape *at;	/* the object it is a member of, or NULL */
	yyjson_val *name;	/* NULL: value is the whole item */
	yyjson_val *value;
	struct extra_item *next;
};

struct extra {
	struct arena *arena;	/* borrowed; the items and the text */
	struct extra_item *first, **tail;
};

void extra_init(struct extra *e, struct arena *a);

/*
 * Keep a member of the object at `at`; with name NULL, the whole item.
 * All is borrowed until extra_text().  Returns 0, or -1 with ENOMEM.
 */
int extra_add(struct extra *e, const struct shape *at, yyjson_val *name,
    yyjson_val *value);

/*
 * Make the text; the NULL cell if nothing was kept.  Returns 0, or -1 with
 * errno ENOMEM or E2BIG.
 */
int extra_text(const struct extra *e, struct cell *out);

/* Canonical JSON of any value, in a.  As extra_text(). */
int extra_canonical(struct arena *a, yyjson_val *v, struct cell *out);

#endif
