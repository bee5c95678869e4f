#include "record/runlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/path.h"

static int
open_log(const char *data, const char *run, const char *end)
{
	char path[PATH_BYTES_MAX];

	if (snprintf(path, sizeof(path), "%s/logs/%s.%s", data, run, end) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (path_mkparents(path) == -1)
		return -1;
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

int
runlog_open(struct runlog *l, const char *data, const char *run)
{
	int saved;

	buf_init(&l->line, 2 * LIMIT_RECORD_BYTES);
	if ((l->text = open_log(data, run, "log")) == -1)
		return -1;
	if ((l->events = open_log(data, run, "jsonl")) != -1)
		return 0;
	saved = errno;
	close(l->text);
	errno = saved;
	return -1;
}

void
runlog_close(struct runlog *l)
{
	close(l->text);
	close(l->events);
	buf_release(&l->line);
}

static int
put(int fd, const struct buf *line)
{
	ssize_t n = write(fd, line->data, line->len);

	if (n == (ssize_t)line->len)
		return 0;
	if (n != -1)
		errno = ENOSPC;
	return -1;
}

static int
say(struct runlog *l, const char *now, const char *text, size_t n)
{
	buf_clear(&l->line);
	if (buf_printf(&l->line, "%s ", now) == -1 ||
	    buf_add(&l->line, text, n) == -1)
		return -1;
	msg_mask(l->line.data, l->line.len);
	if (buf_chr(&l->line, '\n') == -1)
		return -1;
	return put(l->text, &l->line);
}

int
runlog_say(struct runlog *l, const char *now, const char *line)
{
	return say(l, now, line, strlen(line));
}

/* What the record is called among events. */
static const char *
event_of(const struct record *r)
{
	return record_str(r, "label") != NULL && (record_is(r, "done") ||
	    record_is(r, "error") || record_is(r, "retry")) ? "item" :
	    r->type;
}

static int
put_event(struct runlog *l, const struct record *r, const char *now)
{
	static const struct { const char *from, *to; } names[] = {
		{ "label", "task" }, { "duration_ms", "ms" },
	};
	yyjson_val *key, *value;
	const char *name;
	struct jsonw w;
	size_t i, max, k;

	buf_clear(&l->line);
	jsonw_record(&w, &l->line, "event");
	jsonw_str(&w, "at", record_str(r, "at") != NULL ?
	    record_str(r, "at") : now);
	jsonw_str(&w, "event", event_of(r));
	jsonw_str(&w, "record", r->type);
	yyjson_obj_foreach(r->root, i, max, key, value) {
		name = yyjson_get_str(key);
		if (strcmp(name, "type") == 0 || strcmp(name, "at") == 0 ||
		    strcmp(name, "event") == 0 ||
		    strcmp(name, "record") == 0)
			continue;
		for (k = 0; k < 2; k++)
			if (strcmp(name, names[k].from) == 0)
				name = names[k].to;
		jsonw_val(&w, name, value);
	}
	if (jsonw_end(&w) == -1)
		return -1;
	return put(l->events, &l->line);
}

int
runlog_add(struct runlog *l, const struct record *r, const char *now,
    const char *line)
{
	int got = line[0] != '\0' ? runlog_say(l, now, line) :
	    say(l, now, r->line, r->len);

	return got == -1 ? -1 : put_event(l, r, now);
}
