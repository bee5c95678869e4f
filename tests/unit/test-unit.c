/* What every unit says about its item, and what is refused. */
#include <stdlib.h>

#include "record/unit.h"
#include "tap.h"

#define HEAD "{\"type\":\"raw\",\"run\":\"R1\",\"source\":\"s\","
#define PART "\"part\":{\"t\":\"1\",\"c\":\"a b\",\"e\":\"x\"}}"

static const struct {
	const char *descr, *in, *want;	/* NULL: fine */
} cases[] = {
	{ "whole", HEAD "\"dataset\":\"1/a%20b\"," PART, NULL },
	{ "no run", "{\"type\":\"raw\",\"source\":\"s\",\"dataset\":\"1\","
	    PART, "no run" },
	{ "an empty run", "{\"type\":\"raw\",\"run\":\"\",\"source\":\"s\","
	    "\"dataset\":\"1\"," PART, "no run" },
	{ "a run that is a number", "{\"type\":\"raw\",\"run\":1,"
	    "\"source\":\"s\",\"dataset\":\"1\"," PART, "no run" },
	{ "a run with a NUL", "{\"type\":\"raw\",\"run\":\"R\\u0000\","
	    "\"source\":\"s\",\"dataset\":\"1\"," PART, "no run" },
	{ "no source", "{\"type\":\"raw\",\"run\":\"R1\",\"dataset\":\"1\","
	    PART, "no source" },
	{ "no dataset", HEAD PART, "no dataset" },
	{ "no part", HEAD "\"dataset\":\"1\"}",
	    "no part, or not a partition key" },
	{ "a part of numbers", HEAD "\"dataset\":\"1\",\"part\":{\"t\":1}}",
	    "no part, or not a partition key" },
	{ "another dataset", HEAD "\"dataset\":\"2\"," PART,
	    "dataset and part disagree" },
	{ "half a value", HEAD "\"dataset\":\"1/a\"," PART,
	    "dataset and part disagree" },
	{ "all of the key", HEAD "\"dataset\":\"1/a%20b/x\"," PART,
	    "dataset and part disagree" },
};

int
main(void)
{
	struct unit u;
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		yyjson_doc *doc = yyjson_read(cases[i].in,
		    strlen(cases[i].in), 0);
		struct record r = { .type = "raw", .line = cases[i].in,
		    .len = strlen(cases[i].in), .number = 1,
		    .root = yyjson_doc_get_root(doc) };
		const char *wrong = unit_read(&u, &r);

		if (doc == NULL)
			return 99;
		tap_str(wrong, cases[i].want, cases[i].descr);
		if (wrong == NULL) {
			tap_str(u.part_path.data, "1/a%20b/x", "its path");
			tap_str(u.label.data, "1/a%20b x", "its label");
			unit_release(&u);
		}
		yyjson_doc_free(doc);
	}
	return tap_done();
}
