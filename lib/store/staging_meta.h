/*
 * staging_meta.h -- what a staging database says of itself.
 *
 * Which run staged it and by which map, how many rows each table has and
 * what was found odd: staging.h writes it at the end of its transaction,
 * and looks who was here before it gives the file its name.
 */
#ifndef STAGING_META_H
#define STAGING_META_H

#include "store/staging.h"

/* Write staging_meta, staging_tables and findings.  Returns 0 or -1, as
 * staging.h says. */
int staging_meta_write(struct staging *s, const char *run,
    const char *normalized_at);

/*
 * Has a newer run staged the dataset meanwhile?  To be asked with the lock
 * held, once s is complete.  Returns 0, or -1 with EXIT_REFUSED: replacing
 * its database would stage what is out of date.
 */
int staging_meta_fence(struct staging *s);

#endif
