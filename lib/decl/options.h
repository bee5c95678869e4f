/*
 * options.h -- [options] of a declaration: what a person may say to it.
 *
 *	[options.max-workers]
 *	variable = "WORKERS"	of the pipeline's makefile
 *	type = "integer"	integer, text or flag
 *	min = 1
 *	max = 256
 *	default = "3"		what the makefile has, for people
 *	help = "requests in flight"
 *
 * A text may have values, the only ones it takes; a flag has a value (1)
 * that it gives its variable.
 */
#ifndef DECL_OPTIONS_H
#define DECL_OPTIONS_H

#include "base/opt.h"
#include "decl/decl.h"

/* As many as opt.h has room for, besides those that every tool has. */
#define DECL_OPTIONS_MAX 32

struct decl_option {
	const char *name, *variable;
	enum opt_kind kind;
	const char *arg;	/* of what it takes; NULL for a flag */
	const char *help;
	const char *value;	/* that a flag gives */
	const char *fallback;	/* for people, or NULL */
	int64_t min, max;	/* of an integer */
	size_t n_values;	/* of a text; 0: any */
	const char **values;
};

/*
 * Read the section of d: *out has *n of them, in d's arena, in order.
 * Returns 0; or -1 with errno EINVAL and in why one line as decl_load()'s.
 */
int decl_options_read(struct decl *d, struct decl_option **out, size_t *n,
    struct buf *why);

#endif
