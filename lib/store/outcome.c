#include "store/outcome.h"

#include <string.h>

#include "base/human.h"

#define REASON_BYTES 4096

enum exits
outcome_status(const struct canon_result *r)
{
	switch (r->outcome) {
	case CANON_PROMOTED:
		return r->held > 0 ? EXIT_NO : EXIT_OK;
	case CANON_UNCHANGED:
	case CANON_REPEATED:
		return EXIT_OK;
	case CANON_WAITING:
	case CANON_HELD:
		return EXIT_NO;
	case CANON_MIX:
		break;
	case CANON_FENCED:
		return EXIT_REFUSED;
	}
	return EXIT_BUG;
}

static int
promoted(struct buf *b, const struct canon_result *r, int preview)
{
	char plus[HUMAN_TEXT], changed[HUMAN_TEXT], minus[HUMAN_TEXT];
	char spent[HUMAN_TEXT];

	human_count(r->inserted, plus);
	human_count(r->updated, changed);
	human_count(r->deleted, minus);
	if (buf_printf(b, "+%s ~%s -%s in %lld table%s, version %s %s", plus,
	    changed, minus, (long long)r->tables, r->tables == 1 ? "" : "s",
	    r->version, preview ? "would be active" : "is active") == -1)
		return -1;
	if (preview)
		return 0;
	human_ms(r->ms, spent);
	return buf_printf(b, " (%s)", spent);
}

static int
why_and_until(struct buf *b, const struct gate_hold *h)
{
	if (gate_hold_why(b, h) == -1 || buf_str(b, "; ") == -1)
		return -1;
	return gate_hold_until(b, h);
}

/* The parts after the first that are held, too. */
static int
more(struct buf *b, const struct canon_result *r)
{
	size_t i;

	for (i = 0; i + 1 < r->held; i++)
		if (buf_str(b, "; and ") == -1 ||
		    why_and_until(b, &r->more[i]) == -1)
			return -1;
	return 0;
}

/* Whoever accepts has been told of all that passes then. */
static int
ask(struct buf *b, const struct canon_result *r)
{
	if (more(b, r) == -1)
		return -1;
	return buf_str(b, r->held > 1 ? "; if all of it is right: --accept "
	    "REASON, if one part is: with --part PART" :
	    "; if it is right: --accept REASON");
}

static int
held(struct buf *b, const struct canon_result *r)
{
	if (buf_str(b, "held by the gate: ") == -1 ||
	    gate_hold_why(b, &r->hold) == -1 || buf_printf(b, "; %s; ",
	    r->active[0] != '\0' ? "the active version stays" :
	    "nothing is promoted") == -1 || gate_hold_until(b, &r->hold)
	    == -1)
		return -1;
	return ask(b, r);
}

/* What was good of it is promoted all the same. */
static int
held_part(struct buf *b, const struct canon_result *r)
{
	if (r->held == 0)
		return 0;
	if (buf_printf(b, "; its part %s is held by the gate: ",
	    r->hold.part) == -1 || gate_hold_why(b, &r->hold) == -1 ||
	    buf_str(b, "; its rows stay; ") == -1 ||
	    gate_hold_until(b, &r->hold) == -1)
		return -1;
	return ask(b, r);
}

int
outcome_text(struct buf *b, const struct canon_result *r, const char *run,
    int preview)
{
	switch (r->outcome) {
	case CANON_PROMOTED:
		return promoted(b, r, preview) == -1 ? -1 :
		    held_part(b, r);
	case CANON_UNCHANGED:
		return buf_printf(b, "unchanged, version %s stays active",
		    r->active);
	case CANON_REPEATED:
		return buf_printf(b, "version %s is active already",
		    r->version);
	case CANON_WAITING:
		return buf_printf(b, "not promoted: its part %s has no valid "
		    "payload", r->missing_part);
	case CANON_HELD:
		return held(b, r);
	case CANON_MIX:
		break;
	case CANON_FENCED:
		return buf_printf(b, "refused: %s was overtaken by %s",
		    strcmp(run, r->newer) < 0 ? run : r->staged, r->newer);
	}
	return 0;
}

static const char *
word(enum canon_outcome outcome)
{
	switch (outcome) {
	case CANON_PROMOTED:
		return "promoted";
	case CANON_REPEATED:
		return "repeated";
	case CANON_UNCHANGED:
		return "unchanged";
	case CANON_WAITING:
		return "pending";
	case CANON_HELD:
		return "held";
	case CANON_FENCED:
	case CANON_MIX:
		break;
	}
	return "failed";
}

/* Why the answer is no, in a line. */
static void
reason_member(struct jsonw *w, const struct canon_result *r)
{
	struct buf b;

	if (r->missing_part != NULL) {
		jsonw_str(w, "reason", "a part has no valid payload");
		return;
	}
	buf_init(&b, REASON_BYTES);
	if (why_and_until(&b, &r->hold) == 0 && more(&b, r) == 0)
		jsonw_str(w, "reason", b.data);
	buf_release(&b);
}

/* The names of the parts that are held. */
static void
held_member(struct jsonw *w, const struct canon_result *r)
{
	struct buf b;
	size_t i;
	int ok;

	buf_init(&b, REASON_BYTES);
	ok = buf_str(&b, r->hold.part) == 0;
	for (i = 0; ok && i + 1 < r->held; i++)
		ok = buf_printf(&b, ", %s", r->more[i].part) == 0;
	if (ok)
		jsonw_str(w, "held", b.data);
	buf_release(&b);
}

void
outcome_event(struct jsonw *w, const struct canon_result *r,
    enum exits status)
{
	jsonw_opt(w, "version", r->version[0] != '\0' ? r->version : NULL);
	jsonw_str(w, "outcome", status > EXIT_NO ? "failed" :
	    word(r->outcome));
	if (status > EXIT_NO)
		jsonw_str(w, "code", exits_name(status));
	if (status == EXIT_NO)
		reason_member(w, r);
	if (status == EXIT_NO && r->held > 0)
		held_member(w, r);
	jsonw_int(w, "inserted", r->inserted);
	jsonw_int(w, "updated", r->updated);
	jsonw_int(w, "deleted", r->deleted);
	jsonw_int(w, "tables", r->tables);
	jsonw_int(w, "rows", r->rows);
	jsonw_int(w, "bytes", r->bytes);
}
