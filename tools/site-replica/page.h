/*
 * page.h -- a request, answered with what the declaration has there.
 */
#ifndef PAGE_H
#define PAGE_H

#include "data.h"
#include "replica/site.h"

struct pages;

/* All pages of d's model, d borrowed; NULL with errno ENOMEM. */
struct pages *pages_new(struct data *d);
void pages_free(struct pages *p);

/* Fill *s with them. */
void pages_site(struct pages *p, struct site *s);

#endif
