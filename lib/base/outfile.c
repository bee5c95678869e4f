#include "base/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

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
	if ((fd = mkstemp(o->tmp)) == -1)
		goto fail;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
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

/* Do two files hold the same bytes?  1 yes, 0 no, -1 with errno set. */
static int
same_bytes(const char *a, const char *b)
{
	FILE *fa, *fb = NULL;
	int ca, cb, r = -1;

	if ((fa = fopen(a, "r")) == NULL || (fb = fopen(b, "r")) == NULL)
		goto out;
	do {
		ca = getc(fa);
		cb = getc(fb);
	} while (ca == cb && ca != EOF);
	if (!ferror(fa) && !ferror(fb))
		r = ca == cb;
out:
	if (fa != NULL)
		fclose(fa);
	if (fb != NULL)
		fclose(fb);
	return r;
}

/* Give the file its name. */
static int
name_file(const struct outfile *o)
{
	if (o->mode == OUTFILE_REPLACE)
		return rename(o->tmp, o->path);
	if (link(o->tmp, o->path) == -1) {
		if (errno != EEXIST)
			return -1;
		switch (same_bytes(o->tmp, o->path)) {
		case 0:
			errno = EEXIST;
			return -1;
		case -1:
			return -1;
		}
	}
	return unlink(o->tmp);
}

/* mkstemp() gives 0600: the final mode obeys the user's mask. */
static int
set_mode(const struct outfile *o)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fileno(o->fp),
	    (o->mode == OUTFILE_NEW ? 0444 : 0666) & ~mask);
}

static void
release(struct outfile *o)
{
	free(o->path);
	free(o->tmp);
}

int
outfile_ready(struct outfile *o)
{
	if (fflush(o->fp) != EOF && ferror(o->fp) == 0 && set_mode(o) == 0)
		return 0;
	outfile_abort(o);
	return -1;
}

static int
close_file(struct outfile *o)
{
	int bad = fclose(o->fp) == EOF;

	o->fp = NULL;
	return bad ? -1 : 0;
}

int
outfile_publish(struct outfile *o)
{
	if (fsync(fileno(o->fp)) == -1 || close_file(o) == -1 ||
	    name_file(o) == -1 || path_sync_parent(o->path) == -1) {
		outfile_abort(o);
		return -1;
	}
	release(o);
	return 0;
}

int
outfile_commit(struct outfile *o)
{
	return outfile_ready(o) == 0 ? outfile_publish(o) : -1;
}

int
outfile_commit_loose(struct outfile *o)
{
	if (outfile_ready(o) == -1)
		return -1;
	if (close_file(o) == -1 || name_file(o) == -1) {
		outfile_abort(o);
		return -1;
	}
	release(o);
	return 0;
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
