#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "decl/queue.h"

const char *
decl_move_who(enum decl_move move)
{
	return move == DECL_ACTION ? "person" :
	    move == DECL_FOUND ? "discovery" : "loop";
}

const struct decl_queue *
decl_queue(const struct decl_queues *all, const char *name)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (strcmp(all->q[i].name, name) == 0)
			return &all->q[i];
	return NULL;
}

size_t
decl_queue_state(const struct decl_queue *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->n_states; i++)
		if (strcmp(q->states[i], name) == 0)
			return i;
	return DECL_NONE;
}

size_t
decl_queue_step(const struct decl_queue *q, const char *name)
{
	size_t i;

	for (i = 0; i < q->n_steps; i++)
		if (strcmp(q->steps[i].name, name) == 0)
			return i;
	return DECL_NONE;
}

size_t
decl_queue_begins(const struct decl_queue *q, size_t at)
{
	size_t i;

	for (i = 0; i < q->n_steps; i++)
		if (q->steps[i].from == at)
			return i;
	return DECL_NONE;
}

const struct decl_transition *
decl_queue_move(const struct decl_queue *q, enum decl_move move, size_t step,
    const char *action, size_t from, size_t to)
{
	const struct decl_transition *t = q->transitions;
	size_t i;

	for (i = 0; i < q->n_transitions; i++, t++)
		if (t->move == move && t->from == from &&
		    (to == DECL_NONE || t->to == to) &&
		    (move != DECL_STEP || t->step == step) &&
		    (move != DECL_ACTION || strcmp(t->action, action) == 0))
			return t;
	return NULL;
}

/* The value of the key member whose name is the n bytes at name. */
static const char *
value_of(const struct part *key, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < key->n; i++)
		if (strncmp(key->m[i].name, name, n) == 0 &&
		    key->m[i].name[n] == '\0')
			return key->m[i].value;
	return "";
}

int
decl_queue_label(const struct decl_queue *q, const struct part *key,
    struct buf *b)
{
	const char *p = q->label;
	size_t n;

	if (p == NULL)
		return buf_printf(b, "%s ", q->name) == -1 ? -1 :
		    part_values(key, 0, key->n, b);
	while (*p != '\0') {
		n = strcspn(p, "{");
		if (buf_add(b, p, n) == -1)
			return -1;
		p += n;
		if (*p == '\0')
			break;
		n = strcspn(++p, "}");
		if (buf_str(b, value_of(key, p, n)) == -1)
			return -1;
		p += n + 1;
	}
	return 0;
}

/* One value of a key; 0, or -1 if it is none. */
static int
add_value(struct part *out, const char *name, const char *text, size_t n)
{
	struct buf value;
	int r = -1;

	buf_init(&value, LIMIT_PART_VALUE_BYTES);
	if (n > 0 && path_decode(&value, text, n) == 0)
		r = part_add(out, name, value.data);
	buf_release(&value);
	return r;
}

int
decl_queue_key(const struct decl_queue *q, const char *text,
    struct part *out)
{
	size_t i, n;

	out->n = 0;
	for (i = 0; i < q->n_key; i++) {
		n = strcspn(text, "/");
		if (add_value(out, q->key[i], text, n) == -1)
			break;
		text += n;
		if (*text == '\0')
			return 0;
		text++;
	}
	errno = EINVAL;
	return -1;
}
