#include "text/html_doc.h"

#include <errno.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decl/page.h"
#include "record/jsonw.h"
#include "text/html_memory.h"

/* Bytes at the beginning of a page where its charset has to be named. */
#define CHARSET_BYTES 1024
#define CHARSET_NAME 64

/* --- the page ------------------------------------------------------------ */

/* The charset after "charset=" in n bytes, if it is one that is known. */
static const char *
find_charset(const char *text, size_t n, char name[CHARSET_NAME])
{
	static const char word[] = "charset=";
	size_t i, len = 0;
	xmlCharEncodingHandler *h;

	for (i = 0; i + sizeof(word) - 1 < n; i++)
		if (strncasecmp(text + i, word, sizeof(word) - 1) == 0)
			break;
	if (i + sizeof(word) - 1 >= n)
		return NULL;
	for (i += sizeof(word) - 1; i < n && len < CHARSET_NAME - 1; i++) {
		if (text[i] == '"' || text[i] == '\'') {
			if (len > 0)
				break;
			continue;
		}
		if (strchr(" \t\r\n;>/", text[i]) != NULL)
			break;
		name[len++] = text[i];
	}
	name[len] = '\0';
	if (len == 0 || (h = xmlFindCharEncodingHandler(name)) == NULL)
		return NULL;
	xmlCharEncCloseFunc(h);
	return name;
}

/* What the server said, else NULL: the parser looks for what the page says;
 * but where it says nothing, it would guess Latin-1. */
static const char *
charset(const char *bytes, size_t n, const char *content_type,
    char name[CHARSET_NAME])
{
	size_t head = n < CHARSET_BYTES ? n : CHARSET_BYTES;

	if (content_type != NULL && find_charset(content_type,
	    strlen(content_type), name) != NULL)
		return name;
	if (find_charset(bytes, head, name) == NULL &&
	    jsonw_utf8(bytes, n) == n)
		return "UTF-8";
	return NULL;
}

/* $row, $position, and the page's own. */
static xmlXPathObject *
variable(void *data, const xmlChar *name, const xmlChar *ns)
{
	const struct html_doc *d = data;
	const struct html_let *let = d->let;

	if (ns == NULL && xmlStrEqual(name, (const xmlChar *)"position"))
		return xmlXPathNewFloat(d->position);
	if (ns == NULL && xmlStrEqual(name, (const xmlChar *)"row"))
		return xmlXPathNewNodeSet(d->row);
	for (; ns == NULL && let != NULL && let->name != NULL; let++)
		if (strcmp(let->name, (const char *)name) == 0)
			return let->value == NULL ? xmlXPathNewNodeSet(NULL) :
			    xmlXPathObjectCopy(let->value);
	return NULL;
}

/* What is wrong with an expression was said when it was compiled. */
static void
silent(void *arg, xmlError *e)
{
	(void)arg;
	(void)e;
}

/* What cannot be converted is the last that is read, and only said here. */
static void
parse_error(void *arg, xmlError *e)
{
	struct html_doc *d = arg;

	if (e->domain == XML_FROM_I18N || e->domain == XML_FROM_IO)
		d->charset = d->cut = 1;
}

static void
read_tree(struct html_doc *d, htmlParserCtxt *c, const char *bytes,
    size_t n, const char *url, const char *encoding)
{
	const xmlError *e = &c->lastError;

	/* Without it the library would print. */
	xmlSetStructuredErrorFunc(d, parse_error);
	d->tree = htmlCtxtReadMemory(c, bytes, (int)n, url, encoding,
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
	    HTML_PARSE_NONET | HTML_PARSE_COMPACT);
	xmlSetStructuredErrorFunc(NULL, silent);
	d->memory |= c->errNo == XML_ERR_NO_MEMORY;
	d->cut |= c->disableSAX != 0;
	d->deep = d->cut && e->message != NULL &&
	    strstr(e->message, "depth") != NULL;
}

void
html_doc_init(struct html_doc *d, const char *bytes, size_t n,
    const char *url, const char *content_type)
{
	char name[CHARSET_NAME];
	const char *encoding = charset(bytes, n, content_type, name);
	htmlParserCtxt *c = n > INT32_MAX ? NULL : htmlNewParserCtxt();

	memset(d, 0, sizeof(*d));
	if (c == NULL) {
		d->memory = 1;
		return;
	}
	read_tree(d, c, bytes, n, url, encoding);
	htmlFreeParserCtxt(c);
	if (d->tree == NULL)
		return;
	if ((d->xpath = xmlXPathNewContext(d->tree)) == NULL) {
		d->memory = 1;
		return;
	}
	d->xpath->error = silent;
	xmlXPathRegisterVariableLookup(d->xpath, variable, d);
	(void)xmlXPathContextSetCache(d->xpath, 1, -1, 0);
}

void
html_doc_release(struct html_doc *d)
{
	if (d->xpath != NULL && !html_memory_is_page())
		xmlXPathFreeContext(d->xpath);
	if (d->tree != NULL && !html_memory_is_page())
		xmlFreeDoc(d->tree);
	d->xpath = NULL;
	d->tree = NULL;
}

/* --- expressions --------------------------------------------------------- */

static void
keep_message(void *arg, xmlError *e)
{
	char *why = arg;

	if (why[0] == '\0' && e->message != NULL)
		snprintf(why, 128, "%.*s", (int)strcspn(e->message, "\n"),
		    e->message);
}

/* Is the name of n bytes in the list? */
static int
is_one_of(const char *const *list, const char *name, size_t n)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == n && memcmp(*list, name, n) == 0)
			return 1;
	return 0;
}

static int
is_let(const struct html_let *let, const char *name, size_t n)
{
	for (; let != NULL && let->name != NULL; let++)
		if (strlen(let->name) == n &&
		    memcmp(let->name, name, n) == 0)
			return 1;
	return 0;
}

/* Bytes of "axis::" in front of a name. */
static size_t
find_axis(const char *name, size_t n)
{
	size_t i;

	for (i = n; i > 0; i--)
		if (name[i - 1] == ':')
			return i;
	return 0;
}

/*
 * The library finds unknown functions and variables only when it comes to
 * evaluate them, which on some page it may.  Returns the first one, *n
 * bytes of it, or NULL.
 */
static const char *
find_unknown(const char *s, const struct html_let *let, size_t *n)
{
	static const char *const functions[] = { "boolean", "ceiling",
	    "comment", "concat", "contains", "count", "false", "floor", "id",
	    "lang", "last", "local-name", "name", "namespace-uri", "node",
	    "normalize-space", "not", "number", "position",
	    "processing-instruction", "round", "starts-with", "string",
	    "string-length", "substring", "substring-after",
	    "substring-before", "sum", "text", "translate", "true", "and",
	    "or", "div", "mod", NULL };
	static const char *const variables[] = { "row", "position", NULL };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:";
	int variable;
	size_t axis;

	for (; *s != '\0'; s += *n) {
		if (*s == '"' || *s == '\'') {	/* compiled: it ends */
			*n = (size_t)(strchr(s + 1, *s) - s) + 1;
			continue;
		}
		variable = *s == '$';
		s += variable;
		if ((*n = strspn(s, letters)) == 0) {
			*n = 1;
			continue;
		}
		if (!variable && s[*n - 1] != ':' &&
		    (axis = find_axis(s, *n)) > 0) {
			s += axis;
			*n -= axis;
		}
		if (variable ? !is_one_of(variables, s, *n) &&
		    !is_let(let, s, *n) :
		    s[*n + strspn(s + *n, " \t\n")] == '(' &&
		    !is_one_of(functions, s, *n))
			return s;
	}
	return NULL;
}

static int
try_out(xmlXPathCompExpr *x, int nodes, const struct html_let *let,
    char why[128])
{
	static const char empty[] = "<html><body><p>x</p></body></html>";
	struct html_doc d;
	xmlXPathObject *o = NULL;
	int fits = 0;

	struct html_let none[PAGE_LET_MAX + 1] = { { NULL, NULL } };
	size_t i;

	for (i = 0; let != NULL && let[i].name != NULL; i++)
		none[i].name = let[i].name;
	html_doc_init(&d, empty, sizeof(empty) - 1, NULL, NULL);
	d.let = none;
	if (d.xpath != NULL) {
		d.xpath->error = keep_message;
		d.xpath->userData = why;
		d.row = xmlDocGetRootElement(d.tree);
		o = html_doc_eval(&d, x, d.row);
	}
	if (o != NULL && nodes && o->type != XPATH_NODESET)
		snprintf(why, 128, "it yields no nodes");
	else if (o != NULL)
		fits = 1;
	else if (why[0] == '\0')
		snprintf(why, 128, "it cannot be evaluated");
	xmlXPathFreeObject(o);
	html_doc_release(&d);
	return fits;
}

xmlXPathCompExpr *
html_doc_compile(const char *expression, int nodes,
    const struct html_let *let, char why[128])
{
	xmlXPathContext *c = xmlXPathNewContext(NULL);
	xmlXPathCompExpr *x = NULL;
	const char *unknown = NULL;
	size_t n;

	why[0] = '\0';
	if (c != NULL) {
		c->error = keep_message;
		c->userData = why;
		x = xmlXPathCtxtCompile(c, (const xmlChar *)expression);
		xmlXPathFreeContext(c);
	}
	if (x != NULL && (unknown = find_unknown(expression, let, &n)) != NULL)
		snprintf(why, 128, "unknown name %.*s", (int)n, unknown);
	if (x != NULL && unknown == NULL && try_out(x, nodes, let, why))
		return x;
	if (why[0] == '\0')
		snprintf(why, 128, "no XPath expression");
	xmlXPathFreeCompExpr(x);
	return NULL;
}

xmlXPathObject *
html_doc_eval(struct html_doc *d, xmlXPathCompExpr *x, xmlNode *node)
{
	xmlXPathObject *o;

	d->xpath->node = node != NULL ? node : (xmlNode *)d->tree;
	o = xmlXPathCompiledEval(x, d->xpath);
	if (o == NULL)
		d->memory |= d->xpath->lastError.code == XML_ERR_NO_MEMORY;
	return o;
}

/* The text of a single text node or attribute is there already. */
static int
node_text(xmlNode *node, struct buf *out)
{
	xmlChar *text;
	int r;

	if (node->type == XML_TEXT_NODE)
		return buf_str(out, node->content == NULL ? "" :
		    (const char *)node->content);
	if ((text = xmlXPathCastNodeToString(node)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	r = buf_str(out, (const char *)text);
	xmlFree(text);
	return r;
}

static xmlNode *
first_node(xmlXPathObject *o)
{
	if (o->nodesetval == NULL || o->nodesetval->nodeNr == 0)
		return NULL;
	if (o->nodesetval->nodeNr > 1)
		xmlXPathNodeSetSort(o->nodesetval);
	return o->nodesetval->nodeTab[0];
}

int
html_doc_text(struct html_doc *d, xmlXPathCompExpr *x, xmlNode *node,
    struct buf *out, long *line)
{
	xmlXPathObject *o = html_doc_eval(d, x, node);
	xmlNode *first;
	xmlChar *text;
	int r = -1;

	buf_clear(out);
	*line = 0;
	if (o == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (o->type == XPATH_NODESET) {
		first = first_node(o);
		r = first == NULL ? 0 : node_text(first, out) == 0 ? 1 : -1;
		*line = first == NULL ? 0 : xmlGetLineNo(
		    first->type == XML_ATTRIBUTE_NODE ? first->parent :
		    first);
	} else if ((text = xmlXPathCastToString(o)) != NULL) {
		r = buf_str(out, (const char *)text) == 0 ? 1 : -1;
		xmlFree(text);
	}
	xmlXPathFreeObject(o);
	return r;
}

int
html_doc_true(struct html_doc *d, xmlXPathCompExpr *x)
{
	xmlXPathObject *o = html_doc_eval(d, x, NULL);
	int r = o != NULL && xmlXPathCastToBoolean(o);

	xmlXPathFreeObject(o);
	return r;
}
