#include "record/crew.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define READ_BYTES 65536	/* asked of read(2) at a time */
#define LOOK_MS 1000		/* how often the dead are looked for */
#define GRACE_MS 2000		/* for a command to end after its output */
#define NAP_MS 5		/* meanwhile */

struct crew_member {
	struct group group;
	struct worker worker;
	struct buf input;	/* what it has not read yet */
	int64_t given;		/* items, since it was started */
	int64_t ended_ms;	/* when its output had ended, or 0 */
};

/* As many records as a worker may have are less. */
#define INPUT_BYTES ((size_t)1 << 30)

int
crew_init(struct crew *c, const struct crew_options *options)
{
	size_t i, n = (size_t)options->workers;

	*c = (struct crew){ .options = *options };
	c->tail = &c->finished;
	c->list = calloc(n, sizeof(*c->list));
	c->fds = calloc(2 * n, sizeof(*c->fds));
	if (c->list == NULL || c->fds == NULL) {
		free(c->list);
		free(c->fds);
		*c = (struct crew){ .options = *options };
		errno = ENOMEM;
		return -1;
	}
	for (i = 0; i < n; i++) {
		worker_init(&c->list[i].worker, options->other, options->arg);
		buf_init(&c->list[i].input, INPUT_BYTES);
		c->list[i].group = (struct group){ 0, -1, -1 };
	}
	return 0;
}

void
crew_release(struct crew *c)
{
	int64_t i;

	for (i = 0; c->list != NULL && i < c->options.workers; i++) {
		group_end(&c->list[i].group);
		worker_release(&c->list[i].worker);
		buf_release(&c->list[i].input);
	}
	work_free_all(c->waiting);
	work_free_all(c->finished);
	free(c->list);
	free(c->fds);
	*c = (struct crew){ .options = c->options };
}

/* --- who has what -------------------------------------------------------- */

/* Let it wait for a worker, behind the others. */
static void
wait_for_worker(struct crew *c, struct work *item)
{
	struct work **p = &c->waiting;

	while (*p != NULL)
		p = &(*p)->next;
	work_reset(item);
	item->next = NULL;
	*p = item;
}

/* What the worker has finished is ours. */
static void
collect(struct crew *c, struct crew_member *m)
{
	struct work *item;

	while ((item = worker_take(&m->worker)) != NULL) {
		*c->tail = item;
		c->tail = &item->next;
	}
}

static int64_t
room_of(const struct crew *c, const struct crew_member *m)
{
	if (m->worker.over || m->ended_ms != 0 ||
	    (m->worker.first != NULL && m->worker.first->alone))
		return 0;
	return c->options.in_flight - m->worker.n;
}

int64_t
crew_room(const struct crew *c)
{
	const struct work *item;
	int64_t i, n = 0;

	for (i = 0; i < c->options.workers; i++)
		n += room_of(c, &c->list[i]);
	for (item = c->waiting; item != NULL && n > 0; item = item->next)
		n = item->alone ? 0 : n - 1;
	return n;
}

/* The one that has least to do, for this item; NULL if all are full. */
static struct crew_member *
choose(struct crew *c, const struct work *item)
{
	struct crew_member *best = NULL, *m;
	int64_t i;

	for (i = 0; i < c->options.workers; i++) {
		m = &c->list[i];
		if (room_of(c, m) > 0 && (!item->alone || m->worker.n == 0) &&
		    (best == NULL || m->worker.n < best->worker.n))
			best = m;
	}
	return best;
}

void
crew_give(struct crew *c, struct work *item)
{
	c->has++;
	wait_for_worker(c, item);
}

struct work *
crew_take(struct crew *c)
{
	struct work *item = c->finished;

	if (item == NULL)
		return NULL;
	if ((c->finished = item->next) == NULL)
		c->tail = &c->finished;
	item->next = NULL;
	c->has--;
	return item;
}

/* --- a worker's life ----------------------------------------------------- */

static int
give(struct crew *c, struct crew_member *m, struct work *item)
{
	if ((m->group.pid == 0 &&
	    group_start(&m->group, c->options.command) == -1) ||
	    buf_str(&m->input, item->record) == -1)
		return -1;
	c->waiting = item->next;
	item->given_ms = clock_mono_ms();
	worker_give(&m->worker, item);
	m->given++;
	return 0;
}

/* Give what waits, as far as there is room. */
static int
give_all(struct crew *c)
{
	struct crew_member *m;

	while (c->waiting != NULL && (m = choose(c, c->waiting)) != NULL)
		if (give(c, m, c->waiting) == -1)
			return -1;
	return 0;
}

/* It is done with; another takes its place when there is an item. */
static void
let_go(struct crew *c, struct crew_member *m)
{
	struct work *item;

	group_end(&m->group);
	collect(c, m);
	while ((item = worker_take_back(&m->worker)) != NULL)
		wait_for_worker(c, item);
	worker_release(&m->worker);
	buf_clear(&m->input);
	m->given = m->ended_ms = 0;
}

/* What happened is the fault of one of the items that it has. */
static void
blame(struct crew_member *m, const char *code, const char *text, int status)
{
	struct work *item;

	for (item = m->worker.first; item != NULL; item = item->next) {
		item->alone = 1;
		item->worker_status = status;
	}
	if (m->worker.n == 1)
		worker_fail(&m->worker, m->worker.first, code, text);
}

/* It broke the protocol. */
static void
take_fault(struct crew *c, struct crew_member *m)
{
	if (!m->worker.settled)
		blame(m, m->worker.fault, m->worker.text, -1);
	c->replaced++;
	let_go(c, m);
}

/* It came to its end, with this exit status. */
static void
take_end(struct crew *c, struct crew_member *m, int status)
{
	const struct work *item = m->worker.first;
	char text[WORK_TEXT + 64];

	snprintf(text, sizeof(text), "the worker ended with status %d%s%s",
	    status, m->worker.text[0] != '\0' ? ": " : "", m->worker.text);
	if (item != NULL) {
		blame(m, item->n > 0 ? "no_done" : "worker_exit", text,
		    status);
		c->replaced++;
	}
	let_go(c, m);
}

/* Returns 1 if items of it were not finished in time, and now are. */
static int
fail_late(struct crew *c, struct crew_member *m, int64_t now_ms)
{
	struct work *item, *next;
	char text[64];
	int late = 0;

	snprintf(text, sizeof(text), "not finished after %.1f s",
	    (double)c->options.timeout_ms / 1e3);
	for (item = m->worker.first; item != NULL; item = next) {
		next = item->next;
		if (now_ms - item->given_ms < c->options.timeout_ms)
			continue;
		worker_fail(&m->worker, item, "item_timeout", text);
		late = 1;
	}
	return late;
}

/* --- its pipes ----------------------------------------------------------- */

static void
feed(const struct crew *c, struct crew_member *m)
{
	ssize_t n = 0;

	while (m->input.len > 0 && m->group.in != -1 &&
	    (n = write(m->group.in, m->input.data, m->input.len)) > 0)
		buf_drop(&m->input, (size_t)n);
	/* If it reads no more, its output will tell what that means. */
	if ((n == -1 && errno != EAGAIN && errno != EINTR) ||
	    (c->closing && m->input.len == 0))
		group_close_in(&m->group);
}

/* Returns 1 if more may have come already, 0 if not, or -1. */
static int
hear(struct crew *c, struct crew_member *m)
{
	char bytes[READ_BYTES];
	ssize_t n = read(m->group.out, bytes, sizeof(bytes));

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		close(m->group.out);
		m->group.out = -1;
		m->ended_ms = clock_mono_ms();
		return 0;
	}
	if (worker_hear(&m->worker, bytes, (size_t)n) == -1) {
		if (m->worker.fault == NULL)
			return -1;
		take_fault(c, m);
		return 0;
	}
	collect(c, m);
	if (m->worker.over && m->ended_ms == 0)
		m->ended_ms = clock_mono_ms();
	return 1;
}

/* Has it ended, or let its time pass? */
static int
look_at(struct crew *c, struct crew_member *m, int64_t now_ms)
{
	int status = 128 + SIGKILL, ended, more = 1;

	if (m->group.pid == 0)
		return 0;
	/* What it said before counts. */
	if ((ended = group_ended(&m->group, &status)))
		while (m->group.out != -1 && more == 1)
			more = hear(c, m);
	if (more == -1)
		return -1;
	if (m->group.pid != 0 && (ended || (m->ended_ms != 0 &&
	    now_ms - m->ended_ms >= GRACE_MS))) {
		take_end(c, m, status);
	} else if (fail_late(c, m, now_ms)) {
		c->replaced++;
		let_go(c, m);
	}
	return 0;
}

/* When somebody has to be looked at, in ms from now; at most wait_ms. */
static int64_t
next_look(const struct crew *c, int64_t wait_ms, int64_t now_ms)
{
	const struct work *item;
	int64_t i, left;

	for (i = 0; i < c->options.workers; i++) {
		if (c->list[i].ended_ms != 0 && wait_ms > NAP_MS)
			wait_ms = NAP_MS;
		if ((item = c->list[i].worker.first) == NULL)
			continue;
		left = item->given_ms + c->options.timeout_ms - now_ms;
		if (left < wait_ms)
			wait_ms = left > 0 ? left : 0;
	}
	return wait_ms < LOOK_MS ? wait_ms : LOOK_MS;
}

/* What of them has something to say, or room? */
static int
wait_for_any(struct crew *c, int64_t wait_ms)
{
	const struct crew_member *m;
	int64_t i;

	for (i = 0; i < c->options.workers; i++) {
		m = &c->list[i];
		c->fds[2 * i] = (struct pollfd){ m->group.out, POLLIN, 0 };
		c->fds[2 * i + 1] = (struct pollfd){ m->input.len > 0 ?
		    m->group.in : -1, POLLOUT, 0 };
	}
	wait_ms = next_look(c, wait_ms, clock_mono_ms());
	if (poll(c->fds, (nfds_t)(2 * c->options.workers), (int)wait_ms) != -1)
		return 0;
	for (i = 0; i < 2 * c->options.workers; i++)
		c->fds[i].revents = 0;
	return errno == EINTR ? 0 : -1;
}

static int
serve(struct crew *c)
{
	int64_t i, now_ms;

	for (i = 0; i < c->options.workers; i++) {
		if (c->fds[2 * i + 1].revents != 0)
			feed(c, &c->list[i]);
		if (c->fds[2 * i].revents != 0 && hear(c, &c->list[i]) == -1)
			return -1;
	}
	now_ms = clock_mono_ms();
	if (now_ms - c->looked_ms < NAP_MS)
		return 0;
	c->looked_ms = now_ms;
	for (i = 0; i < c->options.workers; i++)
		if (look_at(c, &c->list[i], now_ms) == -1)
			return -1;
	return 0;
}

int
crew_turn(struct crew *c, int64_t wait_ms)
{
	int64_t i;

	if (give_all(c) == -1)
		return -1;
	for (i = 0; i < c->options.workers; i++)
		feed(c, &c->list[i]);
	if (c->finished != NULL)
		wait_ms = 0;
	if (wait_for_any(c, wait_ms) == -1 || serve(c) == -1)
		return -1;
	return give_all(c);
}

/* --- the end ------------------------------------------------------------- */

/* How many run still; have them told first that no more will come. */
static int64_t
running(struct crew *c, int tell)
{
	struct crew_member *m;
	int64_t i, n = 0;

	for (i = 0; i < c->options.workers; i++) {
		m = &c->list[i];
		if (m->group.pid == 0)
			continue;
		n++;
		if (tell)
			buf_printf(&m->input, "{\"type\":\"end\",\"n\":%"
			    PRId64 "}\n", m->given);
	}
	return n;
}

int64_t
crew_close(struct crew *c, int64_t wait_ms)
{
	int64_t until_ms = clock_mono_ms() + wait_ms, left_ms, n, i;

	c->closing = 1;
	n = running(c, 1);
	while (n > 0 && (left_ms = until_ms - clock_mono_ms()) > 0 &&
	    crew_turn(c, left_ms) == 0)
		n = running(c, 0);
	for (i = 0; i < c->options.workers; i++)
		group_end(&c->list[i].group);
	return n;
}
