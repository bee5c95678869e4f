#include "store/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/path.h"
#include "store/pointer.h"
#include "store/storelock.h"

/* The run whose partition the answer is about. */
static const char *
named_run(const struct verify *v, const struct record *r)
{
	return v->answer.kind == AUTHORITY_BODY ? v->answer.run :
	    record_str(r, "same_as");
}

static const char *
read_kind(struct verify *v, const struct record *r)
{
	struct authority_answer *a = &v->answer;

	a->kind = AUTHORITY_BODY;
	if (record_is(r, "unchanged"))
		a->kind = AUTHORITY_UNCHANGED;
	else if (record_is(r, "error"))
		a->kind = AUTHORITY_ERROR;
	else if (record_str(r, "same_as") != NULL)
		a->kind = AUTHORITY_SAME_AS;
	if (a->kind == AUTHORITY_ERROR)
		return (a->code = record_str(r, "code")) != NULL ? NULL :
		    "no code";
	if (a->sha256 == NULL)
		return "no sha256";
	return named_run(v, r) != NULL ? NULL : "no same_as";
}

/* The same record is the same answer. */
static const char *
read_id(struct verify *v, const struct record *r)
{
	struct digest d;

	if (digest_init(&d) == -1)
		return "out of memory";
	digest_add(&d, r->line, r->len);
	digest_finish(&d, v->id);
	v->answer.id = v->id;
	return NULL;
}

/* What was asked: an error has it in the record that it was made from. */
static void
read_task(struct verify *v, const struct record *r)
{
	static const char *const members[] = { "url", "request", "paging",
	    "format", "schema_version" };
	yyjson_val *root = r->root, *value;
	struct jsonw w;
	size_t i;

	while (yyjson_obj_get(root, "url") == NULL &&
	    (value = yyjson_obj_get(root, "of")) != NULL)
		root = value;
	if (!yyjson_is_str(yyjson_obj_get(root, "url")))
		return;
	jsonw_init(&w, &v->task);
	jsonw_obj_open(&w, NULL);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if ((value = yyjson_obj_get(root, members[i])) != NULL)
			jsonw_val(&w, members[i], value);
	jsonw_obj_close(&w);
	if (w.failed == 0)
		v->answer.task = v->task.data;
}

const char *
verify_read(struct verify *v, const struct record *r, const struct unit *u,
    const char *now)
{
	struct authority_answer *a = &v->answer;
	const char *wrong;

	memset(v, 0, sizeof(*v));
	buf_init(&v->snapshot, PATH_BYTES_MAX);
	buf_init(&v->task, LIMIT_RECORD_BYTES);
	read_task(v, r);
	a->source = u->source;
	a->dataset = u->dataset;
	a->run = u->run;
	a->part = &u->part;
	a->now = now;
	if ((a->at = record_str(r, "fetched_at")) == NULL)
		a->at = record_str(r, "failed_at");
	if (a->at == NULL)
		a->at = now;
	a->sha256 = record_str(r, "sha256");
	a->etag = record_str(r, "etag");
	a->size_bytes = a->stored_bytes = a->record_count = -1;
	if ((wrong = read_kind(v, r)) != NULL || a->kind == AUTHORITY_ERROR)
		return wrong != NULL ? wrong : read_id(v, r);
	if (raw_snapshot_id(&u->part, named_run(v, r), &v->snapshot) == -1)
		return "run too long";
	a->snapshot = v->snapshot.data;
	return read_id(v, r);
}

void
verify_release(struct verify *v)
{
	raw_meta_release(&v->meta);
	buf_release(&v->snapshot);
	buf_release(&v->task);
}

static void
found(struct verify *v, enum finding_code code)
{
	v->finding = (struct finding){ .code = code,
	    .severity = FINDING_ERROR, .offset = -1 };
	snprintf(v->finding.text, sizeof(v->finding.text), "%s",
	    finding_explain(code));
}

/* The partition that the answer confirms: there, and as it says? */
static int
check_named(struct verify *v, const char *data, const char *path,
    const char *schema_version)
{
	if (raw_meta_read(&v->meta, data, path) == -1) {
		v->meta.doc = NULL;
		if (errno != ENOENT && errno != EBADMSG)
			return -1;
		found(v, errno == ENOENT ? FINDING_MISSING_FILE :
		    FINDING_BAD_METADATA);
	} else if (!raw_present(data, path)) {
		found(v, FINDING_MISSING_FILE);
	} else if (strcmp(v->meta.schema_version, schema_version) != 0) {
		found(v, FINDING_SCHEMA_MISMATCH);
	}
	return 0;
}

static int
check_own(struct verify *v, const char *data, const struct raw_want *want)
{
	const struct authority_answer *a = &v->answer;
	const struct raw_key key = { a->source, a->run, a->part };

	return raw_check(data, &key, want, &v->meta, &v->finding)
	    == PAYLOAD_FAILED ? -1 : 0;
}

/* Say of the answer what its partition's seal says. */
static void
take_seal(struct verify *v)
{
	struct authority_answer *a = &v->answer;
	const struct raw_meta *m = &v->meta;

	a->size_bytes = m->size_bytes;
	a->stored_bytes = m->stored_bytes;
	a->record_count = m->record_count;
	a->schema_version = m->schema_version;
	a->fetched_at = m->fetched_at;
}

int
verify_check(struct verify *v, const char *data, const struct record *r,
    const struct raw_want *want)
{
	struct authority_answer *a = &v->answer;
	const char *said = record_str(r, "path");
	struct buf path;
	int done = -1;

	if (a->kind == AUTHORITY_ERROR)
		return 0;
	buf_init(&path, PATH_BYTES_MAX);
	if (raw_path(a->source, a->part, named_run(v, r), &path) == 0)
		done = a->kind == AUTHORITY_BODY ?
		    check_own(v, data, want) :
		    check_named(v, data, path.data, want->schema_version);
	if (done == 0 && v->finding.code == FINDING_NONE) {
		if (said != NULL && strcmp(said, path.data) != 0)
			found(v, FINDING_KEY_MISMATCH);
		else if (strcmp(a->sha256, v->meta.sha256) != 0)
			found(v, FINDING_HASH_MISMATCH);
		a->misquoted = v->finding.code != FINDING_NONE;
	}
	if (v->finding.code != FINDING_NONE)
		a->code = finding_code_text(v->finding.code);
	if (v->meta.doc != NULL)
		take_seal(v);
	buf_release(&path);
	return done;
}

int
verify_commit(struct verify *v, const char *data, struct db *ledger,
    const struct unit *u, struct arena *a)
{
	struct lock l;
	int r;

	if (storelock_take(&l, data, "ptr", ledger) == -1)
		return -1;
	r = authority_judge(ledger, &v->answer, a, &v->verdict);
	if (r == 0 && v->answer.kind != AUTHORITY_ERROR) {
		r = pointer_update(ledger, data, u->source,
		    u->part_path.data);
		v->changed = r == 1;
	}
	lock_release(&l);
	return r == -1 ? -1 : 0;
}

int
verify_recover(const char *data, struct db *ledger, const char *source)
{
	struct lock l;
	int r;

	if (storelock_take(&l, data, "ptr", ledger) == -1)
		return -1;
	r = pointer_update_all(ledger, data, source);
	lock_release(&l);
	return r;
}
