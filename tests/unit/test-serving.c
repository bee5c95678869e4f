/* Which servers run: written, read, removed, and what killed ones left. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/serving.h"
#include "tap.h"
#include "tmpdir.h"

static const char data[] = "d";
static char seen[1000];
static int n_seen;

static int
note(const struct serving *s, void *arg)
{
	size_t n = strlen(seen);

	n_seen++;
	snprintf(seen + n, sizeof(seen) - n, "%s %s %s %s %s;", s->source,
	    s->url, s->root, s->snapshot, s->owner.name);
	return *(int *)arg;
}

static const char *
all(int stop)
{
	seen[0] = '\0';
	n_seen = 0;
	tap_int(serving_each(data, note, &stop), stop, "every one");
	return seen;
}

/* A server that died without a word. */
static struct owner
dead(const char *name)
{
	struct owner o;
	int p[2];
	pid_t pid;

	if (pipe(p) == -1 || (pid = fork()) == -1)
		exit(99);
	if (pid == 0) {
		owner_self(&o, name);
		_exit(write(p[1], &o, sizeof(o)) != sizeof(o));
	}
	if (read(p[0], &o, sizeof(o)) != sizeof(o))
		exit(99);
	close(p[0]);
	close(p[1]);
	waitpid(pid, NULL, 0);
	return o;
}

int
main(void)
{
	struct serving s = { "toy", "http://127.0.0.1:1", "/r", "one",
	    "2026-11-20T00:00:00.000Z", "2026-11-20T00:00:00.000Z", { 0 } };
	struct serving gone = s;

	tmpdir_enter();
	tap_str(all(0), "", "no folder, no servers");
	owner_self(&s.owner, "me");
	tap_int(serving_write(data, &s), 0, "written");
	tap_str(all(0), "toy http://127.0.0.1:1 /r one me;", "read");
	s.snapshot = "two";
	tap_int(serving_write(data, &s), 0, "on to the next snapshot");
	tap_str(all(0), "toy http://127.0.0.1:1 /r two me;", "replaced");

	gone.owner = dead("gone");
	serving_write(data, &gone);
	strcpy(gone.owner.host, "another-host");
	gone.owner.pid++;
	serving_write(data, &gone);
	all(0);
	tap_int(n_seen, 3, "those of others, too");
	tap_int(serving_sweep(data), 0, "swept");
	all(0);
	tap_int(n_seen, 2, "who is dead for certain is gone");

	tmpdir_text("d/serve/torn.json", "{\"source\":");
	tmpdir_text("d/serve/list.json", "[]");
	tmpdir_text("d/serve/.x.json", "{}");
	serving_remove(data, &gone.owner);
	tap_str(all(0), "toy http://127.0.0.1:1 /r two me;",
	    "what is none of ours is passed over");
	all(7);
	serving_remove(data, &s.owner);
	serving_remove(data, &s.owner);
	tap_str(all(0), "", "removed");

	tmpdir_text("file", "");
	tap_int(serving_write("file", &s), -1, "no folder to be had");
	tmpdir_leave();
	return tap_done();
}
