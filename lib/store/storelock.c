#include "store/storelock.h"

#include <errno.h>

#include "base/msg.h"
#include "base/path.h"

/* Say why not.  Another holder is worth a retry, and has a name. */
static int
failed(struct db *ledger, struct buf *path, const char *holder)
{
	int busy = errno == EWOULDBLOCK, saved = errno;

	if (busy)
		buf_printf(path, ": held by %s", holder);
	errno = saved;
	db_fail_errno(ledger, path->data);
	if (busy)
		ledger->status = EXIT_TEMP;
	return -1;
}

int
storelock_take(struct lock *l, const char *data, const char *store,
    struct db *ledger)
{
	char holder[LOCK_HOLDER];
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	r = buf_printf(&path, "%s/%s/.lock", data, store) == -1 ? -1 :
	    lock_take(l, path.data, msg_tool(), DB_BUSY_MS, holder);
	if (r == -1)
		failed(ledger, &path, holder);
	buf_release(&path);
	return r;
}
