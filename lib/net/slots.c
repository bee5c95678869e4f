#include "net/slots.h"

#include <stdlib.h>

int
slots_init(struct slots *s, int64_t n, const struct fetch_policy *policy)
{
	*s = (struct slots){ .list = calloc((size_t)n, sizeof(*s->list)) };
	if (s->list == NULL)
		return -1;
	for (; s->n < n; s->n++)
		if (transfer_init(&s->list[s->n].transfer, policy) == -1)
			return -1;
	return 0;
}

void
slots_release(struct slots *s)
{
	int64_t i;

	for (i = 0; i < s->n; i++)
		transfer_release(&s->list[i].transfer);
	free(s->list);
	*s = (struct slots){ 0 };
}

struct slot *
slots_free(struct slots *s)
{
	int64_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i].job == NULL)
			return &s->list[i];
	return NULL;
}
