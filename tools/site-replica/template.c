#include "template.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

/* Bytes of one file; files in files, and blocks in blocks. */
#define FILE_MAX ((size_t)4 << 20)
#define INCLUDES_MAX 8
#define DEPTH_MAX 32

enum kind {
	NODE_TEXT,
	NODE_VALUE,		/* escaped */
	NODE_RAW,
	NODE_EACH,		/* text is a query */
	NODE_NO,		/* likewise */
	NODE_IF,		/* text is a name */
	NODE_UNLESS		/* likewise */
};

struct node {
	enum kind kind;
	const char *text;	/* borrowed of a file */
	size_t n;
	size_t end;		/* of a block: the node behind it */
	const char *file;	/* borrowed */
	int line;
	sqlite3_stmt *stmt;	/* owned; NULL until it is used */
};

struct file {
	char *name, *text;	/* owned */
	struct file *next;
};

struct template {
	struct node *nodes;	/* owned */
	size_t n, cap;
	struct file *files;	/* owned */
};

/* Where the parser is. */
struct parser {
	struct template *t;
	struct buf *why;
	size_t open[DEPTH_MAX];
	int depth, includes;
};

static int
fail_at(struct buf *why, const char *file, int line, const char *what,
    const char *detail, size_t n)
{
	buf_clear(why);
	buf_printf(why, "%s:%d: %s%.*s", file, line, what, (int)n, detail);
	errno = EINVAL;
	return -1;
}

static int
add_node(struct parser *p, const struct node *node)
{
	struct template *t = p->t;
	struct node *nodes = t->nodes;

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : 2 * t->cap;
		nodes = realloc(t->nodes, t->cap * sizeof(*nodes));
		if (nodes == NULL)
			return -1;
		t->nodes = nodes;
	}
	t->nodes[t->n++] = *node;
	return 0;
}

static int
is_name(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!islower((unsigned char)s[i]) && s[i] != '_' &&
		    !(i > 0 && isdigit((unsigned char)s[i])))
			return 0;
	return n > 0;
}

static int
open_block(struct parser *p, struct node *node, int wanted)
{
	int name = is_name(node->text, node->n);

	if (p->depth == DEPTH_MAX)
		return fail_at(p->why, node->file, node->line,
		    "too many blocks in blocks", "", 0);
	if (wanted)
		node->kind = name ? NODE_IF : NODE_EACH;
	else
		node->kind = name ? NODE_UNLESS : NODE_NO;
	p->open[p->depth++] = p->t->n;
	return add_node(p, node);
}

static int
close_block(struct parser *p, const struct node *node, int least)
{
	if (p->depth == least)
		return fail_at(p->why, node->file, node->line,
		    "{{/}} without a block", "", 0);
	p->t->nodes[p->open[--p->depth]].end = p->t->n;
	return 0;
}

static int parse_file(struct parser *p, const char *file);

/* Another file, beside the one that names it. */
static int
include(struct parser *p, const struct node *node)
{
	const char *slash = strrchr(node->file, '/');
	struct buf path;
	int r = -1;

	if (++p->includes > INCLUDES_MAX)
		return fail_at(p->why, node->file, node->line,
		    "too many files in files", "", 0);
	buf_init(&path, PATH_BYTES_MAX);
	if (buf_add(&path, node->file, slash == NULL ? 0 :
	    (size_t)(slash + 1 - node->file)) == 0 &&
	    buf_add(&path, node->text, node->n) == 0)
		r = parse_file(p, path.data);
	p->includes--;
	buf_release(&path);
	return r;
}

/* One tag, of n bytes at s between its braces. */
static int
parse_tag(struct parser *p, struct node *node, const char *s, size_t n,
    int least)
{
	char mark = n > 0 && strchr("#^/>!&", *s) != NULL ? *s : '\0';

	if (mark != '\0')
		s++, n--;
	for (; n > 0 && isspace((unsigned char)*s); n--)
		s++;
	for (; n > 0 && isspace((unsigned char)s[n - 1]); n--)
		;
	node->text = s;
	node->n = n;
	if (mark == '!')
		return 0;
	if (mark == '/')
		return close_block(p, node, least);
	if (mark == '#' || mark == '^')
		return open_block(p, node, mark == '#');
	if (mark == '>')
		return include(p, node);
	node->kind = mark == '&' ? NODE_RAW : NODE_VALUE;
	if (!is_name(s, n))
		return fail_at(p->why, node->file, node->line,
		    "not a name: ", s, n);
	return add_node(p, node);
}

static int
count_lines(const char *s, const char *end)
{
	int n = 0;

	for (; s < end; s++)
		n += *s == '\n';
	return n;
}

static int
parse_text(struct parser *p, const struct file *f)
{
	struct node node = { .file = f->name, .line = 1 };
	const char *s = f->text, *tag, *end;
	int least = p->depth;

	for (; (tag = strstr(s, "{{")) != NULL; s = end + 2) {
		node.kind = NODE_TEXT;
		node.text = s;
		node.n = (size_t)(tag - s);
		if (node.n > 0 && add_node(p, &node) == -1)
			return -1;
		node.line += count_lines(s, tag);
		if ((end = strstr(tag, "}}")) == NULL)
			return fail_at(p->why, f->name, node.line,
			    "{{ without }}", "", 0);
		if (parse_tag(p, &node, tag + 2, (size_t)(end - tag - 2),
		    least) == -1)
			return -1;
		node.line += count_lines(tag, end);
	}
	node.kind = NODE_TEXT;
	node.text = s;
	node.n = strlen(s);
	if (p->depth > least)
		return fail_at(p->why, f->name,
		    p->t->nodes[p->open[p->depth - 1]].line,
		    "a block without {{/}}", "", 0);
	return add_node(p, &node);
}

static int
parse_file(struct parser *p, const char *name)
{
	struct file *f = calloc(1, sizeof(*f));
	struct buf text;
	int r;

	if (f == NULL)
		return -1;
	f->next = p->t->files;
	p->t->files = f;
	buf_init(&text, FILE_MAX);
	r = buf_file(&text, name);
	if (r == -1)
		buf_printf(p->why, "%s: %s", name, strerror(errno));
	if (r == 0 && ((f->name = strdup(name)) == NULL ||
	    (f->text = buf_detach(&text)) == NULL))
		r = -1;
	buf_release(&text);
	return r == 0 ? parse_text(p, f) : -1;
}

struct template *
template_load(const char *file, struct buf *why)
{
	struct template *t = calloc(1, sizeof(*t));
	struct parser p = { .t = t, .why = why };

	if (t == NULL)
		return NULL;
	if (parse_file(&p, file) == -1) {
		int saved = errno;

		template_free(t);
		errno = saved;
		return NULL;
	}
	return t;
}

void
template_reset(struct template *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		sqlite3_finalize(t->nodes[i].stmt);
		t->nodes[i].stmt = NULL;
	}
}

void
template_free(struct template *t)
{
	struct file *f;

	if (t == NULL)
		return;
	template_reset(t);
	while ((f = t->files) != NULL) {
		t->files = f->next;
		free(f->name);
		free(f->text);
		free(f);
	}
	free(t->nodes);
	free(t);
}

/* --- rendering ------------------------------------------------------------ */

struct render {
	struct template *t;
	struct db *db;
	struct buf *out, *why;
};

static int
add_escaped(struct buf *b, const char *s)
{
	const char *special;
	size_t n;

	while (*s != '\0') {
		n = strcspn(s, "&<>\"'");
		if (buf_add(b, s, n) == -1)
			return -1;
		s += n;
		if (*s == '\0')
			break;
		special = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" :
		    *s == '>' ? "&gt;" : *s == '"' ? "&quot;" : "&#39;";
		if (buf_str(b, special) == -1)
			return -1;
		s++;
	}
	return 0;
}

/* The value that node names, "" for NULL; NULL after saying that there is
 * none. */
static const char *
value_of(struct render *r, const struct node *node,
    const struct scope *scope)
{
	const char *text;

	if (scope_text(scope, node->text, node->n, &text) == -1) {
		fail_at(r->why, node->file, node->line,
		    "nothing has the name ", node->text, node->n);
		return NULL;
	}
	return text != NULL ? text : "";
}

/* Prepare node's query, once, and bind it.  Returns 0 or -1. */
static int
begin_query(struct render *r, struct node *node, const struct scope *scope)
{
	const char *missing;

	if (node->stmt == NULL && sqlite3_prepare_v2(r->db->h, node->text,
	    (int)node->n, &node->stmt, NULL) != SQLITE_OK)
		return fail_at(r->why, node->file, node->line, "",
		    sqlite3_errmsg(r->db->h),
		    strlen(sqlite3_errmsg(r->db->h)));
	if ((missing = scope_bind(scope, node->stmt)) != NULL)
		return fail_at(r->why, node->file, node->line,
		    "nothing has the name ", missing, strlen(missing));
	return 0;
}

static int render_nodes(struct render *r, size_t from, size_t to,
    const struct scope *scope);

/* node i and its block: for each row, or if there is none. */
static int
render_query(struct render *r, size_t i, const struct scope *scope)
{
	struct node *node = &r->t->nodes[i];
	struct scope inner = { .outer = scope };
	int got, ret = 0, rows = 0;

	if (begin_query(r, node, scope) == -1)
		return -1;
	inner.row = node->stmt;
	while (ret == 0 && (got = db_step(r->db, node->stmt)) == 1) {
		rows++;
		if (node->kind == NODE_NO)
			break;
		ret = render_nodes(r, i + 1, node->end, &inner);
	}
	sqlite3_reset(node->stmt);
	if (ret == 0 && got == -1)
		return fail_at(r->why, node->file, node->line, "",
		    db_message(r->db), strlen(db_message(r->db)));
	if (ret == 0 && node->kind == NODE_NO && rows == 0)
		ret = render_nodes(r, i + 1, node->end, scope);
	return ret;
}

static int
render_value(struct render *r, size_t i, const struct scope *scope)
{
	const struct node *node = &r->t->nodes[i];
	const char *value = value_of(r, node, scope);
	int is;

	if (value == NULL)
		return -1;
	if (node->kind == NODE_RAW)
		return buf_str(r->out, value);
	if (node->kind == NODE_VALUE)
		return add_escaped(r->out, value);
	is = value[0] != '\0' && strcmp(value, "0") != 0;
	return is == (node->kind == NODE_IF) ?
	    render_nodes(r, i + 1, node->end, scope) : 0;
}

static int
render_nodes(struct render *r, size_t from, size_t to,
    const struct scope *scope)
{
	size_t i, next;
	int ret;

	for (i = from; i < to; i = next) {
		const struct node *node = &r->t->nodes[i];

		next = node->end > i ? node->end : i + 1;
		if (node->kind == NODE_TEXT)
			ret = buf_add(r->out, node->text, node->n);
		else if (node->kind == NODE_EACH || node->kind == NODE_NO)
			ret = render_query(r, i, scope);
		else
			ret = render_value(r, i, scope);
		if (ret == -1)
			return -1;
	}
	return 0;
}

int
template_render(struct template *t, struct db *db,
    const struct scope *scope, struct buf *out, struct buf *why)
{
	struct render r = { t, db, out, why };

	buf_clear(why);
	if (render_nodes(&r, 0, t->n, scope) == 0)
		return 0;
	if (why->len == 0)
		buf_str(why, strerror(errno));
	return -1;
}
