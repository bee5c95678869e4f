#include "net/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"

/* "[4/6] 2026/A items ok 20.8 MB (1.2 s)", in one write(2). */
void
report_item(struct report *r, const char *label, const char *what,
    int64_t ms)
{
	char line[1024], time[HUMAN_TEXT];
	size_t n;

	r->done++;
	if (msg_get_level() == MSG_QUIET)
		return;
	human_ms(ms, time);
	snprintf(line, sizeof(line), "[%" PRId64 "/%" PRId64
	    "] %.500s %.300s (%s)", r->done, r->taken, label, what, time);
	n = strlen(line);
	msg_mask(line, n);
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

void
report_answer(struct report *r, const struct task *t,
    const struct fetch_answer *a)
{
	char what[320], size[HUMAN_TEXT];

	if (a->outcome == FETCH_FAILED) {
		snprintf(what, sizeof(what), "failed: %s: %s", a->code,
		    a->text);
	} else if (a->outcome == FETCH_UNCHANGED) {
		snprintf(what, sizeof(what), "unchanged");
	} else {
		human_bytes(a->size_bytes, size);
		snprintf(what, sizeof(what), "ok %s", size);
	}
	report_item(r, t->label, what, a->total_ms);
}

void
report_attempt(struct report *r, const struct task *t,
    const struct fetch_answer *a)
{
	struct jsonw *w = eventlog_begin(&r->log, "attempt");
	yyjson_val *part = yyjson_obj_get(t->record.root, "part");

	jsonw_opt(w, "run", record_str(&t->record, "run"));
	jsonw_opt(w, "source", record_str(&t->record, "source"));
	jsonw_opt(w, "dataset", record_str(&t->record, "dataset"));
	if (part != NULL)
		jsonw_val(w, "part", part);
	jsonw_str(w, "task", t->label);
	jsonw_int(w, "attempt", a->attempt);
	jsonw_str(w, "code", a->outcome == FETCH_FAILED ? a->code :
	    a->outcome == FETCH_UNCHANGED ? "unchanged" : "ok");
	if (a->status != 0)
		jsonw_int(w, "status", a->status);
	if (a->outcome == FETCH_BODY) {
		jsonw_int(w, "bytes", a->size_bytes);
		jsonw_int(w, "stored_bytes", a->stored_bytes);
	}
	jsonw_int(w, "ms", a->total_ms);
	if (a->again_ms != -1)
		jsonw_int(w, "again_ms", a->again_ms);
	eventlog_end(&r->log);
}

/* "3 ok, 1 failed, 2 not asked", unless all is well. */
void
report_total(const struct report *r)
{
	if (r->failed == 0 && r->not_asked == 0)
		return;
	msg_note("%" PRId64 " task%s: %" PRId64 " ok, %" PRId64 " failed, %"
	    PRId64 " not asked", r->taken, r->taken == 1 ? "" : "s", r->good,
	    r->failed, r->not_asked);
}

void
report_breaker(struct report *r, const struct task *t,
    const struct fetch_answer *a, int64_t max, int probe)
{
	struct jsonw *w = eventlog_begin(&r->log, "breaker");

	jsonw_opt(w, "run", record_str(&t->record, "run"));
	jsonw_opt(w, "source", record_str(&t->record, "source"));
	jsonw_opt(w, "dataset", record_str(&t->record, "dataset"));
	jsonw_str(w, "task", t->label);
	jsonw_str(w, "code", a->code);
	jsonw_bool(w, "probe", probe);
	if (!probe)
		jsonw_int(w, "failures", max);
	eventlog_end(&r->log);
	if (probe)
		msg_error("stopped asking: the server still fails: %s: %s: %s",
		    t->label, a->code, a->text);
	else
		msg_error("stopped asking after %" PRId64 " failure%s in a "
		    "row: %s: %s: %s", max, max == 1 ? "" : "s", t->label,
		    a->code, a->text);
}
