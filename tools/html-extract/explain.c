#include "explain.h"

#include <stdio.h>

#include "base/msg.h"
#include "decl/start.h"
#include "text/html_child.h"

#define EXPLAIN_BYTES ((size_t)64 << 20)

enum exits
explain_file(const struct explain *e)
{
	struct part key = { 0 };
	struct html_input in = { .run = "", .source = e->decl->source,
	    .part = &key, .key = &key, .url = e->url == NULL ? "" : e->url,
	    .fetched_at = "" };
	enum finding_code code;
	struct buf bytes, out;
	enum exits status = EXIT_OK;

	if (e->page == NULL || (in.page = page_find(e->pages, e->page)) ==
	    NULL)
		msg_die(EXIT_USAGE, "--explain needs --page, one of the "
		    "declaration's");
	if (e->dataset != NULL)
		key = decl_start_dataset(e->decl, e->dataset);
	buf_init(&bytes, (size_t)HTML_PAGE_BYTES);
	buf_init(&out, EXPLAIN_BYTES);
	if ((code = html_file_read(e->file, &bytes)) != FINDING_NONE)
		msg_die(code == FINDING_MISSING_FILE ? EXIT_NOINPUT :
		    EXIT_DATA, "%s: %s", e->file, finding_explain(code));
	in.bytes = bytes.len > 0 ? bytes.data : "";
	in.n = bytes.len;
	if (html_explain(e->html, &in, &out) == -1)
		msg_die(EXIT_OS, "%s: out of memory", e->file);
	if (fwrite(out.data, 1, out.len, stdout) != out.len ||
	    fflush(stdout) == EOF) {
		msg_error_errno("standard output");
		status = EXIT_IO;
	}
	buf_release(&bytes);
	buf_release(&out);
	return status;
}
