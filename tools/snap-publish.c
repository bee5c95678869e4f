/*
 * snap-publish -- let readers have a snapshot.
 *
 * in:   the id of one (what snap-build makes of the present versions)
 * out:  a published record, then end
 * owns: DATA/snapshots/current, previous and verified.json
 *
 * Moving a link is all that readers see.  When it points there already,
 * only verified.json is replaced.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/eventlog.h"
#include "record/stream.h"
#include "store/libraries.h"
#include "store/snapshot_build.h"
#include "store/snapshot_publish.h"

static const char *config, *data = "data", *root, *run;
static int allow_partial, rollback;
static int64_t wait_ms = DB_BUSY_MS;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "run", 'r', OPT_STRING, "run", &run, "the run that it is part of",
	    0, 0, 0 },
	OPT_WAIT(&wait_ms, "30000"),
	{ "root", 0, OPT_STRING, "dir", &root,
	    "where snapshots are (DATA/snapshots)", 0, 0, 0 },
	{ "allow-partial", 0, OPT_FLAG, NULL, &allow_partial,
	    "also one of some datasets, or one that was not validated", 0, 0,
	    0 },
	{ "rollback", 0, OPT_FLAG, NULL, &rollback,
	    "the previous one again", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"let readers have a snapshot", "[snapshot]", 0, 1, opts, libraries
};

struct work {
	struct decl decl;
	struct decl_snapshot rules;
	struct snapshot_publish publish;
	struct snapshot_error error;
	struct eventlog log;
	struct buf root;
	char id[SNAPSHOT_ID_BYTES], before[SNAPSHOT_ID_BYTES];
	char verified[CLOCK_TEXT];
	int same;
};

static void
load(struct work *w)
{
	decl_start(&w->decl, config);
	decl_start_snapshot(&w->decl, &w->rules);
	if (snapshot_root(root, data, &w->rules, &w->root) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
	w->publish = (struct snapshot_publish){ w->root.data,
	    w->decl.source, allow_partial };
}

/* Which one: as given, or what would be built now. */
static int
choose(struct work *w, const char *id)
{
	char *const all[] = { NULL };
	struct snapshot_build b = { data, w->root.data, &w->decl, &w->rules,
	    NULL, all, 0 };

	if (id == NULL)
		return snapshot_build_id(&b, w->id, &w->error);
	if (strlen(id) >= sizeof(w->id))
		return snapshot_fail(&w->error, EXIT_USAGE,
		    "%.80s: no id of a snapshot", id);
	memcpy(w->id, id, strlen(id) + 1);
	return 0;
}

static int
publish(struct work *w, const char *id)
{
	int r = rollback ? snapshot_rollback(&w->publish, w->id, w->before,
	    &w->error) : choose(w, id) == -1 ? -1 :
	    snapshot_publish(&w->publish, w->id, w->before, &w->error);

	w->same = r == PUBLISHED_SAME;
	return r == -1 ? -1 : snapshot_verified(w->root.data, data,
	    &w->decl, &w->rules, w->verified, &w->error);
}

static int
publish_alone(struct work *w, const char *id)
{
	struct lock lock;
	int r;

	if (snapshot_lock(&lock, w->root.data, "snap-publish", wait_ms,
	    &w->error) == -1)
		return -1;
	r = publish(w, id);
	lock_release(&lock);
	return r;
}

static void
put_members(const struct work *w, struct jsonw *j)
{
	jsonw_opt(j, "run", run);
	jsonw_str(j, "source", w->decl.source);
	jsonw_str(j, "snapshot", w->id);
	jsonw_opt(j, "before", w->before[0] != '\0' ? w->before : NULL);
	jsonw_bool(j, "changed", !w->same);
	jsonw_opt(j, "verified_at", w->verified[0] != '\0' ? w->verified :
	    NULL);
}

static void
tell(struct work *w, struct stream_out *out)
{
	struct jsonw *event = eventlog_begin(&w->log, "publish"), j;

	put_members(w, event);
	eventlog_end(&w->log);
	stream_record(out, &j, "published");
	put_members(w, &j);
	stream_put(out, &j);
	msg_note("%s: %s %s%s%s", w->decl.source, w->id,
	    w->same ? "is what readers have" : "is current",
	    w->verified[0] != '\0' ? ", verified " : "", w->verified);
}

int
main(int argc, char *argv[])
{
	struct work w = { .log = { .fd = -1 } };
	enum exits status = EXIT_OK;
	struct stream_out out;
	int i = opt_parse(&tool, argc, argv);

	if (rollback && argv[i] != NULL)
		msg_die(EXIT_USAGE, "--rollback takes no snapshot");
	buf_init(&w.root, PATH_BYTES_MAX);
	snapshot_error_init(&w.error);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	if (eventlog_open(&w.log) == -1)
		msg_die_errno(EXIT_IO, "SLUICE_LOG");
	stream_out_init(&out, STDOUT_FILENO, 0);
	if (w.rules.n_files == 0) {
		msg_note("%s declares no snapshot", w.decl.source);
	} else if (publish_alone(&w, argv[i]) == 0) {
		tell(&w, &out);
	} else {
		status = w.error.status;
		msg_error("%s", w.error.text.data);
	}
	status = stream_finish(&out, status, 0, NULL);
	eventlog_close(&w.log);
	snapshot_error_release(&w.error);
	buf_release(&w.root);
	decl_release(&w.decl);
	return (int)status;
}
