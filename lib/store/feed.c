#include "store/feed.h"

#include <errno.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/path.h"

static int
name_feed(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset, const char *version, const char *suffix)
{
	if (buf_printf(b, "%s/diff/%s/", data, d->source) == -1 ||
	    part_values(dataset, 0, dataset->n, b) == -1 ||
	    buf_chr(b, '/') == -1 || path_encode(b, version) == -1)
		return -1;
	return buf_str(b, suffix);
}

int
feed_path(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset, const char *version)
{
	return name_feed(b, data, d, dataset, version, ".jsonl");
}

int
feed_change(const struct change *c, void *arg)
{
	struct spool *s = arg;
	struct jsonw w;

	spool_record(s, &w, "change");
	change_write(&w, c, 0);
	if (spool_put(s, &w) == 0)
		return 0;
	if (errno != E2BIG)
		return -1;
	/* The row is over a record's limit: say that it changed, at least. */
	spool_record(s, &w, "change");
	change_write(&w, c, 1);
	return spool_put(s, &w);
}

/* o is NULL for what the version changed, else for what was kept back. */
static int
write_feed(struct canon *c, FILE *fp, const char *path,
    const struct part *dataset, const struct canon_options *o,
    const char *version)
{
	struct spool s;
	int r;

	spool_init(&s, fp);
	r = o == NULL ?
	    canon_changes(c, dataset, version, feed_change, &s) :
	    canon_kept(c, dataset, o, version, feed_change, &s);
	if (r == 0)
		r = spool_end(&s);
	if (s.failed != 0) {
		errno = s.failed;
		r = db_fail_errno(&c->db, path);
	}
	spool_release(&s);
	return r;
}

static int
export(struct canon *c, const char *path, const struct part *dataset,
    const struct canon_options *o, const char *version)
{
	struct outfile out;

	if (path_mkparents(path) == -1 ||
	    outfile_open(&out, path, OUTFILE_REPLACE) == -1)
		return db_fail_errno(&c->db, path);
	if (write_feed(c, out.fp, path, dataset, o, version) == -1) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out) == -1 ? db_fail_errno(&c->db, path) : 0;
}

int
feed_export(struct canon *c, const char *data, const struct part *dataset,
    const char *version, int anew, struct buf *path)
{
	if (feed_path(path, data, c->d, dataset, version) == -1)
		return db_fail_errno(&c->db, data);
	return !anew && access(path->data, F_OK) == 0 ? 0 :
	    export(c, path->data, dataset, NULL, version);
}

int
feed_held(struct canon *c, const char *data, const struct part *dataset,
    const struct canon_options *o, const char *version, struct buf *path)
{
	if (name_feed(path, data, c->d, dataset, version, ".held.jsonl")
	    == -1)
		return db_fail_errno(&c->db, data);
	return access(path->data, F_OK) == 0 ? 0 :
	    export(c, path->data, dataset, o, version);
}
