/* Workers as processes: hostile ones, slow ones, and whose fault it is. */
#include "record/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tmpdir.h"

/*
 * A worker in sh: `item` is called with the part's text, $k, for each item.
 * fin N closes it.
 */
#define LOOP(item)							\
	"row() { echo '{\"type\":\"row\",\"part\":'$k',\"table\":\"t\"}'; };" \
	"fin() { echo '{\"type\":\"done\",\"part\":'$k',\"n\":'$1'}'; };" \
	"while read -r line; do case $line in *'\"end\"'*) exit;; esac;" \
	"k=${line#*\\\"part\\\":}; k=${k%%\\}*}\\};" item "; done"

static struct work *
make_item(int id)
{
	char record[200];
	struct work *w;

	snprintf(record, sizeof(record), "{\"type\":\"item\",\"part\":"
	    "{\"id\":\"%d\"},\"epoch\":1}\n", id);
	if ((w = work_new(record, strlen(record), NULL, NULL)) == NULL)
		exit(99);
	return w;
}

/* Have n items worked on; tell what became of them, sorted by id. */
static void
work(const char *command, int n, int64_t workers, int64_t in_flight,
    struct buf *b)
{
	struct crew_options o = { .command = command, .workers = workers,
	    .in_flight = in_flight, .timeout_ms = 500 };
	char ends[10][100] = { "" };
	struct work *item;
	struct crew c;
	int i, given = 0, left = n;

	if (crew_init(&c, &o) == -1)
		exit(99);
	while (left > 0) {
		while (given < n && crew_room(&c) > 0)
			crew_give(&c, make_item(++given));
		if (crew_turn(&c, 60000) == -1)
			exit(99);
		while ((item = crew_take(&c)) != NULL) {
			snprintf(ends[atoi(item->key + 7)], 100, "%d %.80s\n",
			    atoi(item->key + 7), item->end == WORK_DONE ?
			    "done" : item->code);
			left--;
			work_free(item);
		}
	}
	crew_close(&c, 10000);
	buf_clear(b);
	for (i = 1; i <= n; i++)
		buf_str(b, ends[i]);
	buf_printf(b, "replaced %lld", (long long)c.replaced);
	crew_release(&c);
}

static const struct {
	const char *descr, *command;
	int n;
	int64_t workers, in_flight;
	const char *want;
} cases[] = {
	{ "a good one", LOOP("row; row; fin 2"), 3, 1, 1,
	    "1 done\n2 done\n3 done\nreplaced 0" },
	{ "a pipeline", "cat | sed -u 's/,\"epoch\".*/,\"n\":0}/;"
	    "s/\"item\"/\"done\"/'", 3, 1, 1,
	    "1 done\n2 done\n3 done\nreplaced 0" },
	{ "several of them", LOOP("fin 0"), 9, 3, 2, "1 done\n2 done\n"
	    "3 done\n4 done\n5 done\n6 done\n7 done\n8 done\n9 done\n"
	    "replaced 0" },
	{ "none is closed", LOOP("row; exit 0"), 2, 1, 1,
	    "1 no_done\n2 no_done\nreplaced 2" },
	{ "it exits", LOOP("exit 3"), 2, 1, 1,
	    "1 worker_exit\n2 worker_exit\nreplaced 2" },
	{ "it kills itself", LOOP("kill -9 $$"), 1, 1, 1,
	    "1 worker_exit\nreplaced 1" },
	{ "no such command", "exec /none/such 2>/dev/null", 1, 1, 1,
	    "1 worker_exit\nreplaced 1" },
	{ "a wrong count", LOOP("row; fin 2"), 2, 1, 1,
	    "1 wrong_count\n2 wrong_count\nreplaced 2" },
	{ "garbage", LOOP("echo 'Segmentation fault'"), 1, 1, 1,
	    "1 garbage\nreplaced 1" },
	{ "a line that does not end", LOOP("yes | tr -d '\\n'"), 1, 1, 1,
	    "1 too_long\nreplaced 1" },
	{ "a key that was not given", LOOP("k='{\"id\":\"9\"}'; fin 0"), 1,
	    1, 1, "1 wrong_key\nreplaced 1" },
	{ "silence", LOOP(":"), 1, 1, 1, "1 item_timeout\nreplaced 1" },
	{ "it reads nothing", "sleep 600 | sleep 600", 1, 1, 1,
	    "1 item_timeout\nreplaced 1" },
	{ "it says that it is over, and stays", "read -r line; echo "
	    "'{\"type\":\"end\"}'; exec sleep 600", 1, 1, 1,
	    "1 item_timeout\nreplaced 1" },
	{ "it closes its output, and stays", "exec >/dev/null; sleep 600",
	    1, 1, 1, "1 item_timeout\nreplaced 1" },
	/* Several in flight. */
	{ "one item's wrong count", LOOP("case $k in *2*) fin 7;; *) "
	    "fin 0;; esac"), 4, 1, 4,
	    "1 done\n2 wrong_count\n3 done\n4 done\nreplaced 1" },
	{ "one item kills it", LOOP("case $k in *2*) sleep .1; exit 1;; *) "
	    "fin 0;; esac"), 4, 1, 4,
	    "1 done\n2 worker_exit\n3 done\n4 done\nreplaced 2" },
	{ "one item makes it talk", LOOP("case $k in *3*) sleep .1;"
	    "echo what;; *) fin 0;; esac"), 4, 1, 4,
	    "1 done\n2 done\n3 garbage\n4 done\nreplaced 2" },
	{ "one is never closed", LOOP("case $k in *1*) ;; *) "
	    "fin 0;; esac"), 3, 1, 3,
	    "1 item_timeout\n2 done\n3 done\nreplaced 1" },
	{ "none is", LOOP(":"), 3, 1, 3, "1 item_timeout\n2 item_timeout\n"
	    "3 item_timeout\nreplaced 1" },
};

static void
test_cases(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, 10000);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		work(cases[i].command, cases[i].n, cases[i].workers,
		    cases[i].in_flight, &b);
		tap_str(b.data, cases[i].want, cases[i].descr);
	}
	buf_release(&b);
}

/* One that stays after its input has ended is killed. */
static void
test_close(void)
{
	struct crew_options o = { .command = "(" LOOP("fin 0") "); sleep 600",
	    .workers = 2, .in_flight = 1, .timeout_ms = 60000 };
	struct work *item;
	struct crew c;

	crew_init(&c, &o);
	crew_give(&c, make_item(1));
	while ((item = crew_take(&c)) == NULL)
		crew_turn(&c, 60000);
	work_free(item);
	tap_int(crew_close(&c, 200), 1, "one that stays has to be killed");
	tap_int(crew_close(&c, 200), 0, "once");
	crew_release(&c);
}

/* Let go while items are with it, and others wait. */
static void
test_release(void)
{
	struct crew_options o = { .command = LOOP("row"), .workers = 1,
	    .in_flight = 2, .timeout_ms = 60000 };
	struct crew c;

	crew_init(&c, &o);
	tap_int(crew_room(&c), 2, "room for two");
	crew_give(&c, make_item(1));
	tap_int(crew_room(&c), 1, "one of them taken");
	crew_turn(&c, 10);
	tap_int(crew_room(&c), 1, "room for one");
	crew_give(&c, make_item(2));
	crew_turn(&c, 10);
	tap_int(c.has, 2, "it has both");
	crew_release(&c);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);	/* as msg_init() does */
	tmpdir_enter();
	test_cases();
	test_close();
	test_release();
	tmpdir_leave();
	return tap_done();
}
