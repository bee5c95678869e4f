/*
 * captures.h -- answers of the real API, kept in a folder, as a source.
 *
 * DIR/YEAR-TERM/CAMPUS/ENDPOINT.YYYYMMDDTHHMMSSZ.json.gz.  The distinct
 * times over the folder are the steps: at a step each endpoint serves its
 * newest capture that is not later, else its first.
 */
#ifndef CAPTURES_H
#define CAPTURES_H

#include "source.h"

struct captures;

/*
 * List the captures below dir and make *s serve them; c owns what *s uses.
 * Files of other names are passed over.  Returns NULL with errno: ENOENT
 * also when the folder has no capture at all.
 */
struct captures *captures_open(const char *dir, struct source *s);
void captures_free(struct captures *c);

#endif
