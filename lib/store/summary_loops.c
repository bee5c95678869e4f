#include "store/summary_loops.h"

#include <stddef.h>

const char summary_loops_ddl[] =
"CREATE TABLE loop_item AS SELECT max(n) AS n, task,"
"	body ->> 'queue' AS queue, body ->> 'step' AS step,"
"	body ->> 'record' = 'done' AS good, code, ms,"
"	body ->> 'message' AS message, body ->> 'dead' AS dead,"
"	body ->> 'skipped' AS skipped,"
"	ifnull(body ->> 'quarantined', 0) AS quarantined,"
"	ifnull(body ->> 'warnings', 0) AS warnings,"
"	ifnull(body ->> 'n', 0) AS rows"
"	FROM event WHERE event = 'item' AND body ->> 'record' <> 'retry'"
"	GROUP BY queue, step, task;"
	/* How each loop, or walk, stopped last. */
"CREATE TABLE loop_stop AS SELECT max(n) AS n, body ->> 'queue' AS queue,"
"	body ->> 'step' AS step, body ->> 'end' AS how, code,"
"	body ->> 'reason' AS reason, body ->> 'next_at' AS next_at,"
"	ifnull(body ->> 'due', 0) AS due, body -> 'dead' AS dead,"
"	ifnull(body ->> 'dead_count', 0) AS dead_count FROM event"
"	WHERE event = 'stopped' GROUP BY queue, step;"
"CREATE VIEW loop_dead AS SELECT DISTINCT queue, value AS task"
"	FROM loop_stop, json_each(loop_stop.dead);"
"CREATE TABLE loop_totals AS SELECT count(DISTINCT task) AS items,"
"	(SELECT total(body ->> 'found') FROM event"
"	    WHERE event IN ('item', 'page')) AS discovered,"
"	count(DISTINCT iif(good, task, NULL)) AS scraped,"
"	count(DISTINCT iif(good AND rows > 0 AND quarantined = 0, task, NULL))"
"	AS validated, count(DISTINCT iif(good, NULL, task)) AS failed,"
"	count(DISTINCT iif(skipped, task, NULL)) AS skipped,"
"	total(quarantined) AS quarantined, total(warnings) AS warnings,"
"	total(NOT good) > 0 OR (SELECT total(how NOT IN ('dry', 'known')) FROM loop_stop) > 0"
"	AS trouble, (SELECT count(*) FROM loop_stop) AS loops FROM loop_item;"
"CREATE VIEW loop_median AS SELECT queue, step, ms FROM"
"	(SELECT queue, step, ms, row_number() OVER w AS k,"
"	count(*) OVER (PARTITION BY queue, step) AS c FROM loop_item"
"	WINDOW w AS (PARTITION BY queue, step ORDER BY ms))"
"	WHERE k = (c + 1) / 2;"
"CREATE VIEW loop_step AS SELECT i.queue, i.step, count(*) AS n,"
"	total(i.ms) AS ms, total(NOT good) AS failed, min(n) AS first,"
"	(SELECT ms FROM loop_median m WHERE m.queue IS i.queue"
"	    AND m.step IS i.step) AS median"
"	FROM loop_item i GROUP BY i.queue, i.step;"
"CREATE VIEW loop_error AS SELECT code, count(*) AS n, min(task) AS example,"
"	message FROM loop_item WHERE NOT good GROUP BY code;"
"CREATE VIEW loop_json AS SELECT json_object('loop', json_object("
"	'discovered', CAST(discovered AS INTEGER), 'scraped', scraped,"
"	'validated', validated, 'failed', failed, 'skipped', skipped,"
"	'quarantined', CAST(quarantined AS INTEGER),"
"	'warnings', CAST(warnings AS INTEGER),"
"	'failed_items', (SELECT json_group_array(json_object('task', task,"
"	    'step', step, 'code', code, 'message', message))"
"	    FROM loop_item WHERE NOT good),"
"	'dead_items', (SELECT json_group_array(task) FROM loop_dead),"
"	'dead', (SELECT CAST(total(dead_count) AS INTEGER) FROM"
"	    (SELECT max(dead_count) AS dead_count FROM loop_stop"
"	    GROUP BY queue)),"
"	'steps', (SELECT json_group_array(json_object('queue', queue,"
"	    'step', step, 'n', n, 'failed', CAST(failed AS INTEGER),"
"	    'median_ms', median, 'total_ms', CAST(ms AS INTEGER)))"
"	    FROM loop_step),"
"	'errors', (SELECT json_group_array(json_object('code', code, 'n', n,"
"	    'example', example, 'message', message)) FROM loop_error),"
"	'stopped', (SELECT json_group_array(json_patch('{}', json_object("
"	    'queue', queue, 'step', step, 'how', how, 'code', code,"
"	    'reason', reason, 'due', due, 'next_at', next_at)))"
"	    FROM loop_stop))) AS body FROM loop_totals"
"	WHERE items > 0 OR loops > 0;";

const struct summary_section summary_loops[] = {
	{ "work",
"SELECT 'discovered', CAST(discovered AS INTEGER) FROM loop_totals WHERE"
"	items > 0 OR loops > 0"
" UNION ALL SELECT 'scraped', scraped FROM loop_totals WHERE"
"	items > 0 OR loops > 0"
" UNION ALL SELECT 'validated', validated FROM loop_totals WHERE"
"	items > 0 OR loops > 0"
" UNION ALL SELECT 'failed', failed FROM loop_totals WHERE"
"	items > 0 OR loops > 0"
" UNION ALL SELECT 'skipped', skipped FROM loop_totals WHERE"
"	items > 0 OR loops > 0"
" UNION ALL SELECT 'quarantined', CAST(quarantined AS INTEGER)"
"	FROM loop_totals WHERE items > 0 OR loops > 0" },
	{ "failed items",
"SELECT task, step, code, ifnull(message, '') FROM loop_item WHERE NOT good"
"	ORDER BY queue, n" },
	{ "dead, until a person revives them",
"SELECT task FROM loop_dead" },
	{ "time per step",
"SELECT queue || ' ' || step, n || iif(n = 1, ' item', ' items'),"
"	printf('median %.1f s', median / 1e3), printf('total %.1f s', ms / 1e3)"
"	FROM loop_step ORDER BY first" },
	{ "error classes",
"SELECT code, n, 'for example ' || example"
"	|| iif(message <> '', ': ' || message, '') FROM loop_error"
"	ORDER BY n DESC, code" },
	{ "why it stopped",
"SELECT ifnull(queue || ' ', '') || ifnull(step, ''), CASE how"
"	WHEN 'dry' THEN iif(queue IS NULL, 'all of it was read',"
"	'nothing more is due') WHEN 'known' THEN 'the rest is known'"
"	ELSE how END,"
"	ifnull(reason, '') FROM loop_stop ORDER BY n" },
	{ "run again",
"SELECT ifnull(queue || ' ', '') || ifnull(step, ''), CASE"
"	WHEN how IN ('halted', 'failed') THEN 'when the reason is gone'"
"	WHEN how NOT IN ('dry', 'known') OR due > 0 THEN 'now'"
"	ELSE 'at ' || next_at END"
"	|| iif(due > 0, ': ' || due || ' due', '') FROM loop_stop"
"	WHERE how NOT IN ('dry', 'known') OR due > 0 OR next_at IS NOT NULL"
" UNION ALL SELECT 'failed items', 'any time: ' || failed"
"	|| ' pending again in the next run' FROM loop_totals WHERE failed > 0" },
	{ NULL, NULL }
};
