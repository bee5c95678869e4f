/* claims DECLARATION DATA ROUNDS N: the best of ROUNDS, in us, for one of N
 * claims, each its own transaction, then the same with the journal and the
 * disk left out (us of CPU). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/owner.h"
#include "decl/start.h"
#include "store/canon.h"
#include "store/queue.h"

static double
now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
best(struct queue *q, clockid_t clock, int rounds, int n)
{
	struct queue_item item;
	char line[OWNER_TEXT];
	struct owner o;
	double least = 0, t;
	int i, j;

	owner_self(&o, "bench");
	owner_format(&o, line);
	for (i = 0; i < rounds; i++) {
		t = now(clock);
		for (j = 0; j < n; j++) {
			const struct queue_claim c = { 0, line,
			    clock_wall_ms(), 60000 };

			if (queue_claim(q, &c, &item, 1) != 1)
				msg_die(EXIT_BUG, "%s", db_message(q->db));
		}
		t = (now(clock) - t) / n;
		if (i == 0 || t < least)
			least = t;
	}
	return least;
}

int
main(int argc, char *argv[])
{
	static struct decl d;
	struct decl_queues all;
	struct canon c;
	struct queue q;
	double wall, cpu;
	int rounds, n;

	if (argc != 5)
		return EXIT_USAGE;
	rounds = (int)strtol(argv[3], NULL, 10);
	n = (int)strtol(argv[4], NULL, 10);
	decl_start(&d, argv[1]);
	decl_start_queues(&d, &all);
	if (canon_open(&c, argv[2], &d, CANON_CHANGE, DB_BUSY_MS) == -1 ||
	    queue_open(&q, &c.db, &all.q[0], 1) == -1)
		msg_die(EXIT_BUG, "%s", canon_message(&c));
	wall = best(&q, CLOCK_MONOTONIC, rounds, n);
	db_exec(&c.db, "PRAGMA synchronous = OFF");
	cpu = best(&q, CLOCK_PROCESS_CPUTIME_ID, rounds, n);
	printf("%.0f %.0f\n", wall, cpu);
	queue_close(&q);
	canon_close(&c);
	decl_release(&d);
	return EXIT_OK;
}
