#include "net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "net/bearer.h"

/* A shorter value is found in anything, and protects nothing. */
#define TELLING_BYTES 6

struct secret {
	struct secret *next;
	char name[SECRET_NAME];
	char value[SECRET_BYTES];
	char telling[SECRET_BYTES];	/* its longest word, or "" */
};

void
secrets_init(struct secrets *s, const char *dir)
{
	*s = (struct secrets){ .dir = dir };
}

static void
forget(struct secret *one)
{
	if (one != NULL)
		explicit_bzero(one, sizeof(*one));
	free(one);
}

void
secrets_release(struct secrets *s)
{
	struct secret *one;

	while ((one = s->first) != NULL) {
		s->first = one->next;
		forget(one);
	}
	bearers_free(s->bearers);
	s->bearers = NULL;
}

static int
name_ok(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strspn(name, allowed);

	return n > 0 && n < SECRET_NAME && name[n] == '\0' &&
	    name[0] != '.';
}

/* Nobody else may read it.  NULL, or what is wrong. */
static const char *
check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return "the secret is no file";
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "the secret's file belongs to somebody else";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "the secret's file is open to others (chmod 600)";
	return NULL;
}

/* One line of what a header may hold, without its newline. */
static const char *
read_value(int fd, char value[SECRET_BYTES])
{
	size_t n = 0, i;
	ssize_t got;

	while ((got = read(fd, value + n, SECRET_BYTES - n)) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return "the secret cannot be read";
		if ((n += (size_t)got) == SECRET_BYTES)
			return "the secret is too long";
	}
	if (n > 0 && value[n - 1] == '\n')
		n--;
	if (n == 0 || value[0] == ' ' || value[n - 1] == ' ')
		return "the secret is empty, or has blanks around it";
	for (i = 0; i < n; i++)
		if (value[i] < ' ' || value[i] > '~')
			return "the secret is not one line of plain text";
	value[n] = '\0';
	return NULL;
}

/* "Bearer abc": what must not show is the second word. */
static void
find_telling(struct secret *one)
{
	const char *word;
	size_t n, longest = TELLING_BYTES - 1;

	for (word = one->value; *word != '\0'; word += n + (word[n] == ' ')) {
		n = strcspn(word, " ");
		if (n <= longest)
			continue;
		memcpy(one->telling, word, n);
		one->telling[n] = '\0';
		longest = n;
	}
}

int
secrets_open(const struct secrets *s, const char *name, const char **why)
{
	struct buf path;
	int fd = -1;

	*why = "a secret is asked for without --secrets";
	if (s == NULL || s->dir == NULL)
		return -1;
	*why = "no name of a secret";
	if (!name_ok(name))
		return -1;
	*why = "the secret's path is too long";
	buf_init(&path, PATH_BYTES_MAX);
	if (buf_printf(&path, "%s/%s", s->dir, name) == 0) {
		*why = "there is no such secret, or it cannot be opened";
		/* Not blocked by a fifo: what it is gets checked next. */
		fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	buf_release(&path);
	if (fd == -1 || (*why = check_file(fd)) == NULL)
		return fd;
	close(fd);
	return -1;
}

/* Put it in front.  Its value, borrowed. */
static const char *
keep(struct secrets *s, struct secret *one)
{
	find_telling(one);
	one->next = s->first;
	s->first = one;
	return one->value;
}

const char *
secrets_get(struct secrets *s, const char *name, const char **why)
{
	struct secret *one;

	int fd;

	for (one = s != NULL ? s->first : NULL; one != NULL; one = one->next)
		if (name[0] != '\0' && strcmp(one->name, name) == 0)
			return one->value;
	if ((fd = secrets_open(s, name, why)) == -1)
		return NULL;
	*why = "out of memory";
	if ((one = calloc(1, sizeof(*one))) != NULL) {
		memcpy(one->name, name, strlen(name) + 1);
		*why = read_value(fd, one->value);
	}
	close(fd);
	if (*why == NULL)
		return keep(s, one);
	forget(one);
	return NULL;
}

const char *
secrets_keep(struct secrets *s, const char *value)
{
	struct secret *one;

	if (strlen(value) >= SECRET_BYTES) {
		errno = E2BIG;
		return NULL;
	}
	if ((one = calloc(1, sizeof(*one))) == NULL)
		return NULL;
	memcpy(one->value, value, strlen(value) + 1);
	return keep(s, one);
}

/* Does text, which may have been cut, end with the beginning of word? */
static int
ends_within(const char *text, const char *word)
{
	size_t len = strlen(text), n = strlen(word);

	for (n = n < len ? n : len; n >= TELLING_BYTES; n--)
		if (memcmp(text + len - n, word, n) == 0)
			return 1;
	return 0;
}

int
secrets_in(const struct secrets *s, const char *text)
{
	const struct secret *one;

	for (one = s->first; one != NULL; one = one->next)
		if (one->telling[0] != '\0' &&
		    (strstr(text, one->telling) != NULL ||
		    ends_within(text, one->telling)))
			return 1;
	return 0;
}
