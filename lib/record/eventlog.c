#include "record/eventlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/path.h"

int
eventlog_open(struct eventlog *e)
{
	const char *path = getenv("SLUICE_LOG");

	e->fd = -1;
	buf_init(&e->line, LIMIT_RECORD_BYTES);
	if (path == NULL || path[0] == '\0')
		return 0;
	if (path_mkparents(path) == -1)
		return -1;
	e->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return e->fd == -1 ? -1 : 0;
}

struct jsonw *
eventlog_begin(struct eventlog *e, const char *event)
{
	char now[CLOCK_TEXT];

	buf_clear(&e->line);
	clock_now(now);
	jsonw_record(&e->w, &e->line, "event");
	jsonw_str(&e->w, "at", now);
	jsonw_str(&e->w, "event", event);
	jsonw_str(&e->w, "tool", msg_tool());
	jsonw_int(&e->w, "pid", getpid());
	return &e->w;
}

void
eventlog_end(struct eventlog *e)
{
	ssize_t n;

	if (e->fd == -1)
		return;
	if (jsonw_end(&e->w) == -1) {
		msg_warn("event left out of the log");
		return;
	}
	do
		n = write(e->fd, e->line.data, e->line.len);
	while (n == -1 && errno == EINTR);
	if (n == (ssize_t)e->line.len)
		return;
	msg_warn("SLUICE_LOG cannot be written; going on without it");
	close(e->fd);
	e->fd = -1;
}

void
eventlog_close(struct eventlog *e)
{
	if (e->fd != -1)
		close(e->fd);
	e->fd = -1;
	buf_release(&e->line);
}
