/*
 * secret.h -- values that no record, log or message may ever show.
 *
 * A secret is a file of one line in a folder that a person names, open to
 * its owner alone.  Its name may stand in records; its value goes into the
 * headers of requests, and nowhere else.
 */
#ifndef SECRET_H
#define SECRET_H

/* Bytes of a value, and of a name, each with its '\0'. */
#define SECRET_BYTES 4096
#define SECRET_NAME 65

struct secret;
struct bearer;

struct secrets {
	const char *dir;	/* borrowed; NULL: there are none */
	struct secret *first;	/* owned; those read so far */
	struct bearer *bearers;	/* owned; bearer.h */
};

void secrets_init(struct secrets *s, const char *dir);

/* Overwrite and free all values. */
void secrets_release(struct secrets *s);

/*
 * The value of the secret called name, borrowed until the release; s may
 * be NULL, which has none.  The
 * file is read once: a regular file, ours or root's, that group and others
 * cannot touch, with one line of plain text.  Returns NULL and sets *why
 * to a static text that says what is wrong without saying the value.
 */
const char *secrets_get(struct secrets *s, const char *name,
    const char **why);

/*
 * Open the file of the secret called name, checked as above.  Returns a
 * descriptor, or -1 and *why as there.
 */
int secrets_open(const struct secrets *s, const char *name,
    const char **why);

/* Another value that may never show.  Returns it, borrowed, or NULL with
 * errno: ENOMEM, or E2BIG. */
const char *secrets_keep(struct secrets *s, const char *value);

/* Does text hold the longest word of one of the values read so far, or end
 * with its beginning, as text that was cut does? */
int secrets_in(const struct secrets *s, const char *text);

#endif
