#!/bin/sh
# flow-ads: partitions of an API that answers posts page by page: every row
# is what it was made of; a token that ends, refusals, half an answer, a
# query whose fields changed; who may write what; many at once.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
unset SLUICE_LOG http_proxy https_proxy all_proxy CONTACT BASE
ads=$top/pipelines/ads config=$top/pipelines/ads/pipeline.toml
until=2026-11-20

go() {			# go OPTION... : a run; the requests are in log
	: >log
	run "${want-0}" sluice ads -d d --until $until "$@" \
	    "REPLICA=--set until=$until --database $PWD/truth --log $PWD/log"
}
rows() { sqlite3 d/ads.sqlite "$1"; }
ask() { sqlite3 d/ledger.sqlite "$1"; }
asked() { jq -r .key log | grep -c "$1"; }
content() { rows 'SELECT * FROM fact_campaign_daily;
    SELECT * FROM fact_ad_group_daily; SELECT version_id, dataset, status
    FROM dataset_versions'; }
# Column by column, both ways, of the days that are there.
differ() {
	for t in fact_campaign_daily fact_ad_group_daily; do
		c=$(sqlite3 truth "SELECT group_concat(name)
		    FROM pragma_table_info('$t')")
		rows "ATTACH 'truth' AS truth;
		    SELECT '$t: missing', * FROM (SELECT $c FROM truth.$t
			WHERE date IN (SELECT date FROM main.$t)
			EXCEPT SELECT $c FROM main.$t) LIMIT 3;
		    SELECT '$t: more', * FROM (SELECT $c FROM main.$t
			EXCEPT SELECT $c FROM truth.$t) LIMIT 3"
	done
}
equal() { differ >differences; same "$1" /dev/null differences; }
days() { rows "SELECT group_concat(DISTINCT date) FROM $1"; }

# --- a day's work ---------------------------------------------------------------
go
ok 'two days of both tables' test "$(days fact_campaign_daily) $(days \
    fact_ad_group_daily)" = '2026-11-19,2026-11-20 2026-11-19,2026-11-20'
equal 'every row is what it was made of'
ok 'an ad group has a row for each device' test "$(rows "SELECT count(*)
    FROM (SELECT 1 FROM fact_ad_group_daily
    GROUP BY customer_id, ad_group_id, date HAVING count(*) = 3)")" = "$(rows \
    'SELECT count(DISTINCT ad_group_id || date) FROM fact_ad_group_daily')"
ok 'one token' test "$(asked '^token')" -eq 1
# Three rows a page: a question for each page, one for all batches.
ok 'every page is asked for once' test "$(asked 'search$')" -eq "$(rows \
    'SELECT sum((n + 2) / 3) FROM (SELECT count(*) AS n
    FROM fact_campaign_daily GROUP BY customer_id, date)')"
ok 'a stream is one question' test "$(asked 'searchStream$')" -eq 4
one=d/raw/ads/customer_id=1234567890/logical_date=2026-11-20/query_name
file=$(echo $one=campaign_daily_performance/*/payload.jsonl.gz)
meta=${file%/*}/metadata.json
ok 'a page is a line, a record a row' test "$(zcat "$file" | wc -l) $(zcat \
    "$file" | jq -s 'map(.results | length) | add')" = \
    "$(jq -r '"2 \(.record_count)"' "$meta")"
ok 'the partition says what was asked' grep -q "FROM campaign WHERE \
segments.date = '2026-11-20'" "$meta"
grep -rl -e made-up- d | grep -v '^d/.make/ads/secrets/' >told
same 'no secret is anywhere but in its file' /dev/null told
ok 'every dataset is ready' test "$(grep -c ': ready, warnings: 0' err)" -eq 4
content >before
go
content >after
same 'again: the days are asked for, nothing changes' before after
ok 'each page once more' test "$(asked 'searchStream$')" -eq 4
go --ticks 1
equal 'corrected numbers: every row'
ok 'all of them are' test "$(rows 'SELECT count(DISTINCT valid_from)
    FROM fact_ad_group_daily')" = 1
run 0 sluice ads -d d --days 35 --until $until plan \
    "REPLICA=--set until=$until"
ok 'five weeks to catch up' test "$(jq -rs 'map(select(.part)) |
    "\(length) \(map(.part.logical_date) | min)"' out)" = '140 2026-10-17'

# --- by hand: what goes wrong -------------------------------------------------------
cat >hand.sh <<'S'
mkdir -p secrets && umask 077
jq -n --arg uri "$SITE/token" '{token_uri: $uri, client_id: "made-up-client",
    client_secret: "made-up-client-secret",
    refresh_token: "made-up-refresh-token"}' >secrets/client.json
echo made-up-developer-token >secrets/developer-token
echo 1112223333 >secrets/login-customer-id
umask 022
part-plan -c "$CONFIG" -d d -r "$RUN" --base "$SITE/v17" customer_id=1234567890 \
    logical_date="$DAY" >tasks || exit
url-fetch -d d --secrets "${SECRETS-secrets}" --interval 0 --backoff 0 \
    --pause 0 --max-attempts 2 <tasks >bodies; status=$?
raw-write -q -d d <bodies >sealed || exit
raw-verify -c "$CONFIG" -d d <sealed >verdicts || exit
exit $status
S
hand() {		# hand STATUS DAY OPTION... : in a run of its own
	_want=$1 DAY=$2; shift 2
	RUN=${AGAIN-$(run-new -q -d d --source ads)}
	export RUN DAY CONFIG=$config
	: >log
	run "$_want" site-replica -q -c $ads/site/site.toml \
	    --set "until=$until${SET-}" --log log "$@" -- sh hand.sh
}
codes() { jq -r '.code // .verdict // empty' verdicts | sort | tr '\n' ' '; }

hand 0 2026-11-10 --fail '*:search* 401 count=1'
ok 'a token that is over is renewed once' test "$(asked '^token') $(codes)" = \
    '2 valid valid '
ok 'which is said' grep -q 'refuses the token: another one' err
hand 0 2026-11-11 --fail '*:search 401 skip=1 count=1'
ok 'also between two pages' test "$(asked '^token') $(codes)" = \
    '2 valid valid '
hand 76 2026-11-12 --fail '*:search* 401'
ok 'one that is never right is not renewed for ever' test "$(codes)" = \
    'http_401 http_401 ' -a "$(asked '^token')" -le 3
hand 76 2026-11-12 --fail 'token 400'
ok 'no token: nothing is asked for' test "$(codes) $(asked search)" = \
    'no_token no_token  0'
cp -R secrets open && chmod 644 open/client.json
SECRETS=open hand 65 2026-11-12
ok 'nor with a secret that is open to others' grep -q 'open to others' err
hand 0 2026-11-12 --fail '*:search* 429 count=1 retry_after=0'
ok 'too many requests: again' test "$(codes)" = 'valid valid '
hand 0 2026-11-13 --fail '*:search 500 skip=1 count=1'
ok 'a page that failed is asked for again, since that is safe' test \
    "$(codes) $(asked ':search$')" = 'valid valid  3'
hand 75 2026-11-14 --fail '*:search 500 skip=1'
ok 'half of the pages are nothing' test "$(codes)" = 'http_500 valid ' -a \
    ! -e d/raw/ads/customer_id=1234567890/logical_date=2026-11-14/query_name=campaign_daily_performance
AGAIN=$RUN hand 0 2026-11-14
ok 'continued: its pages are asked for again, what was whole is not' test \
    "$(codes) $(asked ':search$') $(asked searchStream)" = 'valid valid  2 0'
SET=,break_at=2 hand 75 2026-11-15
ok 'so is a stream that breaks' test "$(codes)" = 'page_error valid '
ok 'it says so itself' grep -q 'page 2: .*Internal error' err
hand 76 2026-11-16 --fail '*:search truncated count=1; *:search html'
ok 'nor is another page one' test "$(codes)" = 'html valid '
grep -l -e 'made-up-[0-9c]' -e made-up-refresh tasks bodies sealed verdicts \
    err >told
same 'and no secret was told' /dev/null told

# A query that changed its fields.
raw-cat -d d ads 1234567890/2026-11-14/campaign_daily_performance >was
SET=',without=$.metrics.clicks' hand 0 2026-11-14
ok 'rows without a field: not valid' test "$(codes)" = 'layout valid '
ok 'it is said which' grep -q 'layout: no /metrics/clicks' err
raw-cat -d d ads 1234567890/2026-11-14/campaign_daily_performance >is
same 'what was valid before stays so' was is
SET=,gone=metrics.clicks hand 76 2026-11-14
ok 'a field that there is no more: refused' test "$(codes)" = \
    'http_400 valid '
sed 's/^schema_version = "v1"/schema_version = "v2"/' "$config" >two.toml
config=$PWD/two.toml hand 0 2026-11-14
ok 'another version of the rows is sealed anew' test "$(codes) $(ask "SELECT
    group_concat(DISTINCT schema_version) FROM partition_state
    WHERE part_path LIKE '1234567890/2026-11-14/%'")" = 'valid valid  v2'
run 65 stage-normalize -c "$config" -d d -r "$RUN" 1234567890/2026-11-14
ok 'and is not read as the first' grep -q 'schema version v2' err
ok 'no version is mixed with another in a partition' test "$(ask "SELECT
    count(*) FROM (SELECT 1 FROM raw_snapshots GROUP BY part_path, run
    HAVING count(DISTINCT schema_version) > 1)")" = 0

# --- who may write what -----------------------------------------------------------
for what in INSERT UPDATE DELETE; do
	ask "CREATE TRIGGER guard_$what BEFORE $what ON partition_state
	    BEGIN SELECT RAISE(ABORT, 'guarded'); END"
done
hand 65 2026-11-17
ok 'only raw-verify writes what counts' grep -q guarded err
ok 'all before it was done' test "$(jq -rs 'map(.type) | join(" ")' sealed)" = \
    'raw raw end'
run 0 raw-list -d d --source ads
run 0 raw-cat -d d ads 1234567890/2026-11-10/ad_group_conversion
run 0 state-due -c "$config" -d d -r "$RUN" --base http://127.0.0.1:1
for what in INSERT UPDATE DELETE; do ask "DROP TRIGGER guard_$what"; done

# --- many at once --------------------------------------------------------------------
cat >many.mk <<'M'
all := $(shell seq 8)
all: $(all)
$(all):
	@part-plan -q -c $(CONFIG) -d d -r $(RUN) --base $(SITE)/v17 \
	    customer_id=9876543210 logical_date=2026-11-0$@ | \
	    url-fetch -q -d d --secrets secrets --interval 0 | \
	    raw-write -q -d d | raw-verify -q -c $(CONFIG) -d d >verdict.$@
.PHONY: all $(all)
M
echo 'sh hand.sh && make --no-print-directory -j8 -f many.mk' >many.sh
RUN=$(run-new -q -d d --source ads) DAY=2026-11-09; export RUN DAY
run 0 env -u MAKEFLAGS site-replica -q -c "$ads/site/site.toml" \
    --set until=$until -- sh many.sh
ok 'eight at once: nobody finds the ledger busy' \
    sh -c '! grep -q -e locked -e busy err'
ok 'and all partitions are valid' test "$(ask "SELECT count(*)
    FROM partition_state WHERE status = 'valid'
    AND part_path LIKE '9876543210/2026-11-0%'")" = 16
finish
