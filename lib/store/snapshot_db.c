#include "store/snapshot_db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/path.h"

static int
file_path(struct buf *b, const char *folder, const char *file)
{
	buf_clear(b);
	return buf_printf(b, "%s/%s.sqlite", folder, file);
}

static int
open_files(struct snapshot_db *s, const char *folder,
    const struct decl_snapshot *d, struct buf *path)
{
	size_t i;

	if (file_path(path, folder, d->files[0]) == -1)
		return -1;
	if (db_open(&s->db, path->data, DB_IMMUTABLE) == -1)
		return -1;
	for (i = 1; i < d->n_files; i++)
		if (file_path(path, folder, d->files[i]) == -1 ||
		    db_attach(&s->db, path->data, d->files[i], DB_IMMUTABLE)
		    == -1)
			return -1;
	return db_exec(&s->db, "PRAGMA query_only = ON");
}

/* What the metadata could not be read for, as the connection's message. */
static int
meta_failed(struct snapshot_db *s, const struct buf *why)
{
	int saved = errno;

	if (why->len > 0) {
		buf_clear(&s->db.message);
		buf_str(&s->db.message, why->data);
		s->db.status = saved == ENOENT ? EXIT_NOINPUT : EXIT_DATA;
	}
	errno = saved;
	return -1;
}

int
snapshot_db_open(struct snapshot_db *s, const char *folder,
    const struct decl_snapshot *d)
{
	struct buf path, why;
	int r;

	memset(s, 0, sizeof(*s));
	buf_init(&s->db.message, 4096);
	buf_init(&path, PATH_BYTES_MAX);
	buf_init(&why, 4096);
	if ((r = snapshot_meta_read(&s->meta, folder, &why)) == 0) {
		buf_release(&s->db.message);
		r = open_files(s, folder, d, &path);
	} else {
		meta_failed(s, &why);
	}
	if (r == -1 && s->db.status == EXIT_OK)
		db_fail_errno(&s->db, folder);
	buf_release(&path);
	buf_release(&why);
	return r;
}

static void
forget(struct snapshot_statement *p)
{
	sqlite3_finalize(p->s);
	free(p->sql);
	*p = (struct snapshot_statement){ 0 };
}

void
snapshot_db_close(struct snapshot_db *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		forget(&s->list[i]);
	s->n = 0;
	snapshot_meta_release(&s->meta);
	db_close(&s->db);
}

/* Where the next statement goes: a free place, or that used longest ago. */
static struct snapshot_statement *
place(struct snapshot_db *s)
{
	struct snapshot_statement *oldest = &s->list[0];
	size_t i;

	if (s->n < SNAPSHOT_STATEMENTS)
		return &s->list[s->n++];
	for (i = 1; i < s->n; i++)
		if (s->list[i].used < oldest->used)
			oldest = &s->list[i];
	forget(oldest);
	return oldest;
}

sqlite3_stmt *
snapshot_db_statement(struct snapshot_db *s, const char *sql)
{
	uint64_t hash = XXH3_64bits(sql, strlen(sql));
	struct snapshot_statement *p;
	sqlite3_stmt *made;
	size_t i;

	for (i = 0; i < s->n; i++) {
		p = &s->list[i];
		if (p->s == NULL || p->hash != hash ||
		    strcmp(p->sql, sql) != 0)
			continue;
		p->used = ++s->clock;
		sqlite3_reset(p->s);
		sqlite3_clear_bindings(p->s);
		return p->s;
	}
	if ((made = db_prepare(&s->db, sql)) == NULL)
		return NULL;
	p = place(s);
	p->s = made;
	p->hash = hash;
	p->used = ++s->clock;
	if ((p->sql = strdup(sql)) == NULL) {
		forget(p);
		db_fail_errno(&s->db, s->db.path);
		return NULL;
	}
	return made;
}
