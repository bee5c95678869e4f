/*
 * path.h -- names of files and folders.
 */
#ifndef PATH_H
#define PATH_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

/* Longest path any tool builds or accepts, in bytes. */
#define PATH_BYTES_MAX 4096

/*
 * Append value with every byte outside [A-Za-z0-9._-] as %XX; a leading
 * dot is encoded too, so that no value can be ".", ".." or hidden.
 * Returns 0, or -1 with errno as buf_add().
 */
int path_encode(struct buf *b, const char *value);

/* Append s decoded.  Returns -1, errno EINVAL: a broken escape or a NUL. */
int path_decode(struct buf *b, const char *s, size_t n);

/* Create dir and its missing parents, mode 0777 & ~umask.  0 or -1. */
int path_mkdirs(const char *dir);

/* Create the missing parents of the file path.  0 or -1 with errno. */
int path_mkparents(const char *path);

/*
 * Remove dir with all that is in it; symbolic links are not followed.
 * Returns 0, also when it is not there, or -1 with errno.
 */
int path_remove_tree(const char *dir);

/* fsync the directory that holds path.  0 or -1 with errno. */
int path_sync_parent(const char *path);

/*
 * Find a program that belongs to this toolbox: beside the running one,
 * else name itself, to be looked up in PATH.  Appends to b.  0 or -1.
 */
int path_tool(struct buf *b, const char *name);

#endif
