/*
 * gate-inspect -- where each part stands at the gate.
 *
 * in:   DATASET..., e.g. 2026/A; all of them if none is named
 * out:  for people, what is normal, what came last, what is held and what
 *       would release it; with --json gate records, and end
 * owns: nothing; reads DATA/SOURCE.sqlite and DATA/ledger.sqlite
 *
 * Answers that came since a part was judged last are counted, too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/canon.h"
#include "store/gate_tell.h"
#include "store/ledger.h"

#define TEXT_BYTES ((size_t)64 << 20)

static const char *config, *data = "data";
static int json;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "json", 0, OPT_FLAG, NULL, &json, "write gate records", 0, 0, 0 },
	OPT_END
};

static const char *
libraries(void)
{
	static char line[64];

	snprintf(line, sizeof(line), "SQLite %s, yyjson %s",
	    sqlite3_libversion(), YYJSON_VERSION_STRING);
	return line;
}

static const struct opt_tool tool = {
	"where each part stands at the gate", "[dataset ...]", 0, -1, opts,
	libraries
};

struct work {
	struct decl decl;
	struct canon canon;
	struct db ledger;
	int has_ledger;
	struct stream_out out;		/* with --json */
	struct buf text;		/* without */
	int64_t now_ms;
	int64_t unknown;		/* datasets that there are none of */
};

static void
load(struct work *w, char *const labels[])
{
	decl_start(&w->decl, config);
	for (; *labels != NULL; labels++)
		decl_start_dataset(&w->decl, *labels);
}

static void
open_stores(struct work *w)
{
	if (canon_open(&w->canon, data, &w->decl, CANON_READ, DB_BUSY_MS)
	    == -1)
		msg_die(canon_status(&w->canon), "%s",
		    canon_message(&w->canon));
	w->has_ledger = ledger_open(&w->ledger, data, DB_READ) == 0;
	if (!w->has_ledger && errno != ENOENT)
		msg_die(db_status(&w->ledger), "%s",
		    db_message(&w->ledger));
}

static void
die(struct work *w, const char *label)
{
	msg_die(canon_status(&w->canon), "%s: %s", label,
	    canon_message(&w->canon));
}

/* One part, in either form. */
static void
show_part(struct work *w, struct gate_view *v)
{
	const struct gate_tell t = { config, data };
	int r;

	if (gate_view_read(v) == -1)
		die(w, v->label);
	r = json ? gate_tell_records(&t, v, &w->out) :
	    gate_tell_text(&t, v, &w->text);
	if (r == -1)
		die(w, v->label);
}

static void
show(struct work *w, const char *label)
{
	struct part dataset;
	struct gate_view v = { .db = &w->canon.db, .d = &w->decl,
	    .ledger = w->has_ledger ? &w->ledger : NULL,
	    .dataset = &dataset, .label = label, .now_ms = w->now_ms };
	size_t i;

	if (decl_dataset(&w->decl, label, &dataset) == -1)
		msg_die(EXIT_DATA, "%s: not a dataset of %s", label,
		    w->decl.source);
	for (i = 0; i < w->decl.n_parts; i++) {
		v.part = &w->decl.parts[i];
		if (decl_has(v.part->kind, &dataset))
			show_part(w, &v);
	}
}

/* Show the dataset of that label, all of them if it is NULL. */
static void
each(struct work *w, const char *label)
{
	sqlite3_stmt *s = db_prepare(&w->canon.db, "SELECT DISTINCT dataset "
	    "FROM main.dataset_versions WHERE ?1 IS NULL OR dataset = ?1 "
	    "ORDER BY dataset");
	int64_t n = 0;
	int r;

	db_bind(s, 1, label);
	while ((r = db_step(&w->canon.db, s)) == 1) {
		show(w, db_text(s, 0));
		n++;
	}
	sqlite3_finalize(s);
	if (r == -1)
		die(w, w->decl.source);
	if (label != NULL && n == 0) {
		msg_error("%s: no such dataset", label);
		w->unknown++;
	}
}

/* People get it whole, and only when the database has been left. */
static enum exits
print(const struct work *w, enum exits status)
{
	fwrite(w->text.data, 1, w->text.len, stdout);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		msg_error_errno("standard output");
		return EXIT_IO;
	}
	return status;
}

int
main(int argc, char *argv[])
{
	static struct work w;
	int i = opt_parse(&tool, argc, argv);
	enum exits status;

	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	load(&w, argv + i);
	open_stores(&w);
	w.now_ms = clock_wall_ms();
	buf_init(&w.text, TEXT_BYTES);
	stream_out_init(&w.out, STDOUT_FILENO, 1);
	if (db_exec(&w.canon.db, "BEGIN") == -1)
		die(&w, w.decl.source);
	if (argv[i] == NULL)
		each(&w, NULL);
	for (; argv[i] != NULL; i++)
		each(&w, argv[i]);
	db_rollback(&w.canon.db);
	status = w.unknown > 0 ? EXIT_NOINPUT : EXIT_OK;
	status = json ? stream_finish(&w.out, status, w.unknown > 0, NULL) :
	    print(&w, status);
	canon_close(&w.canon);
	db_close(&w.ledger);
	buf_release(&w.text);
	decl_release(&w.decl);
	return status;
}
