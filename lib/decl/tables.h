/*
 * tables.h -- the [table] sections of a declaration: the map.
 *
 * Internal to lib/decl.
 */
#ifndef DECL_TABLES_H
#define DECL_TABLES_H

#include "decl/decl.h"
#include "decl/reader.h"

/*
 * Read and check every table of d->root.  The dataset's key and the parts
 * are known already.  Returns 0, or -1 after saying why.
 */
int tables_read(const struct reader *r, struct decl *d);

#endif
