#include "store/consume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/num.h"
#include "base/outfile.h"
#include "base/path.h"
#include "store/valid.h"

/* Bytes of a cursor as text: 19 digits, a dash, the word. */
#define CURSOR_BYTES 64

int
cursor_parse(struct cursor *c, const char *text)
{
	const char *dash = strchr(text, '-');
	size_t n = dash != NULL ? (size_t)(dash - text) : strlen(text);
	char number[CURSOR_BYTES];

	if (n >= sizeof(number) || (dash != NULL &&
	    (strlen(dash + 1) != LEDGER_ID_TEXT - 1 ||
	    strspn(dash + 1, "0123456789abcdef") != LEDGER_ID_TEXT - 1))) {
		errno = EINVAL;
		return -1;
	}
	memcpy(number, text, n);
	number[n] = '\0';
	if (num_parse(number, 0, INT64_MAX, &c->seq) == -1) {
		errno = EINVAL;
		return -1;
	}
	snprintf(c->ledger, sizeof(c->ledger), "%s",
	    dash != NULL ? dash + 1 : "");
	return 0;
}

int64_t
cursor_begin(struct cursor *c, struct db *ledger)
{
	char id[LEDGER_ID_TEXT];
	int64_t last = valid_last(ledger), since = c->seq;

	if (last == -1 || ledger_id(ledger, id) == -1)
		return -1;
	if (since > last || (c->ledger[0] != '\0' &&
	    strcmp(c->ledger, id) != 0))
		since = 0;
	c->seq = last;
	memcpy(c->ledger, id, sizeof(id));
	return since;
}

/* The lock beside the cursor file: ".NAME.lock". */
static int
lock_path(struct buf *b, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t dir = slash == NULL ? 0 : (size_t)(slash - file) + 1;

	if (buf_add(b, file, dir) == -1)
		return -1;
	return buf_printf(b, ".%s.lock", file + dir);
}

static enum exits
take_lock(struct consume *c)
{
	char holder[LOCK_HOLDER];
	enum exits status = EXIT_OK;
	struct buf path;

	buf_init(&path, PATH_BYTES_MAX);
	if (lock_path(&path, c->file) == -1 || lock_take(&c->lock, path.data,
	    msg_tool(), 0, holder) == -1) {
		c->lock.fd = -1;
		if (errno == EWOULDBLOCK) {
			msg_error("%s: in use by %s", c->file, holder);
			status = EXIT_TEMP;
		} else {
			msg_error_errno("%s", c->file);
			status = msg_status(errno);
		}
	}
	buf_release(&path);
	return status;
}

static enum exits
read_cursor(struct consume *c)
{
	enum exits status = EXIT_OK;
	struct buf b;

	buf_init(&b, CURSOR_BYTES);
	c->known = (struct cursor){ .seq = 0 };
	if (buf_file(&b, c->file) == -1) {
		if (errno != ENOENT) {
			msg_error_errno("%s", c->file);
			status = errno == E2BIG ? EXIT_DATA :
			    msg_status(errno);
		}
	} else {
		if (b.len > 0 && b.data[b.len - 1] == '\n')
			buf_cut(&b, b.len - 1);
		if (b.len == 0 || cursor_parse(&c->known, b.data) == -1) {
			msg_error("%s: not a cursor; remove it to begin anew",
			    c->file);
			status = EXIT_DATA;
		}
	}
	buf_release(&b);
	return status;
}

enum exits
consume_open(struct consume *c, const char *file)
{
	enum exits status;

	c->file = file;
	if ((status = take_lock(c)) == EXIT_OK)
		status = read_cursor(c);
	return status;
}

void
consume_close(struct consume *c)
{
	lock_release(&c->lock);
}

static enum exits
write_cursor(const struct consume *c, const struct cursor *now)
{
	struct outfile o;

	if (now->seq == c->known.seq &&
	    strcmp(now->ledger, c->known.ledger) == 0)
		return EXIT_OK;
	if (outfile_sweep(c->file) == 0 &&
	    outfile_open(&o, c->file, OUTFILE_REPLACE) == 0) {
		fprintf(o.fp, "%lld-%s\n", (long long)now->seq, now->ledger);
		if (outfile_commit(&o) == 0)	/* it sees failures */
			return EXIT_OK;
	}
	msg_error_errno("%s", c->file);
	return msg_status(errno);
}

/* The command keeps the lock should we be killed while it is at work. */
static enum exits
run_command(const struct consume *c, char *const argv[], int fd)
{
	struct child child;
	int status;

	(void)fcntl(c->lock.fd, F_SETFD, 0);
	if (child_start(&child, argv, fd, 1) == -1) {
		msg_error_errno("%s", argv[0]);
		return errno == ENOENT ? EXIT_NOINPUT : EXIT_OS;
	}
	if ((status = child_wait(&child)) == 0)
		return EXIT_OK;
	if (status == -1)
		msg_error_errno("%s", argv[0]);
	else if (status > 128)
		msg_error("%s: killed by signal %d", argv[0], status - 128);
	else
		msg_error("%s: status %d", argv[0], status);
	return status == -1 || status > 128 ? EXIT_TEMP :
	    (enum exits)status;
}

enum exits
consume_run(struct consume *c, char *const argv[], int fd,
    const struct cursor *now)
{
	enum exits status = EXIT_OK;

	if (argv != NULL)
		status = run_command(c, argv, fd);
	return status == EXIT_OK ? write_cursor(c, now) : status;
}
