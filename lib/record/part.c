#include "record/part.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

const char *
part_get(const struct part *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->m[i].name, name) == 0)
			return p->m[i].value;
	return NULL;
}

int
part_add(struct part *p, const char *name, const char *value)
{
	struct part_member *m = &p->m[p->n];

	if (name[0] == '\0' || value[0] == '\0' ||
	    part_get(p, name) != NULL) {
		errno = EINVAL;
		return -1;
	}
	if (p->n == LIMIT_PART_MEMBERS || strlen(name) >= sizeof(m->name) ||
	    strlen(value) >= sizeof(m->value)) {
		errno = E2BIG;
		return -1;
	}
	memcpy(m->name, name, strlen(name) + 1);
	memcpy(m->value, value, strlen(value) + 1);
	p->n++;
	return 0;
}

int
part_read(struct part *p, yyjson_val *object)
{
	yyjson_val *key, *value;
	size_t i, max;

	p->n = 0;
	if (!yyjson_is_obj(object) || yyjson_obj_size(object) == 0) {
		errno = EINVAL;
		return -1;
	}
	yyjson_obj_foreach(object, i, max, key, value) {
		const char *name = yyjson_get_str(key);
		const char *s = yyjson_get_str(value);

		/* A NUL inside would name another partition than it says. */
		if (s == NULL || strlen(s) != yyjson_get_len(value) ||
		    strlen(name) != yyjson_get_len(key)) {
			errno = EINVAL;
			return -1;
		}
		if (part_add(p, name, s) == -1)
			return -1;
	}
	return 0;
}

int
part_parse(struct part *p, const char *json)
{
	yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
	int r, saved;

	if (doc == NULL) {
		errno = EINVAL;
		return -1;
	}
	r = part_read(p, yyjson_doc_get_root(doc));
	saved = errno;
	yyjson_doc_free(doc);
	errno = saved;
	return r;
}

int
part_equal(const struct part *a, const struct part *b)
{
	size_t i;

	if (a->n != b->n)
		return 0;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->m[i].name, b->m[i].name) != 0 ||
		    strcmp(a->m[i].value, b->m[i].value) != 0)
			return 0;
	return 1;
}

void
part_write(const struct part *p, struct jsonw *w, const char *name)
{
	size_t i;

	jsonw_obj_open(w, name);
	for (i = 0; i < p->n; i++)
		jsonw_str(w, p->m[i].name, p->m[i].value);
	jsonw_obj_close(w);
}

int
part_json(const struct part *p, struct buf *b)
{
	struct jsonw w;

	jsonw_init(&w, b);
	part_write(p, &w, NULL);
	if (w.failed != 0) {
		errno = w.failed;
		return -1;
	}
	return 0;
}

int
part_hive(const struct part *p, struct buf *b)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if ((i > 0 && buf_chr(b, '/') == -1) ||
		    path_encode(b, p->m[i].name) == -1 ||
		    buf_chr(b, '=') == -1 ||
		    path_encode(b, p->m[i].value) == -1)
			return -1;
	return 0;
}

int
part_values(const struct part *p, size_t from, size_t to, struct buf *b)
{
	size_t i;

	for (i = from; i < to && i < p->n; i++)
		if ((i > from && buf_chr(b, '/') == -1) ||
		    path_encode(b, p->m[i].value) == -1)
			return -1;
	return 0;
}
