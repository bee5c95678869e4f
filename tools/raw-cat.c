/*
 * raw-cat -- write the authoritative payload of a partition.
 *
 * in:   SOURCE PARTITION, e.g. shop 2026/A/items; or with --since those
 *       that changed, one after another
 * out:  the payload's bytes as they were before packing
 * owns: nothing; reads DATA/ledger.sqlite and DATA/raw
 *
 * The consumers' contract: only what the ledger calls valid, and only the
 * run it names; the raw store is never searched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/gzip.h"
#include "base/limits.h"
#include "base/msg.h"
#include "base/opt.h"
#include "base/path.h"
#include "base/stop.h"
#include "store/consume.h"
#include "store/ledger.h"
#include "store/libraries.h"
#include "store/valid.h"

static const char *data = "data", *since;
static int stored, metadata;
static char last_byte;		/* of what was written */

static const struct opt opts[] = {
	OPT_DATA(&data),
	{ "stored", 0, OPT_FLAG, NULL, &stored,
	    "write the gzip bytes as they are stored", 0, 0, 0 },
	{ "metadata", 0, OPT_FLAG, NULL, &metadata,
	    "write the partition's metadata.json", 0, 0, 0 },
	{ "since", 0, OPT_STRING, "cursor", &since,
	    "all that changed after this seq (0: all)", 0, 0, 0 },
	OPT_END
};

static const struct opt_tool tool = {
	"write the authoritative payload of a partition",
	"source [partition | member=value ...]", 1, -1, opts, libraries
};

static _Noreturn void
ledger_failed(const struct db *db)
{
	msg_die(db_status(db), "%s", db_message(db));
}

/* "k=v/k=v" as "v/v"; what has no names stays as it is. */
static void
part_path(struct buf *b, const char *s)
{
	while (*s != '\0') {
		size_t n = strcspn(s, "/");
		const char *eq = memchr(s, '=', n);
		const char *value = eq != NULL ? eq + 1 : s;

		if (buf_add(b, value, (size_t)(s + n - value)) == -1)
			msg_die_errno(EXIT_USAGE, "partition");
		s += n;
		if (*s == '/' && buf_chr(b, *s++) == -1)
			msg_die_errno(EXIT_USAGE, "partition");
	}
}

/* Were names given, then are they the right ones? */
static int
named_right(const struct ledger_current *c, const char *given)
{
	struct buf hive;
	int right;

	if (strchr(given, '=') == NULL)
		return 1;
	buf_init(&hive, PATH_BYTES_MAX);
	right = part_hive(&c->part, &hive) == 0 &&
	    strcmp(hive.data, given) == 0;
	buf_release(&hive);
	return right;
}

/* Find what is authoritative, or say what the ledger says instead. */
static void
find(const char *source, const char *given, struct arena *a,
    struct ledger_current *c)
{
	const char *status;
	struct buf path;
	struct db db;
	int r;

	buf_init(&path, PATH_BYTES_MAX);
	part_path(&path, given);
	if (ledger_open(&db, data, DB_READ) == -1 ||
	    (r = ledger_current(&db, source, path.data, a, c)) == -1 ||
	    (status = ledger_status(&db, source, path.data)) == NULL)
		ledger_failed(&db);
	if (r == 1 && !named_right(c, given))
		msg_die(EXIT_NO, "%s %s: no such key", source, given);
	if (r == 0)
		msg_die(EXIT_NO, "%s %s: %s", source, given, status);
	buf_release(&path);
	db_close(&db);
}

static int
put(const char *bytes, size_t n, void *arg)
{
	ssize_t done;

	if (arg != NULL)
		digest_add(arg, bytes, n);
	if (n > 0)
		last_byte = bytes[n - 1];
	if (stop_requested())
		msg_die(EXIT_TEMP, "interrupted");
	while (n > 0) {
		done = write(STDOUT_FILENO, bytes, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1 && errno == EPIPE)	/* has enough */
			_exit(EXIT_IO);
		if (done == -1)
			msg_die_errno(EXIT_IO, "standard output");
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static void
copy(int fd, const char *name)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n == -1 && errno != EINTR)
			msg_die_errno(EXIT_IO, "%s", name);
		if (n > 0)
			put(chunk, (size_t)n, NULL);
	}
}

/* What was written is checked on the way: a damaged one must not pass. */
static void
unpack(int fd, const char *name, const char *sha256)
{
	char hex[DIGEST_TEXT];
	struct digest d;
	enum gzip_result r;

	if (digest_init(&d) == -1)
		msg_die_errno(EXIT_OS, "digest");
	r = gzip_read(fd, LIMIT_PAYLOAD_BYTES, put, &d);
	digest_finish(&d, hex);
	if (r == GZIP_IO)
		msg_die_errno(EXIT_IO, "%s", name);
	if (r != GZIP_OK)
		msg_die(EXIT_DATA, "%s: %s", name, gzip_text(r));
	if (strcmp(hex, sha256) != 0)
		msg_die(EXIT_DATA, "%s: not the bytes that were sealed",
		    name);
}

/* The file that is asked for; a seal that cannot be read is not its name. */
static const char *
file_name(const char *path)
{
	enum payload_format format = PAYLOAD_ARRAY;
	struct raw_meta m;

	if (metadata)
		return RAW_METADATA;
	if (raw_meta_read(&m, data, path) == 0) {
		format = m.form.format;
		raw_meta_release(&m);
	}
	return raw_payload_name(format);
}

/* Write what is asked for of the partition at path. */
static void
write_one(const char *path, const char *sha256)
{
	struct buf file;
	int fd;

	buf_init(&file, PATH_BYTES_MAX);
	buf_printf(&file, "%s/%s/%s", data, path, file_name(path));
	if ((fd = open(file.data, O_RDONLY | O_CLOEXEC)) == -1)
		msg_die_errno(msg_status(errno), "%s", file.data);
	if (stored || metadata)
		copy(fd, file.data);
	else
		unpack(fd, file.data, sha256);
	close(fd);
	buf_release(&file);
}

/* --- those that changed --------------------------------------------------- */

/* The one at hand. */
struct next {
	char path[PATH_BYTES_MAX];
	char sha256[DIGEST_TEXT];
	int64_t seq;
};

/* Note the first one, and let the ledger go before it is written. */
static int
take_first(const struct valid *v, void *arg)
{
	struct next *next = arg;

	snprintf(next->path, sizeof(next->path), "%s", v->path);
	snprintf(next->sha256, sizeof(next->sha256), "%s", v->sha256);
	next->seq = v->seq;
	return 1;
}

/* All up to where the ledger is now; what changes meanwhile is for later. */
static void
write_changed(struct cursor *c, const struct pick *only)
{
	static struct next next;
	struct db db;
	int64_t n = 0;
	int r = -1;

	if (ledger_open(&db, data, DB_READ) == -1 ||
	    (next.seq = cursor_begin(c, &db)) == -1)
		ledger_failed(&db);
	while ((r = valid_each(&db, only, next.seq, take_first, &next)) == 1 &&
	    next.seq <= c->seq) {
		write_one(next.path, next.sha256);
		if (!stored && last_byte != '\n')
			put("\n", 1, NULL);
		n++;
	}
	if (r == -1)
		ledger_failed(&db);
	msg_note("%s: payloads: %lld, as of %lld-%s", only->source,
	    (long long)n, (long long)c->seq, c->ledger);
	db_close(&db);
}

/* --- the command line ------------------------------------------------------ */

static void
check(char *argv[], struct pick *only, struct cursor *c)
{
	int n;

	if (stored && metadata)
		msg_die(EXIT_USAGE, "--stored, --metadata: one of them");
	if (since == NULL && (argv[1] == NULL || argv[2] != NULL))
		msg_die(EXIT_USAGE, "%s: one partition, or --since",
		    argv[0]);
	if (since == NULL)
		return;
	only->source = argv[0];
	n = pick_members(only, argv + 1);
	if (n == -1 || argv[1 + n] != NULL)
		msg_die(EXIT_USAGE, "%s: not a member=value of a key",
		    argv[1 + (n == -1 ? (int)only->members.n : n)]);
	if (cursor_parse(c, since) == -1)
		msg_die(EXIT_USAGE, "--since %s: not a cursor", since);
}

int
main(int argc, char *argv[])
{
	int i = opt_parse(&tool, argc, argv);
	struct pick only = { .source = NULL };
	struct ledger_current current;
	struct cursor c;
	struct arena a;

	check(argv + i, &only, &c);
	if (stop_init() == -1)
		msg_die_errno(EXIT_OS, "signals");
	arena_init(&a);
	if (since != NULL) {
		write_changed(&c, &only);
	} else {
		find(argv[i], argv[i + 1], &a, &current);
		write_one(current.path, current.sha256);
	}
	arena_release(&a);
	return EXIT_OK;
}
