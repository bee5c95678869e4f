-- Matches of every kind.  All of match i follows from i alone, so that a
-- tick adds matches and changes none.

CREATE TABLE n (n INTEGER PRIMARY KEY);
WITH RECURSIVE c(i) AS (
	VALUES (1) UNION ALL SELECT i + 1 FROM c
	WHERE i < max(100, :matches + :fresh * :tick))
INSERT INTO n SELECT i FROM c;

-- --- who and where ----------------------------------------------------------

-- Names that HTML has to be told about are among them.
CREATE TABLE team (team_id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO team
SELECT 4000 + 37 * row_number() OVER (), column1 FROM (VALUES ('Alder'),
	('Big & Bold'), ('Copper Owls'), ('D''Artagnan'), ('Eleven <3'),
	('Ferrum'), ('Grün'), ('Harbour "Five"'), ('Iota'), ('Jackdaws'),
	('Kestrel'), ('Lynx picked Lynx'), ('Monsoon'), ('North 40'),
	('Øresund'), ('Pale Fire'));

CREATE TABLE player (player_id INTEGER PRIMARY KEY, team_id INTEGER,
	place INTEGER, name TEXT);
INSERT INTO player
SELECT team_id * 10 + n, team_id, n, substr('bcdfghklmnprstvz',
	1 + dice(16, 'nick1', team_id, n), 1) || substr('aeiouy', 1 + dice(6,
	'nick2', team_id, n), 1) || substr('nrstlkxz', 1 + dice(8, 'nick3',
	team_id, n), 1) || iif(n = 5, ' & co', n)
FROM team, n WHERE n <= 5;

CREATE TABLE event (event_id INTEGER PRIMARY KEY, name TEXT, is_lan INTEGER);
INSERT INTO event
SELECT 6800 + 11 * row_number() OVER (), column1, column2 FROM (VALUES
	('Winter Cup', 0), ('League & Sons Season 12', 0), ('City Masters', 1),
	('Open "Qualifier" #3', 0), ('The Grand Final', 1));

CREATE TABLE pool (map_name TEXT PRIMARY KEY, short TEXT);
INSERT INTO pool VALUES ('Nuke', 'nuke'), ('Overpass', 'ovp'),
	('Mirage', 'mrg'), ('Inferno', 'inf'), ('Anubis', 'anb'),
	('Ancient', 'anc'), ('Dust2', 'd2');

-- --- matches ------------------------------------------------------------------

-- wins is what the match needs, lost how many maps its winner loses.
-- forfeit: 1 of the first map, 2 of all of it.
CREATE TABLE fixture (match_id TEXT PRIMARY KEY, i INTEGER UNIQUE,
	t1 INTEGER, t2 INTEGER, event INTEGER, best INTEGER, wins INTEGER,
	lost INTEGER, winner INTEGER, forfeit INTEGER, has_vetoes INTEGER,
	half INTEGER, rating TEXT, unix_ms INTEGER, slug TEXT, stage TEXT);
INSERT INTO fixture
SELECT 2360000 + 3 * i, i, t1, t2, 6800 + 11 * (1 + dice(5, 'event', i)),
	best, (best + 1) / 2, dice((best + 1) / 2, 'lost', i),
	1 + dice(2, 'winner', i), forfeit, i % 13 <> 3 AND forfeit < 2,
	iif(i % 4 = 0, 15, 12), iif(i % 3 = 0, '3.0', '2.0'),
	1670000000000 + i * 5400000, 'team-' || t1 || '-vs-team-' || t2,
	iif(dice(2, 'stage', i), 'Group & playoff', 'Lower bracket semi-final')
FROM (SELECT n AS i, 4000 + 37 * (1 + dice(16, 't1', n)) AS t1,
	4000 + 37 * (1 + (dice(16, 't1', n) + 1 + dice(15, 't2', n)) % 16)
	AS t2, CASE WHEN n % 17 = 11 THEN 3 WHEN n % 10 = 0 THEN 5
	WHEN n % 10 < 4 THEN 1 ELSE 3 END AS best, CASE n % 17
	WHEN 5 THEN 2 WHEN 11 THEN 1 ELSE 0 END AS forfeit
	FROM n WHERE n <= :matches + :fresh * :tick);

-- The seven maps as they were removed, picked, or left.
CREATE TABLE veto (match_id TEXT, step INTEGER, map_name TEXT, action TEXT,
	PRIMARY KEY (match_id, step));
INSERT INTO veto
SELECT match_id, step, map_name, CASE WHEN step = 7 THEN 'left_over'
	WHEN best = 1 OR step <= 2 THEN 'removed' WHEN step <= 4 THEN 'picked'
	WHEN best = 5 THEN 'picked' ELSE 'removed' END
FROM (SELECT match_id, best, map_name, row_number() OVER (PARTITION BY i
	ORDER BY dice(1000000, 'veto', i, map_name), map_name) AS step
	FROM fixture, pool);

-- --- maps ---------------------------------------------------------------------

CREATE TABLE game (match_id TEXT, i INTEGER, k INTEGER, map_name TEXT,
	is_played INTEGER, is_default INTEGER, winner INTEGER,
	half INTEGER, overtimes INTEGER, starts INTEGER, short INTEGER,
	PRIMARY KEY (match_id, k));
INSERT INTO game
SELECT match_id, i, k, iif(is_default, 'Default', map_name),
	k <= wins + lost AND forfeit < 2 AND NOT is_default, is_default,
	iif(k < wins + lost AND place <= lost, 3 - winner, winner), half,
	iif((i * 5 + k) % 6 = 0, 1 + dice(3, 'overtimes', i, k), 0),
	1 + dice(2, 'starts', i, k), dice(half, 'short', i, k)
FROM (SELECT f.*, map_name, k, is_default, row_number() OVER (
	PARTITION BY i, k < wins + lost ORDER BY is_default, dice(1000000,
	'loses', i, k), k) AS place FROM (SELECT f.*, v.map_name,
	row_number() OVER (PARTITION BY i ORDER BY step) AS k,
	forfeit = 2 OR (forfeit = 1 AND row_number() OVER (PARTITION BY i
	ORDER BY step) = 1) AS is_default FROM fixture f JOIN veto v
	USING (match_id) WHERE v.action <> 'removed') f) f
WHERE forfeit < 2 OR k = 1;

-- What is played in a row: regulation, then each overtime of six rounds.
-- The winner loses so many; where it closes, the last one is the winner's.
CREATE TABLE stretch (match_id TEXT, i INTEGER, k INTEGER, s INTEGER,
	first INTEGER, rounds INTEGER, losses INTEGER, closes INTEGER,
	PRIMARY KEY (match_id, k, s));
INSERT INTO stretch
SELECT match_id, i, k, 0, 1, iif(overtimes, 2 * half, half + 1 + short),
	iif(overtimes, half, short), overtimes = 0 FROM game WHERE is_played;
INSERT INTO stretch
SELECT match_id, i, k, n, 2 * half + 6 * (n - 1) + 1, iif(n = overtimes,
	4 + short % 3, 6), iif(n = overtimes, short % 3, 3), n = overtimes
FROM game JOIN n ON n <= overtimes WHERE is_played;

-- Team 1's side changes at half time, and every three rounds of overtime.
CREATE TABLE round (match_id TEXT, i INTEGER, k INTEGER, r INTEGER,
	winner INTEGER, side1 INTEGER, side TEXT, win_type TEXT,
	PRIMARY KEY (match_id, k, r));
INSERT INTO round
SELECT match_id, i, k, r, winner, side1, iif((winner = 1) = side1, 'CT', 'T'),
	iif((winner = 1) = side1,
	    substr('eliminationdefuse     time       ',
	    1 + 11 * dice(3, 'ct', i, k, r), 11),
	    substr('elimination bomb_planted', 1 + 12 * dice(2, 't', i, k, r),
	    12))
FROM (SELECT g.match_id, g.i, g.k, first + n - 1 AS r,
	iif((NOT closes OR n < rounds) AND row_number() OVER (PARTITION BY
	g.i, g.k, s, closes AND n = rounds ORDER BY dice(1000000, 'loses', g.i,
	g.k, s, n), n) <= losses, 3 - g.winner, g.winner) AS winner,
	(starts + iif(first + n - 1 > 2 * half,
	(first + n - 2 - 2 * half) / 3, first + n - 1 > half)) % 2 AS side1
	FROM game g JOIN stretch USING (match_id, k) JOIN n ON n <= rounds);
UPDATE round SET win_type = trim(win_type);

CREATE TABLE score (match_id TEXT, k INTEGER, rounds1 INTEGER,
	rounds2 INTEGER, ct1 INTEGER, t1 INTEGER, ct2 INTEGER, t2 INTEGER,
	a1 INTEGER, a2 INTEGER, b1 INTEGER, b2 INTEGER,
	PRIMARY KEY (match_id, k));
INSERT INTO score
SELECT match_id, k, total(winner = 1), total(winner = 2),
	total(winner = 1 AND side = 'CT' AND r <= 2 * half),
	total(winner = 1 AND side = 'T' AND r <= 2 * half),
	total(winner = 2 AND side = 'CT' AND r <= 2 * half),
	total(winner = 2 AND side = 'T' AND r <= 2 * half),
	total(winner = 1 AND r <= half), total(winner = 2 AND r <= half),
	total(winner = 1 AND r > half AND r <= 2 * half),
	total(winner = 2 AND r > half AND r <= 2 * half)
FROM (SELECT r.match_id, r.k, r.r, r.winner, r.side, g.half FROM round r
	JOIN game g USING (match_id, k)) GROUP BY match_id, k;

-- --- what the pages say -------------------------------------------------------

CREATE TABLE matches (match_id TEXT PRIMARY KEY, date TEXT,
	date_unix_ms INTEGER, event_id INTEGER, event_name TEXT,
	team1_id INTEGER, team1_name TEXT, team1_score INTEGER,
	team2_id INTEGER, team2_name TEXT, team2_score INTEGER,
	best_of INTEGER, is_lan INTEGER, is_forfeit INTEGER, match_url TEXT);
INSERT INTO matches
SELECT f.match_id, date(unix_ms / 1000, 'unixepoch'), unix_ms, event_id,
	e.name, t1, a.name, CASE WHEN forfeit = 2 THEN NULL
	WHEN best = 1 THEN (SELECT rounds1 FROM score s
	    WHERE s.match_id = f.match_id)
	ELSE iif(winner = 1, wins, lost) END,
	t2, b.name, CASE WHEN forfeit = 2 THEN NULL
	WHEN best = 1 THEN (SELECT rounds2 FROM score s
	    WHERE s.match_id = f.match_id)
	ELSE iif(winner = 2, wins, lost) END,
	best, is_lan, forfeit > 0,
	'https://matches.example/matches/' || f.match_id || '/' || slug
FROM fixture f JOIN event e ON event_id = event
	JOIN team a ON a.team_id = t1 JOIN team b ON b.team_id = t2;

-- A map that was not played has a name, a default one a result of its own.
CREATE TABLE maps (match_id TEXT, map_number INTEGER, map_name TEXT,
	mapstatsid INTEGER, team1_rounds INTEGER, team2_rounds INTEGER,
	team1_ct_rounds INTEGER, team1_t_rounds INTEGER,
	team2_ct_rounds INTEGER, team2_t_rounds INTEGER,
	PRIMARY KEY (match_id, map_number));
INSERT INTO maps
SELECT match_id, k, map_name, iif(is_played, 148000 + game.i * 5 + k, NULL),
	CASE WHEN is_played THEN rounds1 WHEN forfeit = 1 AND is_default
	THEN game.winner = 1 END,
	CASE WHEN is_played THEN rounds2 WHEN forfeit = 1 AND is_default
	THEN game.winner = 2 END, ct1, score.t1, ct2, score.t2
FROM game JOIN fixture USING (match_id) LEFT JOIN score USING (match_id, k);
UPDATE maps SET team1_rounds = CAST(team1_rounds AS INTEGER),
	team2_rounds = CAST(team2_rounds AS INTEGER);

CREATE TABLE vetoes (match_id TEXT, step_number INTEGER, team_name TEXT,
	action TEXT, map_name TEXT, PRIMARY KEY (match_id, step_number));
INSERT INTO vetoes
SELECT match_id, step, CASE WHEN step = 7 THEN NULL WHEN step % 2
	THEN team1_name ELSE team2_name END, action, map_name
FROM veto JOIN fixture USING (match_id) JOIN matches USING (match_id)
WHERE has_vetoes;

CREATE TABLE played AS
SELECT m.*, g.half, g.overtimes, f.slug, f.rating, f.t1, f.t2, f.i,
	x.team1_name, x.team2_name, x.event_name, x.event_id, x.date_unix_ms,
	dice(2, 'boxes', f.i, m.map_number) AS two_boxes
FROM maps m JOIN game g ON g.match_id = m.match_id AND g.k = m.map_number
	JOIN fixture f ON f.match_id = m.match_id
	JOIN matches x ON x.match_id = m.match_id
WHERE mapstatsid IS NOT NULL;
CREATE UNIQUE INDEX played_id ON played (mapstatsid);

-- Each of the ten, and where in which table.
CREATE TABLE seat (match_id TEXT, map_number INTEGER, side INTEGER,
	place INTEGER, player_id INTEGER, name TEXT, team_id INTEGER,
	rating TEXT, i INTEGER, PRIMARY KEY (match_id, map_number, player_id));
INSERT INTO seat
SELECT match_id, map_number, 1 + (team_id = t2), place, player_id, name,
	team_id, rating, i
FROM played JOIN player ON team_id IN (t1, t2);
CREATE INDEX seat_side ON seat (match_id, map_number, side, place);

CREATE TABLE player_stats (match_id TEXT, map_number INTEGER,
	player_id INTEGER, player_name TEXT, team_id INTEGER, kills INTEGER,
	hs_kills INTEGER, assists INTEGER, flash_assists INTEGER,
	deaths INTEGER, traded_deaths INTEGER, kd_diff INTEGER,
	opening_kills INTEGER, opening_deaths INTEGER, fk_diff INTEGER,
	multi_kills INTEGER, clutch_wins INTEGER, kast REAL, adr REAL,
	round_swing REAL, rating REAL, rating_version TEXT,
	PRIMARY KEY (match_id, map_number, player_id));
INSERT INTO player_stats
SELECT match_id, map_number, player_id, name, team_id, kills,
	dice(kills + 1, 'hs', i, map_number, player_id), assists,
	dice(assists + 1, 'flash', i, map_number, player_id), deaths,
	iif(new, dice(deaths + 1, 'traded', i, map_number, player_id), NULL),
	kills - deaths, opens, opened, iif(new, NULL, opens - opened),
	iif(new, dice(9, 'multi', i, map_number, player_id), NULL),
	iif(new, dice(4, 'clutch', i, map_number, player_id), NULL),
	(400 + dice(550, 'kast', i, map_number, player_id)) / 10.0,
	(350 + dice(900, 'adr', i, map_number, player_id)) / 10.0,
	iif(new, (dice(2000, 'swing', i, map_number, player_id) - 1000) / 100.0,
	NULL), (35 + dice(180, 'rating', i, map_number, player_id)) / 100.0,
	rating
FROM (SELECT *, rating = '3.0' AS new,
	4 + dice(28, 'kills', i, map_number, player_id) AS kills,
	5 + dice(20, 'deaths', i, map_number, player_id) AS deaths,
	dice(10, 'assists', i, map_number, player_id) AS assists,
	dice(7, 'opens', i, map_number, player_id) AS opens,
	dice(7, 'opened', i, map_number, player_id) AS opened FROM seat);

CREATE TABLE round_history (match_id TEXT, map_number INTEGER,
	round_number INTEGER, winner_side TEXT, win_type TEXT,
	winner_team_id INTEGER,
	PRIMARY KEY (match_id, map_number, round_number));
INSERT INTO round_history
SELECT match_id, k, r, side, win_type, iif(round.winner = 1, t1, t2)
FROM round JOIN fixture USING (match_id);

CREATE TABLE player_performance (match_id TEXT, map_number INTEGER,
	player_id INTEGER, kpr REAL, dpr REAL, kast REAL, adr REAL, impact REAL,
	mk_rating REAL, round_swing REAL, rating_2 REAL, rating_3 REAL,
	PRIMARY KEY (match_id, map_number, player_id));
INSERT INTO player_performance
SELECT match_id, map_number, player_id,
	(20 + dice(130, 'kpr', match_id, map_number, player_id)) / 100.0,
	(20 + dice(90, 'dpr', match_id, map_number, player_id)) / 100.0,
	kast, adr, iif(new, NULL,
	dice(220, 'impact', match_id, map_number, player_id) / 100.0),
	iif(new, dice(250, 'mk', match_id, map_number, player_id) / 100.0, NULL),
	round_swing, iif(new, NULL, rating), iif(new, rating, NULL)
FROM (SELECT *, rating_version = '3.0' AS new FROM player_stats);

CREATE TABLE kill_matrix (match_id TEXT, map_number INTEGER,
	matrix_type TEXT, player1_id INTEGER, player2_id INTEGER,
	player1_kills INTEGER, player2_kills INTEGER, PRIMARY KEY (match_id,
	map_number, matrix_type, player1_id, player2_id));
INSERT INTO kill_matrix
SELECT a.match_id, a.map_number, column1, a.player_id, b.player_id,
	dice(column2, column1, a.i, a.map_number, a.player_id, b.player_id),
	dice(column2, column1, a.i, a.map_number, b.player_id, a.player_id)
FROM seat a JOIN seat b ON b.match_id = a.match_id
	AND b.map_number = a.map_number AND b.side = 2,
	(VALUES ('all', 9), ('first_kill', 4), ('awp', 5))
WHERE a.side = 1;

-- With twelve rounds a half, overtime is missing there.
CREATE TABLE economy (match_id TEXT, map_number INTEGER,
	round_number INTEGER, team_number INTEGER, team_name TEXT,
	equipment_value INTEGER, buy_type TEXT,
	PRIMARY KEY (match_id, map_number, round_number, team_number));
INSERT INTO economy
SELECT match_id, map_number, r, team, name, worth, CASE
	WHEN worth < 5000 THEN 'full_eco' WHEN worth < 10000 THEN 'semi_eco'
	WHEN worth < 20000 THEN 'semi_buy' ELSE 'full_buy' END
FROM (SELECT p.match_id, p.map_number, r.r, n AS team, iif(n = 1,
	team1_name, team2_name) AS name, 100 * dice(320, 'worth', p.i,
	p.map_number, r.r, n) + 800 AS worth FROM played p JOIN round r
	ON r.match_id = p.match_id AND r.k = p.map_number JOIN n ON n <= 2
	WHERE r.r <= 2 * half OR half = 15);
