/*
 * human.h -- numbers as people read them.
 */
#ifndef HUMAN_H
#define HUMAN_H

#include <stdint.h>

/* Bytes of any of these texts with their '\0'. */
#define HUMAN_TEXT 32

/* "312 B", "32.1 kB", "20.8 MB", "1.2 GB"; powers of ten. */
void human_bytes(int64_t bytes, char out[HUMAN_TEXT]);

/* "0.3 s", "12.0 s", "3 min 20 s", "2 h 05 min". */
void human_ms(int64_t ms, char out[HUMAN_TEXT]);

/* "11,680". */
void human_count(int64_t n, char out[HUMAN_TEXT]);

#endif
