/*
 * toml-json -- print a TOML document as JSON.
 *
 * in:    FILE, or standard input
 * out:   one JSON object and a newline; members in the order of the source;
 *        with --places in an array with where each of its values stands
 * owns:  nothing
 *
 * No C library for TOML is packaged, so this filter is C++ over toml++.
 * The library keeps tables sorted; the order in which a person wrote them
 * is taken back from the positions that it remembers of each key.
 */
extern "C" {
#define _Noreturn [[noreturn]]
#include "base/msg.h"
#include "base/opt.h"
}

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>
#include <sstream>
#include <string>
#include <toml++/toml.h>
#include <vector>

namespace {

using member = std::pair<const toml::key *, const toml::node *>;

void put_node(std::string &, const toml::node &);

/* Line, column of each name and value so far, in the order of the output. */
std::string places;

void
put_place(const toml::source_region &source)
{
	places += places.empty() ? "" : ",";
	places += std::to_string(source.begin.line) + ',' +
	    std::to_string(source.begin.column);
}

void
put_string(std::string &out, std::string_view text)
{
	char hex[8];

	out += '"';
	for (char c : text) {
		if (static_cast<unsigned char>(c) < ' ') {
			std::snprintf(hex, sizeof(hex), "\\u%04x", c);
			out += hex;
			continue;
		}
		if (c == '"' || c == '\\')
			out += '\\';
		out += c;
	}
	out += '"';
}

/* The shortest text that reads back as the value and is still a real. */
void
put_real(std::string &out, const toml::value<double> &v)
{
	char text[40];

	if (!std::isfinite(v.get()))
		throw toml::parse_error("JSON has no such number",
		    v.source());
	auto end = std::to_chars(text, text + sizeof(text), v.get()).ptr;
	std::string_view s(text, static_cast<size_t>(end - text));
	out += s;
	if (s.find_first_of(".e") == s.npos)
		out += ".0";
}

void
put_table(std::string &out, const toml::table &table)
{
	std::vector<member> members;
	const char *comma = "";

	for (auto &&[key, node] : table)
		members.emplace_back(&key, &node);
	std::sort(members.begin(), members.end(),
	    [](const member &a, const member &b) {
		return a.first->source().begin < b.first->source().begin;
	});
	out += '{';
	for (const member &m : members) {
		out += comma;
		put_place(m.first->source());
		put_string(out, m.first->str());
		out += ':';
		put_node(out, *m.second);
		comma = ",";
	}
	out += '}';
}

void
put_array(std::string &out, const toml::array &array)
{
	const char *comma = "";

	out += '[';
	for (const toml::node &node : array) {
		out += comma;
		put_node(out, node);
		comma = ",";
	}
	out += ']';
}

void
put_node(std::string &out, const toml::node &node)
{
	std::ostringstream text;

	put_place(node.source());
	if (node.is_table())
		put_table(out, *node.as_table());
	else if (node.is_array())
		put_array(out, *node.as_array());
	else if (node.is_string())
		put_string(out, node.as_string()->get());
	else if (node.is_integer())
		out += std::to_string(node.as_integer()->get());
	else if (node.is_boolean())
		out += node.as_boolean()->get() ? "true" : "false";
	else if (node.is_floating_point())
		put_real(out, *node.as_floating_point());
	else {
		/* Dates and times have no JSON type: their RFC 3339 text. */
		node.visit([&](const auto &v) {
			if constexpr (toml::is_chronological<decltype(v)>)
				text << v.get();
		});
		put_string(out, text.str());
	}
}

std::string
read_all(const char *file)
{
	bool given = std::strcmp(file, "-") != 0;
	FILE *fp = given ? std::fopen(file, "r") : stdin;
	std::string text;
	char part[65536];
	size_t n;

	if (fp == nullptr)
		msg_die_errno(EXIT_NOINPUT, "%s", file);
	while ((n = std::fread(part, 1, sizeof(part), fp)) > 0)
		text.append(part, n);
	if (std::ferror(fp) != 0)
		msg_die_errno(EXIT_IO, "%s", file);
	if (given)
		std::fclose(fp);
	return text;
}

[[noreturn]] void
die_parse(const char *file, const toml::parse_error &e)
{
	std::string what(e.description());

	msg_die(EXIT_DATA, "%s:%u:%u: %s", file,
	    static_cast<unsigned>(e.source().begin.line),
	    static_cast<unsigned>(e.source().begin.column), what.c_str());
}

} // namespace

int
main(int argc, char *argv[])
{
	int with_places = 0;
	const opt opts[] = {
		{ "places", 0, OPT_FLAG, nullptr, &with_places,
		    "print line and column of each value, too", 0, 0, 0 },
		OPT_END
	};
	const opt_tool tool = { "print a TOML document as JSON", "[file]",
	    0, 1, opts, nullptr };
	int i = opt_parse(&tool, argc, argv);
	const char *file = i < argc ? argv[i] : "-";
	std::string out;

	try {
		put_node(out, toml::parse(read_all(file)));
	} catch (const toml::parse_error &e) {
		die_parse(file, e);
	} catch (const std::bad_alloc &) {
		msg_die(EXIT_OS, "%s: out of memory", file);
	}
	if (with_places)
		out = '[' + out + ",[" + places + "]]";
	out += '\n';
	if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() ||
	    std::fflush(stdout) == EOF)
		msg_die_errno(EXIT_IO, "standard output");
	return EXIT_OK;
}
