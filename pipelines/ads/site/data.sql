-- A few campaigns of each customer, their ad groups by device, and what they
-- did each day.  Conversions of the last two days are still coming in: there
-- are more of them at each tick.

CREATE TABLE account (name, value);
INSERT INTO account VALUES ('refresh_token', :refresh_token),
    ('client_secret', :client_secret);

CREATE TABLE customer (customer_id);
INSERT INTO customer
SELECT 0 + value FROM json_each('["' || replace(:customers, ',', '","') || '"]');

CREATE TABLE day (date, fresh);
WITH RECURSIVE d (date, age) AS (
    SELECT date(iif(:until = '', 'now', :until)), 0
    UNION ALL SELECT date(date, '-1 day'), age + 1 FROM d WHERE age < :days - 1)
INSERT INTO day SELECT date, age < 3 FROM d;

CREATE TABLE campaign (customer_id, campaign_id, name);
WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9)
INSERT INTO campaign
SELECT customer_id, 10 * dice(100000000, 'campaign', customer_id, n) + n,
    printf('%s "%s" %d', json_extract('["Brand","Search","Shopping"]',
	'$[' || dice(3, 'kind', customer_id, n) || ']'),
	json_extract('["spring","sale","été"]',
	'$[' || dice(3, 'name', customer_id, n) || ']'), n)
FROM customer JOIN c WHERE n <= 3 + dice(7, 'campaigns', customer_id);

CREATE TABLE ad_group (customer_id, campaign_id, ad_group_id, name);
WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3)
INSERT INTO ad_group
SELECT customer_id, campaign_id, 10 * campaign_id + n, 'Group ' || n
FROM campaign JOIN c WHERE n <= 1 + dice(3, 'groups', campaign_id);

CREATE TABLE fact_campaign_daily (customer_id TEXT, campaign_id TEXT,
    date TEXT, campaign_name TEXT, impressions INTEGER, clicks INTEGER,
    conversions REAL, cost_micros INTEGER);
INSERT INTO fact_campaign_daily
SELECT customer_id, campaign_id, date, name,
    dice(20000, 'impressions', campaign_id, date),
    dice(500, 'clicks', campaign_id, date),
    dice(60, 'conversions', campaign_id, date) / 4.0
	+ iif(fresh, :tick * 0.5, 0),
    dice(2000000000, 'cost', campaign_id, date)
FROM campaign JOIN day;

CREATE TABLE fact_ad_group_daily (customer_id TEXT, ad_group_id TEXT,
    device TEXT, date TEXT, ad_group_name TEXT, campaign_id TEXT,
    conversions REAL, cost_micros INTEGER, value_per_conversion REAL);
INSERT INTO fact_ad_group_daily
SELECT customer_id, ad_group_id, device.value, date, name, campaign_id,
    dice(40, 'conversions', ad_group_id, date, device.value) / 8.0
	+ iif(fresh, :tick * 0.5, 0),
    dice(900000000, 'cost', ad_group_id, date, device.value),
    dice(8000, 'value', ad_group_id, device.value) / 100.0
FROM ad_group JOIN day JOIN json_each('["DESKTOP","MOBILE","TABLET"]') device;

-- The rows of an answer: numbers of 64 bits are texts there.
CREATE TABLE element (customer_id INTEGER, day, entity, n, element);
INSERT INTO element
SELECT customer_id, date, 'campaign', campaign_id, json_object(
    'campaign', json_object('resourceName', printf('customers/%s/campaigns/%s',
	customer_id, campaign_id), 'id', campaign_id, 'name', campaign_name),
    'metrics', json_object('impressions', '' || impressions, 'clicks',
	'' || clicks, 'conversions', conversions, 'costMicros',
	'' || cost_micros),
    'segments', json_object('date', date))
FROM fact_campaign_daily
UNION ALL
SELECT customer_id, date, 'ad_group', ad_group_id || device, json_object(
    'adGroup', json_object('resourceName', printf('customers/%s/adGroups/%s',
	customer_id, ad_group_id), 'id', ad_group_id, 'name', ad_group_name),
    'campaign', json_object('resourceName', printf('customers/%s/campaigns/%s',
	customer_id, campaign_id), 'id', campaign_id),
    'metrics', json_object('conversions', conversions, 'costMicros',
	'' || cost_micros, 'valuePerConversion', value_per_conversion),
    'segments', json_object('date', date, 'device', device))
FROM fact_ad_group_daily;
CREATE INDEX element_day ON element (customer_id, day, entity);

-- What is answered instead.
CREATE TABLE refusal (status, answer);
INSERT INTO refusal SELECT value ->> 0, json_object('error', json_object(
    'code', value ->> 0, 'status', value ->> 1, 'message', value ->> 2))
FROM json_each('[
    [400, "INVALID_ARGUMENT", "Unrecognized field in the query."],
    [401, "UNAUTHENTICATED", "Request had invalid authentication credentials."],
    [403, "PERMISSION_DENIED", "The caller does not have permission."],
    [500, "INTERNAL", "Internal error encountered."]]');
