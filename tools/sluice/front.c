#include "front.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "decl/options.h"
#include "decl/start.h"
#include "place.h"

#define WHY_BYTES 65536
#define HELP_BYTES 512

/* Bytes of all that make is given. */
#define ARGS_BYTES ((size_t)1 << 20)

/* The options of one pipeline, as they are given. */
struct front {
	const char *name;
	char *toml, *make;		/* its files; owned */
	struct decl decl;
	struct decl_option *options;
	size_t n;
	const char *texts[DECL_OPTIONS_MAX];
	int64_t integers[DECL_OPTIONS_MAX];
	int flags[DECL_OPTIONS_MAX];
	const char *data;
	int dry_run;
	struct buf args;		/* of make, '\0' behind each */
	size_t n_args;
};

static void
open_front(struct front *f, const char *pipelines, const char *name)
{
	struct buf why, make;

	memset(f, 0, sizeof(*f));
	f->name = name;
	if (strchr(name, '/') != NULL || name[0] == '.')
		msg_die(EXIT_USAGE, "%s: not the name of a pipeline", name);
	f->toml = place_file(pipelines, name, "pipeline.toml");
	if (access(f->toml, R_OK) == -1)
		msg_die(EXIT_NOINPUT, "%s: no such pipeline in %s", name,
		    pipelines);
	buf_init(&make, PATH_BYTES_MAX);
	if (buf_printf(&make, "%s.mk", name) == -1)
		msg_die_errno(EXIT_OS, "%s", name);
	f->make = place_file(pipelines, name, make.data);
	buf_release(&make);
	decl_start(&f->decl, f->toml);
	buf_init(&why, WHY_BYTES);
	if (decl_options_read(&f->decl, &f->options, &f->n, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
	buf_init(&f->args, ARGS_BYTES);
}

/* The help with the default behind, as the tools have it. */
static const char *
help_of(struct front *f, const struct decl_option *o)
{
	char *text;

	if (o->fallback == NULL)
		return o->help;
	if ((text = arena_alloc(&f->decl.arena, HELP_BYTES)) == NULL)
		msg_die_errno(EXIT_OS, "%s", o->name);
	snprintf(text, HELP_BYTES, "%s (%s)", o->help, o->fallback);
	return text;
}

/* Integers that nobody gave keep a value below all that is declared. */
static void
fill_table(struct front *f, struct opt *table)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct decl_option *o = &f->options[i];

		f->integers[i] = INT64_MIN;
		table[i] = (struct opt){ o->name, 0, o->kind, o->arg,
		    o->kind == OPT_FLAG ? (void *)&f->flags[i] :
		    o->kind == OPT_STRING ? (void *)&f->texts[i] :
		    (void *)&f->integers[i], help_of(f, o), 0, o->min,
		    o->max };
	}
	table[i++] = (struct opt)OPT_DATA(&f->data);
	table[i++] = (struct opt){ "dry-run", 'n', OPT_FLAG, NULL,
	    &f->dry_run, "show the plan, start nothing", 0, 0, 0 };
	table[i] = (struct opt)OPT_END;
}

static void
add_arg(struct front *f, const char *text)
{
	if (buf_add(&f->args, text, strlen(text) + 1) == -1)
		msg_die_errno(EXIT_OS, "arguments");
	f->n_args++;
}

/* VARIABLE=value as make takes it: a dollar would begin a variable. */
static void
add_variable(struct front *f, const char *variable, const char *value)
{
	struct buf b;
	int r;

	buf_init(&b, ARGS_BYTES);
	r = buf_printf(&b, "%s=", variable);
	for (; r == 0 && *value != '\0'; value++)
		r = *value == '$' ? buf_str(&b, "$$") : buf_chr(&b, *value);
	if (r == -1)
		msg_die_errno(EXIT_OS, "%s", variable);
	add_arg(f, b.data);
	buf_release(&b);
}

static void
check_value(const struct decl_option *o, const char *text)
{
	struct buf b;
	size_t i;

	for (i = 0; i < o->n_values; i++)
		if (strcmp(o->values[i], text) == 0)
			return;
	if (o->n_values == 0)
		return;
	buf_init(&b, WHY_BYTES);
	for (i = 0; i < o->n_values; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 < o->n_values ?
		    ", " : " or ", o->values[i]);
	msg_die(EXIT_USAGE, "--%s %s: not %s", o->name, text, b.data);
}

static void
add_option(struct front *f, size_t i)
{
	const struct decl_option *o = &f->options[i];
	char number[24];

	if (f->flags[i])
		add_variable(f, o->variable, o->value);
	if (f->texts[i] != NULL) {
		check_value(o, f->texts[i]);
		add_variable(f, o->variable, f->texts[i]);
	}
	if (f->integers[i] != INT64_MIN) {
		snprintf(number, sizeof(number), "%" PRId64,
		    f->integers[i]);
		add_variable(f, o->variable, number);
	}
}

/* What make is given; operands are its targets, and variables. */
static void
make_args(struct front *f, char *const operands[])
{
	int target = 0;
	size_t i;

	add_arg(f, "make");
	add_arg(f, "--no-print-directory");
	if (f->dry_run)
		add_arg(f, "-n");
	add_arg(f, "-f");
	add_arg(f, f->make);
	for (i = 0; operands[i] != NULL; i++) {
		if (operands[i][0] == '-')
			msg_die(EXIT_USAGE, "%s: options go before targets",
			    operands[i]);
		target |= strchr(operands[i], '=') == NULL;
		add_arg(f, operands[i]);
	}
	if (!target)
		add_arg(f, "run");
	for (i = 0; i < f->n; i++)
		add_option(f, i);
	if (f->data != NULL)
		add_variable(f, "DATA", f->data);
}

/* One argument as a shell reads it. */
static void
add_quoted(struct buf *b, const char *arg)
{
	int plain = arg[0] != '\0' && strspn(arg, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_") == strlen(arg);

	buf_str(b, plain ? " " : " '");
	for (; *arg != '\0'; arg++)
		if (*arg == '\'')
			buf_str(b, "'\\''");
		else
			buf_chr(b, *arg);
	if (!plain)
		buf_chr(b, '\'');
}

/* The command, as a shell reads it, into the environment: what a person
 * types to go on. */
static void
export_again(const struct front *f, char *const argv[], int first)
{
	struct buf b;
	int i;

	buf_init(&b, ARGS_BYTES);
	buf_printf(&b, "sluice %s", f->name);
	for (i = 1; i < first; i++)
		if (strcmp(argv[i], "-d") == 0 ||
		    strcmp(argv[i], "--data") == 0)
			i++;		/* the summary says DATA=... itself */
		else if (strncmp(argv[i], "--data=", 7) != 0)
			add_quoted(&b, argv[i]);
	if (setenv("AGAIN", b.data, 1) == -1)
		msg_die_errno(EXIT_OS, "environment");
	buf_release(&b);
}

/* The programs that came with this go first. */
static void
export_path(void)
{
	char self[PATH_BYTES_MAX];
	const char *path = getenv("PATH");
	struct buf b;

	place_self(self);
	self[strlen(self) - 1] = '\0';
	buf_init(&b, ARGS_BYTES);
	if (buf_printf(&b, "%s%s%s", self, path != NULL ? ":" : "",
	    path != NULL ? path : "") == -1 || setenv("PATH", b.data, 1) == -1)
		msg_die_errno(EXIT_OS, "PATH");
	buf_release(&b);
}

static _Noreturn void
become_make(struct front *f)
{
	char **argv = calloc(f->n_args + 1, sizeof(*argv)), *at = f->args.data;
	size_t i;

	if (argv == NULL)
		msg_die_errno(EXIT_OS, "arguments");
	for (i = 0; i < f->n_args; i++, at += strlen(at) + 1)
		argv[i] = at;
	signal(SIGPIPE, SIG_DFL);	/* ours is ignored, see msg_init() */
	execvp(argv[0], argv);
	msg_die_errno(errno == ENOENT ? EXIT_NOINPUT : EXIT_OS, "make");
}

void
front_run(const char *pipelines, int argc, char *argv[])
{
	struct opt table[DECL_OPTIONS_MAX + 3];
	char name[128], summary[HELP_BYTES];
	struct opt_tool own = { summary, "[target ...]", 0, -1, table, NULL };
	struct front f;
	int first;

	open_front(&f, pipelines, argv[0]);
	fill_table(&f, table);
	snprintf(name, sizeof(name), "sluice %s", f.name);
	snprintf(summary, sizeof(summary), "%s", f.decl.title != NULL ?
	    f.decl.title : f.name);
	argv[0] = name;
	optind = 0;			/* getopt begins anew */
	first = opt_parse(&own, argc, argv);
	make_args(&f, argv + first);
	export_again(&f, argv, first);
	export_path();
	become_make(&f);
}
