#include "record/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"

static const char *const outcome_texts[PROGRESS_OUTCOMES] = {
	"ok", "changed", "unchanged", "invalid", "failed"
};

void
progress_init(struct progress *p, int64_t planned, int64_t now_ms)
{
	memset(p, 0, sizeof(*p));
	p->planned = planned;
	p->start_ms = now_ms;
	p->good = "ok";
	buf_init(&p->line, 4096);
}

void
progress_release(struct progress *p)
{
	buf_release(&p->line);
}

/* What became of the item; -1 for a record that finishes none. */
static int
outcome(const struct record *r)
{
	const char *verdict = record_str(r, "verdict");

	if (record_is(r, "error"))
		return PROGRESS_FAILED;
	if (record_is(r, "unchanged"))
		return PROGRESS_UNCHANGED;
	if (record_is(r, "body"))
		return PROGRESS_OK;
	if (record_is(r, "raw"))
		return record_str(r, "same_as") != NULL ?
		    PROGRESS_UNCHANGED : PROGRESS_OK;
	if (!record_is(r, "verdict") || verdict == NULL)
		return -1;
	if (strcmp(verdict, "valid") != 0)
		return PROGRESS_INVALID;
	return yyjson_is_true(yyjson_obj_get(r->root, "changed")) ?
	    PROGRESS_CHANGED : PROGRESS_UNCHANGED;
}

/* Members that say more, where the record has them. */
static void
details(struct progress *p, const struct record *r)
{
	const char *code = record_str(r, "code");
	const char *message = record_str(r, "message");
	int64_t bytes = record_int(r, "size_bytes", -1);
	int64_t ms = record_int(r, "total_ms", -1);
	char text[HUMAN_TEXT];

	if (code != NULL)
		buf_printf(&p->line, ": %s", code);
	if (message != NULL)
		buf_printf(&p->line, ": %.200s", message);
	if (bytes >= 0) {
		human_bytes(bytes, text);
		buf_printf(&p->line, " %s", text);
	}
	if (ms >= 0) {
		human_ms(ms, text);
		buf_printf(&p->line, " (%s)", text);
	}
}

/* Is it an item that a job loop has finished? */
static int
is_item(const struct record *r)
{
	return record_str(r, "label") != NULL &&
	    record_int(r, "number", 0) > 0 &&
	    (record_is(r, "done") || record_is(r, "page") ||
	    record_is(r, "error"));
}

static int
take_item(struct progress *p, const struct record *r)
{
	int good = !record_is(r, "error");
	const char *state = record_str(r, "state");
	const char *code = record_str(r, "code");
	const char *message = record_str(r, "message");

	p->planned = record_int(r, "total", 0);
	p->done++;
	p->outcomes[good ? PROGRESS_OK : PROGRESS_FAILED]++;
	buf_printf(&p->line, "[%" PRId64 "/%" PRId64 "] %s ",
	    record_int(r, "number", 0), p->planned, record_str(r, "label"));
	if (record_is(r, "page"))
		buf_printf(&p->line, "%s %" PRId64 " entries, %" PRId64
		    " new", p->good, record_int(r, "entries", 0),
		    record_int(r, "found", 0));
	else if (good)
		buf_printf(&p->line, "%s %s", p->good,
		    state != NULL ? state : "done");
	else
		buf_printf(&p->line, "%s: %s%s%.200s",
		    yyjson_is_true(yyjson_obj_get(r->root, "dead")) ?
		    "dead" : "failed", code != NULL ? code : "unknown",
		    message != NULL && message[0] != '\0' ? ": " : "",
		    message != NULL ? message : "");
	buf_printf(&p->line, " (%.1fs)",
	    (double)record_int(r, "duration_ms", 0) / 1e3);
	return good ? PROGRESS_OK : PROGRESS_FAILED;
}

int
progress_take(struct progress *p, const struct record *r)
{
	int what = outcome(r);

	buf_clear(&p->line);
	if (is_item(r))
		return take_item(p, r);
	if (record_is(r, "task")) {
		p->planned++;
		return -1;
	}
	if (what == -1) {
		p->others++;
		snprintf(p->other, sizeof(p->other), "%s", r->type);
		return -1;
	}
	p->done++;
	p->outcomes[what]++;
	if (p->planned > 0)
		buf_printf(&p->line, "[%" PRId64 "/%" PRId64 "] ", p->done,
		    p->planned > p->done ? p->planned : p->done);
	else
		buf_printf(&p->line, "[%" PRId64 "] ", p->done);
	record_label(r, &p->line);
	buf_printf(&p->line, " %s", outcome_texts[what]);
	details(p, r);
	return what;
}

void
progress_left(struct progress *p, int64_t now_ms)
{
	char text[HUMAN_TEXT];

	if (p->done == 0 || p->planned <= p->done)
		return;
	human_ms((now_ms - p->start_ms) / p->done * (p->planned - p->done),
	    text);
	buf_printf(&p->line, ", %s left", text);
}

void
progress_total(struct progress *p, int64_t now_ms)
{
	char text[HUMAN_TEXT];
	int i, n = 0;

	buf_clear(&p->line);
	if (p->done == 0 && p->others == 0)
		return;
	if (p->done > 0) {
		human_count(p->done, text);
		buf_printf(&p->line, "%s item%s:", text,
		    p->done == 1 ? "" : "s");
		for (i = 0; i < PROGRESS_OUTCOMES; i++)
			if (p->outcomes[i] > 0)
				buf_printf(&p->line, "%s %" PRId64 " %s",
				    n++ > 0 ? "," : "", p->outcomes[i],
				    outcome_texts[i]);
		if (p->planned > p->done)
			buf_printf(&p->line, ", %" PRId64 " did not come",
			    p->planned - p->done);
	}
	if (p->others > 0) {
		human_count(p->others, text);
		buf_printf(&p->line, "%s%s records (%s)",
		    p->done > 0 ? "; " : "", text, p->other);
	}
	human_ms(now_ms - p->start_ms, text);
	buf_printf(&p->line, " (%s)", text);
}
