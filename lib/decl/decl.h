/*
 * decl.h -- the pipeline declaration, pipelines/NAME/pipeline.toml.
 *
 * The single source of truth about a source: endpoints, dataset key and
 * parts, the map from payload to tables, gate, ready checks, views; see
 * sluice-pipeline(5).  Loaded once, checked whole, then read-only.
 *
 * A source has datasets of one kind or of several, told apart by how many
 * members their keys have; each part and table belongs to one kind.  A kind
 * without tables, whose payloads are only sealed, has no versions, and is
 * told apart by its members' names.
 *
 * Every canonical table has, in this order: its dataset's key columns
 * (TEXT), the declared columns, parent_occurrence (nested tables only),
 * occurrence, extra (JSON text or NULL), row_hash, valid_from.
 * Its key is: dataset key, key columns, occurrence.  occurrence counts
 * 1, 2, … the rows of the table that are equal in the columns before it in
 * the key, ordered by row hash, then by the content of the rows below it,
 * then by parent_occurrence; never by array order.  So a nested row names
 * its parent by the parent's key columns (inherited under the same names)
 * and parent_occurrence, also where the parent is nested.
 */
#ifndef DECL_H
#define DECL_H

#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "decl/gate.h"
#include "decl/place.h"
#include "record/part.h"
#include "record/payload.h"

/* Columns of one table's key; enough for any, and bounds arrays. */
#define DECL_KEY_MAX 16

/* Columns of one table; well below what SQLite can have (2,000). */
#define DECL_COLUMNS_MAX 1000

enum decl_type {
	DECL_TEXT,		/* a JSON string; trimmed unless trim = false */
	DECL_INTEGER,		/* a JSON integer within +-2^53 */
	DECL_REAL,		/* any JSON number */
	DECL_BOOLEAN,		/* true, false; stored 1, 0 */
	DECL_JSON,		/* any value, as canonical JSON text */
	DECL_MINUTES,		/* "HHMM" text; stored as minutes from 0000 */
	DECL_DIGITS		/* as DECL_INTEGER, or text that has one */
};

enum decl_origin {
	DECL_POINTER,		/* from the row's element, by JSON pointer */
	DECL_PARENT,		/* the parent row's column of the same name */
	DECL_PART,		/* constant: a member of the partition key */
	DECL_SQL,		/* filled by the table's SQL */
	DECL_PAGE		/* brought by the row records of pages */
};

struct decl_kind {		/* a kind of dataset: what names one */
	const char *name;	/* of [dataset.NAME]; NULL: the source's own */
	size_t n_key;
	const char **key;	/* members, in order */
	int paged;		/* its rows come item by item, of pages */
	int tables;		/* some table's rows are of it */
};

struct decl_value {		/* one entry of a value map */
	const char *from, *to;
};

struct decl_column {
	const char *name;
	enum decl_type type;	/* DECL_PARENT: the parent column's */
	enum decl_origin origin;
	const char *pointer;	/* RFC 6901; "" is the element itself */
	const char *member;	/* DECL_PART: the key member */
	size_t parent_column;	/* DECL_PARENT: index in the parent's columns */
	int trim;		/* blanks off both ends (DECL_TEXT) */
	int lossless;		/* if not NULL, it alone rebuilds the value */
	int required;		/* a row where it is blank is quarantined */
	int provenance;		/* where it is from: not in the row's hash */
	size_t n_values;
	const struct decl_value *values;
	int key_index;		/* position in the key columns, or -1 */
};

struct decl_index {
	const char *name;
	const char *columns;	/* SQL text of the column list */
};

/* SQL with a name: checks, views, report tables. */
struct decl_sql {
	const char *name;
	const char *severity;	/* "error", "warning", "info"; NULL if n/a */
	const char *text;	/* one sentence for people, or NULL */
	const char *sql;
	int each_table;		/* sql is a template; canon_table.h */
};

struct decl_table {
	const char *name;
	const struct decl_kind *kind;	/* of the datasets with its rows */
	const char *part;	/* name of the part its rows come from, at any
				 * depth; NULL for a derived table */
	const char *rows;	/* pointer from the parent's element, or "" */
	int parent;		/* index in decl.tables (a lower one), or -1 */
	int distinct;		/* equal rows are one (dimension tables) */
	int paged;		/* rows are records, made of the part's pages */
	int gated;		/* counted by the gate, */
	struct decl_gate gate;	/* by these rules */
	const char *sql;	/* a derived table: INSERT run in staging */
	size_t n_columns;
	struct decl_column *columns;	/* without the dataset's key */
	size_t n_key;
	const size_t *key;	/* the key columns, indexes into columns */
	/* A blank key column holds '' unless its flag here is set: then it
	 * is NULL, and the unique index is over ifnull(column, '').  Key
	 * columns that are no text can only be NULL: the flag is set.  A
	 * column inherited from the parent's key has the parent's flag. */
	const int *null_key;	/* [n_key] */
	size_t n_indexes;
	const struct decl_index *indexes;
	int may_repeat;		/* twins are ordinary: no finding */
	int has_provenance;	/* so has any column */
	size_t n_checks;
	struct decl_sql *checks;	/* of rows of pages: true of good ones */
};

struct decl_part {
	const char *name;	/* the part's label: its own key values */
	const struct decl_kind *kind;	/* of the datasets that have it */
	const char *format;	/* as payload_format_text() */
	struct payload_form form;
	size_t n_require;
	const char **require;	/* pointers that every element has */
	const char *schema_version;
	int required;		/* no version without it */
	const char *reshape;	/* path of a jq program run in front, or NULL */
	const char *url;	/* template of where it is, or NULL */
	yyjson_val *request;	/* templates of how it is asked for, or NULL */
	yyjson_val *paging;	/* how its pages follow each other, or NULL */
};

struct decl {
	const char *file;	/* borrowed name for messages */
	const char *source, *title;	/* title: for people, or NULL */
	size_t n_kinds;
	struct decl_kind *kinds;	/* the source's own first */
	size_t n_members;	/* of all kinds' keys, each once */
	const char **members;
	const char *part_member;	/* the key member that names the part */
	size_t n_parts;
	struct decl_part *parts;
	size_t n_tables;
	struct decl_table *tables;
	size_t n_findings;	/* declared findings, run in staging */
	struct decl_sql *findings;
	size_t n_views;
	struct decl_sql *views;	/* name and SELECT */
	size_t n_checks;	/* ready checks: a row returned is a failure */
	struct decl_sql *checks;
	size_t n_alerts;	/* alert rules: a row is what needs a person */
	struct decl_sql *alerts;
	yyjson_val *root;	/* everything, for what only one tool reads */
	yyjson_doc *doc;	/* owned */
	struct places places;	/* of root's values in the file */
	struct arena arena;	/* owns all of the above */
};

/*
 * Load file: .json as it is, .toml through the child toml-json.
 * Returns 0; or -1 with errno (ENOENT: no such file; EINVAL: wrong
 * declaration) and in why one line "FILE:LINE:COLUMN: where: what", or
 * without the place of what has none.
 * file is borrowed for the life of d.
 */
int decl_load(struct decl *d, const char *file, struct buf *why);
void decl_release(struct decl *d);

/* Do the table's rows name a parent row?  (They have parent_occurrence.)
 * Those of a distinct table may come from nested arrays, but name none. */
int decl_nested(const struct decl_table *t);

/* The table or part of that name, or NULL. */
const struct decl_table *decl_table(const struct decl *d, const char *name);
const struct decl_part *decl_part(const struct decl *d, const char *name);

/* Is the dataset of this kind? */
int decl_has(const struct decl_kind *k, const struct part *dataset);

/*
 * Parse a dataset as people write it, "2026/A", into its key, of the kind
 * that has so many members.
 * Returns 0, or -1 with errno EINVAL (no kind has so many values, or a
 * value is no %-encoding).
 */
int decl_dataset(const struct decl *d, const char *label, struct part *out);

/* The key of a dataset's part: the dataset's members, then the part's. */
int decl_part_key(const struct decl *d, const struct part *dataset,
    const char *part, struct part *out);

#endif
