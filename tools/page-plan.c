/*
 * page-plan -- say which pages an item needs: one task for each.
 *
 * in:   item records, as job-loop(1) gives them to a worker
 * out:  task records with the member item; other records are passed on
 * owns: nothing
 *
 * The first filter of a worker (sluice-queue(5)); item-close(1) is the last
 * one, and knows by the member item what belongs together.
 */
#include <errno.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/opt.h"
#include "base/stop.h"
#include "decl/page_task.h"
#include "decl/start.h"
#include "record/stream.h"

static const char *config, *base;
static int partial;

static const struct opt opts[] = {
	OPT_CONFIG(&config),
	{ "base", 0, OPT_STRING, "url", &base,
	    "in front of addresses that begin with / (default $BASE)", 0, 0,
	    0 },
	{ "partial", 0, OPT_FLAG, NULL, &partial,
	    "a stream without its end record is fine", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"say which pages an item needs: one task for each", NULL, 0, 0, opts,
	NULL
};

struct planner {
	struct decl decl;
	struct pages pages;
	struct stream_out out;
	struct buf why;
	int64_t bad;		/* items that could not be planned */
};

/* What of the item every record about its pages has to say. */
static void
put_item(struct jsonw *w, const struct record *r, int64_t pages)
{
	static const char *const names[] = { "queue", "step", "part",
	    "epoch", "attempt" };
	yyjson_val *v;
	size_t i;

	jsonw_obj_open(w, "item");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((v = yyjson_obj_get(r->root, names[i])) != NULL)
			jsonw_val(w, names[i], v);
	jsonw_int(w, "pages", pages);
	jsonw_obj_close(w);
}

/* The item fails as a whole: none of its pages may have been planned. */
static void
refuse(struct planner *p, const struct record *r, const char *why)
{
	msg_warn("%s: line %lld: %s", r->source, (long long)r->number, why);
	stream_error(&p->out, r, "bad_item", "%s", why);
	p->bad++;
}

/* Its tasks, collected: all of them, or an error. */
static int
write_tasks(struct planner *p, struct page_task *t, const struct record *r,
    int64_t pages, struct buf *lines)
{
	const char *queue = record_str(r, "queue");
	const char *step = record_str(r, "step");
	struct jsonw w;
	size_t i;

	for (i = 0; i < p->pages.n; i++) {
		t->page = &p->pages.page[i];
		if (!page_in_step(t->page, queue, step))
			continue;
		jsonw_record(&w, lines, "task");
		if (page_task_write(t, &w, &p->why) == -1)
			return -1;
		put_item(&w, r, pages);
		if (jsonw_end(&w) == -1)
			return -1;
	}
	return 0;
}

static int64_t
count_pages(const struct planner *p, const char *queue, const char *step)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < p->pages.n; i++)
		n += page_in_step(&p->pages.page[i], queue, step);
	return n;
}

/* Hand the n lines on. */
static void
put_lines(struct planner *p, const struct buf *lines)
{
	struct record line = { 0 };
	const char *s = lines->data, *nl;

	for (; s < lines->data + lines->len; s = nl + 1) {
		nl = strchr(s, '\n');
		line.line = s;
		line.len = (size_t)(nl - s);
		stream_copy(&p->out, &line);
	}
}

static enum exits
plan(struct planner *p, const struct record *r, struct page_task *t,
    int64_t pages)
{
	struct buf lines;

	buf_init(&lines, (size_t)pages * LIMIT_RECORD_BYTES);
	if (write_tasks(p, t, r, pages, &lines) == 0) {
		put_lines(p, &lines);
	} else if (errno == EINVAL) {
		refuse(p, r, p->why.data);
	} else if (errno == E2BIG || errno == EILSEQ) {
		refuse(p, r, "too long for a task");
	} else {
		msg_error_errno("page-plan");
		buf_release(&lines);
		return EXIT_OS;
	}
	buf_release(&lines);
	return EXIT_OK;
}

static enum exits
take_item(struct planner *p, const struct record *r)
{
	const char *queue = record_str(r, "queue");
	const char *step = record_str(r, "step");
	struct page_task t = { .d = &p->decl, .base = base,
	    .run = record_str(r, "run"), .facts = r->root };
	struct part part;
	int64_t pages;

	if (queue == NULL || step == NULL || t.run == NULL ||
	    part_read(&part, yyjson_obj_get(r->root, "part")) == -1) {
		refuse(p, r, "an item without queue, step, run or part");
		return EXIT_OK;
	}
	t.dataset = &part;
	if ((pages = count_pages(p, queue, step)) == 0) {
		msg_error("%s: no page is declared for step %s of queue %s",
		    config, step, queue);
		return EXIT_USAGE;
	}
	return plan(p, r, &t, pages);
}

static enum exits
take(const struct record *r, void *arg)
{
	struct planner *p = arg;
	enum exits status = EXIT_OK;

	if (record_is(r, "item"))
		status = take_item(p, r);
	else
		stream_copy(&p->out, r);
	return status == EXIT_OK && stream_failed(&p->out) ? EXIT_IO : status;
}

int
main(int argc, char *argv[])
{
	struct planner p = { .bad = 0 };
	enum exits status;

	opt_parse(&tool, argc, argv);
	base = decl_start_base(base);
	decl_start(&p.decl, config);
	buf_init(&p.why, 65536);
	if (decl_pages_read(&p.decl, &p.pages, &p.why) == -1)
		decl_start_failed(&p.why);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	stream_out_init(&p.out, STDOUT_FILENO, 0);
	status = stream_each(STDIN_FILENO, "standard input",
	    partial ? STREAM_PARTIAL : 0, take, &p);
	if (status == EXIT_OK && p.bad > 0)
		status = EXIT_DATA;
	status = stream_finish(&p.out, status, status == EXIT_DATA &&
	    p.bad > 0, NULL);
	buf_release(&p.why);
	decl_release(&p.decl);
	return (int)status;
}
