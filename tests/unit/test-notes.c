/*
 * test-notes -- findings are counted, with the least example.
 */
#include "store/notes.h"
#include "tap.h"

static void
add(struct notes *ns, const char *column, const char *key,
    const char *detail)
{
	struct note *p = notes_count(ns, "code", FINDING_INFO, "table",
	    column, 1);

	if (p == NULL)
		tap_ok(0, "no memory");
	else
		note_example(p, key, detail);
}

static void
test_example(void)
{
	struct notes ns;

	notes_init(&ns);
	add(&ns, "b", "20", "x");
	add(&ns, "b", "10", "z");
	add(&ns, "a", "5", "y");
	add(&ns, "b", "10", "a");
	add(&ns, "b", "30", "0");
	notes_sort(&ns);
	tap_int((int64_t)ns.n, 2, "one entry for each column");
	tap_str(ns.list[0].column, "a", "sorted");
	tap_int(ns.list[1].n, 4, "counted");
	tap_str(ns.list[1].row_key, "10", "the least key");
	tap_str(ns.list[1].detail, "a", "and of that the least detail");
	tap_ok(note_wants(&ns.list[1], "1") && !note_wants(&ns.list[1], "2"),
	    "who is asked for an example");
	notes_release(&ns);
	notes_release(&ns);
}

static void
test_many(void)
{
	char column[32];
	struct notes ns;
	size_t i, other = 0;
	int64_t n = 0;

	notes_init(&ns);
	for (i = 0; i < 10000; i++) {
		snprintf(column, sizeof(column), "m%zu", i);
		add(&ns, column, column, "");
	}
	notes_sort(&ns);
	for (i = 0; i < ns.n; i++) {
		n += ns.list[i].n;
		other += strcmp(ns.list[i].code, "other") == 0;
	}
	tap_int((int64_t)ns.n, NOTES_MAX, "so many are told apart");
	tap_int(n, 10000, "all are counted");
	tap_int((int64_t)other, 1, "one is for the rest");
	notes_release(&ns);
}

/* A hostile payload must not fill the reports with its texts. */
static void
test_long(void)
{
	char text[4 * NOTE_TEXT + 1];
	struct notes ns;
	size_t i;

	text[0] = 'x';
	for (i = 1; i < sizeof(text) - 2; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[i] = '\0';
	notes_init(&ns);
	add(&ns, text, text, text);
	add(&ns, text, text, "a");
	tap_int((int64_t)ns.n, 1, "a long name is one entry");
	tap_int((int64_t)strlen(ns.list[0].column), NOTE_TEXT - 1,
	    "a name is cut");
	tap_int((int64_t)strlen(ns.list[0].row_key), NOTE_TEXT - 1,
	    "a key is cut");
	tap_str(ns.list[0].detail, "a", "the least of what was cut");
	text[0] = 'y';
	memmove(text + 2, text + 1, sizeof(text) - 3);
	text[1] = 'y';
	add(&ns, text, "", "");
	tap_int((int64_t)strlen(ns.list[1].column), NOTE_TEXT - 2,
	    "no character is cut in two");
	notes_release(&ns);
}

int
main(void)
{
	test_example();
	test_long();
	test_many();
	return tap_done();
}
