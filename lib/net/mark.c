#include "net/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/outfile.h"
#include "base/path.h"

static int
mark_path(struct buf *path, const char *data, const char *source)
{
	buf_init(path, PATH_BYTES_MAX);
	if (buf_printf(path, "%s/incoming/breaker", data) == -1)
		return -1;
	if (source != NULL && (buf_chr(path, '.') == -1 ||
	    path_encode(path, source) == -1))
		return -1;
	return buf_str(path, ".json");
}

/* The member task of the line, or NULL. */
static char *
read_label(const struct buf *line)
{
	yyjson_doc *doc = yyjson_read(line->data, line->len, 0);
	const char *task = yyjson_get_str(yyjson_obj_get(
	    yyjson_doc_get_root(doc), "task"));
	char *label = task != NULL ? strdup(task) : NULL;

	yyjson_doc_free(doc);
	return label;
}

int
mark_read(const char *data, const char *source, char **label)
{
	struct buf path, line;
	int r = -1;

	*label = NULL;
	buf_init(&line, LIMIT_RECORD_BYTES);
	if (mark_path(&path, data, source) == 0)
		r = buf_file(&line, path.data);
	if (r == 0) {
		*label = line.len > 0 ? read_label(&line) : NULL;
		r = 1;
	} else if (errno == ENOENT || errno == ENOTDIR) {
		r = 0;		/* the folder is for others to complain of */
	}
	buf_release(&line);
	buf_release(&path);
	return r;
}

static int
write_line(struct buf *line, const struct task *t,
    const struct fetch_answer *a, const char *at)
{
	struct jsonw w;

	jsonw_record(&w, line, "breaker");
	jsonw_str(&w, "at", at);
	jsonw_opt(&w, "run", record_str(&t->record, "run"));
	jsonw_str(&w, "task", t->label);
	jsonw_str(&w, "code", a->code);
	return jsonw_end(&w);
}

static int
write_file(const char *path, const struct buf *line)
{
	struct outfile o;

	if (path_mkparents(path) == -1 ||
	    outfile_open(&o, path, OUTFILE_REPLACE) == -1)
		return -1;
	if (fwrite(line->data, 1, line->len, o.fp) != line->len) {
		outfile_abort(&o);
		return -1;
	}
	return outfile_commit(&o);
}

int
mark_set(const char *data, const char *source, const struct task *t,
    const struct fetch_answer *a, const char *at)
{
	struct buf path, line;
	int r = -1;

	buf_init(&line, LIMIT_RECORD_BYTES);
	if (mark_path(&path, data, source) == 0 &&
	    write_line(&line, t, a, at) == 0)
		r = write_file(path.data, &line);
	buf_release(&line);
	buf_release(&path);
	return r;
}

int
mark_clear(const char *data, const char *source)
{
	struct buf path;
	int r = -1;

	if (mark_path(&path, data, source) == 0)
		r = unlink(path.data) == -1 && errno != ENOENT ? -1 : 0;
	buf_release(&path);
	return r;
}
