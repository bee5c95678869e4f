/*
 * load.h -- stream one payload through the map into staging.
 *
 * The payload is read, decoded if it is gzip, cut into elements and mapped
 * one element at a time; memory is one element, not one file.
 */
#ifndef LOAD_H
#define LOAD_H

#include "store/map.h"

struct load_count {
	int64_t bytes;		/* decoded */
	int64_t elements;
};

/*
 * Read all of fd (borrowed) as the payload of a part.  Returns 0 and sets
 * *count; or -1, and m's staging knows why: status 65 if the payload is
 * cut, corrupt or no array of JSON values, 75 on a stop request.
 */
int load_payload(struct map *m, const char *part, int fd,
    struct load_count *count);

#endif
