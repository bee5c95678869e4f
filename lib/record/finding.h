/*
 * finding.h -- what is wrong or odd in data, as data.
 *
 * The library never prints about data: it fills a finding, and the tool
 * decides.  Codes never change meaning.
 */
#ifndef FINDING_H
#define FINDING_H

#include <stdint.h>

enum finding_severity {
	FINDING_INFO,		/* worth counting, nothing wrong */
	FINDING_WARNING,	/* odd; the value was kept somewhere */
	FINDING_ERROR		/* the item cannot be used */
};

enum finding_code {
	FINDING_NONE,
	/* payload as a whole: nothing is sealed */
	FINDING_BAD_GZIP,
	FINDING_TRUNCATED,
	FINDING_EMPTY_BODY,
	FINDING_BAD_UTF8,
	FINDING_NOT_JSON,
	FINDING_NOT_ARRAY,
	FINDING_TOO_BIG,
	FINDING_TOO_DEEP,
	FINDING_SIZE_MISMATCH,
	FINDING_HASH_MISMATCH,
	FINDING_COUNT_MISMATCH,
	FINDING_KEY_MISMATCH,
	FINDING_SCHEMA_MISMATCH,
	FINDING_MISSING_FILE,
	FINDING_BAD_METADATA,
	/* a page as a whole: nothing of it is taken */
	FINDING_BLOCKED,
	FINDING_SHORT_PAGE,
	FINDING_WRONG_PAGE,
	FINDING_LAYOUT,
	FINDING_ROW_COUNT,
	FINDING_PAGE_LIMIT,
	/* one value or row: never stops a run */
	FINDING_WRONG_TYPE,
	FINDING_BAD_TIME,
	FINDING_UNKNOWN_MEMBER,
	FINDING_MISSING_MEMBER,
	FINDING_DUPLICATE_MEMBER,
	FINDING_DUPLICATE_KEY,
	FINDING_MISSING_KEY,
	FINDING_MAPPED_VALUE,
	FINDING_OTHER,		/* too many different ones to tell apart */
	FINDING_DECLARED	/* found by a declared check, named there */
};

/* The stable code text ("duplicate_key"), static. */
const char *finding_code_text(enum finding_code c);
/* One sentence for people, static. */
const char *finding_explain(enum finding_code c);
const char *finding_severity_text(enum finding_severity s);

struct finding {
	enum finding_code code;
	enum finding_severity severity;
	int64_t offset;		/* byte in the decoded payload, or -1 */
	char where[256];	/* record, table, member; may be "" */
	char text[256];		/* the detail; may be "" */
};

#endif
