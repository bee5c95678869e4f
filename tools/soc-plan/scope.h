/*
 * scope.h -- which terms and campuses a person means.
 *
 * The declaration's [soc] table says what there is: the term digits with
 * their names, and the campuses, enabled or not.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <stddef.h>
#include <yyjson.h>

#include "base/buf.h"

/* Terms and campuses of one plan: a bound, not a wish. */
#define SCOPE_TERMS_MAX 256
#define SCOPE_CAMPUSES_MAX 256

struct term {
	char word[8];		/* as it was written, "SP2026" */
	char code[6];		/* canonical, "20261": the year, then the digit */
	char year[5], digit[2];
	const char *season;	/* "Spring"; borrowed of the declaration */
};

struct scope {
	yyjson_val *terms, *campuses;	/* borrowed of the declaration */
	size_t n_terms, n_campuses;
	struct term term[SCOPE_TERMS_MAX];
	const char *campus[SCOPE_CAMPUSES_MAX];
};

/*
 * Start with nothing chosen.  soc is the declaration's table.  Returns 0,
 * or -1 and why says what is missing in it.
 */
int scope_init(struct scope *s, yyjson_val *soc, struct buf *why);

/*
 * Add the terms of a list, separated by commas or blanks, each written
 * 20261, 2026-1, 12026 or SP2026.  One named twice counts once.  Returns
 * 0, or -1 and why says which one is wrong and how to write it.
 */
int scope_add_terms(struct scope *s, const char *list, struct buf *why);

/*
 * Add the campuses of a list of codes, or without one (NULL or blank) all
 * that are enabled.  Returns 0, or -1 and why lists what is valid; a
 * campus that is not enabled is not.
 */
int scope_add_campuses(struct scope *s, const char *list, struct buf *why);

/* Append the codes of the campuses that are enabled, or are not. */
void scope_list(const struct scope *s, int enabled, struct buf *b);

#endif
