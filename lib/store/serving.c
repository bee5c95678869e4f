#include "store/serving.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/outfile.h"
#include "base/path.h"
#include "record/jsonw.h"

static int
file_of(struct buf *b, const char *data, const struct owner *o)
{
	return buf_printf(b, "%s/serve/%s.%" PRId64 ".json", data,
	    o->host[0] != '\0' ? o->host : "localhost", o->pid);
}

static int
put(struct buf *b, const struct serving *s)
{
	char owner[OWNER_TEXT];
	size_t n = owner_format(&s->owner, owner);
	struct jsonw w;

	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "source", s->source);
	jsonw_str(&w, "url", s->url);
	jsonw_str(&w, "root", s->root);
	jsonw_str(&w, "snapshot", s->snapshot);
	jsonw_str(&w, "since", s->since);
	jsonw_str(&w, "started_at", s->started_at);
	jsonw_strn(&w, "owner", owner, n - 1);
	return jsonw_end(&w);
}

int
serving_write(const char *data, const struct serving *s)
{
	struct outfile o;
	struct buf path, text;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	buf_init(&text, SERVING_BYTES);
	if (file_of(&path, data, &s->owner) == 0 && put(&text, s) == 0 &&
	    path_mkparents(path.data) == 0 &&
	    outfile_open(&o, path.data, OUTFILE_REPLACE) == 0) {
		fwrite(text.data, 1, text.len, o.fp);
		r = outfile_commit_loose(&o);
	}
	buf_release(&path);
	buf_release(&text);
	return r;
}

void
serving_remove(const char *data, const struct owner *owner)
{
	int saved = errno;
	struct buf path;

	buf_init(&path, PATH_BYTES_MAX);
	if (file_of(&path, data, owner) == 0)
		unlink(path.data);
	buf_release(&path);
	errno = saved;
}

/* --- reading ------------------------------------------------------------ */

static int
parse(struct serving *s, yyjson_val *root)
{
	static const char *const names[] = { "source", "url", "root",
	    "snapshot", "since", "started_at" };
	const char **out[] = { &s->source, &s->url, &s->root, &s->snapshot,
	    &s->since, &s->started_at };
	const char *owner = yyjson_get_str(yyjson_obj_get(root, "owner"));
	struct buf line;
	size_t i;
	int r;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((*out[i] = yyjson_get_str(yyjson_obj_get(root,
		    names[i]))) == NULL)
			return -1;
	buf_init(&line, OWNER_TEXT);
	r = owner == NULL || buf_printf(&line, "%s\n", owner) == -1 ? -1 :
	    owner_parse(&s->owner, line.data);
	buf_release(&line);
	return r;
}

static int
read_one(const char *path, serving_fn fn, void *arg)
{
	struct serving s = { 0 };
	yyjson_doc *doc = NULL;
	struct buf text;
	int r = 0;

	buf_init(&text, SERVING_BYTES);
	if (buf_file(&text, path) == 0 && text.len > 0)
		doc = yyjson_read(text.data, text.len, 0);
	if (doc != NULL && parse(&s, yyjson_doc_get_root(doc)) == 0)
		r = fn(&s, arg);
	yyjson_doc_free(doc);
	buf_release(&text);
	return r;
}

static int
is_json(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 5 &&
	    strcmp(e->d_name + n - 5, ".json") == 0;
}

int
serving_each(const char *data, serving_fn fn, void *arg)
{
	struct dirent **list = NULL;
	struct buf path;
	int i, n = -1, r = 0;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/serve", data) == 0)
		n = scandir(path.data, &list, is_json, alphasort);
	if (n == -1)
		r = errno == ENOENT ? 0 : -1;
	for (i = 0; i < n; i++) {
		buf_clear(&path);
		if (r == 0 && (r = buf_printf(&path, "%s/serve/%s", data,
		    list[i]->d_name)) == 0)
			r = read_one(path.data, fn, arg);
		free(list[i]);
	}
	free(list);
	buf_release(&path);
	return r;
}

static int
remove_gone(const struct serving *s, void *arg)
{
	enum owner_state state = owner_state(&s->owner);

	if (state == OWNER_GONE || state == OWNER_EARLIER)
		serving_remove(arg, &s->owner);
	return 0;
}

int
serving_sweep(const char *data)
{
	union { const char *in; void *out; } u = { data };

	return serving_each(data, remove_gone, u.out);
}
