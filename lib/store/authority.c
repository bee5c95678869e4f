#include "store/authority.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "record/finding.h"
#include "store/asked.h"

/* A row of partition_state, or what it will be.  Texts are borrowed. */
struct state {
	int exists, valid;
	const char *run, *snapshot, *sha256, *schema_version;
	const char *fetched_at, *confirmed_at, *etag;
	int64_t size_bytes, stored_bytes, record_count;
	int last_ok;
	const char *last_error, *last_run;
	int64_t attempts;
};

/* One call of authority_judge(). */
struct judging {
	struct db *db;
	struct arena *arena;
	const struct authority_answer *a;
	const char *part_path;	/* owned by the caller */
	const char *part_json;
	struct state s;
	int overtaken;		/* a newer run found what the row says */
};

static const char *
kind_text(enum authority_kind kind)
{
	switch (kind) {
	case AUTHORITY_BODY:
		return "body";
	case AUTHORITY_UNCHANGED:
		return "unchanged";
	case AUTHORITY_SAME_AS:
		return "same_as";
	case AUTHORITY_ERROR:
		return "error";
	}
	return "error";
}

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Bind the texts from parameter 1 on. */
static void
bind_texts(sqlite3_stmt *s, const char *const *texts, int n)
{
	int i;

	for (i = 0; i < n; i++)
		db_bind(s, i + 1, texts[i]);
}

static int
take_text(const struct judging *j, sqlite3_stmt *s, int i, const char **out)
{
	const char *text = db_text(s, i);

	*out = NULL;
	if (text == NULL)
		return 0;
	return (*out = arena_strdup(j->arena, text)) != NULL ? 0 : -1;
}

static int
take_row(struct judging *j, sqlite3_stmt *s)
{
	struct state *st = &j->s;
	const char **texts[] = { &st->run, &st->snapshot, &st->sha256,
	    &st->schema_version, &st->fetched_at, &st->confirmed_at,
	    &st->etag, &st->last_error, &st->last_run };
	int i;

	for (i = 0; i < 9; i++)
		if (take_text(j, s, i, texts[i]) == -1)
			return -1;
	st->exists = 1;
	st->valid = sqlite3_column_int(s, 9);
	st->last_ok = sqlite3_column_int(s, 10);
	st->size_bytes = sqlite3_column_int64(s, 11);
	st->stored_bytes = sqlite3_column_int64(s, 12);
	st->record_count = sqlite3_column_int64(s, 13);
	st->attempts = sqlite3_column_int64(s, 14);
	return 0;
}

/* Read the row of the answer's partition, if there is one. */
static int
load(struct judging *j)
{
	const char *key[] = { j->a->source, j->part_path };
	sqlite3_stmt *s = db_prepare(j->db, "SELECT run, snapshot, sha256, "
	    "schema_version, fetched_at, confirmed_at, etag, last_error, "
	    "last_attempt_run, status = 'valid', last_attempt = 'ok', "
	    "ifnull(size_bytes, -1), ifnull(stored_bytes, -1), "
	    "ifnull(record_count, -1), attempts FROM partition_state "
	    "WHERE source = ? AND part_path = ?");
	int r;

	if (s == NULL)
		return -1;
	memset(&j->s, 0, sizeof(j->s));
	bind_texts(s, key, 2);
	r = db_step(j->db, s);
	if (r == 1)
		r = take_row(j, s) == 0 ? 0 :
		    db_fail_errno(j->db, j->part_path);
	sqlite3_finalize(s);
	return r;
}

/*
 * Has a newer run found the content that is authoritative?  The row names
 * the run that sealed it, not those that confirmed it since.
 */
static int
look_for_newer(struct judging *j)
{
	const char *key[] = { j->a->source, j->part_path, j->a->run,
	    j->s.sha256 };
	sqlite3_stmt *s = db_prepare(j->db, "SELECT 1 FROM attempts "
	    "WHERE source = ? AND part_path = ? AND run > ? "
	    "AND outcome = 'ok' AND sha256 = ? LIMIT 1");
	int r;

	if (s == NULL)
		return -1;
	bind_texts(s, key, 4);
	r = db_step(j->db, s);
	sqlite3_finalize(s);
	j->overtaken = r == 1;
	return r == -1 ? -1 : 0;
}

/*
 * An answer of the content that is authoritative.  A record verified again
 * later must not turn time back.
 */
static void
confirm(struct state *s, const struct authority_answer *a)
{
	if (s->confirmed_at != NULL && strcmp(a->at, s->confirmed_at) < 0)
		return;
	s->confirmed_at = a->at;
	/* A 304 need not repeat the ETag that it answers to. */
	if (a->etag != NULL || a->kind != AUTHORITY_UNCHANGED)
		s->etag = a->etag;
}

/* The answer's partition becomes the authoritative one. */
static void
promote(struct state *s, const struct authority_answer *a)
{
	if (!s->valid || !same(s->sha256, a->sha256))
		s->confirmed_at = NULL;
	s->exists = s->valid = 1;
	s->run = a->run;
	s->snapshot = a->snapshot;
	s->sha256 = a->sha256;
	s->schema_version = a->schema_version;
	s->fetched_at = a->fetched_at;
	s->size_bytes = a->size_bytes;
	s->stored_bytes = a->stored_bytes;
	s->record_count = a->record_count;
	confirm(s, a);
}

/* Nothing is authoritative. */
static void
invalidate(struct state *s)
{
	*s = (struct state){ .exists = 1, .size_bytes = -1,
	    .stored_bytes = -1, .record_count = -1, .last_ok = s->last_ok,
	    .last_error = s->last_error, .last_run = s->last_run,
	    .attempts = s->attempts };
}

/* What a sealed partition of the answer's own run does. */
static void
apply_body(struct judging *j)
{
	const struct authority_answer *a = j->a;
	struct state *s = &j->s;

	if (a->code != NULL) {
		if (!a->misquoted &&
		    (!s->exists || (s->valid && same(s->run, a->run))))
			invalidate(s);
	} else if (!s->valid || (strcmp(a->run, s->run) >= 0 &&
	    (!j->overtaken || same(a->sha256, s->sha256)))) {
		promote(s, a);
	} else if (same(a->sha256, s->sha256)) {
		confirm(s, a);
	}
}

/* Apply the answer; returns its code, which may only turn out here. */
static const char *
apply(struct judging *j)
{
	const struct authority_answer *a = j->a;
	struct state *s = &j->s;

	switch (a->kind) {
	case AUTHORITY_BODY:
		apply_body(j);
		break;
	case AUTHORITY_UNCHANGED:
	case AUTHORITY_SAME_AS:
		if (a->code != NULL)
			break;
		if (!s->valid || !same(a->sha256, s->sha256))
			return finding_code_text(FINDING_HASH_MISMATCH);
		confirm(s, a);
		break;
	case AUTHORITY_ERROR:
		break;
	}
	return a->code;
}

/* Insert the attempt.  1 if it is a new one, 0 if it was there, or -1. */
static int
add_attempt(const struct judging *j, const char *code)
{
	const struct authority_answer *a = j->a;
	const char *texts[] = { a->source, j->part_path, a->run, a->at,
	    kind_text(a->kind), code == NULL ? "ok" : "failed", code,
	    a->sha256, a->etag, a->snapshot, a->id };
	sqlite3_stmt *s = db_prepare(j->db, "INSERT INTO attempts (source, "
	    "part_path, run, at, kind, outcome, code, sha256, etag, "
	    "snapshot, answer, size_bytes, record_count) VALUES (?, ?, ?, "
	    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (answer, outcome) DO NOTHING");
	int r;

	if (s == NULL)
		return -1;
	bind_texts(s, texts, 11);
	db_bind_count(s, 12, a->size_bytes);
	db_bind_count(s, 13, a->record_count);
	r = db_run(j->db, s);
	sqlite3_finalize(s);
	return r == -1 ? -1 : sqlite3_changes(j->db->h);
}

/* Count it.  Older ones may have been pruned since they were counted. */
static int
count_attempts(struct judging *j, int added)
{
	const char *key[] = { j->a->source, j->part_path };
	sqlite3_stmt *s;
	int r;

	j->s.attempts += added;
	if (j->s.attempts > added)
		return 0;
	s = db_prepare(j->db, "SELECT count(*) FROM attempts "
	    "WHERE source = ? AND part_path = ?");
	if (s == NULL)
		return -1;
	bind_texts(s, key, 2);
	if ((r = db_step(j->db, s)) == 1)
		j->s.attempts = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return r == 1 ? 0 : -1;
}

/*
 * The row moves only if something differs, and gets a new seq only if what
 * is authoritative does: that is what consumers wait for.
 */
static const char upsert[] =
"INSERT INTO partition_state AS p (source, part_path, dataset, "
"part, status, run, snapshot, sha256, schema_version, "
"fetched_at, confirmed_at, etag, last_attempt, last_error, "
"last_attempt_run, updated_at, size_bytes, stored_bytes, "
"record_count, attempts, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
"(SELECT ifnull(max(seq), 0) + 1 FROM partition_state)) "
"ON CONFLICT (source, part_path) DO UPDATE SET "
"status = excluded.status, run = excluded.run, "
"snapshot = excluded.snapshot, sha256 = excluded.sha256, "
"schema_version = excluded.schema_version, "
"fetched_at = excluded.fetched_at, "
"confirmed_at = excluded.confirmed_at, etag = excluded.etag, "
"last_attempt = excluded.last_attempt, "
"last_error = excluded.last_error, "
"last_attempt_run = excluded.last_attempt_run, "
"updated_at = excluded.updated_at, "
"size_bytes = excluded.size_bytes, "
"stored_bytes = excluded.stored_bytes, "
"record_count = excluded.record_count, "
"attempts = excluded.attempts, "
"seq = CASE WHEN (p.status, p.run, p.snapshot, p.sha256, "
"p.schema_version) IS (excluded.status, excluded.run, excluded.snapshot, "
"excluded.sha256, excluded.schema_version) THEN p.seq "
"ELSE excluded.seq END "
"WHERE (p.status, p.run, p.snapshot, p.sha256, "
"p.schema_version, p.fetched_at, p.confirmed_at, p.etag, "
"p.last_attempt, p.last_error, p.last_attempt_run, p.attempts) "
"IS NOT (excluded.status, excluded.run, excluded.snapshot, "
"excluded.sha256, excluded.schema_version, excluded.fetched_at, "
"excluded.confirmed_at, excluded.etag, excluded.last_attempt, "
"excluded.last_error, excluded.last_attempt_run, "
"excluded.attempts)";

static int
save(const struct judging *j)
{
	const struct state *st = &j->s;
	const struct authority_answer *a = j->a;
	const char *texts[] = { a->source, j->part_path, a->dataset,
	    j->part_json, st->valid ? "valid" : "invalid", st->run,
	    st->snapshot, st->sha256, st->schema_version, st->fetched_at,
	    st->confirmed_at, st->etag, st->last_ok ? "ok" : "failed",
	    st->last_error, st->last_run, a->now };
	sqlite3_stmt *s = db_prepare(j->db, upsert);
	int r;

	if (s == NULL)
		return -1;
	bind_texts(s, texts, 16);
	db_bind_count(s, 17, st->size_bytes);
	db_bind_count(s, 18, st->stored_bytes);
	db_bind_count(s, 19, st->record_count);
	sqlite3_bind_int64(s, 20, st->attempts);
	r = db_run(j->db, s);
	sqlite3_finalize(s);
	return r;
}

/*
 * Keep what the last attempt was, if this is it: 1, else 0.  An answer
 * counted before is the last one again only if its partition is the
 * authoritative one, looked at anew.
 */
static int
note_last(struct state *s, const struct authority_answer *a, int counted,
    const char *code)
{
	if (s->last_run != NULL && strcmp(a->run, s->last_run) < 0)
		return 0;
	if (!counted && s->last_run != NULL &&
	    !(a->kind == AUTHORITY_BODY && same(a->run, s->run)))
		return 0;
	s->last_run = a->run;
	s->last_ok = code == NULL;
	s->last_error = code;
	return 1;
}

/* Keep the question, and how often it was in vain. */
static int
note_asked(const struct judging *j, int counted, int last, const char *code)
{
	const struct authority_answer *a = j->a;
	const struct asked_answer asked = { a->source, j->part_path,
	    a->dataset, j->part_json, a->task, a->run, a->at, code, counted,
	    last, !j->s.exists };

	return asked_note(j->db, &asked);
}

/* Within the transaction. */
static int
judge(struct judging *j, struct authority_verdict *v)
{
	int added, last;

	if (load(j) == -1 || look_for_newer(j) == -1)
		return -1;
	v->code = apply(j);
	if ((added = add_attempt(j, v->code)) == -1)
		return -1;
	v->counted = added;
	v->current = j->s.valid ? j->s.run : NULL;
	if (!j->s.exists)
		return note_asked(j, added, -1, v->code);
	last = note_last(&j->s, j->a, added, v->code);
	if (count_attempts(j, added) == -1 || save(j) == -1)
		return -1;
	return note_asked(j, added, last, v->code);
}

/* The texts of the key, then the transaction. */
static int
judge_named(struct judging *j, struct authority_verdict *v,
    struct buf *path, struct buf *json)
{
	const struct part *part = j->a->part;

	if (part_values(part, 0, part->n, path) == -1 ||
	    part_json(part, json) == -1)
		return db_fail_errno(j->db, j->a->source);
	j->part_path = path->data;
	j->part_json = json->data;
	if (db_begin(j->db) == -1)
		return -1;
	if (judge(j, v) == 0 && db_commit(j->db) == 0)
		return 0;
	db_rollback(j->db);
	return -1;
}

int
authority_judge(struct db *db, const struct authority_answer *answer,
    struct arena *arena, struct authority_verdict *v)
{
	struct judging j = { .db = db, .arena = arena, .a = answer };
	struct buf path, json;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	buf_init(&json, PATH_BYTES_MAX);
	r = judge_named(&j, v, &path, &json);
	buf_release(&path);
	buf_release(&json);
	return r;
}
