/*
 * gate_tell.h -- where a part stands at the gate, told.
 */
#ifndef GATE_TELL_H
#define GATE_TELL_H

#include "record/stream.h"
#include "store/gate_view.h"

/* What commands to type begin with; borrowed. */
struct gate_tell {
	const char *config, *data;
};

/* Append lines for people about the part; nothing if none of its tables is
 * gated and it was never held.  0 or -1. */
int gate_tell_text(const struct gate_tell *t, const struct gate_view *v,
    struct buf *b);

/* Send a "gate" record for each of its gated tables, or one without a table
 * if it is held without any.  0 or -1. */
int gate_tell_records(const struct gate_tell *t, const struct gate_view *v,
    struct stream_out *out);

/* Write the members of such a record but its type.  0 or -1. */
int gate_tell_members(const struct gate_tell *t, const struct gate_view *v,
    const struct decl_table *table, struct jsonw *w);

#endif
