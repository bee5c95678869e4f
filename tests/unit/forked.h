/*
 * forked.h -- run a function in a process of its own, and what it said.
 *
 * For what ends the program, or belongs to all of it: exits, signals,
 * closed descriptors, limits.
 */
#ifndef FORKED_H
#define FORKED_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct forked {
	int status;		/* exit status, or 128 + signal */
	char out[1 << 16], err[1 << 16];	/* cut to that */
};

static inline void
forked_read(FILE *fp, char *text, size_t size)
{
	size_t n;

	rewind(fp);
	n = fread(text, 1, size - 1, fp);
	text[n] = '\0';
	fclose(fp);
}

/* fn's process exits 0 when it returns. */
static inline void
forked_run(struct forked *f, void (*fn)(const void *), const void *arg)
{
	FILE *out = tmpfile(), *err = tmpfile();
	int status = 0;
	pid_t pid;

	fflush(stdout);
	if (out == NULL || err == NULL || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		fn(arg);
		exit(0);
	}
	waitpid(pid, &status, 0);
	f->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
	forked_read(out, f->out, sizeof(f->out));
	forked_read(err, f->err, sizeof(f->err));
}

#endif
