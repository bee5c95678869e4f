#include "data.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/path.h"

/* Bytes of one file of SQL. */
#define SQL_MAX ((size_t)4 << 20)

void
data_init(struct data *d, struct model *model, int64_t seed,
    const char *export)
{
	memset(d, 0, sizeof(*d));
	d->model = model;
	d->seed = seed;
	d->tick = -1;
	d->export = export;
}

static void
close_database(struct data *d)
{
	size_t i;

	for (i = 0; i < d->model->n_routes; i++)
		template_reset(d->model->routes[i].page);
	if (d->tick != -1)
		db_close(&d->db);
	d->tick = -1;
}

void
data_release(struct data *d)
{
	close_database(d);
}

/* dice(n, key...); each key is hashed as its text and a byte behind. */
static void
sql_dice(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const int64_t *seed = sqlite3_user_data(c);
	int64_t n = argc > 0 ? sqlite3_value_int64(argv[0]) : 0;
	uint64_t hash = (uint64_t)*seed;
	int i;

	if (n <= 0 || n > UINT32_MAX) {
		sqlite3_result_error(c, "dice: how many sides?", -1);
		return;
	}
	for (i = 1; i < argc; i++) {
		const void *text = sqlite3_value_text(argv[i]);

		hash = XXH64(text, text == NULL ? 0 :
		    (size_t)sqlite3_value_bytes(argv[i]), hash + 1);
	}
	sqlite3_result_int64(c,
	    (int64_t)((hash >> 32) * (uint64_t)n >> 32));
}

void
data_scope(const struct data *d, struct var *vars,
    char numbers[2][DATA_NUMBER], struct scope *s)
{
	size_t n = d->model->n_vars;

	snprintf(numbers[0], DATA_NUMBER, "%" PRId64, d->seed);
	snprintf(numbers[1], DATA_NUMBER, "%" PRId64, d->tick);
	if (n > 0)
		memcpy(vars, d->model->vars, n * sizeof(*vars));
	vars[n] = (struct var){ "seed", numbers[0] };
	vars[n + 1] = (struct var){ "tick", numbers[1] };
	*s = (struct scope){ NULL, NULL, vars, n + 2 };
}

static int
wrong(struct buf *why, const char *file, const char *text, const char *at,
    const char *what, const char *detail)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	buf_printf(why, "%s:%d: %s%s", file, line, what, detail);
	errno = EINVAL;
	return -1;
}

/* Where in the statement the mistake is, as far as SQLite says it. */
static int
offset(const struct db *db)
{
#if SQLITE_VERSION_NUMBER >= 3038000
	int at = sqlite3_error_offset(db->h);

	return at > 0 ? at : 0;
#else
	(void)db;
	return 0;
#endif
}

/* The statements of one file, each with its parameters. */
static int
run_sql(struct data *d, const char *file, const char *text,
    const struct scope *scope, struct buf *why)
{
	const char *at = text, *missing, *tail;
	sqlite3_stmt *stmt;
	int r = 0;

	for (; r == 0; at = tail) {
		while (isspace((unsigned char)*at))
			at++;
		if (*at == '\0')
			break;
		if (sqlite3_prepare_v2(d->db.h, at, -1, &stmt, &tail) !=
		    SQLITE_OK)
			return wrong(why, file, text, at + offset(&d->db), "",
			    sqlite3_errmsg(d->db.h));
		if (stmt == NULL)
			continue;	/* a comment */
		if ((missing = scope_bind(scope, stmt)) != NULL)
			r = wrong(why, file, text, at,
			    "no parameter has the name ", missing);
		while (r == 0 && (r = db_step(&d->db, stmt)) == 1)
			r = 0;
		if (r == -1 && why->len == 0)
			wrong(why, file, text, at, "",
			    db_message(&d->db));
		sqlite3_finalize(stmt);
	}
	return r;
}

static int
run_file(struct data *d, const char *file, const struct scope *scope,
    struct buf *why)
{
	struct buf text;
	int r;

	buf_init(&text, SQL_MAX);
	r = buf_file(&text, file);
	if (r == -1)
		buf_printf(why, "%s: %s", file, strerror(errno));
	else if (text.len > 0)
		r = run_sql(d, file, text.data, scope, why);
	buf_release(&text);
	return r;
}

/* A copy of the tables, for who compares; it appears whole. */
static int
export(struct data *d, struct buf *why)
{
	char new[PATH_BYTES_MAX];
	sqlite3_stmt *s;
	int r = -1;

	if (d->export == NULL)
		return 0;
	snprintf(new, sizeof(new), "%s.new", d->export);
	(void)unlink(new);
	if ((s = db_prepare(&d->db, "VACUUM INTO ?")) != NULL) {
		db_bind(s, 1, new);
		r = db_run(&d->db, s);
		sqlite3_finalize(s);
	}
	if (r == -1)
		buf_str(why, db_message(&d->db));
	else if ((r = rename(new, d->export)) == -1)
		buf_printf(why, "%s: %s", d->export, strerror(errno));
	return r;
}

static int
run_files(struct data *d, struct buf *why)
{
	struct var vars[MODEL_VARS_MAX + 2];
	char numbers[2][DATA_NUMBER];
	struct scope scope;
	size_t i;

	data_scope(d, vars, numbers, &scope);
	if (sqlite3_create_function(d->db.h, "dice", -1, SQLITE_UTF8 |
	    SQLITE_DETERMINISTIC, &d->seed, sql_dice, NULL, NULL) !=
	    SQLITE_OK || db_begin(&d->db) == -1) {
		buf_str(why, db_message(&d->db));
		return -1;
	}
	for (i = 0; i < d->model->n_data; i++)
		if (run_file(d, d->model->data[i], &scope, why) == -1)
			return -1;
	if (db_commit(&d->db) == -1) {
		buf_str(why, db_message(&d->db));
		return -1;
	}
	return export(d, why);
}

int
data_make(struct data *d, int64_t tick, struct buf *why)
{
	int saved;

	if (d->tick == tick)
		return 0;
	close_database(d);
	buf_clear(why);
	if (db_open(&d->db, "", DB_CREATE) == -1) {
		buf_str(why, db_message(&d->db));
		db_close(&d->db);
		return -1;
	}
	d->tick = tick;
	if (run_files(d, why) == 0)
		return 0;
	saved = errno;
	close_database(d);
	errno = saved;
	return -1;
}
