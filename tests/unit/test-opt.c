/* One option table: what it takes, refuses and prints. */
#include "base/opt.h"

#include <fcntl.h>

#include "base/msg.h"
#include "forked.h"
#include "tap.h"

#define ARGS 12

static int flag;
static const char *text = "-";
static int64_t number = -1;

static const struct opt opts[] = {
	{ "data", 'd', OPT_STRING, "dir", &text, "data root", 1, 0, 0 },
	{ "count", 0, OPT_INTEGER, "n", &number, "how [many]: it's 1..9",
	    0, 1, 9 },
	{ "dry-run", 'n', OPT_FLAG, NULL, &flag, "only print", 0, 0, 0 },
	{ NULL, 0, OPT_FLAG, NULL, NULL, NULL, 0, 0, 0 },
};

static const struct opt_tool tool = {
	.summary = "try options", .operands = "file ...",
	.min_operands = 1, .max_operands = 2, .opts = opts,
};

#define USAGE "usage: t [-hqv] -d dir [--count n] [-n] file ...\n"

static const struct {
	const char *descr;
	const char *args[ARGS];
	int want;
	const char *out, *err;	/* err: "" or the first line */
} cases[] = {
	{ "short", { "-d", "x", "a" }, 0, "x -1 0 0: a", "" },
	{ "long", { "--data", "x", "--count", "3", "--dry-run", "a", "b" },
	    0, "x 3 1 0: a b", "" },
	{ "with =", { "--data=x", "--count=9", "a" }, 0, "x 9 0 0: a", "" },
	{ "clustered", { "-vnd", "x", "a" }, 0, "x -1 1 1: a", "" },
	{ "stuck to the letter", { "-dx", "-q", "a" }, 0, "x -1 0 -1: a", "" },
	{ "the last wins", { "-d", "x", "-d", "y", "a" }, 0, "y -1 0 0: a",
	    "" },
	{ "operands end the options", { "-d", "x", "a", "-n" }, 0,
	    "x -1 0 0: a -n", "" },
	{ "so does --", { "-d", "x", "--", "-n" }, 0, "x -1 0 0: -n", "" },
	{ "an empty argument", { "-d", "", "a" }, 0, " -1 0 0: a", "" },
	{ "required option missing", { "a" }, 64, "",
	    "t: error: --data is required\n" },
	{ "operand missing", { "-d", "x" }, 64, "",
	    "t: error: operand missing\n" },
	{ "one operand too many", { "-d", "x", "a", "b", "c" }, 64, "",
	    "t: error: too many operands\n" },
	{ "unknown letter", { "-d", "x", "-z", "a" }, 64, "",
	    "t: error: -z: unknown option\n" },
	{ "unknown letter in a cluster", { "-nzd", "x", "a" }, 64, "",
	    "t: error: -z: unknown option\n" },
	{ "unknown name", { "--zzz", "a" }, 64, "",
	    "t: error: --zzz: unknown option\n" },
	{ "control characters in it", { "--z\033[31m", "a" }, 64, "",
	    "t: error: --z?[31m: unknown option\n" },
	{ "argument missing, letter", { "-d" }, 64, "",
	    "t: error: -d: needs an argument\n" },
	{ "argument missing, name", { "-d", "x", "--count" }, 64, "",
	    "t: error: --count: needs an argument\n" },
	{ "a flag with an argument", { "--dry-run=x" }, 64, "",
	    "t: error: --dry-run: takes no argument\n" },
	{ "number too small", { "--count", "0" }, 64, "",
	    "t: error: --count 0: not between 1 and 9\n" },
	{ "number too big", { "--count", "99999999999999999999" }, 64, "",
	    "t: error: --count 99999999999999999999: "
	    "not between 1 and 9\n" },
	{ "no number", { "--count", "5k" }, 64, "",
	    "t: error: --count 5k: not a number (1 to 9)\n" },
	{ "no shell", { "--completion", "csh" }, 64, "",
	    "t: error: --completion csh: bash or zsh\n" },
	{ "version", { "--version" }, 0, "t (sluice) 0.1.0\n", "" },
	{ "bash completion", { "--completion", "bash" }, 0,
	    "complete -o default -W ' --help --quiet --verbose --version "
	    "--completion --data --count --dry-run' t\n", "" },
};

static void
parse(const void *arg)
{
	const char *const *args = arg;
	char copies[ARGS][64], *argv[ARGS + 2], name[] = "/usr/bin/t";
	int argc = 1, i;

	argv[0] = name;
	for (; args[argc - 1] != NULL; argc++) {
		snprintf(copies[argc - 1], sizeof(copies[0]), "%s",
		    args[argc - 1]);
		argv[argc] = copies[argc - 1];
	}
	argv[argc] = NULL;
	i = opt_parse(&tool, argc, argv);
	printf("%s %lld %d %d:", text, (long long)number, flag,
	    msg_get_level());
	for (; i < argc; i++)
		printf(" %s", argv[i]);
}

static void
test_cases(void)
{
	struct forked f;
	size_t i;

	for (i = 0; i < TAP_COUNT(cases); i++) {
		forked_run(&f, parse, cases[i].args);
		tap_int(f.status, cases[i].want, cases[i].descr);
		if (f.status == 64) {
			char want[256];

			/* An error in a value says all there is to say. */
			snprintf(want, sizeof(want), "%s%s", cases[i].err,
			    strcmp(strchr(f.err, '\n'), "\n") == 0 ? "" :
			    USAGE);
			tap_str(f.err, want, "what is wrong");
		} else {
			tap_str(f.out, cases[i].out, "what it took");
			tap_str(f.err, "", "and no more");
		}
	}
}

static void
test_help(void)
{
	static const char *const help[] = { "--help", NULL };
	static const char *const h[] = { "-h", NULL };
	static const char *const zsh[] = { "--completion", "zsh", NULL };
	static char kept[1 << 16];
	struct forked f;

	forked_run(&f, parse, help);
	tap_ok(f.status == 0 && strncmp(f.out, USAGE, strlen(USAGE)) == 0 &&
	    strstr(f.out, "\n  -d, --data dir ") != NULL &&
	    strstr(f.out, "\n      --count n ") != NULL &&
	    strstr(f.out, "\n  -h, --help ") != NULL, "--help");
	memcpy(kept, f.out, sizeof(kept));
	forked_run(&f, parse, h);
	tap_str(f.out, kept, "-h is the same");
	forked_run(&f, parse, zsh);
	tap_ok(f.status == 0 && strstr(f.out,
	    "'--count[how \\[many\\]\\: it'\\''s 1..9]:n:_files'") != NULL,
	    "zsh completion is quoted");
}

static void
help_full(const void *arg)
{
	static const char *const help[] = { "--help", NULL };
	int fd = open(arg, O_WRONLY);

	if (fd != -1)
		dup2(fd, 1);
	else
		close(1);
	parse(help);
}

int
main(void)
{
	struct forked f;

	test_cases();
	test_help();
	forked_run(&f, help_full, "/dev/full");
	tap_ok(f.status == 74 && strstr(f.err, "No space left") != NULL,
	    "--help to a full disk");
	forked_run(&f, help_full, "/nonexistent");
	tap_int(f.status, 74, "--help to a closed standard output");
	return tap_done();
}
