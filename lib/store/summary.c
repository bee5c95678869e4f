#include "store/summary.h"

#include "store/summary_loops.h"
#include "store/table.h"

static const char run_ddl[] = "CREATE TABLE run (run TEXT, data TEXT, again TEXT)";

/* What became of each dataset, by its last events likewise. */
static const char datasets_ddl[] =
"CREATE VIEW staging AS SELECT max(n) AS n, dataset, code"
"	FROM event WHERE event = 'stage' GROUP BY dataset;"
	/* Repeated: a run that was continued had promoted it before.  What
	 * job loops work at is told item by item (summary_loops.h). */
"CREATE VIEW promotion AS SELECT max(n) AS n, dataset,"
"	replace(body ->> 'outcome', 'repeated', 'promoted') AS outcome,"
"	coalesce(body ->> 'reason', code) AS reason,"
"	body ->> 'held' AS held,"
"	ifnull(body ->> 'inserted', 0) AS inserted,"
"	ifnull(body ->> 'updated', 0) AS updated,"
"	ifnull(body ->> 'deleted', 0) AS deleted"
"	FROM event WHERE event = 'version' GROUP BY dataset;"
"CREATE VIEW report AS SELECT max(n) AS n, dataset,"
"	body ->> 'ready' OR body ->> 'accepted' IS NOT NULL AS ready,"
"	body ->> 'report' AS path,"
"	(SELECT group_concat(value, ', ') FROM json_each(body, '$.failed'))"
"	AS failed FROM event WHERE event = 'report' GROUP BY dataset;"
"CREATE TABLE dataset AS SELECT d.dataset, CASE"
"	WHEN s.code IS NOT NULL AND s.n > ifnull(p.n, 0) THEN 'failed'"
"	WHEN p.outcome IS NOT NULL THEN p.outcome"
"	WHEN s.n IS NOT NULL OR d.changed THEN 'pending'"
"	ELSE 'unchanged' END AS outcome,"
"	coalesce(p.reason, s.code, CASE"
"	    WHEN d.lost = 1 THEN 'no valid answer'"
"	    WHEN d.lost > 0 THEN 'as far as it was fetched' END) AS reason,"
"	p.inserted, p.updated, p.deleted, p.held, r.ready,"
"	r.failed, r.path FROM (SELECT dataset, max(changed) AS changed,"
"	avg(lost) AS lost FROM"
"	    (SELECT dataset, outcome = 'changed' AS changed,"
"	    outcome IN ('failed', 'invalid', 'pending') AS lost FROM item"
"	    UNION ALL SELECT dataset, 0, NULL FROM event)"
"	    WHERE dataset IS NOT NULL AND NOT EXISTS"
"	    (SELECT 1 FROM event WHERE event = 'stopped')"
"	    GROUP BY dataset) d"
"	LEFT JOIN staging s ON s.dataset = d.dataset"
"	LEFT JOIN promotion p ON p.dataset = d.dataset"
"	LEFT JOIN report r ON r.dataset = d.dataset;";

static const char totals_ddl[] =
"CREATE TABLE totals AS SELECT"
"	(SELECT max(source) FROM event) AS source,"
"	(SELECT min(at) FROM event) AS started_at,"
"	(SELECT max(at) FROM event) AS ended_at,"
"	max(count(*), ifnull((SELECT max(ifnull(body ->> 'tasks', 0)"
"	    + ifnull(body ->> 'left_out', 0)) FROM event"
"	    WHERE event = 'plan'), 0)) AS planned,"
"	total(answer = 'ok') AS fetched,"
"	total(iif(answer = 'ok', bytes, 0)) AS bytes,"
"	total(answer = 'unchanged') AS unchanged,"
"	total(same) AS same,"
"	total(outcome IN ('changed', 'unchanged')) AS verified,"
"	total(outcome = 'invalid') AS invalid,"
"	total(outcome = 'failed') AS failed FROM item;"
"CREATE TABLE dataset_totals AS SELECT count(*) AS datasets,"
"	total(outcome = 'promoted') AS promoted,"
"	total(outcome = 'unchanged') AS unchanged,"
"	total(outcome = 'held' OR held IS NOT NULL) AS held,"
"	total(outcome = 'failed') AS failed,"
"	total(outcome = 'pending' OR (outcome = 'promoted'"
"	    AND ready IS NULL)) AS pending,"
"	total(ready = 0) AS not_ready FROM dataset;"
"CREATE VIEW trouble AS SELECT ifnull(code, '?') AS code, count(*) AS n,"
"	min(what) AS example FROM (SELECT code, task AS what FROM item"
"	WHERE outcome IN ('failed', 'invalid') UNION ALL"
"	SELECT reason, dataset FROM dataset WHERE outcome = 'failed')"
"	GROUP BY 1;"
	/* Since it was last planned; what was not asked for is pending. */
"CREATE VIEW stop AS SELECT task, code, body ->> 'failures' AS failures"
"	FROM event WHERE n = (SELECT max(n) FROM event"
"	    WHERE event = 'breaker') AND n > ifnull((SELECT max(n)"
"	    FROM event WHERE event = 'plan'), 0);"
"CREATE VIEW stage AS SELECT CASE event WHEN 'attempt' THEN 'fetch'"
"	WHEN 'snapshot' THEN 'seal' WHEN 'verdict' THEN 'verify'"
"	WHEN 'version' THEN 'promote' WHEN 'report' THEN 'ready'"
"	ELSE event END AS stage, count(*) AS n, total(ms) AS ms,"
"	min(n) AS first FROM event WHERE event NOT IN ('plan', 'breaker')"
"	AND body ->> 'record' IS NULL GROUP BY event;";

/* The text: one table per section, left out when it has no rows. */
static const struct section {
	const char *title, *sql;
} sections[] = {
	{ "items",
"SELECT 'planned', CAST(planned AS INTEGER), '' FROM totals UNION ALL"
" SELECT 'fetched', CAST(fetched AS INTEGER),"
"	iif(bytes > 0, printf('%.1f MB', bytes / 1e6), '')"
"	FROM totals UNION ALL"
" SELECT 'unchanged', CAST(unchanged AS INTEGER), '' FROM totals UNION ALL"
" SELECT 'same', CAST(same AS INTEGER), iif(same, 'bytes we had', '')"
"	FROM totals UNION ALL"
" SELECT 'verified', CAST(verified AS INTEGER), '' FROM totals UNION ALL"
" SELECT 'invalid', CAST(invalid AS INTEGER), '' FROM totals UNION ALL"
" SELECT 'failed', CAST(failed AS INTEGER), '' FROM totals UNION ALL"
" SELECT 'pending', CAST(planned - verified - invalid - failed AS INTEGER),"
"	'' FROM totals WHERE planned > verified + invalid + failed" },
	{ "datasets",
"SELECT dataset, outcome, CASE WHEN outcome = 'promoted'"
"	THEN printf('+%,d ~%,d -%,d', inserted, updated, deleted)"
"	|| iif(held IS NULL, '', ', held: ' || held)"
"	ELSE ifnull(held, ifnull(reason, '')) END, CASE ready WHEN 1 THEN 'ready'"
"	WHEN 0 THEN 'not ready: ' || ifnull(failed, '?')"
"	ELSE iif(outcome = 'promoted', 'no report', '') END"
"	FROM dataset ORDER BY dataset" },
	{ "held",
"SELECT dataset, held, reason FROM dataset WHERE held IS NOT NULL"
"	ORDER BY dataset" },
	{ "stopped asking",
"SELECT task, code, ifnull(failures || ' failure' || iif(failures = 1, '',"
"	's') || ' in a row', 'still failing, as in the run before') FROM stop" },
	{ "failed",
"SELECT task, outcome, ifnull(code, '') FROM item"
"	WHERE outcome IN ('failed', 'invalid') ORDER BY task" },
	{ "errors",
"SELECT code, n, 'for example ' || example FROM trouble"
"	ORDER BY n DESC, code" },
	{ "time, added up per stage",
"SELECT stage, printf('%.1f s', ms / 1e3), n || iif(n = 1, ' time',"
"	' times') FROM stage ORDER BY first" },
	{ "next",
"SELECT again || ' RUN=' || run || iif(data = 'data', '', ' DATA=' || data),"
"	'asks again for what failed or is pending' FROM run, totals,"
"	dataset_totals d WHERE planned > verified OR d.failed OR d.pending"
" UNION ALL SELECT 'make promote ready ACCEPT=REASON DATASET=' || dataset"
"	|| iif(data = 'data', '', ' DATA=' || data),"
"	'lets pass what is held, if it is right; REJECT=REASON keeps it out'"
"	FROM run, dataset WHERE outcome = 'held' OR held IS NOT NULL"
" UNION ALL SELECT 'less ' || data || '/' || replace(path, '.json', '.md'),"
"	'why it is not ready' FROM dataset, run WHERE ready = 0" },
};

/* What job loops did is left out where there was none. */
static const char json_sql[] =
"SELECT json_patch(json_object('run', run, 'source', source,"
"	'fine', json(iif(planned > verified OR held OR d.failed OR d.pending"
"	    OR not_ready OR (SELECT trouble FROM loop_totals), 'false', 'true')),"
"	'started_at', started_at, 'ended_at', ended_at,"
"	'items', json_object('planned', CAST(planned AS INTEGER),"
"	    'fetched', CAST(fetched AS INTEGER),"
"	    'bytes', CAST(bytes AS INTEGER),"
"	    'unchanged', CAST(t.unchanged AS INTEGER),"
"	    'same', CAST(same AS INTEGER),"
"	    'verified', CAST(verified AS INTEGER),"
"	    'invalid', CAST(invalid AS INTEGER),"
"	    'failed', CAST(t.failed AS INTEGER),"
"	    'pending', CAST(planned - verified - invalid - t.failed"
"	    AS INTEGER)),"
"	'datasets', (SELECT json_group_array(json_patch('{}', json_object("
"	    'dataset', dataset, 'outcome', outcome, 'reason', reason,"
"	    'held', held,"
"	    'inserted', inserted, 'updated', updated, 'deleted', deleted,"
"	    'ready', CASE ready WHEN 1 THEN json('true')"
"		WHEN 0 THEN json('false') END,"
"	    'failed', failed, 'report', path))) FROM dataset),"
"	'failed', (SELECT json_group_array(json_patch('{}',"
"	    json_object('task', task, 'outcome', outcome, 'code', code)))"
"	    FROM item"
"	    WHERE outcome IN ('failed', 'invalid')),"
"	'stopped', (SELECT json_group_array(json_patch('{}', json_object("
"	    'task', task, 'code', code, 'failures', failures))) FROM stop),"
"	'errors', (SELECT json_group_array(json_object('code', code,"
"	    'n', n, 'example', example)) FROM trouble),"
"	'stages', (SELECT json_group_array(json_object('stage', stage,"
"	    'n', n, 'ms', CAST(ms AS INTEGER))) FROM stage)),"
"	ifnull((SELECT body FROM loop_json), '{}'))"
"	FROM run, totals t, dataset_totals d";

/* --- reading the log ------------------------------------------------------ */

/* Remember what the next step to type needs. */
static int
name_run(struct summary *s, const char *data, const char *run,
    const char *again)
{
	struct db *db = &s->events.db;
	sqlite3_stmt *st = db_prepare(db, "INSERT INTO run VALUES (?, ?, ?)");
	int r;

	if (st == NULL)
		return -1;
	db_bind(st, 1, run);
	db_bind(st, 2, data);
	db_bind(st, 3, again);
	r = db_run(db, st);
	sqlite3_finalize(st);
	return r;
}

int
summary_read(struct summary *s, const char *log, const char *data,
    const char *run, const char *again)
{
	s->only = (struct events_filter){ .run = run };
	if (events_open(&s->events, &s->only) == -1 ||
	    events_log(&s->events, log, run) == -1 ||
	    events_items(&s->events) == -1 ||
	    db_exec(&s->events.db, run_ddl) == -1 ||
	    name_run(s, data, run, again) == -1 ||
	    db_exec(&s->events.db, datasets_ddl) == -1)
		return -1;
	return db_exec(&s->events.db, totals_ddl) == -1 ? -1 :
	    db_exec(&s->events.db, summary_loops_ddl);
}

void
summary_release(struct summary *s)
{
	events_close(&s->events);
}

int64_t
summary_planned(struct summary *s)
{
	return db_int(&s->events.db, "SELECT planned FROM totals", -1);
}

int
summary_fine(struct summary *s)
{
	return (int)db_int(&s->events.db, "SELECT NOT (planned > verified "
	    "OR held OR d.failed OR d.pending OR not_ready "
	    "OR (SELECT trouble FROM loop_totals)) FROM totals, "
	    "dataset_totals d", -1);
}

/* --- telling it ----------------------------------------------------------- */

static int
print_section(struct summary *s, struct buf *b, const char *title,
    const char *sql)
{
	sqlite3_stmt *st = db_prepare(&s->events.db, sql);
	size_t start = b->len;
	int64_t rows;

	if (st == NULL)
		return -1;
	if (buf_printf(b, "%s\n", title) == -1)
		rows = -1;
	else
		rows = table_print(b, &s->events.db, st, TABLE_TEXT);
	sqlite3_finalize(st);
	if (rows == 0) {
		b->len = start;
		b->data[start] = '\0';
	}
	return rows == -1 ? -1 : 0;
}

/* Append the one text that sql yields. */
static int
print_value(struct summary *s, struct buf *b, const char *sql)
{
	sqlite3_stmt *st = db_prepare(&s->events.db, sql);
	int r = -1;

	if (db_step(&s->events.db, st) == 1)
		r = buf_printf(b, "%s\n", db_text(st, 0));
	sqlite3_finalize(st);
	return r;
}

int
summary_text(struct summary *s, struct buf *b)
{
	size_t i;

	if (print_value(s, b, "SELECT 'run ' || run || ifnull(' of ' || source,"
	    " '') || printf(', %.1f s', (julianday(ended_at) - "
	    "julianday(started_at)) * 86400) FROM run, totals") == -1)
		return -1;
	for (i = 0; summary_loops[i].title != NULL; i++)
		if (print_section(s, b, summary_loops[i].title,
		    summary_loops[i].sql) == -1)
			return -1;
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (print_section(s, b, sections[i].title, sections[i].sql)
		    == -1)
			return -1;
	return 0;
}

int
summary_json(struct summary *s, struct buf *b)
{
	return print_value(s, b, json_sql);
}
