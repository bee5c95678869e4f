#include "store/pointer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/outfile.h"
#include "base/path.h"
#include "store/ledger.h"

/* The name of a partition's pointer.  0, or -1. */
static int
pointer_path(struct db *ledger, const char *data, const char *source,
    const char *part_path, struct buf *path)
{
	if (buf_printf(path, "%s/ptr/", data) == -1 ||
	    path_encode(path, source) == -1 ||
	    buf_printf(path, "/%s", part_path) == -1)
		return db_fail_errno(ledger, part_path);
	return 0;
}

/* The run that a pointer names; "" if there is none.  0, or -1. */
static int
read_pointer(const char *path, char run[POINTER_RUN_BYTES])
{
	FILE *fp = fopen(path, "r");
	int bad;

	run[0] = '\0';
	if (fp == NULL)
		return errno == ENOENT ? 0 : -1;
	if (fgets(run, POINTER_RUN_BYTES, fp) == NULL)
		run[0] = '\0';
	run[strcspn(run, "\n")] = '\0';
	bad = ferror(fp);
	fclose(fp);
	return bad ? -1 : 0;
}

int
pointer_read(struct db *ledger, const char *data, const char *source,
    const char *part_path, char run[POINTER_RUN_BYTES])
{
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	r = pointer_path(ledger, data, source, part_path, &path);
	if (r == 0 && read_pointer(path.data, run) == -1)
		r = db_fail_errno(ledger, path.data);
	buf_release(&path);
	return r;
}

/* Did that run seal the same content?  1, 0 or -1. */
static int
same_content(struct db *db, const char *source, const char *part_path,
    const char *run, const struct ledger_current *c)
{
	const char *texts[] = { source, part_path, run, c->sha256,
	    c->schema_version };
	sqlite3_stmt *s = db_prepare(db, "SELECT 1 FROM raw_snapshots WHERE "
	    "source = ? AND part_path = ? AND run = ? AND sha256 = ? AND "
	    "schema_version = ?");
	int i, r;

	for (i = 0; s != NULL && i < 5; i++)
		db_bind(s, i + 1, texts[i]);
	r = db_step(db, s);
	sqlite3_finalize(s);
	return r;
}

static int
write_pointer(const char *path, const char *run)
{
	struct outfile o;

	if (path_mkparents(path) == -1 || outfile_sweep(path) == -1 ||
	    outfile_open(&o, path, OUTFILE_REPLACE) == -1)
		return -1;
	fprintf(o.fp, "%s\n", run);	/* the commit sees failures */
	return outfile_commit(&o);
}

static int
follow(struct db *db, const char *source, const char *part_path,
    const char *path, const struct ledger_current *c)
{
	char run[POINTER_RUN_BYTES];
	int r;

	if (read_pointer(path, run) == -1)
		return db_fail_errno(db, path);
	if (strcmp(run, c->run) == 0)
		return 0;
	r = same_content(db, source, part_path, run, c);
	if (r != 0)
		return r == 1 ? 0 : -1;
	return write_pointer(path, c->run) == 0 ? 1 :
	    db_fail_errno(db, path);
}

int
pointer_update(struct db *ledger, const char *data, const char *source,
    const char *part_path)
{
	struct ledger_current c;
	struct arena a;
	struct buf path;
	int r;

	arena_init(&a);
	buf_init(&path, PATH_BYTES_MAX);
	r = ledger_current(ledger, source, part_path, &a, &c);
	if (r == 1)
		r = pointer_path(ledger, data, source, part_path, &path) == 0 ?
		    follow(ledger, source, part_path, path.data, &c) : -1;
	buf_release(&path);
	arena_release(&a);
	return r;
}

int
pointer_update_all(struct db *ledger, const char *data, const char *source)
{
	sqlite3_stmt *s = db_prepare(ledger, "SELECT part_path FROM "
	    "partition_state WHERE source = ? AND status = 'valid'");
	int r = -1;

	if (s == NULL)
		return -1;
	db_bind(s, 1, source);
	while ((r = db_step(ledger, s)) == 1)
		if (pointer_update(ledger, data, source, db_text(s, 0)) == -1) {
			r = -1;
			break;
		}
	sqlite3_finalize(s);
	return r;
}
