/*
 * limits.h -- every limit on size that is ours, with unit and reason.
 */
#ifndef SLUICE_LIMITS_H
#define SLUICE_LIMITS_H

/* Bytes of one record line with its newline; sluice-records(5). */
#define LIMIT_RECORD_BYTES ((size_t)1 << 20)

/* Bytes of one element of a payload's array: the real maximum is 240 kB
 * (an element with 128 nested ones); 16 MiB leaves room and bounds memory. */
#define LIMIT_ELEMENT_BYTES ((size_t)16 << 20)

/* Bytes of text in one key column: real ones have 30.  Every record about a
 * row names its key, which has to fit in beside the rest. */
#define LIMIT_KEY_BYTES ((size_t)4 << 10)

/* Nesting of a JSON value: real data has 6; the limit keeps every
 * recursive walk within a small stack. */
#define LIMIT_JSON_DEPTH 64

/* Decoded bytes of one payload, unless a task says otherwise: guards
 * against endless bodies and decompression bombs. */
#define LIMIT_PAYLOAD_BYTES ((int64_t)1 << 30)

/* Decoded bytes from which a body that grew to more than so many times its
 * size is taken for a bomb: real payloads grow 20-fold. */
#define LIMIT_BOMB_BYTES ((int64_t)16 << 20)
#define LIMIT_BOMB_RATIO 200

/* Bytes of a pipeline declaration as JSON. */
#define LIMIT_DECL_BYTES ((size_t)4 << 20)

/* Members of a partition key, and bytes of one value. */
#define LIMIT_PART_MEMBERS 8
#define LIMIT_PART_VALUE_BYTES 256

#endif
