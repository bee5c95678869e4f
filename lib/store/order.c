#include "store/order.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

_Static_assert(sizeof(((struct order *)0)->at) == CLOCK_TEXT, "an instant");

int
order_begin(struct order *o, struct control *c, enum action_kind kind,
    char *const argv[])
{
	size_t i;

	stream_out_init(&o->out, STDOUT_FILENO, 0);
	buf_init(&o->command, LIMIT_RECORD_BYTES);
	clock_now(o->at);
	for (i = 0; argv[i] != NULL; i++)
		if ((i > 0 && buf_chr(&o->command, ' ') == -1) ||
		    buf_str(&o->command, argv[i]) == -1)
			return -1;
	*c = (struct control){ .dry = o->dry, .out = &o->out,
	    .action = { kind, o->who != NULL ? o->who : control_user(),
	    o->why, o->command.data, o->at } };
	return 0;
}

enum exits
order_failed(const struct control *c)
{
	msg_error("%s", db_message(&c->db));
	if (c->added > 0)
		msg_error("%s: added %lld of %lld before that; repeat it for "
		    "the rest", action_text(c->action.kind),
		    (long long)c->added, (long long)c->would);
	return db_status(&c->db);
}

/* Is so much meant?  No answer is no. */
static int
confirmed(const struct control *c)
{
	char answer[16];

	fprintf(stderr, "%s: %s for %lld partitions? [y/N] ", msg_tool(),
	    action_text(c->action.kind), (long long)c->would);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

enum exits
order_carry_out(struct order *o, struct control *c)
{
	const char *what = action_text(c->action.kind);

	if (control_count(c) == -1)
		return order_failed(c);
	if (c->chosen == 0) {
		msg_note("%s: no entry", what);
		return EXIT_NO;
	}
	if (c->would > CONTROL_UNASKED && !o->yes && !o->dry &&
	    !confirmed(c)) {
		msg_error("%s: nothing was added; --yes does not ask", what);
		return EXIT_NO;
	}
	if (control_apply(c) == -1)
		return order_failed(c);
	msg_note("%s: %s %lld, already %lld, blocked as terminal %lld", what,
	    o->dry ? "would add" : "added", (long long)c->added,
	    (long long)c->already, (long long)c->blocked);
	return c->blocked > 0 ? EXIT_NO : EXIT_OK;
}

enum exits
order_end(struct order *o, struct control *c, enum exits status)
{
	control_close(c);
	buf_release(&o->command);
	return stream_finish(&o->out, status, 0, NULL);
}
