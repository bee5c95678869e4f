/*
 * map.h -- turn payload elements into rows, as the declaration says.
 *
 * One element at a time: it is walked once, each member goes to the
 * columns that name it, nested arrays become rows below.  Whatever no
 * column can hold goes to the row's extra, so that the element can be
 * rebuilt; every quirk is counted as a finding, and none stops the run.
 */
#ifndef MAP_H
#define MAP_H

#include "store/extra.h"
#include "store/staging.h"

struct map_quirk;

struct map {
	struct staging *staging;	/* borrowed */
	struct shapes shapes;
	struct shape_place *place;	/* of the part that is being read */
	struct part key;	/* of its partition */
	struct arena arena;	/* of one element */
	struct extra extra;	/* of one row */
	struct map_quirk *quirks;	/* of one row, in the arena */
	struct buf text;
	int64_t element;	/* its number in the payload, from 0 */
};

/* Compile the map of s's declaration.  Returns 0 or -1 with ENOMEM. */
int map_init(struct map *m, struct staging *s);
void map_release(struct map *m);

/* Elements that follow are of this part.  0, or -1 with errno. */
int map_begin(struct map *m, const char *part);

/*
 * Take one element of the part; it is borrowed for the call.  Returns 0,
 * or -1: staging_status() and staging_message() have why.
 */
int map_element(struct map *m, yyjson_val *element);

/*
 * Take a row record of table number t, which is made of pages: values, by
 * column.  Likewise.
 */
int map_row(struct map *m, size_t t, yyjson_val *values);

/* The part is over: find declared members that it never had.  0 or -1. */
int map_end(struct map *m);

#endif
