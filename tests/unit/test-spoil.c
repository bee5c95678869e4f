/* Wrong answers made of right ones: spoil.h. */
#include "net/spoil.h"

#include <errno.h>

#include "tap.h"

static const struct {
	const char *descr;
	enum fault_kind kind;
	int64_t share;
	const char *in, *want;		/* want NULL: EINVAL */
} cases[] = {
	{ "a list of nothing", FAULT_EMPTY, 0, "[1,2]", "[]" },
	{ "of anything", FAULT_EMPTY, 0, "", "[]" },
	{ "half of four", FAULT_HALF, 50, "[1,2,3,4]", "[2,4]" },
	{ "half of five is two", FAULT_HALF, 50, "[1,2,3,4,5]", "[2,4]" },
	{ "nothing of it", FAULT_HALF, 0, "[1,2,3]", "[]" },
	{ "all of it", FAULT_HALF, 100, "[1, {\"a\":[2]} ,3]",
	    "[1,{\"a\":[2]} ,3]" },
	{ "seven of ten", FAULT_HALF, 70, "[0,1,2,3,4,5,6,7,8,9]",
	    "[1,2,4,5,7,8,9]" },
	{ "one in a hundred of two", FAULT_HALF, 1, "[1,2]", "[]" },
	{ "half of nothing", FAULT_HALF, 50, "[]", "[]" },
	{ "no list", FAULT_HALF, 50, "{}", NULL },
	{ "a torn list", FAULT_HALF, 50, "[1,2", NULL },
	{ "no text", FAULT_HALF, 50, "", NULL },
	{ "half the text", FAULT_TRUNCATED, 50, "[1,2,3]", "[1," },
	{ "none of it", FAULT_TRUNCATED, 0, "[1]", "" },
	{ "no UTF-8", FAULT_UTF8, 0, "[\"abcd\"]", "[\"ab\xf3" "d\"]" },
	{ "after the middle", FAULT_UTF8, 0, "[1,   \"a\"]",
	    "[1,   \"\xf3\"]" },
	{ "where there is no letter", FAULT_UTF8, 0, "[]", "[]\xf3" },
	{ "in nothing", FAULT_UTF8, 0, "", "\xf3" },
	{ "another fault is none of ours", FAULT_LATE, 0, "[1]", "[1]" },
};

static void
test_case(size_t i)
{
	struct fault f = { .kind = cases[i].kind, .share = cases[i].share };
	struct buf out;
	int r;

	buf_init(&out, 1024);
	errno = 0;
	r = spoil_text(&f, cases[i].in, strlen(cases[i].in), &out);
	if (cases[i].want == NULL)
		tap_ok(r == -1 && errno == EINVAL, "%s", cases[i].descr);
	else
		tap_str(r == 0 ? out.data : "failed", cases[i].want,
		    cases[i].descr);
	buf_release(&out);
}

int
main(void)
{
	const struct fault half = { .kind = FAULT_HALF, .share = 100 };
	struct buf out;
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++)
		test_case(i);
	buf_init(&out, 4);
	errno = 0;
	tap_ok(spoil_text(&half, "[1,2,3]", 7, &out) == -1 && errno == E2BIG,
	    "no room: the buffer's errno");
	buf_release(&out);
	tap_ok(spoil_is_text(&half) &&
	    !spoil_is_text(&(struct fault){ .kind = FAULT_NONE }),
	    "which ones are its business");
	return tap_done();
}
