#include "store/reshape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/path.h"

/* What jq(1) says by its exit status. */
#define JQ_COMPILE 3

/* A file that nobody else sees, where the staging database will be. */
static int
nameless(struct staging *s)
{
	char name[PATH_BYTES_MAX];
	int fd, n;

	n = snprintf(name, sizeof(name), "%s-XXXXXX", s->tmp);
	if (n < 0 || (size_t)n >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if ((fd = mkstemp(name)) == -1)
		return -1;
	unlink(name);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static int
write_all(int fd, const char *bytes, size_t n)
{
	ssize_t done;

	for (; n > 0; bytes += done, n -= (size_t)done) {
		done = write(fd, bytes, n);
		if (done == -1 && errno != EINTR)
			return -1;
		if (done == -1)
			done = 0;
	}
	return 0;
}

static int
copy(int from, int to)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) != 0)
		if (n == -1 ? errno != EINTR :
		    write_all(to, bytes, (size_t)n) == -1)
			return -1;
	return 0;
}

/* gzip -dc <fd | jq -f program >out.  Sets the exit statuses. */
static int
pipeline(int fd, const char *program, int out, int status[2])
{
	char gzip[] = "gzip", dc[] = "-dc", jq[] = "jq", c[] = "-c";
	char f[] = "-f", file[PATH_BYTES_MAX];
	char *unpack[] = { gzip, dc, NULL }, *run[] = { jq, c, f, file, NULL };
	struct child first, second;
	int r, saved;

	if ((size_t)snprintf(file, sizeof(file), "%s%s",
	    program[0] == '-' ? "./" : "", program) >= sizeof(file)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (child_start(&first, unpack, fd, 0) == -1)
		return -1;
	r = child_start(&second, run, first.out, 0);
	saved = errno;
	close(first.out);	/* jq has it; else gzip is to end */
	first.out = -1;
	if (r == 0) {
		r = copy(second.out, out);
		saved = errno;
		status[1] = child_wait(&second);
	}
	status[0] = child_wait(&first);
	errno = saved;
	return r;
}

int
reshape(struct staging *s, const char *part, const char *program, int fd)
{
	int out, status[2] = { 0, 0 };

	if (access(program, R_OK) == -1)
		return staging_fail(s, EXIT_USAGE, "%s: %s", program,
		    strerror(errno));
	if ((out = nameless(s)) == -1)
		return staging_fail_errno(s, s->tmp);
	if (lseek(fd, 0, SEEK_SET) == -1 ||
	    pipeline(fd, program, out, status) == -1)
		staging_fail_errno(s, "jq");
	else if (status[1] == JQ_COMPILE)
		staging_fail(s, EXIT_USAGE, "%s: jq cannot compile it",
		    program);
	else if (status[0] != 0 || status[1] != 0)
		staging_fail(s, EXIT_DATA, "%s: %s failed on it (jq %d, "
		    "gzip %d)", part, program, status[1], status[0]);
	else
		return out;
	close(out);
	return -1;
}
