#include "section.h"

#include <stdio.h>

/* Of so many courses in a row two, or at times three, are cross-listed. */
#define GROUP_EVERY 11
#define GROUP_FIRST 4

/* The courses of n's group into *first, and how many; 0: none. */
static int
find_group(const struct world *w, int n, int *first)
{
	int size = n / GROUP_EVERY % 6 == 0 ? 3 : 2;

	*first = n - n % GROUP_EVERY + GROUP_FIRST;
	if (n < *first || n >= *first + size ||
	    *first + size > world_courses(w))
		return 0;
	return size;
}

void
links_find(const struct world *w, const struct course *c,
    const struct section *s, struct links *l)
{
	int first, i, n, number = c->head.number;
	struct link *link;

	l->n = 0;
	if (s->k > 0 || (n = find_group(w, number, &first)) == 0)
		return;
	for (i = first; i < first + n; i++) {
		int slot = world_slot_of(w, number, c->first_slot, i);

		if (i == first)
			l->primary = world_index(w, slot);
		if (i == number)
			continue;
		link = &l->list[l->n++];
		world_head(w, i, &link->head);
		link->index = world_index(w, slot);
		section_number(0, link->head.kind, link->number);
	}
}

void
links_write(const struct world *w, const struct links *l, struct jsonw *j)
{
	char code[8], index[INDEX_TEXT], primary[INDEX_TEXT];
	int i;

	snprintf(primary, sizeof(primary), "%05d", l->primary);
	jsonw_arr_open(j, "crossListedSections");
	for (i = 0; i < l->n; i++) {
		const struct link *link = &l->list[i];

		snprintf(code, sizeof(code), "%03d", link->head.code);
		snprintf(index, sizeof(index), "%05d", link->index);
		jsonw_obj_open(j, NULL);
		jsonw_str(j, "courseNumber", code);
		jsonw_str(j, "supplementCode", link->head.supplement);
		jsonw_str(j, "sectionNumber", link->number);
		jsonw_str(j, "offeringUnitCampus",
		    course_campus(w, &link->head));
		jsonw_str(j, "primaryRegistrationIndex", primary);
		jsonw_str(j, "offeringUnitCode", link->head.unit->code);
		jsonw_str(j, "registrationIndex", index);
		jsonw_str(j, "subjectCode", link->head.area->subject);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

void
links_write_text(const struct links *l, struct jsonw *j)
{
	char string[16];
	struct buf b;
	int i;

	buf_init(&b, 256);
	for (i = 0; i < l->n; i++) {
		course_string(&l->list[i].head, string);
		buf_printf(&b, "%s%s:%s (%05d)", i == 0 ? "" : ", ", string,
		    l->list[i].number, l->list[i].index);
	}
	jsonw_strn(j, "crossListedSectionsText", b.data, b.len);
	buf_release(&b);
}
