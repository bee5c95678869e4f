/*
 * words.h -- the vocabulary of made-up catalogues: campuses, schools,
 * subjects, rooms, names and notes, in the spelling of the real API.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* A code with what it stands for. */
struct label {
	const char *code, *text;
};

/* Where a section meets. */
struct place {
	const char *code;	/* of the location; meetings at NA have "" */
	const char *title;
	const char *abbrev, *name;	/* "" for NA */
	const char *buildings;	/* separated by blanks; "" none */
};

struct unit {
	const char *code, *title;
	char level;		/* U or G */
};

/* What a subject's titles are about. */
enum field { ARTS, SOCIETY, SCIENCE, ENGINEERING, BUSINESS, HEALTH, FIELDS };

/* A subject as one unit offers it. */
struct area {
	int unit;		/* its number in the campus's units */
	const char *subject, *title;
	enum field field;
	int weight;		/* share of the campus's courses */
};

struct campus {
	const char *code;	/* as in a query */
	const char *home, *away;	/* campusCode on and off campus */
	const char *supplement;	/* of courses that are offered twice */
	int courses;		/* in a full spring */
	int big;		/* courses of 1,000 with 13 sections and more */
	int first_index, last_index;	/* its block of index numbers */
	int online;		/* every section is */
	const struct unit *units;
	int nunits;
	const struct area *areas;
	int nareas;
	const struct place *places;	/* real ones first */
	int nplaces;		/* real ones only */
	int arranged, remote;	/* the place of those sections */
	const char *starts;	/* of periods, "0830 1020 ..." */
};

/* By rising block of index numbers. */
extern const struct campus campuses[];
extern const int ncampuses;

/* How a section is taught. */
enum pattern { PAIR, LONG, RECITATION, LABORATORY, ARRANGED, ONLINE,
    REMOTE, HYBRID };

struct kind {
	const char *mode, *title;	/* meetingModeCode and its text */
	enum pattern pattern;
	char type;		/* sectionCourseType */
	int of_u, of_g;		/* weight among under-, graduate courses */
};

extern const struct kind kinds[];
extern const int nkinds;
extern const struct label recitation, laboratory, internet;

/* A title's beginning, short and in full; "" for both is one too. */
extern const struct label forms[];
extern const int nforms;
extern const char *const topics[FIELDS][16];

extern const char *const surnames[], *const firstnames[];
extern const int nsurnames, nfirstnames;

extern const struct label core_codes[], comments[], exams[], permissions[];
extern const int ncore_codes, ncomments, nexams, npermissions;
/* Each core code's number in the registrar's list, and last change. */
extern const struct core { const char *id; int64_t updated_ms; } cores[];

extern const char *const section_notes[], *const course_notes[],
    *const subject_notes[], *const eligibilities[], *const subtitles[];
extern const int nsection_notes, ncourse_notes, nsubject_notes,
    neligibilities, nsubtitles;

#endif
