/*
 * jsonw.h -- write JSON text into a buffer, members in call order.
 *
 * Commas and colons are put in; nesting is the caller's: each _open needs
 * its _close.  The first error (memory, the buffer's maximum, bytes that
 * are not UTF-8) sticks and is returned by jsonw_end().  Within an array
 * the name argument is NULL.
 */
#ifndef JSONW_H
#define JSONW_H

#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/buf.h"

struct jsonw {
	struct buf *buf;	/* borrowed */
	int comma;		/* the next member needs one */
	int failed;		/* errno of the first failure, or 0 */
};

/* Write to buf, appending. */
void jsonw_init(struct jsonw *w, struct buf *buf);

/* jsonw_init() and open a record: {"type":TYPE. */
void jsonw_record(struct jsonw *w, struct buf *buf, const char *type);

void jsonw_obj_open(struct jsonw *w, const char *name);
void jsonw_obj_close(struct jsonw *w);
void jsonw_arr_open(struct jsonw *w, const char *name);
void jsonw_arr_close(struct jsonw *w);

void jsonw_str(struct jsonw *w, const char *name, const char *value);
void jsonw_strn(struct jsonw *w, const char *name, const char *value,
    size_t n);
/* The member is left out when value is NULL: unknown is absent. */
void jsonw_opt(struct jsonw *w, const char *name, const char *value);
void jsonw_int(struct jsonw *w, const char *name, int64_t value);
/* The shortest text that reads back as value; null if not finite. */
void jsonw_real(struct jsonw *w, const char *name, double value);
void jsonw_bool(struct jsonw *w, const char *name, int value);
void jsonw_null(struct jsonw *w, const char *name);
/* text is valid JSON already. */
void jsonw_raw(struct jsonw *w, const char *name, const char *text,
    size_t n);
void jsonw_val(struct jsonw *w, const char *name, yyjson_val *value);

/*
 * As jsonw_val(), with object keys sorted by bytes at every depth; fails
 * with E2BIG when nested deeper than LIMIT_JSON_DEPTH.
 */
void jsonw_canonical(struct jsonw *w, const char *name, yyjson_val *value);

/* How many of the first n bytes of text are whole UTF-8 (RFC 3629). */
size_t jsonw_utf8(const char *text, size_t n);

/* Close a record with }\n.  Returns 0, or -1 with errno. */
int jsonw_end(struct jsonw *w);

#endif
