/* The raw store: names, seals, what is refused, what is swept up. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/path.h"
#include "store/raw.h"
#include "tap.h"
#include "tmpdir.h"

#define FOLDER "d/raw/soc/term=1/part=a/run_id=R1"

static const char sha_a[] =	/* of "[1]" */
    "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22";

/* --- metadata.json from anywhere ----------------------------------------- */

#define GOOD "{\"source\":\"soc\",\"part\":{\"term\":\"1\"},\"run\":\"R1\"," \
    "\"sha256\":\"x\",\"size_bytes\":1,\"stored_bytes\":2," \
    "\"record_count\":3,\"schema_version\":\"1\"}"

static const struct {
	const char *descr, *text;
	int want;		/* errno, or 0 */
} seals[] = {
	{ "the least there must be", GOOD, 0 },
	{ "nothing", "", EBADMSG },
	{ "half of it", "{\"source\":\"soc\",\"part\":{\"term\":", EBADMSG },
	{ "an array", "[]", EBADMSG },
	{ "two of them", GOOD GOOD, EBADMSG },
	{ "no part", "{\"source\":\"s\",\"run\":\"R\",\"sha256\":\"x\","
	    "\"size_bytes\":1,\"stored_bytes\":2,\"record_count\":3,"
	    "\"schema_version\":\"1\"}", EBADMSG },
	{ "a negative size", "{\"source\":\"s\",\"part\":{\"t\":\"1\"},"
	    "\"run\":\"R\",\"sha256\":\"x\",\"size_bytes\":-1,"
	    "\"stored_bytes\":2,\"record_count\":3,"
	    "\"schema_version\":\"1\"}", EBADMSG },
	{ "a size that is text", "{\"source\":\"s\",\"part\":{\"t\":\"1\"},"
	    "\"run\":\"R\",\"sha256\":\"x\",\"size_bytes\":\"1\","
	    "\"stored_bytes\":2,\"record_count\":3,"
	    "\"schema_version\":\"1\"}", EBADMSG },
	{ "a hash that is a number", "{\"source\":\"s\","
	    "\"part\":{\"t\":\"1\"},\"run\":\"R\",\"sha256\":1,"
	    "\"size_bytes\":1,\"stored_bytes\":2,\"record_count\":3,"
	    "\"schema_version\":\"1\"}", EBADMSG },
};

static void
test_seals(void)
{
	struct raw_meta m;
	char *huge = malloc(100001);
	size_t i;
	int r;

	path_mkdirs("d/p");
	for (i = 0; i < TAP_COUNT(seals); i++) {
		tmpdir_text("d/p/metadata.json", seals[i].text);
		errno = 0;
		r = raw_meta_read(&m, "d", "p");
		tap_ok((r == 0) == (seals[i].want == 0) &&
		    (r == 0 || errno == seals[i].want), "seal: %s",
		    seals[i].descr);
		if (r == 0)
			raw_meta_release(&m);
	}
	if (huge == NULL)
		exit(99);
	memset(huge, ' ', 100000);
	tmpdir_write("d/p/metadata.json", huge, 100000);
	free(huge);
	tap_ok(raw_meta_read(&m, "d", "p") == -1 && errno == EBADMSG,
	    "seal: 100 kB");
	tap_ok(raw_meta_read(&m, "d", "q") == -1 && errno == ENOENT,
	    "seal: none");
}

/* --- names ----------------------------------------------------------------- */

static void
test_names(void)
{
	struct part p = { .n = 0 };
	struct buf b;

	buf_init(&b, 4096);
	part_add(&p, "term", "../x");
	part_add(&p, "part", "a b/c");
	raw_path("s/t", &p, "..", &b);
	tap_str(b.data, "raw/s%2Ft/term=%2E.%2Fx/part=a%20b%2Fc/run_id=%2E.",
	    "no value leaves its folder");
	buf_clear(&b);
	raw_snapshot_id(&p, "R1", &b);
	tap_str(b.data, "R1:%2E.%2Fx/a%20b%2Fc", "a snapshot's id");
	buf_release(&b);
}

/* --- sealing --------------------------------------------------------------- */

static void
meta_of(struct raw_meta *m, const char *sha256)
{
	memset(m, 0, sizeof(*m));
	m->source = "soc";
	m->run = "R1";
	m->sha256 = sha256;
	m->schema_version = "1";
	m->status = -1;
	m->size_bytes = 3;
	m->record_count = 1;
	part_add(&m->part, "term", "1");
	part_add(&m->part, "part", "a");
}

static enum raw_result
seal(const char *text, const char *sha256, struct raw_meta *m)
{
	enum raw_result r;
	int fd;

	tmpdir_text("incoming", text);
	if ((fd = open("incoming", O_RDONLY)) == -1)
		exit(99);
	meta_of(m, sha256);
	r = raw_seal("d", m, "incoming", fd, PAYLOAD_PLAIN);
	close(fd);
	return r;
}

static enum finding_code
check(const char *run, const char *schema_version)
{
	const struct raw_want want = { .schema_version = schema_version };
	struct raw_meta sealed, m;
	struct raw_key key = { "soc", run, &sealed.part };
	struct finding f = { .code = FINDING_NONE };

	meta_of(&sealed, "");
	raw_check("d", &key, &want, &m, &f);
	raw_meta_release(&m);
	return f.code;
}

static void
test_sealing(void)
{
	struct raw_meta m;
	struct stat st;

	/* What a writer that died before its seal leaves. */
	path_mkdirs(FOLDER);
	tmpdir_text(FOLDER "/payload.json.gz", "half");
	tmpdir_text(FOLDER "/.metadata.json-abcdef", "{");
	tmpdir_text(FOLDER "/.payload.json.gz-abcdef", "x");
	tmpdir_text(FOLDER "/.kept", "x");
	tap_int(check("R1", "1"), FINDING_MISSING_FILE, "not sealed yet");
	tap_int(seal("[1]", sha_a, &m), RAW_SEALED, "sealed");
	tap_ok(access(FOLDER "/.metadata.json-abcdef", F_OK) == -1 &&
	    access(FOLDER "/.payload.json.gz-abcdef", F_OK) == -1,
	    "leftovers are gone");
	tap_ok(access(FOLDER "/.kept", F_OK) == 0, "nothing else is");
	tap_ok(stat(FOLDER "/payload.json.gz", &st) == 0 &&
	    st.st_size == m.stored_bytes && (st.st_mode & 0222) == 0,
	    "the payload is read-only and of the size told");
	tap_int(check("R1", "1"), FINDING_NONE, "it is good");
	tap_int(check("R1", "2"), FINDING_SCHEMA_MISMATCH,
	    "not under another schema version");
	tap_int(check("R2", "1"), FINDING_MISSING_FILE,
	    "nor under another run");
	tap_int(seal("[1]", sha_a, &m), RAW_AGAIN, "the same bytes again");
	tap_int(seal("[2]", "other", &m), RAW_REFUSED, "other bytes");
	tap_ok(raw_present("d", "raw/soc/term=1/part=a/run_id=R1"),
	    "it is present");
	chmod(FOLDER "/payload.json.gz", 0644);
	tmpdir_text(FOLDER "/payload.json.gz", "x");
	tap_ok(!raw_present("d", "raw/soc/term=1/part=a/run_id=R1"),
	    "not with a payload of another size");
	tap_int(check("R1", "1"), FINDING_BAD_GZIP, "nor is that one good");
	tap_int(seal("[1]", sha_a, &m), RAW_REFUSED,
	    "a damaged partition is not mended in place");
}

int
main(void)
{
	tmpdir_enter();
	test_seals();
	test_names();
	test_sealing();
	tmpdir_leave();
	return tap_done();
}
