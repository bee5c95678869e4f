/*
 * part-plan -- the partitions of ranges of keys, as tasks.
 *
 * in:   members of the key, with values and ranges; what is valid, in the
 *       ledger
 * out:  task records, each for a fetch; then end
 * owns: nothing; reads DATA/ledger.sqlite
 *
 * How each is asked for is declared; store/ask.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/ask.h"
#include "store/libraries.h"
#include "store/span.h"

static const char *config, *data = "data", *run, *mode = "incremental";
static const char *base;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run,
	    "id of the run, from run-new", 1, 0, 0 },
	{ "mode", 0, OPT_STRING, "mode", &mode,
	    "full or incremental (default)", 0, 0, 0 },
	{ "base", 0, OPT_STRING, "url", &base,
	    "in front of declared addresses that begin with / (default $BASE)",
	    0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"the partitions of ranges of keys, as tasks",
	"member=value|first..last ...", 1, -1, opts, libraries
};

/* A member of the key, and the words that it was named in. */
struct choice {
	struct span_member *words;	/* owned */
	size_t n;
};

struct work {
	struct decl decl;
	struct pages pages;
	const struct decl_kind *kind;
	struct choice choices[LIMIT_PART_MEMBERS];
	size_t n_choices;
	struct db ledger;
	struct ask ask;
	struct stream_out out;
};

/* --- tasks ---------------------------------------------------------------- */

static enum exits
put_task(struct work *w, const struct decl_part *p, const struct part *key)
{
	char why[ASK_WHY];
	struct jsonw j;
	int saved;

	stream_record(&w->out, &j, "task");
	if (ask_task(&w->ask, p, key, NULL, &j, why) == 0) {
		if (stream_put(&w->out, &j) == -1)
			msg_die_errno(EXIT_DATA, "%s", p->name);
		return stream_failed(&w->out) ? EXIT_IO : EXIT_OK;
	}
	saved = errno;
	stream_drop(&w->out);
	if (saved == EIO) {
		msg_error("%s", db_message(&w->ledger));
		return db_status(&w->ledger);
	}
	msg_error("%s: part.%s: %s", config, p->name, saved == EINVAL ? why :
	    strerror(saved));
	return saved == EINVAL ? EXIT_USAGE : EXIT_OS;
}

/* A task for each part that the span means of a dataset. */
static enum exits
put_parts(struct work *w, const struct span *s, const struct part *dataset)
{
	const struct span_member *m = span_find(s, w->decl.part_member);
	enum exits status = EXIT_OK;
	const struct decl_part *p;
	struct part key;
	size_t i;

	for (i = 0; i < w->decl.n_parts && status == EXIT_OK; i++) {
		p = &w->decl.parts[i];
		if (p->kind != w->kind ||
		    (m != NULL && !span_has(m, p->name)))
			continue;
		if (decl_part_key(&w->decl, dataset, p->name, &key) == -1)
			msg_die_errno(EXIT_USAGE, "%s", p->name);
		status = put_task(w, p, &key);
	}
	return status;
}

/* All combinations of the span's ranges. */
static enum exits
put_span(struct work *w, const struct span *s)
{
	struct part dataset = { .n = 0 };
	enum exits status = EXIT_OK;
	int64_t i, n = span_size(s);
	size_t j;

	for (j = 0; j < w->kind->n_key; j++)
		part_add(&dataset, w->kind->key[j], "?");
	for (i = 0; i < n && status == EXIT_OK; i++) {
		span_put(s, i, &dataset);
		status = stop_requested() ? EXIT_TEMP :
		    put_parts(w, s, &dataset);
	}
	return status;
}

/* All combinations of one word for each member. */
static enum exits
put_all(struct work *w)
{
	enum exits status = EXIT_OK;
	size_t i, j, k, n = 1;

	for (j = 0; j < w->n_choices; j++)
		n *= w->choices[j].n;
	for (i = 0; i < n && status == EXIT_OK; i++) {
		struct span s = { .n = w->n_choices };

		for (j = w->n_choices, k = i; j-- > 0;) {
			s.m[j] = w->choices[j].words[k % w->choices[j].n];
			k /= w->choices[j].n;
		}
		status = put_span(w, &s);
	}
	return status;
}

/* --- the command line ------------------------------------------------------ */

/* Have a and b a value in common? */
static int
overlap(const struct span_member *a, const struct span_member *b)
{
	if (!a->is_range)
		return span_has(b, a->value);
	if (!b->is_range)
		return span_has(a, b->value);
	return a->is_date == b->is_date && a->first <= b->last &&
	    b->first <= a->last;
}

static struct choice *
choice_of(struct work *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->n_choices; i++)
		if (strcmp(w->choices[i].words[0].name, name) == 0)
			return &w->choices[i];
	if (i == LIMIT_PART_MEMBERS)
		msg_die(EXIT_USAGE, "%s: more members than a key has", name);
	w->n_choices++;
	return &w->choices[i];
}

static void
read_word(struct work *w, const char *word)
{
	struct span s = { .n = 0 };
	struct span_member *words;
	struct choice *c;
	size_t i;

	if (span_add(&s, word) == -1)
		msg_die(EXIT_USAGE, "%s: not member=value, nor a range like "
		    "day=2026-11-01..2026-11-30", word);
	if (strcmp(s.m[0].name, w->decl.part_member) == 0 &&
	    (s.m[0].is_range || decl_part(&w->decl, s.m[0].value) == NULL))
		msg_die(EXIT_USAGE, "%s: no such part is declared", word);
	c = choice_of(w, s.m[0].name);
	for (i = 0; i < c->n; i++)
		if (overlap(&c->words[i], &s.m[0]))
			msg_die(EXIT_USAGE, "%s: named twice", word);
	words = realloc(c->words, (c->n + 1) * sizeof(*words));
	if (words == NULL)
		msg_die_errno(EXIT_OS, "%s", word);
	words[c->n++] = s.m[0];
	c->words = words;
}

static int
is_named(const struct work *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->n_choices; i++)
		if (strcmp(w->choices[i].words[0].name, name) == 0)
			return 1;
	return 0;
}

/* The kind whose key has just the members that are named. */
static const struct decl_kind *
find_kind(const struct work *w)
{
	size_t i, j, n = w->n_choices - (size_t)is_named(w,
	    w->decl.part_member);

	for (i = 0; i < w->decl.n_kinds; i++) {
		for (j = 0; j < w->decl.kinds[i].n_key; j++)
			if (!is_named(w, w->decl.kinds[i].key[j]))
				break;
		if (j == n && j == w->decl.kinds[i].n_key)
			return &w->decl.kinds[i];
	}
	return NULL;
}

static void
load(struct work *w, char *argv[])
{
	struct buf why;

	if (strcmp(mode, "full") != 0 && strcmp(mode, "incremental") != 0)
		msg_die(EXIT_USAGE, "--mode %s: full or incremental", mode);
	buf_init(&why, 8192);
	decl_start(&w->decl, config);
	if (yyjson_obj_get(w->decl.root, "page") != NULL &&
	    decl_pages_read(&w->decl, &w->pages, &why) == -1)
		decl_start_failed(&why);
	buf_release(&why);
	for (; *argv != NULL; argv++)
		read_word(w, *argv);
	if ((w->kind = find_kind(w)) == NULL)
		msg_die(EXIT_USAGE, "name each member of a dataset's key of "
		    "%s, and no other one but %s", w->decl.source,
		    w->decl.part_member);
}

static enum exits
open_ledger(struct work *w)
{
	w->ask = (struct ask){ .run = run, .mode = mode, .data = data,
	    .ledger = &w->ledger, .d = &w->decl, .pages = &w->pages,
	    .base = base };
	if (ledger_open(&w->ledger, data, DB_READ) == 0)
		return EXIT_OK;
	if (errno == ENOENT) {
		w->ask.ledger = NULL;	/* nothing is known */
		return EXIT_OK;
	}
	msg_error("%s", db_message(&w->ledger));
	return db_status(&w->ledger);
}

int
main(int argc, char *argv[])
{
	static struct work w;
	int i = opt_parse(&tool, argc, argv);
	enum exits status;
	size_t j;

	base = decl_start_base(base);
	load(&w, argv + i);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	stream_out_init(&w.out, STDOUT_FILENO, 1);
	if ((status = open_ledger(&w)) == EXIT_OK)
		status = put_all(&w);
	status = stream_finish(&w.out, status, 0, NULL);
	db_close(&w.ledger);
	for (j = 0; j < w.n_choices; j++)
		free(w.choices[j].words);
	decl_release(&w.decl);
	return (int)status;
}
