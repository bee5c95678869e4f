/*
 * load.h -- stream one payload through the map into staging.
 */
#ifndef LOAD_H
#define LOAD_H

#include "record/payload.h"
#include "store/map.h"

/*
 * Read all of fd (borrowed) as the payload of a part; one pass, in the
 * memory of one element.  Returns 0 and sets *facts; or -1, and m's
 * staging knows why: status 65 if the payload is cut, corrupt or not
 * of that form, 75 on a stop request (stop.h).
 */
int load_payload(struct map *m, const char *part, int fd,
    enum payload_coding coding, const struct payload_form *form,
    struct payload_facts *facts);

#endif
