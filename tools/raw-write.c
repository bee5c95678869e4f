/*
 * raw-write -- seal fetched bodies as immutable partitions.
 *
 * in:   body records on standard input; others are passed on
 * out:  a raw record for each body, or an error record
 * owns: DATA/raw, and raw_snapshots, raw_snapshot_blobs in
 *       DATA/ledger.sqlite
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "record/eventlog.h"
#include "record/stream.h"
#include "record/unit.h"
#include "store/blob.h"
#include "store/intake.h"
#include "store/ledger.h"
#include "store/libraries.h"

static const char *data = "data";
static int inline_blob;

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "inline-blob", 0, OPT_FLAG, NULL, &inline_blob,
	    "keep the sealed bytes in the ledger, too", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"seal fetched bodies as immutable partitions", NULL, 0, 0, opts,
	libraries
};

struct writer {
	struct db ledger;
	struct stream_out out;
	struct eventlog log;
	struct arena arena;	/* cleared for each record */
	enum exits failed;	/* what failed items ask for, or EXIT_OK */
};

/* A machine that fails: nothing more is tried. */
static enum exits
ledger_failed(const struct writer *w)
{
	msg_error("%s", db_message(&w->ledger));
	return db_status(&w->ledger);
}

/* Only 75, 76, 65 and 73 come here; the gravest stays. */
static void
remember(struct writer *w, enum exits status)
{
	if (w->failed == EXIT_OK || w->failed == EXIT_TEMP ||
	    status == EXIT_REFUSED)
		w->failed = status;
}

/* A record that breaks the contract is a bad item, too. */
static void
bad_record(struct writer *w, const struct record *r, const char *what)
{
	remember(w, EXIT_DATA);
	msg_warn("%s: line %lld: %s", r->source, (long long)r->number,
	    what);
	stream_error(&w->out, r, "bad_record", "%s", what);
}

/* A bad item: an error record takes its place, and the stream goes on. */
static void
item_failed(struct writer *w, const struct record *r, const struct unit *u,
    enum exits status, const char *code, const char *text)
{
	remember(w, status);
	msg_warn("%s: %s: %s", u->label.data, code, text);
	stream_error(&w->out, r, code, "%s", text);
}

static void
item_bad(struct writer *w, const struct record *r, const struct unit *u,
    enum exits status, const struct finding *f)
{
	char text[1024];
	int n = 0;

	if (f->where[0] != '\0')
		n = snprintf(text, sizeof(text), "%s: ", f->where);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "%s", f->text);
	if (f->offset >= 0)
		snprintf(text + n, sizeof(text) - (size_t)n, " at byte %lld",
		    (long long)f->offset);
	item_failed(w, r, u, status, finding_code_text(f->code), text);
}

/* Members that tell of the stored file, or are ours to add. */
static void
put_member(struct jsonw *w, const struct intake *in, const char *name,
    yyjson_val *value)
{
	static const char *const ours[] = { "type", "snapshot",
	    "record_count", "same_as" };
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return;
	if (strcmp(name, "path") == 0)
		jsonw_str(w, name, in->sealed_path);
	else if (strcmp(name, "encoding") == 0)
		jsonw_str(w, name, "gzip");
	else if (strcmp(name, "stored_bytes") == 0)
		jsonw_int(w, name, in->meta.stored_bytes);
	else
		jsonw_val(w, name, value);
}

static void
put_raw(struct writer *w, const struct record *r, const struct intake *in)
{
	yyjson_val *key, *value;
	struct jsonw j;
	size_t i, max;

	stream_record(&w->out, &j, "raw");
	yyjson_obj_foreach(r->root, i, max, key, value)
		put_member(&j, in, yyjson_get_str(key), value);
	jsonw_str(&j, "snapshot", in->snapshot.data);
	jsonw_int(&j, "record_count", in->meta.record_count);
	jsonw_opt(&j, "same_as", in->same_as);
	if (stream_put(&w->out, &j) == -1)
		bad_record(w, r, "too long to grow");
}

static void
log_snapshot(struct writer *w, const struct unit *u, const struct intake *in,
    const char *outcome, int64_t ms)
{
	struct jsonw *j = eventlog_begin(&w->log, "snapshot");

	jsonw_str(j, "run", u->run);
	jsonw_str(j, "source", u->source);
	jsonw_str(j, "dataset", u->dataset);
	part_write(&u->part, j, "part");
	jsonw_str(j, "task", u->label.data);
	jsonw_str(j, "code", outcome);
	if (in->meta.record_count != -1) {
		jsonw_str(j, "snapshot", in->snapshot.data);
		jsonw_int(j, "records", in->meta.record_count);
	}
	jsonw_int(j, "bytes", in->meta.size_bytes);
	jsonw_int(j, "stored_bytes", in->meta.stored_bytes);
	jsonw_int(j, "ms", ms);
	eventlog_end(&w->log);
}

/* The bytes are in a sealed partition: now, since before, or of another
 * run.  A writer that died before its blob was there is repeated. */
static enum exits
sealed(struct writer *w, const struct record *r, const struct intake *in)
{
	if (inline_blob && blob_keep(&w->ledger, data, in->snapshot.data,
	    in->sealed_path) == -1)
		return ledger_failed(w);
	put_raw(w, r, in);
	return EXIT_OK;
}

/* Turn what became of the body into a record; names it for the log. */
static enum exits
answer(struct writer *w, const struct record *r, const struct unit *u,
    const struct intake *in, enum intake_result how, const char **outcome)
{
	*outcome = finding_code_text(in->finding.code);
	switch (how) {
	case INTAKE_SEALED:
	case INTAKE_AGAIN:
		*outcome = how == INTAKE_SEALED ? "sealed" : "again";
		return sealed(w, r, in);
	case INTAKE_SAME_AS:
		*outcome = "same_as";
		return sealed(w, r, in);
	case INTAKE_BAD:
		item_bad(w, r, u, EXIT_PROTO, &in->finding);
		return EXIT_OK;
	case INTAKE_DIFFERS:
		item_bad(w, r, u, EXIT_TEMP, &in->finding);
		return EXIT_OK;
	case INTAKE_REFUSED:
		*outcome = "refused";
		item_failed(w, r, u, EXIT_REFUSED, *outcome,
		    "this run has sealed another answer, which stays (or is "
		    "damaged); a new run takes this one");
		return EXIT_OK;
	case INTAKE_FAILED:
		break;
	}
	*outcome = "failed";
	return ledger_failed(w);
}

static enum exits
take_body(struct writer *w, const struct record *r, const struct unit *u)
{
	int64_t start = clock_mono_ms();
	char now[CLOCK_TEXT];
	const char *outcome, *wrong;
	struct intake in;
	enum exits status = EXIT_OK;

	clock_now(now);
	if ((wrong = intake_read(&in, data, r, u)) != NULL) {
		bad_record(w, r, wrong);
	} else {
		status = answer(w, r, u, &in, intake_body(&in, &w->ledger,
		    &w->arena, now), &outcome);
		log_snapshot(w, u, &in, outcome, clock_mono_ms() - start);
	}
	intake_release(&in);
	return status;
}

static enum exits
take(const struct record *r, void *arg)
{
	struct writer *w = arg;
	struct unit u;
	enum exits status = EXIT_OK;
	const char *wrong;

	if (!record_is(r, "body")) {
		stream_copy(&w->out, r);
	} else if ((wrong = unit_read(&u, r)) != NULL) {
		bad_record(w, r, wrong);
	} else {
		arena_clear(&w->arena);
		status = take_body(w, r, &u);
		unit_release(&u);
	}
	return status == EXIT_OK && stream_failed(&w->out) ? EXIT_IO : status;
}

/* A wrong -d must not make a store where none belongs. */
static enum exits
open_stores(struct writer *w)
{
	if (eventlog_open(&w->log) == -1) {
		msg_error_errno("SLUICE_LOG");
		return EXIT_IO;
	}
	if (access(data, F_OK) == -1) {
		msg_error_errno("%s", data);
		return EXIT_NOINPUT;
	}
	if (ledger_open(&w->ledger, data, DB_CREATE) == -1 ||
	    intake_recover(data, &w->ledger) == -1)
		return ledger_failed(w);
	return EXIT_OK;
}

int
main(int argc, char *argv[])
{
	struct writer w = { .log = { .fd = -1 }, .failed = EXIT_OK };
	enum exits status;
	int items_failed;

	opt_parse(&tool, argc, argv);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	arena_init(&w.arena);
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	status = open_stores(&w);
	if (status == EXIT_OK)
		status = stream_each(STDIN_FILENO, "standard input", 0, take,
		    &w);
	items_failed = status == EXIT_OK && w.failed != EXIT_OK;
	status = stream_finish(&w.out, items_failed ? w.failed : status,
	    items_failed, NULL);
	db_close(&w.ledger);
	eventlog_close(&w.log);
	arena_release(&w.arena);
	return (int)status;
}
