/*
 * section.h -- the parts of which a section of a made-up term is composed.
 */
#ifndef SECTION_H
#define SECTION_H

#include "course.h"

/* Every so many slots one has a quirk; each quirk has a place of its own. */
#define QUIRK_EVERY 601

enum quirk { QUIRK_LATE_START = 7, QUIRK_TWIN_MEETING = 13,
    QUIRK_NO_LENGTH = 19, QUIRK_TWIN_COMMENT = 23, QUIRK_TWIN_MAJOR = 31,
    QUIRK_NO_DAY = 37, QUIRK_PADDED_NAME = 41, QUIRK_TWO_NAMES = 43 };

int section_has(const struct section *s, enum quirk q);

/* Append the member meetingTimes. */
void meetings_write(const struct world *w, const struct section *s,
    struct jsonw *j);

/* Who teaches it at this tick. */
struct teachers {
	int n;
	char names[2][32];
	char text[80];		/* not always the join of the names */
};

void teachers_throw(const struct world *w, const struct course *c,
    const struct section *s, struct teachers *t);

/* To whom it is open: units, majors, both together, minors. */
struct audience {
	int nunits, nmajors, npairs, nminors;
	const struct unit *units[5];
	const struct area *majors[3], *pairs[4], *minors[2];
};

void audience_throw(const struct world *w, const struct section *s,
    struct audience *a);
void audience_write_majors(const struct audience *a, struct jsonw *j);
void audience_write_pairs(const struct world *w, const struct audience *a,
    struct jsonw *j);
void audience_write_minors(const struct audience *a, struct jsonw *j);
void audience_write_text(const struct world *w, const struct audience *a,
    struct jsonw *j);

/* The sections that it is taught together with. */
struct links {
	int n;
	int primary;		/* registration index of the group's first */
	struct link {
		struct head head;
		int index;
		char number[4];
	} list[2];
};

void links_find(const struct world *w, const struct course *c,
    const struct section *s, struct links *l);
void links_write(const struct world *w, const struct links *l,
    struct jsonw *j);
void links_write_text(const struct links *l, struct jsonw *j);

#endif
