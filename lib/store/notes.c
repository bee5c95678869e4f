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
	free(ns->list);
	notes_init(ns);
}

/* Copy what fits of text, cut between characters. */
static void
cut(char out[NOTE_TEXT], const char *text)
{
	size_t n = strnlen(text, NOTE_TEXT);

	if (n == NOTE_TEXT)
		for (n--; n > 0 && (text[n] & 0xc0) == 0x80; n--)
			continue;
	memcpy(out, text, n);
	out[n] = '\0';
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
	p = &ns->list[ns->n++];
	*p = (struct note){ .code = code, .severity = sev, .table = table };
	cut(p->column, column);
	return p;
}

struct note *
notes_count(struct notes *ns, const char *code,
    enum finding_severity severity, const char *table, const char *column,
    int64_t n)
{
	char name[NOTE_TEXT];
	struct note *p;

	cut(name, column);
	column = name;
	p = find(ns, code, table, column);

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
	char key[NOTE_TEXT];

	cut(key, row_key);
	return !p->has_example || strcmp(key, p->row_key) <= 0;
}

void
note_example(struct note *p, const char *row_key, const char *detail)
{
	char key[NOTE_TEXT], text[NOTE_TEXT];
	int r;

	cut(key, row_key);
	cut(text, detail);
	r = strcmp(key, p->row_key);
	if (p->has_example &&
	    (r > 0 || (r == 0 && strcmp(text, p->detail) >= 0)))
		return;
	cut(p->row_key, key);
	cut(p->detail, text);
	p->has_example = 1;
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
