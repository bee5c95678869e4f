/*
 * The API's answers against SQL on the canonical tables, for random
 * combinations of filters: 200, of made-up data, or as many as COMBINATIONS
 * says, of a real capture besides.  The conditions here are
 * written once more, over the tables as they are canonical: no word index,
 * no mask, no table of the snapshot.
 */
#include "answers.h"
#include "tap.h"

#define COMBINATIONS 200
#define CONFIG "pipelines/soc/pipeline.toml"

/* --- a made-up term ----------------------------------------------------- */

static const char *const words[] = { "INTRO", "CALCULUS", "DATA", "ART",
	"HISTORY", "Jos\303\251's", "LAB-WORK", "STRUCTURES", "I", "II",
	"O'Neill", "MUSIC/DANCE", "C++", "ADVANCED", "WORLD" };
static const char *const modes[] = { "02", "02", "03", "05", "90", "90",
	"91", "92", "93", "98", NULL };
static const char *const days[] = { "M", "T", "W", "H", "F", "S", "U", NULL };
static const char *const places[] = { "1", "2", "3", "4", "O", "T", "NA" };

static void
member(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		buf_printf(b, "\"%s\":null,", name);
	else
		buf_printf(b, "\"%s\":\"%s\",", name, value);
}

static void
add_meeting(struct buf *b)
{
	int begin = (int)below(40) * 20 + 420;
	char from[32], to[32];

	snprintf(from, sizeof(from), "%02d%02d", begin / 60, begin % 60);
	begin += 80;
	snprintf(to, sizeof(to), "%02d%02d", begin / 60, begin % 60);
	buf_chr(b, '{');
	member(b, "meetingDay", ANY(days));
	member(b, "startTimeMilitary", below(5) == 0 ? NULL : from);
	member(b, "endTimeMilitary", below(5) == 0 ? NULL : to);
	member(b, "meetingModeCode", ANY(modes));
	buf_printf(b, "\"campusLocation\":\"%s\"}", ANY(places));
}

static void
add_section(struct buf *b, int index, int change)
{
	int i, n;

	buf_printf(b, "{\"index\":\"%05d\",\"number\":\"%02d\","
	    "\"openStatus\":true,\"openStatusText\":\"OPEN\","
	    "\"examCode\":\"%c\",\"subtitle\":\"%s\",\"instructors\":[",
	    index, (int)below(4), (char)('A' + below(5)),
	    below(20) == 0 && change ? "new" : "");
	for (i = 0, n = (int)below(3); i < n; i++)
		buf_printf(b, "%s{\"name\":\"%s, %s\"}", i > 0 ? "," : "",
		    ANY(words), ANY(words));
	buf_str(b, "],\"sectionCampusLocations\":[");
	if (below(4) > 0)
		buf_printf(b, "{\"code\":\"%s\",\"description\":\"x\"}",
		    ANY(places));
	buf_str(b, "],\"meetingTimes\":[");
	for (i = 0, n = (int)below(4); i < n; i++) {
		buf_str(b, i > 0 ? "," : "");
		add_meeting(b);
	}
	buf_str(b, "]}");
}

static void
add_course(struct buf *b, const char *campus, int i, int index, int change)
{
	int subject = 190 + (int)below(8), j, n = (int)below(5);

	buf_printf(b, "%s{\"courseString\":\"%02d:%d:%d\",\"campusCode\":"
	    "\"%s\",\"offeringUnitCode\":\"%02d\",\"subject\":\"%d\","
	    "\"courseNumber\":\"%d\",\"supplementCode\":\"%s\",\"level\":"
	    "\"%s\",\"title\":\"%s %s\",\"expandedTitle\":\"%s %s %s\",",
	    i > 0 ? "," : "", 1 + i % 2, subject, 100 + i, campus, 1 + i % 2,
	    subject, 100 + i, below(9) == 0 ? "LB" : "  ",
	    below(3) == 0 ? "G" : "U", ANY(words), ANY(words), ANY(words),
	    ANY(words), ANY(words));
	if (below(6) > 0)
		buf_printf(b, "\"credits\":%d.5,", (int)below(5));
	if (below(3) == 0)
		buf_str(b, "\"preReqNotes\":\"<em>x</em>\",");
	buf_str(b, "\"coreCodes\":[");
	if (below(2) == 0)
		buf_printf(b, "{\"code\":\"%s\",\"description\":\"d\"}",
		    below(2) == 0 ? "WCr" : "NS");
	buf_str(b, "],\"campusLocations\":[");
	if (below(5) > 0)
		buf_printf(b, "{\"code\":\"%s\",\"description\":\"p\"}",
		    ANY(places));
	buf_str(b, "],\"sections\":[");
	for (j = 0; j < n; j++) {
		buf_str(b, j > 0 ? "," : "");
		add_section(b, index + j, change);
	}
	buf_str(b, "]}");
}

/* --- into the canonical database ---------------------------------------- */

static void
promote(struct staged *g, const char *dataset, const char *path,
    const char *run)
{
	struct canon_options o = { .run = run,
	    .now = "2026-11-22T00:00:00.000Z" };
	struct canon_result r;
	struct part key;

	if (staging_complete(&g->staging, run, o.now) == -1 ||
	    staging_publish(&g->staging) == -1)
		staged_die(dataset, staging_message(&g->staging));
	staged_close(g);
	if (decl_dataset(&api.decl, dataset, &key) == -1 ||
	    canon_attach(&api.canon, path) == -1 ||
	    canon_promote(&api.canon, &key, &o, &r) == -1 ||
	    canon_detach(&api.canon) == -1)
		staged_die(dataset, canon_message(&api.canon));
	if (r.outcome != CANON_PROMOTED)
		staged_die(dataset, "was not promoted");
	db_execf(&api.canon.db, "INSERT INTO version_reports VALUES (NULL, "
	    "'%s', '%s', 1, NULL, 0)", run, dataset);
}

/* All inputs are there as far as promoting needs them. */
static void
add_inputs(struct staged *g, const char *run)
{
	static const char *const parts[] = { "courses", "openSections" };
	struct staging_input in = { .run = run, .sha256 = run,
	    .schema_version = "1" };
	size_t i;

	for (i = 0; i < TAP_COUNT(parts); i++) {
		in.part = parts[i];
		if (staging_add_input(&g->staging, &in) == -1)
			staged_die(run, staging_message(&g->staging));
	}
}

/* Made-up courses; the same seed makes the same, but for a change. */
static void
make_up(const char *dataset, const char *campus, uint64_t s, int first,
    int change)
{
	char path[300], payload[300], run[64];
	uint64_t saved = api.seed;
	struct staged g;
	struct buf courses, open;
	int i;

	api.seed = s;
	snprintf(path, sizeof(path), "%s/stage.sqlite", tmpdir_path);
	snprintf(run, sizeof(run), "2026112%dT100000000Z-%s", change, campus);
	buf_init(&courses, 1 << 24);
	buf_init(&open, 1 << 20);
	buf_chr(&courses, '[');
	buf_str(&open, "[\"99999\"");
	for (i = 0; i < 80; i++)
		add_course(&courses, campus, i, first + 10 * i, change);
	for (i = 0; i < 800; i++)
		if (below(2) == 0)
			buf_printf(&open, ",\"%05d\"", first + i);
	buf_chr(&courses, ']');
	buf_chr(&open, ']');
	unlink(path);
	staged_open(&g, &api.decl, dataset, path);
	snprintf(payload, sizeof(payload), "%s/payload.json", tmpdir_path);
	tmpdir_text(payload, courses.data);
	staged_file(&g, "courses", payload);
	tmpdir_text(payload, open.data);
	staged_file(&g, "openSections", payload);
	add_inputs(&g, run);
	promote(&g, dataset, path, run);
	buf_release(&courses);
	buf_release(&open);
	api.seed = saved;
}

static void
load_capture(const struct capture *c)
{
	char path[300], run[64];
	struct staged g;

	snprintf(path, sizeof(path), "%s/stage.sqlite", tmpdir_path);
	snprintf(run, sizeof(run), "20261120T120000000Z-%s", c->dataset + 6);
	unlink(path);
	staged_open(&g, &api.decl, c->dataset, path);
	staged_file(&g, "courses", c->courses);
	staged_file(&g, "openSections", c->open);
	add_inputs(&g, run);
	promote(&g, c->dataset, path, run);
}

/* --- conditions over the canonical tables ------------------------------- */

#define OF_C(t) t ".term_code = c.term_code AND " t ".campus_code = "	\
	"c.campus_code AND " t ".course_string = c.course_string AND "	\
	t ".supplement_code = c.supplement_code AND " t			\
	".course_campus_code = c.course_campus_code AND " t		\
	".parent_occurrence = c.occurrence"
#define OF_S(t) t ".term_code = s.term_code AND " t ".campus_code = "	\
	"s.campus_code AND " t ".index_number = s.index_number"
#define OPEN "(SELECT o.is_open FROM open_section_states o WHERE " OF_S("o") ")"
#define MEETING(cond) "EXISTS (SELECT 1 FROM section_meetings m WHERE "	\
	OF_S("m") " AND " cond ")"
#define HELD "m.meeting_mode_code IS NOT '98' AND "
#define ONLINE "ifnull(m.meeting_mode_code, '') IN ('90', '92', '93')"
#define IS_ONLINE "(" MEETING(HELD ONLINE) " AND NOT "			\
	MEETING(HELD "NOT " ONLINE) ")"
#define IS_HYBRID "(NOT " IS_ONLINE " AND " MEETING("(" ONLINE		\
	" OR m.meeting_mode_code = '91')") ")"
#define CHANGED "max(%s, ifnull((SELECT max(x) FROM (SELECT max("	\
	"s.valid_from, (SELECT max(o.valid_from) FROM open_section_states"	\
	" o WHERE " OF_S("o") "), ifnull((SELECT max(m.valid_from) FROM "	\
	"section_meetings m WHERE " OF_S("m") "), '')) AS x FROM sections "	\
	"s WHERE %s)), ''))"

enum kind {
	KIND_LIST,		/* some of what draw gives: {v} is a list */
	KIND_ONE,		/* one of it */
	KIND_WORDS		/* a word or two of it: {v} is each, as LIKE */
};

static const struct filter {
	const char *name;
	enum kind kind;
	int of_section, of_changes;
	const char *draw, *cond;
} filters[] = {
	{ "campus", KIND_LIST, 0, 0, "SELECT DISTINCT campus_code FROM courses",
	    "c.campus_code IN ({v})" },
	{ "campusLocation", KIND_LIST, 2, 0,
	    "SELECT DISTINCT code FROM course_campus_locations",
	    "EXISTS (SELECT 1 FROM course_campus_locations l WHERE "
	    OF_C("l") " AND l.code IN ({v}))" },
	{ "subject", KIND_LIST, 0, 0, "SELECT DISTINCT subject FROM courses",
	    "c.subject IN ({v})" },
	{ "subject", KIND_LIST, 0, 0, "SELECT DISTINCT offering_unit_code || "
	    "':' || subject FROM courses",
	    "c.offering_unit_code || ':' || c.subject IN ({v})" },
	{ "q", KIND_WORDS, 0, 0, "SELECT ifnull(expanded_title, title) FROM "
	    "courses UNION ALL SELECT name FROM section_instructors",
	    "plain(c.title || ' ' || ifnull(c.expanded_title, '') || ' ' || "
	    "c.course_string || ' ' || ifnull((SELECT group_concat(i.name, "
	    "' ') FROM section_instructors i JOIN sections s ON " OF_S("i")
	    " WHERE " OF_C("s") "), '')) LIKE {v}" },
	{ "q", KIND_WORDS, 0, 0, "SELECT course_string FROM courses",
	    "plain(c.title || ' ' || ifnull(c.expanded_title, '') || ' ' || "
	    "c.course_string || ' ' || ifnull((SELECT group_concat(i.name, "
	    "' ') FROM section_instructors i JOIN sections s ON " OF_S("i")
	    " WHERE " OF_C("s") "), '')) LIKE {v}" },
	{ "level", KIND_LIST, 0, 0, "SELECT 'U' UNION SELECT 'G'",
	    "c.level IN ({v})" },
	{ "coreCode", KIND_LIST, 0, 0,
	    "SELECT DISTINCT code FROM course_core_codes",
	    "EXISTS (SELECT 1 FROM course_core_codes l WHERE " OF_C("l")
	    " AND l.code IN ({v}))" },
	{ "creditsMin", KIND_ONE, 0, 0, "SELECT 1.5 UNION SELECT 3",
	    "c.credits >= {v} + 0.0" },
	{ "creditsMax", KIND_ONE, 0, 0, "SELECT 3 UNION SELECT 4.5",
	    "c.credits <= {v} + 0.0" },
	{ "hasOpenSection", KIND_ONE, 0, 0, "SELECT 'true' UNION SELECT 'false'",
	    "EXISTS (SELECT 1 FROM sections s WHERE " OF_C("s") " AND " OPEN
	    " = 1) = ({v} = 'true')" },
	{ "hasPrerequisite", KIND_ONE, 0, 0,
	    "SELECT 'true' UNION SELECT 'false'",
	    "(c.pre_req_notes IS NOT NULL) = ({v} = 'true')" },
	{ "examCode", KIND_LIST, 1, 0, "SELECT DISTINCT exam_code FROM sections "
	    "WHERE exam_code IS NOT NULL", "s.exam_code IN ({v})" },
	{ "delivery", KIND_LIST, 1, 0, "SELECT 'online' UNION SELECT 'hybrid' "
	    "UNION SELECT 'in_person'", "CASE WHEN " IS_ONLINE " THEN "
	    "'online' WHEN " IS_HYBRID " THEN 'hybrid' ELSE 'in_person' END "
	    "IN ({v})" },
	{ "meetingDays", KIND_LIST, 1, 0, "SELECT DISTINCT meeting_day FROM "
	    "section_meetings WHERE meeting_day IS NOT NULL",
	    MEETING("m.meeting_day IS NOT NULL") " AND NOT "
	    MEETING("m.meeting_day NOT IN ({v})") },
	{ "meetingStart", KIND_ONE, 1, 0, "SELECT 500 UNION SELECT 600",
	    MEETING("m.start_minutes IS NOT NULL") " AND NOT "
	    MEETING("m.start_minutes < {v} + 0") },
	{ "meetingEnd", KIND_ONE, 1, 0, "SELECT 900 UNION SELECT 1200",
	    MEETING("m.end_minutes IS NOT NULL") " AND NOT "
	    MEETING("m.end_minutes > {v} + 0") },
	{ "meetingCampus", KIND_LIST, 1, 0, "SELECT DISTINCT campus_location "
	    "FROM section_meetings WHERE campus_location IS NOT NULL",
	    MEETING("m.campus_location IN ({v})") },
	{ "instructor", KIND_WORDS, 1, 0, "SELECT name FROM "
	    "section_instructors", "plain((SELECT group_concat(i.name, ' ') "
	    "FROM section_instructors i WHERE " OF_S("i") ")) LIKE {v}" },
	{ "index", KIND_LIST, 1, 0, "SELECT index_number FROM sections",
	    "s.index_number IN ({v})" },
	{ "openStatus", KIND_ONE, 1, 0, "SELECT 'open' UNION SELECT 'closed'",
	    OPEN " = ({v} = 'open')" },
	{ "updatedSince", KIND_ONE, 0, 1, "SELECT '2026-11-20T10:00:00.000Z' "
	    "UNION SELECT '2026-11-20T10:00:01.000Z' UNION SELECT "
	    "'2026-11-21T10:00:00Z'", NULL },
};

static const struct answers_sort sorts[] = {
	{ "subject", "c.subject" }, { "courseNumber", "c.course_number" },
	{ "title", "c.title" }, { "credits", "c.credits" },
	{ "sectionsOpen", "(SELECT count(*) FROM sections s JOIN "
	    "open_section_states o ON " OF_S("o") " WHERE " OF_C("s")
	    " AND o.is_open)" },
};

/* Letters and digits in lower case, one blank for all others between. */
static void
plain(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const unsigned char *s = sqlite3_value_text(argv[0]);
	struct buf b;

	(void)argc;
	buf_init(&b, 1 << 20);
	buf_chr(&b, ' ');
	for (; s != NULL && *s != '\0'; s++) {
		unsigned char c = *s >= 'A' && *s <= 'Z' ? *s | 0x20 : *s;

		buf_chr(&b, (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
		    || c >= 0x80 ? (char)c : ' ');
	}
	sqlite3_result_text(ctx, b.data, -1, SQLITE_TRANSIENT);
	buf_release(&b);
}

/* --- one combination ---------------------------------------------------- */

struct combination {
	struct buf url, course, section;	/* query string, conditions */
};

static void
escape(struct buf *url, const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr("%&=+#", *s) != NULL || *s <= ' ')
			buf_printf(url, "%%%02X", (unsigned char)*s);
		else
			buf_chr(url, *s);
}

/* A word of text, or its beginning, in lower case; 0 if it has none. */
static int
draw_word(const struct buf *text, char word[64])
{
	const char *s = text->data;
	size_t i, n, words_n = 0, pick;
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (i = 0; i < text->len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return 0;	/* accents are the word index's */
	for (; *s != '\0'; s += n) {
		s += strcspn(s, alnum);
		n = strspn(s, alnum);
		words_n += n > 0;
	}
	if (words_n == 0)
		return 0;
	pick = (size_t)below((int64_t)words_n);
	for (s = text->data;; s += n) {
		s += strcspn(s, alnum);
		n = strspn(s, alnum);
		if (pick-- == 0)
			break;
	}
	n = n > 60 ? 60 : 1 + (size_t)below((int64_t)n);
	snprintf(word, 64, "%.*s", (int)n, s);
	return 1;
}

static void
add_words(struct combination *k, const struct filter *f, struct buf *cond)
{
	char word[64], like[80];
	struct buf text;
	int i, n = 1 + (int)below(2), any = 0;

	buf_init(&text, 4096);
	for (i = 0; i < n; i++) {
		if (!answers_draw(f->draw, &text) || !draw_word(&text, word))
			continue;
		if (any++ == 0)
			buf_printf(&k->url, "&%s=%s", f->name, word);
		else
			buf_printf(&k->url, "%%20%s", word);
		snprintf(like, sizeof(like), "'%% %s%%'", word);
		answers_condition(cond, f->cond, like);
	}
	buf_release(&text);
}

static void
add_values(struct combination *k, const struct filter *f, struct buf *cond)
{
	struct buf value, list;
	int i, any = 0, n = f->kind == KIND_ONE ? 1 : 1 + (int)below(3);

	buf_init(&value, 4096);
	buf_init(&list, 8192);
	for (i = 0; i < n; i++) {
		if (!answers_draw(f->draw, &value))
			continue;
		buf_printf(&list, "%s'%s'", any > 0 ? ", " : "", value.data);
		if (any++ == 0)
			buf_printf(&k->url, "&%s=", f->name);
		else
			buf_str(&k->url, "%2C");
		escape(&k->url, value.data);
	}
	if (any > 0)
		answers_condition(cond, f->cond, list.data);
	buf_release(&value);
	buf_release(&list);
}

/* What changed since: the same for both, but of other rows. */
static void
add_since(struct combination *k, const struct filter *f, int sections)
{
	struct buf value, cond;
	char at[40];
	struct buf *out = sections ? &k->section : &k->course;

	buf_init(&value, 4096);
	buf_init(&cond, 1 << 16);
	answers_draw(f->draw, &value);
	buf_printf(&k->url, "&%s=%s", f->name, value.data);
	/* As it stands in the id of a version. */
	snprintf(at, sizeof(at), "%.4s%.2s%.2sT%.2s%.2s%.2s", value.data,
	    value.data + 5, value.data + 8, value.data + 11,
	    value.data + 14, value.data + 17);
	if (sections)
		buf_printf(&cond, "max(s.valid_from, (SELECT max(o.valid_from) "
		    "FROM open_section_states o WHERE " OF_S("o") "), ifnull("
		    "(SELECT max(m.valid_from) FROM section_meetings m WHERE "
		    OF_S("m") "), ''))");
	else
		buf_printf(&cond, CHANGED, "c.valid_from", OF_C("s"));
	buf_printf(out, " AND %s >= '%s'", cond.data, at);
	buf_release(&value);
	buf_release(&cond);
}

static int
is_used(const struct combination *k, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "&%s=", name);
	return strstr(k->url.data, text) != NULL;
}

static void
add_filter(struct combination *k, const struct filter *f, int sections)
{
	struct buf *cond = f->of_section == 1 ? &k->section : &k->course;

	if (is_used(k, f->name) || (f->of_section == 2 && sections))
		return;
	if (f->of_changes)
		add_since(k, f, sections);
	else if (f->kind == KIND_WORDS)
		add_words(k, f, cond);
	else
		add_values(k, f, cond);
}

/* The rows' names, as canonical tables have them, and as the API has. */
static void
expected_sql(const struct combination *k, int sections, const char *order,
    int64_t size, int64_t page, struct buf *sql, struct buf *count)
{
	static const char id[] = "c.term_code || '.' || c.campus_code || '.' "
	    "|| c.course_string || '.' || c.supplement_code || '.' || "
	    "c.course_campus_code || iif(c.occurrence > 1, '.' || "
	    "c.occurrence, '')";
	struct buf from;

	buf_init(&from, 1 << 20);
	if (sections)
		buf_printf(&from, "FROM sections s JOIN courses c ON " OF_C("s")
		    " WHERE s.term_code = '20261'%s%s", k->course.data,
		    k->section.data);
	else if (k->section.len > 1)
		buf_printf(&from, "FROM courses c WHERE c.term_code = '20261'"
		    "%s AND EXISTS (SELECT 1 FROM sections s WHERE " OF_C("s")
		    "%s)", k->course.data, k->section.data);
	else
		buf_printf(&from, "FROM courses c WHERE c.term_code = "
		    "'20261'%s", k->course.data);
	buf_printf(count, "SELECT count(*) %s", from.data);
	buf_printf(sql, "SELECT %s %s ORDER BY %s%s LIMIT %lld OFFSET %lld",
	    sections ? "s.index_number" : id, from.data, order,
	    sections ? "s.term_code, s.campus_code, s.index_number, "
	    "s.occurrence" : "c.term_code, c.campus_code, c.course_string, "
	    "c.supplement_code, c.course_campus_code, c.occurrence",
	    (long long)size, (long long)((page - 1) * size));
	buf_release(&from);
}

/* Returns how many rows there are in all. */
static int64_t
try_one(int sections)
{
	struct combination k;
	struct buf sql, count, order, want, got;
	int64_t size, page, total;
	int i, n = (int)below(5);

	buf_init(&k.url, 1 << 16);
	buf_init(&k.course, 1 << 18);
	buf_init(&k.section, 1 << 18);
	buf_init(&sql, 1 << 20);
	buf_init(&count, 1 << 20);
	buf_init(&order, 1 << 12);
	buf_init(&want, 1 << 20);
	buf_init(&got, 1 << 20);
	buf_str(&k.url, "term=20261");
	buf_str(&k.course, " ");
	buf_str(&k.section, " ");
	buf_str(&order, " ");
	for (i = 0; i < n; i++)
		add_filter(&k, &ANY(filters), sections);
	answers_sorted(sorts, TAP_COUNT(sorts), &k.url, &order);
	size = 1 + below(100);
	expected_sql(&k, sections, order.data, size, 1, &sql, &count);
	total = db_int(&api.canon.db, count.data, -1);
	page = 1 + below(total / size + 1);
	buf_clear(&sql);
	buf_clear(&count);
	expected_sql(&k, sections, order.data, size, page, &sql, &count);
	buf_printf(&k.url, "&page=%lld&pageSize=%lld", (long long)page,
	    (long long)size);
	answers_want(sql.data, total, &want);
	answers_got(sections ? "/api/sections" : "/api/courses", k.url.data,
	    sections ? "index" : "id", &got);
	tap_str(got.data, want.data, k.url.data);
	buf_release(&k.url);
	buf_release(&k.course);
	buf_release(&k.section);
	buf_release(&sql);
	buf_release(&count);
	buf_release(&order);
	buf_release(&want);
	buf_release(&got);
	return total;
}

/* --- all of it ---------------------------------------------------------- */

/* What a ready report leaves, and the words of a text. */
static void
prepare(void)
{
	if (db_exec(&api.canon.db, "CREATE TABLE version_reports (report_id "
	    "INTEGER PRIMARY KEY, version_id TEXT, dataset TEXT, ready "
	    "INTEGER, accepted TEXT, failures INTEGER)") == -1)
		staged_die(api.data, canon_message(&api.canon));
	sqlite3_create_function(api.canon.db.h, "plain", 1, SQLITE_UTF8, NULL,
	    plain, NULL, NULL);
}

int
main(void)
{
	const char *asked = getenv("COMBINATIONS");
	int64_t i, n = asked != NULL ? atoll(asked) : COMBINATIONS;
	int64_t found = 0;

	if (!answers_open("the API's answers", CONFIG))
		return tap_done();
	prepare();
	make_up("20261/ONLINE_NB", "OB", 1, 30000, 0);
	make_up("20261/ONLINE_NK", "ON", 2, 40000, 0);
	make_up("20261/ONLINE_NB", "OB", 1, 30000, 1);
	if (asked != NULL && access(captures[1].courses, R_OK) == 0)
		load_capture(&captures[1]);
	answers_build();
	for (i = 0; i < n; i++)
		found += try_one((int)(i % 2)) > 0;
	tap_ok(found > n / 3, "%lld of them find something",
	    (long long)found);
	answers_close();
	return tap_done();
}
