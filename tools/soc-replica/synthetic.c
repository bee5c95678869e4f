#include "synthetic.h"

#include <stdio.h>

#include "catalog.h"
#include "course.h"

/* Text is compressed in pieces of about this many bytes. */
#define PIECE 65536

/* Open indices that no campus's courses have, in a full spring. */
#define STRAYS 93
#define STRAY_FIRST 26000

static void
write_courses(const struct world *w, struct packed_writer *out,
    struct jsonw *j)
{
	struct course c;
	int i, n = world_courses(w), slot = 0;

	for (i = 0; i < n; i++) {
		world_course(w, i, slot, &c);
		slot += c.head.slots;
		if (c.n > 0)
			course_write(w, &c, j);
		if (out->text.len >= PIECE)
			packed_writer_drain(out);
	}
}

static void
write_index(struct jsonw *j, int index)
{
	char text[INDEX_TEXT];

	snprintf(text, sizeof(text), "%05d", index);
	jsonw_str(j, NULL, text);
}

static void
write_open(const struct world *w, struct jsonw *j)
{
	int i, k, n = world_courses(w), slot = 0;
	struct head h;

	for (i = 0; i < n; i++) {
		world_head(w, i, &h);
		for (k = 0; k < h.slots; k++, slot++)
			if (world_index(w, slot) <= w->campus->last_index &&
			    world_present(w, slot) &&
			    world_open(w, slot, w->tick))
				write_index(j, world_index(w, slot));
	}
}

/* The list of a term is the same for every campus that is asked for. */
static void
write_open_sections(const struct synthetic *y, const struct world *asked,
    struct jsonw *j)
{
	struct world w;
	int i;

	for (i = 0; i < ncampuses; i++)
		if (world_init(&w, y->seed, y->percent, asked->year,
		    asked->term, campuses[i].code, asked->tick) == 0)
			write_open(&w, j);
	for (i = 0; i < STRAYS; i++)
		if (i * 100 < STRAYS * y->percent &&
		    world_open(&w, STRAY_FIRST + i, w.tick))
			write_index(j, STRAY_FIRST + i);
}

static struct packed *
synthetic_make(void *arg, const struct query *q, int64_t tick, int *nothing)
{
	struct synthetic *y = arg;
	struct packed_writer out;
	struct world w;
	struct jsonw j;

	if (world_init(&w, y->seed, y->percent, q->year, q->term, q->campus,
	    tick) == -1) {
		*nothing = 1;
		return NULL;
	}
	if (packed_writer_init(&out) == -1)
		return NULL;
	jsonw_init(&j, &out.text);
	jsonw_arr_open(&j, NULL);
	if (q->endpoint == COURSES)
		write_courses(&w, &out, &j);
	else
		write_open_sections(y, &w, &j);
	jsonw_arr_close(&j);
	if (j.failed != 0)
		out.failed = j.failed;
	return packed_writer_end(&out, q->campus);
}

void
synthetic_source(struct synthetic *y, struct source *s)
{
	*s = (struct source){ 0, synthetic_make, y };
}
