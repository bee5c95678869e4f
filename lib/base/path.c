#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
is_plain(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

int
path_encode(struct buf *b, const char *value)
{
	const char *p;

	for (p = value; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		int r;

		if (is_plain(c) && !(c == '.' && p == value))
			r = buf_chr(b, (char)c);
		else
			r = buf_printf(b, "%%%02X", c);
		if (r == -1)
			return -1;
	}
	return 0;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
path_decode(struct buf *b, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char c = s[i];

		if (c == '%') {
			if (n - i < 3 || hex(s[i + 1]) == -1 ||
			    hex(s[i + 2]) == -1) {
				errno = EINVAL;
				return -1;
			}
			c = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		}
		if (c == '\0') {	/* would end the value early */
			errno = EINVAL;
			return -1;
		}
		if (buf_chr(b, c) == -1)
			return -1;
	}
	return 0;
}

static int
make_dir(const char *dir)
{
	struct stat st;

	if (mkdir(dir, 0777) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	if (stat(dir, &st) == -1)	/* a symbolic link to nothing */
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return 0;
}

int
path_mkdirs(const char *dir)
{
	char *copy = strdup(dir), *p;
	int r = 0;

	if (copy == NULL)
		return -1;
	for (p = copy + 1; *copy != '\0' && *p != '\0' && r == 0; p++)
		if (*p == '/' && p[-1] != '/') {
			*p = '\0';
			r = make_dir(copy);
			*p = '/';
		}
	if (r == 0 && *copy != '\0')
		r = make_dir(copy);
	free(copy);
	return r;
}

/* The folder of path, in memory of its own, or NULL with errno. */
static char *
parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	if (slash == path)
		return strdup("/");
	return strndup(path, (size_t)(slash - path));
}

int
path_mkparents(const char *path)
{
	char *dir = parent(path);
	int r;

	if (dir == NULL)
		return -1;
	r = path_mkdirs(dir);
	free(dir);
	return r;
}

/* Someone else may have been faster. */
static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

int
path_remove_tree(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st) == -1)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
path_sync_parent(const char *path)
{
	char *dir = parent(path);
	int fd, r;

	if (dir == NULL)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

int
path_tool(struct buf *b, const char *name)
{
	char self[PATH_BYTES_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t before = b->len;
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		if ((slash = strrchr(self, '/')) != NULL) {
			slash[1] = '\0';
			if (buf_printf(b, "%s%s", self, name) == -1)
				return -1;
			if (access(b->data + before, X_OK) == 0)
				return 0;
			b->len = before;
		}
	}
	return buf_str(b, name);
}
