#include "store/db_copy.h"

#include <errno.h>

/* Another one each time that others were seen to have written. */
static unsigned int
data_version(struct db *d)
{
	unsigned int n = 0;

	sqlite3_file_control(d->h, "main", SQLITE_FCNTL_DATA_VERSION, &n);
	return n;
}

static int
overtaken(struct db *d)
{
	buf_clear(&d->message);
	buf_printf(&d->message, "%s: another one has written to it "
	    "meanwhile; run again", d->path);
	d->status = EXIT_TEMP;
	errno = EBUSY;
	return -1;
}

/* Nothing is copied by the first step, but d is locked from there on. */
static int
copy(struct db *d, struct db *from, unsigned int version)
{
	sqlite3_backup *b = sqlite3_backup_init(d->h, "main", from->h, "main");
	int code, changed = 0;

	if (b == NULL)
		return db_fail(d, sqlite3_errcode(d->h));
	code = sqlite3_backup_step(b, 0);
	if (code == SQLITE_OK && version != 0)
		changed = data_version(d) != version;
	if (code == SQLITE_OK && !changed)
		code = sqlite3_backup_step(b, -1);
	sqlite3_backup_finish(b);
	if (changed)
		return overtaken(d);
	return code == SQLITE_DONE ? 0 : db_fail(d, code);
}

int
db_copy(struct db *d, const char *from)
{
	unsigned int version = 0;
	struct db source;
	int r;

	if (!sqlite3_get_autocommit(d->h))
		version = data_version(d);
	db_rollback(d);
	if (db_open(&source, from, DB_READ) == 0) {
		r = copy(d, &source, version);
	} else {
		buf_clear(&d->message);
		buf_str(&d->message, db_message(&source));
		d->status = db_status(&source);
		r = -1;
	}
	db_close(&source);
	return r;
}
