#include "section.h"

#include <stdio.h>
#include <string.h>

/* Ticks between changes of a note. */
#define NOTE_PERIOD 6000

/* What is thrown once and written in several members. */
struct details {
	const struct label *exam, *add;	/* add: NULL none */
	char drop[2];			/* "" none */
	const struct label *comments[4];
	int ncomments;
	struct teachers teachers;
	struct audience audience;
	struct links links;
};

int
section_has(const struct section *s, enum quirk q)
{
	return s->slot % QUIRK_EVERY == (int)q;
}

static void
throw_comments(const struct world *w, const struct section *s,
    struct details *t)
{
	struct dice d = world_dice(w, FOR_COMMENT, s->slot, 0);
	int from = 3 + dice_below(&d, ncomments - 5), n = 0;
	char type = kinds[s->kind].type;

	if (dice_percent(&d, 42))
		t->comments[n++] = &comments[0];
	if (type != 'T' && dice_percent(&d, 60))
		t->comments[n++] = &comments[type == 'O' ? 1 : 2];
	if (dice_percent(&d, 10))
		t->comments[n++] = &comments[from];
	if (dice_percent(&d, 3))
		t->comments[n++] = &comments[from + 1];
	if (section_has(s, QUIRK_TWIN_COMMENT)) {
		t->comments[0] = t->comments[1] = &comments[0];
		n = 2;
	}
	t->ncomments = n;
}

static void
throw_details(const struct world *w, const struct course *c,
    const struct section *s, struct details *t)
{
	struct dice d = world_dice(w, FOR_NOTE, s->slot, 0);
	int roll = dice_below(&d, 100);

	memset(t, 0, sizeof(*t));
	t->exam = &exams[roll < 92 ? roll % 3 : dice_below(&d, nexams)];
	if (dice_percent(&d, 22))
		t->add = &permissions[dice_percent(&d, 75) ? 0 :
		    dice_below(&d, npermissions)];
	if (dice_percent(&d, 5))
		t->drop[0] = (char)('1' + dice_below(&d, 5));
	throw_comments(w, s, t);
	teachers_throw(w, c, s, &t->teachers);
	audience_throw(w, s, &t->audience);
	links_find(w, c, s, &t->links);
}

/* A string member that is null when there is nothing. */
static void
write_or_null(struct jsonw *j, const char *name, const char *value)
{
	if (value == NULL)
		jsonw_null(j, name);
	else
		jsonw_str(j, name, value);
}

static void
write_instructors(const struct teachers *t, struct jsonw *j)
{
	int i;

	jsonw_arr_open(j, "instructors");
	for (i = 0; i < t->n; i++) {
		jsonw_obj_open(j, NULL);
		jsonw_str(j, "name", t->names[i]);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

static void
write_comments_text(const struct details *t, struct jsonw *j)
{
	struct buf b;
	int i;

	buf_init(&b, 1024);
	for (i = 0; i < t->ncomments; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : ", ",
		    t->comments[i]->text);
	jsonw_strn(j, "commentsText", b.data, b.len);
	buf_release(&b);
}

static void
write_subtitle(const struct world *w, const struct section *s,
    struct jsonw *j)
{
	struct dice d = world_dice(w, FOR_NOTE, s->slot, 0);
	const char *text = subtitles[dice_below(&d, nsubtitles)];
	int wide = 1 + dice_below(&d, 12) / 11 * 39;
	char padded[64];

	snprintf(padded, sizeof(padded), "%-*s", wide, text);
	jsonw_str(j, "subtitle", dice_percent(&d, 10) ? padded : "");
}

static void
write_locations(const struct world *w, const struct section *s,
    struct jsonw *j)
{
	const struct place *at[2] = { &w->campus->places[s->place],
	    &w->campus->places[w->campus->remote] };
	struct label labels[2] = { { at[0]->code, at[0]->title },
	    { at[1]->code, at[1]->title } };
	const struct label *list[2] = { &labels[0], &labels[1] };

	write_labels(j, "sectionCampusLocations", list,
	    kinds[s->kind].pattern == HYBRID && at[0] != at[1] ? 2 : 1);
}

static void
write_honors(const struct world *w, const struct section *s,
    struct jsonw *j)
{
	struct dice d = world_dice(w, FOR_MAJOR, -1 - s->slot, 0);
	static const char codes[] = "AF8";
	char code[2] = "";
	int i, n = dice_percent(&d, 1) ? 1 + dice_below(&d, 3) : 0;

	jsonw_arr_open(j, "honorPrograms");
	for (i = 0; i < n; i++) {
		code[0] = codes[i];
		jsonw_obj_open(j, NULL);
		jsonw_str(j, "code", code);
		jsonw_obj_close(j);
	}
	jsonw_arr_close(j);
}

static void
write_notes(const struct world *w, const struct section *s, struct jsonw *j)
{
	struct dice d = world_dice(w, FOR_NOTE, s->slot, NOTE_PERIOD);

	jsonw_str(j, "sectionNotes", dice_percent(&d, 28) ?
	    section_notes[dice_below(&d, nsection_notes)] : "");
}

static void
write_eligibility(const struct world *w, const struct section *s,
    struct jsonw *j)
{
	struct dice d = world_dice(w, FOR_MAJOR, s->slot, 0);
	int i = dice_below(&d, 14 * neligibilities);

	write_or_null(j, "sectionEligibility", i < neligibilities ?
	    eligibilities[i] : world_old(w) ? NULL : "");
}

/* Summer sections run for a part of the term, and say so. */
static const char *
session_dates(const struct world *w, const struct section *s, char out[24])
{
	if (w->term != 7)
		return NULL;
	snprintf(out, 24, s->slot % 2 == 0 ? "05/27/%d - 07/03/%d" :
	    "07/07/%d - 08/13/%d", w->year, w->year);
	return out;
}

/* The first half of the members, in the order of the real API. */
static void
write_first(const struct world *w, const struct section *s,
    const struct details *t, struct jsonw *j)
{
	char number[4], dates[24];

	section_number(s->k, s->kind, number);
	write_eligibility(w, s, j);
	jsonw_str(j, "sessionDatePrintIndicator",
	    w->term == 7 || s->slot % 31 == 5 ? "Y" : "N");
	jsonw_str(j, "examCode", t->exam->code);
	write_or_null(j, "specialPermissionAddCode",
	    t->add == NULL ? NULL : t->add->code);
	links_write(w, &t->links, j);
	write_notes(w, s, j);
	write_or_null(j, "specialPermissionDropCode",
	    t->drop[0] == '\0' ? NULL : t->drop);
	if (!world_old(w))
		jsonw_str(j, "crossListedSectionType",
		    t->links.n == 0 ? "0" : t->links.n == 1 ? "1" : "2");
	write_instructors(&t->teachers, j);
	jsonw_str(j, "number", number);
	if (!world_old(w))
		jsonw_null(j, "finalExam");
	audience_write_majors(&t->audience, j);
	audience_write_text(w, &t->audience, j);
	jsonw_str(j, "openStatusText", s->open ? "OPEN" : "CLOSED");
	write_or_null(j, "sessionDates", session_dates(w, s, dates));
	write_or_null(j, "specialPermissionDropCodeDescription",
	    t->drop[0] == '\0' ? NULL : t->drop);
}

void
section_write(const struct world *w, const struct course *c,
    const struct section *s, struct jsonw *j)
{
	struct details t;
	char index[INDEX_TEXT], type[2] = { kinds[s->kind].type, '\0' };

	throw_details(w, c, s, &t);
	snprintf(index, sizeof(index), "%05d", world_index(w, s->slot));
	jsonw_obj_open(j, NULL);
	write_first(w, s, &t, j);
	jsonw_str(j, "subtopic", "");
	jsonw_bool(j, "openStatus", s->open);
	write_labels(j, "comments", t.comments, t.ncomments);
	jsonw_str(j, "instructorsText", t.teachers.text);
	audience_write_minors(&t.audience, j);
	jsonw_str(j, "examCodeText", t.exam->text);
	jsonw_str(j, "campusCode", course_campus(w, &c->head));
	write_locations(w, s, j);
	jsonw_str(j, "index", index);
	audience_write_pairs(w, &t.audience, j);
	jsonw_str(j, "printed", "Y");
	write_or_null(j, "specialPermissionAddCodeDescription",
	    t.add == NULL ? NULL : t.add->text);
	write_comments_text(&t, j);
	write_subtitle(w, s, j);
	links_write_text(&t.links, j);
	jsonw_str(j, "sectionCourseType", type);
	meetings_write(w, s, j);
	jsonw_null(j, "legendKey");
	write_honors(w, s, j);
	jsonw_obj_close(j);
}
