/*
 * prune.h -- what of the raw side nothing rests on any more, and goes.
 *
 * Retention (decl/retention.h) says what stays at least.  Besides,
 *
 *  - a sealed partition stays while it is authoritative, or the pointer
 *    file names it, or a version in the canonical database is made of it,
 *    or nobody has judged it, or its run may be continued;
 *  - an answer stays while its partition does, or its run may be continued,
 *    or if it is the latest, or of the newest run, of those with the content
 *    of a partition that stays;
 *  - a run's row stays while anything names the run: a partition, an
 *    answer, a version, a log, the quarantine.
 *
 * A run may be continued while its quarantine, DATA/incoming/RUN, is there.
 * That goes when as many newer runs of the source have begun as stay.
 *
 * All is decided from what is there, nothing is noted down: a prune that
 * was killed is finished by the next.  When nothing can go, nothing is
 * written.  Calls return 0, or -1 with prune_message(), unless said
 * otherwise, and are made in the order of this file.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include "decl/retention.h"
#include "store/db.h"

struct prune {
	struct db ledger;
	sqlite3_stmt *next;		/* owned */
	const char *data, *source;	/* borrowed, as the run going on */
	const char *now_run;		/* or NULL */
	struct decl_retention keep;
	int64_t now_ms;			/* for log_days; only prune_logs() */
	int dry;			/* only tell what would go */
};

/*
 * Open the ledger and look which runs there are; the caller has set the
 * last five fields.  p needs prune_close() in either case.
 */
int prune_open(struct prune *p);
void prune_close(struct prune *p);

/* What went wrong last, and the status to exit with. */
const char *prune_message(const struct prune *p);
enum exits prune_status(const struct prune *p);

/* Empty the quarantine of old runs, *runs of them. */
int prune_quarantine(struct prune *p, int64_t *runs);

/* Remove the files of old runs, *runs of them, from DATA/logs. */
int prune_logs(struct prune *p, int64_t *runs);

/* Choose which partitions and answers go. */
int prune_choose(struct prune *p);

/* What goes of a dataset. */
struct prune_count {
	int64_t partitions, bytes, answers;	/* bytes as stored */
};

/*
 * The next dataset of which something goes, in order, and how much.
 * Returns 1, 0 after the last one, or -1.  *dataset is borrowed until the
 * next call.
 */
int prune_next(struct prune *p, const char **dataset,
    struct prune_count *n);

/* A sealed partition that went; all borrowed. */
struct prune_partition {
	const char *run, *part, *snapshot, *path, *sha256;
	int64_t stored_bytes;		/* part is JSON, path below DATA */
};

/* Returns 0 to go on; another value is returned at once. */
typedef int (*prune_fn)(const struct prune_partition *gone, void *arg);

/* Prune a dataset; fn hears of each partition that went. */
int prune_dataset(struct prune *p, const char *dataset, prune_fn fn,
    void *arg);

/* Forget runs that nothing names any more, *runs of them. */
int prune_runs(struct prune *p, int64_t *runs);

/* Make the manifest follow. */
int prune_manifest(struct prune *p);

#endif
