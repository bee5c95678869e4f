#include "decl/retention.h"

#include "decl/reader.h"

#define DAYS_MAX (366 * 100)
#define COUNT_MAX 1000000000

int
decl_retention_read(struct decl *d, struct decl_retention *out,
    struct buf *why)
{
	static const char *const members[] = { "archived_days", "raw_latest",
	    "attempts", "runs", "log_days", NULL };
	static const char where[] = "retention";
	struct reader r = reader_of(d, why);
	yyjson_val *all = yyjson_obj_get(d->root, where);

	*out = (struct decl_retention){ -1, -1, -1, -1, -1 };
	if (all == NULL)
		return 0;
	if (reader_object(&r, where, all, members) == -1 ||
	    reader_integer(&r, where, all, "archived_days", 0, DAYS_MAX,
	    &out->archived_days) == -1 ||
	    reader_integer(&r, where, all, "raw_latest", 1, COUNT_MAX,
	    &out->raw_latest) == -1 ||
	    reader_integer(&r, where, all, "attempts",
	    RETENTION_ATTEMPTS_MIN, COUNT_MAX, &out->attempts) == -1 ||
	    reader_integer(&r, where, all, "log_days", 0, DAYS_MAX,
	    &out->log_days) == -1)
		return -1;
	return reader_integer(&r, where, all, "runs", 1, COUNT_MAX,
	    &out->runs);
}

int64_t
decl_retention_play(int64_t keep)
{
	return keep / 10;
}
