#include "store/feed.h"

#include <errno.h>

#include "base/outfile.h"
#include "base/path.h"

int
feed_path(struct buf *b, const char *data, const struct decl *d,
    const struct part *dataset, const char *version)
{
	if (buf_printf(b, "%s/diff/%s/", data, d->source) == -1 ||
	    part_values(dataset, 0, dataset->n, b) == -1 ||
	    buf_chr(b, '/') == -1 || path_encode(b, version) == -1)
		return -1;
	return buf_str(b, ".jsonl");
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

static int
write_feed(struct canon *c, FILE *fp, const char *path,
    const struct part *dataset, const char *version)
{
	struct spool s;
	int r;

	spool_init(&s, fp);
	r = canon_changes(c, dataset, version, feed_change, &s);
	if (r == 0)
		r = spool_end(&s);
	if (s.failed != 0) {
		errno = s.failed;
		r = db_fail_errno(&c->db, path);
	}
	spool_release(&s);
	return r;
}

int
feed_export(struct canon *c, const char *path, const struct part *dataset,
    const char *version)
{
	struct outfile o;

	if (path_mkparents(path) == -1 ||
	    outfile_open(&o, path, OUTFILE_REPLACE) == -1)
		return db_fail_errno(&c->db, path);
	if (write_feed(c, o.fp, path, dataset, version) == -1) {
		outfile_abort(&o);
		return -1;
	}
	return outfile_commit(&o) == -1 ? db_fail_errno(&c->db, path) : 0;
}
