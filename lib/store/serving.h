/*
 * serving.h -- which servers run, and what each of them serves.
 *
 *	DATA/serve/HOST.PID.json
 *
 * A server writes its file when it begins and whenever it goes on to
 * another snapshot, and removes it at its end.  One that was killed leaves
 * its file behind until the next one begins there; owner_state() tells.
 */
#ifndef SERVING_H
#define SERVING_H

#include "base/buf.h"
#include "base/owner.h"

/* Bytes of one file; more is none of ours. */
#define SERVING_BYTES ((size_t)64 << 10)

struct serving {
	const char *source;
	const char *url;	/* of its loopback or other address */
	const char *root;	/* where its snapshots are, absolute */
	const char *snapshot, *since;	/* what it serves, and since when */
	const char *started_at;
	struct owner owner;
};

/* A file's content; 0 goes on. */
typedef int (*serving_fn)(const struct serving *s, void *arg);

/* Write the file of s->owner.  Returns 0, or -1 with errno. */
int serving_write(const char *data, const struct serving *s);

/* Remove the file of owner.  errno is preserved. */
void serving_remove(const char *data, const struct owner *owner);

/*
 * Every file, in order of names; what is no such file is passed over.
 * Returns 0, what fn returned, or -1 with errno.
 */
int serving_each(const char *data, serving_fn fn, void *arg);

/* Remove the files of servers that are gone for certain.  0 or -1. */
int serving_sweep(const char *data);

#endif
