-- A few things, one more at each tick.
CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, size INTEGER);
WITH RECURSIVE n(i) AS (
	VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < :things + :tick)
INSERT INTO thing SELECT i, '<Thing> ' || i, nullif(dice(6, 'size', i), 0)
FROM n;
