#include "store/events.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/stop.h"

/* Virtual machine steps between two looks at a request to stop. */
#define STOP_STEPS 10000

/* What every event of ours begins with; eventlog.h. */
static const char event_start[] = "{\"type\":\"event\"";

/* What a run's log ends in, and what else of a run does. */
static const char log_end[] = ".jsonl", plan_end[] = ".plan.jsonl";

static const char event_ddl[] =
"CREATE TABLE event (n INTEGER PRIMARY KEY, at TEXT, event TEXT,"
"	source TEXT, run TEXT, dataset TEXT, task TEXT, version TEXT,"
"	code TEXT, ms INTEGER, bytes INTEGER, body TEXT);";

/* Nested deeper than SQL reads, it is no event of ours. */
static const char insert_sql[] =
"INSERT INTO event (at, event, source, run, dataset, task, version, code,"
"	ms, bytes, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
"	iif(json_valid(?11), ?11, '{}'))";

enum { COLUMN_AT = 1, COLUMN_RUN = 4, COLUMN_MS = 9, COLUMN_BODY = 11 };

/*
 * The last event about a task is the last word: a bare column beside max(n)
 * is that of the greatest n, and what is older than the last answer is past.
 */
static const char item_ddl[] =
"CREATE INDEX event_task ON event (event, run, task);"
"CREATE INDEX event_dataset ON event (event, dataset, at);"
"CREATE VIEW answer AS SELECT max(n) AS n, at, run, source, task, dataset,"
"	bytes, code, iif(code IN ('ok', 'unchanged'), code, 'failed')"
"	AS answer FROM event WHERE event = 'attempt' AND task IS NOT NULL"
"	GROUP BY run, task;"
"CREATE VIEW seal AS SELECT max(n) AS n, at, run, task, code"
"	FROM event WHERE event = 'snapshot' GROUP BY run, task;"
"CREATE VIEW judgement AS SELECT max(n) AS n, at, run, task, code,"
"	body ->> 'changed' AS changed"
"	FROM event WHERE event = 'verdict' GROUP BY run, task;"
	/* What the planner found answered in the ledger: the verdict was
	 * recorded, and the run killed before it was logged. */
"CREATE VIEW answered AS SELECT DISTINCT run, task"
"	FROM event WHERE event = 'answered';"
"CREATE TABLE item AS SELECT a.run, a.source, a.dataset, a.task,"
"	coalesce(j.at, s.at, a.at) AS at, CASE"
"	WHEN a.answer = 'failed' THEN 'failed'"
"	WHEN s.code NOT IN ('sealed', 'again', 'same_as')"
"	    OR j.code <> 'valid' THEN 'invalid'"
"	WHEN j.n IS NULL THEN"
"	    iif((a.run, a.task) IN answered, 'changed', 'pending')"
"	WHEN j.changed THEN 'changed' ELSE 'unchanged' END AS outcome,"
"	a.answer, s.code = 'same_as' AS same, a.bytes,"
"	coalesce(nullif(j.code, 'valid'), s.code,"
"	    nullif(a.code, a.answer)) AS code FROM answer a"
"	LEFT JOIN seal s ON s.run = a.run AND s.task = a.task AND s.n > a.n"
"	LEFT JOIN judgement j ON j.run = a.run AND j.task = a.task"
"	    AND j.n > a.n;"
"CREATE INDEX item_task ON item (task, at);";

/* A payload that is too long for a record stays in the table. */
static const char versions_sql[] =
"INSERT INTO event (at, event, source, run, dataset, version, body)"
"	SELECT at, event, ?1, run, dataset, version_id,"
"	iif(length(payload) < 1000000,"
"	    json_insert(head, '$.payload', json(payload)), head)"
"	FROM (SELECT *, json_object('type', 'event', 'at', at,"
"	    'event', event, 'event_id', event_id, 'run', run, 'source', ?1,"
"	    'dataset', dataset, 'version', version_id) AS head"
"	FROM canon.dataset_version_events WHERE (?2 IS NULL OR run = ?2)"
"	AND (?3 IS NULL OR dataset = ?3) AND (?4 IS NULL OR at >= ?4)"
"	ORDER BY event_id)";

/* SQL that takes long can be stopped, too. */
static int
on_progress(void *arg)
{
	(void)arg;
	return stop_requested() != 0;
}

int
events_open(struct events *e, const struct events_filter *only)
{
	static const struct events_filter all;

	*e = (struct events){ .only = only != NULL ? only : &all };
	if (db_open(&e->db, "", DB_CREATE) == -1 ||
	    db_exec(&e->db, event_ddl) == -1 ||
	    (e->insert = db_prepare(&e->db, insert_sql)) == NULL)
		return -1;
	sqlite3_progress_handler(e->db.h, STOP_STEPS, on_progress, NULL);
	return 0;
}

void
events_close(struct events *e)
{
	sqlite3_finalize(e->insert);
	e->insert = NULL;
	db_close(&e->db);
}

/* --- one event ------------------------------------------------------------ */

static const char *
text_of(yyjson_val *root, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(root, name));
}

/* Is value what is wanted?  What is not wanted is anything. */
static int
fits(const char *value, const char *wanted)
{
	return wanted == NULL || (value != NULL &&
	    strcmp(value, wanted) == 0);
}

static int
wanted(const struct events_filter *only, yyjson_val *root, const char *at,
    const char *run)
{
	const char *source = text_of(root, "source");

	return (source == NULL || fits(source, only->source)) &&
	    fits(run, only->run) &&
	    fits(text_of(root, "dataset"), only->dataset) &&
	    (only->since == NULL || strcmp(at, only->since) >= 0);
}

/* The instant in the form in which text sorts by time; "" for none. */
static void
instant(yyjson_val *root, char at[CLOCK_TEXT])
{
	const char *text = text_of(root, "at");
	int64_t ms;

	at[0] = '\0';
	if (text != NULL && clock_parse(text, &ms) == 0)
		clock_format(ms, at);
}

static int
add(struct events *e, yyjson_val *root, const char *text, const char *run)
{
	static const char *const texts[] = { "event", "source", "run",
	    "dataset", "task", "version", "code" };
	static const char *const numbers[] = { "ms", "bytes" };
	char at[CLOCK_TEXT];
	yyjson_val *v;
	int i;

	instant(root, at);
	if (text_of(root, "run") != NULL)
		run = text_of(root, "run");
	if (!wanted(e->only, root, at, run))
		return 0;
	db_bind(e->insert, COLUMN_AT, at[0] != '\0' ? at : NULL);
	for (i = 0; i < 7; i++)
		db_bind(e->insert, COLUMN_AT + 1 + i, text_of(root, texts[i]));
	db_bind(e->insert, COLUMN_RUN, run);
	for (i = 0; i < 2; i++) {
		v = yyjson_obj_get(root, numbers[i]);
		sqlite3_bind_null(e->insert, COLUMN_MS + i);
		if (yyjson_is_int(v))
			sqlite3_bind_int64(e->insert, COLUMN_MS + i,
			    yyjson_get_sint(v));
	}
	db_bind(e->insert, COLUMN_BODY, text);
	return db_run(&e->db, e->insert);
}

int
events_add(struct events *e, yyjson_val *root, const char *text)
{
	if (text_of(root, "event") != NULL)
		return add(e, root, text, NULL);
	e->skipped++;
	return 0;
}

/* --- logs ------------------------------------------------------------------ */

/*
 * A writer that was killed leaves a torn line, and the next event follows
 * on it: look for the last beginning.
 */
static char *
last_event(char *line)
{
	char *p = line, *found = line;

	while ((p = strstr(p, event_start)) != NULL)
		found = p++;
	return found;
}

static int
take_line(struct events *e, char *line, const char *run)
{
	char *text = last_event(line);
	yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	int r = 0;

	e->skipped += text != line;
	if (text_of(root, "event") == NULL)
		e->skipped++;
	else
		r = add(e, root, text, run);
	yyjson_doc_free(doc);
	return r;
}

static int
take_lines(struct events *e, FILE *fp, const char *run)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getline(&line, &size, fp)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		r = take_line(e, line, run);
	}
	free(line);
	return r;
}

int
events_log(struct events *e, const char *path, const char *run)
{
	FILE *fp = fopen(path, "re");
	int r;

	if (fp == NULL)
		return db_fail_errno(&e->db, path);
	r = db_exec(&e->db, "BEGIN");
	if (r == 0)
		r = take_lines(e, fp, run);
	if (r == 0 && ferror(fp))
		r = db_fail_errno(&e->db, path);
	fclose(fp);
	return r == -1 ? -1 : db_commit(&e->db);
}

static int
ends_in(const char *name, size_t n, const char *end)
{
	return n > strlen(end) && strcmp(name + n - strlen(end), end) == 0;
}

static int
is_log(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && ends_in(d->d_name, n, log_end) &&
	    !ends_in(d->d_name, n, plan_end);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The log of this name in DATA/logs. */
static int
take_log(struct events *e, const char *data, char *name)
{
	struct buf path;
	int r = 0;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/logs/%s", data, name) == -1)
		r = db_fail_errno(&e->db, data);
	name[strlen(name) - strlen(log_end)] = '\0';
	if (r == 0)
		r = events_log(e, path.data, name);
	buf_release(&path);
	return r;
}

int
events_logs(struct events *e, const char *data)
{
	struct dirent **logs = NULL;
	struct buf dir;
	int i, n, r = 0;

	buf_init(&dir, PATH_BYTES_MAX);
	n = buf_printf(&dir, "%s/logs", data) == -1 ? -1 :
	    scandir(dir.data, &logs, is_log, by_name);
	if (n == -1 && errno != ENOENT)
		r = db_fail_errno(&e->db, dir.len > 0 ? dir.data : data);
	for (i = 0; i < n; i++) {
		if (r == 0 && stop_requested()) {
			errno = EINTR;
			r = db_fail_errno(&e->db, dir.data);
		}
		if (r == 0)
			r = take_log(e, data, logs[i]->d_name);
		free(logs[i]);
	}
	free(logs);
	buf_release(&dir);
	return r == -1 ? -1 : n == -1 ? 0 : n;
}

/* --- a canonical database --------------------------------------------------- */

static int
take_versions(struct events *e, const char *source)
{
	sqlite3_stmt *s = db_prepare(&e->db, versions_sql);
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, source);
	db_bind(s, 2, e->only->run);
	db_bind(s, 3, e->only->dataset);
	db_bind(s, 4, e->only->since);
	r = db_run(&e->db, s);
	sqlite3_finalize(s);
	return r;
}

int
events_versions(struct events *e, const char *path, const char *source)
{
	int64_t found;

	if (access(path, F_OK) == -1)
		return errno == ENOENT ? 0 : db_fail_errno(&e->db, path);
	if (db_attach(&e->db, path, "canon", DB_READ) == -1)
		return -1;
	/* One that its first writer has not made yet is as good as none. */
	found = db_int(&e->db, "SELECT count(*) FROM canon.sqlite_schema "
	    "WHERE name = 'dataset_version_events'", -1);
	if (found == 1 && take_versions(e, source) == -1)
		found = -1;
	if (found != -1 && db_exec(&e->db, "DETACH canon") == -1)
		found = -1;
	return (int)found;
}

int
events_items(struct events *e)
{
	return db_exec(&e->db, item_ddl);
}
