/* Files appear whole or not at all, and are never replaced by mistake. */
#include "base/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "forked.h"
#include "tap.h"
#include "tmpdir.h"

static int
put(const char *path, enum outfile_mode mode, const char *text)
{
	struct outfile o;

	if (outfile_open(&o, path, mode) == -1)
		return -1;
	fputs(text, o.fp);
	return outfile_commit(&o);
}

/* How many names are in dir, dot files too. */
static int
entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = -2;		/* "." and ".." */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 ? 0 : st.st_mode & 07777;
}

static void
test_new(void)
{
	static const struct {
		const char *descr, *text;
		int want;
	} cases[] = {
		{ "first", "abc", 0 }, { "the same again", "abc", 0 },
		{ "other bytes", "abd", -1 }, { "fewer bytes", "ab", -1 },
		{ "more bytes", "abcd", -1 }, { "none", "", -1 },
	};
	size_t i;

	mkdir("new", 0777);
	for (i = 0; i < TAP_COUNT(cases); i++) {
		int r;

		errno = 0;
		r = put("new/f", OUTFILE_NEW, cases[i].text);
		tap_ok(r == cases[i].want && (r == 0 || errno == EEXIST),
		    "new: %s", cases[i].descr);
		tap_str(tmpdir_read("new/f"), "abc", "the first stays");
	}
	tap_int(mode_of("new/f"), 0444, "read-only");
	tap_int(entries("new"), 1, "nothing else left");
	tap_ok(put("new/empty", OUTFILE_NEW, "") == 0 &&
	    put("new/empty", OUTFILE_NEW, "") == 0, "an empty file, twice");
	mkdir("new/dir", 0777);
	errno = 0;
	tap_ok(put("new/dir", OUTFILE_NEW, "abc") == -1 && errno != 0,
	    "the name is a folder's");
	tap_int(entries("new"), 3, "nothing left of that");
}

static void
test_replace(void)
{
	struct outfile o;

	mkdir("rep", 0777);
	tap_int(put("rep/f", OUTFILE_REPLACE, "one"), 0, "replace nothing");
	tap_int(put("rep/f", OUTFILE_REPLACE, "two"), 0, "replace one");
	tap_str(tmpdir_read("rep/f"), "two", "by two");
	outfile_open(&o, "rep/f", OUTFILE_REPLACE);
	fputs("three", o.fp);
	fflush(o.fp);
	tap_str(tmpdir_read("rep/f"), "two", "unseen before the commit");
	errno = EIO;
	outfile_abort(&o);
	tap_ok(errno == EIO, "abort preserves errno");
	tap_str(tmpdir_read("rep/f"), "two", "unseen after an abort");
	tap_int(entries("rep"), 1, "nothing left");
	umask(077);
	put("rep/private", OUTFILE_REPLACE, "");
	put("rep/sealed", OUTFILE_NEW, "");
	umask(022);
	tap_ok(mode_of("rep/private") == 0600 && mode_of("rep/f") == 0644 &&
	    mode_of("rep/sealed") == 0400, "modes obey the umask");
}

static void
test_bad(void)
{
	struct outfile o;

	errno = 0;
	tap_ok(outfile_open(&o, "none/f", OUTFILE_NEW) == -1 &&
	    errno == ENOENT, "no such folder");
	errno = 0;
	tap_ok(outfile_open(&o, "rep/f/x", OUTFILE_NEW) == -1 &&
	    errno == ENOTDIR, "below a file");
	mkdir("gone", 0777);
	outfile_open(&o, "gone/f", OUTFILE_NEW);
	unlink(o.tmp);
	rmdir("gone");
	errno = 0;
	tap_ok(outfile_commit(&o) == -1 && errno == ENOENT,
	    "the folder vanished meanwhile");
}

/* A full disk, as near as a process can make one for itself. */
static void
fill(const void *arg)
{
	const struct rlimit limit = { 5000, 5000 };
	struct outfile o;
	int i, r;

	(void)arg;
	signal(SIGXFSZ, SIG_IGN);
	if (outfile_open(&o, "full/f", OUTFILE_NEW) == -1)
		exit(98);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (i = 0; i < 10000; i++)
		putc('x', o.fp);
	errno = 0;
	r = outfile_commit(&o);
	exit(r == -1 && errno == EFBIG ? 0 : 1);
}

static void
killed(const void *arg)
{
	struct outfile o;

	(void)arg;
	outfile_open(&o, "full/g", OUTFILE_NEW);
	fputs("half", o.fp);
	fflush(o.fp);
	raise(SIGKILL);
}

static void
test_faults(void)
{
	struct forked f;

	mkdir("full", 0777);
	forked_run(&f, fill, NULL);
	tap_int(f.status, 0, "a full disk fails the commit");
	tap_int(entries("full"), 0, "and leaves nothing");
	forked_run(&f, killed, NULL);
	tap_ok(f.status == 137 && access("full/g", F_OK) == -1,
	    "a killed writer leaves no file of that name");
	tap_int(entries("full"), 1, "but one dot file");
	tap_int(put("full/g", OUTFILE_NEW, "whole"), 0,
	    "which is in nobody's way");
	tmpdir_text("full/.g-short", "");
	tmpdir_text("full/.gg-abcdef", "");
	tmpdir_text("full/g-abcdef", "");
	tap_int(outfile_sweep("full/g"), 0, "a sweep");
	tap_int(entries("full"), 4, "takes that one away");
	tap_int(outfile_sweep("full/none/g"), 0, "no folder, nothing to do");
	tap_int(outfile_sweep("full/g/h"), -1, "below a file");
}

/* Many write one name at once: one wins, the others are refused. */
static void
test_race(void)
{
	int i, status, won = 0, refused = 0;

	mkdir("race", 0777);
	fflush(stdout);
	for (i = 0; i < 8; i++)
		if (fork() == 0) {
			char text[16];

			snprintf(text, sizeof(text), "writer %d", i);
			_exit(put("race/f", OUTFILE_NEW, text) == 0 ? 0 :
			    errno == EEXIST ? 73 : 1);
		}
	for (i = 0; i < 8; i++) {
		wait(&status);
		won += WEXITSTATUS(status) == 0;
		refused += WEXITSTATUS(status) == 73;
	}
	tap_ok(won == 1 && refused == 7, "8 writers: %d won, %d refused",
	    won, refused);
	tap_int(entries("race"), 1, "one file");
}

int
main(void)
{
	umask(022);
	tmpdir_enter();
	test_new();
	test_replace();
	test_bad();
	test_faults();
	test_race();
	tmpdir_leave();
	return tap_done();
}
