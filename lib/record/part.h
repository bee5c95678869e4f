/*
 * part.h -- the key of a partition, and its forms.
 *
 * A key is a few named values in declared order, e.g. year=2026,
 * site=A, kind=items.  As JSON it is the record member
 * "part"; in paths it is Hive style, values %-encoded (path.h); for
 * people and pointers it is the values alone, joined by '/'.
 */
#ifndef PART_H
#define PART_H

#include <yyjson.h>

#include "base/buf.h"
#include "base/limits.h"
#include "record/jsonw.h"

struct part_member {
	char name[64];
	char value[LIMIT_PART_VALUE_BYTES];
};

struct part {
	size_t n;
	struct part_member m[LIMIT_PART_MEMBERS];
};

/*
 * Take the members of a JSON object, in its order; names differ, values
 * are non-empty strings without NUL.
 * Returns 0, or -1 with errno EINVAL (not such an object) or
 * E2BIG (too many members, a name or value too long).
 */
int part_read(struct part *p, yyjson_val *object);

/* As part_read(), from JSON text ("part" as stored in a table). */
int part_parse(struct part *p, const char *json);

/* Append one member.  Errors as part_read(). */
int part_add(struct part *p, const char *name, const char *value);

/* The value of a member, or NULL. */
const char *part_get(const struct part *p, const char *name);

/* Same members with the same values in the same order? */
int part_equal(const struct part *a, const struct part *b);

void part_write(const struct part *p, struct jsonw *w, const char *name);

/* Append the JSON object text; the canonical text of the key. */
int part_json(const struct part *p, struct buf *b);

/* Append "year=2026/site=A/kind=items". */
int part_hive(const struct part *p, struct buf *b);

/* Append values from..to (exclusive): "2026/A".  %-encoded. */
int part_values(const struct part *p, size_t from, size_t to,
    struct buf *b);

#endif
