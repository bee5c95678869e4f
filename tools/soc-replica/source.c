#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/* Compressed bytes kept: two ticks of every campus, in 32 MB of memory. */
#define CACHE_BYTES ((size_t)6 << 20)
#define CACHE_SLOTS 64

struct slot {
	struct query query;
	int64_t tick;
	struct packed *packed;		/* shared; NULL: free */
	uint64_t used;			/* the larger, the later */
};

struct cache {
	const struct source *source;	/* borrowed */
	pthread_mutex_t lock;		/* the slots */
	pthread_mutex_t making;		/* one answer is made at a time */
	struct slot slots[CACHE_SLOTS];
	uint64_t clock;
};

static const char *const names[ENDPOINTS] = { "courses", "openSections" };

const char *
endpoint_name(enum endpoint e)
{
	return names[e];
}

int
endpoint_find(const char *name)
{
	int e;

	for (e = 0; e < ENDPOINTS; e++)
		if (strcmp(names[e], name) == 0)
			return e;
	return -1;
}

void
query_key(const struct query *q, char out[QUERY_KEY])
{
	snprintf(out, QUERY_KEY, "%" PRId64 "%" PRId64 "/%s/%s", q->year,
	    q->term, q->campus, endpoint_name(q->endpoint));
}

/* A term is written as its year and one digit. */
static int
read_term(struct query *q, const char *text)
{
	int64_t n;

	if (strcmp(text, "*") == 0)
		return 0;
	if (num_parse(text, 0, INT32_MAX, &n) == -1)
		return -1;
	q->year = n / 10;
	q->term = n % 10;
	return 0;
}

int
query_read_key(struct query *q, const char *key)
{
	char copy[QUERY_KEY], *campus, *name;
	int endpoint;

	snprintf(copy, sizeof(copy), "%s", key);
	errno = EINVAL;
	if ((campus = strchr(copy, '/')) == NULL ||
	    (name = strchr(campus + 1, '/')) == NULL)
		return -1;
	*campus++ = *name++ = '\0';
	endpoint = strcmp(name, "*") == 0 ? (int)q->endpoint :
	    endpoint_find(name);
	if (endpoint == -1 || strlen(campus) >= sizeof(q->campus) ||
	    read_term(q, copy) == -1)
		return -1;
	q->endpoint = (enum endpoint)endpoint;
	if (strcmp(campus, "*") != 0)
		memcpy(q->campus, campus, strlen(campus) + 1);
	return 0;
}

struct packed *
source_nothing(const char *campus)
{
	return packed_from_text("[]", 2, campus);
}

struct cache *
cache_new(const struct source *source)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->source = source;
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->making, NULL);
	return c;
}

void
cache_free(struct cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < CACHE_SLOTS; i++)
		packed_unref(c->slots[i].packed);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->making);
	free(c);
}

static int
same_query(const struct query *a, const struct query *b)
{
	return a->endpoint == b->endpoint && a->year == b->year &&
	    a->term == b->term && strcmp(a->campus, b->campus) == 0;
}

static struct packed *
find(struct cache *c, const struct query *q, int64_t tick)
{
	struct packed *p = NULL;
	size_t i;

	pthread_mutex_lock(&c->lock);
	for (i = 0; i < CACHE_SLOTS && p == NULL; i++) {
		struct slot *s = &c->slots[i];

		if (s->packed != NULL && s->tick == tick &&
		    same_query(&s->query, q)) {
			s->used = ++c->clock;
			p = packed_ref(s->packed);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return p;
}

/* The slot that was used least recently, or NULL if none is in use. */
static struct slot *
oldest(struct cache *c)
{
	struct slot *s, *old = NULL;

	for (s = c->slots; s < c->slots + CACHE_SLOTS; s++)
		if (s->packed != NULL && (old == NULL || s->used < old->used))
			old = s;
	return old;
}

static size_t
total(const struct cache *c)
{
	size_t i, n = 0;

	for (i = 0; i < CACHE_SLOTS; i++)
		if (c->slots[i].packed != NULL)
			n += c->slots[i].packed->gz.len;
	return n;
}

static void
evict(struct slot *s)
{
	packed_unref(s->packed);
	s->packed = NULL;
}

static void
keep(struct cache *c, const struct query *q, int64_t tick, struct packed *p)
{
	struct slot *s;

	pthread_mutex_lock(&c->lock);
	while (total(c) > 0 && total(c) + p->gz.len > CACHE_BYTES)
		evict(oldest(c));
	for (s = c->slots; s < c->slots + CACHE_SLOTS; s++)
		if (s->packed == NULL)
			break;
	if (s == c->slots + CACHE_SLOTS)
		evict(s = oldest(c));
	*s = (struct slot){ *q, tick, packed_ref(p), ++c->clock };
	pthread_mutex_unlock(&c->lock);
}

static struct packed *
make(struct cache *c, const struct query *q, int64_t tick)
{
	int nothing = 0;
	struct packed *p = c->source->make(c->source->arg, q, tick,
	    &nothing);

	if (nothing)
		return source_nothing(q->campus);
	if (p != NULL)
		keep(c, q, tick, p);
	return p;
}

struct packed *
cache_get(struct cache *c, const struct query *q, int64_t tick)
{
	struct packed *p;

	if (c->source->steps > 0 && tick >= c->source->steps)
		tick = c->source->steps - 1;
	if ((p = find(c, q, tick)) != NULL)
		return p;
	pthread_mutex_lock(&c->making);
	p = find(c, q, tick);	/* another may have made it meanwhile */
	if (p == NULL)
		p = make(c, q, tick);
	pthread_mutex_unlock(&c->making);
	return p;
}
