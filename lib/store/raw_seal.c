/* raw_seal.c -- the part of raw.h that writes. */
#include "store/raw.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"
#include "base/outfile.h"
#include "base/path.h"
#include "record/jsonw.h"

/* Remove what a writer that died left: temporary files, and the payload
 * if nothing seals it. */
static int
sweep(const char *payload, const char *seal, int sealed)
{
	if (outfile_sweep(payload) == -1 || outfile_sweep(seal) == -1)
		return -1;
	if (sealed || unlink(payload) == 0 || errno == ENOENT)
		return 0;
	return -1;
}

/* fsync the n folders from path's own upwards: they may all be new. */
static int
sync_up(const char *file, size_t n)
{
	char *path = strdup(file), *slash;
	int r = 0, saved;

	if (path == NULL)
		return -1;
	while (n-- > 0 && r == 0 && (slash = strrchr(path, '/')) != NULL) {
		r = path_sync_parent(path);
		*slash = '\0';
	}
	saved = errno;
	free(path);
	errno = saved;
	return r;
}

static int
copy_bytes(int in, FILE *out)
{
	char chunk[65536];
	ssize_t n;

	if (lseek(in, 0, SEEK_SET) == -1)
		return -1;
	while ((n = read(in, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 ||
		    fwrite(chunk, 1, (size_t)n, out) != (size_t)n)
			return -1;
	}
	return 0;
}

/* Write the payload as a file of its own. */
static int
write_payload(const char *payload, int fd, enum payload_coding coding)
{
	struct outfile o;
	int r;

	if (outfile_open(&o, payload, OUTFILE_NEW) == -1)
		return -1;
	r = coding == PAYLOAD_GZIP ? copy_bytes(fd, o.fp) :
	    gzip_pack(fd, o.fp);
	if (r == 0)
		return outfile_commit(&o);
	outfile_abort(&o);
	return -1;
}

/* Bring the payload to its final name: by a link if that can be. */
static int
place_payload(const char *payload, const char *incoming, int fd,
    enum payload_coding coding)
{
	if (coding == PAYLOAD_PLAIN)
		return write_payload(payload, fd, coding);
	if (fchmod(fd, 0444) == -1 || fsync(fd) == -1)
		return -1;
	if (link(incoming, payload) == 0)
		return 0;
	if (errno != EXDEV && errno != EPERM && errno != EMLINK)
		return -1;
	return write_payload(payload, fd, coding);
}

/* Append metadata.json's text.  0, or -1 with errno. */
static int
put_meta(const struct raw_meta *m, struct buf *b)
{
	struct jsonw w;

	jsonw_init(&w, b);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "source", m->source);
	part_write(&m->part, &w, "part");
	jsonw_str(&w, "run", m->run);
	jsonw_opt(&w, "url", m->url);
	if (m->request != NULL)
		jsonw_val(&w, "request", m->request);
	if (m->form.format != PAYLOAD_ARRAY)
		jsonw_str(&w, "format", payload_format_text(m->form.format));
	jsonw_opt(&w, "rows", m->form.rows);
	jsonw_opt(&w, "fetched_at", m->fetched_at);
	if (m->status != -1)
		jsonw_int(&w, "status", m->status);
	jsonw_opt(&w, "etag", m->etag);
	jsonw_opt(&w, "last_modified", m->last_modified);
	jsonw_opt(&w, "content_type", m->content_type);
	jsonw_str(&w, "sha256", m->sha256);
	jsonw_int(&w, "size_bytes", m->size_bytes);
	jsonw_int(&w, "stored_bytes", m->stored_bytes);
	jsonw_int(&w, "record_count", m->record_count);
	if (m->schema_version[0] != '\0')
		jsonw_str(&w, "schema_version", m->schema_version);
	return jsonw_end(&w);
}

static int
write_seal(const char *file, const struct raw_meta *m)
{
	struct outfile o;
	struct buf b;
	int r;

	buf_init(&b, RAW_METADATA_BYTES);
	if (put_meta(m, &b) == -1 ||
	    outfile_open(&o, file, OUTFILE_NEW) == -1) {
		buf_release(&b);
		return -1;
	}
	r = fwrite(b.data, 1, b.len, o.fp) == b.len ? 0 : -1;
	buf_release(&b);
	if (r == 0)
		return outfile_commit(&o);
	outfile_abort(&o);
	return -1;
}

/* Payload, then seal, everything synced.  Returns 0, or -1 with errno. */
static int
seal_new(const char *payload, const char *seal, struct raw_meta *m,
    const char *incoming, int fd, enum payload_coding coding)
{
	struct stat st;

	if (place_payload(payload, incoming, fd, coding) == -1 ||
	    stat(payload, &st) == -1)
		return -1;
	m->stored_bytes = st.st_size;
	/* Up to DATA: "raw", the source, the key's members, the run. */
	if (sync_up(payload, m->part.n + 4) == -1)
		return -1;
	return write_seal(seal, m);
}

/* There is a seal: is it of the same bytes? */
static enum raw_result
compare(const char *data, const char *path, struct raw_meta *m)
{
	struct raw_meta old;
	enum raw_result r;

	if (raw_meta_read(&old, data, path) == -1)
		return errno == EBADMSG ? RAW_REFUSED : RAW_FAILED;
	r = strcmp(old.sha256, m->sha256) == 0 &&
	    raw_present(data, path) ? RAW_AGAIN : RAW_REFUSED;
	m->stored_bytes = old.stored_bytes;
	raw_meta_release(&old);
	return r;
}

static enum raw_result
seal_at(const char *data, const char *path, struct raw_meta *m,
    const char *incoming, int fd, enum payload_coding coding)
{
	char *payload = raw_file(data, path, raw_payload_name(m->form.format));
	char *seal = raw_file(data, path, RAW_METADATA);
	enum raw_result r = RAW_FAILED;
	int sealed, saved;

	if (payload == NULL || seal == NULL || path_mkparents(seal) == -1)
		goto out;
	sealed = access(seal, F_OK) == 0;
	if (!sealed && errno != ENOENT)
		goto out;	/* not known: the payload must not go */
	if (sweep(payload, seal, sealed) == -1)
		goto out;
	if (sealed)
		r = compare(data, path, m);
	else if (seal_new(payload, seal, m, incoming, fd, coding) == 0)
		r = RAW_SEALED;
out:
	saved = errno;
	free(payload);
	free(seal);
	errno = saved;
	return r;
}

enum raw_result
raw_seal(const char *data, struct raw_meta *m, const char *incoming, int fd,
    enum payload_coding coding)
{
	struct buf path;
	enum raw_result r = RAW_FAILED;
	int saved;

	buf_init(&path, PATH_BYTES_MAX);
	if (raw_path(m->source, &m->part, m->run, &path) == 0)
		r = seal_at(data, path.data, m, incoming, fd, coding);
	saved = errno;
	buf_release(&path);
	errno = saved;
	return r;
}
