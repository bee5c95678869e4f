/* Events: whole lines, from many processes, and never in the way. */
#include "record/eventlog.h"

#include <stdlib.h>
#include <yyjson.h>

#include "forked.h"
#include "tap.h"
#include "tmpdir.h"

#define WRITERS 4
#define EVENTS 100

static int
log_some(const char *file, int n)
{
	struct eventlog e;
	struct jsonw *w;
	int i;

	if (file != NULL)
		setenv("SLUICE_LOG", file, 1);
	else
		unsetenv("SLUICE_LOG");
	if (eventlog_open(&e) == -1) {
		eventlog_close(&e);
		return -1;
	}
	for (i = 0; i < n; i++) {
		w = eventlog_begin(&e, "try");
		jsonw_str(w, "run", "R");
		jsonw_int(w, "n", i);
		eventlog_end(&e);
	}
	eventlog_close(&e);
	return 0;
}

static void
log_full(const void *arg)
{
	exit(log_some(arg, 3) == 0 ? 0 : 1);
}

/* Count the lines of file that are whole events. */
static int
events(const char *file, int *bad)
{
	FILE *fp = fopen(file, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int n = 0;

	for (*bad = 0; fp != NULL && (len = getline(&line, &size, fp)) > 0;) {
		yyjson_doc *doc = yyjson_read(line, (size_t)len, 0);
		yyjson_val *o = yyjson_doc_get_root(doc);

		n++;
		*bad += !yyjson_equals_str(yyjson_obj_get(o, "type"), "event")
		    || !yyjson_equals_str(yyjson_obj_get(o, "event"), "try") ||
		    !yyjson_is_int(yyjson_obj_get(o, "pid")) ||
		    !yyjson_is_str(yyjson_obj_get(o, "at")) ||
		    !yyjson_is_str(yyjson_obj_get(o, "tool")) ||
		    line[len - 1] != '\n';
		yyjson_doc_free(doc);
	}
	free(line);
	if (fp != NULL)
		fclose(fp);
	return n;
}

static void
test_many(void)
{
	int i, n, bad, status, failed = 0;

	fflush(stdout);
	for (i = 0; i < WRITERS; i++)
		if (fork() == 0)
			_exit(log_some("logs/r/many.jsonl", EVENTS) != 0);
	for (i = 0; i < WRITERS; i++) {
		wait(&status);
		failed |= status != 0;
	}
	n = events("logs/r/many.jsonl", &bad);
	tap_ok(!failed && n == WRITERS * EVENTS && bad == 0,
	    "%d processes, %d lines, %d torn", WRITERS, n, bad);
}

/* An event that is no JSON, or too long, is left out; the next is not. */
static void
log_bad(const void *arg)
{
	struct eventlog e;
	struct jsonw *w;
	char *text = calloc(1, 2 << 20);

	setenv("SLUICE_LOG", arg, 1);
	if (text == NULL || eventlog_open(&e) == -1)
		exit(99);
	memset(text, 'x', (2 << 20) - 1);
	w = eventlog_begin(&e, "try");
	jsonw_str(w, "latin", "caf\xe9");
	eventlog_end(&e);
	w = eventlog_begin(&e, "try");
	jsonw_str(w, "huge", text);
	eventlog_end(&e);
	eventlog_begin(&e, "try");
	eventlog_end(&e);
	eventlog_close(&e);
	free(text);
}

int
main(void)
{
	struct forked f;
	int bad;

	tmpdir_enter();
	tap_int(log_some(NULL, 2), 0, "no log, no complaint");
	tap_int(log_some("", 2), 0, "an empty name is none");
	tap_int(log_some("logs/one.jsonl", 2), 0, "two events");
	tap_int(log_some("logs/one.jsonl", 1), 0, "one more");
	tap_int(events("logs/one.jsonl", &bad), 3, "are appended");
	tap_int(bad, 0, "each whole");
	tap_int(log_some("logs/one.jsonl/x", 1), -1, "below a file");
	test_many();
	forked_run(&f, log_full, "/dev/full");
	tap_int(f.status, 0, "a full disk stops nobody");
	tap_str(f.err, "sluice: warning: SLUICE_LOG cannot be written; "
	    "going on without it\n", "and is said once");
	forked_run(&f, log_bad, "logs/bad.jsonl");
	tap_ok(events("logs/bad.jsonl", &bad) == 1 && bad == 0,
	    "a bad event is left out");
	tmpdir_leave();
	return tap_done();
}
