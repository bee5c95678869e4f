#include "store/load.h"

#include "base/stop.h"

static int
take_element(yyjson_val *element, int64_t n, void *arg)
{
	struct map *m = arg;

	(void)n;
	if (stop_requested())
		return staging_fail(m->staging, EXIT_TEMP, "interrupted");
	return map_element(m, element);
}

int
load_payload(struct map *m, const char *part, int fd,
    enum payload_coding coding, const struct payload_form *form,
    struct payload_facts *facts)
{
	struct staging *s = m->staging;
	struct finding f;

	if (map_begin(m, part) == -1)
		return staging_fail_errno(s, part);
	switch (payload_each(fd, coding, form, take_element, m, facts, &f)) {
	case PAYLOAD_OK:
		return map_end(m);
	case PAYLOAD_BAD:
		return staging_fail(s, EXIT_DATA, "%s: %s%sbyte %lld: %s",
		    part, f.where, f.where[0] != '\0' ? ", " : "",
		    (long long)f.offset, f.text);
	case PAYLOAD_STOPPED:
		return -1;	/* and said so */
	case PAYLOAD_FAILED:
		break;
	}
	return staging_fail_errno(s, part);
}
