#include "decl/queue.h"

#include <stdio.h>
#include <string.h>

#include "decl/reader.h"

#define DAY_S 86400
#define MANY 1000000

static const char *const moves[] = {
	[DECL_STEP] = "step", [DECL_FAIL] = "fail",
	[DECL_GIVE_UP] = "give-up", [DECL_AGAIN] = "again",
	[DECL_STALE] = "stale", [DECL_FOUND] = "found",
	[DECL_ACTION] = "action",
};

/* --- states and facts --------------------------------------------------- */

static size_t
find(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return DECL_NONE;
}

/* The state called name, which member of where says. */
static int
state(const struct reader *r, const char *where, const char *member,
    const struct decl_queue *q, const char *name, size_t *out)
{
	*out = decl_queue_state(q, name);
	return *out != DECL_NONE ? 0 : reader_fail_at(r, where, member,
	    "%s: no state \"%s\"", member, name);
}

static int
read_states(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_queue *q)
{
	const char *initial = NULL, **final = NULL;
	size_t i, at, n_final = 0;

	if (reader_strings(r, where, v, "states", 1, &q->states,
	    &q->n_states) == -1 ||
	    reader_string(r, where, v, "initial", 1, &initial) == -1 ||
	    reader_strings(r, where, v, "final", 1, &final, &n_final) == -1)
		return -1;
	if (q->n_states < 2 || q->n_states > DECL_STATES_MAX)
		return reader_fail_at(r, where, "states", "2 to %d states",
		    DECL_STATES_MAX);
	for (i = 0; i < q->n_states; i++) {
		if (reader_name(r, where, q->states[i]) == -1)
			return -1;
		if (find(q->states, i, q->states[i]) != DECL_NONE)
			return reader_fail_at(r, where, "states",
			    "\"%s\" occurs twice", q->states[i]);
	}
	q->final = reader_array(r, q->n_states, sizeof(*q->final));
	if (q->final == NULL ||
	    state(r, where, "initial", q, initial, &q->initial) == -1)
		return -1;
	for (i = 0; i < n_final; i++) {
		if (state(r, where, "final", q, final[i], &at) == -1)
			return -1;
		q->final[at] = 1;
	}
	return 0;
}

static int
read_fact(const struct reader *r, const char *where, yyjson_val *all,
    struct decl_fact *f)
{
	static const char *const names[] = { [DECL_TEXT] = "text",
	    [DECL_INTEGER] = "integer", [DECL_REAL] = "real",
	    [DECL_BOOLEAN] = "boolean" };
	const char *type = NULL;
	size_t i;

	if (reader_name(r, where, f->name) == -1 ||
	    reader_string(r, where, all, f->name, 1, &type) == -1)
		return -1;
	i = find(names, sizeof(names) / sizeof(names[0]), type);
	if (i == DECL_NONE)
		return reader_fail_at(r, where, f->name, "%s: unknown type "
		    "\"%s\" (text, integer, real, boolean)", f->name, type);
	f->type = (enum decl_type)i;
	return 0;
}

static int
read_facts(const struct reader *r, const char *prefix, yyjson_val *all,
    struct decl_queue *q)
{
	const char *where = reader_path(r, prefix, "facts");
	yyjson_val *key, *value;
	size_t i, max;

	if (all == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, all, NULL) == -1)
		return -1;
	q->n_facts = yyjson_obj_size(all);
	q->facts = reader_array(r, q->n_facts, sizeof(*q->facts));
	if (q->facts == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		q->facts[i].name = yyjson_get_str(key);
		if (read_fact(r, where, all, &q->facts[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- steps -------------------------------------------------------------- */

static int
read_step(const struct reader *r, const struct decl *d, const char *where,
    yyjson_val *v, struct decl_step *s)
{
	static const char *const members[] = { "worker", "version", "parts",
	    "workers", "in_flight", "timeout_s", "loops", NULL };
	int64_t timeout_s = 180;
	size_t i;

	s->from = s->to = DECL_NONE;
	s->workers = s->in_flight = s->loops = 1;
	if (where == NULL || reader_name(r, where, s->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "worker", 1, &s->worker) == -1 ||
	    reader_string(r, where, v, "version", 0, &s->version) == -1 ||
	    reader_strings(r, where, v, "parts", 0, &s->parts, &s->n_parts)
	    == -1 || reader_integer(r, where, v, "workers", 1, 64,
	    &s->workers) == -1 || reader_integer(r, where, v, "in_flight", 1,
	    1024, &s->in_flight) == -1 || reader_integer(r, where, v,
	    "timeout_s", 1, DAY_S, &timeout_s) == -1 || reader_integer(r,
	    where, v, "loops", 1, 1024, &s->loops) == -1)
		return -1;
	s->timeout_ms = timeout_s * 1000;
	if (s->worker[strspn(s->worker, " \t\n")] == '\0')
		return reader_fail_at(r, where, "worker", "worker: blank");
	for (i = 0; i < s->n_parts; i++)
		if (decl_part(d, s->parts[i]) == NULL)
			return reader_fail_at(r, where, "parts",
			    "parts: no part \"%s\"", s->parts[i]);
	return 0;
}

static int
read_steps(const struct reader *r, const struct decl *d, const char *prefix,
    yyjson_val *all, struct decl_queue *q)
{
	const char *where = reader_path(r, prefix, "step");
	yyjson_val *key, *value;
	size_t i, max;

	if (where == NULL)
		return -1;
	if (all == NULL)
		return reader_fail(r, prefix, "no step: [%s.step.NAME]",
		    prefix);
	if (reader_object(r, where, all, NULL) == -1)
		return -1;
	q->n_steps = yyjson_obj_size(all);
	q->steps = reader_array(r, q->n_steps, sizeof(*q->steps));
	if (q->steps == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		q->steps[i].name = yyjson_get_str(key);
		if (read_step(r, d, reader_path(r, where, q->steps[i].name),
		    value, &q->steps[i]) == -1)
			return -1;
	}
	return 0;
}

/* --- transitions -------------------------------------------------------- */

/* What a loop's transition is about: a step, or something on its way. */
static int
read_loop(const struct reader *r, const char *where, yyjson_val *v,
    const struct decl_queue *q, struct decl_transition *t)
{
	const char *step = NULL, *on = NULL;
	size_t i;

	if (reader_string(r, where, v, "step", 0, &step) == -1 ||
	    reader_string(r, where, v, "on", 0, &on) == -1)
		return -1;
	if ((step == NULL) == (on == NULL))
		return reader_fail(r, where, "the loop's needs one of "
		    "\"step\", \"on\"");
	if (step != NULL) {
		t->move = DECL_STEP;
		t->step = decl_queue_step(q, step);
		return t->step != DECL_NONE ? 0 : reader_fail_at(r, where,
		    "step", "no step \"%s\"", step);
	}
	for (i = DECL_FAIL; i <= DECL_STALE; i++)
		if (strcmp(moves[i], on) == 0) {
			t->move = (enum decl_move)i;
			return 0;
		}
	return reader_fail_at(r, where, "on", "on: unknown \"%s\" (fail, "
	    "give-up, again, stale)", on);
}

static int
read_who(const struct reader *r, const char *where, yyjson_val *v,
    const struct decl_queue *q, struct decl_transition *t)
{
	static const char *const members[][6] = {
		{ "from", "to", "who", "step", "on", NULL },
		{ "from", "to", "who", NULL },
		{ "from", "to", "who", "action", NULL },
	};
	static const char *const names[] = { "loop", "discovery", "person" };
	const char *who = NULL;
	size_t i;

	if (reader_string(r, where, v, "who", 1, &who) == -1)
		return -1;
	i = find(names, 3, who);
	if (i == DECL_NONE)
		return reader_fail_at(r, where, "who", "who: unknown \"%s\" "
		    "(loop, discovery, person)", who);
	if (reader_object(r, where, v, members[i]) == -1)
		return -1;
	if (i == 0)
		return read_loop(r, where, v, q, t);
	t->move = i == 1 ? DECL_FOUND : DECL_ACTION;
	if (i == 1)
		return 0;
	return reader_string(r, where, v, "action", 1, &t->action) == -1 ?
	    -1 : reader_name(r, where, t->action);
}

/* from is a state or an array of them; each makes one transition. */
static int
read_from(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_queue *q, struct decl_transition *t)
{
	const char *one[1], **from = one;
	size_t i, n = 1;

	if ((yyjson_is_arr(yyjson_obj_get(v, "from")) ?
	    reader_strings(r, where, v, "from", 1, &from, &n) :
	    reader_string(r, where, v, "from", 1, &one[0])) == -1)
		return -1;
	if (n == 0)
		return reader_fail_at(r, where, "from", "from: no state");
	for (i = 0; i < n; i++) {
		if (state(r, where, "from", q, from[i], &t->from) == -1)
			return -1;
		if (q->n_transitions == DECL_TRANSITIONS_MAX)
			return reader_fail(r, where, "more than %d",
			    DECL_TRANSITIONS_MAX);
		q->transitions[q->n_transitions++] = *t;
	}
	return 0;
}

static int
read_transition(const struct reader *r, const char *where, yyjson_val *v,
    size_t number, struct decl_queue *q)
{
	struct decl_transition t = { .step = DECL_NONE, .number = number };
	const char *to = NULL;

	if (where == NULL || reader_object(r, where, v, NULL) == -1 ||
	    read_who(r, where, v, q, &t) == -1 ||
	    reader_string(r, where, v, "to", 1, &to) == -1 ||
	    state(r, where, "to", q, to, &t.to) == -1)
		return -1;
	return read_from(r, where, v, q, &t);
}

static int
read_transitions(const struct reader *r, const char *prefix, yyjson_val *all,
    struct decl_queue *q)
{
	const char *where = reader_path(r, prefix, "transition");
	yyjson_val *value;
	char number[24];
	size_t i, max;

	if (where == NULL)
		return -1;
	if (yyjson_arr_size(all) == 0)
		return reader_fail(r, prefix, "no transition: [[%s]]",
		    where);
	q->transitions = reader_array(r, DECL_TRANSITIONS_MAX,
	    sizeof(*q->transitions));
	if (q->transitions == NULL)
		return -1;
	yyjson_arr_foreach(all, i, max, value) {
		snprintf(number, sizeof(number), "%zu", i + 1);
		if (read_transition(r, reader_path(r, where, number), value,
		    i + 1, q) == -1)
			return -1;
	}
	return 0;
}

/* --- time and failures -------------------------------------------------- */

static int
read_retry(const struct reader *r, const char *prefix, yyjson_val *v,
    struct schedule *s)
{
	static const char *const members[] = { "tries", "base_s", "cap_s",
	    "jitter", NULL };
	const char *where = reader_path(r, prefix, "retry");
	int64_t base_s = s->base_ms / 1000, cap_s = s->cap_ms / 1000;
	yyjson_val *jitter = yyjson_obj_get(v, "jitter");

	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    reader_integer(r, where, v, "tries", 1, MANY, &s->max_attempts)
	    == -1 || reader_integer(r, where, v, "base_s", 0, 366 * DAY_S,
	    &base_s) == -1 || reader_integer(r, where, v, "cap_s", 0,
	    366 * DAY_S, &cap_s) == -1)
		return -1;
	s->base_ms = base_s * 1000;
	s->cap_ms = cap_s * 1000;
	if (jitter == NULL)
		return 0;
	s->jitter = yyjson_get_num(jitter);
	return yyjson_is_num(jitter) && s->jitter >= 0 && s->jitter <= 1 ?
	    0 : reader_fail_at(r, where, "jitter",
	    "\"jitter\" is no number from 0 to 1");
}

static int
read_share(const struct reader *r, const char *prefix, yyjson_val *v,
    struct decl_breaker *b)
{
	static const char *const members[] = { "code", "of", "percent",
	    NULL };
	const char *where = reader_path(r, prefix, "share");

	b->share_of = 20;
	b->share_percent = 50;
	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "code", 1, &b->share_code) == -1 ||
	    reader_integer(r, where, v, "of", 1, 1000, &b->share_of) == -1)
		return -1;
	return reader_integer(r, where, v, "percent", 1, 100,
	    &b->share_percent);
}

static int
read_breaker(const struct reader *r, const char *prefix, yyjson_val *v,
    struct decl_breaker *b)
{
	static const char *const members[] = { "max_failures", "halt_on",
	    "share", NULL };
	const char *where = reader_path(r, prefix, "breaker");

	b->max_failures = 3;
	if (v == NULL)
		return 0;
	if (where == NULL || reader_object(r, where, v, members) == -1 ||
	    reader_integer(r, where, v, "max_failures", 0, MANY,
	    &b->max_failures) == -1 || reader_strings(r, where, v, "halt_on",
	    0, &b->halt_on, &b->n_halt_on) == -1)
		return -1;
	return read_share(r, where, yyjson_obj_get(v, "share"), b);
}

/* --- queues ------------------------------------------------------------- */

static int
read_times(const struct reader *r, const char *where, yyjson_val *v,
    struct decl_queue *q)
{
	int64_t lease_s = 60;

	q->max_attempts = 5;
	q->retry = (struct schedule)SCHEDULE_DEFAULT;
	q->retry.max_attempts = 3;
	if (reader_integer(r, where, v, "lease_s", 3, DAY_S, &lease_s)
	    == -1 || reader_integer(r, where, v, "max_attempts", 1, MANY,
	    &q->max_attempts) == -1 || read_retry(r, where,
	    yyjson_obj_get(v, "retry"), &q->retry) == -1)
		return -1;
	q->lease_ms = lease_s * 1000;
	return read_breaker(r, where, yyjson_obj_get(v, "breaker"),
	    &q->breaker);
}

static int
read_queue(const struct reader *r, const struct decl *d, yyjson_val *v,
    struct decl_queue *q)
{
	static const char *const members[] = { "table", "key", "label",
	    "states", "initial", "final", "max_attempts", "lease_s", "retry",
	    "breaker", "facts", "step", "transition", NULL };
	const char *where = reader_path(r, "queue", q->name);

	if (where == NULL || reader_name(r, where, q->name) == -1 ||
	    reader_object(r, where, v, members) == -1 ||
	    reader_string(r, where, v, "table", 1, &q->table) == -1 ||
	    reader_strings(r, where, v, "key", 1, &q->key, &q->n_key) == -1 ||
	    reader_string(r, where, v, "label", 0, &q->label) == -1 ||
	    read_states(r, where, v, q) == -1 ||
	    read_times(r, where, v, q) == -1 ||
	    read_facts(r, where, yyjson_obj_get(v, "facts"), q) == -1 ||
	    read_steps(r, d, where, yyjson_obj_get(v, "step"), q) == -1 ||
	    read_transitions(r, where, yyjson_obj_get(v, "transition"), q)
	    == -1)
		return -1;
	return queue_check(r, d, q);
}

int
decl_queues_read(struct decl *d, struct decl_queues *out, struct buf *why)
{
	struct reader r = reader_of(d, why);
	yyjson_val *all = yyjson_obj_get(d->root, "queue"), *key, *value;
	size_t i, j, max;

	*out = (struct decl_queues){ 0 };
	if (all == NULL)
		return 0;
	if (reader_object(&r, "queue", all, NULL) == -1 || (out->q =
	    reader_array(&r, yyjson_obj_size(all), sizeof(*out->q))) == NULL)
		return -1;
	yyjson_obj_foreach(all, i, max, key, value) {
		out->q[i].name = yyjson_get_str(key);
		if (read_queue(&r, d, value, &out->q[i]) == -1)
			return -1;
		for (j = 0; j < i; j++)
			if (strcmp(out->q[j].table, out->q[i].table) == 0)
				return reader_fail_at(&r, reader_path(&r,
				    "queue", out->q[i].name), "table",
				    "queue %s has this table", out->q[j].name);
	}
	out->n = i;
	return 0;
}
