#include "store/extra.h"

#include <errno.h>

#include "base/limits.h"
#include "record/jsonw.h"

void
extra_init(struct extra *e, struct arena *a)
{
	e->arena = a;
	e->first = NULL;
	e->tail = &e->first;
}

int
extra_add(struct extra *e, const struct shape *at, yyjson_val *name,
    yyjson_val *value)
{
	struct extra_item *item = arena_alloc(e->arena, sizeof(*item));

	if (item == NULL)
		return -1;
	*item = (struct extra_item){ at, name, value, NULL };
	*e->tail = item;
	e->tail = &item->next;
	return 0;
}

/* The object for shape s below root, made on the way where missing. */
static yyjson_mut_val *
object_at(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct shape *s)
{
	yyjson_mut_val *up, *obj, *key;

	if (s == NULL || s->up == NULL)
		return root;
	if ((up = object_at(doc, root, s->up)) == NULL)
		return NULL;
	obj = yyjson_mut_obj_getn(up, s->name, s->name_len);
	if (obj != NULL && yyjson_mut_is_obj(obj))
		return obj;
	key = yyjson_mut_strn(doc, s->name, s->name_len);
	obj = yyjson_mut_obj(doc);
	return yyjson_mut_obj_add(up, key, obj) ? obj : NULL;
}

static yyjson_mut_val *
build(yyjson_mut_doc *doc, const struct extra *e)
{
	yyjson_mut_val *root = yyjson_mut_obj(doc), *obj, *key, *value;
	const struct extra_item *i;

	for (i = e->first; i != NULL; i = i->next) {
		if (i->name == NULL)
			return yyjson_val_mut_copy(doc, i->value);
		obj = object_at(doc, root, i->at);
		key = yyjson_val_mut_copy(doc, i->name);
		value = yyjson_val_mut_copy(doc, i->value);
		if (!yyjson_mut_obj_add(obj, key, value))
			return NULL;
	}
	return root;
}

int
extra_canonical(struct arena *a, yyjson_val *v, struct cell *out)
{
	struct jsonw w;
	struct buf text;
	char *copy = NULL;

	buf_init(&text, 2 * LIMIT_ELEMENT_BYTES);
	jsonw_init(&w, &text);
	jsonw_canonical(&w, NULL, v);
	if (w.failed == 0)
		copy = arena_memdup(a, text.data, text.len);
	else
		errno = w.failed;
	if (copy != NULL)
		*out = cell_text(copy, text.len);
	buf_release(&text);
	return copy != NULL ? 0 : -1;
}

int
extra_text(const struct extra *e, struct cell *out)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
	yyjson_doc *copy = NULL;
	int r = -1;

	out->type = CELL_NULL;
	if (e->first == NULL)
		return 0;
	if ((doc = yyjson_mut_doc_new(NULL)) != NULL &&
	    (root = build(doc, e)) != NULL &&
	    (copy = yyjson_mut_val_imut_copy(root, NULL)) != NULL)
		r = extra_canonical(e->arena, yyjson_doc_get_root(copy), out);
	else
		errno = ENOMEM;
	yyjson_doc_free(copy);
	yyjson_mut_doc_free(doc);
	return r;
}
