#include "records.h"

#include <string.h>

void
records_put(struct stream_out *out, const char *text, size_t n)
{
	struct record line = { .source = "page" };
	const char *nl;

	out->buffered = 1;
	for (; n > 0; n -= line.len + 1, text = nl + 1) {
		if ((nl = memchr(text, '\n', n)) == NULL)
			break;
		line.line = text;
		line.len = (size_t)(nl - text);
		stream_copy(out, &line);
	}
	out->buffered = 0;
}

static void
put_warnings(struct jsonw *w, const struct html_outcome *o)
{
	int64_t i;

	if (o->n_warnings == 0)
		return;
	jsonw_int(w, "warnings", o->n_warnings);
	jsonw_arr_open(w, "findings");
	for (i = 0; i < o->n_warnings && i < HTML_WARNINGS_MAX; i++) {
		jsonw_obj_open(w, NULL);
		jsonw_str(w, "code", finding_code_text(o->warnings[i].code));
		jsonw_str(w, "where", o->warnings[i].where);
		jsonw_str(w, "text", o->warnings[i].text);
		jsonw_obj_close(w);
	}
	jsonw_arr_close(w);
}

int
records_done(struct stream_out *out, const struct record *r,
    const struct html_file *f, const struct html_outcome *o)
{
	yyjson_val *item = yyjson_obj_get(r->root, "item");
	struct part part = *f->key;
	struct jsonw w;

	part.n--;
	stream_record(out, &w, "done");
	jsonw_str(&w, "run", f->run);
	jsonw_str(&w, "source", f->source);
	part_write(&part, &w, "part");
	jsonw_str(&w, "page", f->page->name);
	jsonw_str(&w, "parser_version", f->page->parser_version);
	jsonw_int(&w, "n", o->rows);
	if (f->page->walk != NULL) {
		jsonw_int(&w, "entries", o->entries);
		if (o->total != -1)
			jsonw_int(&w, "total", o->total);
		jsonw_bool(&w, "last", o->last);
	}
	put_warnings(&w, o);
	if (item != NULL)
		jsonw_val(&w, "item", item);
	return stream_put(out, &w);
}
