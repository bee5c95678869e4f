CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, goods INTEGER);
WITH RECURSIVE n(i) AS (
	VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < :shops + 3 * :tick)
INSERT INTO shop SELECT i, 'Shop ' || i, i % 4 FROM n;
