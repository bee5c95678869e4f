/*
 * paging.h -- an answer that comes in pages, as one body.
 *
 * A task's member "paging" says how:
 *
 *	{"next":"/nextPageToken","token":"/pageToken","error":"/error"}
 *
 * JSON pointers, of which any may be absent, but next and token go
 * together.  While a page has a text at next, the question is asked again
 * with that text at token of its body.  An answer that is an array is
 * several pages at once.  A page with something at error is none.
 *
 * The body is JSON lines, each page on one as it came, without blanks
 * between values.  An array of no page is a line itself: something did
 * come.  Memory is that of a page.
 */
#ifndef PAGING_H
#define PAGING_H

#include "base/outfile.h"
#include "net/fetch.h"
#include "net/request.h"

struct paging {
	const char *next, *token, *error;	/* of the record, or NULL */
	int64_t pages;		/* taken so far */
	int64_t size_bytes;	/* of their lines */
	int64_t total_ms;	/* that their answers took */
	char *at;		/* owned; what is to be at token, or NULL */
	struct outfile file;	/* with the lines so far */
	struct digest digest;
	int open;		/* those two are in use */
};

/* Bytes of what paging_read() says. */
#define PAGING_WHY 128

/*
 * Read a task's member, for its request q.  Returns 0, and the caller owes
 * paging_release(); or -1 with errno EINVAL and why.
 */
int paging_read(struct paging *p, yyjson_val *member,
    const struct request *q, char why[PAGING_WHY]);
void paging_release(struct paging *p);

/*
 * Take the pages of the answer a, a body that lies in page, and remove
 * that file.  The lines go to file, at most max_bytes of them.  Returns
 *  1: there is another page, for which q asks now;
 *  0: a is the answer to the whole: with file as its body, or a failure,
 *     which is one of what has come;
 * -1 with errno: our own trouble.
 */
int paging_take(struct paging *p, struct request *q, const char *page,
    const char *file, int64_t max_bytes, struct fetch_answer *a);

#endif
