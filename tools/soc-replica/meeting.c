#include "section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Minutes of a period, and of a seminar or laboratory. */
#define PERIOD 80
#define LONG_CLASS 180

struct meeting {
	const struct label *mode;
	const struct place *place;
	char day;		/* '\0': none */
	int start, end;		/* minutes; together with the day */
	int building, room;	/* of those the place has */
	const char *hours;	/* baClassHours */
};

struct meetings {
	struct meeting list[4];
	int n;
};

/* Append a class of minutes on day, in a period that the dice choose. */
static struct meeting *
add_class(const struct world *w, struct meetings *m, struct dice *d,
    char day, int minutes)
{
	const char *starts = w->campus->starts;
	int period = dice_below(d, 7);
	int at = atoi(starts + period * 5);
	struct meeting *new = &m->list[m->n++];

	new->day = day;
	new->start = at / 100 * 60 + at % 100;
	new->end = new->start + minutes;
	new->building = dice_below(d, 10);
	new->room = 101 + 100 * dice_below(d, 4) + dice_below(d, 24);
	new->hours = "";
	return new;
}

/* Append a meeting without a time. */
static void
add_open(struct meetings *m, const struct label *mode,
    const struct place *place)
{
	m->list[m->n++] = (struct meeting){ .mode = mode, .place = place,
	    .hours = "B" };
}

/* Two days at the same time. */
static void
add_pair(const struct world *w, struct meetings *m, struct dice *d)
{
	static const char days[][3] = { "MH", "MW", "TH", "TF" };
	const char *two = days[dice_below(d, COUNT(days))];
	struct meeting *first = add_class(w, m, d, two[0], PERIOD);

	m->list[m->n] = *first;
	m->list[m->n++].day = two[1];
}

static void
throw_meetings(const struct world *w, const struct section *s,
    const struct label *mode, struct meetings *m)
{
	struct dice d = world_dice(w, FOR_MEETING, s->slot, 0);
	const struct place *here = &w->campus->places[s->place];
	int i;
	char day = "MTWHF"[dice_below(&d, 5)];

	m->n = 0;
	switch (kinds[s->kind].pattern) {
	case LONG:
		add_class(w, m, &d, day, LONG_CLASS);
		break;
	case ARRANGED:
	case ONLINE:
		add_open(m, mode, here);
		break;
	case HYBRID:
		add_class(w, m, &d, day, PERIOD);
		add_open(m, &internet, &w->campus->places[w->campus->remote]);
		break;
	case LABORATORY:
		add_pair(w, m, &d);
		add_class(w, m, &d, day, LONG_CLASS)->mode = &laboratory;
		break;
	case RECITATION:
		add_pair(w, m, &d);
		add_class(w, m, &d, day, PERIOD)->mode = &recitation;
		break;
	default:
		add_pair(w, m, &d);
	}
	for (i = 0; i < m->n; i++) {
		if (m->list[i].mode == NULL)
			m->list[i].mode = mode;
		if (m->list[i].place == NULL)
			m->list[i].place = here;
	}
}

/* The rows that no schedule should have, and the real one does. */
static void
spoil(const struct section *s, struct meetings *m)
{
	struct meeting *first = &m->list[0];

	if (section_has(s, QUIRK_LATE_START)) {
		m->n = 2;
		m->list[1] = *first;
		first[0].day = 'M';
		first[1].day = 'W';
		first[0].start = first[1].start = 23 * 60 + 30;
		first[0].end = first[1].end = 12 * 60 + 50;
	} else if (section_has(s, QUIRK_NO_LENGTH)) {
		first->day = 'S';
		first->start = first->end = 11 * 60;
	} else if (section_has(s, QUIRK_TWIN_MEETING)) {
		m->n = 2;
		first->day = '\0';
		m->list[1] = *first;
	} else if (section_has(s, QUIRK_NO_DAY)) {
		first->day = '\0';
	}
}

/* "1250" of 12:50, or "0130" of 13:30 when there is an am and a pm. */
static void
format_time(int minutes, int military, char out[8])
{
	int hour = minutes / 60;

	if (!military && hour > 12)
		hour -= 12;
	snprintf(out, 8, "%02d%02d", hour % 24, minutes % 60);
}

/* Up to 2020 an empty value of a meeting is null. */
static void
write_value(const struct world *w, struct jsonw *j, const char *name,
    const char *value)
{
	if (value[0] == '\0' && world_old(w))
		jsonw_null(j, name);
	else
		jsonw_str(j, name, value);
}

/* The place's building number n, counted round; "" if it has none. */
static void
find_building(const struct place *p, int n, char out[8])
{
	const char *s = p->buildings;

	for (; n >= 0 && *s != '\0'; n--) {
		snprintf(out, 8, "%.*s", (int)strcspn(s, " "), s);
		s += strcspn(s, " ");
		s += strspn(s, " ");
		if (*s == '\0')
			s = p->buildings;
	}
}

static void
write_day(const struct world *w, const struct meeting *m, struct jsonw *j)
{
	char day[3] = { m->day, '\0', '\0' };

	if (m->day == 'H' && world_old(w))
		memcpy(day, "TH", 3);
	write_value(w, j, "meetingDay", day);
}

static void
write_meeting(const struct world *w, const struct meeting *m,
    struct jsonw *j)
{
	char building[8] = "", room[8] = "", times[4][8] = { "", "", "", "" };
	int timed = m->day != '\0', i;

	if (timed && m->place->buildings[0] != '\0') {
		find_building(m->place, m->building, building);
		snprintf(room, sizeof(room), "%03d", m->room);
	}
	for (i = 0; i < 4 && timed; i++)
		format_time(i % 2 == 0 ? m->start : m->end, i < 2, times[i]);
	jsonw_obj_open(j, NULL);
	write_value(w, j, "campusLocation",
	    m->place->abbrev[0] == '\0' ? "" : m->place->code);
	write_value(w, j, "roomNumber", room);
	write_value(w, j, "campusAbbrev", m->place->abbrev);
	write_value(w, j, "campusName", m->place->name);
	write_value(w, j, "startTimeMilitary", times[0]);
	write_value(w, j, "buildingCode", building);
	jsonw_str(j, "meetingModeDesc", m->mode->text);
	write_value(w, j, "endTimeMilitary", times[1]);
	jsonw_str(j, "meetingModeCode", m->mode->code);
	write_value(w, j, "baClassHours", m->hours);
	write_value(w, j, "pmCode", !timed ? "" :
	    m->start < 12 * 60 ? "A" : "P");
	write_day(w, m, j);
	write_value(w, j, "startTime", times[2]);
	write_value(w, j, "endTime", times[3]);
	jsonw_obj_close(j);
}

void
meetings_write(const struct world *w, const struct section *s,
    struct jsonw *j)
{
	struct label mode = { kinds[s->kind].mode, kinds[s->kind].title };
	struct meetings m = { 0 };
	int i;

	throw_meetings(w, s, &mode, &m);
	spoil(s, &m);
	jsonw_arr_open(j, "meetingTimes");
	for (i = 0; i < m.n; i++)
		write_meeting(w, &m.list[i], j);
	jsonw_arr_close(j);
}
