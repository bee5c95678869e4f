/*
 * fit.h -- does a JSON value fit a column, and as what?
 */
#ifndef FIT_H
#define FIT_H

#include "base/arena.h"
#include "decl/decl.h"
#include "store/rowhash.h"

enum fit {
	FIT_OK,
	FIT_MAPPED,		/* it fits, by the column's value map */
	FIT_BLANK,		/* null, or text of nothing but blanks */
	FIT_WRONG,		/* another type, or a number out of range */
	FIT_BAD_TIME,		/* DECL_MINUTES: text that is no HHMM */
	FIT_MEMORY		/* errno ENOMEM or E2BIG */
};

/*
 * Turn v into the cell that column c stores.  Unless the result is FIT_OK
 * or FIT_MAPPED, *out is NULL (the cell).  Text that holds a NUL fits no
 * column: SQLite's text functions would cut it; nor does text over
 * LIMIT_KEY_BYTES fit a key column.  The cell borrows from v, from c or
 * from a.
 */
enum fit fit_value(const struct decl_column *c, yyjson_val *v,
    struct arena *a, struct cell *out);

/* Is this an ASCII blank: space, \t, \n, \v, \f, \r? */
int fit_blank(char c);

#endif
