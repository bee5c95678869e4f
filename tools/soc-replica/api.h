/*
 * api.h -- a request for data, answered as the real servlet does.
 */
#ifndef API_H
#define API_H

#include "replica/site.h"
#include "source.h"

/* Fill *s, but for its steps, with the API over what c has (borrowed). */
void api_site(struct cache *c, struct site *s);

#endif
