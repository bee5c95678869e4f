/*
 * catalog.h -- what exists in a made-up term: its courses and sections.
 *
 * Everything is a pure function of the world, that is of seed, term,
 * campus and tick; nothing is kept between calls.  How a course looks is
 * course.h's business.
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stdint.h>

#include "dice.h"
#include "words.h"

/* The largest course of the real API has 128 sections. */
#define SECTIONS_MAX 128

/* Room for a registration index, "%05d" of any int. */
#define INDEX_TEXT 12

struct world {
	uint64_t key;		/* of seed, year, term and campus */
	int year, term;
	int percent;		/* of a full spring's courses */
	const struct campus *campus;
	int64_t tick;
};

/* What dice are thrown for; the order is part of the data of a seed. */
enum purpose { FOR_SIZE, FOR_KIND, FOR_COURSE, FOR_TITLE, FOR_CORE,
    FOR_PRESENCE, FOR_SEAT, FOR_SEAT_TIME, FOR_LAG, FOR_SECTION, FOR_MEETING,
    FOR_TEACHER, FOR_NAME, FOR_NOTE, FOR_COMMENT, FOR_MAJOR, FOR_ORDER,
    FOR_STRAY };

/* What a course is, whatever its sections do. */
struct head {
	int number;		/* of the course in the campus, from 0 */
	const struct area *area;
	const struct unit *unit;
	int in_area;		/* its number in the area, from 0 */
	int code;		/* courseNumber */
	int away;		/* the off-campus twin of the one before */
	const char *supplement;
	int kind;		/* of its sections, in kinds */
	int slots;		/* sections it can have, 1..SECTIONS_MAX */
};

struct section {
	int k;			/* its number in the course, from 0 */
	int slot;		/* its number in the campus, from 0 */
	int kind;		/* in kinds */
	int place;		/* in the campus's places */
	int open;		/* as courses.json says */
};

/* A course with the sections it has at this tick. */
struct course {
	struct head head;
	int first_slot;		/* slot of its section 0 */
	int n, nopen;
	struct section sections[SECTIONS_MAX];
};

/*
 * The world of a campus in a term at a tick, percent the size.  Returns 0,
 * or -1 when there is no such term or campus.
 */
int world_init(struct world *w, uint64_t seed, int percent, int64_t year,
    int64_t term, const char *campus, int64_t tick);

/* How many courses it can have. */
int world_courses(const struct world *w);

/* Course number n, 0 <= n < world_courses(). */
void world_head(const struct world *w, int n, struct head *h);

/* Fill c with course n, whose sections begin at slot first. */
void world_course(const struct world *w, int n, int first, struct course *c);

/* The slot at which course to begins, when course from begins at slot. */
int world_slot_of(const struct world *w, int from, int slot, int to);

/* Is there a section at slot now?  Is a seat free there, at a tick? */
int world_present(const struct world *w, int slot);
int world_open(const struct world *w, int slot, int64_t tick);

/* Registration index of a slot, unique in the term over all campuses. */
int world_index(const struct world *w, int slot);

/* Section number ("01", "90") of section k, of a kind. */
void section_number(int k, int kind, char out[4]);

/* Dice about thing id, thrown anew every period ticks. */
struct dice world_dice(const struct world *w, enum purpose p, int64_t id,
    int64_t period);

#endif
