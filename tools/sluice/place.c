#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"

const char *
place_self(char path[PATH_BYTES_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_BYTES_MAX - 1);
	char *slash;

	if (n <= 0)
		msg_die_errno(EXIT_OS, "/proc/self/exe");
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) != NULL)
		slash[1] = '\0';
	return path;
}

const char *
place_pipelines(char path[PATH_BYTES_MAX])
{
	static const char *const places[] = { "../share/sluice/pipelines",
	    "../../pipelines", "../../../pipelines" };
	char self[PATH_BYTES_MAX];
	size_t i;

	place_self(self);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PATH_BYTES_MAX, "%.*s%s",
		    PATH_BYTES_MAX - 64, self, places[i]);
		if (access(path, X_OK) == 0)
			return path;
	}
	msg_die(EXIT_NOINPUT, "no pipelines near %s: say --pipelines", self);
}

char *
place_file(const char *dir, const char *name, const char *file)
{
	struct buf b;
	char *path;

	buf_init(&b, PATH_BYTES_MAX);
	if (buf_printf(&b, "%s/%s/%s", dir, name, file) == -1 ||
	    (path = buf_detach(&b)) == NULL)
		msg_die_errno(EXIT_OS, "%s", name);
	return path;
}
