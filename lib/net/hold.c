#include "net/hold.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "net/url.h"

struct hold {
	struct hold *next;
	char *site;			/* owned */
	struct task *first, **last;	/* owned */
};

/* Where the hold on the site of url is, or the end.  NULL with errno. */
static struct hold **
find(struct holds *h, const char *url, struct buf *site)
{
	struct hold **p;

	if (url_site(url, site) == -1)
		return NULL;
	for (p = &h->first; *p != NULL; p = &(*p)->next)
		if (strcmp((*p)->site, site->data) == 0)
			break;
	return p;
}

static struct hold *
hold_new(struct buf *site)
{
	struct hold *one = calloc(1, sizeof(*one));

	if (one == NULL)
		return NULL;
	one->last = &one->first;
	if ((one->site = buf_detach(site)) != NULL)
		return one;
	free(one);
	return NULL;
}

int
holds_add(struct holds *h, const char *url, struct task *t)
{
	struct buf site;
	struct hold **p;
	int r = 0;

	buf_init(&site, PATH_BYTES_MAX);
	p = find(h, url, &site);
	if (p != NULL && *p == NULL) {
		*p = hold_new(&site);
		r = 1;
	}
	buf_release(&site);
	if (p == NULL || *p == NULL)
		return -1;
	t->next = NULL;
	*(*p)->last = t;
	(*p)->last = &t->next;
	h->n++;
	return r;
}

struct task *
holds_take(struct holds *h, const char *url)
{
	struct hold **p = &h->first, *one;
	struct buf site;
	struct task *t;

	buf_init(&site, PATH_BYTES_MAX);
	if (url != NULL)
		p = find(h, url, &site);
	buf_release(&site);
	if (p == NULL || (one = *p) == NULL)
		return NULL;
	t = one->first;
	h->n--;
	if ((one->first = t->next) == NULL) {
		*p = one->next;
		free(one->site);
		free(one);
	}
	return t;
}
