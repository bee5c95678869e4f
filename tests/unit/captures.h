/*
 * captures.h -- the real captures, for tests of the whole map.
 *
 * They are no part of the project: a test that lacks them says so.  Under
 * valgrind only the smallest is used.
 */
#ifndef CAPTURES_H
#define CAPTURES_H

#include "staged.h"

#define CAPTURES "../shared/captures/soc/"
#define CAPTURES_DECL "pipelines/soc/pipeline.toml"

struct capture {
	const char *dataset, *courses, *open;
};

static const struct capture captures[] = {
	{ "20209/CM", CAPTURES "2020-9/CM/courses.20200603T000000Z.json.gz",
	    CAPTURES "2020-9/CM/openSections.20200603T000000Z.json.gz" },
	{ "20261/CM", CAPTURES "2026-1/CM/courses.20251115T200000Z.json.gz",
	    CAPTURES "2026-1/CM/openSections.20251115T200000Z.json.gz" },
	{ "20261/NK", CAPTURES "2026-1/NK/courses.20251115T200000Z.json.gz",
	    CAPTURES "2026-1/NK/openSections.20251115T200000Z.json.gz" },
	{ "20261/NB", CAPTURES "2026-1/NB/courses.20251115T200000Z.json.gz",
	    CAPTURES "2026-1/NB/openSections.20251115T200000Z.json.gz" },
};

static inline size_t
captures_count(void)
{
	return getenv("SLUICE_VALGRIND") != NULL ? 1 : TAP_COUNT(captures);
}

/* Skips the whole test, visibly, if they are not there. */
static inline int
captures_there(const char *what)
{
	if (access(captures[0].courses, R_OK) == 0 &&
	    access(CAPTURES_DECL, R_OK) == 0)
		return 1;
	tap_skip(what, "no captures");
	return 0;
}

/* Make tmpdir_path, and stay where the captures are.  Free the result. */
static inline char *
captures_tmpdir(void)
{
	char *top = getcwd(NULL, 0);

	tmpdir_enter();
	if (top == NULL || chdir(top) == -1)
		staged_die("top", "cannot go back");
	return top;
}

/* One whole payload as a document; the caller frees it. */
static inline yyjson_doc *
captures_read(const char *file)
{
	struct buf text;
	char command[512];
	yyjson_doc *doc = NULL;
	FILE *fp;
	size_t n;

	snprintf(command, sizeof(command), "gzip -dc %s", file);
	buf_init(&text, (size_t)1 << 30);
	if ((fp = popen(command, "r")) == NULL)
		staged_die(file, "popen");
	do {
		if (buf_reserve(&text, 65536) == -1)
			staged_die(file, "memory");
		n = fread(text.data + text.len, 1, 65536, fp);
		text.len += n;
	} while (n > 0);
	if (pclose(fp) != 0 ||
	    (doc = yyjson_read(text.data, text.len, 0)) == NULL)
		staged_die(file, "cannot read");
	buf_release(&text);
	return doc;
}

/* The seed: SEED of the environment, else fixed; it is printed. */
static inline uint64_t
captures_seed(void)
{
	const char *s = getenv("SEED");
	uint64_t seed = s != NULL ? strtoull(s, NULL, 0) : 20261;

	printf("# SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

#endif
