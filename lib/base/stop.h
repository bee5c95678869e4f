/*
 * stop.h -- SIGINT and SIGTERM as a request to finish.
 *
 * After stop_init() the first signal sets a flag and lets slow system
 * calls return EINTR: finish the current item, commit nothing half done,
 * exit 75.  The second signal ends the process at once; both are safe.
 */
#ifndef STOP_H
#define STOP_H

/* Install the handlers.  Returns 0, or -1 with errno. */
int stop_init(void);

/* The number of the signal that asked us to stop, or 0. */
int stop_requested(void);

#endif
