/*
 * place.h -- where in its file each value of a declaration stands.
 *
 * JSON that was parsed, or made of TOML, has lost its lines and columns.
 * They are kept beside it, for messages only: one place for each name and
 * each value, in the order of the text, which is the order in which yyjson
 * keeps the values of a document that it has read.
 */
#ifndef DECL_PLACE_H
#define DECL_PLACE_H

#include <stdint.h>
#include <yyjson.h>

#include "base/arena.h"

struct place {
	int32_t line, column;	/* from 1; columns count characters */
};

struct places {
	yyjson_val *root;	/* borrowed; what the places are of */
	size_t n;		/* 0: nothing is known */
	struct place *at;	/* in the arena given */
};

/*
 * Take them from text, which is the n bytes that doc was parsed from.
 * Returns 0, or -1 with errno ENOMEM.
 */
int places_scan(struct places *p, yyjson_doc *doc, const char *text,
    size_t n, struct arena *a);

/*
 * Take those that toml-json --places wrote for root, which is within doc:
 * an array of line, column, line, column and so on.  As places_scan().
 */
int places_take(struct places *p, yyjson_val *root, yyjson_val *list,
    struct arena *a);

/*
 * The place of path, "table.items.columns", or of the last value on the
 * way to it that there is: of its name, or of itself in an array, where
 * the path counts from 1.  member, if not NULL, is one more step.  NULL if
 * there is no such value, or its place is not known.
 */
const struct place *places_find(const struct places *p, const char *path,
    const char *member);

#endif
