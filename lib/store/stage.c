#include "store/stage.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/reshape.h"

void
stage_init(struct stage *st, const struct decl *d, const char *data,
    const struct part *dataset)
{
	memset(st, 0, sizeof(*st));
	st->decl = d;
	st->data = data;
	st->dataset = *dataset;
	arena_init(&st->arena);
	buf_init(&st->message, 8192);
}

void
stage_release(struct stage *st)
{
	arena_release(&st->arena);
	buf_release(&st->message);
}

/* 1 valid, 0 not, -1 with the ledger's message or errno. */
static int
find_input(struct stage *st, struct db *ledger, struct stage_input *in)
{
	struct part key;
	struct buf path;
	int r = -1;

	buf_init(&path, (size_t)LIMIT_PART_MEMBERS *
	    LIMIT_PART_VALUE_BYTES * 3);
	if (decl_part_key(st->decl, &st->dataset, in->part->name, &key) == 0
	    && part_values(&key, 0, key.n, &path) == 0)
		r = ledger_current(ledger, st->decl->source, path.data,
		    &st->arena, &in->current);
	buf_release(&path);
	return r;
}

static enum exits
find_inputs(struct stage *st, struct db *ledger)
{
	const struct decl *d = st->decl;
	size_t i, found = 0;
	int r;

	st->inputs = arena_calloc(&st->arena, d->n_parts,
	    sizeof(*st->inputs));
	if (st->inputs == NULL) {
		buf_printf(&st->message, "%s", strerror(errno));
		return EXIT_OS;
	}
	for (i = 0; i < d->n_parts; i++) {
		st->inputs[i].part = &d->parts[i];
		if ((r = find_input(st, ledger, &st->inputs[i])) == -1) {
			buf_printf(&st->message, "%s", db_message(ledger));
			return db_status(ledger);
		}
		st->inputs[i].present = r;
		found += (size_t)r;
	}
	if (found > 0)
		return EXIT_OK;
	buf_printf(&st->message, "no valid partition");
	return EXIT_NOINPUT;
}

enum exits
stage_inputs(struct stage *st)
{
	enum exits status;
	struct db ledger;

	if (ledger_open(&ledger, st->data, DB_READ) == -1) {
		status = errno == ENOENT ? EXIT_NOINPUT : db_status(&ledger);
		buf_printf(&st->message, "%s", db_message(&ledger));
	} else {
		status = find_inputs(st, &ledger);
	}
	db_close(&ledger);
	return status;
}

/* The ledger vouches for these bytes and no others. */
static int
check(struct staging *s, const struct stage_input *in,
    const struct payload_facts *facts)
{
	const struct ledger_current *c = &in->current;

	if (strcmp(facts->sha256, c->sha256) != 0)
		return staging_fail(s, EXIT_DATA,
		    "%s: not the bytes that were sealed", c->path);
	if (facts->record_count != c->record_count ||
	    facts->size_bytes != c->size_bytes)
		return staging_fail(s, EXIT_DATA,
		    "%s: not the counts that were sealed", c->path);
	return 0;
}

/*
 * Load a payload as it is, checked on the way; or check it, and load what
 * the declared program makes of it.
 */
static int
load_bytes(struct map *m, const struct stage_input *in, int fd)
{
	struct staging *s = m->staging;
	const char *part = in->part->name;
	struct payload_facts facts;
	struct finding f;
	int made, r;

	if (in->part->reshape == NULL)
		return load_payload(m, part, fd, PAYLOAD_GZIP, &facts) == -1
		    ? -1 : check(s, in, &facts);
	switch (payload_each(fd, PAYLOAD_GZIP, NULL, NULL, &facts, &f)) {
	case PAYLOAD_OK:
		break;
	case PAYLOAD_FAILED:
		return staging_fail_errno(s, part);
	default:
		return staging_fail(s, EXIT_DATA, "%s: %s", part, f.text);
	}
	if (check(s, in, &facts) == -1 ||
	    (made = reshape(s, part, in->part->reshape, fd)) == -1)
		return -1;
	r = load_payload(m, part, made, PAYLOAD_PLAIN, &facts);
	close(made);
	return r;
}

static int
load_input(struct stage *st, struct map *m, const struct stage_input *in)
{
	const struct ledger_current *c = &in->current;
	struct staging *s = m->staging;
	int fd, r;

	if (strcmp(c->schema_version, in->part->schema_version) != 0)
		return staging_fail(s, EXIT_DATA,
		    "%s: schema version %s, declared is %s", c->path,
		    c->schema_version, in->part->schema_version);
	if ((fd = raw_open(st->data, c->path)) == -1)
		return staging_fail_errno(s, c->path);
	r = load_bytes(m, in, fd);
	close(fd);
	if (r == -1)
		return -1;
	st->bytes += c->size_bytes;
	return staging_add_input(s, &(struct staging_input){
	    .part = in->part->name, .run = c->run, .snapshot = c->snapshot,
	    .sha256 = c->sha256, .schema_version = c->schema_version,
	    .fetched_at = c->fetched_at, .path = c->path,
	    .size_bytes = c->size_bytes, .record_count = c->record_count });
}

int
stage_load(struct stage *st, struct staging *s)
{
	struct map m;
	size_t i;
	int r = 0;

	if (map_init(&m, s) == -1)
		return staging_fail_errno(s, st->decl->file);
	for (i = 0; r == 0 && i < st->decl->n_parts; i++)
		if (st->inputs[i].present)
			r = load_input(st, &m, &st->inputs[i]);
	map_release(&m);
	return r;
}
