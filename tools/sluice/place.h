/*
 * place.h -- where the pipelines are, and these programs.
 */
#ifndef PLACE_H
#define PLACE_H

#include "base/path.h"

/* As msg_die(), these exit: nothing has been touched yet. */

/* The folder of this program, with its slash. */
const char *place_self(char path[PATH_BYTES_MAX]);

/*
 * The folder of the pipelines that came with this program: installed, or
 * built within the source tree, in build or below it.
 */
const char *place_pipelines(char path[PATH_BYTES_MAX]);

/* DIR/NAME/FILE, which the caller frees. */
char *place_file(const char *dir, const char *name, const char *file);

#endif
