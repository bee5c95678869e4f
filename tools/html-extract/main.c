/*
 * html-extract -- take from pages what the declaration says is there.
 *
 * in:   verdict or raw records of sealed pages; others are passed on
 * out:  row and item records, and a done record for each page; or its error
 * owns: nothing; reads DATA/raw
 */
#include <errno.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "decl/start.h"
#include "record/stream.h"
#include "record/unit.h"
#include "store/raw.h"
#include "text/html_child.h"
#include "text/html_memory.h"
#include "explain.h"
#include "records.h"

#define MIB ((int64_t)1 << 20)

static const char *config, *data = "data";
static struct explain explain;
static int64_t cpu_s = 10, memory_mib = 1024;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	OPT_DATA(&data),
	{ "cpu", 0, OPT_INTEGER, "s", &cpu_s,
	    "CPU time that one page may take, in seconds (10)", 0, 1, 3600 },
	{ "memory", 0, OPT_INTEGER, "mib", &memory_mib,
	    "memory that reading pages may take, in MiB (1024)", 0, 64,
	    1 << 20 },
	{ "explain", 0, OPT_STRING, "file", &explain.file,
	    "show what is found in this file, and where", 0, 0, 0 },
	{ "page", 0, OPT_STRING, "name", &explain.page,
	    "with --explain: the page that it is", 0, 0, 0 },
	{ "url", 0, OPT_STRING, "url", &explain.url,
	    "with --explain: its address", 0, 0, 0 },
	{ "dataset", 0, OPT_STRING, "key", &explain.dataset,
	    "with --explain: whose it is, as in 2026/A", 0, 0, 0 },
	OPT_END
};

static const char *
libxml(void)
{
	return "libxml2 " LIBXML_DOTTED_VERSION;
}

static const struct opt_tool tool = {
	"take from pages what the declaration says is there", NULL, 0, 0,
	opts, libxml
};

struct extractor {
	struct decl decl;
	struct pages pages;
	struct html *html;
	struct html_child child;
	struct stream_out out;
	enum exits failed;	/* what failed pages ask for, or EXIT_OK */
};

/* --- one page's records ------------------------------------------------------ */

static void
page_failed(struct extractor *x, const struct record *r, enum exits status,
    const char *code, const char *where, const char *text)
{
	struct buf label;

	if (x->failed == EXIT_OK || status == EXIT_DATA)
		x->failed = status;
	buf_init(&label, LIMIT_RECORD_BYTES);
	record_label(r, &label);
	msg_warn("%s: %s: %s%s%s", label.data, code, where,
	    where[0] != '\0' ? ": " : "", text);
	stream_error(&x->out, r, code, "%s%s%s", where,
	    where[0] != '\0' ? ": " : "", text);
	buf_release(&label);
}

static void
bad_record(struct extractor *x, const struct record *r, const char *what)
{
	page_failed(x, r, EXIT_DATA, "bad_record", "", what);
}

static enum exits
extract(struct extractor *x, const struct record *r,
    const struct html_file *f)
{
	struct html_outcome o;
	const char *records;
	size_t n;

	if (html_child_page(&x->child, f, &o, &records, &n) == -1) {
		msg_error_errno("a child to read pages");
		return msg_status(errno);
	}
	if (o.finding.code != FINDING_NONE) {
		page_failed(x, r, EXIT_PROTO,
		    finding_code_text(o.finding.code), o.finding.where,
		    o.finding.text);
		return EXIT_OK;
	}
	records_put(&x->out, records, n);
	if (records_done(&x->out, r, f, &o) == -1)
		bad_record(x, r, "too long to grow");
	return EXIT_OK;
}

/* --- where the page is ------------------------------------------------------- */

static enum exits
take_sealed(struct extractor *x, const struct record *r,
    const struct unit *u, const char *path, const struct raw_meta *m)
{
	const char *part = part_get(&u->part, x->decl.part_member);
	char *file = raw_file(data, path, raw_payload_name(m->form.format));
	struct html_file f = { .path = file, .run = u->run,
	    .source = u->source, .url = m->url == NULL ? "" : m->url,
	    .fetched_at = m->fetched_at, .content_type = m->content_type,
	    .key = &u->part };
	enum exits status = EXIT_OK;

	if (file == NULL) {
		msg_error_errno("%s", path);
		return EXIT_OS;
	}
	if ((f.page = html_kind(x->html, part, f.url)) == NULL)
		page_failed(x, r, EXIT_PROTO, "wrong_page", "",
		    "no page of its part is declared for its address");
	else
		status = extract(x, r, &f);
	free(file);
	return status;
}

static enum exits
take_path(struct extractor *x, const struct record *r, const struct unit *u,
    const char *path)
{
	struct raw_meta m;
	enum exits status;

	if (raw_meta_read(&m, data, path) == 0) {
		status = take_sealed(x, r, u, path, &m);
		raw_meta_release(&m);
		return status;
	}
	if (errno != ENOENT && errno != EBADMSG) {
		msg_error_errno("%s/%s", data, path);
		return msg_status(errno);
	}
	page_failed(x, r, EXIT_PROTO, errno == ENOENT ? "missing_file" :
	    "bad_metadata", path, "no sealed page is there");
	return EXIT_OK;
}

/* The partition that counts: named by the record, or of the current run. */
static enum exits
take_page(struct extractor *x, const struct record *r, const struct unit *u)
{
	const char *run = record_str(r, "current");
	const char *path = record_str(r, "path");
	enum exits status = EXIT_OK;
	struct buf b;

	if (record_is(r, "verdict") && strcmp(record_str(r, "verdict") ==
	    NULL ? "" : record_str(r, "verdict"), "valid") != 0) {
		page_failed(x, r, EXIT_PROTO, record_str(r, "code") == NULL ?
		    "invalid" : record_str(r, "code"), "",
		    "what was sealed is not valid");
		return EXIT_OK;
	}
	buf_init(&b, PATH_BYTES_MAX);
	if (record_is(r, "verdict") && (run == NULL ||
	    raw_path(u->source, &u->part, run, &b) == -1))
		bad_record(x, r, "names no current run");
	else if (record_is(r, "raw") && path == NULL)
		bad_record(x, r, "no path");
	else
		status = take_path(x, r, u, record_is(r, "raw") ? path :
		    b.data);
	buf_release(&b);
	return status;
}

/* A part without any page is nothing of ours. */
static int
has_page(const struct extractor *x, const struct unit *u)
{
	const char *part = part_get(&u->part, x->decl.part_member);
	size_t i;

	for (i = 0; part != NULL && i < x->pages.n; i++)
		if (strcmp(x->pages.page[i].part, part) == 0)
			return strcmp(u->source, x->decl.source) == 0;
	return 0;
}

static enum exits
take(const struct record *r, void *arg)
{
	struct extractor *x = arg;
	enum exits status = EXIT_OK;
	const char *wrong;
	struct unit u;

	if (!record_is(r, "verdict") && !record_is(r, "raw")) {
		stream_copy(&x->out, r);
	} else if ((wrong = unit_read(&u, r)) != NULL) {
		bad_record(x, r, wrong);
	} else {
		if (has_page(x, &u))
			status = take_page(x, r, &u);
		else
			stream_copy(&x->out, r);
		unit_release(&u);
	}
	return status == EXIT_OK && stream_failed(&x->out) ? EXIT_IO : status;
}

static enum exits
extract_stream(struct extractor *x)
{
	enum exits status;
	int items_failed;

	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	html_child_init(&x->child, x->html, &x->pages, cpu_s,
	    memory_mib * MIB);
	stream_out_init(&x->out, STDOUT_FILENO, 0);
	status = stream_each(STDIN_FILENO, "standard input", 0, take, x);
	items_failed = status == EXIT_OK && x->failed != EXIT_OK;
	status = stream_finish(&x->out, items_failed ? x->failed : status,
	    items_failed, NULL);
	html_child_release(&x->child);
	return status;
}

int
main(int argc, char *argv[])
{
	struct extractor x = { .failed = EXIT_OK };
	enum exits status;
	struct buf why;

	opt_parse(&tool, argc, argv);
	html_memory_init();
	decl_start(&x.decl, config);
	buf_init(&why, LIMIT_RECORD_BYTES);
	if (decl_pages_read(&x.decl, &x.pages, &why) == -1 ||
	    (x.html = html_new(&x.decl, &x.pages, &why)) == NULL)
		decl_start_failed(&why);
	buf_release(&why);
	explain.decl = &x.decl;
	explain.pages = &x.pages;
	explain.html = x.html;
	status = explain.file != NULL ? explain_file(&explain) :
	    extract_stream(&x);
	html_free(x.html);
	decl_release(&x.decl);
	xmlCleanupParser();
	return (int)status;
}
