/*
 * template.h -- a page with queries in it.
 *
 *	{{name}}		the value of that name, escaped for HTML
 *	{{&name}}		as it is
 *	{{#SELECT ...}}..{{/}}	once for each row, whose columns are names
 *	{{#name}}..{{/}}	if it is neither NULL, 0 nor empty
 *	{{^...}}..{{/}}		if there is no row; if it is one of those
 *	{{>file}}		another template, beside this one
 *	{{!...}}		nothing: a comment
 *
 * A query names values as :name.  See scope.h for what names there are.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "base/buf.h"
#include "scope.h"
#include "store/db.h"

struct template;

/*
 * Read file and those that it includes.  Returns NULL with errno, and in
 * why what is wrong where; EINVAL for what is no template.
 */
struct template *template_load(const char *file, struct buf *why);
void template_free(struct template *t);

/*
 * Append to out what t makes of db and scope.  Returns 0, or -1 with why.
 * Its queries stay prepared until template_reset().
 */
int template_render(struct template *t, struct db *db,
    const struct scope *scope, struct buf *out, struct buf *why);

/* Forget the database. */
void template_reset(struct template *t);

#endif
