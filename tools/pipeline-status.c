/*
 * pipeline-status -- how a source stands: stores, runs, readers, servers.
 *
 * in:   nothing
 * out:  a table for people, or one JSON document
 * owns: nothing; reads what is below DATA and leaves no trace
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/sheet.h"
#include "store/libraries.h"
#include "store/snapshot.h"
#include "store/status.h"

static const char *config, *data = "data", *root, *format = "table";

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "root", 0, OPT_STRING, "dir", &root,
	    "where snapshots are (DATA/snapshots)", 0, 0, 0 },
	{ "format", 0, OPT_STRING, "format", &format,
	    "table (default) or json", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"how a source stands: stores, runs, readers, servers", NULL, 0, 0,
	opts, libraries
};

static const struct sheet_column columns[] = {
	{ "what", 0 }, { "which", 0 }, { "how", 0 }, { NULL, 0 }
};

struct work {
	struct decl decl;
	struct decl_snapshot rules;
	struct decl_queues queues;
	struct buf root, text;
};

static void
load(struct work *w)
{
	decl_start(&w->decl, config);
	decl_start_snapshot(&w->decl, &w->rules);
	decl_start_any_queues(&w->decl, &w->queues);
	if (snapshot_root(root, data, &w->rules, &w->root) == -1)
		msg_die_errno(EXIT_USAGE, "%s", data);
}

/* --- the document as a table -------------------------------------------- */

/* "there", "20.8 MB", "due 3", "current", "not current". */
static void
add_member(struct buf *b, const char *name, yyjson_val *v)
{
	int bytes = strcmp(name, "bytes") == 0;
	char number[HUMAN_TEXT];

	buf_str(b, b->len > 0 ? ", " : "");
	if (yyjson_is_bool(v)) {
		buf_printf(b, "%s%s", yyjson_get_bool(v) ? "" : "not ", name);
		return;
	}
	if (!bytes && strcmp(name, "state") != 0 && strcmp(name, "why") != 0)
		buf_printf(b, "%s ", name);
	if (bytes)
		human_bytes(yyjson_get_sint(v), number);
	else
		human_count(yyjson_get_sint(v), number);
	buf_str(b, yyjson_is_str(v) ? yyjson_get_str(v) : number);
}

/* An object is a row: its first member says which, the others how. */
static void
add_row(struct sheet *s, const char *what, yyjson_val *object)
{
	const char *which = NULL;
	yyjson_val *key, *v;
	struct buf how;
	size_t i, max;

	buf_init(&how, 1 << 16);
	yyjson_obj_foreach(object, i, max, key, v)
		if (i == 0)
			which = yyjson_get_str(v);
		else
			add_member(&how, yyjson_get_str(key), v);
	sheet_text(s, what);
	sheet_text(s, which);
	sheet_text(s, how.len > 0 ? how.data : NULL);
	buf_release(&how);
}

static void
add_rows(struct sheet *s, const char *what, yyjson_val *v)
{
	yyjson_val *row;
	size_t i, max;

	if (yyjson_is_obj(v))
		add_row(s, what, v);
	yyjson_arr_foreach(v, i, max, row)
		add_row(s, what, row);
	if (yyjson_is_str(v) || yyjson_is_bool(v)) {
		sheet_text(s, what);
		sheet_text(s, yyjson_is_str(v) ? yyjson_get_str(v) :
		    yyjson_get_bool(v) ? "yes" : "no");
		sheet_text(s, NULL);
	}
}

static int
print_table(const struct buf *text)
{
	yyjson_doc *doc = yyjson_read(text->data, text->len, 0);
	yyjson_val *key, *v;
	struct sheet s;
	size_t i, max;
	int r;

	sheet_init(&s, SHEET_TABLE, "status", columns);
	yyjson_obj_foreach(yyjson_doc_get_root(doc), i, max, key, v)
		add_rows(&s, yyjson_get_str(key), v);
	r = sheet_print(&s, STDOUT_FILENO);
	sheet_release(&s);
	yyjson_doc_free(doc);
	return r;
}

static int
print_json(const struct buf *text)
{
	if (fwrite(text->data, 1, text->len, stdout) != text->len)
		return -1;
	return fflush(stdout) == 0 ? 0 : -1;
}

int
main(int argc, char *argv[])
{
	enum exits status = EXIT_OK;
	struct status_query q;
	struct work w;
	int table, r;

	opt_parse(&tool, argc, argv);
	table = strcmp(format, "table") == 0;
	if (!table && strcmp(format, "json") != 0)
		msg_die(EXIT_USAGE, "--format %s: table or json", format);
	buf_init(&w.root, PATH_BYTES_MAX);
	buf_init(&w.text, STATUS_BYTES);
	load(&w);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	q = (struct status_query){ data, w.root.data, &w.decl, &w.rules,
	    &w.queues, clock_wall_ms() };
	if (status_document(&q, &w.text) == -1)
		msg_die_errno(msg_status(errno), "%s", data);
	if ((r = table ? print_table(&w.text) : print_json(&w.text)) == -1)
		status = EXIT_IO;
	if (r == -1 && errno != EPIPE)
		msg_error_errno("standard output");
	buf_release(&w.root);
	buf_release(&w.text);
	decl_release(&w.decl);
	return (int)status;
}
