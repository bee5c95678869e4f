#include "store/snapshot.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

/* --- failures ----------------------------------------------------------- */

void
snapshot_error_init(struct snapshot_error *e)
{
	buf_init(&e->text, 3 * PATH_BYTES_MAX);
	e->status = EXIT_OK;
}

void
snapshot_error_release(struct snapshot_error *e)
{
	buf_release(&e->text);
}

int
snapshot_fail(struct snapshot_error *e, enum exits status, const char *fmt,
    ...)
{
	va_list ap;

	buf_clear(&e->text);
	va_start(ap, fmt);
	buf_vprintf(&e->text, fmt, ap);
	va_end(ap);
	e->status = status;
	errno = EINVAL;
	return -1;
}

int
snapshot_fail_errno(struct snapshot_error *e, const char *path)
{
	int saved = errno;

	snapshot_fail(e, msg_status(saved), "%s: %s", path,
	    strerror(saved));
	errno = saved;
	return -1;
}

/* --- metadata ----------------------------------------------------------- */

static const char *
text_of(yyjson_val *root, const char *name)
{
	const char *s = yyjson_get_str(yyjson_obj_get(root, name));

	return s != NULL && strlen(s) == yyjson_get_len(yyjson_obj_get(root,
	    name)) ? s : NULL;
}

static int
parse(struct snapshot_meta *m, const struct buf *text)
{
	yyjson_val *root;

	m->doc = yyjson_read(text->data != NULL ? text->data : "",
	    text->len, 0);
	root = yyjson_doc_get_root(m->doc);
	m->id = text_of(root, "snapshot");
	m->source = text_of(root, "source");
	m->version = text_of(root, "version");
	m->generated_at = text_of(root, "generated_at");
	m->partial = yyjson_get_bool(yyjson_obj_get(root, "partial"));
	m->validated = yyjson_get_bool(yyjson_obj_get(root, "validated"));
	m->datasets = yyjson_obj_get(root, "datasets");
	m->files = yyjson_obj_get(root, "files");
	if (m->id != NULL && snapshot_is_id(m->id) && m->source != NULL &&
	    m->version != NULL && m->generated_at != NULL &&
	    yyjson_is_arr(m->datasets) && yyjson_is_arr(m->files) &&
	    yyjson_get_int(yyjson_obj_get(root, "schema")) ==
	    SNAPSHOT_SCHEMA)
		return 0;
	errno = EINVAL;
	return -1;
}

int
snapshot_meta_read(struct snapshot_meta *m, const char *folder,
    struct buf *why)
{
	struct buf path, text;
	int r, saved;

	memset(m, 0, sizeof(*m));
	buf_init(&path, PATH_BYTES_MAX);
	buf_init(&text, SNAPSHOT_META_BYTES);
	if (buf_printf(&path, "%s/metadata.json", folder) == -1 ||
	    buf_file(&text, path.data) == -1)
		r = -1;
	else
		r = parse(m, &text);
	saved = errno;
	if (r == -1)
		buf_printf(why, "%s/metadata.json: %s", folder,
		    saved == EINVAL ? "not the metadata of a snapshot" :
		    strerror(saved));
	if (r == -1)
		snapshot_meta_release(m);
	buf_release(&path);
	buf_release(&text);
	errno = saved;
	return r;
}

void
snapshot_meta_release(struct snapshot_meta *m)
{
	yyjson_doc_free(m->doc);
	memset(m, 0, sizeof(*m));
}

/* --- where they are ----------------------------------------------------- */

int
snapshot_root(const char *root, const char *data,
    const struct decl_snapshot *s, struct buf *b)
{
	return root != NULL ? buf_str(b, root) : buf_printf(b, "%s/%s", data,
	    s->folder != NULL ? s->folder : "snapshots");
}

/* --- links -------------------------------------------------------------- */

int
snapshot_is_id(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < SNAPSHOT_ID_BYTES && name[0] != '.' &&
	    strchr(name, '/') == NULL;
}

int
snapshot_link(const char *root, const char *name,
    char id[SNAPSHOT_ID_BYTES])
{
	struct buf path;
	ssize_t n = -1;

	id[0] = '\0';
	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/%s", root, name) == 0)
		n = readlink(path.data, id, SNAPSHOT_ID_BYTES - 1);
	buf_release(&path);
	if (n == -1)
		return errno == ENOENT ? 0 : -1;
	id[n] = '\0';
	if (snapshot_is_id(id))
		return 1;
	id[0] = '\0';
	errno = EINVAL;
	return -1;
}

/* --- one at a time ------------------------------------------------------ */

int
snapshot_lock(struct lock *l, const char *root, const char *tool,
    int64_t wait_ms, struct snapshot_error *e)
{
	char holder[LOCK_HOLDER];
	struct buf path;
	int r = -1;

	l->fd = -1;
	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/.lock", root) == -1)
		snapshot_fail_errno(e, root);
	else if ((r = lock_take(l, path.data, tool, wait_ms, holder)) == -1) {
		if (errno == EWOULDBLOCK || errno == EINTR)
			snapshot_fail(e, EXIT_TEMP, "%s: held by %s", root,
			    holder);
		else
			snapshot_fail_errno(e, path.data);
	}
	buf_release(&path);
	return r;
}
