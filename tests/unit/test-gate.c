/* test-gate -- what the gate holds, and how an outcome is told. */
#include <string.h>

#include "store/gate.h"
#include "store/outcome.h"
#include "tap.h"

static const struct {
	const char *descr;
	struct gate_sample in;	/* active, staged, missing, first */
	double missing_max;
	enum gate_verdict want;
} cases[] = {
	{ "first rows", { 0, 10, 0, 1 }, 0.5, GATE_OPEN },
	{ "first, and empty", { 0, 0, 0, 1 }, 0.5, GATE_EMPTY_FIRST },
	{ "empty as before", { 0, 0, 0, 0 }, 0.5, GATE_OPEN },
	{ "rows where there were none", { 0, 10, 0, 0 }, 0.5, GATE_OPEN },
	{ "nothing missing", { 10, 10, 0, 0 }, 0.5, GATE_OPEN },
	{ "empty after non-empty", { 10, 0, 10, 0 }, 0.5, GATE_EMPTY },
	{ "one row, gone", { 1, 0, 1, 0 }, 0.5, GATE_EMPTY },
	{ "other rows", { 10, 10, 10, 0 }, 0.5, GATE_NO_INTERSECTION },
	{ "one other row", { 1, 1, 1, 0 }, 0.5, GATE_NO_INTERSECTION },
	{ "just half", { 10, 5, 5, 0 }, 0.5, GATE_OPEN },
	{ "over half", { 10, 4, 6, 0 }, 0.5, GATE_MISSING },
	{ "over half, replaced by more", { 10, 99, 6, 0 }, 0.5,
	    GATE_MISSING },
	{ "a stricter rule", { 100, 89, 11, 0 }, 0.1, GATE_MISSING },
	{ "a stricter rule, kept", { 100, 90, 10, 0 }, 0.1, GATE_OPEN },
	{ "no row may miss", { 100, 99, 1, 0 }, 0, GATE_MISSING },
	{ "all but one may", { 100, 1, 99, 0 }, 1, GATE_OPEN },
	{ "all may miss, but not be empty", { 100, 0, 100, 0 }, 1,
	    GATE_EMPTY },
};

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
	    .verdict = GATE_MISSING, .table = "items",
	    .sample = { 4608, 1608, 3000, 0 } }, 0, EXIT_NO,
	    "held by the gate: items: too many rows of the active version "
	    "are missing (1,608 came, 3,000 of 4,608 missing); the active "
	    "version stays; if it is right: --accept REASON" },
	{ "held at first", { .outcome = CANON_HELD, .version = "r1",
	    .verdict = GATE_EMPTY_FIRST, .table = "items",
	    .sample = { 0, 0, 0, 1 } }, 0, EXIT_NO,
	    "held by the gate: items: the first answer is empty (0 came); "
	    "nothing is promoted; if it is right: --accept REASON" },
	{ "overtaken", { .outcome = CANON_FENCED, .version = "r2",
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
		tap_str(gate_name(gate_judge(&cases[i].in,
		    cases[i].missing_max)), gate_name(cases[i].want),
		    cases[i].descr);
	test_outcomes();
	return tap_done();
}
