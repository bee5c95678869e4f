#include "decl/ddl.h"

const char *
ddl_type(enum decl_type type)
{
	switch (type) {
	case DECL_INTEGER:
	case DECL_BOOLEAN:
	case DECL_MINUTES:
	case DECL_DIGITS:
		return "INTEGER";
	case DECL_REAL:
		return "REAL";
	case DECL_TEXT:
	case DECL_JSON:
		return "TEXT";
	}
	return "TEXT";
}

size_t
ddl_count(const struct decl_table *t)
{
	/* occurrence, extra, row_hash */
	return t->kind->n_key + t->n_columns + decl_nested(t) + 3;
}

/* The dataset's key, each member between before and after. */
static int
dataset_key(struct buf *b, const struct decl_kind *k, const char *before,
    const char *after)
{
	size_t i;

	for (i = 0; i < k->n_key; i++)
		if (buf_printf(b, "%s\"%s\"%s", before, k->key[i], after) == -1)
			return -1;
	return 0;
}

int
ddl_definitions(struct buf *b, const struct decl_table *t)
{
	const struct decl_column *c;

	if (dataset_key(b, t->kind, "", " TEXT NOT NULL, ") == -1)
		return -1;
	for (c = t->columns; c < t->columns + t->n_columns; c++)
		if (buf_printf(b, "\"%s\" %s%s, ", c->name,
		    ddl_type(c->type), c->key_index != -1 &&
		    !t->null_key[c->key_index] ? " NOT NULL" : "") == -1)
			return -1;
	return buf_printf(b, "%soccurrence INTEGER NOT NULL DEFAULT 1, "
	    "extra TEXT, row_hash BLOB NOT NULL DEFAULT x''",
	    decl_nested(t) ?
	    "parent_occurrence INTEGER NOT NULL DEFAULT 1, " : "");
}

int
ddl_names(struct buf *b, const struct decl_table *t, const char *prefix)
{
	size_t i;

	if (dataset_key(b, t->kind, prefix, ", ") == -1)
		return -1;
	for (i = 0; i < t->n_columns; i++)
		if (buf_printf(b, "%s\"%s\", ", prefix, t->columns[i].name)
		    == -1)
			return -1;
	if (decl_nested(t) &&
	    buf_printf(b, "%sparent_occurrence, ", prefix) == -1)
		return -1;
	return buf_printf(b, "%soccurrence, %sextra, %srow_hash", prefix,
	    prefix, prefix);
}

int
ddl_key(struct buf *b, const struct decl_table *t, const char *prefix)
{
	return dataset_key(b, t->kind, prefix, ", ") == -1 ? -1 :
	    ddl_own_key(b, t, prefix);
}

int
ddl_own_key(struct buf *b, const struct decl_table *t, const char *prefix)
{
	size_t i;

	for (i = 0; i < t->n_key; i++)
		if (buf_printf(b, t->null_key[i] ? "ifnull(%s\"%s\", ''), " :
		    "%s\"%s\", ", prefix, t->columns[t->key[i]].name) == -1)
			return -1;
	return buf_printf(b, "%soccurrence", prefix);
}
