/*
 * owner.h -- who holds something, and whether it still can.
 *
 * A process is named by its host, its pid and when it started: pids are
 * used again, so the start of the process tells it from a later one, and
 * the boot tells both from those of an earlier boot of the host.  A pid
 * means something within its pid namespace only.  As text it is one line,
 * in a lock file or beside a lease:
 *
 *	pid=4711 start=88123 space=4026531836 boot=6c6f... host=box name=...
 *
 * Whoever reads one believes nothing else of it: it may be torn, forged,
 * or of a process that is long gone.
 */
#ifndef OWNER_H
#define OWNER_H

#include <stddef.h>
#include <stdint.h>

#define OWNER_BOOT 37		/* bytes of a boot id with its '\0' */
#define OWNER_HOST 65		/* of a host name; longer ones are cut */
#define OWNER_NAME 128		/* of a name for people; likewise */
#define OWNER_TEXT 512		/* of the longest line, with "\n" and '\0' */

struct owner {
	int64_t pid;
	int64_t start;		/* clock ticks since boot, 0 not known */
	int64_t space;		/* its pid namespace, 0 not known */
	char boot[OWNER_BOOT];	/* of the kernel's boot, "" not known */
	char host[OWNER_HOST];	/* [A-Za-z0-9._-], "" not known */
	char name[OWNER_NAME];	/* one line, "" for none */
};

enum owner_state {
	OWNER_ALIVE,
	OWNER_GONE,		/* no such process on this host any more */
	OWNER_EARLIER,		/* of an earlier boot of this host: gone */
	OWNER_UNKNOWN		/* not to be told from here: another host */
};

/* This process, called name (borrowed, masked as messages are). */
void owner_self(struct owner *o, const char *name);

/* The line for o, "\n" included.  Returns its length. */
size_t owner_format(const struct owner *o, char line[OWNER_TEXT]);

/*
 * Parse a line and whatever follows it.  Returns 0, or -1 with errno
 * EINVAL if it is not of that form; a line without its "\n" is torn.
 */
int owner_parse(struct owner *o, const char *line);

/*
 * Is it alive?  Never OWNER_GONE or OWNER_EARLIER by mistake, as long as
 * hosts that share a store have different names.
 * Source: proc(5), /proc/PID/stat and /proc/sys/kernel/random/boot_id.
 */
enum owner_state owner_state(const struct owner *o);

#endif
