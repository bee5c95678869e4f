#include "store/load.h"

#include <errno.h>
#include <stdlib.h>

#include "base/gzip.h"
#include "base/stop.h"
#include "record/split.h"

/* Elements up to this size share one pool; it takes 12 bytes per byte. */
#define POOLED_BYTES ((size_t)1 << 20)

struct load {
	struct map *map;
	const char *part;
	struct split split;
	char *pool;		/* owned */
	size_t pool_bytes;
	int64_t bytes;
};

/* A pool large enough for an element of len bytes, if that is sensible. */
static int
pool(struct load *l, size_t len, yyjson_alc *alc)
{
	size_t need = yyjson_read_max_memory_usage(len, YYJSON_READ_INSITU);

	if (len > POOLED_BYTES)
		return 0;
	if (need > l->pool_bytes) {
		free(l->pool);
		l->pool_bytes = 0;
		if ((l->pool = malloc(2 * need)) == NULL)
			return 0;
		l->pool_bytes = 2 * need;
	}
	return yyjson_alc_pool_init(alc, l->pool, l->pool_bytes);
}

static int
take_element(char *text, size_t len, int64_t n, void *arg)
{
	struct load *l = arg;
	struct staging *s = l->map->staging;
	yyjson_read_err err;
	yyjson_alc alc;
	yyjson_doc *doc;
	int pooled = pool(l, len, &alc), r;

	if (stop_requested())
		return staging_fail(s, EXIT_TEMP, "interrupted");
	doc = yyjson_read_opts(text, len, YYJSON_READ_INSITU,
	    pooled ? &alc : NULL, &err);
	if (doc == NULL)
		return staging_fail(s, err.code ==
		    YYJSON_READ_ERROR_MEMORY_ALLOCATION ? EXIT_OS : EXIT_DATA,
		    "%s: element %lld, byte %zu: %s", l->part, (long long)n,
		    err.pos, err.msg);
	r = map_element(l->map, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	return r;
}

/* What the splitter found, unless the callback has said it. */
static int
check_split(struct load *l, enum split_result r)
{
	struct staging *s = l->map->staging;

	if (r == SPLIT_OK)
		return 0;
	if (r == SPLIT_STOPPED)
		return -1;
	return staging_fail(s, r == SPLIT_MEMORY ? EXIT_OS : EXIT_DATA,
	    "%s: byte %lld: %s", l->part, (long long)l->split.offset,
	    split_text(r));
}

static int
take_bytes(const char *bytes, size_t n, void *arg)
{
	struct load *l = arg;

	l->bytes += (int64_t)n;
	return check_split(l, split_feed(&l->split, bytes, n));
}

int
load_payload(struct map *m, const char *part, int fd,
    struct load_count *count)
{
	struct load l = { .map = m, .part = part };
	struct staging *s = m->staging;
	enum gzip_result g;
	int r = -1;

	if (map_begin(m, part) == -1)
		return staging_fail_errno(s, part);
	split_init(&l.split, LIMIT_ELEMENT_BYTES, take_element, &l);
	g = gzip_read(fd, LIMIT_PAYLOAD_BYTES, take_bytes, &l);
	if (g == GZIP_IO)
		staging_fail_errno(s, part);
	else if (g != GZIP_OK && g != GZIP_STOPPED)
		staging_fail(s, EXIT_DATA, "%s: %s", part, gzip_text(g));
	else if (g == GZIP_OK && check_split(&l, split_end(&l.split)) == 0)
		r = map_end(m);
	count->bytes = l.bytes;
	count->elements = l.split.n;
	split_release(&l.split);
	free(l.pool);
	return r;
}
