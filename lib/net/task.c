#include "net/task.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/outfile.h"
#include "base/path.h"
#include "net/url.h"
#include "record/part.h"
#include "record/payload.h"

/* Bytes that task_answer() may add to a task: the record must still fit. */
#define ANSWER_BYTES (2 * PATH_BYTES_MAX + 6 * FETCH_HEADER)

/* Bytes of one folder or file name without what outfile.h puts around it. */
#define NAME_BYTES (NAME_MAX - sizeof("..body.page-XXXXXX"))

/* --- a task's names ------------------------------------------------------ */

static char *text(const char *, ...) MSG_FMT(1, 2);

/* A new string, owned by the caller; NULL with errno. */
static char *
text(const char *fmt, ...)
{
	struct buf b;
	va_list ap;
	int r;

	buf_init(&b, PATH_BYTES_MAX);
	va_start(ap, fmt);
	r = buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (r == -1) {
		buf_release(&b);
		return NULL;
	}
	return buf_detach(&b);
}

/* A mistake in the record: -1, errno EINVAL, why. */
static int
wrong(char why[TASK_WHY], const char *text)
{
	snprintf(why, TASK_WHY, "%s", text);
	errno = EINVAL;
	return -1;
}

/*
 * "incoming/RUN/2026/A/items".  No value has a '/' when %-encoded, and
 * two suffixes that differ keep every body and note apart.
 */
static int
add_key(struct buf *b, const struct record *r)
{
	const char *run = record_str(r, "run");
	struct part p;

	if (run == NULL || run[0] == '\0' || record_str(r, "url") == NULL ||
	    part_read(&p, yyjson_obj_get(r->root, "part")) == -1) {
		errno = EINVAL;
		return -1;
	}
	if (buf_str(b, "incoming/") == -1 || path_encode(b, run) == -1 ||
	    buf_chr(b, '/') == -1)
		return -1;
	return part_values(&p, 0, p.n, b);
}

/* Can every name in the path be one of a file?  Returns 0, or -1. */
static int
check_names(const char *path)
{
	size_t n;

	for (; *path != '\0'; path += n + (path[n] == '/')) {
		n = strcspn(path, "/");
		if (n > NAME_BYTES) {
			errno = E2BIG;
			return -1;
		}
	}
	return 0;
}

static int
fill_names(struct task *t, const char *data)
{
	struct buf key, label;
	int r = -1;

	buf_init(&key, PATH_BYTES_MAX);
	buf_init(&label, PATH_BYTES_MAX);
	if (add_key(&key, &t->record) == 0 && check_names(key.data) == 0 &&
	    record_label(&t->record, &label) == 0 &&
	    (t->label = buf_detach(&label)) != NULL &&
	    (t->path = text("%s.body", key.data)) != NULL &&
	    (t->file = text("%s/%s", data, t->path)) != NULL &&
	    (t->note = text("%s/%s.json", data, key.data)) != NULL)
		r = 0;
	buf_release(&key);
	buf_release(&label);
	return r;
}

/* A copy of r in t. */
static int
copy_record(struct task *t, const struct record *r)
{
	t->record = *r;
	if ((t->line = malloc(r->len + 1)) == NULL)
		return -1;
	memcpy(t->line, r->line, r->len);
	t->line[r->len] = '\0';
	if ((t->doc = yyjson_read(t->line, r->len, 0)) == NULL) {
		errno = ENOMEM;		/* it was read before */
		return -1;
	}
	t->record.type = "task";
	t->record.line = t->line;
	t->record.root = yyjson_doc_get_root(t->doc);
	return 0;
}

static int
fill_paging(struct task *t, yyjson_val *member, char why[TASK_WHY])
{
	if (paging_read(&t->paging, member, &t->request, why) == -1)
		return -1;
	return (t->page = text("%s.page", t->file)) != NULL ? 0 : -1;
}

static int
fill(struct task *t, const struct record *r, const char *data,
    struct secrets *s, char why[TASK_WHY])
{
	yyjson_val *paged;

	if (r->len > LIMIT_RECORD_BYTES - ANSWER_BYTES)
		return wrong(why, "task too long");
	if (copy_record(t, r) == -1)
		return -1;
	paged = yyjson_obj_get(t->record.root, "paging");
	if (fill_names(t, data) == -1) {
		if (errno == E2BIG)
			return wrong(why, "run or part too long");
		return errno == EINVAL ?
		    wrong(why, "a task needs run, url, and part with texts") : -1;
	}
	if (url_has_user(task_url(t)))
		return wrong(why, "a user or password in the URL");
	if (request_read(&t->request, yyjson_obj_get(t->record.root,
	    "request"), data, s, why) == -1)
		return -1;
	return paged == NULL ? 0 : fill_paging(t, paged, why);
}

struct task *
task_new(const struct record *r, const char *data, struct secrets *s,
    char why[TASK_WHY])
{
	struct task *t = calloc(1, sizeof(*t));

	if (t != NULL && fill(t, r, data, s, why) == 0)
		return t;
	task_free(t);
	return NULL;
}

struct task *
task_own(const char *label)
{
	struct task *t = calloc(1, sizeof(*t));

	if (t != NULL && (t->label = strdup(label)) != NULL)
		return t;
	task_free(t);
	return NULL;
}

void
task_free(struct task *t)
{
	int saved = errno;

	if (t == NULL)
		return;
	if (t->bytes != NULL)
		*t->bytes -= (int64_t)t->record.len;
	request_release(&t->request);
	paging_release(&t->paging);
	yyjson_doc_free(t->doc);
	free(t->line);
	free(t->label);
	free(t->path);
	free(t->file);
	free(t->note);
	free(t->page);
	free(t);
	errno = saved;
}

/* The validator that the planner chose, if it can be a header's value. */
static const char *
known_etag(const struct task *t)
{
	yyjson_val *known = yyjson_obj_get(t->record.root, "known");
	const char *etag = yyjson_get_str(yyjson_obj_get(known, "etag")), *s;

	if (etag == NULL || etag[0] == '\0' || strlen(etag) >= FETCH_HEADER)
		return NULL;
	for (s = etag; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			return NULL;
	return etag;
}

const char *
task_url(const struct task *t)
{
	return record_str(&t->record, "url");
}

struct fetch_request
task_request(struct task *t)
{
	const char *format = record_str(&t->record, "format");
	int json = format != NULL && strncmp(format, "json", 4) == 0;

	return (struct fetch_request){ .url = task_url(t),
	    .file = t->page != NULL ? t->page : t->file,
	    .etag = known_etag(t),
	    .method = t->request.method,
	    .headers = (const char *const *)t->request.headers,
	    .upload = t->request.body_file, .text = t->request.text,
	    .safe = t->request.safe,
	    .renewable = t->request.bearer != NULL && !t->renewed,
	    .ahead = t->paging.pages > 0 || t->renewed,
	    .kind = json ? BODY_JSON : BODY_ANY,
	    .interval_ms = t->interval_ms, .arg = t };
}

/* --- the answer ---------------------------------------------------------- */

/* A server that tells a secret must not make us tell it. */
static void
hide_secrets(const struct secrets *s, struct fetch_answer *a)
{
	char *const texts[] = { a->etag, a->last_modified, a->content_type };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (secrets_in(s, texts[i]))
			texts[i][0] = '\0';
	if (secrets_in(s, a->text))
		snprintf(a->text, sizeof(a->text),
		    "what the server said shows a secret");
}

int
task_vet(const struct task *t, struct secrets *s, struct fetch_answer *a)
{
	if (s != NULL)
		hide_secrets(s, a);
	if (a->outcome != FETCH_BODY || request_stands(&t->request))
		return 0;
	a->outcome = FETCH_FAILED;
	a->blame = EXIT_TEMP;
	snprintf(a->code, sizeof(a->code), "question_changed");
	snprintf(a->text, sizeof(a->text),
	    "the file of body_path changed while it was asked");
	return unlink(t->file);
}

/* --- the records it becomes ---------------------------------------------- */

static void
copy_members(const struct task *t, struct jsonw *w)
{
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(t->record.root, i, max, key, value) {
		const char *name = yyjson_get_str(key);

		if (strcmp(name, "request") == 0)
			request_write(&t->request, value, w);
		else if (strcmp(name, "type") != 0 &&
		    strcmp(name, "known") != 0)
			jsonw_val(w, name, value);
	}
}

/* Blank is unknown, and unknown is absent. */
static void
add_header(struct jsonw *w, const char *name, const char *value)
{
	jsonw_opt(w, name, value[0] != '\0' ? value : NULL);
}

static int
write_body(const struct task *t, const struct fetch_answer *a,
    const char *fetched_at, struct buf *line)
{
	struct jsonw w;

	jsonw_record(&w, line, "body");
	copy_members(t, &w);
	jsonw_str(&w, "sha256", a->sha256);
	jsonw_str(&w, "path", t->path);
	jsonw_str(&w, "encoding", a->encoding);
	jsonw_int(&w, "size_bytes", a->size_bytes);
	jsonw_int(&w, "stored_bytes", a->stored_bytes);
	jsonw_int(&w, "status", a->status);
	add_header(&w, "etag", a->etag);
	add_header(&w, "last_modified", a->last_modified);
	add_header(&w, "content_type", a->content_type);
	jsonw_str(&w, "fetched_at", fetched_at);
	jsonw_int(&w, "attempt", a->attempt);
	jsonw_int(&w, "connect_ms", a->connect_ms);
	jsonw_int(&w, "first_byte_ms", a->first_byte_ms);
	jsonw_int(&w, "total_ms", a->total_ms);
	if (t->page != NULL)
		jsonw_int(&w, "pages", t->paging.pages);
	return jsonw_end(&w);
}

/* Send one line, with its newline, as a record. */
static void
send_line(struct stream_out *o, const struct buf *line)
{
	struct record r = { .line = line->data, .len = line->len - 1 };

	stream_copy(o, &r);
}

static int
keep_note(const struct task *t, const struct buf *line)
{
	struct outfile note;

	if (outfile_open(&note, t->note, OUTFILE_REPLACE) == -1)
		return -1;
	if (fwrite(line->data, 1, line->len, note.fp) != line->len) {
		outfile_abort(&note);
		return -1;
	}
	return outfile_commit_loose(&note);	/* lost, it costs a request */
}

static int
answer_body(const struct task *t, const struct fetch_answer *a,
    const char *fetched_at, struct stream_out *o)
{
	struct buf line;
	int r;

	buf_init(&line, LIMIT_RECORD_BYTES);
	r = write_body(t, a, fetched_at, &line);
	if (r == 0 && (r = keep_note(t, &line)) == 0)
		send_line(o, &line);
	buf_release(&line);
	return r;
}

static int
answer_unchanged(const struct task *t, const struct fetch_answer *a,
    const char *fetched_at, struct stream_out *o)
{
	yyjson_val *known = yyjson_obj_get(t->record.root, "known"), *v;
	struct jsonw w;

	stream_record(o, &w, "unchanged");
	copy_members(t, &w);
	if ((v = yyjson_obj_get(known, "sha256")) != NULL)
		jsonw_val(&w, "sha256", v);
	if ((v = yyjson_obj_get(known, "run")) != NULL)
		jsonw_val(&w, "same_as", v);
	if ((v = yyjson_obj_get(known, "snapshot")) != NULL)
		jsonw_val(&w, "snapshot", v);
	jsonw_int(&w, "status", a->status);
	add_header(&w, "etag", a->etag);
	jsonw_str(&w, "fetched_at", fetched_at);
	jsonw_int(&w, "attempt", a->attempt);
	jsonw_int(&w, "total_ms", a->total_ms);
	return stream_put(o, &w);
}

int
task_answer(const struct task *t, const struct fetch_answer *a,
    const char *fetched_at, struct stream_out *o)
{
	switch (a->outcome) {
	case FETCH_BODY:
		return answer_body(t, a, fetched_at, o);
	case FETCH_UNCHANGED:
		return answer_unchanged(t, a, fetched_at, o);
	case FETCH_FAILED:
		break;
	}
	stream_error_http(o, &t->record, a->code, a->status, a->attempt,
	    fetched_at, a->text);
	return 0;
}

/* --- an earlier start of the same run ------------------------------------ */

/*
 * Does fd hold the body that the record r tells of?  Nobody waited for the
 * disk: when the machine went down, it may hold anything.
 */
static int
is_body(int fd, const struct record *r)
{
	const char *coding = record_str(r, "encoding");
	const char *sha256 = record_str(r, "sha256");
	const struct payload_form any = { PAYLOAD_BYTES, NULL };
	struct payload_facts facts;
	struct finding f;

	return coding != NULL && sha256 != NULL &&
	    payload_check(fd, strcmp(coding, "gzip") == 0 ? PAYLOAD_GZIP :
	    PAYLOAD_PLAIN, &any, &facts, &f) == PAYLOAD_OK &&
	    strcmp(facts.sha256, sha256) == 0;
}

/*
 * Is it so that the body of the record r lies there, or was taken by the
 * next program, which unlinks what it kept and renames what it refused?
 */
static int
body_stands(const struct task *t, const struct record *r)
{
	char refused[PATH_BYTES_MAX];
	int fd = open(t->file, O_RDONLY | O_CLOEXEC), stands;

	if (fd == -1)
		return errno == ENOENT && snprintf(refused, sizeof(refused),
		    "%s.bad", t->file) < (int)sizeof(refused) &&
		    access(refused, F_OK) == -1;
	stands = is_body(fd, r);
	close(fd);
	return stands;
}

/* Was the answer that root tells of one to the same question? */
static int
same_question(const struct task *t, yyjson_val *root)
{
	const char *url = yyjson_get_str(yyjson_obj_get(root, "url"));
	struct buf then, now;
	struct jsonw w;
	yyjson_val *v;
	int same;

	buf_init(&then, 2 * LIMIT_RECORD_BYTES);
	buf_init(&now, 2 * LIMIT_RECORD_BYTES);
	/* The server may have moved: a replica has another port each time. */
	same = url != NULL && url_target(url, &then) == 0 &&
	    url_target(task_url(t), &now) == 0;
	jsonw_init(&w, &then);
	if ((v = yyjson_obj_get(root, "request")) != NULL)
		jsonw_val(&w, "request", v);
	same &= w.failed == 0;
	jsonw_init(&w, &now);
	if ((v = yyjson_obj_get(t->record.root, "request")) != NULL)
		request_write(&t->request, v, &w);
	same &= w.failed == 0 && then.len == now.len &&
	    (now.len == 0 || memcmp(then.data, now.data, now.len) == 0);
	buf_release(&then);
	buf_release(&now);
	return same;
}

/* Is this the record of the task's body? */
static int
note_fits(const struct task *t, const struct buf *line)
{
	yyjson_doc *doc;
	struct record r = { .line = line->data };
	const char *path;
	int fits;

	if (line->len == 0 || line->data[line->len - 1] != '\n' ||
	    (doc = yyjson_read(line->data, line->len, 0)) == NULL)
		return 0;
	r.root = yyjson_doc_get_root(doc);
	path = record_str(&r, "path");
	fits = path != NULL && strcmp(path, t->path) == 0 &&
	    same_question(t, r.root) &&
	    body_stands(t, &r);
	yyjson_doc_free(doc);
	return fits;
}

static int
remove_old(const char *path)
{
	return unlink(path) == -1 && errno != ENOENT ? -1 : 0;
}

int
task_again(const struct task *t, struct stream_out *o)
{
	struct buf line;
	int r;

	buf_init(&line, LIMIT_RECORD_BYTES);
	r = buf_file(&line, t->note);
	if (r == -1 && errno == ENOENT)
		r = 0;
	else if (r == 0 && (r = note_fits(t, &line)) == 1)
		send_line(o, &line);
	buf_release(&line);
	/* The note goes first: without it the body is nobody's. */
	if (r == 0 && (remove_old(t->note) == -1 ||
	    remove_old(t->file) == -1 ||
	    (t->page != NULL && remove_old(t->page) == -1)))
		return -1;
	return r;
}
