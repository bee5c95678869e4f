#include "record/spool.h"

#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/stop.h"

#define COPY_BYTES 65536

void
spool_init(struct spool *s, FILE *fp)
{
	*s = (struct spool){ .fp = fp };
	buf_init(&s->line, 2 * LIMIT_RECORD_BYTES);
}

void
spool_release(struct spool *s)
{
	buf_release(&s->line);
}

void
spool_record(struct spool *s, struct jsonw *w, const char *type)
{
	buf_clear(&s->line);
	jsonw_record(w, &s->line, type);
}

static int
keep(struct spool *s)
{
	if (s->failed == 0 &&
	    fwrite(s->line.data, 1, s->line.len, s->fp) != s->line.len)
		s->failed = errno;
	errno = s->failed;
	return s->failed == 0 ? 0 : -1;
}

int
spool_put(struct spool *s, struct jsonw *w)
{
	if (jsonw_end(w) == -1)
		return -1;
	if (s->line.len > LIMIT_RECORD_BYTES) {
		errno = E2BIG;
		return -1;
	}
	s->n++;
	return keep(s);
}

int
spool_end(struct spool *s)
{
	struct jsonw w;

	spool_record(s, &w, "end");
	jsonw_int(&w, "n", s->n);
	if (jsonw_end(&w) == -1 || keep(s) == -1)
		return -1;
	if (fflush(s->fp) == EOF) {
		s->failed = errno;
		return -1;
	}
	return 0;
}

static int
write_all(int out, const char *bytes, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(out, bytes, n);
		if (done == -1 && (errno != EINTR || stop_requested()))
			return -1;
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

int
spool_send(FILE *in, int out)
{
	char chunk[COPY_BYTES];
	size_t n;

	rewind(in);
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		if (write_all(out, chunk, n) == -1)
			return -1;
	return ferror(in) ? -1 : 0;
}

enum exits
spool_finish(FILE *in, enum exits status)
{
	struct stream_out none;

	if (in == NULL || status > EXIT_NO) {
		stream_out_init(&none, STDOUT_FILENO, 0);
		return stream_finish(&none, status, 0, NULL);
	}
	if (spool_send(in, STDOUT_FILENO) == 0)
		return status;
	if (errno == EINTR)
		return EXIT_TEMP;
	if (errno != EPIPE)
		msg_error_errno("standard output");
	return EXIT_IO;
}
