/*
 * canon_rollback.h -- a new version with the content of an old one.
 *
 * What it was made of is staged again and promoted as another version,
 * without asking the gate: a person wants it.  Each part that it replaces
 * is held by that person's word: its content comes back by another word
 * only, a changed payload is judged as any other.
 */
#ifndef CANON_ROLLBACK_H
#define CANON_ROLLBACK_H

#include "store/canon.h"

/*
 * Roll dataset back to what target names, a version's id or an instant,
 * from payloads below the folder data.  o->reject is the reason, or NULL.
 * With fn each change is handed to it, and nothing is done.  Returns 0
 * with r set: CANON_PROMOTED, CANON_UNCHANGED when nothing differs,
 * CANON_FENCED when a newer run was here.  Or -1 with canon_message() and
 * canon_status(): EXIT_NOINPUT when the version, or a payload of it, is
 * not kept.
 */
int canon_rollback(struct canon *c, const char *data,
    const struct part *dataset, const struct canon_options *o,
    const char *target, struct canon_result *r, change_fn fn, void *arg);

#endif
