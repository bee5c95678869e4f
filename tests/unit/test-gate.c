/* test-gate -- what the gate holds, and how an outcome is told. */
#include <string.h>

#include "store/gate.h"
#include "store/outcome.h"
#include "tap.h"

/* Limits of round numbers: a tenth, half, a twentieth, at least 25 rows. */
static const struct decl_gate rules = {
	.young_ms = 3600000, .missing = { 0.10, 0.50, 0.05 },
	.growth = { 0.50, 2.0, 0.25 }, .least_rows = 25, .median_of = 16,
	.lasting_samples = 3, .lasting_ms = 300000,
	.lasting_difference = 0.01
};

static const struct {
	const char *descr;
	/* active, staged, gone, added, baseline, records, first */
	struct gate_sample in;
	enum gate_limits limits;
	enum gate_verdict want;
} cases[] = {
	{ "first rows", { 0, 10, 0, 10, 0, 10, 1 }, GATE_YOUNG, GATE_OPEN },
	{ "first, and empty", { 0, 0, 0, 0, 0, 0, 1 }, GATE_YOUNG,
	    GATE_EMPTY_FIRST },
	{ "empty as before", { 0, 0, 0, 0, 0, 0, 0 }, GATE_YOUNG,
	    GATE_OPEN },
	{ "rows where there were none", { 0, 9999, 0, 9999, 0, 9999, 0 },
	    GATE_YOUNG, GATE_OPEN },
	{ "nothing missing", { 10, 10, 0, 0, 10, 10, 0 }, GATE_YOUNG,
	    GATE_OPEN },
	{ "empty after non-empty", { 9, 0, 9, 0, 9, 0, 0 }, GATE_OLD,
	    GATE_EMPTY },
	{ "empty after non-empty, held", { 9, 0, 9, 0, 9, 0, 0 },
	    GATE_RECOVERED, GATE_EMPTY },
	{ "one row, gone", { 1, 0, 1, 0, 1, 0, 0 }, GATE_OLD, GATE_EMPTY },
	{ "other rows", { 9, 9, 9, 9, 9, 9, 0 }, GATE_OLD,
	    GATE_NO_INTERSECTION },
	{ "other rows, held", { 9, 9, 9, 9, 9, 9, 0 }, GATE_RECOVERED,
	    GATE_NO_INTERSECTION },
	{ "one other row", { 1, 1, 1, 1, 1, 1, 0 }, GATE_OLD,
	    GATE_NO_INTERSECTION },
	{ "24 rows of a short list", { 30, 6, 24, 0, 30, 6, 0 }, GATE_YOUNG,
	    GATE_OPEN },
	{ "25 rows of a short list", { 30, 5, 25, 0, 30, 5, 0 }, GATE_YOUNG,
	    GATE_MISSING },
	{ "25 rows of 250, just a tenth", { 250, 225, 25, 0, 250, 225, 0 },
	    GATE_YOUNG, GATE_MISSING },
	{ "just under a tenth", { 1000, 901, 99, 0, 1000, 901, 0 },
	    GATE_YOUNG, GATE_OPEN },
	{ "just a tenth", { 1000, 900, 100, 0, 1000, 900, 0 }, GATE_YOUNG,
	    GATE_MISSING },
	{ "a tenth of 1,001 is 101", { 1001, 901, 100, 0, 1001, 901, 0 },
	    GATE_YOUNG, GATE_OPEN },
	{ "a tenth, replaced by others", { 1000, 1000, 100, 100, 1000, 1000,
	    0 }, GATE_YOUNG, GATE_MISSING },
	{ "a tenth, against an old one", { 1000, 900, 100, 0, 1000, 900, 0 },
	    GATE_OLD, GATE_OPEN },
	{ "just half, against an old one", { 1000, 500, 500, 0, 1000, 500,
	    0 }, GATE_OLD, GATE_MISSING },
	{ "just under half", { 1000, 501, 499, 0, 1000, 501, 0 }, GATE_OLD,
	    GATE_OPEN },
	{ "few gone, many to the median", { 800, 790, 10, 0, 1000, 790, 0 },
	    GATE_YOUNG, GATE_MISSING },
	{ "half as much again", { 1000, 1500, 0, 500, 1000, 1500, 0 },
	    GATE_YOUNG, GATE_GROWTH },
	{ "just under it", { 1000, 1499, 0, 499, 1000, 1499, 0 }, GATE_YOUNG,
	    GATE_OPEN },
	{ "three times as many, to an old one", { 1000, 3000, 0, 2000, 1000,
	    3000, 0 }, GATE_OLD, GATE_GROWTH },
	{ "not yet recovered", { 1000, 950, 50, 0, 1000, 950, 0 },
	    GATE_RECOVERED, GATE_MISSING },
	{ "recovered", { 1000, 951, 49, 0, 1000, 951, 0 }, GATE_RECOVERED,
	    GATE_OPEN },
	{ "a short list recovered", { 100, 76, 24, 0, 100, 76, 0 },
	    GATE_RECOVERED, GATE_OPEN },
	{ "recovered, but for what is new", { 1000, 1250, 0, 250, 1000, 1250,
	    0 }, GATE_RECOVERED, GATE_GROWTH },
	/* New Brunswick's seats on an August day, and within three days. */
	{ "8,146 of 11,423", { 11423, 8146, 3277, 0, 11423, 8146, 0 },
	    GATE_YOUNG, GATE_MISSING },
	{ "918 of 10,831 in three days", { 10831, 9913, 918, 0, 10831, 9913,
	    0 }, GATE_OLD, GATE_OPEN },
	{ "1,268 of 13,780 in a minute", { 11423, 10155, 1268, 0, 11423,
	    10155, 0 }, GATE_YOUNG, GATE_MISSING },
};

static const struct {
	const char *descr;
	size_t n;
	int64_t counts[6];
	int64_t want;
} baselines[] = {
	{ "no count", 0, { 0 }, 0 },
	{ "one", 1, { 7 }, 7 },
	{ "the lower of two, but the last is more", 2, { 5, 9 }, 9 },
	{ "the lower median of two", 2, { 9, 5 }, 5 },
	{ "of three", 3, { 9, 7, 5 }, 7 },
	{ "of four", 4, { 9, 8, 7, 1 }, 7 },
	{ "the last if it is more", 5, { 5, 5, 5, 5, 6 }, 6 },
};

static void
test_baselines(void)
{
	int64_t many[GATE_MEDIAN_MAX + 1];
	size_t i;

	for (i = 0; i < TAP_COUNT(baselines); i++)
		tap_int(gate_baseline(baselines[i].counts, baselines[i].n),
		    baselines[i].want, baselines[i].descr);
	for (i = 0; i < TAP_COUNT(many); i++)
		many[i] = i == 0 ? 1000 : 0;
	tap_int(gate_baseline(many, TAP_COUNT(many)), 0,
	    "the newest of too many");
}

static void
test_times(void)
{
	tap_int(gate_limits(&rules, -5), GATE_YOUNG, "from the future");
	tap_int(gate_limits(&rules, 3599999), GATE_YOUNG, "young");
	tap_int(gate_limits(&rules, 3600000), GATE_OLD, "an hour is old");
	tap_ok(gate_lasted(&rules, 3, 300000), "three over 300 s");
	tap_ok(!gate_lasted(&rules, 2, 300000), "two are not enough");
	tap_ok(!gate_lasted(&rules, 3, 299999), "too short");
	tap_ok(gate_agrees(&rules, 0, 0), "two empty sets agree");
	tap_ok(gate_agrees(&rules, 10, 1000), "a hundredth agrees");
	tap_ok(!gate_agrees(&rules, 11, 1000), "more does not");
	tap_ok(!gate_may_last(GATE_EMPTY) && !gate_may_last(GATE_EMPTY_FIRST)
	    && !gate_may_last(GATE_NO_INTERSECTION) &&
	    !gate_may_last(GATE_REJECTED), "no time makes these right");
	tap_ok(gate_may_last(GATE_MISSING) && gate_may_last(GATE_GROWTH),
	    "it may these");
	tap_int(gate_verdict("growth"), GATE_GROWTH, "a verdict's name");
	tap_int(gate_verdict("grown"), GATE_OPEN, "no such name");
	tap_int(gate_verdict(NULL), GATE_OPEN, "no name");
}

static void
test_empty_first(void)
{
	struct decl_gate g = rules;
	struct gate_sample s = { .first = 1 };

	g.empty_first = 1;
	tap_int(gate_judge(&g, &s, GATE_OLD), GATE_OPEN,
	    "a first, empty payload, as declared");
	s.records = 3;
	tap_int(gate_judge(&g, &s, GATE_OLD), GATE_EMPTY_FIRST,
	    "a first one of which nothing is left");
	s = (struct gate_sample){ .active = 1, .gone = 1, .baseline = 1 };
	tap_int(gate_judge(&g, &s, GATE_OLD), GATE_EMPTY, "a later one");
}

static const struct {
	const char *descr;
	struct canon_result in;
	int preview;
	enum exits status;
	const char *want;
} outcomes[] = {
	{ "promoted", { .outcome = CANON_PROMOTED, .version = "r2",
	    .active = "r1", .inserted = 1200, .updated = 34, .deleted = 5,
	    .tables = 7, .ms = 400 }, 0, EXIT_OK,
	    "+1,200 ~34 -5 in 7 tables, version r2 is active (0.4 s)" },
	{ "a preview of it", { .outcome = CANON_PROMOTED, .version = "r2",
	    .updated = 1, .tables = 1 }, 1, EXIT_OK,
	    "+0 ~1 -0 in 1 table, version r2 would be active" },
	{ "unchanged", { .outcome = CANON_UNCHANGED, .version = "r2",
	    .active = "r1" }, 0, EXIT_OK,
	    "unchanged, version r1 stays active" },
	{ "repeated", { .outcome = CANON_REPEATED, .version = "r2",
	    .active = "r2" }, 0, EXIT_OK, "version r2 is active already" },
	{ "waiting", { .outcome = CANON_WAITING, .version = "r1",
	    .missing_part = "open" }, 0, EXIT_NO,
	    "not promoted: its part open has no valid payload" },
	{ "held", { .outcome = CANON_HELD, .version = "r2", .active = "r1",
	    .held = 1, .hold = { "goods", "items", GATE_MISSING,
	    { 11423, 8146, 3277, 0, 11423, 8146, 0 }, &rules, GATE_YOUNG,
	    13, 41000 } }, 0, EXIT_NO,
	    "held by the gate: items: too many rows of the active version "
	    "are missing (8,146 came, 3,277 of 11,423 missing, 1,143 are "
	    "too many); the active version stays; it passes under 572 "
	    "missing and under 2,856 added, or after 3 answers over 300 s "
	    "that agree (13 over 41 s so far); if it is right: --accept "
	    "REASON" },
	{ "held for growth", { .outcome = CANON_HELD, .version = "r2",
	    .active = "r1", .held = 1, .hold = { "goods", "items",
	    GATE_GROWTH, { 100, 250, 0, 150, 100, 250, 0 }, &rules,
	    GATE_YOUNG, 1, 0 } }, 0, EXIT_NO,
	    "held by the gate: items: too many rows are new (250 came, 150 "
	    "more than 100, 50 are too many); the active version stays; it "
	    "passes under 25 missing and under 25 added, or after 3 answers "
	    "over 300 s that agree (1 over 0 s so far); if it is right: "
	    "--accept REASON" },
	{ "held, empty", { .outcome = CANON_HELD, .version = "r2",
	    .active = "r1", .held = 1, .hold = { "goods", "items",
	    GATE_EMPTY, { 9, 0, 9, 0, 9, 0, 0 }, &rules, GATE_OLD, 5,
	    900000 } }, 0, EXIT_NO,
	    "held by the gate: items: an empty answer after a non-empty one "
	    "(0 came, 9 of 9 missing); the active version stays; it passes "
	    "under 25 missing and under 25 added; if it is right: --accept "
	    "REASON" },
	{ "held at first", { .outcome = CANON_HELD, .version = "r1",
	    .held = 1, .hold = { .part = "goods", .table = "items",
	    .verdict = GATE_EMPTY_FIRST, .rules = &rules,
	    .sample = { .first = 1 } } }, 0, EXIT_NO,
	    "held by the gate: items: the first answer is empty (0 came); "
	    "nothing is promoted; it passes when something comes; if it is "
	    "right: --accept REASON" },
	{ "a part is rejected", { .outcome = CANON_PROMOTED, .version = "r2",
	    .active = "r1", .inserted = 1, .tables = 1, .ms = 400, .held = 1,
	    .hold = { .part = "goods", .verdict = GATE_REJECTED } }, 0,
	    EXIT_NO, "+1 ~0 -0 in 1 table, version r2 is active (0.4 s); its "
	    "part goods is held by the gate: goods: a person rejected it; "
	    "its rows stay; another payload is judged anew; if it is right: "
	    "--accept REASON" },
	{ "two parts are held", { .outcome = CANON_HELD, .version = "r2",
	    .active = "r1", .held = 2,
	    .hold = { .part = "goods", .verdict = GATE_REJECTED },
	    .more = &(const struct gate_hold){ .part = "rest",
	    .verdict = GATE_REJECTED } }, 0, EXIT_NO,
	    "held by the gate: goods: a person rejected it; the active "
	    "version stays; another payload is judged anew; and rest: a "
	    "person rejected it; another payload is judged anew; if all of "
	    "it is right: --accept REASON, if one part is: with --part "
	    "PART" },
	{ "overtaken", { .outcome = CANON_FENCED, .staged = "r2",
	    .newer = "r3" }, 0, EXIT_REFUSED,
	    "refused: r2 was overtaken by r3" },
	{ "overtaken before", { .outcome = CANON_FENCED, .version = "r4",
	    .newer = "r4" }, 0, EXIT_REFUSED,
	    "refused: r3 was overtaken by r4" },
};

static void
test_outcomes(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, 4096);
	for (i = 0; i < TAP_COUNT(outcomes); i++) {
		const struct canon_result *r = &outcomes[i].in;

		buf_clear(&b);
		outcome_text(&b, r, "r3", outcomes[i].preview);
		tap_str(b.data, outcomes[i].want, outcomes[i].descr);
		tap_int(outcome_status(r), outcomes[i].status, "its status");
	}
	buf_release(&b);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++)
		tap_str(gate_name(gate_judge(&rules, &cases[i].in,
		    cases[i].limits)), gate_name(cases[i].want),
		    cases[i].descr);
	test_baselines();
	test_times();
	test_empty_first();
	test_outcomes();
	return tap_done();
}
