/* test-gate-series -- which answers are samples of what. */
#include <string.h>

#include "store/gate_series.h"
#include "tap.h"

/*
 * Answers one second apart, by a letter each: A active, S the same rows,
 * O offered, P what the series had so far, R rejected, X anything else.
 * A series that is there before has two samples, of 1 s and 2 s before.
 */
static const struct {
	const char *descr, *answers;
	int held, series, agrees;
	/* held, good, samples, fresh, first, last; restarted; seq */
	struct {
		int held;
		int64_t good, samples, fresh, first, last;
		int restarted;
		int64_t seq;
	} want;
} walks[] = {
	{ "no answer: staging is one", "", 0, 0, 0,
	    { 0, 0, 1, 1, 99, 99, 1, 0 } },
	{ "one", "O", 0, 0, 0, { 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "three", "OOO", 0, 0, 0, { 0, 0, 3, 3, 1, 3, 1, 3 } },
	{ "good ones before", "AASO", 0, 0, 0, { 0, 3, 1, 1, 4, 4, 1, 4 } },
	{ "a good one in between", "OOAO", 0, 0, 0,
	    { 0, 1, 1, 1, 4, 4, 1, 4 } },
	{ "another in between", "OOXO", 0, 0, 0, { 0, 0, 1, 1, 4, 4, 1, 4 } },
	{ "another after it waits", "OOX", 0, 0, 0,
	    { 0, 0, 2, 2, 1, 2, 1, 2 } },
	{ "others only: staging is one", "XX", 0, 0, 0,
	    { 0, 0, 1, 1, 99, 99, 1, 0 } },
	{ "held, and nothing new of what agrees", "", 1, 1, 1,
	    { 1, 0, 3, 1, -2, 99, 0, 0 } },
	{ "held, and the same again", "P", 1, 1, 1,
	    { 1, 0, 4, 2, -2, 99, 0, 1 } },
	{ "held, and it goes on", "PO", 1, 1, 1,
	    { 1, 0, 4, 2, -2, 2, 0, 2 } },
	{ "held, and it does not agree", "PO", 1, 1, 0,
	    { 1, 0, 1, 1, 2, 2, 1, 2 } },
	{ "held, interrupted", "POXO", 1, 1, 1, { 1, 0, 1, 1, 4, 4, 1, 4 } },
	{ "held, recovered, again", "PAO", 1, 1, 1,
	    { 0, 1, 1, 1, 3, 3, 1, 3 } },
	{ "the old one is no more known", "OP O", 1, 1, 0,
	    { 1, 0, 1, 1, 4, 4, 1, 4 } },
	{ "held, and what a person rejected", "PRO", 1, 1, 1,
	    { 1, 0, 1, 1, 3, 3, 1, 3 } },
};

static void
walk(struct gate_walk *w, const char *answers)
{
	int64_t n;
	char sha[2] = "";

	for (n = 1; answers[n - 1] != '\0'; n++) {
		sha[0] = answers[n - 1];
		gate_walk(w, n, n * 1000, sha);
	}
}

static struct gate_walk
start(int held, int series, int agrees)
{
	struct gate_walk w = { .active = "A", .same = "S", .offered = "O",
	    .rejected = "R", .held = held, .agrees = agrees };

	if (series)
		w.series = (struct gate_series){ "P", 2, -2000, -1000 };
	return w;
}

static void
test_walks(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(walks); i++) {
		struct gate_walk w = start(walks[i].held, walks[i].series,
		    walks[i].agrees);

		walk(&w, walks[i].answers);
		gate_walk_end(&w, 99000);
		tap_int(w.series.samples, walks[i].want.samples,
		    walks[i].descr);
		tap_ok(w.held == walks[i].want.held &&
		    w.good == walks[i].want.good &&
		    w.fresh == walks[i].want.fresh &&
		    w.series.first_ms == walks[i].want.first * 1000 &&
		    w.series.last_ms == walks[i].want.last * 1000 &&
		    w.restarted == walks[i].want.restarted &&
		    w.seq == walks[i].want.seq, "and the rest of it");
	}
}

static void
test_rejected(void)
{
	char list[GATE_REJECTED_BYTES] = "", one[DIGEST_TEXT];
	int i;

	tap_ok(!gate_is_rejected(list, "a") && !gate_is_rejected(NULL, "a") &&
	    !gate_is_rejected("a b", "") && !gate_is_rejected("a", NULL),
	    "nothing is rejected");
	gate_reject(list, "a");
	gate_reject(list, "bb");
	gate_reject(list, "c");
	gate_reject(list, "a");
	tap_str(list, "a c bb", "rejected, the last one first, each once");
	tap_ok(gate_is_rejected(list, "a") && gate_is_rejected(list, "bb") &&
	    !gate_is_rejected(list, "b"), "whole digests count");
	gate_unreject(list, "b");
	gate_unreject(list, "c");
	tap_str(list, "a bb", "one from the middle");
	gate_unreject(list, "bb");
	tap_str(list, "a", "the last one");
	gate_unreject(list, "a");
	tap_str(list, "", "the only one");
	for (i = 0; i < 20; i++) {
		snprintf(one, sizeof(one), "%064d", i);
		gate_reject(list, one);
	}
	snprintf(one, sizeof(one), "%064d", 4);
	tap_ok(gate_is_rejected(list, one), "sixteen are remembered");
	snprintf(one, sizeof(one), "%064d", 3);
	tap_ok(!gate_is_rejected(list, one), "no more");
}

int
main(void)
{
	struct gate_walk w;

	test_rejected();
	test_walks();
	w = start(1, 1, 0);
	w.offered = "A";
	gate_walk_end(&w, 5000);
	tap_ok(!w.held && w.good == 1 && w.good_ms == 5000,
	    "without a ledger what is good is one, too");
	w = start(0, 0, 0);
	w.offered = "A";
	gate_walk_end(&w, 5000);
	tap_int(w.good, 0, "but nothing is counted for nothing");
	w = start(1, 0, 0);
	w.offered = "R";
	walk(&w, "RRR");
	gate_walk_end(&w, 5000);
	tap_ok(w.held && w.series.samples == 0 && w.seq == 0,
	    "what was rejected is no sample");
	w.active = w.same = NULL;
	tap_ok(!gate_walk_good(&w, NULL), "no content is not good");
	return tap_done();
}
