/*
 * opt.h -- one table per tool: parsing, --help, the SYNOPSIS, completion.
 *
 * A tool lists its options once.  opt_parse() stores the values, and from
 * the same table come --help, --version, the usage line that a test
 * compares with the manual's SYNOPSIS, and --completion bash|zsh.  Every
 * tool also has -h/--help, -q/--quiet, -v/--verbose and --version.
 * A letter means the same everywhere: -d data root, -c configuration,
 * -r run, -o output, -n dry run.
 */
#ifndef OPT_H
#define OPT_H

#include <stdint.h>

enum opt_kind {
	OPT_FLAG,		/* sets *(int *)out to 1 */
	OPT_STRING,		/* sets *(const char **)out, borrowed of argv */
	OPT_INTEGER		/* sets *(int64_t *)out within min..max */
};

struct opt {
	const char *name;	/* long name without dashes; NULL ends */
	int letter;		/* short form, or 0 */
	enum opt_kind kind;
	const char *arg;	/* name of the argument; NULL for a flag */
	void *out;
	const char *help;	/* one line, units included */
	int required;
	int64_t min, max;	/* OPT_INTEGER, inclusive */
};

/* The longest OPT_WAIT, in ms: a day; longer is a mistake. */
#define OPT_WAIT_MAX 86400000

/* Options that several tools share, so that they read the same everywhere. */
#define OPT_DATA(out) { "data", 'd', OPT_STRING, "dir", out,		\
	"data root (data)", 0, 0, 0 }
#define OPT_CONFIG(out) { "config", 'c', OPT_STRING, "file", out,	\
	"pipeline declaration (.toml or .json)", 1, 0, 0 }
#define OPT_WAIT(out, def) { "wait", 'w', OPT_INTEGER, "ms", out,	\
	"wait for others up to ms milliseconds (" def ")", 0, 0,	\
	OPT_WAIT_MAX }
#define OPT_END { NULL, 0, OPT_FLAG, NULL, NULL, NULL, 0, 0, 0 }

struct opt_tool {
	const char *summary;	/* one line, as in the manual's NAME */
	const char *operands;	/* usage text after the options, or NULL */
	int min_operands, max_operands;	/* max -1: any number */
	const struct opt *opts;
	/* The linked libraries for --version, one static line, or NULL. */
	const char *(*libraries)(void);
};

/*
 * Call msg_init(), parse argv by t and check all of it.
 * Returns the index of the first operand.  Does not return for --help,
 * --version, --completion (status 0) or a wrong command line (64): the
 * library exits only here and where tools start, in decl/start.h and
 * replica/start.h.
 */
int opt_parse(const struct opt_tool *t, int argc, char *argv[]);

#endif
