#!/bin/sh
# SQL that enters N partitions into an empty ledger: a hundred accounts, a
# report a day.  Some are invalid, some have failed, some were never valid.
#
# usage: partitions.sh N | sqlite3 DATA/ledger.sqlite
cat <<Q
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL
    SELECT i + 1 FROM n WHERE i < $1 - 1) SELECT i,
    printf('%010d', 1000000000 + i % 100) AS a,
    date('2023-01-01', (i / 100) || ' days') AS d,
    strftime('%Y-%m-%dT%H:%M:%fZ', '2026-11-20',
	((i * 7919) % 100000) || ' seconds') AS at,
    '20261120T223114123Z-7f3a9c' AS run FROM n;
INSERT INTO partition_state (source, part_path, dataset, part, status, run,
    snapshot, sha256, size_bytes, stored_bytes, record_count, schema_version,
    fetched_at, confirmed_at, last_attempt, last_error, last_attempt_run,
    attempts, updated_at, seq)
    SELECT 'shop', a || '/' || d || '/sales', a || '/' || d,
    printf('{"account":"%s","day":"%s","report":"sales"}', a, d),
    iif(i % 50 = 0, 'invalid', 'valid'), run,
    run || ':' || a || '/' || d || '/sales', printf('%064x', i), 1000, 200,
    10, '1', at, at, iif(i % 30 = 0, 'failed', 'ok'),
    iif(i % 30 = 0, 'http_503', NULL), run, 1 + i % 15, at, i + 1
    FROM n WHERE i % 1000 > 0;
INSERT INTO partition_state (source, part_path, dataset, part, status,
    last_attempt, last_error, last_attempt_run, attempts, updated_at, seq)
    SELECT 'shop', a || '/' || d || '/stock', a || '/' || d,
    printf('{"account":"%s","day":"%s","report":"stock"}', a, d),
    'invalid', 'failed', 'truncated', run, 1, at, i + 1
    FROM n WHERE i % 1000 = 0 AND i % 2000 > 0;
INSERT INTO partition_asked (source, part_path, dataset, part, task, failures,
    code, failed_run, failed_at, pending)
    SELECT source, part_path, dataset, part, json_object('url',
    'http://127.0.0.1/' || part_path, 'format', 'json-array',
    'schema_version', '1'), iif(last_attempt = 'failed', 1 + seq % 12, 0),
    last_error, iif(last_attempt = 'failed', last_attempt_run, NULL),
    iif(last_attempt = 'failed', updated_at, NULL), 0 FROM partition_state;
INSERT INTO partition_asked SELECT 'shop', a || '/' || d || '/stock',
    a || '/' || d, printf('{"account":"%s","day":"%s","report":"stock"}',
    a, d), '{"url":"http://127.0.0.1/"}', 2, 'timeout', run, at, 1
    FROM n WHERE i % 2000 = 0;
COMMIT;
Q
