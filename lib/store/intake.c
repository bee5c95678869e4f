#include "store/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "store/manifest.h"
#include "store/storelock.h"

/* --- the record ---------------------------------------------------------- */

/* Below incoming, and nowhere else. */
static int
path_allowed(const char *path)
{
	const char *p = path;

	if (strncmp(path, "incoming/", strlen("incoming/")) != 0)
		return 0;
	while ((p = strstr(p, "/..")) != NULL) {
		p += strlen("/..");
		if (*p == '/' || *p == '\0')
			return 0;
	}
	return 1;
}

static const char *
read_form(struct intake *in, const struct record *r)
{
	const char *format = record_str(r, "format");
	const char *encoding = record_str(r, "encoding");

	if (format == NULL ||
	    payload_format_parse(format, &in->meta.form.format) == -1)
		return "format is not json-array, json-lines, json or bytes";
	in->meta.form.rows = record_str(r, "rows");
	if (encoding != NULL && strcmp(encoding, "gzip") == 0)
		in->coding = PAYLOAD_GZIP;
	else if (encoding != NULL && strcmp(encoding, "identity") == 0)
		in->coding = PAYLOAD_PLAIN;
	else
		return "encoding is neither gzip nor identity";
	return NULL;
}

const char *
intake_read(struct intake *in, const char *data, const struct record *r,
    const struct unit *u)
{
	const char *path = record_str(r, "path");
	struct raw_meta *m = &in->meta;

	*in = (struct intake){ .data = data, .dataset = u->dataset,
	    .attempt = record_int(r, "attempt", -1) };
	buf_init(&in->file, PATH_BYTES_MAX);
	buf_init(&in->path, PATH_BYTES_MAX);
	buf_init(&in->snapshot, PATH_BYTES_MAX);
	*m = (struct raw_meta){ .source = u->source, .run = u->run,
	    .url = record_str(r, "url"),
	    .fetched_at = record_str(r, "fetched_at"),
	    .etag = record_str(r, "etag"),
	    .last_modified = record_str(r, "last_modified"),
	    .content_type = record_str(r, "content_type"),
	    .sha256 = record_str(r, "sha256"),
	    .schema_version = record_str(r, "schema_version"),
	    .request = yyjson_obj_get(r->root, "request"),
	    .part = u->part, .status = record_int(r, "status", -1),
	    .size_bytes = record_int(r, "size_bytes", -1),
	    .stored_bytes = record_int(r, "stored_bytes", -1),
	    .record_count = -1 };
	if (m->schema_version == NULL)
		m->schema_version = "";
	if (m->sha256 == NULL || m->fetched_at == NULL)
		return "no sha256 or fetched_at";
	if (m->size_bytes < 0 || m->stored_bytes < 0)
		return "no size_bytes or stored_bytes";
	if (path == NULL || !path_allowed(path))
		return "path is not below incoming/";
	if (buf_printf(&in->file, "%s/%s", data, path) == -1 ||
	    raw_path(m->source, &m->part, m->run, &in->path) == -1 ||
	    raw_snapshot_id(&m->part, m->run, &in->snapshot) == -1)
		return "path too long";
	in->sealed_path = in->path.data;
	return read_form(in, r);
}

void
intake_release(struct intake *in)
{
	buf_release(&in->file);
	buf_release(&in->path);
	buf_release(&in->snapshot);
}

/* --- the body ------------------------------------------------------------ */

static enum intake_result
failed(struct db *ledger, const char *path)
{
	db_fail_errno(ledger, path);
	return INTAKE_FAILED;
}

static enum intake_result
differs(struct intake *in, enum finding_code code)
{
	in->finding = (struct finding){ .code = code,
	    .severity = FINDING_ERROR, .offset = -1 };
	snprintf(in->finding.text, sizeof(in->finding.text), "%s",
	    finding_explain(code));
	return INTAKE_DIFFERS;
}

/* Read the file.  INTAKE_SEALED here means: may be sealed. */
static enum intake_result
check_file(struct intake *in, struct db *ledger, int fd)
{
	struct raw_meta *m = &in->meta;
	struct payload_facts facts;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return failed(ledger, in->file.data);
	if ((int64_t)st.st_size != m->stored_bytes)
		return differs(in, FINDING_SIZE_MISMATCH);
	switch (payload_check(fd, in->coding, &m->form, &facts,
	    &in->finding)) {
	case PAYLOAD_OK:
		break;
	case PAYLOAD_BAD:
		return INTAKE_BAD;
	default:
		return failed(ledger, in->file.data);
	}
	m->record_count = facts.record_count;
	if (facts.size_bytes != m->size_bytes)
		return differs(in, FINDING_SIZE_MISMATCH);
	if (strcmp(facts.sha256, m->sha256) != 0)
		return differs(in, FINDING_HASH_MISMATCH);
	return INTAKE_SEALED;
}

/*
 * Are the bytes of another run's partition still what was sealed?  If they
 * have been damaged since, ours mend the store.  1, 0 or -1.
 */
static int
is_whole(const struct intake *in, const char *run)
{
	const struct raw_key key = { in->meta.source, run, &in->meta.part };
	const struct raw_want want = { .schema_version =
	    in->meta.schema_version };
	struct raw_meta sealed;
	struct finding f;
	enum payload_result r = raw_check(in->data, &key, &want, &sealed,
	    &f);

	raw_meta_release(&sealed);
	return r == PAYLOAD_FAILED ? -1 : r == PAYLOAD_OK;
}

/*
 * Has the authoritative partition, of another run, these bytes?  Under
 * another schema version they have another meaning.  1, 0 or -1.
 */
static int
find_same(struct intake *in, struct db *ledger, struct arena *a)
{
	struct raw_meta *m = &in->meta;
	struct ledger_current c;
	struct buf part_path;
	int r = -1;

	buf_init(&part_path, PATH_BYTES_MAX);
	if (part_values(&m->part, 0, m->part.n, &part_path) == -1)
		db_fail_errno(ledger, in->path.data);
	else
		r = ledger_known(ledger, in->data, m->source, part_path.data,
		    m->schema_version, a, &c);
	buf_release(&part_path);
	if (r != 1)
		return r;
	if (strcmp(c.run, m->run) == 0 || strcmp(c.sha256, m->sha256) != 0)
		return 0;
	if ((r = is_whole(in, c.run)) != 1)
		return r == 0 ? 0 : db_fail_errno(ledger, c.path);
	in->same_as = c.run;
	in->sealed_path = c.path;
	m->stored_bytes = c.stored_bytes;
	m->record_count = c.record_count;
	buf_clear(&in->snapshot);
	return buf_str(&in->snapshot, c.snapshot) == 0 ? 1 :
	    db_fail_errno(ledger, in->path.data);
}

/* Put the sealed partition into ledger and manifest, as its seal says. */
static int
enlist(const struct intake *in, struct db *ledger, const char *now)
{
	struct raw_meta sealed;
	struct ledger_snapshot s = { &sealed, in->dataset, now, in->attempt };
	int r;

	if (raw_meta_read(&sealed, in->data, in->path.data) == -1)
		return db_fail_errno(ledger, in->path.data);
	r = ledger_snapshot_add(ledger, &s);
	raw_meta_release(&sealed);
	return r == 0 ? manifest_update(ledger, in->data) : -1;
}

static enum intake_result
seal_locked(struct intake *in, struct db *ledger, int fd, const char *now)
{
	enum raw_result r = raw_seal(in->data, &in->meta, in->file.data, fd,
	    in->coding);

	if (r == RAW_REFUSED)
		return INTAKE_REFUSED;
	if (r == RAW_FAILED)
		return failed(ledger, in->path.data);
	if (enlist(in, ledger, now) == -1)
		return INTAKE_FAILED;
	return r == RAW_SEALED ? INTAKE_SEALED : INTAKE_AGAIN;
}

/* Seal; what is sealed is enlisted before the lock is let go. */
static enum intake_result
seal(struct intake *in, struct db *ledger, int fd, const char *now)
{
	enum intake_result r;
	struct lock l;

	if (storelock_take(&l, in->data, "raw", ledger) == -1)
		return INTAKE_FAILED;
	r = seal_locked(in, ledger, fd, now);
	lock_release(&l);
	return r;
}

/*
 * The file is gone: an earlier call took it in, and only its answer may
 * have been lost.
 */
static enum intake_result
without_file(struct intake *in, struct db *ledger, struct arena *a,
    const char *now)
{
	struct raw_meta old;
	int same;

	if (raw_meta_read(&old, in->data, in->path.data) == -1) {
		same = find_same(in, ledger, a);
		return same == 1 ? INTAKE_SAME_AS : same == -1 ?
		    INTAKE_FAILED : differs(in, FINDING_MISSING_FILE);
	}
	in->meta.record_count = old.record_count;
	raw_meta_release(&old);
	return seal(in, ledger, -1, now);
}

static enum intake_result
with_file(struct intake *in, struct db *ledger, struct arena *a, int fd,
    const char *now)
{
	enum intake_result r = check_file(in, ledger, fd);
	int same;

	if (r != INTAKE_SEALED)
		return r;
	if (!raw_present(in->data, in->path.data)) {
		if ((same = find_same(in, ledger, a)) != 0)
			return same == 1 ? INTAKE_SAME_AS : INTAKE_FAILED;
	}
	return seal(in, ledger, fd, now);
}

/* Give the file the name of a refused one; if it is gone, leave the name. */
static int
mark_bad(const struct intake *in)
{
	struct buf bad;
	int fd, r = -1;

	buf_init(&bad, PATH_BYTES_MAX);
	if (buf_printf(&bad, "%s.bad", in->file.data) == 0)
		r = rename(in->file.data, bad.data);
	if (r == -1 && errno == ENOENT && path_mkparents(bad.data) == 0 &&
	    (fd = open(bad.data, O_WRONLY | O_CREAT | O_CLOEXEC, 0666))
	    != -1)
		r = close(fd);
	buf_release(&bad);
	return r;
}

/*
 * Whoever fetched it may tell a body that is gone again (it was kept), but
 * shall ask anew for one that was refused.
 */
static int
put_away(const struct intake *in, enum intake_result r)
{
	switch (r) {
	case INTAKE_SEALED:
	case INTAKE_AGAIN:
	case INTAKE_SAME_AS:
		return unlink(in->file.data) == -1 && errno != ENOENT ? -1 : 0;
	case INTAKE_BAD:
	case INTAKE_DIFFERS:
		return mark_bad(in);
	default:
		return 0;
	}
}

enum intake_result
intake_body(struct intake *in, struct db *ledger, struct arena *a,
    const char *now)
{
	int fd = open(in->file.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum intake_result r;

	if (fd == -1 && errno != ENOENT)
		return failed(ledger, in->file.data);
	r = fd == -1 ? without_file(in, ledger, a, now) :
	    with_file(in, ledger, a, fd, now);
	if (fd != -1)
		close(fd);
	return put_away(in, r) == -1 ? failed(ledger, in->file.data) : r;
}

int
intake_recover(const char *data, struct db *ledger)
{
	struct lock l;
	int r;

	if (storelock_take(&l, data, "raw", ledger) == -1)
		return -1;
	r = manifest_update(ledger, data);
	lock_release(&l);
	return r;
}
