/*
 * reshape.h -- put a jq program in front of the map.
 *
 * For payloads whose shape no map can express.  The decoded payload goes
 * through jq(1) as child filters; what comes out is kept in a file without
 * a name, since it is read like any payload.  jq holds the whole payload
 * in memory: this is for small ones.
 */
#ifndef RESHAPE_H
#define RESHAPE_H

#include "store/staging.h"

/*
 * Run the gzip payload in fd (borrowed, read from its beginning) through
 * the jq program in the file program.  Returns a descriptor of the result,
 * or -1 as staging.h says: status 64 when jq cannot compile the program,
 * 65 when it fails on the payload.
 */
int reshape(struct staging *s, const char *part, const char *program,
    int fd);

#endif
