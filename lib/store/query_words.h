/*
 * query_words.h -- what people type, as a query of FTS5.
 *
 * Each word has to be there, or the beginning of one; what stands between
 * double quotes stands together.  Nothing that is typed is an operator, so
 * that every text is a query.
 */
#ifndef QUERY_WORDS_H
#define QUERY_WORDS_H

#include "base/buf.h"

/*
 * Append the query.  Returns how many words there are (0: b is unchanged),
 * or -1 with errno as buf_add().
 */
int query_words(struct buf *b, const char *typed);

#endif
