#include "record/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"

#define SHEET_BYTES ((size_t)1 << 30)

static const char *const formats[] = { "table", "json", "jsonl", "tsv" };

int
sheet_format_parse(const char *name, enum sheet_format *out)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(name, formats[i]) == 0) {
			*out = (enum sheet_format)i;
			return 0;
		}
	return -1;
}

static void
check(struct sheet *s, int r)
{
	if (r == -1 && s->failed == 0)
		s->failed = errno;
}

static size_t *
width(const struct sheet *s, size_t column)
{
	return (size_t *)(void *)s->widths.data + column;
}

/* How many characters, which is about how wide it is. */
static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* A cell of a table: its text and a '\0'. */
static void
table_cell(struct sheet *s, const char *value, int is_name)
{
	char *text;
	size_t n;

	if (s->columns[s->column].detail)
		return;
	if (value == NULL || value[0] == '\0')
		value = is_name ? "" : "-";
	n = strlen(value);
	check(s, buf_add(&s->text, value, n + 1));
	if (s->failed != 0)
		return;
	text = s->text.data + s->text.len - n - 1;
	msg_mask(text, n);
	n = characters(text);
	if (n > *width(s, s->column))
		*width(s, s->column) = n;
}

/* A tab or a line break within a value would be another cell. */
static void
tsv_cell(struct sheet *s, const char *value)
{
	if (s->column > 0)
		check(s, buf_chr(&s->text, '\t'));
	for (; value != NULL && *value != '\0'; value++)
		check(s, *value == '\t' ? buf_str(&s->text, "\\t") :
		    *value == '\n' ? buf_str(&s->text, "\\n") :
		    *value == '\r' ? buf_str(&s->text, "\\r") :
		    *value == '\\' ? buf_str(&s->text, "\\\\") :
		    buf_chr(&s->text, *value));
	if (s->column + 1 == s->n_columns)
		check(s, buf_chr(&s->text, '\n'));
}

static void
names(struct sheet *s)
{
	for (s->column = 0; s->column < s->n_columns; s->column++)
		if (s->format == SHEET_TABLE)
			table_cell(s, s->columns[s->column].name, 1);
		else
			tsv_cell(s, s->columns[s->column].name);
	s->column = 0;
}

void
sheet_init(struct sheet *s, enum sheet_format format, const char *type,
    const struct sheet_column *columns)
{
	static const size_t none = 0;
	size_t i;

	*s = (struct sheet){ .format = format, .type = type,
	    .columns = columns };
	buf_init(&s->text, SHEET_BYTES);
	buf_init(&s->widths, SHEET_BYTES);
	while (columns[s->n_columns].name != NULL)
		s->n_columns++;
	for (i = 0; i < s->n_columns; i++)
		check(s, buf_add(&s->widths, &none, sizeof(none)));
	if (s->failed == 0 && (format == SHEET_TABLE || format == SHEET_TSV))
		names(s);
}

void
sheet_release(struct sheet *s)
{
	buf_release(&s->text);
	buf_release(&s->widths);
}

static void
begin_object(struct sheet *s)
{
	if (s->format == SHEET_JSONL) {
		jsonw_record(&s->json, &s->text, s->type);
		return;
	}
	check(s, buf_str(&s->text, s->n == 0 ? "[\n" : ",\n"));
	jsonw_init(&s->json, &s->text);
	jsonw_obj_open(&s->json, NULL);
}

static void
end_object(struct sheet *s)
{
	if (s->format == SHEET_JSONL) {
		check(s, jsonw_end(&s->json));
		return;
	}
	jsonw_obj_close(&s->json);
	if (s->json.failed != 0 && s->failed == 0)
		s->failed = s->json.failed;
}

enum kind { TEXT, NUMBER, RAW };

static void
json_cell(struct sheet *s, enum kind kind, const char *value, int64_t number)
{
	const char *name = s->columns[s->column].name;

	if (s->column == 0)
		begin_object(s);
	if (kind == NUMBER)
		jsonw_int(&s->json, name, number);
	else if (kind == RAW && value != NULL)
		jsonw_raw(&s->json, name, value, strlen(value));
	else
		jsonw_opt(&s->json, name, value);
	if (s->column + 1 == s->n_columns)
		end_object(s);
}

static void
cell(struct sheet *s, enum kind kind, const char *value, int64_t number)
{
	if (s->failed != 0)
		return;
	if (s->format == SHEET_TABLE)
		table_cell(s, value, 0);
	else if (s->format == SHEET_TSV)
		tsv_cell(s, value);
	else
		json_cell(s, kind, value, number);
	if (++s->column == s->n_columns) {
		s->column = 0;
		s->n++;
	}
}

void
sheet_text(struct sheet *s, const char *value)
{
	cell(s, TEXT, value, 0);
}

void
sheet_int(struct sheet *s, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	cell(s, NUMBER, text, value);
}

void
sheet_raw(struct sheet *s, const char *json)
{
	cell(s, RAW, json, 0);
}

/* The cells of a table as lines, the last column without blanks behind. */
static void
align(struct sheet *s, struct buf *out)
{
	const char *p = s->text.data, *end = p + s->text.len;
	size_t i, n, last = 0;

	for (i = 0; i < s->n_columns; i++)
		if (!s->columns[i].detail)
			last = i;
	for (i = 0; p < end && s->failed == 0; i = (i + 1) % s->n_columns) {
		if (s->columns[i].detail)
			continue;
		n = characters(p);
		check(s, i == last ? buf_printf(out, "%s\n", p) :
		    buf_printf(out, "%s%*s", p, (int)(*width(s, i) - n) + 2,
		    ""));
		p += strlen(p) + 1;
	}
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(fd, p, n);
		if (done == -1 && errno != EINTR)
			return -1;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

int
sheet_print(struct sheet *s, int fd)
{
	struct buf aligned;
	struct jsonw w;
	int r;

	buf_init(&aligned, SHEET_BYTES);
	if (s->format == SHEET_TABLE) {
		align(s, &aligned);
	} else if (s->format == SHEET_JSON) {
		check(s, buf_str(&s->text, s->n == 0 ? "[]\n" : "\n]\n"));
	} else if (s->format == SHEET_JSONL) {
		jsonw_record(&w, &s->text, "end");
		jsonw_int(&w, "n", s->n);
		check(s, jsonw_end(&w));
	}
	errno = s->failed;
	r = s->failed != 0 ? -1 : s->format == SHEET_TABLE ?
	    write_all(fd, aligned.data, aligned.len) :
	    write_all(fd, s->text.data, s->text.len);
	buf_release(&aligned);
	return r;
}
