/*
 * data.h -- what a site is made of at a tick: tables that SQL makes.
 *
 * The same declaration, seed and tick make the same tables.  SQL has one
 * function more, dice(n, key...): a number of 0 to n - 1 that looks thrown
 * and follows from seed and keys alone, so that any fact about anything
 * can be made alone, and always the same.
 */
#ifndef DATA_H
#define DATA_H

#include <stdint.h>

#include "model.h"
#include "store/db.h"

struct data {
	struct model *model;	/* borrowed */
	int64_t seed, tick;
	const char *export;	/* the file that gets a copy, or NULL */
	struct db db;		/* owned; closed while tick is -1 */
};

void data_init(struct data *d, struct model *model, int64_t seed,
    const char *export);
void data_release(struct data *d);

/*
 * Make what there is at tick, if it is not what there is; a copy replaces
 * the file.  Templates are reset.  Returns 0; or -1 with errno, EINVAL for
 * SQL that is wrong, and why.
 */
int data_make(struct data *d, int64_t tick, struct buf *why);

/*
 * The scope of the parameters, seed and tick; numbers are room for the
 * last two, as vars is.  vars needs model->n_vars + 2.
 */
#define DATA_NUMBER 24
void data_scope(const struct data *d, struct var *vars,
    char numbers[2][DATA_NUMBER], struct scope *s);

#endif
