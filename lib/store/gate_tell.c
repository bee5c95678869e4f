#include "store/gate_tell.h"

#include <string.h>

#include "base/human.h"

#define TEXT_BYTES ((size_t)1 << 16)
#define SAMPLES_TOLD 5

static const struct {
	const char *name;
	enum gate_limits limits;
} situations[] = {
	{ "young", GATE_YOUNG }, { "old", GATE_OLD },
	{ "recovered", GATE_RECOVERED }
};

#define SITUATIONS (sizeof(situations) / sizeof(situations[0]))

/* "diff-promote -c FILE -d DIR -r RUN --accept REASON --part P 2026/A". */
static int
command(struct buf *b, const struct gate_tell *t, const struct gate_view *v,
    const char *option)
{
	return buf_printf(b, "diff-promote -c %s -d %s -r RUN %s REASON "
	    "--part %s %s", t->config, t->data, option, v->part->name,
	    v->label);
}

/* The last samples, the newest first: bound, or NULL. */
static sqlite3_stmt *
samples(const struct gate_view *v, const struct decl_table *t)
{
	sqlite3_stmt *s = db_prepare(v->db, "SELECT at, \"rows\", missing, "
	    "added, verdict, accepted, answers FROM main.gate_samples "
	    "WHERE dataset = ? AND table_name = ? ORDER BY n DESC LIMIT ?");

	if (s != NULL) {
		db_bind(s, 1, v->label);
		db_bind(s, 2, t->name);
		sqlite3_bind_int(s, 3, SAMPLES_TOLD);
	}
	return s;
}

/* --- for people --------------------------------------------------------- */

static int
state_line(const struct gate_view *v, struct buf *b)
{
	struct gate_hold h;

	if (buf_printf(b, "%s %s: ", v->label, v->part->name) == -1)
		return -1;
	if (!v->state.held)
		return buf_str(b, v->active[0] != '\0' ? "open\n" :
		    "no version yet\n");
	if (buf_printf(b, "held since %s, as %s\n  ", v->state.held_since,
	    v->state.version) == -1 || gate_view_hold(v, &h) == -1 ||
	    gate_hold_why(b, &h) == -1)
		return -1;
	return buf_chr(b, '\n');
}

/* "0.1 of it, 1,143 missing or 5,712 added, are too many while …". */
static int
limit_lines(const struct gate_view_table *t, int held, struct buf *b)
{
	const struct decl_gate *g = &t->t->gate;
	enum gate_limits now = held ? GATE_RECOVERED :
	    gate_limits(g, t->age_ms);
	char missing[HUMAN_TEXT], added[HUMAN_TEXT];
	size_t i;

	for (i = 0; i < SITUATIONS; i++) {
		enum gate_limits l = situations[i].limits;

		human_count(gate_missing_limit(g, l, t->baseline), missing);
		human_count(gate_growth_limit(g, l, t->baseline), added);
		if (buf_printf(b, "    limits %-9s  %s missing, %s added%s\n",
		    situations[i].name, missing, added,
		    l == now ? "  <- now" : "") == -1)
			return -1;
	}
	return 0;
}

static int
sample_line(sqlite3_stmt *s, struct buf *b)
{
	char rows[HUMAN_TEXT], missing[HUMAN_TEXT], added[HUMAN_TEXT];

	human_count(sqlite3_column_int64(s, 1), rows);
	human_count(sqlite3_column_int64(s, 2), missing);
	human_count(sqlite3_column_int64(s, 3), added);
	return buf_printf(b, "    %s  %s rows, %s missing, %s added: %s%s, "
	    "%lld answer%s\n", db_text(s, 0), rows, missing, added,
	    db_text(s, 4), sqlite3_column_int(s, 5) ? ", accepted" : "",
	    (long long)sqlite3_column_int64(s, 6),
	    sqlite3_column_int64(s, 6) == 1 ? "" : "s");
}

static int
table_lines(const struct gate_view *v, const struct decl_table *table,
    struct buf *b)
{
	struct gate_view_table t;
	char baseline[HUMAN_TEXT], active[HUMAN_TEXT], age[HUMAN_TEXT];
	sqlite3_stmt *s;
	int r;

	if (gate_view_table(v, table, &t) == -1)
		return -1;
	if (t.active == -1)
		return buf_printf(b, "  %s\n", table->name);
	human_count(t.baseline, baseline);
	human_count(t.active, active);
	human_ms(t.age_ms, age);
	if (buf_printf(b, "  %s: %s rows active, baseline %s of %zu count%s, "
	    "%s old\n", table->name, active, baseline, t.counts,
	    t.counts == 1 ? "" : "s", age) == -1 ||
	    limit_lines(&t, v->state.held, b) == -1 || (s = samples(v, table)) == NULL)
		return -1;
	while ((r = db_step(v->db, s)) == 1)
		if (sample_line(s, b) == -1)
			break;
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}

/* What would release it, and what to type. */
static int
release_lines(const struct gate_tell *t, const struct gate_view *v,
    struct buf *b)
{
	struct gate_hold h;

	if (gate_view_hold(v, &h) == -1 || h.part == NULL)
		return h.part == NULL ? 0 : -1;
	if (v->reason[0] != '\0' && buf_printf(b, "  %s said at %s: %s\n",
	    v->who, v->at, v->reason) == -1)
		return -1;
	if (buf_str(b, "  ") == -1 || gate_hold_until(b, &h) == -1 ||
	    buf_str(b, "\n  if it is right:  ") == -1 ||
	    command(b, t, v, "--accept") == -1 ||
	    buf_str(b, "\n  if it is wrong:  ") == -1 ||
	    command(b, t, v, "--reject") == -1)
		return -1;
	return buf_chr(b, '\n');
}

int
gate_tell_text(const struct gate_tell *t, const struct gate_view *v,
    struct buf *b)
{
	size_t i, start = b->len, tables = 0;

	if (state_line(v, b) == -1)
		return -1;
	for (i = 0; i < v->d->n_tables; i++) {
		if (!gate_view_has(v, &v->d->tables[i]))
			continue;
		tables++;
		if (table_lines(v, &v->d->tables[i], b) == -1)
			return -1;
	}
	if (tables == 0 && !v->state.held) {
		buf_cut(b, start);
		return 0;
	}
	return release_lines(t, v, b);
}

/* --- as JSON ------------------------------------------------------------ */

static void
instant_member(struct jsonw *w, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT];

	if (ms == 0)
		return;
	clock_format(ms, text);
	jsonw_str(w, name, text);
}

static void
limit_members(struct jsonw *w, const struct gate_view_table *t)
{
	const struct decl_gate *g = &t->t->gate;
	size_t i;

	jsonw_obj_open(w, "limits");
	for (i = 0; i < SITUATIONS; i++) {
		enum gate_limits l = situations[i].limits;

		jsonw_obj_open(w, situations[i].name);
		jsonw_int(w, "missing",
		    gate_missing_limit(g, l, t->baseline));
		jsonw_int(w, "added", gate_growth_limit(g, l, t->baseline));
		jsonw_obj_close(w);
	}
	jsonw_obj_close(w);
}

static int
sample_members(struct jsonw *w, const struct gate_view *v,
    const struct decl_table *t)
{
	sqlite3_stmt *s = samples(v, t);
	int r;

	if (s == NULL)
		return -1;
	jsonw_arr_open(w, "samples");
	while ((r = db_step(v->db, s)) == 1) {
		jsonw_obj_open(w, NULL);
		jsonw_str(w, "at", db_text(s, 0));
		jsonw_int(w, "rows", sqlite3_column_int64(s, 1));
		jsonw_int(w, "missing", sqlite3_column_int64(s, 2));
		jsonw_int(w, "added", sqlite3_column_int64(s, 3));
		jsonw_str(w, "verdict", db_text(s, 4));
		jsonw_bool(w, "accepted", sqlite3_column_int(s, 5));
		jsonw_int(w, "answers", sqlite3_column_int64(s, 6));
		jsonw_obj_close(w);
	}
	jsonw_arr_close(w);
	sqlite3_finalize(s);
	return r;
}

static int
table_members(struct jsonw *w, const struct gate_view *v,
    const struct decl_table *table)
{
	struct gate_view_table t;

	if (gate_view_table(v, table, &t) == -1)
		return -1;
	jsonw_str(w, "table", table->name);
	if (t.active == -1)
		return 0;
	jsonw_int(w, "active", t.active);
	jsonw_int(w, "baseline", t.baseline);
	jsonw_int(w, "counts", (int64_t)t.counts);
	instant_member(w, "good_at", t.good_ms);
	jsonw_int(w, "age_ms", t.age_ms);
	limit_members(w, &t);
	return sample_members(w, v, table);
}

/* What is held, by what, since when, and until what. */
static int
hold_members(const struct gate_tell *t, const struct gate_view *v,
    struct jsonw *w, struct buf *text)
{
	struct gate_hold h;

	if (gate_view_hold(v, &h) == -1)
		return -1;
	jsonw_str(w, "version", v->state.version);
	jsonw_str(w, "held_since", v->state.held_since);
	jsonw_int(w, "agreeing", h.samples);
	jsonw_int(w, "agreeing_ms", h.ms);
	if (gate_hold_why(text, &h) == 0)
		jsonw_str(w, "why", text->data);
	buf_clear(text);
	if (gate_hold_until(text, &h) == 0)
		jsonw_str(w, "until", text->data);
	buf_clear(text);
	if (command(text, t, v, "--accept") == 0)
		jsonw_str(w, "accept", text->data);
	buf_clear(text);
	if (command(text, t, v, "--reject") == 0)
		jsonw_str(w, "reject", text->data);
	return 0;
}

int
gate_tell_members(const struct gate_tell *t, const struct gate_view *v,
    const struct decl_table *table, struct jsonw *w)
{
	struct buf text;
	int r = 0;

	jsonw_str(w, "source", v->d->source);
	jsonw_str(w, "dataset", v->label);
	jsonw_str(w, "part", v->part->name);
	jsonw_str(w, "state", v->state.held ? "held" : "open");
	jsonw_str(w, "verdict", gate_name(v->state.verdict));
	if (v->reason[0] != '\0') {
		jsonw_str(w, "reason", v->reason);
		jsonw_str(w, "who", v->who);
		jsonw_str(w, "at", v->at);
	}
	if (v->state.held) {
		buf_init(&text, TEXT_BYTES);
		r = hold_members(t, v, w, &text);
		buf_release(&text);
	}
	return r == 0 && table != NULL ? table_members(w, v, table) : r;
}

static int
send(const struct gate_tell *t, const struct gate_view *v,
    const struct decl_table *table, struct stream_out *out)
{
	struct jsonw w;

	stream_record(out, &w, "gate");
	if (gate_tell_members(t, v, table, &w) == -1)
		return -1;
	return stream_put(out, &w);
}

int
gate_tell_records(const struct gate_tell *t, const struct gate_view *v,
    struct stream_out *out)
{
	size_t i, tables = 0;

	for (i = 0; i < v->d->n_tables; i++) {
		if (!gate_view_has(v, &v->d->tables[i]))
			continue;
		tables++;
		if (send(t, v, &v->d->tables[i], out) == -1)
			return -1;
	}
	return tables == 0 && v->state.held ? send(t, v, NULL, out) : 0;
}
