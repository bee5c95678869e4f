/*
 * query -- time questions to a snapshot, without HTTP; see query.sh.
 *
 *	query CONFIG FOLDER ROUNDS <FILE	a "PATH?QUERY" on each line
 *
 * Prints for each line: CPU time of the median, of 99 of 100 and the most,
 * in ms, rows in all, and the question.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/query.h"

#define ROUNDS_MAX 100000

static double took[ROUNDS_MAX];

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
question(struct query *q, struct snapshot_db *s,
    const struct decl_routes *all, char *line, int rounds)
{
	struct route_capture c[ROUTE_CAPTURES_MAX];
	struct query_options o = { "bench", 0 };
	char *query = strchr(line, '?');
	const struct route *r;
	struct buf out;
	int i, status = 200;
	double began;
	size_t n;

	if (query != NULL)
		*query++ = '\0';
	if ((r = route_match(all, line, c, &n)) == NULL)
		return -1;
	buf_init(&out, QUERY_ANSWER_BYTES);
	for (i = 0; i < rounds && status == 200; i++) {
		buf_clear(&out);
		began = cpu_ms();
		status = query_answer(q, s, r, c, n, query, &o, &out);
		took[i] = cpu_ms() - began;
	}
	qsort(took, (size_t)rounds, sizeof(took[0]), by_size);
	printf("%8.3f %8.3f %8.3f %7zu  %d %s?%s\n", took[rounds / 2],
	    took[rounds * 99 / 100], took[rounds - 1], out.len, status, line,
	    query != NULL ? query : "");
	buf_release(&out);
	return status == 200 ? 0 : -1;
}

int
main(int argc, char *argv[])
{
	struct decl_snapshot rules;
	struct decl_routes routes;
	struct snapshot_db s;
	struct query q;
	struct decl d;
	struct buf why;
	char line[4096];
	int rounds = argc == 4 ? atoi(argv[3]) : 0, bad = 0;

	buf_init(&why, 8192);
	if (rounds < 1 || rounds > ROUNDS_MAX ||
	    decl_load(&d, argv[1], &why) == -1 ||
	    decl_snapshot_read(&d, &rules, &why) == -1 ||
	    decl_routes_read(&d, &routes, &why) == -1) {
		fprintf(stderr, "query: %s\n", why.len > 0 ? why.data :
		    "usage: query CONFIG FOLDER ROUNDS");
		return 64;
	}
	if (snapshot_db_open(&s, argv[2], &rules) == -1) {
		fprintf(stderr, "query: %s\n", db_message(&s.db));
		return 66;
	}
	query_init(&q);
	printf("  median      p99      max   bytes  (ms of CPU)\n");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (question(&q, &s, &routes, line, rounds) == -1)
			bad++;
	}
	query_release(&q);
	snapshot_db_close(&s);
	decl_release(&d);
	return bad > 0;
}
