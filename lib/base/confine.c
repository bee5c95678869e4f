#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"

/* A sanitizer's shadow is larger than any limit. */
#if defined(__SANITIZE_ADDRESS__)
#define NO_MEMORY_LIMIT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NO_MEMORY_LIMIT 1
#endif
#endif

/* Before a request, and before its answer. */
struct head {
	uint64_t bytes;
	uint64_t last;		/* no other answer comes from this child */
};

void
confine_init(struct confine *c, confine_fn fn, void *arg, int64_t cpu_s,
    int64_t memory_bytes, size_t answer_max)
{
	*c = (struct confine){ fn, arg, cpu_s, memory_bytes, answer_max, 0,
	    -1, -1 };
}

/* --- bytes --------------------------------------------------------------- */

/* All n bytes.  0, or -1; 1 if it ended before the first. */
static int
read_all(int fd, void *bytes, size_t n)
{
	size_t done = 0;
	ssize_t r;

	while (done < n) {
		r = read(fd, (char *)bytes + done, n - done);
		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0 && done == 0 ? 1 : -1;
		done += (size_t)r;
	}
	return 0;
}

static int
write_all(int fd, const void *bytes, size_t n)
{
	size_t done = 0;
	ssize_t r;

	while (done < n) {
		r = write(fd, (const char *)bytes + done, n - done);
		if (r == -1 && errno != EINTR)
			return -1;
		done += r > 0 ? (size_t)r : 0;
	}
	return 0;
}

/* --- the child ----------------------------------------------------------- */

static void
limit_memory(const struct confine *c)
{
#ifdef NO_MEMORY_LIMIT
	(void)c;
#else
	struct rlimit l = { (rlim_t)c->memory_bytes,
	    (rlim_t)c->memory_bytes };

	(void)setrlimit(RLIMIT_AS, &l);
#endif
}

/* The limit is on all that the process has used: it moves on. */
static void
limit_cpu(const struct confine *c)
{
	struct rusage used;
	struct rlimit l;

	if (getrusage(RUSAGE_SELF, &used) == -1 ||
	    getrlimit(RLIMIT_CPU, &l) == -1)
		return;
	l.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec +
	    c->cpu_s + 1);
	(void)setrlimit(RLIMIT_CPU, &l);
}

static int
serve_one(const struct confine *c, struct buf *request, struct buf *answer)
{
	struct head h;

	if (read_all(c->to, &h, sizeof(h)) != 0)
		return -1;
	buf_clear(request);
	buf_clear(answer);
	if (buf_reserve(request, (size_t)h.bytes) == -1 ||
	    read_all(c->to, request->data, (size_t)h.bytes) != 0)
		return -1;
	limit_cpu(c);
	h.last = c->fn(request->data, (size_t)h.bytes, answer, c->arg) != 0;
	h.bytes = answer->len;
	if (write_all(c->from, &h, sizeof(h)) == -1 ||
	    write_all(c->from, answer->data, answer->len) == -1)
		return -1;
	return h.last ? -1 : 0;
}

/* A core file of a hostile page is of no use; our own streams are not the
 * child's. */
static _Noreturn void
serve(struct confine *c, pid_t parent)
{
	struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct buf request, answer;

	if (child_tie(parent, SIGKILL) == -1 || null == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1)
		_exit(1);
	signal(SIGINT, SIG_IGN);
	(void)setrlimit(RLIMIT_CORE, &none);
	limit_memory(c);
	buf_init(&request, SIZE_MAX / 2);
	buf_init(&answer, c->answer_max);
	while (serve_one(c, &request, &answer) == 0)
		continue;
	_exit(0);
}

/* --- the parent ---------------------------------------------------------- */

static int
start(struct confine *c)
{
	int to[2], from[2], saved;
	pid_t parent = getpid();

	if (pipe(to) == -1)
		return -1;
	if (pipe(from) == -1) {
		saved = errno;
		close(to[0]);
		close(to[1]);
		errno = saved;
		return -1;
	}
	(void)fcntl(to[1], F_SETFD, FD_CLOEXEC);
	(void)fcntl(from[0], F_SETFD, FD_CLOEXEC);
	if ((c->pid = fork()) == 0) {
		close(to[1]);
		close(from[0]);
		c->to = to[0];
		c->from = from[1];
		serve(c, parent);
	}
	saved = errno;
	close(to[0]);
	close(from[1]);
	c->to = to[1];
	c->from = from[0];
	if (c->pid != -1)
		return 0;
	close(c->to);
	close(c->from);
	c->pid = 0;
	errno = saved;
	return -1;
}

/* Close the pipes and wait.  Returns what waitpid(2) says. */
static int
end(struct confine *c)
{
	int status = 0;

	close(c->to);
	close(c->from);
	while (waitpid(c->pid, &status, 0) == -1)
		if (errno != EINTR)
			break;
	c->pid = 0;
	return status;
}

void
confine_release(struct confine *c)
{
	if (c->pid != 0)
		(void)end(c);
}

/* 1 if the child has answered, 0 if it has not, -1 with errno. */
static int
exchange(struct confine *c, const void *request, size_t n,
    struct buf *answer)
{
	struct head h = { n, 0 };

	if (write_all(c->to, &h, sizeof(h)) == -1 ||
	    write_all(c->to, request, n) == -1 ||
	    read_all(c->from, &h, sizeof(h)) != 0 ||
	    h.bytes > c->answer_max)
		return 0;
	if (buf_reserve(answer, (size_t)h.bytes) == -1)
		return -1;
	if (read_all(c->from, answer->data + answer->len, (size_t)h.bytes)
	    != 0)
		return 0;
	answer->len += (size_t)h.bytes;
	answer->data[answer->len] = '\0';
	if (h.last)
		(void)end(c);
	return 1;
}

enum confine_result
confine_call(struct confine *c, const void *request, size_t n,
    struct buf *answer)
{
	int r, saved, status;

	if (c->pid == 0 && start(c) == -1)
		return CONFINE_FAILED;
	if ((r = exchange(c, request, n, answer)) == 1)
		return CONFINE_OK;
	saved = errno;
	if (r == -1)
		kill(c->pid, SIGKILL);
	status = end(c);
	errno = saved;
	if (r == -1)
		return CONFINE_FAILED;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ?
	    CONFINE_CPU : CONFINE_DIED;
}
