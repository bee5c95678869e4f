#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/msg.h"
#include "base/path.h"

/* One task while it is thought about. */
struct item {
	const struct term *term;
	const char *campus;
	const struct decl_part *part;
	struct part key;	/* whole: term, campus, endpoint */
	char dataset[64], path[128];	/* "20261/NB", "20261/NB/courses" */
	char label[128];	/* "20261/NB courses" */
};

/* Make the text of the key's first n values. */
static int
join_values(const struct part *key, size_t n, char *out, size_t size)
{
	struct buf b;
	int r;

	buf_init(&b, size - 1);
	if ((r = part_values(key, 0, n, &b)) == 0)
		memcpy(out, b.data, b.len + 1);
	buf_release(&b);
	return r;
}

static int
name_dataset(const struct plan *p, struct item *i)
{
	i->key.n = 0;
	if (part_add(&i->key, p->decl.kinds[0].key[0], i->term->code) == 0 &&
	    part_add(&i->key, p->decl.kinds[0].key[1], i->campus) == 0 &&
	    join_values(&i->key, 2, i->dataset, sizeof(i->dataset)) == 0)
		return 0;
	msg_error_errno("%s: soc.campuses.%s", p->decl.file, i->campus);
	return -1;
}

static int
name_part(const struct plan *p, struct item *i)
{
	i->key.n = 2;
	if (part_add(&i->key, p->decl.part_member, i->part->name) == 0 &&
	    join_values(&i->key, 3, i->path, sizeof(i->path)) == 0) {
		snprintf(i->label, sizeof(i->label), "%s %s", i->dataset,
		    i->path + strlen(i->dataset) + 1);
		return 0;
	}
	msg_error_errno("%s: part.%s", p->decl.file, i->part->name);
	return -1;
}

static int
add_url(const struct plan *p, struct jsonw *w, const struct item *i)
{
	size_t n = strlen(p->base);
	struct buf url;
	int r = -1;

	while (n > 0 && p->base[n - 1] == '/')
		n--;
	buf_init(&url, PATH_BYTES_MAX);
	if (buf_add(&url, p->base, n) == 0 && buf_chr(&url, '/') == 0 &&
	    path_encode(&url, i->part->name) == 0 &&
	    buf_printf(&url, ".json?year=%s&term=%s&campus=", i->term->year,
	    i->term->digit) == 0 && path_encode(&url, i->campus) == 0) {
		jsonw_str(w, "url", url.data);
		r = 0;
	}
	buf_release(&url);
	return r;
}

static void
add_known(struct jsonw *w, const struct ledger_current *c)
{
	jsonw_obj_open(w, "known");
	jsonw_str(w, "run", c->run);
	jsonw_str(w, "snapshot", c->snapshot);
	jsonw_str(w, "sha256", c->sha256);
	jsonw_opt(w, "etag", c->etag);
	jsonw_obj_close(w);
}

static enum exits
write_task(struct plan *p, const struct item *i)
{
	struct ledger_current c;
	struct jsonw w;
	int known = 0;

	if (p->incremental)
		known = past_known(&p->past, i->path,
		    i->part->schema_version, &c);
	if (known == -1)
		return p->past.status;
	stream_record(&p->out, &w, "task");
	jsonw_str(&w, "run", p->run);
	jsonw_str(&w, "source", p->decl.source);
	jsonw_str(&w, "dataset", i->dataset);
	part_write(&i->key, &w, "part");
	if (add_url(p, &w, i) == -1)
		w.failed = errno;
	jsonw_str(&w, "mode", p->incremental ? "incremental" : "full");
	jsonw_str(&w, "format", i->part->format);
	jsonw_str(&w, "schema_version", i->part->schema_version);
	if (known == 1)
		add_known(&w, &c);
	if (stream_put(&p->out, &w) == 0)
		return EXIT_OK;
	msg_error_errno("%s: run, base or code", i->path);
	return EXIT_USAGE;
}

static void
leave_out(struct plan *p, const struct item *i)
{
	struct jsonw *w = eventlog_begin(&p->log, "answered");

	jsonw_str(w, "run", p->run);
	jsonw_str(w, "source", p->decl.source);
	jsonw_str(w, "dataset", i->dataset);
	part_write(&i->key, w, "part");
	jsonw_str(w, "task", i->label);
	eventlog_end(&p->log);
	p->left_out++;
}

/* The parts of one combination, in declared order. */
static enum exits
plan_dataset(struct plan *p, struct item *i)
{
	enum exits status = EXIT_OK;
	size_t k;
	int done = 0;

	for (k = 0; k < p->decl.n_parts && status == EXIT_OK; k++) {
		i->part = &p->decl.parts[k];
		if (name_part(p, i) == -1)
			return EXIT_USAGE;
		if (p->resume)
			done = past_answered(&p->past, p->run,
			    i->path);
		if (done == 0)
			status = write_task(p, i);
		else if (done == 1)
			leave_out(p, i);
		else
			status = p->past.status;
	}
	return status;
}

/* Every combination whose dataset has (1) or lacks (0) an active version. */
static enum exits
plan_all(struct plan *p, int active)
{
	const struct scope *s = &p->scope;
	enum exits status = EXIT_OK;
	struct item i;
	size_t n;
	int r;

	for (n = 0; n < s->n_terms * s->n_campuses; n++) {
		i.term = &s->term[n / s->n_campuses];
		i.campus = s->campus[n % s->n_campuses];
		if (name_dataset(p, &i) == -1)
			return EXIT_USAGE;
		r = p->incremental ? past_active(&p->past, i.dataset) : 0;
		if (r == -1)
			return p->past.status;
		if (r == active)
			status = plan_dataset(p, &i);
		if (status != EXIT_OK)
			return status;
	}
	return EXIT_OK;
}

enum exits
plan_write(struct plan *p)
{
	enum exits status = plan_all(p, 0);

	return status == EXIT_OK && p->incremental ? plan_all(p, 1) : status;
}
