#include "store/walk_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

/* The task of the page. */
static int
write_task(const struct walk_read *r, struct buf *b, struct buf *why)
{
	struct jsonw j;

	jsonw_record(&j, b, "task");
	if (page_task_write(&r->task, &j, why) == -1)
		return -1;
	jsonw_obj_open(&j, "item");
	jsonw_str(&j, "step", "walk");
	part_write(&r->key, &j, "part");
	jsonw_int(&j, "pages", 1);
	jsonw_obj_close(&j);
	return jsonw_end(&j);
}

static struct work *
make_work(struct walk_read *r, int64_t at, struct buf *why)
{
	struct part_member *m;
	struct work *work = NULL;
	struct buf b;
	size_t i;

	for (i = 0; i < r->key.n; i++) {
		m = &r->key.m[i];
		if (strcmp(m->name, r->task.page->walk->member) == 0)
			snprintf(m->value, sizeof(m->value), "%" PRId64, at);
	}
	buf_init(&b, LIMIT_RECORD_BYTES);
	if (write_task(r, &b, why) == 0)
		work = work_new(b.data, b.len, &r->key, NULL);
	buf_release(&b);
	return work;
}

struct work *
walk_read(struct walk_read *r, int64_t at, struct buf *why)
{
	struct work *work;

	r->task.dataset = &r->key;
	if ((work = make_work(r, at, why)) == NULL)
		return NULL;
	crew_give(r->crew, work);
	while ((work = crew_take(r->crew)) == NULL)
		if (crew_turn(r->crew, 60000) == -1)
			return NULL;
	return work;
}
