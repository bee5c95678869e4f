/*
 * tools.h -- for tests of what calls a tool, as decl_load() toml-json.
 */
#ifndef TOOLS_H
#define TOOLS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Find them in PATH; they are in ../bin as seen from this program. */
static inline void
tools_in_path(void)
{
	char self[4096], path[8192];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(path, sizeof(path), "%s/../bin:%s", self, getenv("PATH"));
	setenv("PATH", path, 1);
}

#endif
