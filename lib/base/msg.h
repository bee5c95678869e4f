/*
 * msg.h -- diagnostics on standard error, and the ways to exit.
 *
 * Every line reads "tool: level: text[: strerror]" and leaves in one
 * write(2), so that lines of concurrent tools never interleave.
 * Control characters in arguments are shown as '?'; a text too long for
 * one line is cut.  The library returns errors; only a tool's main() and
 * its static helpers call msg_die(), and what starts a tool (opt.h,
 * decl/start.h, replica/start.h).
 */
#ifndef MSG_H
#define MSG_H

#include <stddef.h>

#include "base/exits.h"

#define MSG_FMT(f, a) __attribute__((__format__(__printf__, f, a)))

enum msg_level {
	MSG_QUIET = -1,		/* -q: errors only */
	MSG_NORMAL = 0,
	MSG_VERBOSE = 1		/* -v: msg_debug() too */
};

/*
 * Take the tool's name from argv[0] (borrowed for good), and open closed
 * descriptors 0 to 2 on /dev/null the wrong way round, so that no store
 * can become descriptor 1 and using a closed stream is still an error.
 * SIGPIPE is ignored: a write to a closed pipe fails with EPIPE instead.
 */
void msg_init(const char *argv0);

/* The tool's name as msg_init() found it; "sluice" before. */
const char *msg_tool(void);

void msg_set_level(enum msg_level level);
enum msg_level msg_get_level(void);

/*
 * Report and go on.  errno is preserved.  With -q only errors are shown,
 * and msg_debug() only with -v.
 */
void msg_debug(const char *fmt, ...) MSG_FMT(1, 2);
void msg_note(const char *fmt, ...) MSG_FMT(1, 2);
void msg_warn(const char *fmt, ...) MSG_FMT(1, 2);
void msg_error(const char *fmt, ...) MSG_FMT(1, 2);
void msg_error_errno(const char *fmt, ...) MSG_FMT(1, 2);

/* Show the control characters in n bytes of text as '?', in place. */
void msg_mask(char *text, size_t n);

/* Report an error and exit; the _errno form appends strerror(errno). */
_Noreturn void msg_die(enum exits status, const char *fmt, ...) MSG_FMT(2, 3);
_Noreturn void msg_die_errno(enum exits status, const char *fmt, ...)
    MSG_FMT(2, 3);

/*
 * The status that errno asks for: 71 no memory or descriptors, 66 missing,
 * 73 there already, 75 interrupted, else 74.
 */
enum exits msg_status(int err);

#endif
