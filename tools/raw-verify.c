/*
 * raw-verify -- say which partitions are valid, and which run counts.
 *
 * in:   raw, unchanged and error records on standard input
 * out:  a verdict record for each; error records are passed on
 * owns: partition_state and attempts in DATA/ledger.sqlite, DATA/ptr
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/decl.h"
#include "record/eventlog.h"
#include "record/stream.h"
#include "record/unit.h"
#include "store/ledger.h"
#include "store/libraries.h"
#include "store/verify.h"

static const char *config, *data = "data";
static int check;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "check", 0, OPT_FLAG, NULL, &check,
	    "exit 1 when an answer was found invalid", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"say which partitions are valid, and which run counts", NULL, 0, 0,
	opts, libraries
};

struct verifier {
	struct decl decl;
	struct db ledger;
	struct stream_out out;
	struct eventlog log;
	struct arena arena;	/* cleared for each record */
	int64_t invalid;	/* answers found so */
	int64_t bad;		/* records that break the contract */
};

static enum exits
ledger_failed(const struct verifier *w)
{
	msg_error("%s", db_message(&w->ledger));
	return db_status(&w->ledger);
}

/* It becomes an error record, unless it is one, and the stream goes on. */
static void
bad_record(struct verifier *w, const struct record *r, const char *what)
{
	w->bad++;
	msg_warn("%s: line %lld: %s", r->source, (long long)r->number,
	    what);
	if (record_is(r, "error"))
		stream_copy(&w->out, r);
	else
		stream_error(&w->out, r, "bad_record", "%s", what);
}

/* Are these the dataset's values, as people write them? */
static int
is_label(const struct part *dataset, const char *label)
{
	struct buf b;
	int same;

	buf_init(&b, PATH_BYTES_MAX);
	same = part_values(dataset, 0, dataset->n, &b) == 0 &&
	    strcmp(b.data, label) == 0;
	buf_release(&b);
	return same;
}

/* Is the unit's key one that the declaration makes, and its format? */
static const char *
check_key(const struct decl *d, const struct record *r, const struct unit *u,
    const struct decl_part **part)
{
	const char *format = record_str(r, "format");
	const char *name = part_get(&u->part, d->part_member);
	struct part dataset = u->part, want;

	if (strcmp(u->source, d->source) != 0)
		return "of another source than the declaration";
	if (name == NULL || (*part = decl_part(d, name)) == NULL)
		return "a part that is not declared";
	if (format != NULL && !record_is(r, "error") &&
	    strcmp(format, (*part)->format) != 0)
		return "of another format than its part is declared to be";
	dataset.n--;		/* its last member names the part */
	if (!decl_has((*part)->kind, &dataset) ||
	    decl_part_key(d, &dataset, name, &want) == -1 ||
	    !part_equal(&want, &u->part) ||
	    !is_label(&dataset, u->dataset))
		return "not a key that is declared";
	return NULL;
}

static const char *
kind_text(const struct verify *v)
{
	return v->answer.kind == AUTHORITY_BODY ? "body" :
	    v->answer.kind == AUTHORITY_UNCHANGED ? "unchanged" :
	    v->answer.kind == AUTHORITY_SAME_AS ? "same_as" : "error";
}

static void
put_identity(struct jsonw *j, const struct unit *u)
{
	jsonw_str(j, "run", u->run);
	jsonw_str(j, "source", u->source);
	jsonw_str(j, "dataset", u->dataset);
	part_write(&u->part, j, "part");
}

static void
put_verdict(struct verifier *w, const struct record *r,
    const struct unit *u, const struct verify *v)
{
	const struct authority_answer *a = &v->answer;
	const char *code = v->verdict.code;
	struct jsonw j;

	stream_record(&w->out, &j, "verdict");
	put_identity(&j, u);
	jsonw_opt(&j, "sha256", a->sha256);
	jsonw_opt(&j, "snapshot", a->snapshot);
	jsonw_str(&j, "kind", kind_text(v));
	jsonw_str(&j, "verdict", code == NULL ? "valid" : "invalid");
	jsonw_opt(&j, "code", code);
	jsonw_opt(&j, "current", v->verdict.current);
	jsonw_bool(&j, "changed", v->changed);
	if (a->record_count != -1)
		jsonw_int(&j, "record_count", a->record_count);
	if (a->size_bytes != -1)
		jsonw_int(&j, "size_bytes", a->size_bytes);
	jsonw_str(&j, "outcome", code == NULL ? "ok" : "failed");
	record_rest(r, &j);
	if (stream_put(&w->out, &j) == -1)
		bad_record(w, r, "too long for a verdict");
}

static void
log_verdict(struct verifier *w, const struct unit *u,
    const struct verify *v, int64_t ms)
{
	struct jsonw *j = eventlog_begin(&w->log, "verdict");

	put_identity(j, u);
	jsonw_str(j, "task", u->label.data);
	jsonw_opt(j, "snapshot", v->answer.snapshot);
	jsonw_str(j, "kind", kind_text(v));
	jsonw_str(j, "code",
	    v->verdict.code == NULL ? "valid" : v->verdict.code);
	jsonw_bool(j, "changed", v->changed);
	if (v->answer.record_count != -1)
		jsonw_int(j, "records", v->answer.record_count);
	if (v->answer.size_bytes != -1)
		jsonw_int(j, "bytes", v->answer.size_bytes);
	jsonw_int(j, "ms", ms);
	eventlog_end(&w->log);
}

/* Say what is wrong with an answer; recording that is our success. */
static void
note_invalid(struct verifier *w, const struct unit *u,
    const struct verify *v)
{
	w->invalid++;
	msg_warn("%s: %s: %s", u->label.data, v->verdict.code,
	    v->finding.code != FINDING_NONE ? v->finding.text :
	    "confirms what is no longer authoritative");
}

static enum exits
judge(struct verifier *w, const struct record *r, const struct unit *u,
    struct verify *v, const struct decl_part *part)
{
	const struct raw_want want = { part->schema_version,
	    part->n_require, part->require };
	int64_t start = clock_mono_ms();

	if (verify_check(v, data, r, &want) == -1) {
		msg_error_errno("%s", u->label.data);
		return msg_status(errno);
	}
	if (verify_commit(v, data, &w->ledger, u, &w->arena) == -1)
		return ledger_failed(w);
	if (v->answer.kind == AUTHORITY_ERROR) {
		stream_copy(&w->out, r);
	} else {
		if (v->verdict.code != NULL)
			note_invalid(w, u, v);
		put_verdict(w, r, u, v);
	}
	log_verdict(w, u, v, clock_mono_ms() - start);
	return EXIT_OK;
}

static enum exits
take_answer(struct verifier *w, const struct record *r, const struct unit *u)
{
	const struct decl_part *part;
	char now[CLOCK_TEXT];
	struct verify v;
	const char *wrong;
	enum exits status = EXIT_OK;

	if ((wrong = check_key(&w->decl, r, u, &part)) != NULL) {
		bad_record(w, r, wrong);
		return EXIT_OK;
	}
	clock_now(now);
	if ((wrong = verify_read(&v, r, u, now)) != NULL)
		bad_record(w, r, wrong);
	else
		status = judge(w, r, u, &v, part);
	verify_release(&v);
	return status;
}

static enum exits
take(const struct record *r, void *arg)
{
	struct verifier *w = arg;
	int error = record_is(r, "error");
	enum exits status = EXIT_OK;
	const char *wrong;
	struct unit u;

	if (!error && !record_is(r, "raw") && !record_is(r, "unchanged")) {
		stream_copy(&w->out, r);
	} else if ((wrong = unit_read(&u, r)) == NULL) {
		arena_clear(&w->arena);
		status = take_answer(w, r, &u);
		unit_release(&u);
	} else if (error) {		/* of no partition */
		stream_copy(&w->out, r);
	} else {
		bad_record(w, r, wrong);
	}
	return status == EXIT_OK && stream_failed(&w->out) ? EXIT_IO : status;
}

static enum exits
load(struct verifier *w)
{
	struct buf why;
	enum exits status = EXIT_OK;

	buf_init(&why, 4096);
	if (decl_load(&w->decl, config, &why) == -1) {
		status = errno == EINVAL ? EXIT_USAGE : msg_status(errno);
		msg_error("%s", why.data);
	}
	buf_release(&why);
	return status;
}

static enum exits
open_stores(struct verifier *w)
{
	if (eventlog_open(&w->log) == -1) {
		msg_error_errno("SLUICE_LOG");
		return EXIT_IO;
	}
	if (ledger_open(&w->ledger, data, DB_WRITE) == -1 ||
	    verify_recover(data, &w->ledger, w->decl.source) == -1)
		return ledger_failed(w);
	return EXIT_OK;
}

int
main(int argc, char *argv[])
{
	struct verifier w = { .log = { .fd = -1 } };
	enum exits status;
	int items_failed;

	opt_parse(&tool, argc, argv);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	arena_init(&w.arena);
	stream_out_init(&w.out, STDOUT_FILENO, 0);
	if ((status = load(&w)) == EXIT_OK &&
	    (status = open_stores(&w)) == EXIT_OK)
		status = stream_each(STDIN_FILENO, "standard input", 0, take,
		    &w);
	items_failed = status == EXIT_OK && w.bad > 0;
	if (items_failed)
		status = EXIT_DATA;
	else if (status == EXIT_OK && check && w.invalid > 0)
		status = EXIT_NO;
	status = stream_finish(&w.out, status, items_failed, NULL);
	db_close(&w.ledger);
	decl_release(&w.decl);
	eventlog_close(&w.log);
	arena_release(&w.arena);
	return (int)status;
}
