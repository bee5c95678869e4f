#include "store/canon_table.h"

#include <errno.h>
#include <string.h>

#include "decl/ddl.h"
#include "store/db.h"

/* What a word is replaced with. */
struct shape {
	const struct decl *d;
	const struct decl_table *t;
	const char *schema;
};

struct canon_column
canon_column(const struct decl_table *t, size_t i)
{
	static const struct canon_column last[] = {
		{ "parent_occurrence", CANON_PARENT_OCCURRENCE, DECL_INTEGER,
		    0 },
		{ "occurrence", CANON_OCCURRENCE, DECL_INTEGER, 1 },
		{ "extra", CANON_EXTRA, DECL_JSON, 0 },
		{ "row_hash", CANON_ROW_HASH, DECL_TEXT, 0 },
	};
	const struct decl_column *c;

	if (i < t->kind->n_key)
		return (struct canon_column){ t->kind->key[i], CANON_DATASET,
		    DECL_TEXT, 1 };
	i -= t->kind->n_key;
	if (i >= t->n_columns)
		return last[i - t->n_columns + (decl_nested(t) ? 0 : 1)];
	c = &t->columns[i];
	return (struct canon_column){ c->name, CANON_DECLARED, c->type,
	    c->key_index != -1 };
}

static int
word_name(struct buf *b, const struct shape *s)
{
	return db_ident(b, s->t->name);
}

static int
word_label(struct buf *b, const struct shape *s)
{
	return buf_printf(b, "'%s'", s->t->name);
}

static int
word_schema(struct buf *b, const struct shape *s)
{
	return db_ident(b, s->schema);
}

static int
word_defs(struct buf *b, const struct shape *s)
{
	return ddl_definitions(b, s->t);
}

static int
word_names(struct buf *b, const struct shape *s)
{
	return ddl_names(b, s->t, "");
}

static int
word_columns(struct buf *b, const struct shape *s)
{
	return ddl_names(b, s->t, "t.");
}

static int
word_set(struct buf *b, const struct shape *s)
{
	size_t i, n = ddl_count(s->t), done = 0;

	for (i = 0; i < n; i++) {
		struct canon_column c = canon_column(s->t, i);

		if (!c.key && buf_printf(b, "%s\"%s\" = t.\"%s\"",
		    done++ > 0 ? ", " : "", c.name, c.name) == -1)
			return -1;
	}
	return 0;
}

static int
word_index(struct buf *b, const struct shape *s)
{
	return ddl_key(b, s->t, "");
}

static int
word_own_index(struct buf *b, const struct shape *s)
{
	return ddl_own_key(b, s->t, "");
}

static int
word_key(struct buf *b, const struct shape *s)
{
	return ddl_key(b, s->t, "t.");
}

static int
same_column(struct buf *b, const char *name, int may_be_null)
{
	return buf_printf(b, may_be_null ?
	    "ifnull(t.\"%s\", '') = ifnull(u.\"%s\", '') AND " :
	    "t.\"%s\" = u.\"%s\" AND ", name, name);
}

static int
word_same_key(struct buf *b, const struct shape *s)
{
	const struct decl_table *t = s->t;
	size_t i;

	for (i = 0; i < t->kind->n_key; i++)
		if (same_column(b, t->kind->key[i], 0) == -1)
			return -1;
	for (i = 0; i < t->n_key; i++)
		if (same_column(b, t->columns[t->key[i]].name,
		    t->null_key[i]) == -1)
			return -1;
	return buf_str(b, "t.occurrence = u.occurrence");
}

static int
word_numbers(struct buf *b, const struct shape *s)
{
	size_t i, n = s->t->kind->n_key + s->t->n_key + 1;

	for (i = 0; i < n; i++)
		if (buf_printf(b, "%s%zu", i > 0 ? ", " : "", i + 4) == -1)
			return -1;
	return 0;
}

/* Which parent a row has is neither in its key nor in its hash. */
static int
word_same(struct buf *b, const struct shape *s)
{
	return buf_str(b, decl_nested(s->t) ?
	    "t.row_hash, t.parent_occurrence" : "t.row_hash, 0");
}

static int
word_dataset(struct buf *b, const struct shape *s)
{
	const struct decl_kind *k = s->t->kind;
	size_t i;

	for (i = 0; i < k->n_key; i++)
		if (buf_printf(b, "%st.\"%s\" = ?%zu", i > 0 ? " AND " : "",
		    k->key[i], i + 1) == -1)
			return -1;
	return 0;
}

static int
is_of_kind(const struct decl_kind *k, const char *member)
{
	size_t i;

	for (i = 0; i < k->n_key; i++)
		if (strcmp(k->key[i], member) == 0)
			return 1;
	return 0;
}

/* A version of another kind may have the same values, and more. */
static int
word_of_version(struct buf *b, const struct shape *s)
{
	const struct decl_kind *k = s->t->kind;
	size_t i;

	for (i = 0; i < k->n_key; i++)
		if (buf_printf(b, "%st.\"%s\" = v.\"%s\"",
		    i > 0 ? " AND " : "", k->key[i], k->key[i]) == -1)
			return -1;
	for (i = 0; i < s->d->n_members; i++)
		if (!is_of_kind(k, s->d->members[i]) &&
		    buf_printf(b, " AND v.\"%s\" IS NULL", s->d->members[i])
		    == -1)
			return -1;
	return 0;
}

/* The key's members of the table's kind, or without a table all kinds'. */
static const char *const *
members(const struct shape *s, size_t *n)
{
	*n = s->t != NULL ? s->t->kind->n_key : s->d->n_members;
	return s->t != NULL ? s->t->kind->key : s->d->members;
}

static int
word_dataset_key(struct buf *b, const struct shape *s)
{
	const char *const *names;
	size_t i, n;

	names = members(s, &n);
	for (i = 0; i < n; i++)
		if (buf_printf(b, "%s\"%s\"", i > 0 ? ", " : "", names[i])
		    == -1)
			return -1;
	return 0;
}

static int
word_dataset_values(struct buf *b, const struct shape *s)
{
	size_t i, n;

	members(s, &n);
	for (i = 0; i < n; i++)
		if (buf_printf(b, "%s?%zu", i > 0 ? ", " : "", i + 1) == -1)
			return -1;
	return 0;
}

static const struct {
	const char *word;
	int (*fn)(struct buf *b, const struct shape *s);
} words[] = {
	{ "name", word_name },
	{ "label", word_label },
	{ "schema", word_schema },
	{ "defs", word_defs },
	{ "names", word_names },
	{ "columns", word_columns },
	{ "set", word_set },
	{ "index", word_index },
	{ "own_index", word_own_index },
	{ "key", word_key },
	{ "same_key", word_same_key },
	{ "numbers", word_numbers },
	{ "same", word_same },
	{ "dataset", word_dataset },
	{ "of_version", word_of_version },
	{ "dataset_key", word_dataset_key },
	{ "dataset_values", word_dataset_values },
};

static int
replace(struct buf *b, const struct shape *s, const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == n &&
		    memcmp(words[i].word, word, n) == 0)
			return words[i].fn(b, s);
	if (n > 5 && memcmp(word, "name_", 5) == 0)
		return buf_printf(b, "\"%s%.*s\"", s->t->name, (int)n - 4,
		    word + 4);
	errno = EINVAL;
	return -1;
}

int
canon_sql(struct buf *b, const struct decl *d, const struct decl_table *t,
    const char *schema, const char *text)
{
	const struct shape s = { d, t, schema };
	const char *open, *close;

	while ((open = strchr(text, '{')) != NULL &&
	    (close = strchr(open, '}')) != NULL) {
		if (buf_add(b, text, (size_t)(open - text)) == -1 ||
		    replace(b, &s, open + 1, (size_t)(close - open) - 1)
		    == -1)
			return -1;
		text = close + 1;
	}
	return buf_str(b, text);
}

void
canon_bind(sqlite3_stmt *s, const struct part *dataset)
{
	size_t i;

	for (i = 0; i < dataset->n; i++)
		db_bind(s, (int)i + 1, dataset->m[i].value);
}

void
canon_bind_members(sqlite3_stmt *s, const struct decl *d,
    const struct part *dataset)
{
	size_t i;

	for (i = 0; i < d->n_members; i++)
		db_bind(s, (int)i + 1, part_get(dataset, d->members[i]));
}
