/*
 * canon_mix.h -- a version of the parts that may pass, when others may not.
 *
 * What the gate holds of a dataset keeps the payload of the active
 * version; the other parts take the new one.  Both are staged together
 * once more, from the raw store, so that derived tables and findings are
 * those of just these payloads, and version_inputs tells them.  The mix is
 * a staging database of its own, attached before the transaction that
 * judges: there it must fit what the gate says then.
 */
#ifndef CANON_MIX_H
#define CANON_MIX_H

#include "store/canon.h"

struct canon_work;

/*
 * As canon_promote(), which makes no mix: stage what it asks for below the
 * folder data, and promote again.  Returns 0 with r set, whatever the
 * outcome; or -1 with canon_message() and canon_status().
 */
int canon_mix_promote(struct canon *c, const char *data,
    const struct part *dataset, const struct canon_options *o,
    struct canon_result *r);

/*
 * Is the attached mix, if any, of the payloads that the gates of c ask
 * for?  1, 0 or -1.  Internal to canon, within its transaction.
 */
int canon_mix_fits(struct canon_work *w);

#endif
