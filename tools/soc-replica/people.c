#include "section.h"

#include <stdio.h>
#include <string.h>

/* Ticks between changes of who teaches a section. */
#define TEACHER_PERIOD 900

/* Longer names have no first name; short ones are padded to this. */
#define NAME_WIDTH 15

/* The name of person number id of an area. */
static void
throw_name(const struct world *w, const struct area *area, int id,
    char out[32])
{
	struct dice d = world_dice(w, FOR_NAME,
	    (area - w->campus->areas) * 1000 + id, 0);
	const char *last = surnames[dice_below(&d, nsurnames)];
	const char *first = firstnames[dice_below(&d, nfirstnames)];

	if (strlen(last) + 2 + strlen(first) <= NAME_WIDTH)
		snprintf(out, 32, "%s, %s", last, first);
	else
		snprintf(out, 32, "%s", last);
}

/* Two names: in either order, and sometimes with blanks between. */
static void
join_names(const struct section *s, struct dice *d, struct teachers *t)
{
	int swap = dice_percent(d, 44);
	int wide = section_has(s, QUIRK_PADDED_NAME) ? NAME_WIDTH : 0;

	snprintf(t->text, sizeof(t->text), "%-*s; %s", wide,
	    t->names[swap], t->names[!swap]);
}

void
teachers_throw(const struct world *w, const struct course *c,
    const struct section *s, struct teachers *t)
{
	struct dice d = world_dice(w, FOR_TEACHER, s->slot, TEACHER_PERIOD);
	const struct area *area = c->head.area;
	int roll = dice_below(&d, 100), pool = 8 + 2 * area->weight, id;

	t->n = roll < 20 ? 0 : roll < 97 ? 1 : 2;
	if (section_has(s, QUIRK_TWO_NAMES) ||
	    section_has(s, QUIRK_PADDED_NAME))
		t->n = 2;
	id = dice_below(&d, pool);
	t->text[0] = '\0';
	if (t->n > 0) {
		throw_name(w, area, id, t->names[0]);
		snprintf(t->text, sizeof(t->text), "%s", t->names[0]);
	}
	if (t->n > 1) {
		throw_name(w, area, id + 1, t->names[1]);
		join_names(s, &d, t);
	}
}

void
audience_throw(const struct world *w, const struct section *s,
    struct audience *a)
{
	struct dice d = world_dice(w, FOR_MAJOR, s->slot, 0);
	const struct campus *c = w->campus;
	int roll = dice_below(&d, 100), i;
	int unit = dice_below(&d, c->nunits);
	int area = dice_below(&d, c->nareas - 4);

	memset(a, 0, sizeof(*a));
	if (roll < 8)
		a->nunits = 1 + dice_below(&d, 5) * dice_below(&d, 2);
	else if (roll < 18)
		a->nmajors = 1 + dice_below(&d, 2) * dice_below(&d, 3);
	else if (roll < 26)
		a->npairs = 1 + dice_below(&d, 3) * dice_below(&d, 2);
	if (a->nmajors > 0 && dice_percent(&d, 20))
		a->nminors = 1 + dice_below(&d, 2);
	if (section_has(s, QUIRK_TWIN_MAJOR))
		a->npairs = 4;
	if (unit + a->nunits > c->nunits)
		a->nunits = c->nunits - unit;
	for (i = 0; i < a->nunits; i++)
		a->units[i] = &c->units[unit + i];
	for (i = 0; i < 3; i++)
		a->pairs[i] = a->majors[i] = &c->areas[area + i];
	a->pairs[3] = a->pairs[1];
	a->minors[0] = &c->areas[area + 2];
	a->minors[1] = &c->areas[area + 3];
}

static void
write_major(struct jsonw *j, const char *code, int unit)
{
	jsonw_obj_open(j, NULL);
	jsonw_str(j, "code", code);
	jsonw_bool(j, "isUnitCode", unit);
	jsonw_bool(j, "isMajorCode", !unit);
	jsonw_obj_close(j);
}

void
audience_write_majors(const struct audience *a, struct jsonw *j)
{
	int i;

	jsonw_arr_open(j, "majors");
	for (i = a->nunits - 1; i >= 0; i--)
		write_major(j, a->units[i]->code, 1);
	for (i = 0; i < a->nmajors; i++)
		write_major(j, a->majors[i]->subject, 0);
	jsonw_arr_close(j);
}

void
audience_write_pairs(const struct world *w, const struct audience *a,
    struct jsonw *j)
{
	int i;

	jsonw_arr_open(j, "unitMajors");
	for (i = 0; i < a->npairs; i++) {
		jsonw_obj_open(j, NULL);
		jsonw_str(j, "unitCode",
		    w->campus->units[a->pairs[i]->unit].code);
		jsonw_str(j, "majorCode", a->pairs[i]->subject);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

void
audience_write_minors(const struct audience *a, struct jsonw *j)
{
	int i;

	jsonw_arr_open(j, "minors");
	for (i = 0; i < a->nminors; i++) {
		jsonw_obj_open(j, NULL);
		jsonw_str(j, "code", a->minors[i]->subject);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

/* "UNIT: 14 (School of Engineering)", "MAJ: …; MINOR: …" and so on. */
void
audience_write_text(const struct world *w, const struct audience *a,
    struct jsonw *j)
{
	struct buf b;
	int i;

	buf_init(&b, 4096);
	for (i = 0; i < a->npairs; i++)
		buf_printf(&b, "%s%s/%s (%s / MAJ: %s)",
		    i == 0 ? "UNIT/MAJOR: " : ", ",
		    w->campus->units[a->pairs[i]->unit].code,
		    a->pairs[i]->subject,
		    w->campus->units[a->pairs[i]->unit].title,
		    a->pairs[i]->title);
	for (i = 0; i < a->nunits; i++)
		buf_printf(&b, "%s%s (%s)", i > 0 ? ", " : b.len > 0 ?
		    "; UNIT: " : "UNIT: ", a->units[i]->code,
		    a->units[i]->title);
	for (i = 0; i < a->nmajors; i++)
		buf_printf(&b, "%s%s (%s)", i > 0 ? ", " : b.len > 0 ?
		    "; MAJ: " : "MAJ: ", a->majors[i]->subject,
		    a->majors[i]->title);
	for (i = 0; i < a->nminors; i++)
		buf_printf(&b, "%s%s (%s)", i > 0 ? ", " : "; MINOR: ",
		    a->minors[i]->subject, a->minors[i]->title);
	jsonw_strn(j, "openToText", b.data, b.len);
	buf_release(&b);
}
