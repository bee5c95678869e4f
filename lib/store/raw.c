#include "store/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/path.h"

int
raw_path(const char *source, const struct part *part, const char *run,
    struct buf *b)
{
	if (buf_str(b, "raw/") == -1 || path_encode(b, source) == -1 ||
	    buf_chr(b, '/') == -1 || part_hive(part, b) == -1 ||
	    buf_str(b, "/run_id=") == -1)
		return -1;
	return path_encode(b, run);
}

int
raw_snapshot_id(const struct part *part, const char *run, struct buf *b)
{
	if (buf_printf(b, "%s:", run) == -1)
		return -1;
	return part_values(part, 0, part->n, b);
}

char *
raw_file(const char *data, const char *path, const char *name)
{
	struct buf b;
	char *s = NULL;

	buf_init(&b, PATH_BYTES_MAX);
	if (buf_printf(&b, "%s/%s/%s", data, path, name) == 0)
		s = buf_detach(&b);
	buf_release(&b);
	return s;
}

static int
open_file(const char *data, const char *path, const char *name, int flags)
{
	char *file = raw_file(data, path, name);
	int fd, saved;

	if (file == NULL)
		return -1;
	fd = open(file, flags | O_CLOEXEC);
	saved = errno;
	free(file);
	errno = saved;
	return fd;
}

/* All of a small file, '\0'-terminated.  NULL with errno. */
static char *
slurp(int fd, size_t max, size_t *len)
{
	struct buf b;
	char chunk[4096];
	ssize_t n;
	char *s = NULL;

	buf_init(&b, max);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || buf_add(&b, chunk, (size_t)n) == -1)
			goto out;
	}
	*len = b.len;
	s = buf_detach(&b);
out:
	buf_release(&b);
	return s;
}

static const char *
text(const struct raw_meta *m, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(m->doc),
	    name));
}

static int64_t
number(const struct raw_meta *m, const char *name)
{
	yyjson_val *v = yyjson_obj_get(yyjson_doc_get_root(m->doc), name);

	return yyjson_is_int(v) && yyjson_get_sint(v) >= 0 ?
	    yyjson_get_sint(v) : -1;
}

/* What is only said of some partitions.  Returns 0, or -1. */
static int
take_options(struct raw_meta *m)
{
	const char *format = text(m, "format");

	if ((m->schema_version = text(m, "schema_version")) == NULL)
		m->schema_version = "";
	m->request = yyjson_obj_get(yyjson_doc_get_root(m->doc), "request");
	m->form = (struct payload_form){ PAYLOAD_ARRAY, text(m, "rows") };
	return format == NULL ? 0 :
	    payload_format_parse(format, &m->form.format);
}

/* Take the members of m->doc.  Returns 0, or -1 if one is missing. */
static int
take_members(struct raw_meta *m)
{
	m->source = text(m, "source");
	m->run = text(m, "run");
	m->url = text(m, "url");
	m->fetched_at = text(m, "fetched_at");
	m->etag = text(m, "etag");
	m->last_modified = text(m, "last_modified");
	m->content_type = text(m, "content_type");
	m->sha256 = text(m, "sha256");
	m->status = number(m, "status");
	m->size_bytes = number(m, "size_bytes");
	m->stored_bytes = number(m, "stored_bytes");
	m->record_count = number(m, "record_count");
	if (part_read(&m->part, yyjson_obj_get(yyjson_doc_get_root(m->doc),
	    "part")) == -1 || take_options(m) == -1)
		return -1;
	return m->source == NULL || m->run == NULL || m->sha256 == NULL ||
	    m->size_bytes == -1 || m->stored_bytes == -1 ||
	    m->record_count == -1 ? -1 : 0;
}

int
raw_meta_read(struct raw_meta *m, const char *data, const char *path)
{
	int fd = open_file(data, path, RAW_METADATA, O_RDONLY);
	size_t len;
	char *json;

	if (fd == -1) {
		errno = errno == ENOTDIR ? ENOENT : errno;
		return -1;
	}
	json = slurp(fd, RAW_METADATA_BYTES, &len);
	close(fd);
	if (json == NULL && errno != E2BIG)
		return -1;
	m->doc = json != NULL ? yyjson_read(json, len, 0) : NULL;
	free(json);
	if (m->doc != NULL && take_members(m) == 0)
		return 0;
	raw_meta_release(m);
	errno = EBADMSG;
	return -1;
}

void
raw_meta_release(struct raw_meta *m)
{
	yyjson_doc_free(m->doc);
	m->doc = NULL;
}

const char *
raw_payload_name(enum payload_format format)
{
	switch (format) {
	case PAYLOAD_BYTES:
		return "payload.gz";
	case PAYLOAD_LINES:
		return "payload.jsonl.gz";
	default:
		return "payload.json.gz";
	}
}

int
raw_open(const char *data, const char *path)
{
	static const enum payload_format named[] = { PAYLOAD_ARRAY,
	    PAYLOAD_BYTES, PAYLOAD_LINES };
	size_t i;
	int fd = -1;

	errno = ENOENT;
	for (i = 0; i < sizeof(named) / sizeof(named[0]) && fd == -1 &&
	    errno == ENOENT; i++)
		fd = open_file(data, path, raw_payload_name(named[i]),
		    O_RDONLY);
	return fd;
}

int
raw_present(const char *data, const char *path)
{
	struct raw_meta m;
	struct stat st;
	int fd, yes;

	if ((fd = raw_open(data, path)) == -1)
		return 0;
	yes = fstat(fd, &st) == 0 && raw_meta_read(&m, data, path) == 0;
	close(fd);
	if (!yes)
		return 0;
	yes = m.stored_bytes == (int64_t)st.st_size;
	raw_meta_release(&m);
	return yes;
}

enum payload_result
raw_each(const char *data, const char *path,
    const struct payload_form *form, payload_fn fn, void *arg,
    struct payload_facts *facts, struct finding *f)
{
	int fd = raw_open(data, path), saved;
	enum payload_result r;

	if (fd == -1)
		return PAYLOAD_FAILED;
	r = payload_each(fd, PAYLOAD_GZIP, form, fn, arg, facts, f);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}

static enum payload_result
found(struct finding *f, enum finding_code code, const char *text)
{
	*f = (struct finding){ .code = code, .severity = FINDING_ERROR,
	    .offset = -1 };
	snprintf(f->text, sizeof(f->text), "%s",
	    text != NULL ? text : finding_explain(code));
	return PAYLOAD_BAD;
}

/* Two numbers that should agree. */
static enum payload_result
differ(struct finding *f, enum finding_code code, const char *what,
    int64_t sealed, int64_t is)
{
	found(f, code, NULL);
	snprintf(f->text, sizeof(f->text), "%s: %lld sealed, %lld found",
	    what, (long long)sealed, (long long)is);
	return PAYLOAD_BAD;
}

/* Does the seal belong to the place it was found at? */
static enum payload_result
check_seal(const struct raw_key *key, const struct raw_want *want,
    const struct raw_meta *m, struct finding *f)
{
	if (strcmp(m->source, key->source) != 0 ||
	    strcmp(m->run, key->run) != 0 || !part_equal(&m->part, key->part))
		return found(f, FINDING_KEY_MISMATCH, NULL);
	if (strcmp(m->schema_version, want->schema_version) != 0)
		return found(f, FINDING_SCHEMA_MISMATCH, NULL);
	return PAYLOAD_OK;
}

/* What is required, and what is missing. */
struct need {
	const struct raw_want *want;
	struct finding *f;
};

/* payload_fn */
static int
has_required(yyjson_val *element, int64_t n, void *arg)
{
	const struct need *need = arg;
	size_t i;

	for (i = 0; i < need->want->n_require; i++) {
		if (yyjson_ptr_get(element, need->want->require[i]) != NULL)
			continue;
		found(need->f, FINDING_LAYOUT, NULL);
		snprintf(need->f->where, sizeof(need->f->where),
		    "element %lld", (long long)n);
		snprintf(need->f->text, sizeof(need->f->text),
		    "no %s, which each is to have", need->want->require[i]);
		return -1;
	}
	return 0;
}

/* As payload_check(), and each element has what it is to have. */
static enum payload_result
read_payload(int fd, const struct raw_meta *m, const struct raw_want *want,
    struct payload_facts *facts, struct finding *f)
{
	struct need need = { want, f };
	enum payload_result r;

	if (want->n_require == 0 || !payload_has_elements(m->form.format))
		return payload_check(fd, PAYLOAD_GZIP, &m->form, facts, f);
	r = payload_each(fd, PAYLOAD_GZIP, &m->form, has_required, &need,
	    facts, f);
	return r == PAYLOAD_STOPPED ? PAYLOAD_BAD : r;
}

/* Is the payload what the seal says, and what is wanted? */
static enum payload_result
check_payload(int fd, const struct raw_meta *m, const struct raw_want *want,
    struct finding *f)
{
	struct payload_facts facts;
	struct stat st;
	enum payload_result r = read_payload(fd, m, want, &facts, f);

	if (r != PAYLOAD_OK)
		return r;
	if (fstat(fd, &st) == -1)
		return PAYLOAD_FAILED;
	if (facts.record_count != m->record_count)
		return differ(f, FINDING_COUNT_MISMATCH, "records",
		    m->record_count, facts.record_count);
	if (facts.size_bytes != m->size_bytes)
		return differ(f, FINDING_SIZE_MISMATCH, "bytes",
		    m->size_bytes, facts.size_bytes);
	if ((int64_t)st.st_size != m->stored_bytes)
		return differ(f, FINDING_SIZE_MISMATCH, "stored bytes",
		    m->stored_bytes, st.st_size);
	if (strcmp(facts.sha256, m->sha256) != 0)
		return found(f, FINDING_HASH_MISMATCH, NULL);
	return PAYLOAD_OK;
}

static enum payload_result
check_at(const char *data, const char *path, const struct raw_key *key,
    const struct raw_want *want, struct raw_meta *m, struct finding *f)
{
	enum payload_result r;
	int fd;

	if (raw_meta_read(m, data, path) == -1) {
		if (errno == ENOENT)
			return found(f, FINDING_MISSING_FILE, "not sealed");
		return errno == EBADMSG ?
		    found(f, FINDING_BAD_METADATA, NULL) : PAYLOAD_FAILED;
	}
	if ((r = check_seal(key, want, m, f)) != PAYLOAD_OK)
		return r;
	if ((fd = raw_open(data, path)) == -1)
		return errno == ENOENT ?
		    found(f, FINDING_MISSING_FILE, "no payload") :
		    PAYLOAD_FAILED;
	r = check_payload(fd, m, want, f);
	close(fd);
	return r;
}

enum payload_result
raw_check(const char *data, const struct raw_key *key,
    const struct raw_want *want, struct raw_meta *m, struct finding *f)
{
	struct buf path;
	enum payload_result r = PAYLOAD_FAILED;

	m->doc = NULL;
	buf_init(&path, PATH_BYTES_MAX);
	if (raw_path(key->source, key->part, key->run, &path) == 0)
		r = check_at(data, path.data, key, want, m, f);
	buf_release(&path);
	return r;
}
