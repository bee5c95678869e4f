/*
 * ready-report -- may readers use the active version of a dataset, or what
 * there is of a source as a whole?
 *
 * in:   the canonical database, the ledger, the payloads of the version
 * out:  nothing; what failed on standard error
 * owns: version_reports in DATA/SOURCE.sqlite,
 *       DATA/report/SOURCE[/DATASET]/ready_report_VERSION.json, .md, .html
 *
 * A version is active as soon as it is promoted, but readers take it only
 * when its newest report is ready.  The sample compares the tables with
 * the payload by SQL over the raw text, so that a mistake of the staging
 * code cannot hide itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/eventlog.h"
#include "store/libraries.h"
#include "store/held_report.h"
#include "store/ready_page.h"

#define REPORT_BYTES ((size_t)16 << 20)	/* of either form */

static const char *config, *data = "data", *run, *accept_why;
static int64_t seed = -1, sample_size;
static int missing;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "the run's id", 1, 0, 0 },
	{ "accept", 0, OPT_STRING, "reason", &accept_why,
	    "a person takes the version although it is not ready", 0, 0,
	    0 },
	{ "sample", 0, OPT_INTEGER, "n", &sample_size,
	    "elements of each sampled part (as declared)", 0,
	    READY_SAMPLE_MIN, READY_SAMPLE_MAX },
	{ "missing", 0, OPT_FLAG, NULL, &missing,
	    "only for versions that have no report yet", 0, 0, 0 },
	{ "seed", 0, OPT_INTEGER, "n", &seed,
	    "draw the sample of an earlier report again", 0, 0,
	    UINT32_MAX },
	OPT_END
};

static const struct opt_tool tool = {
	"may readers use the active version of a dataset?", "[dataset]", 0, 1,
	opts, libraries
};

struct job {
	struct decl decl;
	struct decl_ready rules;
	struct part dataset;		/* without members: the source */
	const char *name;		/* of that, for people */
	struct ready_options options;
	struct ready ready;
	struct ready_verdict verdict;
	struct buf label, json, markdown, page;
	struct eventlog log;
	char now[CLOCK_TEXT];
	int64_t began_ms;
};

static void
load(struct job *j, const char *label)
{
	struct buf why;

	buf_init(&why, 65536);
	if (decl_load(&j->decl, config, &why) == -1 ||
	    decl_ready_read(&j->decl, &j->rules, &why) == -1)
		decl_start_failed(&why);
	j->name = j->decl.source;
	buf_str(&j->label, "");
	if (label != NULL) {
		j->dataset = decl_start_dataset(&j->decl, label);
		if (part_values(&j->dataset, 0, j->dataset.n, &j->label)
		    == -1)
			msg_die_errno(EXIT_USAGE, "%s", label);
		j->name = j->label.data;
	}
	buf_release(&why);
}

static void
choose(struct job *j)
{
	uint32_t random;

	if (seed == -1) {
		if (getentropy(&random, sizeof(random)) == -1)
			msg_die_errno(EXIT_OS, "random numbers");
		seed = random;
	}
	if (sample_size == 0)
		sample_size = j->rules.sample_size;
	clock_now(j->now);
	j->options = (struct ready_options){ data, &j->dataset,
	    j->label.data, run, j->now, seed, sample_size };
}

/* What went wrong outside of the databases, errno tells. */
static _Noreturn void
die(const struct job *j)
{
	const char *label = j->name;

	if (ready_status(&j->ready) == EXIT_OK && errno == E2BIG)
		msg_die(EXIT_DATA, "%s: the report is over %zu bytes", label,
		    REPORT_BYTES);
	if (ready_status(&j->ready) == EXIT_OK)
		msg_die_errno(msg_status(errno), "%s: report", label);
	msg_die(ready_status(&j->ready), "%s", ready_message(&j->ready));
}

/*
 * Check, and tell it in both forms, while the database holds still.
 * Returns 0, or 1 if the whole source is known to be ready.
 */
static int
examine(struct job *j)
{
	struct ready *r = &j->ready;

	ready_close(r);
	buf_clear(&j->json);
	buf_clear(&j->markdown);
	buf_clear(&j->page);
	if (ready_open(r, &j->decl, &j->rules, &j->options) == -1)
		die(j);
	if (missing && ready_is_whole(r) && ready_standing(r)) {
		j->verdict.ready = 1;
		return 1;
	}
	if (ready_check(r) == -1 || ready_judge(r, &j->verdict) == -1)
		die(j);
	if (!j->verdict.ready)
		j->verdict.accepted = accept_why;
	if (ready_json(r, &j->verdict, &j->json) == -1 ||
	    ready_markdown(r, &j->verdict, &j->markdown) == -1 ||
	    ready_page(r, &j->verdict, &j->page) == -1 ||
	    ready_end(r) == -1)
		die(j);
	return 0;
}

static void
record(const struct job *j)
{
	struct db db;

	if (ready_record(&db, &j->ready, &j->verdict) == -1)
		msg_die(db_status(&db), "%s", db_message(&db));
	db_close(&db);
}

static void
write_file(const struct job *j, const struct buf *text, const char *suffix)
{
	struct outfile o;
	struct buf path;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/", data) == -1 ||
	    ready_name(&j->ready, &path) == -1 ||
	    buf_str(&path, suffix) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
	if (path_mkparents(path.data) == -1 ||
	    outfile_open(&o, path.data, OUTFILE_REPLACE) == -1)
		msg_die_errno(EXIT_IO, "%s", path.data);
	fwrite(text->data, 1, text->len, o.fp);
	if (outfile_commit(&o) == -1)
		msg_die_errno(EXIT_IO, "%s", path.data);
	buf_release(&path);
}

/* What failed: to the log by name, and to people with an example. */
static void
tell(struct job *j)
{
	struct jsonw *w = eventlog_begin(&j->log, "report");
	const char *label = j->name;
	struct ready *r = &j->ready;
	sqlite3_stmt *s = db_prepare(&r->canon.db, READY_FAILED_SQL);
	struct buf name;

	buf_init(&name, PATH_BYTES_MAX);
	ready_name(r, &name);
	jsonw_str(w, "run", run);
	jsonw_str(w, "source", j->decl.source);
	jsonw_opt(w, "dataset", ready_is_whole(r) ? NULL : label);
	jsonw_str(w, "version", r->version);
	jsonw_bool(w, "ready", j->verdict.ready);
	jsonw_opt(w, "accepted", j->verdict.accepted);
	jsonw_arr_open(w, "failed");
	while (db_step(&r->canon.db, s) == 1) {
		msg_error("%s: %s: %s: %s", label, db_text(s, 0),
		    db_text(s, 1), db_text(s, 2));
		jsonw_str(w, NULL, db_text(s, 0));
	}
	jsonw_arr_close(w);
	sqlite3_finalize(s);
	jsonw_int(w, "warnings", j->verdict.warnings);
	jsonw_int(w, "seed", seed);
	msg_note("%s: %s, warnings: %lld, sample seed %lld; %s/%s.md", label,
	    j->verdict.ready ? "ready" : "not ready",
	    (long long)j->verdict.warnings, (long long)seed, data,
	    name.data);
	buf_str(&name, ".json");
	jsonw_str(w, "report", name.data);
	jsonw_int(w, "ms", clock_mono_ms() - j->began_ms);
	eventlog_end(&j->log);
	buf_release(&name);
}

/* The row, and the files, which are made from its data; what is held has
 * no page of its own. */
static void
write_report(struct job *j)
{
	record(j);
	write_file(j, &j->json, ".json");
	write_file(j, &j->markdown, ".md");
	if (j->page.len > 0)
		write_file(j, &j->page, ".html");
}

/* A version that the gate holds whole has its report, too, once. */
static enum held_rest
report_held(struct job *j)
{
	struct ready *r = &j->ready;
	struct held h = { .db = &r->canon.db, .d = &j->decl,
	    .dataset = &j->dataset, .label = j->label.data,
	    .tell = { config, data }, .now_ms = clock_wall_ms() };
	enum held_rest rest;

	*r = (struct ready){ .d = &j->decl, .rules = &j->rules,
	    .o = &j->options };
	if (j->dataset.n == 0)		/* what is held, is held of datasets */
		return HELD_GO_ON;
	if (canon_open(&r->canon, data, &j->decl, CANON_READ, DB_BUSY_MS)
	    == -1 || held_version(&h, r->version) == -1 ||
	    (rest = held_rest(&h, missing)) == HELD_FAILED)
		die(j);
	if (r->version[0] == '\0')
		return rest;
	if (held_json(&h, r->version, &j->json) == -1 ||
	    held_markdown(&h, r->version, &j->markdown) == -1)
		die(j);
	write_report(j);
	msg_note("%s: %s is held: not ready", h.label, r->version);
	return rest;
}

static void
finish(struct job *j)
{
	eventlog_close(&j->log);
	ready_close(&j->ready);
	buf_release(&j->label);
	buf_release(&j->json);
	buf_release(&j->markdown);
	buf_release(&j->page);
	decl_release(&j->decl);
}

int
main(int argc, char *argv[])
{
	static struct job j;
	int i = opt_parse(&tool, argc, argv);
	enum held_rest rest;

	j.began_ms = clock_mono_ms();
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	buf_init(&j.label, PATH_BYTES_MAX);
	load(&j, argv[i]);
	choose(&j);
	if (eventlog_open(&j.log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	buf_init(&j.json, REPORT_BYTES);
	buf_init(&j.markdown, REPORT_BYTES);
	buf_init(&j.page, REPORT_BYTES);
	if ((rest = report_held(&j)) == HELD_GO_ON && examine(&j) == 0) {
		write_report(&j);
		tell(&j);
	}
	finish(&j);
	if (rest == HELD_REPORTED)
		return EXIT_OK;
	return j.verdict.ready || j.verdict.accepted != NULL ? EXIT_OK :
	    EXIT_NO;
}
