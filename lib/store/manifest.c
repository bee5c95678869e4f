#define _GNU_SOURCE		/* memrchr */

#include "store/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/outfile.h"
#include "base/path.h"
#include "record/jsonw.h"

/* Where the last line is looked for first: real ones have 800 bytes. */
#define TAIL_BYTES 65536

/* The manifest while it is brought up to date. */
struct manifest {
	struct db *db;
	const char *path;
	int fd;
	int64_t end;		/* bytes of whole lines */
	int64_t known;		/* greatest raw_snapshots.seq in it */
};

static int
fail(const struct manifest *m)
{
	return db_fail_errno(m->db, m->path);
}

/* The seq of the snapshot that a line names; 0 if none is known, or -1. */
static int64_t
seq_of(const struct manifest *m, const char *line, size_t len)
{
	yyjson_doc *doc = yyjson_read(line, len, 0);
	const char *id = yyjson_get_str(yyjson_obj_get(
	    yyjson_doc_get_root(doc), "snapshot_id"));
	sqlite3_stmt *s;
	int64_t seq = 0;
	int r;

	if (id == NULL) {
		yyjson_doc_free(doc);
		return 0;
	}
	s = db_prepare(m->db, "SELECT seq FROM raw_snapshots "
	    "WHERE snapshot_id = ?");
	if (s != NULL)
		db_bind(s, 1, id);
	if ((r = db_step(m->db, s)) == 1)
		seq = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	yyjson_doc_free(doc);
	return r == -1 ? -1 : seq;
}

/*
 * The quick look: the last whole line, if it is within TAIL_BYTES and
 * names a snapshot that we know.  Returns 1, 0 if not so, or -1.
 */
static int
scan_tail(struct manifest *m, int64_t size)
{
	char tail[TAIL_BYTES];
	int64_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
	const char *nl, *start;
	ssize_t n = pread(m->fd, tail, sizeof(tail), from);

	if (n == -1)
		return fail(m);
	if (n == 0 || (nl = memrchr(tail, '\n', (size_t)n)) == NULL)
		return 0;
	start = memrchr(tail, '\n', (size_t)(nl - tail));
	if (start == NULL && from > 0)
		return 0;
	start = start == NULL ? tail : start + 1;
	m->end = from + (nl + 1 - tail);
	m->known = seq_of(m, start, (size_t)(nl - start));
	return m->known == -1 ? -1 : m->known > 0;
}

/* The long look, for a file that ends as we would not end it. */
static int
scan_all(struct manifest *m)
{
	FILE *fp = fopen(m->path, "r");
	char *line = NULL;
	size_t size = 0;
	int64_t seq = 0;
	ssize_t n = -1;

	if (fp == NULL)
		return fail(m);
	m->end = m->known = 0;
	while (seq != -1 && (n = getline(&line, &size, fp)) > 0 &&
	    line[n - 1] == '\n') {
		seq = seq_of(m, line, (size_t)n - 1);
		m->known = seq > m->known ? seq : m->known;
		m->end += n;
	}
	if (ferror(fp))
		seq = fail(m);
	free(line);
	fclose(fp);
	return seq == -1 ? -1 : 0;
}

/* Find out what the file has, and cut off what is no whole line. */
static int
examine(struct manifest *m)
{
	off_t size = lseek(m->fd, 0, SEEK_END);
	int r = size == -1 ? fail(m) : scan_tail(m, size);

	if (r == 0)
		r = scan_all(m);
	if (r == -1)
		return -1;
	return m->end < size && ftruncate(m->fd, m->end) == -1 ? fail(m) : 0;
}

static void
put_text(struct jsonw *w, const char *name, sqlite3_stmt *s, int i)
{
	jsonw_opt(w, name, db_text(s, i));
}

static void
put_count(struct jsonw *w, const char *name, sqlite3_stmt *s, int i)
{
	if (sqlite3_column_type(s, i) != SQLITE_NULL)
		jsonw_int(w, name, sqlite3_column_int64(s, i));
}

static int
put_line(sqlite3_stmt *s, struct buf *b)
{
	const char *part = db_text(s, 4);
	struct jsonw w;

	buf_clear(b);
	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	put_text(&w, "snapshot_id", s, 0);
	put_text(&w, "run", s, 1);
	put_text(&w, "source", s, 2);
	put_text(&w, "dataset", s, 3);
	jsonw_raw(&w, "part", part, strlen(part));
	put_text(&w, "path", s, 5);
	put_text(&w, "sha256", s, 6);
	put_count(&w, "size_bytes", s, 7);
	put_count(&w, "stored_bytes", s, 8);
	put_count(&w, "record_count", s, 9);
	put_text(&w, "schema_version", s, 10);
	put_count(&w, "status", s, 11);
	put_text(&w, "etag", s, 12);
	put_text(&w, "last_modified", s, 13);
	put_text(&w, "content_type", s, 14);
	put_text(&w, "fetched_at", s, 15);
	put_count(&w, "attempt", s, 16);
	return jsonw_end(&w);
}

/* One write(2) for a line: what others read ends with a newline. */
static int
append(const struct manifest *m, const struct buf *b)
{
	ssize_t n;

	do
		n = write(m->fd, b->data, b->len);
	while (n == -1 && errno == EINTR);
	if (n >= 0 && (size_t)n < b->len)
		errno = ENOSPC;
	return n == (ssize_t)b->len ? 0 : fail(m);
}

/* The partitions that the file lacks; NULL on failure. */
static sqlite3_stmt *
select_lines(const struct manifest *m)
{
	sqlite3_stmt *s = db_prepare(m->db, "SELECT snapshot_id, run, "
	    "source, dataset, part, path, sha256, size_bytes, stored_bytes, "
	    "record_count, NULLIF(schema_version, ''), status, etag, "
	    "last_modified, content_type, fetched_at, attempt "
	    "FROM raw_snapshots WHERE seq > ? ORDER BY seq");

	if (s != NULL)
		sqlite3_bind_int64(s, 1, m->known);
	return s;
}

/* Add the lines that the file lacks. */
static int
add_lines(const struct manifest *m)
{
	sqlite3_stmt *s = select_lines(m);
	struct buf b;
	int r, lines = 0;

	if (s == NULL)
		return -1;
	buf_init(&b, LIMIT_RECORD_BYTES);
	while ((r = db_step(m->db, s)) == 1) {
		if (put_line(s, &b) == -1)
			r = fail(m);
		else
			r = append(m, &b);
		if (r == -1)
			break;
		lines = 1;
	}
	sqlite3_finalize(s);
	buf_release(&b);
	if (r == 0 && lines && fsync(m->fd) == -1)
		r = fail(m);
	return r;
}

int
manifest_update(struct db *ledger, const char *data)
{
	struct manifest m = { .db = ledger };
	struct buf path;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/raw/manifest.jsonl", data);
	m.path = path.data;
	m.fd = open(m.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (m.fd == -1) {
		r = fail(&m);
	} else {
		r = examine(&m) == -1 || add_lines(&m) == -1 ? -1 : 0;
		close(m.fd);
	}
	if (r == 0 && path_sync_parent(m.path) == -1)
		r = fail(&m);
	buf_release(&path);
	return r;
}

/* How many lines the file has, 0 if there is none; or -1. */
static int64_t
count_lines(const struct manifest *m)
{
	int fd = open(m->path, O_RDONLY | O_CLOEXEC);
	char chunk[65536];
	int64_t lines = 0;
	ssize_t i, n;

	if (fd == -1)
		return errno == ENOENT ? 0 : fail(m);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		for (i = 0; i < n; i++)
			lines += chunk[i] == '\n';
	}
	if (n == -1)
		lines = fail(m);
	close(fd);
	return lines;
}

/* Every line, to a file that takes the place of the old one. */
static int
write_all(const struct manifest *m)
{
	sqlite3_stmt *s = select_lines(m);
	struct outfile o;
	struct buf b;
	int r = -1;

	if (s == NULL || outfile_sweep(m->path) == -1 ||
	    outfile_open(&o, m->path, OUTFILE_REPLACE) == -1) {
		sqlite3_finalize(s);
		return s == NULL ? -1 : fail(m);
	}
	buf_init(&b, LIMIT_RECORD_BYTES);
	while ((r = db_step(m->db, s)) == 1)
		if (put_line(s, &b) == -1 ||
		    fwrite(b.data, 1, b.len, o.fp) != b.len) {
			r = fail(m);
			break;
		}
	sqlite3_finalize(s);
	buf_release(&b);
	if (r == -1) {
		outfile_abort(&o);
		return -1;
	}
	return outfile_commit(&o) == 0 ? 0 : fail(m);
}

int
manifest_fits(struct db *ledger, const char *data)
{
	struct manifest m = { .db = ledger };
	int64_t rows, lines = -1;
	struct buf path;

	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/raw/manifest.jsonl", data);
	m.path = path.data;
	rows = db_int(ledger, "SELECT count(*) FROM raw_snapshots", -1);
	if (rows != -1)
		lines = count_lines(&m);
	buf_release(&path);
	return lines == -1 ? -1 : lines == rows;
}

int
manifest_rewrite(struct db *ledger, const char *data)
{
	struct manifest m = { .db = ledger };
	int r = manifest_fits(ledger, data);
	struct buf path;

	if (r != 0)
		return r == 1 ? 0 : -1;
	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/raw/manifest.jsonl", data);
	m.path = path.data;
	r = write_all(&m);
	buf_release(&path);
	return r;
}
