/* Values that may never show: secret.h. */
#include "net/secret.h"

#include <sys/stat.h>

#include "tap.h"
#include "tmpdir.h"

static const struct {
	const char *descr, *text;
	size_t len;
	int mode;
	const char *want;
} cases[] = {
	{ "a line", "Bearer abc\n", 11, 0600, "Bearer abc" },
	{ "without a newline", "abc", 3, 0600, "abc" },
	{ "read-only", "abc", 3, 0400, "abc" },
	{ "open to the group", "abc", 3, 0640, NULL },
	{ "open to others", "abc", 3, 0604, NULL },
	{ "others may write", "abc", 3, 0602, NULL },
	{ "nothing", "", 0, 0600, NULL },
	{ "a newline", "\n", 1, 0600, NULL },
	{ "two lines", "a\nb\n", 4, 0600, NULL },
	{ "a carriage return", "abc\r\n", 5, 0600, NULL },
	{ "a NUL", "a\0b", 3, 0600, NULL },
	{ "not ASCII", "\xc3\xa9", 2, 0600, NULL },
	{ "blanks around it", "abc ", 4, 0600, NULL },
};

static const char *const names[] = { "", ".", "..", "../s/good", "s/good",
    "/etc/passwd", ".good", "no such", "missing", "folder", "fifo",
    "a-name-that-is-longer-than-any-name-of-a-secret-needs-to-be-at-all" };

static void
test_files(void)
{
	struct secrets s;
	const char *why, *got;
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		tmpdir_write("s/x", cases[i].text, cases[i].len);
		chmod("s/x", (mode_t)cases[i].mode);
		secrets_init(&s, "s");
		got = secrets_get(&s, "x", &why);
		tap_str(got, cases[i].want, cases[i].descr);
		tap_ok(got != NULL || strstr(why, "abc") == NULL,
		    "and it does not show");
		secrets_release(&s);
		unlink("s/x");
	}
}

static void
test_names(void)
{
	struct secrets s;
	const char *why;
	size_t i;

	mkdir("s/folder", 0700);
	mkfifo("s/fifo", 0600);
	tmpdir_text("s/good", "the good-one\n");
	chmod("s/good", 0600);
	secrets_init(&s, "s");
	for (i = 0; i < TAP_COUNT(names); i++) {
		why = NULL;
		tap_ok(secrets_get(&s, names[i], &why) == NULL &&
		    why != NULL, "no secret is called '%s'", names[i]);
	}
	tap_ok(!secrets_in(&s, "good-one"), "not read yet");
	tap_str(secrets_get(&s, "good", &why), "the good-one", "a good one");
	unlink("s/good");
	tap_str(secrets_get(&s, "good", &why), "the good-one",
	    "is read once");
	tap_ok(secrets_in(&s, "it is (good-one)!"), "it shows");
	tap_ok(!secrets_in(&s, "it is the other one!"), "it does not");
	tap_ok(secrets_in(&s, "it is good-o"), "it shows, though cut");
	tap_ok(!secrets_in(&s, "it is good"), "too little of it to know");
	secrets_release(&s);
	secrets_init(&s, NULL);
	tap_ok(secrets_get(&s, "good", &why) == NULL &&
	    strstr(why, "--secrets") != NULL, "no folder, no secrets");
}

int
main(void)
{
	tmpdir_enter();
	mkdir("s", 0700);
	test_files();
	test_names();
	tmpdir_leave();
	return tap_done();
}
