#include "text/html_rows.h"

#include <libxml/xpathInternals.h>
#include <string.h>

static int
at_row(struct html_scope *s, html_row_fn fn, void *arg, int64_t *n)
{
	s->doc.position = (double)++*n;
	return fn(*n, arg);
}

/* The elements of the array in the node's text are the rows. */
static int
each_element(struct html_scope *s, const struct html_rows *rows,
    xmlNode *node, html_row_fn fn, void *arg, int64_t *n)
{
	xmlChar *text = xmlXPathCastNodeToString(node);
	yyjson_doc *doc;
	yyjson_val *item;
	size_t i, max;
	int done = 0;

	if (text == NULL) {
		s->doc.memory = 1;
		return -1;
	}
	doc = yyjson_read((const char *)text, strlen((const char *)text), 0);
	yyjson_arr_foreach(yyjson_ptr_get(yyjson_doc_get_root(doc),
	    rows->rows->json), i, max, item) {
		s->element = item;
		if ((done = at_row(s, fn, arg, n)) != 0)
			break;
	}
	s->element = NULL;
	yyjson_doc_free(doc);
	xmlFree(text);
	return done;
}

static int
each_node(struct html_scope *s, const struct html_rows *rows,
    xmlNodeSet *nodes, html_row_fn fn, void *arg, int64_t *n)
{
	int i, done = 0;

	xmlXPathNodeSetSort(nodes);
	for (i = 0; i < nodes->nodeNr && done == 0; i++) {
		s->doc.row = nodes->nodeTab[i];
		done = rows->rows->json == NULL ? at_row(s, fn, arg, n) :
		    each_element(s, rows, nodes->nodeTab[i], fn, arg, n);
	}
	s->doc.row = NULL;
	return done;
}

int
html_rows_each(struct html_scope *s, const struct html_rows *rows,
    html_row_fn fn, void *arg, int64_t *n)
{
	xmlXPathObject *o = html_doc_eval(&s->doc, rows->at, NULL);
	int done = 0;

	*n = 0;
	if (o == NULL) {
		s->doc.memory = 1;
		return -1;
	}
	if (o->nodesetval != NULL)
		done = each_node(s, rows, o->nodesetval, fn, arg, n);
	xmlXPathFreeObject(o);
	return done == 0 ? 0 : -1;
}
