#include "store/notes.h"

#include <stdlib.h>
#include <string.h>

void
notes_init(struct notes *ns)
{
	ns->list = NULL;
	ns->n = 0;
}

void
notes_release(struct notes *ns)
{
	size_t i;

	for (i = 0; i < ns->n; i++) {
		free(ns->list[i].column);
		free(ns->list[i].row_key);
		free(ns->list[i].detail);
	}
	free(ns->list);
	notes_init(ns);
}

static struct note *
find(const struct notes *ns, const char *code, const char *table,
    const char *column)
{
	struct note *p;

	for (p = ns->list; p < ns->list + ns->n; p++)
		if (strcmp(p->code, code) == 0 &&
		    strcmp(p->table, table) == 0 &&
		    strcmp(p->column, column) == 0)
			return p;
	return NULL;
}

static struct note *
add(struct notes *ns, const char *code, enum finding_severity sev,
    const char *table, const char *column)
{
	struct note *p;

	if (ns->list == NULL &&
	    (ns->list = calloc(NOTES_MAX, sizeof(*ns->list))) == NULL)
		return NULL;
	p = &ns->list[ns->n];
	if ((p->column = strdup(column)) == NULL)
		return NULL;
	p->code = code;
	p->severity = sev;
	p->table = table;
	ns->n++;
	return p;
}

struct note *
notes_count(struct notes *ns, const char *code,
    enum finding_severity severity, const char *table, const char *column,
    int64_t n)
{
	struct note *p = find(ns, code, table, column);

	/* The last place is for all that found none. */
	if (p == NULL && ns->n >= NOTES_MAX - 1) {
		code = finding_code_text(FINDING_OTHER);
		table = column = "";
		p = find(ns, code, table, column);
	}
	if (p == NULL)
		p = add(ns, code, severity, table, column);
	if (p != NULL)
		p->n += n;
	return p;
}

int
note_wants(const struct note *p, const char *row_key)
{
	return p->row_key == NULL || strcmp(row_key, p->row_key) <= 0;
}

int
note_example(struct note *p, const char *row_key, const char *detail)
{
	char *key, *text;

	if (!note_wants(p, row_key) || (p->row_key != NULL &&
	    strcmp(row_key, p->row_key) == 0 &&
	    strcmp(detail, p->detail) >= 0))
		return 0;
	key = strdup(row_key);
	text = strdup(detail);
	if (key == NULL || text == NULL) {
		free(key);
		free(text);
		return -1;
	}
	free(p->row_key);
	free(p->detail);
	p->row_key = key;
	p->detail = text;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct note *x = a, *y = b;
	int r;

	if ((r = strcmp(x->code, y->code)) == 0 &&
	    (r = strcmp(x->table, y->table)) == 0)
		r = strcmp(x->column, y->column);
	return r;
}

void
notes_sort(struct notes *ns)
{
	if (ns->n > 0)
		qsort(ns->list, ns->n, sizeof(*ns->list), compare);
}
