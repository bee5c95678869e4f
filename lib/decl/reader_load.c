#include "decl/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/limits.h"
#include "base/path.h"

/* toml-json says itself, with line and column, what it cannot read. */
static int
read_toml(const struct reader *r, struct buf *text)
{
	char tool[PATH_BYTES_MAX], file[PATH_BYTES_MAX];
	char places[] = "--places";
	char *argv[] = { tool, places, file, NULL };
	struct buf path;
	int status;

	buf_init(&path, PATH_BYTES_MAX - 1);
	if (path_tool(&path, "toml-json") == -1 || (size_t)snprintf(file,
	    sizeof(file), "%s%s", r->file[0] == '-' ? "./" : "", r->file)
	    >= sizeof(file)) {
		buf_release(&path);
		return reader_fail(r, "", "the path is too long");
	}
	memcpy(tool, path.data, path.len + 1);
	buf_release(&path);
	if ((status = child_read(argv, text)) == -1)
		return reader_fail(r, "", "%s: %s", tool, strerror(errno));
	return status == 0 ? 0 : reader_fail(r, "",
	    "toml-json could not read it (status %d)", status);
}

static int
parse(const struct reader *r, yyjson_doc **doc, struct buf *text)
{
	yyjson_read_err err;

	*doc = yyjson_read_opts(text->data, text->len, 0, NULL, &err);
	if (*doc == NULL)
		return reader_fail(r, "", "byte %zu: %s", err.pos, err.msg);
	return 0;
}

/* Of TOML, the document and its places are the two items of an array. */
static int
find_places(const struct reader *r, yyjson_doc *doc, yyjson_val **root,
    struct places *places, const struct buf *text, int toml)
{
	yyjson_val *all = yyjson_doc_get_root(doc);

	*root = toml ? yyjson_arr_get(all, 0) : all;
	if ((toml ? places_take(places, *root, yyjson_arr_get(all, 1),
	    r->arena) : places_scan(places, doc, text->data, text->len,
	    r->arena)) == 0)
		return 0;
	reader_fail(r, "", "out of memory");
	errno = ENOMEM;
	return -1;
}

int
reader_load(const struct reader *r, yyjson_doc **doc, yyjson_val **root,
    struct places *places)
{
	const char *dot = strrchr(r->file, '.');
	int toml = dot == NULL || strcmp(dot, ".json") != 0;
	struct buf text;
	int ret, saved;

	/* The places are about as long as what they are of. */
	buf_init(&text, toml ? 2 * LIMIT_DECL_BYTES : LIMIT_DECL_BYTES);
	if (access(r->file, R_OK) == -1)
		ret = -1;
	else
		ret = toml ? read_toml(r, &text) : buf_file(&text, r->file);
	if (ret == 0)
		ret = parse(r, doc, &text);
	if (ret == 0)
		ret = find_places(r, *doc, root, places, &text, toml);
	saved = errno;
	if (ret == -1 && r->why->len == 0)
		buf_printf(r->why, "%s: %s", r->file, strerror(saved));
	buf_release(&text);
	errno = saved;
	return ret;
}
