#!/bin/sh
# flow-matches: the match pipeline against its made-up site: every row equals
# what the site was made of; what is asked for, by count, in each mode; what
# readers get; a map that never parses is given up; killed at any moment, the
# same content.
#
# MATCHES=1000 takes them all; KILLS=200 kills so often, SEED=N at these
# moments.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

for tool in page-walk job-loop html-extract; do
	command -v $tool >/dev/null && continue
	skip "the match pipeline" "no $tool"
	finish
done
MATCHES=${MATCHES-12} KILLS=${KILLS-3} SEED=${SEED-$$}
tables='matches maps vetoes player_stats round_history player_performance
    kill_matrix economy'

go() {			# go OPTION... : a run; the requests are in log
	: >log
	run "${want-0}" sluice matches -d d "$@" "REPLICA=--set \
matches=$MATCHES --database $PWD/truth --log $PWD/log ${FAULTS-}"
}
truth() { sqlite3 truth "$1"; }
rows() { sqlite3 d/matches.sqlite "$1"; }

# Column by column, both ways; reals as far as a page shows them.
differ() {
	for t in $tables; do
		c=$(truth "SELECT group_concat(CASE type WHEN 'TEXT' THEN name
		    WHEN 'REAL' THEN 'round(' || name || ', 6)' ELSE
		    'CAST(' || name || ' AS INTEGER)' END)
		    FROM pragma_table_info('$t')")
		rows "ATTACH 'truth' AS truth;
		    SELECT '$t: missing', * FROM (SELECT $c FROM truth.$t
			EXCEPT SELECT $c FROM main.$t) LIMIT 3;
		    SELECT '$t: more', * FROM (SELECT $c FROM main.$t
			EXCEPT SELECT $c FROM truth.$t) LIMIT 3;
		    SELECT '$t: count' WHERE (SELECT count(*) FROM truth.$t)
			<> (SELECT count(*) FROM main.$t)"
	done
}
equal() { differ >differences; same "$1" /dev/null differences; }
asked() { jq -r .key log | grep -c "$1"; }
listing() { asked '^results'; }
matches() { asked '^matches/'; }
maps() { asked '^stats/'; }
played() { truth 'SELECT 3 * count(*) FROM played'; }
snapshot() { readlink d/snapshots_matches/current; }
fast() { sqlite3 -readonly d/snapshots_matches/current/fast.sqlite "$1"; }
reports() { find d/report/matches -name '*.html' | wc -l; }
# What a run that finds nothing new leaves as it was.
content() {
	for t in $tables match_queue map_queue match_queue_events \
	    map_queue_events dataset_versions version_reports; do
		rows "SELECT * FROM $t"
	done
}

# --- a site elsewhere: how it is asked -------------------------------------------
cat >asks <<'END'
#!/bin/sh
echo "$POLITE|$CONTACT|$BASE" >polite
echo '{"type":"end","n":0}'
END
chmod +x asks
site() {		# site STATUS VAR=... : a discovery that only tells
	_want=$1; shift
	run "$_want" make --no-print-directory DISCOVER=./asks \
	    -f "$top/pipelines/matches/matches.mk" discover "$@"
}
site 2 DATA=e SITE=http://site.example
ok 'not without a contact' grep -q 'say who asks: CONTACT=' err
site 0 DATA=e SITE=http://site.example CONTACT=me@site.example
ok 'slowly, and as its robots.txt allows' test "$(cat polite)" = \
    '--interval 3000 --max-workers 2 --robots|me@site.example|http://site.example'
site 0 DATA=f SITE=http://127.0.0.1:1
ok 'this machine as fast as it can' test "$(cat polite)" = \
    '--interval 0 --max-workers 8 ||http://127.0.0.1:1'
: >e/replica.tick
site 2 DATA=e SITE=http://site.example CONTACT=me@site.example
ok 'made-up data and real data stay apart' grep -q 'holds the data of a replica' err
unset want

# --- all of it -----------------------------------------------------------------
go
equal "$MATCHES matches: every row is what the site was made of"
ok 'each match is complete' test "$(rows "SELECT count(*)
    FROM vw_match_state WHERE state = 'complete'")" = "$MATCHES"
ok 'each is asked for once' test "$(matches)" -eq "$MATCHES"
ok 'its played maps likewise, and no others' test "$(maps)" -eq "$(played)"
ok 'nothing is in quarantine' test "$(rows 'SELECT count(*)
    FROM quarantine')" = 0

ok 'readers get them' test "$(fast 'SELECT count(*) FROM matches')" = \
    "$MATCHES"
ok 'a report says that they are ready' test "$(reports) $(rows \
    'SELECT ready FROM version_reports')" = '1 1'

# --- nothing new, five new -------------------------------------------------------
content >before; was=$(snapshot)
go
ok 'nothing new: one page of the listing, nothing else' \
    test "$(wc -l <log)" -eq 1 -a "$(listing)" -eq 1
content >after
same 'and nothing is written' before after
ok 'readers have what they had' test "$(snapshot)" = "$was"
ok 'known to be true until now' test "$(jq -r .verified_at \
    d/snapshots_matches/verified.json)" \> "$(rows \
    'SELECT max(promoted_at) FROM dataset_versions')"
was=$(played)
go TICKS=1
equal 'five new: every row'
ok 'and five more for readers' test "$(fast 'SELECT count(*) FROM matches')" \
    = $((MATCHES + 5))
ok 'at most two pages of the listing' test "$(listing)" -le 2
ok 'and only the new ones' test "$(matches) $(maps)" = \
    "5 $(($(played) - was))"

# --- again, by what a person says ------------------------------------------------
all="$((MATCHES + 5)) $(played)"
go --full
ok '--full: the listing and each match again' \
    test "$(matches) $(maps)" = "$all" -a "$(listing)" -ge 1
equal '--full: the same rows'
go --force-rescrape
ok '--force-rescrape: each match again' test "$(matches) $(maps)" = "$all"
equal '--force-rescrape: the same rows'
go --from-archive
ok '--from-archive: no request' test ! -s log
equal '--from-archive: the same rows'
ok 'what a person took up again is an event with why' test "$(rows "SELECT
    group_concat(DISTINCT why) FROM map_queue_events WHERE role = 'person'
    ORDER BY 1")" = 'mode full,mode force,mode archive'

# --- what is not ready stays with us
was=$(snapshot)
sed 's/^\[check.one_active\]/[check.no]\nseverity = "error"\ntext = "no"\n\
sql = "SELECT match_id, 1 FROM matches"\n&/' \
    "$top/pipelines/matches/pipeline.toml" >not.toml
want=2 go CONFIG="$PWD/not.toml" TICKS=1
ok 'not ready: said' grep -q 'matches: no: no' err
ok 'and readers have what they had' test "$(snapshot)" = "$was"
go
ok 'judged by another rule, they get it' test "$(snapshot)" != "$was"

# --- interrupted, and what is told -------------------------------------------------
rm -rf d
# As a terminal's Ctrl-C: SIGINT to all of the group.
perl -e '$SIG{INT} = "DEFAULT"; setpgrp(0, 0); exec @ARGV' \
    sluice matches -d d "REPLICA=--set matches=3 --latency 500" \
    >out 2>err & pid=$!
until grep -q '"event":"loop"' d/logs/*.jsonl 2>/dev/null; do sleep .02; done
kill -s INT -- -$pid; wait $pid
ok 'Ctrl-C: the summary is told once' test "$(grep -c '^  discovered ' out)" = 1
ok 'with why it stopped, and when to run again' sh -c \
    'grep -q "^  matches fetch  *interrupted" out &&
    grep -q "^  matches fetch  *now" out'
ok 'and kept, as text and JSON' sh -c \
    'grep -q "^  matches fetch  *interrupted" d/logs/*.summary.txt &&
    jq -e ".loop.stopped | any(.how == \"interrupted\")" d/logs/*.summary.json'
MATCHES=3 go
ok 'the next run finishes, and tells once, too' test \
    "$(grep -c '^  discovered ' out)" = 1 -a "$(rows "SELECT count(*)
    FROM vw_match_state WHERE state = 'complete'")" = 3

# --- a map that never parses -----------------------------------------------------
rm -rf d
sed 's/^label = /max_attempts = 2\n&/' "$top/pipelines/matches/pipeline.toml" \
    >twice.toml
id=$(truth 'SELECT min(mapstatsid) FROM played')
MATCHES=3 FAULTS="--fail 'stats/matches/mapstatsid/$id/* html'"
for i in 1 2; do want=2 go CONFIG="$PWD/twice.toml"; done
ok 'a map that never parses is given up' test "$(rows "SELECT state
    FROM map_queue WHERE stats_id = $id")" = dead
ok 'and its match says so' test "$(rows "SELECT count(*)
    FROM vw_match_state WHERE state = 'dead'")" = 1
go CONFIG="$PWD/twice.toml"
ok 'nothing is asked for any more' test "$(wc -l <log)" -eq 1
unset FAULTS

# --- killed ------------------------------------------------------------------------
# The pages that a loop of this session has workers ask for; they all stand
# still meanwhile.
in_flight() {
	rm -rf still; mkdir still; cp d/matches.sqlite* still 2>/dev/null
	sqlite3 still/matches.sqlite "SELECT
	    CAST(total(n) AS INTEGER) FROM
	    (SELECT 1 AS n, owner, claimed_at FROM match_queue
		WHERE state = 'discovered' UNION ALL
	    SELECT iif(state = 'parsed', 2, 1), owner, claimed_at
		FROM map_queue WHERE state IN ('discovered', 'parsed'))
	    WHERE owner IS NOT NULL AND claimed_at > '$began'" 2>/dev/null |
	    grep . || echo 0
}
# The pages of items that were asked for again.
repeated() { jq -r .key "$1" | grep -v '^results' | sort | uniq -d -c |
    awk '{ n += $1 - 1 } END { print n + 0 }'; }
all_complete() { [ -e d/matches.sqlite ] && [ "$(rows "SELECT count(*)
    FROM vw_match_state WHERE state = 'complete'" 2>/dev/null)" = $MATCHES ]; }

# A second try comes at once.
sed 's/^label = /retry = { base_s = 0, cap_s = 0 }\n&/' \
    "$top/pipelines/matches/pipeline.toml" >soon.toml
echo "# SEED=$SEED"
rm -rf d; : >log
MATCHES=6 n=0 repeats=0 allowed=0
random() { SEED=$(((SEED * 1103515245 + 12345) % 2147483648)); }
until [ $n -ge "$KILLS" ]; do
	random; n=$((n + 1)) began=$(date -u +%Y-%m-%dT%H:%M:%S)
	setsid sluice matches -d d CONFIG="$PWD/soon.toml" \
	    "REPLICA=--set matches=$MATCHES --log $PWD/log" >/dev/null 2>&1 &
	pid=$!
	sleep "$(awk "BEGIN { print ($SEED % 4000) / 1000 }")"
	# Of the session one at random, and the rest as it follows.
	all=$(ps -o pid= -s $pid)
	victim=$(echo "$all" | awk -v k="$SEED" '{ p[NR] = $1 }
	    END { print p[1 + int(k / 7) % NR] }')
	if [ -n "$victim" ]; then
		# shellcheck disable=SC2086
		kill -STOP $all 2>/dev/null
		allowed=$((allowed + $(in_flight)))
		kill -KILL "$victim" 2>/dev/null
		# shellcheck disable=SC2086
		kill -CONT $all 2>/dev/null
	fi
	wait $pid
	all_complete || continue
	repeats=$((repeats + $(repeated log)))
	rm -rf d; : >log
done
cp log all
go CONFIG="$PWD/soon.toml"
cat log >>all
go CONFIG="$PWD/soon.toml"
repeats=$((repeats + $(repeated all)))
equal "killed $n times: every row is what the site was made of"
ok 'and each match complete' all_complete
ok "no more was asked for again ($repeats) than was in flight ($allowed)" \
    test "$repeats" -le "$allowed"
finish
