/*
 * changes-cat -- what changed since a version, each version once.
 *
 * in:   --since, where the last reading ended
 * out:  per version, in the order in which they were promoted, a version
 *       record and its change records; then end
 * owns: nothing; reads DATA/diff and DATA/SOURCE.sqlite
 *
 * The database is asked for one version at a time and let go: however
 * slowly the output is read, no writer waits for it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "store/follow.h"
#include "store/libraries.h"

static const char *config, *data = "data", *dataset, *since = "0";

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "dataset", 0, OPT_STRING, "dataset", &dataset,
	    "only this dataset, e.g. 2026/A", 0, 0, 0 },
	{ "since", 0, OPT_STRING, "version", &since,
	    "after this seq, version or instant (0: the beginning)", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"what changed since a version, each version once", NULL, 0, 0,
	opts, libraries
};

/* What one call works on. */
struct work {
	struct decl decl;
	struct canon canon;
	struct arena arena;	/* of the version at hand */
	struct stream_out out;
};

static void
load(struct work *w)
{
	decl_start(&w->decl, config);
	if (dataset != NULL)
		decl_start_dataset(&w->decl, dataset);
}

static enum exits
say(const struct work *w)
{
	msg_error("%s", canon_message(&w->canon));
	return canon_status(&w->canon);
}

/* Every line of fp but the last, which is the end of its own stream. */
static enum exits
copy_changes(struct work *w, FILE *fp, int64_t n)
{
	struct record r = { .type = "change" };
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	for (; n > 0 && !stop_requested() && !stream_failed(&w->out) &&
	    (len = getline(&line, &size, fp)) > 0; n--) {
		r.line = line;
		r.len = (size_t)len - 1;
		stream_copy(&w->out, &r);
	}
	free(line);
	if (n == 0 || stop_requested() || stream_failed(&w->out))
		return EXIT_OK;
	msg_error_errno("change feed");
	return EXIT_IO;
}

static enum exits
put_version(struct work *w, const struct follow_version *v)
{
	enum exits status;
	struct jsonw j;
	FILE *fp;

	if (follow_changes(&w->canon, data, v, &fp) == -1)
		return say(w);
	stream_record(&w->out, &j, "version");
	follow_write(&j, &w->decl, v);
	if (stream_put(&w->out, &j) == -1) {
		msg_error_errno("%s %s", v->label, v->version);
		status = EXIT_DATA;
	} else {
		status = copy_changes(w, fp,
		    v->inserted + v->updated + v->deleted);
	}
	fclose(fp);
	return status;
}

static enum exits
put_all(struct work *w)
{
	enum exits status = EXIT_OK;
	struct follow_version v;
	int64_t known, seq;
	int r = 0;

	if (follow_since(&w->canon, since, dataset, &known) == -1)
		return say(w);
	for (seq = known; status == EXIT_OK && !stream_failed(&w->out) &&
	    (r = follow_next(&w->canon, dataset, known, seq, &w->arena, &v))
	    == 1; seq = v.seq) {
		status = put_version(w, &v);
		arena_clear(&w->arena);
		if (status == EXIT_OK && stop_requested())
			status = EXIT_TEMP;
	}
	return r == -1 ? say(w) : status;
}

int
main(int argc, char *argv[])
{
	struct work w = { 0 };
	enum exits status;

	opt_parse(&tool, argc, argv);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	arena_init(&w.arena);
	stream_out_init(&w.out, STDOUT_FILENO, 1);
	status = canon_open(&w.canon, data, &w.decl, CANON_READ,
	    DB_BUSY_MS) == 0 ? put_all(&w) : say(&w);
	canon_close(&w.canon);
	arena_release(&w.arena);
	decl_release(&w.decl);
	return stream_finish(&w.out, status, 0, NULL);
}
