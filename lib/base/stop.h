/*
 * stop.h -- SIGINT and SIGTERM as a request to finish.
 *
 * After stop_init() the first signal sets a flag and lets slow system
 * calls return EINTR: finish the current item, commit nothing half done,
 * exit 75.  The same signal again ends the process at once; both are safe.
 * (Ctrl-C comes from the terminal as SIGINT, and as SIGTERM from a parent
 * that passes it on: that is one request, not two.)
 */
#ifndef STOP_H
#define STOP_H

/* Install the handlers.  Returns 0, or -1 with errno. */
int stop_init(void);

/*
 * For the end of a pipe, which a terminal's Ctrl-C reaches, too: the first
 * signal is its producer's business, whose last words are still to come.
 * The same signal again ends the process at once.  Returns 0, or -1 with
 * errno.
 */
int stop_defer(void);

/* The number of the signal that asked us to stop, or 0. */
int stop_requested(void);

#endif
