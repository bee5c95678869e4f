#include "course.h"

#include <stdio.h>
#include <string.h>

/* Ticks between changes of what changes rarely. */
#define TITLE_PERIOD 9000

/* Blanks to this length in most full titles. */
#define TITLE_PAD 80

int
world_old(const struct world *w)
{
	return w->year <= 2020;
}

void
course_string(const struct head *h, char out[16])
{
	snprintf(out, 16, "%s:%s:%03d", h->unit->code, h->area->subject,
	    h->code);
}

const char *
course_campus(const struct world *w, const struct head *h)
{
	return h->away ? w->campus->away : w->campus->home;
}

void
course_title(const struct world *w, const struct head *h,
    char title[TITLE_TEXT], char brief[BRIEF_TEXT])
{
	/* A repeated course has the title of the one that it repeats. */
	int again = h->away || h->supplement[0] != ' ';
	struct dice d = world_dice(w, FOR_TITLE, h->number - again,
	    TITLE_PERIOD);
	const struct label *form = &forms[dice_below(&d, nforms)];
	const char *topic = topics[h->area->field][dice_below(&d, 16)];
	char whole[TITLE_TEXT];

	snprintf(title, TITLE_TEXT, "%s%s", form->text, topic);
	snprintf(whole, sizeof(whole), "%s%s", form->code, topic);
	whole[BRIEF_TEXT - 1] = '\0';	/* the registrar's system cuts it */
	memcpy(brief, whole, BRIEF_TEXT);
}

void
write_labels(struct jsonw *j, const char *name, const struct label *labels[],
    int n)
{
	int i;

	jsonw_arr_open(j, name);
	for (i = 0; i < n; i++) {
		jsonw_obj_open(j, NULL);
		jsonw_str(j, "code", labels[i]->code);
		jsonw_str(j, "description", labels[i]->text);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

static void
write_label(struct jsonw *j, const char *name, const char *code,
    const char *text)
{
	jsonw_obj_open(j, name);
	jsonw_str(j, "code", code);
	jsonw_str(j, "description", text);
	jsonw_obj_close(j);
}

/* The distinct places of the sections there are. */
static void
write_locations(const struct world *w, const struct course *c,
    struct jsonw *j)
{
	struct label labels[8];
	const struct label *list[8];
	unsigned int seen = 0;
	int i, n = 0;

	for (i = 0; i < c->n; i++) {
		const struct place *p =
		    &w->campus->places[c->sections[i].place];

		if ((seen & 1u << c->sections[i].place) != 0)
			continue;
		seen |= 1u << c->sections[i].place;
		labels[n] = (struct label){ p->code, p->title };
		list[n] = &labels[n];
		n++;
	}
	write_labels(j, "campusLocations", list, n);
}

static void
write_credits(const struct head *h, const struct world *w, struct jsonw *j,
    int object)
{
	/* Tenths of a credit, or -1 by arrangement; weights in percent. */
	static const struct { int tenths, weight; } credits[] = {
		{ 30, 64 }, { -1, 10 }, { 10, 7 }, { 40, 6 }, { 0, 5 },
		{ 20, 3 }, { 60, 2 }, { 15, 2 }, { 25, 1 },
	};
	struct dice d = world_dice(w, FOR_COURSE, h->number, 0);
	int roll = dice_below(&d, 100), i = 0, t;
	char code[8], text[16];

	while ((roll -= credits[i].weight) >= 0)
		i++;
	t = credits[i].tenths;
	snprintf(code, sizeof(code), "%d_%d", t / 10 % 10, t % 10);
	snprintf(text, sizeof(text), "%d.%d credit%s", t / 10 % 10, t % 10,
	    t == 10 ? "" : "s");
	if (object && t == -1)
		write_label(j, "creditsObject", "BA",
		    "Credits by arrangement");
	else if (object)
		write_label(j, "creditsObject", code, text);
	else if (t == -1)
		jsonw_null(j, "credits");
	else if (t % 10 == 0)
		jsonw_int(j, "credits", t / 10);
	else
		jsonw_real(j, "credits", t / 10.0);
}

/* Courses before this one in its area, as the registrar's HTML. */
static void
write_prerequisites(const struct world *w, const struct head *h,
    struct jsonw *j)
{
	struct dice d = world_dice(w, FOR_COURSE, h->number, 0);
	int i, n = dice_percent(&d, 42) && h->in_area > 4 ?
	    1 + dice_below(&d, 3) : 0;
	char string[16], title[TITLE_TEXT], brief[BRIEF_TEXT];
	struct head before;
	struct buf b;

	buf_init(&b, 1024);
	for (i = 0; i < n; i++) {
		world_head(w, h->number - 4 + i, &before);
		course_string(&before, string);
		course_title(w, &before, title, brief);
		buf_printf(&b, "%s(%s %s )", i == 0 ? "" :
		    h->number % 3 == 0 ? "<em> AND </em>" : "<em> OR </em>",
		    string, title);
	}
	jsonw_strn(j, "preReqNotes", b.data, b.len);
	buf_release(&b);
}

/*
 * Member m of a core code.  Their order is nobody's promise: it turns from
 * tick to tick, so that equal values come in other bytes.
 */
static void
write_core_member(const struct world *w, const struct head *h, int core,
    int m, struct jsonw *j)
{
	char year[8], term[8], effective[8], course[8], id[40];

	snprintf(year, sizeof(year), "%d", w->year);
	snprintf(term, sizeof(term), "%d", w->term);
	snprintf(effective, sizeof(effective), "%d%d", w->year, w->term);
	snprintf(course, sizeof(course), "%03d", h->code);
	snprintf(id, sizeof(id), "%s%s%s%s  %s", effective, h->unit->code,
	    h->area->subject, course, cores[core].id);
	switch (m) {
	case 0: jsonw_str(j, "id", id); break;
	case 1: jsonw_str(j, "year", year); break;
	case 2: jsonw_str(j, "term", term); break;
	case 3: jsonw_str(j, "supplement", "  "); break;
	case 4: jsonw_str(j, "description", core_codes[core].text); break;
	case 5: jsonw_str(j, "effective", effective); break;
	case 6: jsonw_str(j, "coreCodeReferenceId", cores[core].id); break;
	case 7: jsonw_str(j, "coreCode", core_codes[core].code); break;
	case 8: jsonw_str(j, "coreCodeDescription", core_codes[core].text);
		break;
	case 9: jsonw_str(j, "offeringUnitCode", h->unit->code); break;
	case 10: jsonw_str(j, "offeringUnitCampus", w->campus->home); break;
	case 11: jsonw_str(j, "course", course); break;
	case 12: jsonw_str(j, "subject", h->area->subject); break;
	case 13: jsonw_str(j, "code", core_codes[core].code); break;
	case 14: jsonw_str(j, "unit", h->unit->code); break;
	case 15: jsonw_int(j, "lastUpdated", cores[core].updated_ms); break;
	}
}

static void
write_core_codes(const struct world *w, const struct head *h, struct jsonw *j)
{
	struct dice d = world_dice(w, FOR_CORE, h->number, 0);
	struct dice order = world_dice(w, FOR_ORDER, w->tick, 0);
	int turn = dice_below(&order, 16);
	int n = h->unit->level == 'U' && dice_percent(&d, 36) ?
	    1 + dice_below(&d, 5) / 2 : 0;
	int core = dice_below(&d, ncore_codes), i, m;

	jsonw_arr_open(j, "coreCodes");
	for (i = 0; i < n; i++) {
		jsonw_obj_open(j, NULL);
		for (m = 0; m < 16; m++)
			write_core_member(w, h, (core + i) % ncore_codes,
			    (m + turn) % 16, j);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

static void
write_titles(const struct world *w, const struct head *h, struct jsonw *j,
    int full)
{
	struct dice d = world_dice(w, FOR_TITLE, h->number, 0);
	char title[TITLE_TEXT], brief[BRIEF_TEXT], padded[TITLE_PAD + 1];

	course_title(w, h, title, brief);
	snprintf(padded, sizeof(padded), "%-*s", TITLE_PAD, title);
	if (!full)
		jsonw_str(j, "title", brief);
	else if (dice_percent(&d, 30))
		jsonw_str(j, "expandedTitle", "");
	else
		jsonw_str(j, "expandedTitle", dice_percent(&d, 60) ? padded :
		    title);
}

/* A note that percent of all have, for long; id is of any thing. */
static void
write_note(const struct world *w, struct jsonw *j, const char *name,
    int64_t id, int percent, const char *const notes[], int n)
{
	struct dice d = world_dice(w, FOR_NOTE, id, TITLE_PERIOD);

	jsonw_str(j, name, dice_percent(&d, percent) ?
	    notes[dice_below(&d, n)] : "");
}

static void
write_synopsis(const struct head *h, struct jsonw *j)
{
	char url[96];

	snprintf(url, sizeof(url), "https://%s-%s.example.edu/%s/courses",
	    h->unit->code, h->area->subject, h->unit->level == 'U' ?
	    "undergraduate" : "graduate");
	jsonw_str(j, "synopsisUrl", h->area->weight % 5 < 2 ? "" : url);
}

/* A few fees have no description at all, others an empty one. */
static void
write_fee_text(const struct head *h, struct jsonw *j)
{
	if (h->number % 199 == 11)
		jsonw_null(j, "courseFeeDescr");
	else
		jsonw_str(j, "courseFeeDescr", h->number % 97 == 3 ?
		    "LAB FEE" : "");
}

static void
write_sections(const struct world *w, const struct course *c,
    struct jsonw *j)
{
	int i;

	jsonw_arr_open(j, "sections");
	for (i = 0; i < c->n; i++)
		section_write(w, c, &c->sections[i], j);
	jsonw_arr_close(j);
}

/* The members in the order of the real API. */
void
course_write(const struct world *w, const struct course *c, struct jsonw *j)
{
	const struct head *h = &c->head;
	char string[16], level[2] = { h->unit->level, '\0' };

	course_string(h, string);
	jsonw_obj_open(j, NULL);
	write_locations(w, c, j);
	jsonw_str(j, "subject", h->area->subject);
	/* The count is not always that of the sections. */
	jsonw_int(j, "openSections", c->nopen + (h->number % 701 == 13));
	write_synopsis(h, j);
	write_titles(w, h, j, 0);
	write_prerequisites(w, h, j);
	jsonw_str(j, "courseString", string);
	write_label(j, "school", h->unit->code, h->unit->title);
	write_credits(h, w, j, 0);
	jsonw_str(j, "subjectDescription", h->area->title);
	write_core_codes(w, h, j);
	write_titles(w, h, j, 1);
	if (!world_old(w))
		write_fee_text(h, j);
	jsonw_str(j, "mainCampus", w->campus->home);
	write_note(w, j, "subjectNotes", -1000 -
	    (h->area - w->campus->areas), 10, subject_notes, nsubject_notes);
	jsonw_str(j, "courseNumber", string + 7);
	write_credits(h, w, j, 1);
	jsonw_str(j, "level", level);
	jsonw_str(j, "campusCode", course_campus(w, h));
	jsonw_str(j, "subjectGroupNotes", "");
	jsonw_str(j, "offeringUnitCode", h->unit->code);
	jsonw_null(j, "offeringUnitTitle");
	jsonw_str(j, "courseDescription", "");
	write_sections(w, c, j);
	jsonw_str(j, "supplementCode", h->supplement);
	if (!world_old(w))
		jsonw_str(j, "courseFee", h->number % 97 == 3 ? "91.00" :
		    "0");
	write_note(w, j, "unitNotes", -1 - h->area->unit, 15, subject_notes,
	    nsubject_notes);
	write_note(w, j, "courseNotes", -10000 - h->number, 3, course_notes,
	    ncourse_notes);
	jsonw_obj_close(j);
}
