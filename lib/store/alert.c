#include "store/alert.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define STORE_VERSION 1
#define STORE_HINT "remove it: every alert that lasts is told again"
#define FACTS_BYTES LIMIT_KEY_BYTES

/* What a rule's columns mean by name; all others are facts. */
static const char *const columns[] = { "subject", "since", "detail" };

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* What a rule can ask, and what it found. */
static const char ask_ddl[] =
"CREATE TABLE now (at TEXT);"
"CREATE TABLE found (n INTEGER PRIMARY KEY, name TEXT NOT NULL,"
"	severity TEXT, text TEXT, subject TEXT NOT NULL, since TEXT,"
"	detail TEXT, facts TEXT, UNIQUE (name, subject));"
"CREATE TABLE unasked (name TEXT);";

static const char store_ddl[] =
"CREATE TABLE alerts ("
"	source TEXT NOT NULL,"
"	name TEXT NOT NULL,"
"	subject TEXT NOT NULL,"
"	severity TEXT NOT NULL,"
"	text TEXT NOT NULL,"
"	since TEXT,"
"	detail TEXT,"
"	facts TEXT NOT NULL,"
"	raised_at TEXT NOT NULL,"
"	PRIMARY KEY (source, name, subject)"
") STRICT, WITHOUT ROWID;";

/*
 * Of ?1, the source.  The store is attached under a name of its own, where
 * its table is found, since there is no other of that name.
 */
#define NEW_SQL								\
	" FROM found AS f WHERE NOT EXISTS (SELECT 1 FROM alerts AS a"	\
	" WHERE a.source = ?1 AND a.name = f.name"			\
	" AND a.subject = f.subject)"
#define GONE_SQL							\
	" FROM alerts AS a WHERE source = ?1 AND NOT EXISTS"		\
	" (SELECT 1 FROM found AS f WHERE f.name = a.name"		\
	" AND f.subject = a.subject)"					\
	" AND name NOT IN (SELECT name FROM unasked)"

static const char tell_sql[] =
"SELECT * FROM (SELECT 'raised', name, severity, subject, since, text,"
"	detail, facts" NEW_SQL " ORDER BY n)"
" UNION ALL SELECT * FROM (SELECT 'cleared', name, severity, subject, since,"
"	text, detail, facts" GONE_SQL " ORDER BY name, subject)";

static const char forget_sql[] = "DELETE" GONE_SQL;

/* ?2 is the present. */
static const char remember_sql[] =
"INSERT INTO alerts (source, name, subject, severity, text, since, detail,"
"	facts, raised_at) SELECT ?1, name, subject, severity, text, since,"
"	detail, facts, ?2" NEW_SQL;

/* --- rules ----------------------------------------------------------------- */

/* The place of the rule's column of this name, or -1. */
static int
find_column(sqlite3_stmt *s, const char *name)
{
	int i;

	for (i = 0; i < sqlite3_column_count(s); i++)
		if (strcmp(sqlite3_column_name(s, i), name) == 0)
			return i;
	return -1;
}

/* What is wrong with a rule, or NULL; s is it, prepared. */
static const char *
wrong(struct db *db, sqlite3_stmt *s)
{
	size_t i;

	if (s == NULL && sqlite3_errcode(db->h) != SQLITE_OK)
		return sqlite3_errmsg(db->h);
	if (s == NULL || !sqlite3_stmt_readonly(s))
		return "no query";
	for (i = 0; i < COLUMNS; i++)
		if (find_column(s, columns[i]) == -1)
			return "needs the columns subject, since and detail";
	return NULL;
}

static int
check_rule(struct db *db, const struct decl *d, const struct decl_sql *rule,
    struct buf *why)
{
	sqlite3_stmt *s;
	const char *bad;

	errno = 0;
	s = db_prepare(db, rule->sql);
	bad = wrong(db, s);
	if (bad != NULL)
		buf_printf(why, "%s: alert.%s: %s", d->file, rule->name, bad);
	if (bad != NULL && (s != NULL || errno != ENOMEM))
		errno = EINVAL;
	sqlite3_finalize(s);
	return bad == NULL ? 0 : -1;
}

int
alerts_check(const struct decl *d, struct buf *why)
{
	struct events none;
	size_t i;
	int r, saved;

	r = events_open(&none, NULL) == -1 || events_items(&none) == -1 ||
	    db_exec(&none.db, ask_ddl) == -1 ? -1 : 0;
	if (r == -1)
		buf_str(why, db_message(&none.db));
	for (i = 0; r == 0 && i < d->n_alerts; i++)
		r = check_rule(&none.db, d, &d->alerts[i], why);
	saved = errno;
	events_close(&none);
	errno = saved;
	return r;
}

/* One column as a member of the facts. */
static void
put_fact(struct jsonw *w, sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		jsonw_int(w, name, sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		jsonw_real(w, name, sqlite3_column_double(s, i));
		break;
	case SQLITE_TEXT:
		jsonw_str(w, name, db_text(s, i));
		break;
	default:
		break;
	}
}

/* The row's facts as an object; "{}" if they are no text, or too much. */
static void
put_facts(struct buf *b, sqlite3_stmt *s)
{
	struct jsonw w;
	size_t j;
	int i;

	buf_clear(b);
	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	for (i = 0; i < sqlite3_column_count(s); i++) {
		for (j = 0; j < COLUMNS && strcmp(columns[j],
		    sqlite3_column_name(s, i)) != 0; j++)
			continue;
		if (j == COLUMNS)
			put_fact(&w, s, i);
	}
	jsonw_obj_close(&w);
	if (w.failed != 0) {
		buf_clear(b);
		buf_str(b, "{}");
	}
}

static int
keep(struct alerts *a, sqlite3_stmt *insert, const struct decl_sql *rule,
    sqlite3_stmt *s, struct buf *facts)
{
	size_t i;

	put_facts(facts, s);
	db_bind(insert, 1, rule->name);
	db_bind(insert, 2, rule->severity);
	db_bind(insert, 3, rule->text);
	for (i = 0; i < COLUMNS; i++)
		db_bind(insert, 4 + (int)i,
		    db_text(s, find_column(s, columns[i])));
	db_bind(insert, 7, facts->data);
	return db_run(&a->events->db, insert);
}

/* 0; -1: the machine failed; 1: the data made the rule fail. */
static int
ask(struct alerts *a, sqlite3_stmt *insert, const struct decl_sql *rule)
{
	struct db *db = &a->events->db;
	sqlite3_stmt *s = db_prepare(db, rule->sql);
	struct buf facts;
	int step, r = 0;

	buf_init(&facts, FACTS_BYTES);
	while (r == 0 && (step = db_step(db, s)) == 1)
		r = keep(a, insert, rule, s, &facts);
	if (r == 0 && step == -1)
		r = db_status(db) == EXIT_BUG ? 1 : -1;
	sqlite3_finalize(s);
	buf_release(&facts);
	return r;
}

/* What this rule told before stays as it is. */
static int
leave_out(struct alerts *a, const struct decl_sql *rule)
{
	struct db *db = &a->events->db;

	msg_error("alert.%s: %s", rule->name, sqlite3_errmsg(db->h));
	db->status = EXIT_OK;
	a->failed++;
	return db_execf(db, "DELETE FROM found WHERE name = '%s';"
	    "INSERT INTO unasked VALUES ('%s')", rule->name, rule->name);
}

int
alerts_find(struct alerts *a)
{
	struct db *db = &a->events->db;
	sqlite3_stmt *insert;
	size_t i;
	int r;

	a->failed = 0;
	if (db_exec(db, ask_ddl) == -1 || db_execf(db,
	    "INSERT INTO now VALUES ('%s')", a->now) == -1 ||
	    (insert = db_prepare(db, "INSERT OR IGNORE INTO found (name, "
	    "severity, text, subject, since, detail, facts) VALUES (?, ?, ?, "
	    "substr(?, 1, 400), substr(?, 1, 40), substr(?, 1, 1000), ?)"))
	    == NULL)
		return -1;
	for (i = 0, r = 0; i < a->d->n_alerts && r != -1; i++) {
		r = ask(a, insert, &a->d->alerts[i]);
		if (r == 1)
			r = leave_out(a, &a->d->alerts[i]);
	}
	sqlite3_finalize(insert);
	return r;
}

/* --- the store -------------------------------------------------------------- */

/* Make sure that it is there, and is one of ours. */
static int
prepare_store(struct alerts *a, const char *path, enum db_mode mode)
{
	struct db *db = &a->events->db, store;
	int r = 0;

	if (db_open(&store, path, mode) == -1 || db_schema(&store,
	    STORE_VERSION, store_ddl, STORE_HINT) == -1) {
		buf_clear(&db->message);
		buf_str(&db->message, db_message(&store));
		db->status = db_status(&store);
		r = -1;
	}
	db_close(&store);
	return r;
}

/* No store: nothing was told yet. */
static int
attach_store(struct alerts *a, const char *path, int to_read)
{
	struct db *db = &a->events->db;

	if (to_read && access(path, F_OK) == -1 && errno == ENOENT)
		return db_exec(db, store_ddl);
	if (prepare_store(a, path, to_read ? DB_READ : DB_CREATE) == -1 ||
	    db_attach(db, path, "store", to_read ? DB_READ : DB_WRITE) == -1)
		return -1;
	return to_read ? 0 : db_begin(db);
}

int
alerts_open(struct alerts *a, const char *data, int to_read)
{
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/alerts.sqlite", data) == -1)
		r = db_fail_errno(&a->events->db, data);
	else
		r = attach_store(a, path.data, to_read);
	buf_release(&path);
	return r;
}

/* --- telling ---------------------------------------------------------------- */

static int
put_alert(struct alerts *a, struct spool *out, sqlite3_stmt *s)
{
	static const char *const members[] = { "state", "name", "severity",
	    "subject", "since", "text", "detail" };
	struct jsonw w;
	int i;

	spool_record(out, &w, "alert");
	jsonw_str(&w, "at", a->now);
	jsonw_str(&w, "source", a->d->source);
	for (i = 0; i < 7; i++)
		jsonw_opt(&w, members[i], db_text(s, i));
	jsonw_raw(&w, "facts", db_text(s, 7), strlen(db_text(s, 7)));
	return spool_put(out, &w);
}

int
alerts_tell(struct alerts *a, struct spool *out)
{
	struct db *db = &a->events->db;
	sqlite3_stmt *s = db_prepare(db, tell_sql);
	int step, r = 0;

	db_bind(s, 1, a->d->source);
	while (r == 0 && (step = db_step(db, s)) == 1)
		r = put_alert(a, out, s);
	sqlite3_finalize(s);
	if (r == -1)
		return db_fail_errno(db, "alerts");
	return step;
}

static int
apply(struct alerts *a, const char *sql)
{
	struct db *db = &a->events->db;
	sqlite3_stmt *s = db_prepare(db, sql);
	int r;

	if (s == NULL)
		return -1;
	db_bind(s, 1, a->d->source);
	if (sqlite3_bind_parameter_count(s) > 1)
		db_bind(s, 2, a->now);
	r = db_run(db, s);
	sqlite3_finalize(s);
	return r;
}

int
alerts_commit(struct alerts *a)
{
	if (apply(a, forget_sql) == -1 || apply(a, remember_sql) == -1)
		return -1;
	return db_commit(&a->events->db);
}

int64_t
alerts_count(struct alerts *a)
{
	return db_int(&a->events->db, "SELECT (SELECT count(*) FROM found)"
	    " + (SELECT count(*) FROM alerts WHERE name IN"
	    " (SELECT name FROM unasked))", -1);
}
