/* Every finding has a code of its own and a sentence. */
#include "record/finding.h"

#include "tap.h"

int
main(void)
{
	int c, d;

	for (c = FINDING_NONE; c <= FINDING_DECLARED; c++) {
		const char *code = finding_code_text((enum finding_code)c);
		const char *text = finding_explain((enum finding_code)c);
		int good = code != NULL && text != NULL && text[0] != '\0';

		for (d = FINDING_NONE; good && d < c; d++)
			good = strcmp(code,
			    finding_code_text((enum finding_code)d)) != 0;
		tap_ok(good && strspn(code, "abcdefghijklmnopqrstuvwxyz_0"
		    "123456789") == strlen(code), "finding %d is %s", c,
		    code != NULL ? code : "nothing");
	}
	tap_str(finding_severity_text(FINDING_INFO), "info", "info");
	tap_str(finding_severity_text(FINDING_WARNING), "warning", "warning");
	tap_str(finding_severity_text(FINDING_ERROR), "error", "error");
	return tap_done();
}
