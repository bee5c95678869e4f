#include "record/finding.h"

static const struct {
	const char *code, *explain;
} texts[] = {
	[FINDING_NONE] = { "none", "nothing found" },
	[FINDING_BAD_GZIP] = { "bad_gzip", "the gzip stream is corrupt" },
	[FINDING_TRUNCATED] = { "truncated", "the payload ends too early" },
	[FINDING_EMPTY_BODY] = { "empty_body", "the payload has no bytes" },
	[FINDING_BAD_UTF8] = { "bad_utf8", "the payload is not UTF-8" },
	[FINDING_NOT_JSON] = { "not_json", "the payload is not JSON" },
	[FINDING_NOT_ARRAY] = { "not_array",
	    "the payload is not the array that is declared" },
	[FINDING_TOO_BIG] = { "too_big", "over a size limit" },
	[FINDING_TOO_DEEP] = { "too_deep", "nested too deeply" },
	[FINDING_SIZE_MISMATCH] = { "size_mismatch",
	    "the size differs from what was recorded" },
	[FINDING_HASH_MISMATCH] = { "hash_mismatch",
	    "the SHA-256 differs from what was recorded" },
	[FINDING_COUNT_MISMATCH] = { "count_mismatch",
	    "the record count differs from what was recorded" },
	[FINDING_KEY_MISMATCH] = { "key_mismatch",
	    "the partition key differs from the path" },
	[FINDING_SCHEMA_MISMATCH] = { "schema_mismatch",
	    "the schema version is not the declared one" },
	[FINDING_MISSING_FILE] = { "missing_file", "a file is not there" },
	[FINDING_BAD_METADATA] = { "bad_metadata",
	    "metadata.json cannot be read" },
	[FINDING_BLOCKED] = { "blocked",
	    "a block or challenge page in place of the page" },
	[FINDING_SHORT_PAGE] = { "short_page",
	    "the page has fewer bytes than declared" },
	[FINDING_WRONG_PAGE] = { "wrong_page", "the page of another item" },
	[FINDING_LAYOUT] = { "layout",
	    "something required is not where it is declared to be" },
	[FINDING_ROW_COUNT] = { "row_count",
	    "another number of rows than declared" },
	[FINDING_PAGE_LIMIT] = { "page_limit",
	    "the page took more time or memory than one may" },
	[FINDING_WRONG_TYPE] = { "wrong_type",
	    "a value does not fit its column; kept in extra" },
	[FINDING_BAD_TIME] = { "bad_time",
	    "not a time of day; the text is kept" },
	[FINDING_UNKNOWN_MEMBER] = { "unknown_member",
	    "a member no column names; kept in extra" },
	[FINDING_MISSING_MEMBER] = { "missing_member",
	    "a declared member that this payload never has" },
	[FINDING_DUPLICATE_MEMBER] = { "duplicate_member",
	    "a member occurs twice in one object; the second is in extra" },
	[FINDING_DUPLICATE_KEY] = { "duplicate_key",
	    "several rows have one key; all are kept, by occurrence" },
	[FINDING_MISSING_KEY] = { "missing_key",
	    "a row without its key; quarantined with its children" },
	[FINDING_MAPPED_VALUE] = { "mapped_value",
	    "a value was replaced as the declaration says" },
	[FINDING_OTHER] = { "other",
	    "findings beyond the number that is told apart" },
	[FINDING_DECLARED] = { "declared", "found by a declared check" },
};

const char *
finding_code_text(enum finding_code c)
{
	return texts[c].code;
}

const char *
finding_explain(enum finding_code c)
{
	return texts[c].explain;
}

const char *
finding_severity_text(enum finding_severity s)
{
	switch (s) {
	case FINDING_INFO:
		return "info";
	case FINDING_WARNING:
		return "warning";
	case FINDING_ERROR:
		return "error";
	}
	return "error";
}
