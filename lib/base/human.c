#include "base/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
human_bytes(int64_t bytes, char out[HUMAN_TEXT])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double value = (double)bytes / 1e3;
	size_t i = 0;

	if (bytes > -1000 && bytes < 1000) {
		snprintf(out, HUMAN_TEXT, "%" PRId64 " B", bytes);
		return;
	}
	/* From 999.95 on, one digit after the point would show 1000.0. */
	while (i < 3 && (value >= 999.95 || value <= -999.95)) {
		value /= 1e3;
		i++;
	}
	snprintf(out, HUMAN_TEXT, "%.1f %s", value, units[i]);
}

void
human_ms(int64_t ms, char out[HUMAN_TEXT])
{
	int64_t s = ms / 1000;

	if (s < 60)
		snprintf(out, HUMAN_TEXT, "%" PRId64 ".%d s", s,
		    (int)(ms % 1000 / 100));
	else if (s < 3600)
		snprintf(out, HUMAN_TEXT, "%" PRId64 " min %02d s", s / 60,
		    (int)(s % 60));
	else
		snprintf(out, HUMAN_TEXT, "%" PRId64 " h %02d min", s / 3600,
		    (int)(s / 60 % 60));
}

void
human_count(int64_t n, char out[HUMAN_TEXT])
{
	char digits[HUMAN_TEXT];
	size_t i, len, o = 0;

	snprintf(digits, sizeof(digits), "%" PRId64, n);
	len = strlen(digits);
	for (i = 0; i < len; i++) {
		if (i > 0 && digits[i - 1] != '-' && (len - i) % 3 == 0)
			out[o++] = ',';
		out[o++] = digits[i];
	}
	out[o] = '\0';
}
