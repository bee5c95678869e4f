#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/num.h"

#define HEX_DASH "0123456789abcdef-"
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyz0123456789" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ._-"

#define STAT_STATE 0		/* fields of /proc/PID/stat after ") " */
#define STAT_START 19

/* --- what the kernel says ----------------------------------------------- */

/* The start of a small file, without its last "\n". */
static int
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	ssize_t n;

	text[0] = '\0';
	if (fd == -1)
		return -1;
	n = read(fd, text, size - 1);
	saved = errno;
	close(fd);
	errno = saved;
	if (n <= 0)
		return -1;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/*
 * When pid started, 0 for one that has ended and waits for its parent; -1
 * with errno ENOENT or ESRCH (none to be seen), or EINVAL (no such text).
 * A program's name may hold blanks and brackets: fields count from its end.
 */
static int64_t
started(int64_t pid)
{
	char path[48], text[1024], *p;
	int64_t ticks;
	int i;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	if (read_text(path, text, sizeof(text)) == -1)
		return -1;
	errno = EINVAL;
	if ((p = strrchr(text, ')')) == NULL || p[1] != ' ')
		return -1;
	p += 2;
	if (p[STAT_STATE] == 'Z' || p[STAT_STATE] == 'X')
		return 0;
	for (i = 0; i < STAT_START; i++)
		if ((p = strchr(p, ' ')) == NULL)
			return -1;
		else
			p++;
	p[strcspn(p, " ")] = '\0';
	return num_parse(p, 1, INT64_MAX, &ticks) == 0 ? ticks : -1;
}

/* The number in "pid:[4026531836]", 0 if there is none. */
static int64_t
pid_space(void)
{
	char text[64], *end;
	ssize_t n = readlink("/proc/self/ns/pid", text, sizeof(text) - 1);
	int64_t space;

	text[n > 0 ? n : 0] = '\0';
	if (strncmp(text, "pid:[", 5) != 0 ||
	    (end = strchr(text, ']')) == NULL)
		return 0;
	*end = '\0';
	return num_parse(text + 5, 1, INT64_MAX, &space) == 0 ? space : 0;
}

static void
host_name(char host[OWNER_HOST])
{
	char *p;

	if (gethostname(host, OWNER_HOST) == -1)
		host[0] = '\0';
	host[OWNER_HOST - 1] = '\0';
	for (p = host; *p != '\0'; p++)
		if (strchr(HOST_CHARS, *p) == NULL)
			*p = '_';
}

void
owner_self(struct owner *o, const char *name)
{
	int64_t start = started(getpid());

	o->pid = getpid();
	o->start = start > 0 ? start : 0;
	o->space = pid_space();
	if (read_text("/proc/sys/kernel/random/boot_id", o->boot,
	    sizeof(o->boot)) == -1 ||
	    o->boot[strspn(o->boot, HEX_DASH)] != '\0')
		o->boot[0] = '\0';
	host_name(o->host);
	snprintf(o->name, sizeof(o->name), "%s", name);
	msg_mask(o->name, strlen(o->name));
}

/* --- as text ------------------------------------------------------------ */

size_t
owner_format(const struct owner *o, char line[OWNER_TEXT])
{
	return (size_t)snprintf(line, OWNER_TEXT, "pid=%lld start=%lld "
	    "space=%lld boot=%s host=%s name=%s\n", (long long)o->pid,
	    (long long)o->start, (long long)o->space, o->boot, o->host,
	    o->name);
}

/* The value after key at *p, which ends at end, into out; *p goes past. */
static int
member(const char **p, const char *key, char end, char *out, size_t size)
{
	size_t n = strlen(key);
	const char *value = *p + n, *stop;

	if (strncmp(*p, key, n) != 0 ||
	    (stop = strchr(value, end)) == NULL ||
	    (n = (size_t)(stop - value)) >= size)
		return -1;
	memcpy(out, value, n);
	out[n] = '\0';
	*p = stop + 1;
	return 0;
}

static int
number(const char **p, const char *key, int64_t min, int64_t max,
    int64_t *out)
{
	char text[24];

	return member(p, key, ' ', text, sizeof(text)) == -1 ? -1 :
	    num_parse(text, min, max, out);
}

static int
is_masked(const char *name)
{
	char copy[OWNER_NAME];

	snprintf(copy, sizeof(copy), "%s", name);
	msg_mask(copy, strlen(copy));
	return strcmp(copy, name) == 0;
}

int
owner_parse(struct owner *o, const char *line)
{
	const char *p = line;

	if (number(&p, "pid=", 1, INT32_MAX, &o->pid) == -1 ||
	    number(&p, "start=", 0, INT64_MAX, &o->start) == -1 ||
	    number(&p, "space=", 0, INT64_MAX, &o->space) == -1 ||
	    member(&p, "boot=", ' ', o->boot, sizeof(o->boot)) == -1 ||
	    member(&p, "host=", ' ', o->host, sizeof(o->host)) == -1 ||
	    member(&p, "name=", '\n', o->name, sizeof(o->name)) == -1 ||
	    o->boot[strspn(o->boot, HEX_DASH)] != '\0' ||
	    o->host[strspn(o->host, HOST_CHARS)] != '\0' ||
	    !is_masked(o->name)) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

/* --- is it alive? ------------------------------------------------------- */

/* Of this host, boot and namespace. */
static enum owner_state
process_state(const struct owner *o)
{
	int64_t start = started(o->pid);

	if (start == 0)
		return OWNER_GONE;
	if (start == -1)	/* /proc may hide it: ask another way */
		return kill((pid_t)o->pid, 0) == -1 && errno == ESRCH ?
		    OWNER_GONE : OWNER_UNKNOWN;
	if (o->start == 0)
		return OWNER_UNKNOWN;
	return start == o->start ? OWNER_ALIVE : OWNER_GONE;
}

enum owner_state
owner_state(const struct owner *o)
{
	struct owner self;

	owner_self(&self, "");
	if (o->host[0] == '\0' || strcmp(o->host, self.host) != 0 ||
	    o->boot[0] == '\0' || self.boot[0] == '\0')
		return OWNER_UNKNOWN;
	if (strcmp(o->boot, self.boot) != 0)
		return OWNER_EARLIER;
	if (o->space == 0 || o->space != self.space)
		return OWNER_UNKNOWN;
	return process_state(o);
}
