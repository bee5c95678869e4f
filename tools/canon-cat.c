/*
 * canon-cat -- write canonical rows as records.
 *
 * in:   the names of tables (all, in declared order); --dataset for one
 * out:  a row record for each active row, or with --as-of each row of
 *       then, in key order; with --versions a version record for each
 *       dataset before them; then end
 * owns: nothing; reads DATA/SOURCE.sqlite
 *
 * All rows are of one moment: they are read in one transaction, into a
 * file without a name, and sent when that is over.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/ddl.h"
#include "decl/start.h"
#include "record/spool.h"
#include "store/canon_asof.h"
#include "store/canon_table.h"
#include "store/follow.h"
#include "store/libraries.h"

/* As of the end of time, the last version of each dataset is the active one. */
#define END_OF_TIME "9999-12-31T23:59:59.999Z"

static const char *config, *data = "data", *dataset, *as_of;
static int provenance, versions;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "dataset", 0, OPT_STRING, "dataset", &dataset,
	    "only this dataset, e.g. 2026/A", 0, 0, 0 },
	{ "as-of", 0, OPT_STRING, "version", &as_of,
	    "as it was: of a version, or at an instant (RFC 3339, Z)", 0, 0, 0 },
	{ "provenance", 0, OPT_FLAG, NULL, &provenance,
	    "row_hash and valid_from too", 0, 0, 0 },
	{ "versions", 0, OPT_FLAG, NULL, &versions,
	    "first the version of each dataset, for changes-cat", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"write canonical rows as records",
	"[table ...]", 0, -1, opts, libraries
};

/* What one call works on. */
struct work {
	struct decl decl;
	struct part dataset;	/* n 0: all of them */
	struct canon canon;
	struct asof asof;	/* with --as-of */
	struct spool spool;
	struct buf label;	/* of the row at hand */
};

static void
load(struct work *w, char *const tables[])
{
	decl_start(&w->decl, config);
	if (dataset != NULL)
		w->dataset = decl_start_dataset(&w->decl, dataset);
	for (; *tables != NULL; tables++) {
		const struct decl_table *t = decl_table(&w->decl, *tables);

		if (t == NULL)
			msg_die(EXIT_USAGE, "%s: not a table of %s", *tables,
			    w->decl.source);
		if (dataset != NULL && !decl_has(t->kind, &w->dataset))
			msg_die(EXIT_USAGE, "%s: a table of other datasets "
			    "than %s", *tables, dataset);
	}
}

/* The dataset of a row, whose key comes first. */
static int
label(struct work *w, const struct decl_kind *k, sqlite3_stmt *s)
{
	struct part p = { 0 };
	size_t i;

	buf_clear(&w->label);
	for (i = 0; i < k->n_key; i++)
		if (part_add(&p, k->key[i], db_text(s, (int)i)) == -1)
			return -1;
	return part_values(&p, 0, p.n, &w->label);
}

static int
put_row(struct work *w, const struct decl_table *t, sqlite3_stmt *s)
{
	struct jsonw j;

	if (label(w, t->kind, s) == -1)
		return -1;
	spool_record(&w->spool, &j, "row");
	jsonw_str(&j, "source", w->decl.source);
	jsonw_str(&j, "dataset", w->label.data);
	jsonw_str(&j, "table", t->name);
	jsonw_obj_open(&j, "row");
	row_write(&j, t, s, provenance ? ROW_PROVENANCE : 0);
	if (provenance)
		jsonw_str(&j, "valid_from", db_text(s,
		    (int)ddl_count(t)));
	jsonw_obj_close(&j);
	return spool_put(&w->spool, &j);
}

static sqlite3_stmt *
select_rows(struct work *w, const struct decl_table *t)
{
	sqlite3_stmt *s = NULL;
	struct buf sql;

	if (as_of != NULL)
		return asof_rows(&w->canon, t);
	buf_init(&sql, (size_t)1 << 20);
	if (canon_sql(&sql, &w->decl, t, NULL, w->dataset.n > 0 ?
	    "SELECT {columns}, t.valid_from FROM main.{name} AS t"
	    " WHERE {dataset} ORDER BY {key}" :
	    "SELECT {columns}, t.valid_from FROM main.{name} AS t"
	    " ORDER BY {key}") == 0)
		s = db_prepare(&w->canon.db, sql.data);
	buf_release(&sql);
	return s;
}

static enum exits
say(const struct work *w)
{
	msg_error("%s", canon_message(&w->canon));
	return canon_status(&w->canon);
}

/* Say which row cannot be written, and why. */
static enum exits
refuse(const struct work *w, const struct decl_table *t, sqlite3_stmt *s)
{
	const char *why = errno == E2BIG ? "too long for a record" :
	    strerror(errno);
	enum exits status = errno == E2BIG || errno == EILSEQ ? EXIT_DATA :
	    msg_status(errno);
	size_t i, n = t->kind->n_key;
	struct buf key;

	buf_init(&key, (size_t)1 << 20);
	for (i = 0; i < t->n_key; i++)
		if (db_text(s, (int)(n + t->key[i])) != NULL)
			buf_printf(&key, " %.80s",
			    db_text(s, (int)(n + t->key[i])));
	msg_error("%s %s%s: %s", w->label.data, t->name, key.data, why);
	buf_release(&key);
	return status;
}

static enum exits
put_rows(struct work *w, const struct decl_table *t, sqlite3_stmt *s)
{
	enum exits status = EXIT_OK;
	int r;

	while ((r = db_step(&w->canon.db, s)) == 1 && status == EXIT_OK)
		if (put_row(w, t, s) == -1)
			status = refuse(w, t, s);
	return r == -1 ? say(w) : status;
}

/* Each dataset's rows as its version had them. */
static enum exits
put_versions(struct work *w, const struct decl_table *t, sqlite3_stmt *s)
{
	enum exits status = EXIT_OK;
	struct part key;
	size_t i;

	for (i = 0; s != NULL && status == EXIT_OK && i < w->asof.n; i++) {
		const struct asof_dataset *p = &w->asof.list[i];

		if (decl_dataset(&w->decl, p->label, &key) == -1 ||
		    !decl_has(t->kind, &key))
			continue;
		canon_bind(s, &key);
		db_bind(s, ASOF_VERSION, p->version);
		status = put_rows(w, t, s);
		sqlite3_reset(s);
	}
	return s == NULL ? say(w) : status;
}

static enum exits
put_table(struct work *w, const struct decl_table *t)
{
	sqlite3_stmt *s;
	enum exits status;

	if (dataset != NULL && !decl_has(t->kind, &w->dataset))
		return EXIT_OK;
	s = select_rows(w, t);
	if (s != NULL)
		canon_bind(s, &w->dataset);
	status = as_of != NULL ? put_versions(w, t, s) : put_rows(w, t, s);
	sqlite3_finalize(s);
	return status;
}

/* A dataset without a row is empty, one without a version mistyped. */
static enum exits
find_dataset(struct work *w)
{
	sqlite3_stmt *s = db_prepare(&w->canon.db, "SELECT 1 "
	    "FROM main.dataset_versions WHERE dataset = ?");
	int r;

	if (s == NULL)
		return say(w);
	db_bind(s, 1, dataset);
	r = db_step(&w->canon.db, s);
	sqlite3_finalize(s);
	if (r == 0)
		msg_error("%s: no such dataset", dataset);
	return r == -1 ? say(w) : r == 0 ? EXIT_NOINPUT : EXIT_OK;
}

/* Collect every row that was asked for, as of one moment. */
static enum exits
collect(struct work *w, char *const tables[])
{
	enum exits status = EXIT_OK;
	size_t i;

	if (db_exec(&w->canon.db, "BEGIN") == -1 ||
	    ((as_of != NULL || versions) && asof_find(&w->canon,
	    as_of != NULL ? as_of : END_OF_TIME,
	    dataset != NULL ? &w->dataset : NULL, &w->asof) == -1))
		return say(w);
	if (versions && follow_heads(&w->canon, &w->asof, &w->spool) == -1)
		return say(w);
	if (dataset != NULL)
		status = find_dataset(w);
	for (i = 0; status == EXIT_OK && *tables == NULL &&
	    i < w->decl.n_tables; i++)
		status = put_table(w, &w->decl.tables[i]);
	for (; status == EXIT_OK && *tables != NULL; tables++)
		status = put_table(w, decl_table(&w->decl, *tables));
	db_rollback(&w->canon.db);
	if (status == EXIT_OK && spool_end(&w->spool) == -1) {
		status = msg_status(errno);
		msg_error_errno("temporary file");
	}
	return status;
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct work w = { 0 };
	enum exits status;
	FILE *fp;

	load(&w, argv + i);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if ((fp = tmpfile()) == NULL)
		msg_die_errno(EXIT_IO, "temporary file");
	spool_init(&w.spool, fp);
	buf_init(&w.label, PATH_BYTES_MAX);
	status = canon_open(&w.canon, data, &w.decl, CANON_READ,
	    DB_BUSY_MS) == 0 ? collect(&w, argv + i) : say(&w);
	status = spool_finish(fp, status);
	spool_release(&w.spool);
	fclose(fp);
	buf_release(&w.label);
	asof_release(&w.asof);
	canon_close(&w.canon);
	decl_release(&w.decl);
	return status;
}
