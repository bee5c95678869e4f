#include "store/snapshot_publish.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/path.h"
#include "record/jsonw.h"
#include "store/snapshot_meta.h"

/* --- may it be published? ----------------------------------------------- */

static int
check_file(const char *folder, yyjson_val *file, struct snapshot_error *e)
{
	const char *name = yyjson_get_str(yyjson_obj_get(file, "name"));
	const char *want = yyjson_get_str(yyjson_obj_get(file, "sha256"));
	char got[DIGEST_TEXT];
	struct buf path;
	int64_t bytes;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	if (name == NULL || want == NULL)
		snapshot_fail(e, EXIT_DATA, "%s/metadata.json: a file "
		    "without name or sha256", folder);
	else if (buf_printf(&path, "%s/%s.sqlite", folder, name) == -1 ||
	    snapshot_file_sha256(path.data, got, &bytes) == -1)
		snapshot_fail_errno(e, path.data != NULL ? path.data :
		    folder);
	else if (strcmp(got, want) != 0)
		snapshot_fail(e, EXIT_DATA, "%s: not what its metadata.json "
		    "says: build it again", path.data);
	else
		r = 0;
	buf_release(&path);
	return r;
}

static int
check_meta(const struct snapshot_publish *p, const char *folder,
    const char *id, const struct snapshot_meta *m, struct snapshot_error *e)
{
	yyjson_val *file;
	size_t i, max;

	if (strcmp(m->id, id) != 0)
		return snapshot_fail(e, EXIT_DATA, "%s: its metadata.json is "
		    "that of %s", folder, m->id);
	if (strcmp(m->source, p->source) != 0)
		return snapshot_fail(e, EXIT_REFUSED, "%s: a snapshot of "
		    "%s, not of %s", folder, m->source, p->source);
	if (m->partial && !p->allow_partial)
		return snapshot_fail(e, EXIT_REFUSED, "%s: partial: made of "
		    "some datasets only", folder);
	if (!m->validated && !p->allow_partial)
		return snapshot_fail(e, EXIT_REFUSED, "%s: was not "
		    "validated", folder);
	yyjson_arr_foreach(m->files, i, max, file)
		if (check_file(folder, file, e) == -1)
			return -1;
	return 0;
}

static int
check_snapshot(const struct snapshot_publish *p, const char *id,
    struct snapshot_error *e)
{
	struct snapshot_meta m;
	struct buf folder, why;
	int r;

	buf_init(&folder, PATH_BYTES_MAX);
	buf_init(&why, 8192);
	if (!snapshot_is_id(id))
		r = snapshot_fail(e, EXIT_USAGE, "%s: no id of a snapshot",
		    id);
	else if (buf_printf(&folder, "%s/%s", p->root, id) == -1)
		r = snapshot_fail_errno(e, p->root);
	else if (access(folder.data, F_OK) == -1)
		r = snapshot_fail(e, EXIT_NOINPUT, "%s: no such snapshot",
		    folder.data);
	else if (snapshot_meta_read(&m, folder.data, &why) == -1)
		r = snapshot_fail(e, errno == ENOENT ? EXIT_REFUSED :
		    EXIT_DATA, "%s", why.data);
	else {
		r = check_meta(p, folder.data, id, &m, e);
		snapshot_meta_release(&m);
	}
	buf_release(&folder);
	buf_release(&why);
	return r;
}

/* Readers follow one link: it is of one source, whatever becomes of it. */
static int
check_current(const struct snapshot_publish *p, const char *current,
    struct snapshot_error *e)
{
	struct snapshot_meta m;
	struct buf folder, why;
	int r = 0;

	if (current[0] == '\0')
		return 0;
	buf_init(&folder, PATH_BYTES_MAX);
	buf_init(&why, 8192);
	buf_printf(&folder, "%s/%s", p->root, current);
	if (snapshot_meta_read(&m, folder.data, &why) == 0) {
		if (strcmp(m.source, p->source) != 0)
			r = snapshot_fail(e, EXIT_REFUSED, "%s: holds the "
			    "snapshots of %s; give another --root", p->root,
			    m.source);
		snapshot_meta_release(&m);
	}
	buf_release(&folder);
	buf_release(&why);
	return r;
}

/* --- links -------------------------------------------------------------- */

/* Let ROOT/NAME point at id, in one step. */
static int
set_link(const char *root, const char *name, const char *id,
    struct snapshot_error *e)
{
	struct buf link, tmp;
	int r = -1;

	buf_init(&link, PATH_BYTES_MAX);
	buf_init(&tmp, PATH_BYTES_MAX);
	if (buf_printf(&link, "%s/%s", root, name) == -1 ||
	    buf_printf(&tmp, "%s/.%s.tmp", root, name) == -1)
		snapshot_fail_errno(e, root);
	else if ((unlink(tmp.data) == -1 && errno != ENOENT) ||
	    symlink(id, tmp.data) == -1 ||
	    rename(tmp.data, link.data) == -1 ||
	    path_sync_parent(link.data) == -1)
		snapshot_fail_errno(e, link.data);
	else
		r = 0;
	buf_release(&link);
	buf_release(&tmp);
	return r;
}

static int
read_link(const char *root, const char *name, char id[SNAPSHOT_ID_BYTES],
    struct snapshot_error *e)
{
	int r = snapshot_link(root, name, id);

	if (r == -1)
		return snapshot_fail(e, EXIT_DATA, "%s/%s: no link to a "
		    "snapshot beside it", root, name);
	return r;
}

static int
swap(const struct snapshot_publish *p, const char *id, const char *before,
    struct snapshot_error *e)
{
	if (strcmp(id, before) == 0)
		return PUBLISHED_SAME;
	if (before[0] != '\0' &&
	    set_link(p->root, "previous", before, e) == -1)
		return -1;
	return set_link(p->root, "current", id, e) == -1 ? -1 : PUBLISHED;
}

int
snapshot_publish(const struct snapshot_publish *p, const char *id,
    char before[SNAPSHOT_ID_BYTES], struct snapshot_error *e)
{
	before[0] = '\0';
	if (check_snapshot(p, id, e) == -1 ||
	    read_link(p->root, "current", before, e) == -1 ||
	    check_current(p, before, e) == -1)
		return -1;
	return swap(p, id, before, e);
}

int
snapshot_rollback(const struct snapshot_publish *p,
    char id[SNAPSHOT_ID_BYTES], char before[SNAPSHOT_ID_BYTES],
    struct snapshot_error *e)
{
	int r = read_link(p->root, "previous", id, e);

	before[0] = '\0';
	if (r == 0)
		return snapshot_fail(e, EXIT_NOINPUT, "%s: there is no "
		    "previous snapshot", p->root);
	return r == -1 ? -1 : snapshot_publish(p, id, before, e);
}

/* --- verified.json ------------------------------------------------------ */

/*
 * When the content of a version's input was confirmed last, as
 * ready_input has it; of a dataset the part where that is longest ago.
 */
static const char confirmed_sql[] =
"SELECT min(at), count(*) = count(at) FROM (SELECT nullif(max("
"	ifnull(i.fetched_at, ''), ifnull((SELECT max(a.at)"
"	FROM ledger.attempts a WHERE a.source = ?1"
"	AND a.part_path = i.dataset || '/' || i.part AND a.outcome = 'ok'"
"	AND (a.sha256 = i.sha256 OR a.run > v.run"
"	AND a.run <= v.last_verified_run)), '')), '') AS at"
"	FROM main.version_inputs i JOIN main.dataset_versions v"
"	ON v.dataset = i.dataset AND v.version_id = i.version_id"
"	WHERE i.dataset = ?2 AND i.version_id = ?3)";

/* When the source gave a valid answer last, whatever it was about. */
static const char answered_sql[] =
"SELECT max(at) FROM ledger.attempts WHERE source = ?1 AND outcome = 'ok'";

struct verifying {
	struct db *db;
	const struct decl *d;
	const struct decl_snapshot *s;
	const struct snapshot_meta *m;
	struct jsonw w;
	char at[CLOCK_TEXT];		/* the earliest so far, or "" */
	int unknown;
};

static int
put_dataset(struct verifying *v, sqlite3_stmt *s, yyjson_val *dataset)
{
	const char *label = yyjson_get_str(yyjson_obj_get(dataset,
	    "dataset"));
	const char *version = yyjson_get_str(yyjson_obj_get(dataset,
	    "version"));
	const char *at;

	if (label == NULL || version == NULL)
		return 0;
	db_bind(s, 1, v->d->source);
	db_bind(s, 2, label);
	db_bind(s, 3, version);
	if (db_step(v->db, s) != 1)
		return -1;
	at = sqlite3_column_int(s, 1) ? db_text(s, 0) : NULL;
	jsonw_obj_open(&v->w, NULL);
	jsonw_str(&v->w, "dataset", label);
	jsonw_opt(&v->w, "verified_at", at);
	jsonw_obj_close(&v->w);
	if (at == NULL)
		v->unknown = 1;
	else if (v->at[0] == '\0' || strcmp(at, v->at) < 0)
		snprintf(v->at, sizeof(v->at), "%s", at);
	sqlite3_reset(s);
	return 0;
}

static int
put_datasets(struct verifying *v)
{
	sqlite3_stmt *s = db_prepare(v->db, confirmed_sql);
	yyjson_val *dataset;
	size_t i, max;
	int r = s == NULL ? -1 : 0;

	yyjson_arr_foreach(v->m->datasets, i, max, dataset)
		if (r == 0)
			r = put_dataset(v, s, dataset);
	sqlite3_finalize(s);
	return r;
}

/* Items are not asked for again each time: the source is. */
static int
find_answer(struct verifying *v)
{
	sqlite3_stmt *s = db_prepare(v->db, answered_sql);
	int r = s == NULL ? -1 : 0;

	if (r == 0) {
		db_bind(s, 1, v->d->source);
		r = db_step(v->db, s) == 1 ? 0 : -1;
		if (r == 0 && db_text(s, 0) != NULL)
			snprintf(v->at, sizeof(v->at), "%s", db_text(s, 0));
	}
	sqlite3_finalize(s);
	return r;
}

/* Read the two databases that know. */
static int
ask(struct verifying *v, const char *data, struct snapshot_error *e)
{
	struct buf path;
	struct db db;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	buf_printf(&path, "%s/%s.sqlite", data, v->d->source);
	v->db = &db;
	if ((r = db_open(&db, path.data, DB_READ)) == 0) {
		buf_clear(&path);
		buf_printf(&path, "%s/ledger.sqlite", data);
		r = db_attach(&db, path.data, "ledger", DB_READ);
	}
	if (r == 0)
		r = v->s->take_promoted ? find_answer(v) : put_datasets(v);
	if (r == -1)
		snapshot_fail(e, db_status(&db), "%s", db_message(&db));
	db_close(&db);
	buf_release(&path);
	return r;
}

static int
write_file(const char *root, const struct buf *text,
    struct snapshot_error *e)
{
	struct outfile o;
	struct buf path;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/verified.json", root) == 0 &&
	    outfile_open(&o, path.data, OUTFILE_REPLACE) == 0) {
		fwrite(text->data, 1, text->len, o.fp);
		r = outfile_commit(&o);
	}
	if (r == -1)
		snapshot_fail_errno(e, root);
	buf_release(&path);
	return r;
}

static int
verify(struct verifying *v, const char *root, const char *data,
    struct snapshot_error *e)
{
	struct buf list, text;
	struct jsonw w;
	int r;

	buf_init(&list, SNAPSHOT_META_BYTES);
	buf_init(&text, SNAPSHOT_META_BYTES);
	jsonw_init(&v->w, &list);
	jsonw_arr_open(&v->w, NULL);
	r = ask(v, data, e);
	jsonw_arr_close(&v->w);
	jsonw_init(&w, &text);
	jsonw_obj_open(&w, NULL);
	jsonw_str(&w, "snapshot", v->m->id);
	if (v->unknown)
		v->at[0] = '\0';
	jsonw_opt(&w, "verified_at", v->at[0] != '\0' ? v->at : NULL);
	if (!v->s->take_promoted)
		jsonw_raw(&w, "datasets", list.data, list.len);
	if (r == 0 && (v->w.failed != 0 || jsonw_end(&w) == -1))
		r = snapshot_fail_errno(e, root);
	if (r == 0)
		r = write_file(root, &text, e);
	buf_release(&list);
	buf_release(&text);
	return r;
}

int
snapshot_verified(const char *root, const char *data, const struct decl *d,
    const struct decl_snapshot *s, char at[CLOCK_TEXT],
    struct snapshot_error *e)
{
	char id[SNAPSHOT_ID_BYTES];
	struct snapshot_meta m;
	struct verifying v = { .d = d, .s = s, .m = &m };
	struct buf folder, why;
	int r = read_link(root, "current", id, e);

	at[0] = '\0';
	if (r == 0)
		return snapshot_fail(e, EXIT_NOINPUT, "%s: there is no "
		    "current snapshot", root);
	if (r == -1)
		return -1;
	buf_init(&folder, PATH_BYTES_MAX);
	buf_init(&why, 8192);
	buf_printf(&folder, "%s/%s", root, id);
	if (snapshot_meta_read(&m, folder.data, &why) == -1) {
		r = snapshot_fail(e, EXIT_DATA, "%s", why.data);
	} else {
		r = verify(&v, root, data, e);
		memcpy(at, v.at, CLOCK_TEXT);
		snapshot_meta_release(&m);
	}
	buf_release(&folder);
	buf_release(&why);
	return r;
}

int
snapshot_verified_read(const char *root, char id[SNAPSHOT_ID_BYTES],
    char at[CLOCK_TEXT])
{
	const char *of = NULL, *when;
	yyjson_doc *doc = NULL;
	struct buf path, text;
	int r = -1;

	buf_init(&path, PATH_BYTES_MAX);
	buf_init(&text, SNAPSHOT_META_BYTES);
	if (buf_printf(&path, "%s/verified.json", root) == 0 &&
	    buf_file(&text, path.data) == 0) {
		doc = yyjson_read(text.data, text.len, 0);
		of = yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc),
		    "snapshot"));
		errno = EINVAL;
	} else if (errno == ENOENT) {
		r = 0;
	}
	if (of != NULL && snapshot_is_id(of)) {
		when = yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(doc),
		    "verified_at"));
		snprintf(id, SNAPSHOT_ID_BYTES, "%s", of);
		snprintf(at, CLOCK_TEXT, "%s", when != NULL ? when : "");
		r = 1;
	}
	yyjson_doc_free(doc);
	buf_release(&path);
	buf_release(&text);
	return r;
}
