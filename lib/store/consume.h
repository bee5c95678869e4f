/*
 * consume.h -- hand what is new to a command, and remember it only when the
 * command has taken it.
 *
 * How far a consumer has come is a cursor: a seq of the ledger, and which
 * ledger that was, "42-9f2c1b7a"; the number alone is believed of any.  A
 * cursor of another ledger, or one that its ledger has not reached, counts
 * as the beginning: what is seen twice is better than what is never seen.
 *
 * A cursor file has one, on a line.  It is replaced, at once, after the
 * command exited with 0, so whoever dies before sees the same again.  Its
 * lock, a dot file beside it, keeps a second one from the same consumer.
 */
#ifndef CONSUME_H
#define CONSUME_H

#include "base/exits.h"
#include "base/lock.h"
#include "store/db.h"
#include "store/ledger.h"

struct cursor {
	int64_t seq;
	char ledger[LEDGER_ID_TEXT];	/* "" for any */
};

/* Parse a cursor.  Returns 0, or -1 with errno EINVAL. */
int cursor_parse(struct cursor *c, const char *text);

/*
 * After which seq to begin, and where the ledger is now: *c becomes that.
 * Returns the seq, or -1 with db_message().  Within the transaction that
 * reads the rest.
 */
int64_t cursor_begin(struct cursor *c, struct db *ledger);

struct consume {		/* lock.fd is -1 while it is not open */
	const char *file;	/* borrowed */
	struct lock lock;
	struct cursor known;	/* as the file has it */
};

/*
 * Take the lock and read the file, if there is one.  Returns EXIT_OK, or
 * the status to exit with, which has been said: that is where a consumer
 * begins.
 */
enum exits consume_open(struct consume *c, const char *file);
void consume_close(struct consume *c);

/*
 * Run argv with fd, an open file at its beginning, as its standard input,
 * and ours as its output; if it exits with 0, the file says now from here
 * on.  With argv NULL there was nothing for it to take.  Returns EXIT_OK,
 * or the status to exit with: that of the command, EXIT_TEMP if it was
 * killed.  What is ours has been said.
 */
enum exits consume_run(struct consume *c, char *const argv[], int fd,
    const struct cursor *now);

#endif
