/*
 * canon_table.h -- a canonical table's columns, and SQL made from them.
 *
 * A canonical table is an ordinary (rowid) STRICT table with one unique
 * index over its key.  One rule for all of them, since key columns that
 * may be NULL need an index over ifnull(column, ''), which a primary key
 * cannot have.  Statements are templates: text with {words} that stand for
 * the table at hand.
 */
#ifndef CANON_TABLE_H
#define CANON_TABLE_H

#include <sqlite3.h>

#include "base/buf.h"
#include "decl/decl.h"

enum canon_column_kind {
	CANON_DATASET,		/* a member of the dataset's key */
	CANON_DECLARED,
	CANON_PARENT_OCCURRENCE,
	CANON_OCCURRENCE,
	CANON_EXTRA,		/* JSON text or NULL */
	CANON_ROW_HASH
};

struct canon_column {
	const char *name;	/* borrowed of the declaration */
	enum canon_column_kind kind;
	enum decl_type type;	/* how the value is written as JSON */
	int key;		/* part of the table's key */
};

/*
 * Column i of those ddl_count() counts: the order of decl.h's head comment
 * up to row_hash.
 */
struct canon_column canon_column(const struct decl_table *t, size_t i);

/*
 * Append a template with its {words} filled in:
 *
 *	{name}		"items"
 *	{name_WORD}	"items_WORD"
 *	{label}		'items'
 *	{schema}	"STAGE", the schema given
 *	{defs}		a definition of every column up to row_hash
 *	{names}		their names: "year", …, row_hash
 *	{columns}	the same, of the row t: t."year", …
 *	{set}		all but the key: "title" = t."title", …
 *	{index}		the terms of the key, for an index
 *	{own_index}	the same without the dataset's key
 *	{key}		the same, of the row t
 *	{same_key}	the rows t and u have the same key
 *	{numbers}	the places of {key} after three other columns: 4, 5, …
 *	{same}		two values that tell whether the row t has changed
 *	{dataset}	t."year" = ?1 AND t."site" = ?2
 *	{of_version}	t."year" = v."year" AND t."site" = v."site", and what
 *			v has of other kinds' keys IS NULL
 *	{dataset_key}	"year", "site"
 *	{dataset_values} ?1, ?2
 *
 * The dataset's key is that of the table's kind; without a table it is the
 * members of all kinds' keys.  Parameters ?1 to ?8 are its values, so
 * others begin at ?9.  t and schema may be NULL when no word needs them.
 * Returns 0, or -1 with errno as buf_add(), EINVAL for an unknown word.
 */
int canon_sql(struct buf *b, const struct decl *d,
    const struct decl_table *t, const char *schema, const char *text);

/* Bind the key of a dataset of the table's kind. */
void canon_bind(sqlite3_stmt *s, const struct part *dataset);

/* The same without a table: what its kind has not is NULL. */
void canon_bind_members(sqlite3_stmt *s, const struct decl *d,
    const struct part *dataset);

#endif
