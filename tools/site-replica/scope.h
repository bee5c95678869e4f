/*
 * scope.h -- the values that a template and its queries can name.
 *
 * Scopes lie one in the other: the row of a query, the row around it, what
 * the address says, the parameters.  A name means the innermost of them
 * that has it.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <stddef.h>
#include <sqlite3.h>

struct var {
	const char *name, *value;	/* borrowed */
};

struct scope {
	const struct scope *outer;	/* borrowed, as the next two */
	sqlite3_stmt *row;		/* its columns, or NULL: */
	const struct var *vars;
	size_t n;
};

/*
 * The text of the name of n bytes into *text, NULL if it is NULL; valid
 * until the row moves.  Returns 0, or -1 when no scope has the name.
 */
int scope_text(const struct scope *s, const char *name, size_t n,
    const char **text);

/*
 * Bind each parameter of stmt, ":name", to what s has of that name; text
 * that is the usual one of an integer is bound as such.  Returns NULL, or
 * the name of a parameter that there is not.
 */
const char *scope_bind(const struct scope *s, sqlite3_stmt *stmt);

#endif
