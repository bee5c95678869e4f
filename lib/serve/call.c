#include "serve/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static const char id_bytes[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

void
call_init(struct call *c)
{
	memset(c, 0, sizeof(*c));
	buf_init(&c->target, CALL_TARGET_BYTES);
}

void
call_release(struct call *c)
{
	buf_release(&c->target);
}

int
call_begin(struct call *c, const char *target)
{
	size_t n = strlen(target);
	struct buf kept = c->target;
	char *q;

	memset(c, 0, sizeof(*c));
	c->target = kept;
	c->began_us = clock_mono_us();
	if (n > CALL_TARGET_BYTES) {
		n = CALL_TARGET_BYTES;
		c->too_long = 1;
	}
	buf_clear(&c->target);
	if (buf_add(&c->target, target, n) == -1)
		return -1;
	if ((q = strchr(c->target.data, '?')) != NULL) {
		*q = '\0';
		c->query = q + 1;
	}
	return 0;
}

void
call_name(struct call *c, const char *id, uint64_t n)
{
	size_t len = id != NULL ? strlen(id) : 0;

	if (len > 0 && len < sizeof(c->id) && strspn(id, id_bytes) == len)
		memcpy(c->id, id, len + 1);
	else
		snprintf(c->id, sizeof(c->id), "%016" PRIx64, n);
}
