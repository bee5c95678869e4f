#include "serve/report.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"

#define BEGIN "ready_report_"
#define END ".html"

/* Bytes of a page's name: a version is what a folder can be called. */
#define NAME_BYTES 256

struct latest {
	char name[NAME_BYTES];	/* "" none so far */
	struct buf path;	/* of that one */
};

static int
is_page(const char *name)
{
	size_t n = strlen(name), begin = strlen(BEGIN), end = strlen(END);

	return n > begin + end && n < NAME_BYTES &&
	    strncmp(name, BEGIN, begin) == 0 &&
	    strcmp(name + n - end, END) == 0;
}

/* Is a later one in that folder?  0, also if there is no folder, or -1. */
static int
look(struct latest *l, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int found = 0;

	if (d == NULL)
		return errno == ENOENT ? 0 : -1;
	while ((e = readdir(d)) != NULL)
		if (is_page(e->d_name) && strcmp(e->d_name, l->name) > 0) {
			snprintf(l->name, sizeof(l->name), "%s", e->d_name);
			found = 1;
		}
	closedir(d);
	if (!found)
		return 0;
	buf_clear(&l->path);
	return buf_printf(&l->path, "%s/%s", folder, l->name);
}

static int
look_dataset(struct latest *l, const char *data, const char *source,
    const char *label)
{
	struct buf folder;
	int r;

	buf_init(&folder, PATH_BYTES_MAX);
	r = buf_printf(&folder, "%s/report/%s%s%s", data, source,
	    label[0] != '\0' ? "/" : "", label) == -1 ? -1 :
	    look(l, folder.data);
	buf_release(&folder);
	return r;
}

/* The dataset that a query names: as people write it, and as it is known. */
static int
named(const struct decl *d, const char *query, struct buf *label)
{
	static const char name[] = "dataset=";
	struct part key;
	struct buf text;
	int r = -1;

	buf_init(&text, PATH_BYTES_MAX);
	errno = EINVAL;
	if (strncmp(query, name, strlen(name)) == 0 &&
	    path_decode(&text, query + strlen(name), strcspn(query +
	    strlen(name), "&")) == 0 && text.len > 0 &&
	    decl_dataset(d, text.data, &key) == 0)
		r = part_values(&key, 0, key.n, label);
	buf_release(&text);
	return r;
}

static int
look_all(struct latest *l, const char *data, const char *source,
    const struct snapshot_meta *m)
{
	int r = look_dataset(l, data, source, "");
	const char *label;
	yyjson_val *dataset;
	size_t i, max;

	if (r == -1 || l->name[0] != '\0')
		return r;
	yyjson_arr_foreach(m->datasets, i, max, dataset) {
		label = yyjson_get_str(yyjson_obj_get(dataset, "dataset"));
		if (r == 0 && label != NULL)
			r = look_dataset(l, data, source, label);
	}
	return r;
}

int
report_latest(const char *data, const struct decl *d,
    const struct snapshot_meta *m, const char *query, struct buf *out)
{
	struct latest l = { .name = "" };
	struct buf label;
	int r;

	buf_init(&l.path, PATH_BYTES_MAX);
	buf_init(&label, PATH_BYTES_MAX);
	if (query == NULL)
		r = look_all(&l, data, d->source, m);
	else if ((r = named(d, query, &label)) == 0)
		r = look_dataset(&l, data, d->source, label.data);
	if (r == 0 && l.name[0] != '\0')
		r = buf_file(out, l.path.data) == 0 ? 1 : -1;
	buf_release(&l.path);
	buf_release(&label);
	return r;
}
