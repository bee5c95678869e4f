/*
 * tmpdir.h -- a folder of one's own for tests that need files.
 */
#ifndef TMPDIR_H
#define TMPDIR_H

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char tmpdir_path[96];

/* Make it, and make it the working directory. */
static inline void
tmpdir_enter(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(tmpdir_path, sizeof(tmpdir_path), "%s/sluice-unit-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(tmpdir_path) == NULL || chdir(tmpdir_path) == -1) {
		perror(tmpdir_path);
		exit(99);
	}
}

/* Remove it with all that is in it. */
static inline void
tmpdir_leave(void)
{
	char rm[] = "rm", opt[] = "-rf";
	char *argv[] = { rm, opt, tmpdir_path, NULL };
	pid_t pid;

	if (chdir("/") == 0 &&
	    posix_spawnp(&pid, rm, NULL, NULL, argv, NULL) == 0)
		waitpid(pid, NULL, 0);
}

/* Write n bytes as the file path. */
static inline void
tmpdir_write(const char *path, const void *bytes, size_t n)
{
	FILE *fp = fopen(path, "w");

	if (fp == NULL || fwrite(bytes, 1, n, fp) != n || fclose(fp) == EOF) {
		perror(path);
		exit(99);
	}
}

static inline void
tmpdir_text(const char *path, const char *text)
{
	tmpdir_write(path, text, strlen(text));
}

/* The file's text, at most 64 KiB; "(none)" if there is no such file. */
static inline const char *
tmpdir_read(const char *path)
{
	static char text[1 << 16];
	FILE *fp = fopen(path, "r");
	size_t n;

	if (fp == NULL)
		return "(none)";
	n = fread(text, 1, sizeof(text) - 1, fp);
	text[n] = '\0';
	fclose(fp);
	return text;
}

#endif
