#include "decl/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"

#define WHY_BYTES 65536

void
decl_start_failed(const struct buf *why)
{
	msg_die(errno == EINVAL ? EXIT_USAGE : msg_status(errno), "%s",
	    why->data);
}

void
decl_start(struct decl *d, const char *file)
{
	struct buf why;

	buf_init(&why, WHY_BYTES);
	if (decl_load(d, file, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
}

struct part
decl_start_dataset(const struct decl *d, const char *label)
{
	struct part dataset;

	struct buf lengths;
	size_t i;

	if (decl_dataset(d, label, &dataset) == 0)
		return dataset;
	buf_init(&lengths, 256);
	for (i = 0; i < d->n_kinds; i++)
		buf_printf(&lengths, "%s%zu", i > 0 ? " or " : "",
		    d->kinds[i].n_key);
	msg_die(EXIT_USAGE, "%s: not a dataset of %s (%s values, separated "
	    "by /)", label, d->source, lengths.data);
}

struct part
decl_start_staged(const struct decl *d, const char *label)
{
	struct part dataset = decl_start_dataset(d, label);
	size_t i;

	for (i = 0; i < d->n_kinds; i++)
		if (d->kinds[i].paged && decl_has(&d->kinds[i], &dataset))
			msg_die(EXIT_USAGE, "%s: its rows come item by item, "
			    "of pages: job-loop makes its versions", label);
	return dataset;
}

void
decl_start_snapshot(struct decl *d, struct decl_snapshot *out)
{
	struct buf why;

	buf_init(&why, WHY_BYTES);
	if (decl_snapshot_read(d, out, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
}

void
decl_start_routes(struct decl *d, struct decl_routes *out)
{
	struct buf why;

	buf_init(&why, WHY_BYTES);
	if (decl_routes_read(d, out, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
}

void
decl_start_any_queues(struct decl *d, struct decl_queues *all)
{
	struct buf why;

	buf_init(&why, WHY_BYTES);
	if (decl_queues_read(d, all, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
}

void
decl_start_queues(struct decl *d, struct decl_queues *all)
{
	decl_start_any_queues(d, all);
	if (all->n == 0)
		msg_die(EXIT_USAGE, "%s: it declares no queue", d->file);
}

const struct decl_queue *
decl_start_queue(const struct decl *d, const struct decl_queues *all,
    const char *name)
{
	const struct decl_queue *q;

	if (name == NULL && all->n == 1)
		return &all->q[0];
	if (name == NULL)
		msg_die(EXIT_USAGE, "%s has %zu queues: which one? --queue "
		    "%s, ...", d->source, all->n, all->q[0].name);
	if ((q = decl_queue(all, name)) == NULL)
		msg_die(EXIT_USAGE, "--queue %s: no queue of %s", name,
		    d->source);
	return q;
}

char *
decl_start_base(const char *option)
{
	const char *base = option != NULL ? option : getenv("BASE");
	size_t n;
	char *copy;

	if (base == NULL)
		base = "";
	n = strlen(base);
	if (n > 0 && strncmp(base, "http://", 7) != 0 &&
	    strncmp(base, "https://", 8) != 0)
		msg_die(EXIT_USAGE, "--base %s: no http or https URL", base);
	while (n > 0 && base[n - 1] == '/')
		n--;
	if ((copy = strndup(base, n)) == NULL)
		msg_die_errno(EXIT_OS, "--base");
	return copy;
}
