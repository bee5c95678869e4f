/*
 * staged.h -- payloads into a staging database, for tests of the map.
 */
#ifndef STAGED_H
#define STAGED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/load.h"
#include "tap.h"
#include "tmpdir.h"
#include "tools.h"

struct staged {
	const struct decl *decl;
	struct staging staging;
	struct map map;
	struct payload_facts facts;
};

static inline void
staged_die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(99);
}

static inline void
staged_decl(struct decl *d, const char *file)
{
	struct buf why;

	tools_in_path();
	buf_init(&why, 8192);
	if (decl_load(d, file, &why) == -1)
		staged_die(file, why.data);
	buf_release(&why);
}

static inline void
staged_open(struct staged *g, const struct decl *d, const char *dataset,
    const char *path)
{
	struct part key;

	g->decl = d;
	if (decl_dataset(d, dataset, &key) == -1)
		staged_die(dataset, "no dataset");
	if (staging_open(&g->staging, d, &key, path) == -1)
		staged_die(path, staging_message(&g->staging));
	if (map_init(&g->map, &g->staging) == -1)
		staged_die(path, "no memory");
}

/* Load a file, gzip or plain, as a part.  Returns load_payload()'s 0/-1. */
static inline int
staged_file(struct staged *g, const char *part, const char *file)
{
	size_t n = strlen(file);
	int gz = n > 3 && strcmp(file + n - 3, ".gz") == 0, r;
	int fd = open(file, O_RDONLY);

	if (fd == -1)
		staged_die(file, "cannot open");
	r = load_payload(&g->map, part, fd, gz ? PAYLOAD_GZIP :
	    PAYLOAD_PLAIN, &decl_part(g->staging.decl, part)->form, &g->facts);
	close(fd);
	return r;
}

/* Load a text as a part. */
static inline int
staged_text(struct staged *g, const char *part, const char *text)
{
	tmpdir_text("payload.json", text);
	return staged_file(g, part, "payload.json");
}

static inline void
staged_complete(struct staged *g)
{
	if (staging_complete(&g->staging, "run", "2026-11-20T00:00:00.000Z")
	    == -1)
		staged_die("complete", staging_message(&g->staging));
}

static inline void
staged_close(struct staged *g)
{
	map_release(&g->map);
	staging_release(&g->staging);
}

/* Append what a query gives: values joined by '|', one line per row. */
static inline void
staged_query(struct staged *g, const char *sql, struct buf *out)
{
	sqlite3_stmt *s = db_prepare(g->staging.db, sql);
	int i, r;

	if (s == NULL)
		staged_die(sql, db_message(g->staging.db));
	while ((r = db_step(g->staging.db, s)) == 1)
		for (i = 0; i < sqlite3_column_count(s); i++) {
			const char *text = db_text(s, i);

			buf_str(out, text != NULL ? text : "NULL");
			buf_chr(out, i + 1 < sqlite3_column_count(s) ? '|' :
			    '\n');
		}
	if (r == -1)
		staged_die(sql, db_message(g->staging.db));
	sqlite3_finalize(s);
}

#endif
