/*
 * course.h -- a course of a made-up term as the API writes it.
 */
#ifndef COURSE_H
#define COURSE_H

#include "catalog.h"
#include "record/jsonw.h"

/* Bytes of the longest full title and of a short one, with the '\0'. */
#define TITLE_TEXT 64
#define BRIEF_TEXT 21

/* Append c, an element of courses.json. */
void course_write(const struct world *w, const struct course *c,
    struct jsonw *j);

/* Append its section s, an element of the member sections. */
void section_write(const struct world *w, const struct course *c,
    const struct section *s, struct jsonw *j);

/* The full title of a course at this tick, and its short form. */
void course_title(const struct world *w, const struct head *h,
    char title[TITLE_TEXT], char brief[BRIEF_TEXT]);

/* "01:198:111", with the '\0'. */
void course_string(const struct head *h, char out[16]);

/* The campusCode of a course and its sections. */
const char *course_campus(const struct world *w, const struct head *h);

/* Up to 2020 the API had fewer members, TH, and null for "". */
int world_old(const struct world *w);

/* Append an array of {code, description}. */
void write_labels(struct jsonw *j, const char *name,
    const struct label *labels[], int n);

#endif
