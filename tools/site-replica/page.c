#include "page.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/msg.h"
#include "base/num.h"
#include "base/path.h"
#include "replica/answer.h"

/* Bytes of one page, and of what an address says. */
#define PAGE_MAX ((size_t)64 << 20)
#define ADDRESS_MAX ((size_t)64 << 10)

struct pages {
	struct data *data;	/* borrowed */
	pthread_mutex_t lock;	/* one page is made at a time */
};

/* What a request asks for. */
struct ask {
	struct pages *pages;
	char *host;		/* without its port; "" if it named none */
	const char *target;	/* path and query, as they came */
	const char *method;	/* NULL: GET or HEAD */
	const char *body;
	yyjson_val *json;	/* the body, if it is JSON */
	struct MHD_Connection *connection;
	struct reply_form *form;
};

/* --- addresses ------------------------------------------------------------ */

/* Values from an address; the texts lie in text, one behind the other. */
struct values {
	struct var vars[MODEL_VARS_MAX];
	size_t at[MODEL_VARS_MAX];	/* where each value begins */
	char names[MODEL_VARS_MAX][64];
	size_t n;
	struct buf text;
};

/* Keep a value, decoded.  Returns 0, or -1 for one that is none. */
static int
add_value(struct values *v, const char *name, size_t n, const char *text,
    size_t length)
{
	if (v->n == MODEL_VARS_MAX || n >= sizeof(v->names[0]))
		return -1;
	memcpy(v->names[v->n], name, n);
	v->names[v->n][n] = '\0';
	v->at[v->n] = v->text.len;
	if (path_decode(&v->text, text, length) == -1 ||
	    buf_chr(&v->text, '\0') == -1)
		return -1;
	v->n++;
	return 0;
}

/* Keep a value as it is. */
static int
add_text(struct values *v, const char *name, const char *text)
{
	if (add_value(v, name, strlen(name), "", 0) == -1)
		return -1;
	v->text.len--;
	return buf_str(&v->text, text) == -1 ? -1 : buf_chr(&v->text, '\0');
}

/* Does path, n bytes, fit a route's, and what are its names then? */
static int
match_path(const char *pattern, const char *path, size_t n,
    struct values *v)
{
	const char *end = path + n, *close, *value;

	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (path == end || *path++ != *pattern++)
				return 0;
			continue;
		}
		close = strchr(++pattern, '}');
		for (value = path; path < end && *path != '/' &&
		    *path != close[1]; path++)
			;
		if (path == value || add_value(v, pattern,
		    (size_t)(close - pattern), value,
		    (size_t)(path - value)) == -1)
			return 0;
		pattern = close + 1;
	}
	return path == end;
}

/* The value of name in a query string into v, or what it is otherwise. */
static int
take_argument(struct values *v, const char *query, const struct var *var)
{
	size_t n = strlen(var->name), length;

	for (; *query != '\0'; query += length + (query[length] == '&')) {
		length = strcspn(query, "&");
		if (length > n && strncmp(query, var->name, n) == 0 &&
		    query[n] == '=')
			return add_value(v, var->name, n, query + n + 1,
			    length - n - 1);
	}
	return add_value(v, var->name, n, var->value, strlen(var->value));
}

/* What the body, which is JSON, has at a pointer. */
static int
take_json(struct values *v, yyjson_val *json, const struct var *var)
{
	yyjson_val *found = json == NULL ? NULL :
	    yyjson_ptr_get(json, var->value);
	char number[24];

	if (yyjson_is_int(found)) {
		snprintf(number, sizeof(number), "%lld",
		    (long long)yyjson_get_sint(found));
		return add_text(v, var->name, number);
	}
	return add_text(v, var->name, yyjson_is_str(found) ?
	    yyjson_get_str(found) : "");
}

static int
take_header(struct values *v, struct MHD_Connection *c,
    const struct var *var)
{
	const char *text = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    var->value);

	return add_text(v, var->name, text != NULL ? text : "");
}

static int
is_method(const char *declared, const char *method)
{
	return declared == NULL ? method == NULL :
	    method != NULL && strcmp(declared, method) == 0;
}

static int
is_host(const char *declared, const char *host)
{
	return declared == NULL || strcasecmp(declared, host) == 0;
}

/* Does the route answer a, and with which values? */
static int
match_route(const struct route *route, const struct ask *a,
    struct values *v)
{
	size_t i, n = strcspn(a->target, "?");
	const char *query = a->target + n + (a->target[n] == '?');

	v->n = 0;
	buf_clear(&v->text);
	if (!is_method(route->method, a->method) ||
	    !is_host(route->host, a->host) ||
	    !match_path(route->path, a->target, n, v))
		return 0;
	for (i = 0; i < route->n_query; i++)
		if (take_argument(v, query, &route->query[i]) == -1)
			return 0;
	for (i = 0; i < route->n_form; i++)
		if (take_argument(v, a->body, &route->form[i]) == -1)
			return 0;
	for (i = 0; i < route->n_json; i++)
		if (take_json(v, a->json, &route->json[i]) == -1)
			return 0;
	for (i = 0; i < route->n_headers; i++)
		if (take_header(v, a->connection, &route->headers[i]) == -1)
			return 0;
	for (i = 0; i < v->n; i++)
		v->vars[i] = (struct var){ v->names[i],
		    v->text.data + v->at[i] };
	return 1;
}

/* --- what is there -------------------------------------------------------- */

static struct packed *
find_capture(const struct capture *c, const struct ask *a, int64_t tick)
{
	size_t step = (uint64_t)tick < c->n ? (size_t)tick : c->n - 1;
	const char *file = c->files[step];
	struct packed *p = NULL;
	struct buf b;

	buf_init(&b, PAGE_MAX);
	if (buf_file(&b, file) == 0)
		p = b.len > 2 && memcmp(b.data, "\x1f\x8b", 2) == 0 ?
		    packed_from_gzip(&b, a->target) :
		    packed_from_text(b.data, b.len, a->target);
	if (p == NULL) {
		msg_error_errno("%s", file);
		errno = EIO;	/* the address is known, its file is not */
	}
	buf_release(&b);
	a->form->type = c->type;
	return p;
}

/* The status of the answer, if the row has one. */
static unsigned int
status_of(const struct scope *row)
{
	const char *text = NULL;
	int64_t status;

	if (scope_text(row, "status", strlen("status"), &text) == -1 ||
	    text == NULL || num_parse(text, 100, 599, &status) == -1)
		return 0;
	return (unsigned int)status;
}

/* The page of a route, whose row is there. */
static int
render(struct data *d, const struct route *route, const struct scope *scope,
    unsigned int *status, struct buf *out, struct buf *why)
{
	struct scope inner = { .outer = NULL };
	const char *missing;
	sqlite3_stmt *s;
	int r;

	if (route->row == NULL)
		return template_render(route->page, &d->db, scope, out, why);
	if ((s = db_prepare(&d->db, route->row)) == NULL) {
		buf_str(why, db_message(&d->db));
		return -1;
	}
	inner.row = s;
	if ((missing = scope_bind(scope, s)) != NULL)
		buf_printf(why, "nothing has the name %s", missing);
	r = missing != NULL ? -1 : db_step(&d->db, s);
	if (r == 1) {
		*status = status_of(&inner);
		inner.outer = scope;
		r = template_render(route->page, &d->db, &inner, out, why);
	} else if (r == 0) {
		errno = ENOENT;
		r = -1;
	} else if (why->len == 0) {
		buf_str(why, db_message(&d->db));
	}
	if (r == -1 && why->len > 0)
		errno = EIO;
	sqlite3_finalize(s);
	return r;
}

/* As render(), over what there is at tick. */
static struct packed *
make_page(const struct ask *a, const struct route *route,
    const struct values *v, int64_t tick)
{
	struct data *d = a->pages->data;
	struct var vars[MODEL_VARS_MAX + 2];
	char numbers[2][DATA_NUMBER];
	struct scope site, address = { &site, NULL, v->vars, v->n };
	struct packed *p = NULL;
	struct buf out, why;
	unsigned int status = 0;
	int r, saved;

	buf_init(&out, PAGE_MAX);
	buf_init(&why, 4096);
	pthread_mutex_lock(&a->pages->lock);
	r = data_make(d, tick, &why);
	data_scope(d, vars, numbers, &site);
	if (r == 0)
		r = render(d, route, &address, &status, &out, &why);
	saved = errno;
	pthread_mutex_unlock(&a->pages->lock);
	if (why.len > 0)
		msg_error("%s: %s", a->target, why.data);
	if (r == 0 && (p = packed_from_text(out.data != NULL ? out.data : "",
	    out.len, a->target)) != NULL)
		p->status = status;
	else if (r == -1)
		errno = why.len > 0 ? EIO : saved;
	buf_release(&out);
	buf_release(&why);
	a->form->type = route->type;
	return p;
}

static struct packed *
find_route(const struct ask *a, int64_t tick)
{
	const struct model *model = a->pages->data->model;
	struct packed *p = NULL;
	struct values v;
	size_t i;

	buf_init(&v.text, ADDRESS_MAX);
	for (i = 0; i < model->n_routes; i++)
		if (match_route(&model->routes[i], a, &v))
			break;
	errno = ENOENT;
	if (i < model->n_routes)
		p = make_page(a, &model->routes[i], &v, tick);
	buf_release(&v.text);
	return p;
}

static struct packed *
find(void *arg, const char *as, int64_t tick)
{
	struct ask *asked = arg, a = *asked;
	const struct model *model = a.pages->data->model;
	char target[VISIT_KEY + 1];
	size_t i;

	if (as != NULL) {
		snprintf(target, sizeof(target), "/%s", as);
		a.target = target;
	}
	for (i = 0; i < model->n_captures; i++) {
		const struct capture *c = &model->captures[i];

		if (is_host(c->host, a.host) &&
		    strcmp(c->target, a.target) == 0)
			return find_capture(c, &a, tick);
	}
	return find_route(&a, tick);
}

/* --- the site ------------------------------------------------------------- */

/* Is it a host that the declaration names? */
static int
is_declared(const struct model *model, const char *host)
{
	size_t i;

	for (i = 0; i < model->n_routes; i++)
		if (model->routes[i].host != NULL &&
		    is_host(model->routes[i].host, host))
			return 1;
	for (i = 0; i < model->n_captures; i++)
		if (model->captures[i].host != NULL &&
		    is_host(model->captures[i].host, host))
			return 1;
	return 0;
}

/* The method that a route is declared for which fits a, if it is this one;
 * NULL: none but GET and HEAD. */
static const char *
method_of(const struct ask *a, const char *method)
{
	const struct model *model = a->pages->data->model;
	struct values v = { .n = 0 };
	const char *found = NULL;
	size_t i, n = strcspn(a->target, "?");

	buf_init(&v.text, ADDRESS_MAX);
	for (i = 0; i < model->n_routes && found == NULL; i++) {
		const struct route *r = &model->routes[i];

		v.n = 0;
		if (r->method != NULL && strcmp(r->method, method) == 0 &&
		    is_host(r->host, a->host) &&
		    match_path(r->path, a->target, n, &v))
			found = r->method;
	}
	buf_release(&v.text);
	return found;
}

static int
answer(void *arg, const struct replica *r, struct MHD_Connection *c,
    const char *url, struct visit *q)
{
	struct pages *pages = arg;
	const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_HOST);
	struct answer a = { .find = find };
	struct ask ask = { .pages = pages, .target = q->target,
	    .connection = c, .form = &a.form,
	    .body = q->body.data != NULL ? q->body.data : "" };
	yyjson_doc *doc = q->body.len == 0 ? NULL :
	    yyjson_read(q->body.data, q->body.len, 0);
	int status;

	(void)url;
	if (host == NULL)
		host = "";
	if ((ask.host = strndup(host, strcspn(host, ":"))) == NULL) {
		yyjson_doc_free(doc);
		return -1;
	}
	a.arg = &ask;
	ask.json = yyjson_doc_get_root(doc);
	ask.method = a.method = method_of(&ask, q->method);
	if (is_declared(pages->data->model, ask.host))
		snprintf(q->key, sizeof(q->key), "%s%s", ask.host,
		    q->target);
	else
		snprintf(q->key, sizeof(q->key), "%s", q->target +
		    (q->target[0] == '/'));
	status = answer_send(r, c, q, &a);
	yyjson_doc_free(doc);
	free(ask.host);
	return status;
}

struct pages *
pages_new(struct data *d)
{
	struct pages *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->data = d;
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void
pages_free(struct pages *p)
{
	if (p == NULL)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void
pages_site(struct pages *p, struct site *s)
{
	*s = (struct site){ "SITE", "", (int64_t)p->data->model->steps,
	    &reply_plain, answer, p };
}
