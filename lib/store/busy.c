#include "store/busy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define HOLDERS 4		/* as many as a message can bear */

/* The bytes of a database file that SQLite locks: pending, reserved, and
 * the shared range. */
#define LOCK_FIRST 0x40000000
#define LOCK_LAST (LOCK_FIRST + 2 + 510 - 1)

struct holder {
	intmax_t pid;
	int writes;
};

/* Is this line about the file?  Then who has which lock. */
static int
read_line(const char *line, const struct stat *file, struct holder *h)
{
	char kind[8], mode[8], end[24];
	uintmax_t major, minor, inode, first;

	/* "3: -> POSIX ..." waits for one, and holds nothing. */
	if (sscanf(line, "%*d: %7s %*s %7s %jd %jx:%jx:%ju %ju %23s", kind,
	    mode, &h->pid, &major, &minor, &inode, &first, end) != 8 ||
	    strcmp(kind, "FLOCK") == 0 ||
	    makedev(major, minor) != file->st_dev ||
	    inode != file->st_ino || first < LOCK_FIRST || first > LOCK_LAST)
		return -1;
	h->writes = strcmp(mode, "WRITE") == 0;
	return 0;
}

static size_t
enter(struct holder *all, size_t n, const struct holder *h)
{
	size_t i;

	for (i = 0; i < n && all[i].pid != h->pid; i++)
		;
	if (i == HOLDERS || h->pid == getpid())
		return n;
	if (i == n)
		all[n++] = (struct holder){ .pid = h->pid };
	all[i].writes |= h->writes;
	return n;
}

static size_t
find(const char *path, struct holder *all)
{
	struct holder h;
	struct stat file;
	char line[256];
	size_t n = 0;
	FILE *fp;

	if (stat(path, &file) == -1 ||
	    (fp = fopen("/proc/locks", "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), fp) != NULL)
		if (read_line(line, &file, &h) == 0)
			n = enter(all, n, &h);
	fclose(fp);
	return n;
}

/* What pid runs; it may have ended meanwhile. */
static void
program(intmax_t pid, char name[32])
{
	char path[48];
	FILE *fp;

	name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%jd/comm", pid);
	if ((fp = fopen(path, "re")) != NULL) {
		if (fgets(name, 32, fp) == NULL)
			name[0] = '\0';
		fclose(fp);
	}
	name[strcspn(name, "\n")] = '\0';
	if (name[0] == '\0')
		snprintf(name, 32, "a process");
}

int
busy_holders(struct buf *b, const char *path)
{
	struct holder all[HOLDERS];
	size_t i, n = find(path, all);
	char name[32];

	for (i = 0; i < n; i++) {
		program(all[i].pid, name);
		if (buf_printf(b, "%s%s by %s (pid %jd)", i > 0 ? ", " : "",
		    all[i].writes ? "written" : "read", name, all[i].pid)
		    == -1)
			return -1;
	}
	return (int)n;
}
