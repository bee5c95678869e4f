/*
 * page.h -- [pages] and [page.NAME] of a declaration: the pages of a site,
 * where each is, and what is taken from it; sluice-page(5).
 *
 * Who plans requests reads the addresses, who walks a listing its walk,
 * and text/html.h what is found on a page.  All of it is checked by
 * whoever reads any, but for the XPath expressions, which need the library
 * that evaluates them.
 */
#ifndef DECL_PAGE_H
#define DECL_PAGE_H

#include "decl/decl.h"

/* Rows entries of one page, and names of nodes. */
#define PAGE_ROWS_MAX 64
#define PAGE_LET_MAX 32

/* Bytes of a name in an address template, with its '\0'. */
#define PAGE_NAME_BYTES 64

enum page_origin {
	PAGE_AT,		/* an XPath expression from the row's node */
	PAGE_JSON,		/* only json: from the row's JSON element */
	PAGE_PART,		/* a member of the partition's key */
	PAGE_URL,		/* the address, by a regular expression */
	PAGE_FACT,		/* fetched_at, parser_version, name or url */
	PAGE_CONSTANT
};

/* A member that an element must have, to be found in an array. */
struct page_find {
	const char *name, *value;
};

/* A number from least on becomes text. */
struct page_band {
	double least;
	const char *text;
};

/* One value, and the way from the page to it. */
struct page_value {
	const char *where;	/* "page.x.rows.1.columns.y", for messages */
	const char *name;
	enum page_origin origin;
	const char *at;		/* XPath, member, ERE, fact or constant */
	const char *json;	/* pointer into the JSON text there, or NULL */
	size_t n_find;		/* json is an array: which element of it */
	const struct page_find *find;
	const char *take;	/* pointer from that element; "" is itself */
	const char *regex;	/* ERE: the first group, or all; or NULL */
	int date;		/* milliseconds since 1970 become YYYY-MM-DD */
	int trim;		/* blanks off both ends */
	size_t n_values;
	const struct decl_value *values;
	size_t n_bands;
	const struct page_band *bands;	/* by least, rising */
	int required;		/* nothing there: another layout */
	enum decl_type type;
};

/* Nodes of the page that others begin at, found once: $NAME. */
struct page_let {
	const char *where, *name, *at;
};

/* Something that says whose page it is. */
struct page_identity {
	struct page_value found;	/* on the page */
	const char *url;	/* ERE: must equal this part of the address; */
				/* NULL: the key's member of found.name */
};

/* Rows of a table, or follow-up items of a queue. */
struct page_rows {
	const char *where;
	const struct decl_table *table;	/* or NULL: */
	const char *item;	/* the queue */
	size_t n_key;		/* its key, columns of their own */
	const char **key;
	const char *at;		/* XPath: a row per node */
	const char *json;	/* a row per element of the array there; NULL:
				 * the nodes themselves */
	int64_t least, most;	/* as many rows are expected */
	size_t n_columns;
	struct page_value *columns;
};

/* How a listing is walked. */
struct page_walk {
	const char *member;	/* the key's member that counts, as in url */
	int64_t first, last, step;	/* inclusive */
	int64_t entries;	/* of a page that is not the last one */
	struct page_value total;	/* at NULL: the page does not say */
	size_t n_end;		/* XPath: any of them true: the last page */
	const char **end;
	const char *worker;	/* a command for sh, as a step's; or NULL */
};

struct page {
	const char *name;
	const char *part;	/* what it is sealed as */
	const char *queue;	/* whose items it belongs to; or NULL */
	size_t n_steps;
	const char **steps;	/* in which of the queue's steps */
	const char *url;	/* template, page_url() */
	const char *regex;	/* ERE: only addresses that it is found in */
	const char *parser_version;
	int64_t min_bytes;
	size_t n_identity;
	struct page_identity *identity;
	size_t n_let;
	struct page_let *let;	/* each may use those before it */
	size_t n_rows;
	struct page_rows *rows;
	struct page_walk *walk;	/* or NULL: no listing */
};

struct pages {
	size_t n_blocked;	/* XPath: any of them true: a block page */
	const char **blocked;
	size_t n;
	struct page *page;	/* in d's arena, as the rest */
};

/*
 * Read the sections of d, which keeps the memory.  Returns 0; or -1 with
 * errno EINVAL and in why one line "FILE: where: what".
 */
int decl_pages_read(struct decl *d, struct pages *out, struct buf *why);

/* The page of that name, or NULL. */
const struct page *page_find(const struct pages *p, const char *name);

/* Is the page asked for in that step of that queue? */
int page_in_step(const struct page *p, const char *queue, const char *step);

/*
 * Append the page's address: {NAME} becomes the member NAME of part, else
 * of facts (an object, or NULL; a string or an integer), %-encoded; {+NAME}
 * the same as it is.  What begins with / comes behind base, which ends
 * without one.  Returns 0, or -1 with errno: EINVAL and in
 * missing the name that is nowhere, or as buf_add().
 */
int page_url(const struct page *p, const char *base,
    const struct part *part, yyjson_val *facts, struct buf *b,
    char missing[PAGE_NAME_BYTES]);

/* --- for page.c ---------------------------------------------------------- */

/*
 * Read one value from its declaration: an XPath, or a table.  typed: it may
 * say its type.  Returns 0, or -1 after saying why.
 */
struct reader;
int page_value_read(const struct reader *r, const struct decl *d,
    const char *where, const char *name, yyjson_val *v, int typed,
    struct page_value *out);

/* Is s an extended regular expression?  0, or -1 after saying why. */
int page_regex_check(const struct reader *r, const char *where,
    const char *s);

#endif
