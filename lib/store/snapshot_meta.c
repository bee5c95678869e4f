#include "store/snapshot_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/path.h"
#include "record/jsonw.h"

#define READ_BYTES ((size_t)1 << 16)

int
snapshot_file_sha256(const char *path, char hex[DIGEST_TEXT],
    int64_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[READ_BYTES];
	struct digest sum;
	ssize_t n = -1;

	*bytes = 0;
	if (fd != -1 && digest_init(&sum) == 0) {
		while ((n = read(fd, block, sizeof(block))) > 0) {
			digest_add(&sum, block, (size_t)n);
			*bytes += n;
		}
		digest_finish(&sum, hex);
	}
	if (fd != -1)
		close(fd);
	return n == 0 ? 0 : -1;
}

/* --- files -------------------------------------------------------------- */

static int
seal(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd == -1)
		return -1;
	r = fchmod(fd, 0444) == -1 || fsync(fd) == -1 ? -1 : 0;
	close(fd);
	return r;
}

static int64_t
count_rows(struct db *db, const char *table)
{
	struct buf sql;
	int64_t n;

	buf_init(&sql, 4096);
	buf_str(&sql, "SELECT count(*) FROM ");
	db_ident(&sql, table);
	n = db_int(db, sql.data, -1);
	buf_release(&sql);
	return n;
}

static int
put_tables(struct db *db, struct jsonw *w, struct snapshot_size *size)
{
	sqlite3_stmt *s = db_prepare(db, "SELECT name FROM pragma_table_list "
	    "WHERE schema = 'main' AND type IN ('table', 'virtual') "
	    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
	int64_t n = 0;
	int r;

	jsonw_obj_open(w, "tables");
	while ((r = db_step(db, s)) == 1) {
		if ((n = count_rows(db, db_text(s, 0))) == -1)
			break;
		jsonw_int(w, db_text(s, 0), n);
		size->rows += n;
	}
	jsonw_obj_close(w);
	sqlite3_finalize(s);
	return r == 0 ? 0 : -1;
}

static int
put_file(const struct snapshot_fill *f, const char *file, struct jsonw *w,
    struct snapshot_size *size, struct buf *path)
{
	char hex[DIGEST_TEXT];
	int64_t bytes;
	struct db db;
	int r;

	if (snapshot_fill_path(f, file, path) == -1)
		return -1;
	if (seal(path->data) == -1 ||
	    snapshot_file_sha256(path->data, hex, &bytes) == -1)
		return snapshot_fail_errno(f->e, path->data);
	jsonw_obj_open(w, NULL);
	jsonw_str(w, "name", file);
	jsonw_int(w, "size_bytes", bytes);
	jsonw_str(w, "sha256", hex);
	size->bytes += bytes;
	if (db_open(&db, path->data, DB_IMMUTABLE) == -1 ||
	    put_tables(&db, w, size) == -1)
		r = snapshot_fail(f->e, db_status(&db), "%s",
		    db_message(&db));
	else
		r = 0;
	db_close(&db);
	jsonw_obj_close(w);
	return r;
}

static int
put_files(const struct snapshot_fill *f, struct jsonw *w,
    struct snapshot_size *size)
{
	struct buf path;
	size_t i;
	int r = 0;

	buf_init(&path, PATH_BYTES_MAX);
	jsonw_arr_open(w, "files");
	for (i = 0; r == 0 && i < f->s->n_files; i++)
		r = put_file(f, f->s->files[i], w, size, &path);
	jsonw_arr_close(w);
	buf_release(&path);
	return r;
}

/* --- all of it ---------------------------------------------------------- */

static void
put_datasets(const struct snapshot_fill *f, struct jsonw *w)
{
	const struct snapshot_plan *p = f->p;
	const struct plan_dataset *d;
	struct part key;
	size_t i;

	jsonw_arr_open(w, "datasets");
	for (i = 0; i < p->n; i++) {
		d = &p->list[i];
		jsonw_obj_open(w, NULL);
		jsonw_str(w, "dataset", d->label);
		if (decl_dataset(f->c->d, d->label, &key) == 0)
			part_write(&key, w, "key");
		jsonw_opt(w, "version", d->version);
		jsonw_opt(w, "promoted_at", d->promoted_at);
		jsonw_str(w, "newest", d->newest);
		jsonw_opt(w, "withheld", d->withheld);
		jsonw_obj_close(w);
	}
	jsonw_arr_close(w);
}

static void
put_checks(const struct snapshot_checks *n, struct jsonw *w)
{
	jsonw_bool(w, "validated", n != NULL);
	jsonw_obj_open(w, "checks");
	if (n != NULL) {
		jsonw_int(w, "files", n->files);
		jsonw_int(w, "indexes", n->indexes);
		jsonw_int(w, "counts", n->counts);
		jsonw_int(w, "samples", n->lookups);
	}
	jsonw_obj_close(w);
}

static int
put_all(const struct snapshot_fill *f, const struct snapshot_checks *n,
    struct snapshot_size *size, struct buf *text)
{
	const struct snapshot_plan *p = f->p;
	struct jsonw w;

	jsonw_init(&w, text);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "snapshot", p->id);
	jsonw_str(&w, "source", f->c->d->source);
	jsonw_int(&w, "schema", SNAPSHOT_SCHEMA);
	jsonw_str(&w, "version", p->version);
	jsonw_str(&w, "generated_at", p->generated_at);
	jsonw_bool(&w, "partial", p->partial);
	put_datasets(f, &w);
	if (put_files(f, &w, size) == -1)
		return -1;
	put_checks(n, &w);
	return jsonw_end(&w) == 0 ? 0 : snapshot_fail_errno(f->e, f->folder);
}

int
snapshot_meta_write(const struct snapshot_fill *f,
    const struct snapshot_checks *n, struct snapshot_size *size)
{
	struct buf text, path;
	struct outfile o;
	int r;

	*size = (struct snapshot_size){ 0, 0 };
	buf_init(&text, SNAPSHOT_META_BYTES);
	buf_init(&path, PATH_BYTES_MAX);
	r = put_all(f, n, size, &text);
	if (r == 0 && (buf_printf(&path, "%s/metadata.json", f->folder)
	    == -1 || outfile_open(&o, path.data, OUTFILE_NEW) == -1))
		r = snapshot_fail_errno(f->e, f->folder);
	else if (r == 0) {
		fwrite(text.data, 1, text.len, o.fp);
		if (outfile_commit(&o) == -1)
			r = snapshot_fail_errno(f->e, path.data);
	}
	buf_release(&text);
	buf_release(&path);
	return r;
}
