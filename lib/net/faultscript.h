/*
 * faultscript.h -- answers that go wrong on purpose, as a script says.
 *
 * A script has one rule a line (or between semicolons): a pattern of keys,
 * what goes wrong, and members
 *
 *	# the first two there; later, one list in ten
 *	north-* 503 count=2 retry_after=1
 *	*-list half share=70 chance=10
 *
 * A key is what a server calls the thing that was asked for; a pattern is
 * that of fnmatch(3), where * also matches slashes.  A request goes to the
 * first rule that matches its key and is not spent; a rule counts only the
 * requests that reached it.  The members of every rule:
 *
 *	skip=N		let the first N pass to the next rule
 *	count=N		spoil N, and let the later ones pass
 *	each		count for each key apart
 *	chance=PERCENT	spoil only that many of those, by the seed
 *	delay=MS	wait so long before anything else
 *
 * Whether chance strikes depends on seed, rule, key, and how many requests
 * for that key there were: not on the order in which keys come.
 */
#ifndef FAULTSCRIPT_H
#define FAULTSCRIPT_H

#include <stdint.h>

/* What goes wrong, in groups that are told apart by this order. */
enum fault_kind {
	FAULT_NONE,
	/* another answer: faultreply.h */
	FAULT_STATUS,		/* 400 to 599: a page with that status */
	FAULT_HTML,		/* a page with status 200 */
	FAULT_DENIED,		/* 200 and the words "Access denied" */
	FAULT_REDIRECT,		/* to=URL, status=302 */
	FAULT_LOOP,		/* a redirect to the same URL */
	FAULT_CHAIN,		/* each time a redirect to another URL */
	/* an answer that is right in itself */
	FAULT_LATE,		/* only its delay is wrong */
	FAULT_OTHER,		/* what belongs to the key as=KEY */
	/* the right answer with another text: spoil.h */
	FAULT_EMPTY,		/* a list of nothing */
	FAULT_HALF,		/* share=50 percent of a list's elements */
	FAULT_TRUNCATED,	/* the first share=50 percent of the text */
	FAULT_UTF8,		/* a byte in it that is no UTF-8 */
	/* the right answer, badly transferred: rawreply.h */
	FAULT_CUT_GZIP,		/* share=50 percent of the gzip stream */
	FAULT_DAMAGED,		/* a bit of it is wrong after share=50 percent */
	FAULT_LENGTH,		/* Content-Length wrong by=BYTES */
	FAULT_RESET,		/* reset after share=50 percent */
	FAULT_DRIP,		/* rate=1 bytes a second */
	/* no answer, or a hostile one */
	FAULT_CLOSE,		/* closed before any byte */
	FAULT_SILENT,		/* never answered */
	FAULT_ENDLESS,		/* a body without end */
	FAULT_BOMB		/* size=N bytes of blanks in little gzip */
};

struct fault {
	enum fault_kind kind;
	const char *name;	/* as in the script, for logs; static */
	int64_t status;		/* FAULT_STATUS, and redirects */
	int64_t delay_ms;	/* before anything else */
	int64_t retry_after;	/* FAULT_STATUS: seconds; -1: none */
	int64_t retry_date;	/* the same, to be sent as a date */
	int64_t share, by, rate, size;
	const char *to, *as;	/* borrowed of the script, or NULL */
};

struct faultscript;

/* An empty script: nothing goes wrong.  NULL with errno ENOMEM. */
struct faultscript *faultscript_new(uint64_t seed);
void faultscript_free(struct faultscript *s);

/* Room for what faultscript_add() has to say about a wrong rule. */
#define FAULTSCRIPT_WHY 160

/*
 * Append the rules in text.  Returns how many, or -1 with errno EINVAL and
 * why set ("line 3: ..."), or -1 with ENOMEM and why "".
 */
int faultscript_add(struct faultscript *s, const char *text,
    char why[FAULTSCRIPT_WHY]);

/* Is there a rule whose fault is one of those? */
int faultscript_has(const struct faultscript *s,
    int (*is)(const struct fault *f));

/*
 * Decide about one request for key; *f is set, its kind FAULT_NONE when it
 * is to be answered well.  Safe to call from several threads.
 */
void faultscript_take(struct faultscript *s, const char *key,
    struct fault *f);

#endif
