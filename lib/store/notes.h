/*
 * notes.h -- findings about a dataset, counted, with one example each.
 *
 * A quirk of the source may be in every row; what a reader wants is how
 * often and one place to look.  The example is the least by row key, then
 * detail, so that it does not depend on the order of the payload.
 */
#ifndef NOTES_H
#define NOTES_H

#include <stddef.h>
#include <stdint.h>

#include "record/finding.h"

/* Different findings (by code, table and column) that are kept; those
 * beyond count as one, code "other", so hostile input costs no memory. */
#define NOTES_MAX 256

/* Bytes of a column, key or detail that are kept, with the '\0': they are
 * for people to read, and go into every report. */
#define NOTE_TEXT 256

struct note {
	const char *code;	/* borrowed, static or of the declaration */
	enum finding_severity severity;
	const char *table;	/* borrowed; "" if none */
	int64_t n;
	int has_example;
	char column[NOTE_TEXT];	/* a column, a member's pointer or "" */
	char row_key[NOTE_TEXT], detail[NOTE_TEXT];	/* may be "" */
};

struct notes {
	struct note *list;	/* owned */
	size_t n;
};

void notes_init(struct notes *ns);
void notes_release(struct notes *ns);

/*
 * Count n occurrences of a finding.  code and table must outlive ns,
 * column is copied, cut to NOTE_TEXT.  Returns the entry, valid until
 * notes_sort(), or NULL with errno ENOMEM.
 */
struct note *notes_count(struct notes *ns, const char *code,
    enum finding_severity severity, const char *table, const char *column,
    int64_t n);

/* Could this row be its example?  Saves making a detail for nothing. */
int note_wants(const struct note *p, const char *row_key);

/* Offer an example; both are copied, cut to NOTE_TEXT. */
void note_example(struct note *p, const char *row_key, const char *detail);

/* Put them into their final order: code, table, column. */
void notes_sort(struct notes *ns);

#endif
