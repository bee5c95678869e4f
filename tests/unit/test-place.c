/* Where the values of a declaration stand: of TOML, and of JSON text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "decl/decl.h"
#include "tap.h"
#include "tmpdir.h"
#include "tools.h"

/* What is wrong in the file, up to its end, after "FILE". */
static void
wrong(const char *descr, const char *file, const char *text,
    const char *want)
{
	struct decl d;
	struct buf why;

	tmpdir_text(file, text);
	buf_init(&why, 4096);
	if (tap_ok(decl_load(&d, file, &why) == -1 && errno == EINVAL,
	    "%s", descr))
		tap_str(why.data + strlen(file), want, descr);
	else
		decl_release(&d);
	buf_release(&why);
}

#define SOURCE "[source]\nname = \"s\"\ndataset_key = [\"day\"]\n" \
	"part_member = \"feed\"\n"
#define PART "[part.a]\nformat = \"json-array\"\nschema_version = \"1\"\n"

static void
test_toml(void)
{
	wrong("an unknown section", "a.toml", SOURCE "[tabel]\n",
	    ":5:2: unknown member \"tabel\"");
	wrong("an unknown member", "b.toml", "# h\xc3\xa9\n[source]\n"
	    "  nme = 1\n", ":3:3: source: unknown member \"nme\"");
	wrong("a value of another type", "c.toml",
	    SOURCE "[part.a]\nformat = 1\nschema_version = \"1\"\n",
	    ":6:1: part.a: \"format\" is not a string");
	wrong("what is missing is missed where it should be", "d.toml",
	    SOURCE "[part.a]\nformat = \"json-array\"\n",
	    ":5:7: part.a: \"schema_version\" is missing");
	wrong("a path that is long", "e.toml", SOURCE PART "[table.t]\n"
	    "part = \"a\"\nrows = \"\"\nkey = [\"x\"]\n[table.t.columns]\n"
	    "x = { at = \"/x\", type = \"int\" }\n",
	    ":13:1: table.t.columns.x: unknown type \"int\" (text, integer, "
	    "real, boolean, json, minutes)");
	wrong("a name with dots", "f.toml", SOURCE "[part.\"a.b\"]\n"
	    "format = \"xml\"\nschema_version = \"1\"\n[part.a]\nb = 1\n",
	    ":5:7: part.a.b: unknown format \"xml\" (json-array, json-lines, json, "
	    "bytes)");
	wrong("what is not there has no place", "g.toml", "",
	    ": source: missing");
}

static void
test_json(void)
{
	wrong("JSON: an unknown section", "a.json",
	    "{\"source\":{\"name\":\"s\",\"dataset_key\":[\"day\"],\n"
	    "  \"part_member\":\"feed\"},\n\"tabel\": {}}",
	    ":3:1: unknown member \"tabel\"");
	wrong("JSON: the second of two", "b.json", "{\"source\": {\n"
	    "\t\"title\": \"\xc3\xa9\\\"[{\", \"nme\": -1.5e3}}",
	    ":2:20: source: unknown member \"nme\"");
	wrong("JSON: what is no object", "c.json",
	    "{ \"source\" :\n [1, {\"a\":[]}, null ] }",
	    ":1:3: source: not a table");
}

/* Every value of a text, in the order that yyjson keeps them. */
static void
test_scan(void)
{
	static const char text[] = "{\"a\":[1,22,\"x\\\\\\\"\",{}],\n"
	    "\"b\":{\"c\":true,\"d\":[[]]}, \"e\" : null}";
	static const struct place want[] = { { 1, 1 }, { 1, 2 }, { 1, 6 },
	    { 1, 7 }, { 1, 9 }, { 1, 12 }, { 1, 20 }, { 2, 1 }, { 2, 5 },
	    { 2, 6 }, { 2, 10 }, { 2, 15 }, { 2, 19 }, { 2, 20 }, { 2, 26 },
	    { 2, 32 } };
	yyjson_doc *doc = yyjson_read(text, sizeof(text) - 1, 0);
	const struct place *at;
	struct places p;
	struct arena a;
	size_t i;

	arena_init(&a);
	tap_ok(places_scan(&p, doc, text, sizeof(text) - 1, &a) == 0 &&
	    p.n == TAP_COUNT(want), "as many places as values");
	for (i = 0; i < p.n && i < TAP_COUNT(want); i++)
		tap_ok(p.at[i].line == want[i].line &&
		    p.at[i].column == want[i].column, "value %zu: %d:%d", i,
		    p.at[i].line, p.at[i].column);
	at = places_find(&p, "a.2", NULL);
	tap_ok(at != NULL && at->column == 9, "the second item");
	at = places_find(&p, "a.5", NULL);
	tap_ok(at != NULL && at->column == 2, "no fifth one: the array");
	at = places_find(&p, "b", "d");
	tap_ok(at != NULL && at->column == 15, "a member");
	tap_ok(places_find(&p, "x", NULL) == NULL, "nothing of the kind");
	yyjson_doc_free(doc);
	arena_release(&a);
}

int
main(void)
{
	tools_in_path();
	tmpdir_enter();
	test_toml();
	test_json();
	test_scan();
	tmpdir_leave();
	return tap_done();
}
