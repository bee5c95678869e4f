/*
 * The match API's answers against SQL on the canonical tables: 200 random
 * combinations of filters, sorts and pages over made-up matches, and each
 * player's totals.  The conditions are written once more here, over the
 * tables as they are canonical.
 */
#include "answers.h"
#include "tap.h"

#define COMBINATIONS 200
#define MATCHES 80
#define CONFIG "pipelines/matches/pipeline.toml"

/* --- made-up matches ---------------------------------------------------- */

static const char *const maps[] = { "Nuke", "Mirage", "Inferno", "Dust2",
	"Default" };
static const char *const names[] = { "alpha", "beta", "al", "gamma ray",
	"delta", "beta max", "D'Artagnan", "zed" };

static void
sql(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	if (text == NULL || db_exec(&api.canon.db, text) == -1)
		staged_die(text, canon_message(&api.canon));
	sqlite3_free(text);
}

/* A dataset's version, promoted some minutes after the last one. */
static void
add_version(int match, int map)
{
	static int seq;
	char label[40], number[20];

	number[0] = '\0';
	snprintf(label, sizeof(label), "%d", match);
	if (map > 0) {
		snprintf(number, sizeof(number), "%d", map);
		snprintf(label, sizeof(label), "%d/%d", match, map);
	}
	seq++;
	sql("INSERT INTO dataset_versions (version_id, dataset, match_id, "
	    "map_number, status, seq, run, created_at, promoted_at) VALUES ("
	    "'20261120T100000000Z-v', %Q, %d, nullif(%Q, ''), 'active', %d, "
	    "'r', 'x', '2026-11-20T%02d:%02d:00.000Z')", label, match, number,
	    seq, seq / 60, seq % 60);
}

static void
add_player(int match, int map, int player, int team)
{
	sql("INSERT INTO player_stats (match_id, map_number, player_id, "
	    "player_name, team_id, kills, hs_kills, assists, deaths, kast, "
	    "adr, rating, valid_from) VALUES (%d, %d, %d, %Q, %d, %d, 1, %d, "
	    "%d, %d.5, %d, 1.%02d, 'v')", match, map, player,
	    names[(size_t)(player + (match > 1040)) % TAP_COUNT(names)], team,
	    (int)below(30), (int)below(9), (int)below(30), (int)below(100),
	    (int)below(150), (int)below(100));
	if (below(2) == 0)
		sql("INSERT INTO player_performance (match_id, map_number, "
		    "player_id, kpr, valid_from) VALUES (%d, %d, %d, 0.5, 'v')",
		    match, map, player);
}

static void
add_map(int match, int map, int team1, int team2)
{
	int i;

	sql("INSERT INTO maps (match_id, map_number, map_name, team1_rounds, "
	    "valid_from) VALUES (%d, %d, %Q, %d, 'v')", match, map, ANY(maps),
	    (int)below(17));
	if (below(4) == 0)		/* it was not played */
		return;
	add_version(match, map);
	for (i = 0; i < 6; i++)
		add_player(match, map, i * 20 + (int)below(20) + 1,
		    i % 2 ? team1 : team2);
}

static void
add_match(int match)
{
	int team1 = 1 + (int)below(9), team2 = 10 + (int)below(9), i;
	int best_of = 1 + 2 * (int)below(3), event = (int)below(5);

	sql("INSERT INTO matches (match_id, date, date_unix_ms, event_id, "
	    "event_name, team1_id, team1_name, team1_score, team2_id, "
	    "team2_name, team2_score, best_of, is_lan, is_forfeit, valid_from"
	    ") SELECT %d, date(t / 1000, 'unixepoch'), t, nullif(%d, 0), "
	    "'League ' || %Q, %d, 'Team ' || %Q, %d, %d, %Q, nullif(%d, 3), "
	    "%d, %d, %d, 'v' FROM (SELECT 1670000000000 + %d * 1000 AS t)",
	    match, event, names[event], team1, names[team1 % 8],
	    (int)below(4), team2, names[team2 % 8], (int)below(4), best_of,
	    (int)below(2), below(9) == 0, (int)below(20) * 21600);
	add_version(match, 0);
	for (i = 1; i <= best_of; i++)
		add_map(match, i, team1, team2);
}

/* --- conditions over the canonical tables ------------------------------- */

enum kind { KIND_LIST, KIND_ONE, KIND_WORD };

#define PLAYERS "(SELECT group_concat(s.player_name, ' ') FROM "	\
	"player_stats s WHERE s.match_id = m.match_id)"
#define WINNER "CAST(CASE WHEN m.team1_score > m.team2_score THEN "	\
	"m.team1_id WHEN m.team2_score > m.team1_score THEN m.team2_id END "	\
	"AS TEXT)"
#define EITHER "(m.team1_id IN ({v}) OR m.team2_id IN ({v}))"
#define TEAMS "SELECT team1_id FROM matches UNION SELECT team2_id FROM matches"
#define DAYS "SELECT DISTINCT date FROM matches"
#define CHANGED "(SELECT max(v.promoted_at) FROM dataset_versions v "	\
	"WHERE v.match_id = m.match_id)"

static const struct filter {
	const char *name;
	enum kind kind;
	int of_map;
	const char *draw, *cond;	/* {v}: the values */
} filters[] = {
	{ "event", KIND_LIST, 0, "SELECT DISTINCT event_id FROM matches "
	    "WHERE event_id > 0", "m.event_id IN ({v})" },
	{ "team", KIND_LIST, 0, TEAMS, EITHER },
	{ "opponent", KIND_LIST, 0, TEAMS, EITHER },
	{ "winner", KIND_LIST, 0, TEAMS, WINNER " IN ({v})" },
	{ "map", KIND_LIST, 1, "SELECT DISTINCT map_name FROM maps",
	    "a.map_name IN ({v})" },
	{ "player", KIND_LIST, 1, "SELECT DISTINCT player_id FROM "
	    "player_stats", "EXISTS (SELECT 1 FROM player_stats s WHERE "
	    "s.match_id = a.match_id AND s.map_number = CAST(a.map_number AS "
	    "TEXT) AND s.player_id IN ({v}))" },
	{ "q", KIND_WORD, 0, "SELECT 'al' UNION SELECT 'beta' UNION SELECT "
	    "'max' UNION SELECT 'ze' UNION SELECT 'league'",
	    "' ' || m.event_name || ' ' || m.team1_name || ' ' || "
	    "m.team2_name || ' ' || ifnull(" PLAYERS ", '') LIKE {v}" },
	{ "from", KIND_ONE, 0, DAYS, "m.date >= {v}" },
	{ "to", KIND_ONE, 0, DAYS, "m.date <= {v}" },
	{ "bestOf", KIND_LIST, 0, "SELECT 1 UNION SELECT 3",
	    "m.best_of IN ({v})" },
	{ "lan", KIND_ONE, 0, "SELECT 'true' UNION SELECT 'false'",
	    "m.is_lan = ({v} = 'true')" },
	{ "forfeit", KIND_ONE, 0, "SELECT 'true' UNION SELECT 'false'",
	    "m.is_forfeit = ({v} = 'true')" },
	{ "updatedSince", KIND_ONE, 0, "SELECT '2026-11-20T01:00:00Z' UNION "
	    "SELECT '2026-11-20T02:30:00Z'",
	    CHANGED " >= replace({v}, 'Z', '.000Z')" },
};

static const struct answers_sort sorts[] = {
	{ "date", "m.date_unix_ms" }, { "event", "m.event_name" },
	{ "team1", "m.team1_name" }, { "team2", "m.team2_name" },
	{ "bestOf", "m.best_of" }, { "updatedAt", CHANGED },
};

/* --- one combination ---------------------------------------------------- */

struct combination {
	struct buf url, match, map;	/* query string, conditions */
};

static void
add_filter(struct combination *k, const struct filter *f)
{
	int i, n = f->kind == KIND_LIST ? 1 + (int)below(3) : 1;
	char list[400] = "", used[40];
	struct buf value;
	size_t len;

	snprintf(used, sizeof(used), "&%s=", f->name);
	if (strstr(k->url.data, used) != NULL)
		return;
	buf_init(&value, 64);
	for (i = 0; i < n; i++) {
		if (!answers_draw(f->draw, &value))
			staged_die(f->name, "there is no value");
		len = strlen(list);
		snprintf(list + len, sizeof(list) - len,
		    f->kind == KIND_WORD ? "'%% %s%%'" : "%s'%s'",
		    f->kind == KIND_WORD ? value.data : i > 0 ? ", " : "",
		    value.data);
		buf_printf(&k->url, "%s%s", i > 0 ? "," : used, value.data);
	}
	answers_condition(f->of_map ? &k->map : &k->match, f->cond, list);
	buf_release(&value);
}

static void
expect(const struct combination *k, const char *order, int64_t size,
    int64_t page, struct buf *out)
{
	struct buf from, text;
	int64_t total;

	buf_init(&from, 1 << 16);
	buf_init(&text, 1 << 16);
	buf_printf(&from, "FROM matches m WHERE 1 %s", k->match.data);
	if (k->map.len > 1)
		buf_printf(&from, " AND EXISTS (SELECT 1 FROM maps a WHERE "
		    "a.match_id = m.match_id %s)", k->map.data);
	buf_printf(&text, "SELECT count(*) %s", from.data);
	total = db_int(&api.canon.db, text.data, -1);
	buf_clear(&text);
	buf_printf(&text, "SELECT m.match_id %s ORDER BY %s m.date_unix_ms "
	    "DESC, m.match_id DESC LIMIT %lld OFFSET %lld", from.data, order,
	    (long long)size, (long long)((page - 1) * size));
	answers_want(text.data, total, out);
	buf_release(&from);
	buf_release(&text);
}

/* Returns whether it finds something. */
static int
try_one(void)
{
	struct combination k;
	struct buf order, want, got;
	int64_t size = 1 + below(30), page = 1 + below(3);
	int i, n = (int)below(4), twice, found;

	buf_init(&k.url, 1 << 12);
	buf_init(&k.match, 1 << 16);
	buf_init(&k.map, 1 << 16);
	buf_init(&order, 1 << 12);
	buf_init(&want, 1 << 16);
	buf_init(&got, 1 << 16);
	buf_printf(&k.url, "pageSize=%lld&page=%lld", (long long)size,
	    (long long)page);
	buf_str(&k.match, " ");
	buf_str(&k.map, " ");
	buf_str(&order, " ");
	for (i = 0; i < n; i++)
		add_filter(&k, &ANY(filters));
	/* Which may be the wrong way round: that is no question then. */
	twice = strstr(k.url.data, "&from=") != NULL &&
	    strstr(k.url.data, "&to=") != NULL;
	answers_sorted(sorts, TAP_COUNT(sorts), &k.url, &order);
	if (!twice) {
		expect(&k, order.data, size, page, &want);
		answers_got("/api/matches", k.url.data, "id", &got);
		tap_str(got.data, want.data, k.url.data);
	}
	found = want.len > 0 && want.data[0] != '0';
	buf_release(&k.url);
	buf_release(&k.match);
	buf_release(&k.map);
	buf_release(&order);
	buf_release(&want);
	buf_release(&got);
	return found;
}

/* --- players ------------------------------------------------------------ */

/* Totals, the name of the last map, and the number of maps told. */
static void
try_players(void)
{
	sqlite3_stmt *s = db_prepare(&api.canon.db, "SELECT p.player_id, count(*) "
	    "|| ' ' || sum(kills) || ' ' || sum(deaths) || ' ' || (SELECT "
	    "l.player_name FROM player_stats l JOIN matches m USING (match_id)"
	    " WHERE l.player_id = p.player_id ORDER BY m.date_unix_ms DESC, "
	    "m.match_id DESC, l.map_number DESC LIMIT 1) || ' ' || "
	    "min(count(*), 50) FROM player_stats p GROUP BY 1");
	char path[64], got[200];
	struct buf body;
	yyjson_doc *doc;
	yyjson_val *d;

	buf_init(&body, QUERY_ANSWER_BYTES);
	while (db_step(&api.canon.db, s) == 1) {
		buf_clear(&body);
		snprintf(path, sizeof(path), "/api/players/%s", db_text(s, 0));
		tap_int(answers_ask(path, NULL, &body), 200, path);
		doc = yyjson_read(body.data, body.len, 0);
		d = yyjson_obj_get(yyjson_doc_get_root(doc), "data");
		snprintf(got, sizeof(got), "%lld %lld %lld %s %zu",
		    (long long)yyjson_get_sint(yyjson_obj_get(d, "maps")),
		    (long long)yyjson_get_sint(yyjson_obj_get(d, "kills")),
		    (long long)yyjson_get_sint(yyjson_obj_get(d, "deaths")),
		    yyjson_get_str(yyjson_obj_get(d, "name")),
		    yyjson_arr_size(yyjson_obj_get(d, "latest")));
		tap_str(got, db_text(s, 1), path);
		yyjson_doc_free(doc);
	}
	sqlite3_finalize(s);
	buf_release(&body);
}

/* --- all of it ---------------------------------------------------------- */

static void
make_up(void)
{
	int i;

	sql("BEGIN");
	for (i = 0; i < MATCHES; i++)
		add_match(1000 + i);
	sql("COMMIT");
}

int
main(void)
{
	int i, found = 0;

	if (!answers_open("the match API's answers", CONFIG))
		return tap_done();
	make_up();
	answers_build();
	for (i = 0; i < COMBINATIONS; i++)
		found += try_one();
	tap_ok(found > COMBINATIONS / 3, "%d of them find something", found);
	try_players();
	answers_close();
	return tap_done();
}
