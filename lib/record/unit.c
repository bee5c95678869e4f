#include "record/unit.h"

#include <string.h>

#include "base/path.h"

void
unit_release(struct unit *u)
{
	buf_release(&u->part_path);
	buf_release(&u->label);
}

static const char *
take_texts(struct unit *u, const struct record *r)
{
	size_t n = strlen(u->dataset);

	if (part_values(&u->part, 0, u->part.n, &u->part_path) == -1 ||
	    record_label(r, &u->label) == -1)
		return "part too long";
	if (strncmp(u->part_path.data, u->dataset, n) != 0 ||
	    u->part_path.data[n] != '/')
		return "dataset and part disagree";
	return NULL;
}

const char *
unit_read(struct unit *u, const struct record *r)
{
	const char *wrong;

	u->run = record_str(r, "run");
	u->source = record_str(r, "source");
	u->dataset = record_str(r, "dataset");
	if (u->run == NULL || u->run[0] == '\0')
		return "no run";
	if (u->source == NULL || u->source[0] == '\0')
		return "no source";
	if (u->dataset == NULL || u->dataset[0] == '\0')
		return "no dataset";
	if (part_read(&u->part, yyjson_obj_get(r->root, "part")) == -1)
		return "no part, or not a partition key";
	buf_init(&u->part_path, PATH_BYTES_MAX);
	buf_init(&u->label, PATH_BYTES_MAX);
	if ((wrong = take_texts(u, r)) != NULL)
		unit_release(u);
	return wrong;
}
