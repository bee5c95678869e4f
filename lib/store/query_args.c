#include "store/query_args.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "record/jsonw.h"
#include "store/query_words.h"

#define INTEGER_MAX ((int64_t)1 << 53)
#define PAGE_LAST 1000000		/* no API is read further by pages */

/* A compiled pattern, by the address of its text in the declaration. */
struct query_pattern {
	const char *text;
	regex_t re;
};

void
query_args_init(struct query_args *a)
{
	memset(a, 0, sizeof(*a));
	arena_init(&a->arena);
}

void
query_args_release(struct query_args *a)
{
	size_t i;

	for (i = 0; i < a->n_patterns; i++)
		regfree(&a->patterns[i].re);
	free(a->patterns);
	arena_release(&a->arena);
	query_args_init(a);
}

/* --- problems ----------------------------------------------------------- */

static char *
keep(struct query_args *a, const char *s, size_t n)
{
	char *copy = arena_memdup(&a->arena, s, n);

	if (copy == NULL)
		a->failed = ENOMEM;
	return copy;
}

void
query_args_problem(struct query_args *a, const char *param, const char *fmt,
    ...)
{
	struct query_problem *p = &a->problems[a->n_problems];
	struct buf text;
	va_list ap;

	if (a->n_problems == QUERY_PROBLEMS_MAX)
		return;
	buf_init(&text, 4096);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	p->param = keep(a, param, strlen(param));
	p->message = text.len > 0 ? keep(a, text.data, text.len) :
	    "is wrong";
	if (p->param != NULL && p->message != NULL)
		a->n_problems++;
	buf_release(&text);
}

/* --- texts -------------------------------------------------------------- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Append n bytes decoded, '+' as a blank in queries.  Returns NULL or what
 * is wrong with them.
 */
static const char *
decode(struct buf *b, const char *s, size_t n, int plus)
{
	size_t i;
	int c;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c == '+' && plus)
			c = ' ';
		else if (c == '%') {
			if (i + 2 >= n || hex(s[i + 1]) == -1 ||
			    hex(s[i + 2]) == -1)
				return "has a % that is no %XX";
			c = hex(s[i + 1]) * 16 + hex(s[i + 2]);
			i += 2;
		}
		if (c == '\0')
			return "has a NUL in it";
		if (buf_chr(b, (char)c) == -1)
			return "is too long";
	}
	if (jsonw_utf8(b->data != NULL ? b->data : "", b->len) != b->len)
		return "is no UTF-8";
	return b->len > 0 ? NULL : "is empty";
}

static const regex_t *
compiled(struct query_args *a, const char *pattern)
{
	struct query_pattern *p;
	struct buf whole;
	size_t i;
	int r;

	for (i = 0; i < a->n_patterns; i++)
		if (a->patterns[i].text == pattern)
			return &a->patterns[i].re;
	p = realloc(a->patterns, (a->n_patterns + 1) * sizeof(*p));
	if (p == NULL)
		return NULL;
	a->patterns = p;
	p += a->n_patterns;
	buf_init(&whole, strlen(pattern) + 8);
	r = buf_printf(&whole, "^(%s)$", pattern) == -1 ||
	    regcomp(&p->re, whole.data, REG_EXTENDED | REG_NOSUB) != 0;
	buf_release(&whole);
	if (r != 0)
		return NULL;
	p->text = pattern;
	a->n_patterns++;
	return &p->re;
}

/* "one of a, b, c" */
static void
not_one_of(struct query_args *a, const struct route_param *p,
    const char *text)
{
	struct buf list;
	size_t i;

	buf_init(&list, 1024);
	for (i = 0; i < p->n_values; i++)
		if (buf_printf(&list, "%s%s", i > 0 ? ", " : "",
		    p->values[i]) == -1)
			break;
	query_args_problem(a, p->name, "\"%.60s\" is not one of %s", text,
	    list.len > 0 ? list.data : "none");
	buf_release(&list);
}

static int
check_text(struct query_args *a, const struct route_param *p,
    const char *text)
{
	const regex_t *re;
	size_t i;

	for (i = 0; i < p->n_values; i++)
		if (strcmp(p->values[i], text) == 0)
			return 0;
	if (p->n_values > 0) {
		not_one_of(a, p, text);
		return -1;
	}
	if (p->pattern == NULL)
		return 0;
	if ((re = compiled(a, p->pattern)) == NULL) {
		a->failed = ENOMEM;
		return -1;
	}
	if (regexec(re, text, 0, NULL, 0) == 0)
		return 0;
	query_args_problem(a, p->name, "\"%.60s\" is not like %s", text,
	    p->pattern);
	return -1;
}

/* --- values of each type ------------------------------------------------ */

static int
check_bounds(struct query_args *a, const struct route_param *p, double x)
{
	if (!p->bounded || (x >= p->min && x <= p->max))
		return 0;
	query_args_problem(a, p->name, "is not from %.15g to %.15g", p->min,
	    p->max);
	return -1;
}

static int
take_integer(struct query_args *a, const struct route_param *p,
    const char *text, struct query_value *v)
{
	if (num_parse(text, -INTEGER_MAX, INTEGER_MAX, &v->integer) == -1) {
		query_args_problem(a, p->name, "\"%.60s\" is no integer",
		    text);
		return -1;
	}
	return check_bounds(a, p, (double)v->integer);
}

static int
take_real(struct query_args *a, const struct route_param *p,
    const char *text, struct query_value *v)
{
	char *end;

	/* strtod() takes more than numbers as people write them. */
	v->real = strtod(text, &end);
	if (text[strspn(text, "+-.0123456789eE")] != '\0' || end == text ||
	    *end != '\0' || !isfinite(v->real)) {
		query_args_problem(a, p->name, "\"%.60s\" is no number",
		    text);
		return -1;
	}
	return check_bounds(a, p, v->real);
}

static int
take_boolean(struct query_args *a, const struct route_param *p,
    const char *text, struct query_value *v)
{
	v->integer = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	if (v->integer || strcmp(text, "false") == 0 ||
	    strcmp(text, "0") == 0)
		return 0;
	query_args_problem(a, p->name, "\"%.60s\" is not true or false",
	    text);
	return -1;
}

static int
take_instant(struct query_args *a, const struct route_param *p,
    const char *text, struct query_value *v)
{
	char at[CLOCK_TEXT];
	int64_t ms;

	if (clock_parse(text, &ms) == -1) {
		query_args_problem(a, p->name, "\"%.60s\" is no instant such "
		    "as 2026-11-20T22:31:14Z", text);
		return -1;
	}
	clock_format(ms, at);
	v->text = keep(a, at, strlen(at));
	return 0;
}

static int
take_words(struct query_args *a, const struct route_param *p,
    const char *text, struct query_value *v)
{
	struct buf b;
	int n;

	buf_init(&b, 4 * QUERY_VALUE_BYTES);
	n = query_words(&b, text);
	if (n > 0)
		v->text = keep(a, b.data, b.len);
	else
		query_args_problem(a, p->name, "has no word in it");
	buf_release(&b);
	return n > 0 ? 0 : -1;
}

static int
take_value(struct query_args *a, const struct route_param *p,
    const char *text, struct query_value *v)
{
	switch (p->type) {
	case ROUTE_INTEGER:
		return take_integer(a, p, text, v);
	case ROUTE_REAL:
		return take_real(a, p, text, v);
	case ROUTE_BOOLEAN:
		return take_boolean(a, p, text, v);
	case ROUTE_INSTANT:
		return take_instant(a, p, text, v);
	case ROUTE_WORDS:
		return take_words(a, p, text, v);
	default:
		v->text = keep(a, text, strlen(text));
		return check_text(a, p, text);
	}
}

/* --- lists -------------------------------------------------------------- */

static void
put_item(struct jsonw *w, const struct route_param *p,
    const struct query_value *v)
{
	if (p->type == ROUTE_INTEGER || p->type == ROUTE_BOOLEAN)
		jsonw_int(w, NULL, v->integer);
	else if (p->type == ROUTE_REAL)
		jsonw_real(w, NULL, v->real);
	else
		jsonw_str(w, NULL, v->text);
}

/*
 * The items of text behind those that were given already, as a JSON array.
 * A wrong one is told, and the others are looked at all the same.
 */
static void
take_many(struct query_args *a, const struct route_param *p, char *text,
    struct query_value *v)
{
	struct query_value item;
	int full = 0, wrong = 0;
	struct jsonw w;
	struct buf b;
	char *next;

	buf_init(&b, QUERY_MANY_BYTES);
	if (v->text != NULL)
		buf_add(&b, v->text, strlen(v->text) - 1);
	else
		buf_chr(&b, '[');
	for (; text != NULL; text = next) {
		if ((next = strchr(text, ',')) != NULL)
			*next++ = '\0';
		item = (struct query_value){ 0 };
		if (*text == '\0' || take_value(a, p, text, &item) == -1) {
			wrong |= *text != '\0';
			continue;
		}
		jsonw_init(&w, &b);
		w.comma = b.len > 1;
		put_item(&w, p, &item);
		full |= w.failed != 0;
	}
	if (buf_chr(&b, ']') == -1 || full)
		query_args_problem(a, p->name, "has too many values");
	else if (b.len == 2 && !wrong)
		query_args_problem(a, p->name, "is empty");
	else
		v->text = keep(a, b.data, b.len);
	buf_release(&b);
}

/* --- the request -------------------------------------------------------- */

/* Take a number that pages use. */
static void
take_page(struct query_args *a, const char *name, const char *text,
    int64_t max, int64_t *out)
{
	if (num_parse(text, 1, max, out) == -1)
		query_args_problem(a, name, "\"%.60s\" is no integer from 1 "
		    "to %lld", text, (long long)max);
}

static const struct route_sort *
find_sort(const struct route *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_sorts; i++)
		if (strcmp(r->sorts[i].name, name) == 0)
			return &r->sorts[i];
	return NULL;
}

static void
no_sort(struct query_args *a, const char *name)
{
	struct buf list;
	size_t i;

	buf_init(&list, 1024);
	for (i = 0; i < a->route->n_sorts; i++)
		if (buf_printf(&list, "%s%s", i > 0 ? ", " : "",
		    a->route->sorts[i].name) == -1)
			break;
	query_args_problem(a, "sort", "\"%.60s\" is not one of %s", name,
	    list.len > 0 ? list.data : "none");
	buf_release(&list);
}

static void
take_sorts(struct query_args *a, char *text)
{
	const struct route_sort *sort;
	char *next;
	int down;

	for (; text != NULL; text = next) {
		if ((next = strchr(text, ',')) != NULL)
			*next++ = '\0';
		down = *text == '-';
		text += down;
		if ((sort = find_sort(a->route, text)) == NULL)
			no_sort(a, text);
		else if (a->n_sorts == QUERY_SORTS_MAX)
			query_args_problem(a, "sort", "names over %d",
			    QUERY_SORTS_MAX);
		else
			a->sorts[a->n_sorts++] = (struct query_sort){ sort,
			    down };
	}
}

/* A parameter that pages use?  1 or 0. */
static int
take_paging(struct query_args *a, const char *name, char *text)
{
	if (a->route->select == NULL || a->route->one)
		return 0;
	if (strcmp(name, "page") == 0)
		take_page(a, name, text, PAGE_LAST, &a->page);
	else if (strcmp(name, "pageSize") == 0)
		take_page(a, name, text, a->route->page_max, &a->page_size);
	else if (strcmp(name, "sort") == 0)
		take_sorts(a, text);
	else
		return 0;
	return 1;
}

static void
take_param(struct query_args *a, const struct route_param *p, char *text)
{
	struct query_value *v = &a->values[p - a->route->params];

	if (v->given && !p->many) {
		query_args_problem(a, p->name, "is given twice");
		return;
	}
	v->given = 1;
	if (p->many)
		take_many(a, p, text, v);
	else if (strlen(text) > QUERY_VALUE_BYTES)
		query_args_problem(a, p->name, "is over %d bytes",
		    QUERY_VALUE_BYTES);
	else
		take_value(a, p, text, v);
}

/* One NAME=VALUE of n bytes. */
static void
take_pair(struct query_args *a, const char *s, size_t n)
{
	const char *equals = memchr(s, '=', n), *why;
	size_t name_n = equals != NULL ? (size_t)(equals - s) : n;
	const struct route_param *p = NULL;
	struct buf name, value;

	buf_init(&name, 64);
	buf_init(&value, QUERY_MANY_BYTES);
	if (decode(&name, s, name_n, 1) != NULL) {
		query_args_problem(a, "?", "a parameter without a name that "
		    "can be one");
	} else if ((why = decode(&value, equals != NULL ? equals + 1 : s,
	    equals != NULL ? n - name_n - 1 : 0, 1)) != NULL) {
		query_args_problem(a, name.data, "%s", why);
	} else if (!take_paging(a, name.data, value.data)) {
		p = route_param(a->route, name.data);
		if (p == NULL || p->in_path)
			query_args_problem(a, name.data, "is no parameter of "
			    "%s", a->route->path);
		else
			take_param(a, p, value.data);
	}
	buf_release(&name);
	buf_release(&value);
}

static void
take_capture(struct query_args *a, const struct route_capture *c)
{
	struct buf value;
	const char *why;

	buf_init(&value, QUERY_MANY_BYTES);
	if ((why = decode(&value, c->text, c->n, 0)) != NULL)
		query_args_problem(a, c->param->name, "%s", why);
	else
		take_param(a, c->param, value.data);
	buf_release(&value);
}

/* Not given at all; one that was given wrongly has been told. */
static void
check_required(struct query_args *a)
{
	const struct route *r = a->route;
	size_t i, j;

	for (i = 0; i < r->n_params; i++) {
		if (!r->params[i].required || a->values[i].given)
			continue;
		for (j = 0; j < a->n_problems; j++)
			if (strcmp(a->problems[j].param, r->params[i].name)
			    == 0)
				break;
		if (j == a->n_problems)
			query_args_problem(a, r->params[i].name,
			    "is missing");
	}
}

int
query_args_take(struct query_args *a, const struct route *r,
    const struct route_capture *captures, size_t n, const char *query)
{
	size_t i;

	arena_clear(&a->arena);
	memset(a->values, 0, r->n_params * sizeof(a->values[0]));
	a->route = r;
	a->page = 1;
	a->page_size = r->page_size;
	a->n_sorts = a->n_problems = 0;
	a->failed = 0;
	for (i = 0; i < n; i++)
		take_capture(a, &captures[i]);
	while (query != NULL && *query != '\0') {
		n = strcspn(query, "&");
		if (n > 0)
			take_pair(a, query, n);
		query += n + (query[n] == '&');
	}
	check_required(a);
	errno = a->failed;
	return a->failed == 0 ? 0 : -1;
}

/* --- binding ------------------------------------------------------------ */

static void
bind_value(sqlite3_stmt *s, int i, const struct route_param *p,
    const struct query_value *v)
{
	if (!v->given)
		sqlite3_bind_null(s, i);
	else if (p->many || v->text != NULL)
		sqlite3_bind_text(s, i, v->text, -1, SQLITE_STATIC);
	else if (p->type == ROUTE_REAL)
		sqlite3_bind_double(s, i, v->real);
	else
		sqlite3_bind_int64(s, i, v->integer);
}

int
query_args_bind(const struct query_args *a, sqlite3_stmt *s)
{
	int i, n = sqlite3_bind_parameter_count(s);
	const struct route_param *p;
	const char *name;

	for (i = 1; i <= n; i++) {
		name = sqlite3_bind_parameter_name(s, i);
		if (name == NULL)
			return -1;
		if (name[0] == '@')	/* the caller's */
			continue;
		if (name[0] != ':' ||
		    (p = route_param(a->route, name + 1)) == NULL)
			return -1;
		bind_value(s, i, p, &a->values[p - a->route->params]);
	}
	return 0;
}
