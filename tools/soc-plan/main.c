/*
 * soc-plan -- say what to fetch: terms x campuses x endpoints.
 *
 * in:   nothing but the declaration; the ledger and the active versions
 * out:  task records
 * owns: nothing
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "plan.h"
#include "decl/start.h"
#include "record/eventlog.h"

static const char *config, *data = "data", *run, *resume, *terms, *campuses;
static const char *base, *mode = "incremental";

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "id of the run, from run-new", 0, 0, 0 },
	{ "terms", 0, OPT_STRING, "list", &terms,
	    "20261, 2026-1, 12026 or SP2026, by commas", 1, 0, 0 },
	{ "campuses", 0, OPT_STRING, "list", &campuses,
	    "codes, by commas (default all enabled)", 0, 0, 0 },
	{ "mode", 0, OPT_STRING, "mode", &mode,
	    "full or incremental (default)", 0, 0, 0 },
	{ "resume-run", 0, OPT_STRING, "run", &resume,
	    "continue run: leave out what it has already", 0, 0, 0 },
	{ "base", 0, OPT_STRING, "url", &base,
	    "of the API (default $SOC, else the declaration's)", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"say what to fetch: terms x campuses x endpoints", NULL, 0, 0, opts,
	NULL
};

/* --- the command line ---------------------------------------------------- */

static int
is_blank(const char *s)
{
	return s == NULL || s[0] == '\0';
}

static void
check_words(struct plan *p)
{
	if (is_blank(resume))
		resume = NULL;
	if (resume != NULL && run != NULL && strcmp(resume, run) != 0)
		msg_die(EXIT_USAGE,
		    "--resume-run %s: another run than -r %s", resume, run);
	p->run = resume != NULL ? resume : run;
	p->resume = resume != NULL;
	if (is_blank(p->run))
		msg_die(EXIT_USAGE, "-r or --resume-run is required");
	p->incremental = strcmp(mode, "incremental") == 0;
	if (!p->incremental && strcmp(mode, "full") != 0)
		msg_die(EXIT_USAGE, "--mode %s: full or incremental", mode);
}

/* The option, else the environment, else the declaration. */
static void
choose_base(struct plan *p, yyjson_val *soc)
{
	if (is_blank(base))
		base = getenv("SOC");
	if (is_blank(base))
		base = yyjson_get_str(yyjson_obj_get(soc, "base"));
	if (is_blank(base))
		msg_die(EXIT_USAGE, "%s: soc.base: no base URL", config);
	if (strncmp(base, "http://", 7) != 0 &&
	    strncmp(base, "https://", 8) != 0)
		msg_die(EXIT_USAGE, "--base %s: no http or https URL", base);
	p->base = base;
}

/* Load the declaration and see that it is about this API. */
static void
load(struct plan *p)
{
	struct buf why;
	yyjson_val *soc;

	buf_init(&why, 65536);
	decl_start(&p->decl, config);
	soc = yyjson_obj_get(p->decl.root, "soc");
	if (scope_init(&p->scope, soc, &why) == -1)
		msg_die(EXIT_USAGE, "%s: %s", config, why.data);
	if (p->decl.kinds[0].n_key != 2)
		msg_die(EXIT_USAGE, "%s: source.dataset_key: a term and a "
		    "campus are two members", config);
	choose_base(p, soc);
	buf_release(&why);
}

static void
choose(struct scope *s)
{
	struct buf text;
	size_t i;

	buf_init(&text, 65536);
	if (scope_add_terms(s, terms, &text) == -1)
		msg_die(EXIT_USAGE, "--terms: %s", text.data);
	if (scope_add_campuses(s, campuses, &text) == -1)
		msg_die(EXIT_USAGE, "--campuses: %s", text.data);
	for (i = 0; i < s->n_terms; i++)
		msg_note("%s: term %s, %s %s", s->term[i].word,
		    s->term[i].code, s->term[i].season, s->term[i].year);
	if (is_blank(campuses)) {
		scope_list(s, 0, &text);
		if (text.len > 0)
			msg_note("campuses left out, not enabled: %s",
			    text.data);
	}
	buf_release(&text);
}

static void
log_plan(struct plan *p)
{
	struct jsonw *w = eventlog_begin(&p->log, "plan");

	jsonw_str(w, "run", p->run);
	jsonw_str(w, "source", p->decl.source);
	jsonw_str(w, "mode", p->incremental ? "incremental" : "full");
	jsonw_int(w, "tasks", p->out.n);
	jsonw_int(w, "left_out", p->left_out);
	eventlog_end(&p->log);
	eventlog_close(&p->log);
}

/* Open what is read; only then, and if all is well, the log. */
static enum exits
begin(struct plan *p)
{
	int known = 1;

	if (past_open(&p->past, data, p->decl.source) == -1 || (p->resume &&
	    (known = past_has_run(&p->past, p->run)) == -1))
		return p->past.status;
	if (!known) {
		msg_error("--resume-run %s: no run of %s in %s/ledger.sqlite",
		    p->run, p->decl.source, data);
		return EXIT_NOINPUT;
	}
	if (eventlog_open(&p->log) == -1) {
		msg_error_errno("SLUICE_LOG");
		return EXIT_IO;
	}
	return EXIT_OK;
}

int
main(int argc, char *argv[])
{
	static struct plan p;
	enum exits status;

	opt_parse(&tool, argc, argv);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	check_words(&p);
	load(&p);
	choose(&p.scope);
	stream_out_init(&p.out, STDOUT_FILENO, 1);
	if ((status = begin(&p)) == EXIT_OK) {
		status = plan_write(&p);
		log_plan(&p);
	}
	if (p.left_out > 0)
		msg_note("%s: has %lld answers already", p.run,
		    (long long)p.left_out);
	past_close(&p.past);
	decl_release(&p.decl);
	return stream_finish(&p.out, status, 0, NULL);
}
