#include "base/opt.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/msg.h"
#include "base/num.h"
#include "base/version.h"

#define OPTS_MAX 48		/* options of one tool, the common ones in */
#define LONG_BASE 256		/* getopt values above every letter */

/* What every tool has.  The values are handled in take_common(). */
enum common { COMMON_HELP, COMMON_QUIET, COMMON_VERBOSE, COMMON_VERSION,
    COMMON_COMPLETION, COMMON_COUNT };

static const struct opt common[] = {
	{ "help", 'h', OPT_FLAG, NULL, NULL, "print this help", 0, 0, 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, NULL, "errors only", 0, 0, 0 },
	{ "verbose", 'v', OPT_FLAG, NULL, NULL, "say more", 0, 0, 0 },
	{ "version", 0, OPT_FLAG, NULL, NULL, "print the build and libraries",
	    0, 0, 0 },
	{ "completion", 0, OPT_STRING, "shell", NULL,
	    "print completions for bash or zsh", 0, 0, 0 },
};

static size_t
count(const struct opt *o)
{
	size_t n = 0;

	while (o[n].name != NULL)
		n++;
	return n;
}

static void
usage_option(const struct opt *o, struct buf *b)
{
	buf_str(b, o->required ? " " : " [");
	if (o->letter != 0)
		buf_printf(b, "-%c", o->letter);
	else
		buf_printf(b, "--%s", o->name);
	if (o->arg != NULL)
		buf_printf(b, " %s", o->arg);
	if (!o->required)
		buf_chr(b, ']');
}

/* "usage: tool [-hqv] [-x arg] ...", one line. */
static void
usage_line(const struct opt_tool *t, struct buf *b)
{
	const struct opt *o;

	buf_printf(b, "usage: %s [-hqv]", msg_tool());
	for (o = t->opts; o->name != NULL; o++)
		usage_option(o, b);
	if (t->operands != NULL)
		buf_printf(b, " %s", t->operands);
	buf_chr(b, '\n');
}

static void
help_option(const struct opt *o)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
	    o->letter != 0 ? '-' : ' ', o->letter != 0 ? o->letter : ' ',
	    o->letter != 0 ? ", " : "  ", o->name, o->arg != NULL ? " " : "",
	    o->arg != NULL ? o->arg : "");
	printf("  %-28s %s\n", left, o->help);
}

static _Noreturn void
finish_stdout(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		msg_die_errno(EXIT_IO, "standard output");
	exit(EXIT_OK);
}

static _Noreturn void
print_help(const struct opt_tool *t)
{
	const struct opt *o;
	struct buf b;
	size_t i;

	buf_init(&b, 65536);
	usage_line(t, &b);
	printf("%s\n%s: %s\n\n", b.data, msg_tool(), t->summary);
	for (o = t->opts; o->name != NULL; o++)
		help_option(o);
	for (i = 0; i < COMMON_COUNT; i++)
		help_option(&common[i]);
	buf_release(&b);
	finish_stdout();
}

static _Noreturn void
print_version(const struct opt_tool *t)
{
	printf("%s (sluice) %s\n", msg_tool(), SLUICE_VERSION);
	if (t->libraries != NULL)
		printf("%s\n", t->libraries());
	finish_stdout();
}

static void
words(const struct opt *o, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf(" --%s", o[i].name);
}

/* Text within a quoted word of _arguments, where ':', '[', ']' mean more. */
static void
zsh_text(const char *s)
{
	for (; *s != '\0'; s++) {
		if (strchr("[]:\\", *s) != NULL)
			putchar('\\');
		if (*s == '\'')
			printf("'\\'");
		putchar(*s);
	}
}

static void
zsh_words(const struct opt *o, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		printf(" \\\n  ");
		if (o[i].letter != 0)
			printf("'(-%c --%s)'{-%c,--%s}'[", o[i].letter,
			    o[i].name, o[i].letter, o[i].name);
		else
			printf("'--%s[", o[i].name);
		zsh_text(o[i].help);
		putchar(']');
		if (o[i].arg != NULL) {
			putchar(':');
			zsh_text(o[i].arg);
			printf(":_files");
		}
		putchar('\'');
	}
}

static _Noreturn void
print_completion(const struct opt_tool *t, const char *shell)
{
	if (strcmp(shell, "bash") == 0) {
		printf("complete -o default -W '");
		words(common, COMMON_COUNT);
		words(t->opts, count(t->opts));
		printf("' %s\n", msg_tool());
	} else if (strcmp(shell, "zsh") == 0) {
		printf("#compdef %s\n_arguments", msg_tool());
		zsh_words(common, COMMON_COUNT);
		zsh_words(t->opts, count(t->opts));
		printf(" \\\n  '*:file:_files'\n");
	} else {
		msg_die(EXIT_USAGE, "--completion %s: bash or zsh", shell);
	}
	finish_stdout();
}

static _Noreturn void
wrong_usage(const struct opt_tool *t)
{
	struct buf b;

	buf_init(&b, 65536);
	usage_line(t, &b);
	fputs(b.data, stderr);
	exit(EXIT_USAGE);
}

static void
take(const struct opt *o, const char *value)
{
	switch (o->kind) {
	case OPT_FLAG:
		*(int *)o->out = 1;
		break;
	case OPT_STRING:
		*(const char **)o->out = value;
		break;
	case OPT_INTEGER:
		if (num_parse(value, o->min, o->max, o->out) == -1)
			msg_die(EXIT_USAGE, errno == ERANGE ?
			    "--%s %s: not between %lld and %lld" :
			    "--%s %s: not a number (%lld to %lld)",
			    o->name, value, (long long)o->min,
			    (long long)o->max);
		break;
	}
}

static void
take_common(const struct opt_tool *t, size_t which, const char *value)
{
	switch (which) {
	case COMMON_HELP:
		print_help(t);
	case COMMON_QUIET:
		msg_set_level(MSG_QUIET);
		break;
	case COMMON_VERBOSE:
		msg_set_level(MSG_VERBOSE);
		break;
	case COMMON_VERSION:
		print_version(t);
	default:
		print_completion(t, value);
	}
}

/* Fill getopt's two tables from ours, the tool's own options first. */
static void
build_tables(const struct opt_tool *t, size_t n, struct option *longs,
    char *shorts)
{
	size_t i;

	*shorts++ = '+';		/* operands end the options */
	*shorts++ = ':';		/* we report ourselves */
	for (i = 0; i < n + COMMON_COUNT; i++) {
		const struct opt *o = i < n ? &t->opts[i] : &common[i - n];

		longs[i] = (struct option){ o->name,
		    o->arg != NULL ? required_argument : no_argument, NULL,
		    LONG_BASE + (int)i };
		if (o->letter == 0)
			continue;
		*shorts++ = (char)o->letter;
		if (o->arg != NULL)
			*shorts++ = ':';
	}
	longs[i] = (struct option){ NULL, 0, NULL, 0 };
	*shorts = '\0';
}

/* The index in the combined table of what getopt returned. */
static size_t
find(const struct opt_tool *t, size_t n, int c)
{
	size_t i;

	if (c >= LONG_BASE)
		return (size_t)(c - LONG_BASE);
	for (i = 0; i < n + COMMON_COUNT; i++)
		if ((i < n ? &t->opts[i] : &common[i - n])->letter == c)
			break;
	return i;
}

/*
 * Report what getopt refused.  It leaves a letter or our long value in
 * optopt; 0 means an unknown long option, which is the word it looked at.
 */
static _Noreturn void
wrong_option(const struct opt_tool *t, size_t n, int c, const char *word)
{
	if (optopt >= LONG_BASE) {
		size_t i = (size_t)(optopt - LONG_BASE);

		msg_error("--%s: %s",
		    (i < n ? &t->opts[i] : &common[i - n])->name,
		    c == ':' ? "needs an argument" : "takes no argument");
	} else if (optopt != 0) {
		msg_error("-%c: %s", optopt, c == ':' ?
		    "needs an argument" : "unknown option");
	} else {
		msg_error("%s: unknown option", word);
	}
	wrong_usage(t);
}

static void
check_complete(const struct opt_tool *t, const int *seen, int operands)
{
	size_t i;

	for (i = 0; t->opts[i].name != NULL; i++)
		if (t->opts[i].required && !seen[i]) {
			msg_error("--%s is required", t->opts[i].name);
			wrong_usage(t);
		}
	if (operands < t->min_operands) {
		msg_error("operand missing");
		wrong_usage(t);
	}
	if (t->max_operands != -1 && operands > t->max_operands) {
		msg_error("too many operands");
		wrong_usage(t);
	}
}

int
opt_parse(const struct opt_tool *t, int argc, char *argv[])
{
	struct option longs[OPTS_MAX + 1];
	char shorts[2 * OPTS_MAX + 3];
	int seen[OPTS_MAX] = { 0 };
	size_t i, n = count(t->opts);
	int c;

	msg_init(argv[0]);
	if (n + COMMON_COUNT > OPTS_MAX)
		msg_die(EXIT_BUG, "option table too long");
	build_tables(t, n, longs, shorts);
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			wrong_option(t, n, c, argv[optind - 1]);
		i = find(t, n, c);
		if (i < n) {
			seen[i] = 1;
			take(&t->opts[i], optarg);
		} else {
			take_common(t, i - n, optarg);
		}
	}
	check_complete(t, seen, argc - optind);
	return optind;
}
