#include "serve/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The last one is every other. */
static const unsigned int statuses[METRICS_STATUSES] = { 200, 204, 304, 400,
    404, 405, 413, 414, 431, 500, 503, 0 };

/* Upper bounds of durations. */
static const struct {
	int64_t us;
	const char *seconds;
} bounds[METRICS_BUCKETS] = {
	{ 100, "0.0001" }, { 250, "0.00025" }, { 500, "0.0005" },
	{ 1000, "0.001" }, { 2000, "0.002" }, { 5000, "0.005" },
	{ 10000, "0.01" }, { 25000, "0.025" }, { 50000, "0.05" },
	{ 100000, "0.1" }, { 250000, "0.25" }, { 1000000, "1" },
	{ 5000000, "5" }
};

int
metrics_init(struct metrics *c, size_t n)
{
	memset(c, 0, sizeof(*c));
	c->n = n;
	c->places = calloc(n, sizeof(*c->places));
	return c->places == NULL ? -1 : 0;
}

void
metrics_release(struct metrics *c)
{
	free(c->places);
}

static void
add(_Atomic int64_t *n, int64_t more)
{
	atomic_fetch_add_explicit(n, more, memory_order_relaxed);
}

void
metrics_add(struct metrics *c, const struct call *call, int64_t us)
{
	struct metrics_place *p = &c->places[call->place];
	size_t i;

	for (i = 0; i + 1 < METRICS_STATUSES; i++)
		if (statuses[i] == call->status)
			break;
	add(&p->statuses[i], 1);
	for (i = 0; i < METRICS_BUCKETS && us > bounds[i].us; i++)
		;
	add(&p->buckets[i], 1);
	add(&p->us, us);
	add(&p->bytes, (int64_t)call->bytes);
}

static int
head(struct buf *b, const char *name, const char *kind, const char *help)
{
	return buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help,
	    name, kind);
}

int
metrics_one(struct buf *b, const char *name, const char *kind,
    const char *help, int64_t value)
{
	return head(b, name, kind, help) == -1 ? -1 :
	    buf_printf(b, "%s %" PRId64 "\n", name, value);
}

static int
write_requests(struct metrics *c, struct buf *b)
{
	const struct metrics_place *p;
	size_t i;

	if (head(b, "sluice_requests_total", "counter",
	    "Requests that were answered.") == -1)
		return -1;
	for (p = c->places; p < c->places + c->n; p++)
		for (i = 0; i < METRICS_STATUSES; i++)
			if (p->statuses[i] > 0 && buf_printf(b,
			    "sluice_requests_total{route=\"%s\",status="
			    "\"%u\"} %" PRId64 "\n", p->name, statuses[i],
			    p->statuses[i]) == -1)
				return -1;
	return 0;
}

static int
write_bytes(struct metrics *c, struct buf *b)
{
	const struct metrics_place *p;

	if (head(b, "sluice_response_bytes_total", "counter",
	    "Bytes of bodies, as sent.") == -1)
		return -1;
	for (p = c->places; p < c->places + c->n; p++)
		if (p->bytes > 0 && buf_printf(b,
		    "sluice_response_bytes_total{route=\"%s\"} %" PRId64 "\n",
		    p->name, p->bytes) == -1)
			return -1;
	return 0;
}

static int
write_durations(const struct metrics_place *p, struct buf *b)
{
	static const char name[] = "sluice_request_duration_seconds";
	int64_t n = 0, us = p->us;
	size_t i;

	for (i = 0; i < METRICS_BUCKETS; i++) {
		n += p->buckets[i];
		if (buf_printf(b, "%s_bucket{route=\"%s\",le=\"%s\"} %" PRId64
		    "\n", name, p->name, bounds[i].seconds, n) == -1)
			return -1;
	}
	n += p->buckets[i];
	return buf_printf(b, "%s_bucket{route=\"%s\",le=\"+Inf\"} %" PRId64
	    "\n%s_sum{route=\"%s\"} %" PRId64 ".%06" PRId64 "\n"
	    "%s_count{route=\"%s\"} %" PRId64 "\n", name, p->name, n, name,
	    p->name, us / 1000000, us % 1000000, name, p->name, n);
}

int
metrics_write(struct metrics *c, struct buf *b)
{
	size_t i;

	if (write_requests(c, b) == -1 || write_bytes(c, b) == -1 ||
	    head(b, "sluice_request_duration_seconds", "histogram",
	    "From a request's first line to its answer's last byte.") == -1)
		return -1;
	for (i = 0; i < c->n; i++)
		if (write_durations(&c->places[i], b) == -1)
			return -1;
	return metrics_one(b, "sluice_snapshot_swaps_total", "counter",
	    "Snapshots gone on to.", c->swaps) == -1 ||
	    metrics_one(b, "sluice_snapshot_failures_total", "counter",
	    "Times that what is current could not be served.",
	    c->failed_swaps) == -1 ? -1 : 0;
}
