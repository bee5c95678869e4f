#define _GNU_SOURCE		/* renameat2() */

#include "base/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* As mkstemp(3), but the mode obeys the user's mask from the beginning. */
static int
open_tmp(char *tmp, mode_t mode)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	char *end = tmp + strlen(tmp), *c;
	unsigned char random[6];
	int fd;

	do {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return -1;
		for (c = end - sizeof(random); c < end; c++)
			*c = letters[random[end - c - 1] % 32];
		fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	} while (fd == -1 && errno == EEXIST);
	return fd;
}

int
outfile_open(struct outfile *o, const char *path, enum outfile_mode mode)
{
	const char *slash = strrchr(path, '/');
	size_t dirlen = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	size_t size = strlen(path) + sizeof(".tmp-XXXXXX") + 1;
	int fd = -1;

	o->mode = mode;
	o->fp = NULL;
	o->path = strdup(path);
	o->tmp = malloc(size);
	if (o->path == NULL || o->tmp == NULL)
		goto fail;
	snprintf(o->tmp, size, "%.*s.%s-XXXXXX", (int)dirlen, path,
	    path + dirlen);
	if ((fd = open_tmp(o->tmp, mode == OUTFILE_NEW ? 0444 : 0666)) == -1)
		goto fail;
	if ((o->fp = fdopen(fd, "w")) == NULL) {
		unlink(o->tmp);
		close(fd);
		goto fail;
	}
	return 0;
fail:
	free(o->path);
	free(o->tmp);
	return -1;
}

/* Returns 0 if two files hold the same bytes, else EEXIST, or an errno. */
static int
compare(const char *a, const char *b)
{
	FILE *fa, *fb = NULL;
	int ca, cb, r = 0;

	if ((fa = fopen(a, "re")) == NULL || (fb = fopen(b, "re")) == NULL) {
		r = errno;
		goto out;
	}
	do {
		ca = getc(fa);
		cb = getc(fb);
	} while (ca == cb && ca != EOF);
	if (ferror(fa) || ferror(fb))
		r = EIO;
	else if (ca != cb)
		r = EEXIST;
out:
	if (fa != NULL)
		fclose(fa);
	if (fb != NULL)
		fclose(fb);
	return r;
}

/*
 * Give the file its name.  Not every file system can rename without
 * replacing.
 */
static int
name_file(const struct outfile *o)
{
	if (o->mode == OUTFILE_REPLACE)
		return rename(o->tmp, o->path);
	if (renameat2(AT_FDCWD, o->tmp, AT_FDCWD, o->path,
	    RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOSYS)
		errno = link(o->tmp, o->path) == 0 ? 0 : errno;
	if (errno == EEXIST)
		errno = compare(o->tmp, o->path);
	return errno == 0 ? unlink(o->tmp) : -1;
}

static void
release(struct outfile *o)
{
	free(o->path);
	free(o->tmp);
}

/* All has been written, and synced if asked.  *o still has to be released. */
static int
close_file(struct outfile *o, int sync)
{
	int bad = fflush(o->fp) == EOF || ferror(o->fp) ||
	    (sync && fsync(fileno(o->fp)) == -1), saved = errno;

	/* Not every disk tells before this that it is full. */
	if (fclose(o->fp) == EOF && !bad) {
		bad = 1;
		saved = errno;
	}
	o->fp = NULL;
	errno = saved;
	return bad ? -1 : 0;
}

static int
commit(struct outfile *o, int sync)
{
	int r, saved;

	if (close_file(o, sync) == -1 || name_file(o) == -1) {
		outfile_abort(o);
		return -1;
	}
	r = sync ? path_sync_parent(o->path) : 0;
	saved = errno;
	release(o);
	errno = saved;
	return r;
}

int
outfile_commit(struct outfile *o)
{
	return commit(o, 1);
}

int
outfile_commit_loose(struct outfile *o)
{
	return commit(o, 0);
}

void
outfile_abort(struct outfile *o)
{
	int saved = errno;

	if (o->fp != NULL)
		fclose(o->fp);
	unlink(o->tmp);
	release(o);
	o->fp = NULL;
	errno = saved;
}

/* Remove the entries of d that are named as temporary files of name are. */
static int
sweep_folder(DIR *d, const char *name)
{
	size_t len = strlen(name);
	struct dirent *e;

	while (errno = 0, (e = readdir(d)) != NULL)
		if (e->d_name[0] == '.' &&
		    strncmp(e->d_name + 1, name, len) == 0 &&
		    e->d_name[len + 1] == '-' &&
		    strlen(e->d_name + len + 2) == strlen("XXXXXX") &&
		    unlinkat(dirfd(d), e->d_name, 0) == -1)
			return -1;
	return errno == 0 ? 0 : -1;
}

int
outfile_sweep(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? strdup(".") :
	    strndup(path, (size_t)(slash - path) + 1);
	DIR *d;
	int r, saved;

	if (dir == NULL)
		return -1;
	d = opendir(dir);
	free(dir);
	if (d == NULL)
		return errno == ENOENT ? 0 : -1;
	r = sweep_folder(d, slash == NULL ? path : slash + 1);
	saved = errno;
	closedir(d);
	errno = saved;
	return r;
}
