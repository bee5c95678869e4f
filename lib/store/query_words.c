#include "store/query_words.h"

#include <string.h>

/* Is there anything in it that a tokenizer takes? */
static int
has_word(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((s[i] >= '0' && s[i] <= '9') ||
		    ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'z') ||
		    (unsigned char)s[i] >= 0x80)
			return 1;
	return 0;
}

/* One string of FTS5, which has no quotes in it. */
static int
add(struct buf *b, const char *s, size_t n, int whole)
{
	if ((b->len > 0 && buf_chr(b, ' ') == -1) || buf_chr(b, '"') == -1 ||
	    buf_add(b, s, n) == -1 || buf_chr(b, '"') == -1)
		return -1;
	return whole ? 0 : buf_chr(b, '*');
}

int
query_words(struct buf *b, const char *typed)
{
	const char *s = typed;
	size_t n, start = b->len;
	int words = 0, quoted = 0;

	while (*s != '\0') {
		n = strcspn(s, quoted ? "\"" : "\" \t\r\n");
		if (has_word(s, n)) {
			if (add(b, s, n, quoted) == -1) {
				buf_cut(b, start);
				return -1;
			}
			words++;
		}
		s += n;
		if (*s == '"')
			quoted = !quoted;
		if (*s != '\0')
			s++;
	}
	return words;
}
