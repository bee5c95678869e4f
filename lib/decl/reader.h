/*
 * reader.h -- typed access to a declaration's JSON, with named mistakes.
 *
 * For who reads a declaration.  Each call that fails says what is wrong as
 * "FILE:LINE:COLUMN: WHERE: what" in the reader's message, once, and sets
 * errno to EINVAL (or ENOMEM).  WHERE is a path such as "table.items.key",
 * or "queue.items.transition.3" within an array, counted from 1; line and
 * column are those of the last value on that path that there is.
 */
#ifndef DECL_READER_H
#define DECL_READER_H

#include <stdint.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "decl/place.h"

struct decl;

struct reader {
	const char *file;	/* borrowed */
	struct buf *why;	/* borrowed */
	struct arena *arena;	/* borrowed; paths and arrays live there */
	const struct places *places;	/* borrowed */
};

/* A reader of d (borrowed) that says into why (borrowed). */
struct reader reader_of(struct decl *d, struct buf *why);

/*
 * Read the reader's file: .json as it is, .toml through the child
 * toml-json.  Returns 0 and sets *doc, which the caller frees, *root and
 * *places in it; or -1 with errno (ENOENT: no such file; EINVAL: it is
 * wrong) after saying so.
 */
int reader_load(const struct reader *r, yyjson_doc **doc, yyjson_val **root,
    struct places *places);

/* Say what is wrong at where.  Returns -1 with errno EINVAL. */
int reader_fail(const struct reader *r, const char *where, const char *fmt,
    ...) MSG_FMT(3, 4);

/* The same about a member of where, if it is there. */
int reader_fail_at(const struct reader *r, const char *where,
    const char *member, const char *fmt, ...) MSG_FMT(4, 5);

/* n zeroed items of size bytes each; NULL after saying so. */
void *reader_array(const struct reader *r, size_t n, size_t size);

/* "PREFIX.NAME" in the arena; NULL after saying so. */
const char *reader_path(const struct reader *r, const char *prefix,
    const char *name);

/*
 * Is v an object whose members are all named in allowed (NULL-terminated;
 * NULL: any) and none twice?  0 or -1.
 */
int reader_object(const struct reader *r, const char *where, yyjson_val *v,
    const char *const *allowed);

/*
 * Take member name of obj.  An absent one leaves *out alone and is an
 * error only if needed.  Returns 0, or -1 when it has another type.
 */
int reader_string(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, int needed, const char **out);
int reader_flag(const struct reader *r, const char *where, yyjson_val *obj,
    const char *name, int *out);

/* As reader_string(), optional: an integer from min to max. */
int reader_integer(const struct reader *r, const char *where,
    yyjson_val *obj, const char *name, int64_t min, int64_t max,
    int64_t *out);

/* As reader_string(), an array of strings; *out is in the arena. */
int reader_strings(const struct reader *r, const char *where,
    yyjson_val *obj, const char *name, int needed, const char ***out,
    size_t *n);

/* Is name one of [a-z][a-z0-9_]*, at most 63 bytes?  0 or -1. */
int reader_name(const struct reader *r, const char *where, const char *name);

#endif
