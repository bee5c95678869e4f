#!/bin/sh
# html-extract: what is declared comes out of a page, whole or not at all.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pages.sh"
unset SLUICE_LOG
SOURCE=site
toml-json "$T/site.toml" >site.json	# once, not for each run
config=$PWD/site.json
mkdir data

thing() {		# thing ID [MEMBERS] <BYTES : a body record of a thing
	page "{\"id\":\"$1\",\"page\":\"thing\"}" "$1" \
	    "http://127.0.0.1/things/$1" "${2-}"
}
list() {		# list OFFSET <BYTES
	page "{\"offset\":\"$1\",\"page\":\"list\"}" "$1" \
	    "http://127.0.0.1/list?offset=$1"
}
extract() { run "$1" html-extract -c "$config" -d data <in; }
types() { jq -r '.code // .type' out | tr '\n' ' '; }

# --- a page ---------------------------------------------------------------------
thing 7 ',"item":{"queue":"things","pages":1}' <"$T/thing.html" |
    sealed "$config"
extract 0
same 'rows in the order of page and declaration, then done' "$T/want.jsonl" out
ok 'nothing is said' test ! -s err
cp raws in
extract 0
jq -c 'del(.item)' <"$T/want.jsonl" >want; jq -c 'del(.item)' out >got
same 'of a raw record, the same' want got
jq -c '.part.page = "feed" | .source = "other"' raws | sed '$d' >in
{ echo '{"type":"task","x":1}'; echo '{"type":"end","n":1}'; } >>in
extract 0
ok 'what is no page of ours is passed on' test "$(types)" = 'raw task end '

# --- a listing --------------------------------------------------------------------
cat >list.html <<'END'
<p class="total">1 - 3 of 12</p><ul><li data-id="1"><a href="/things/1">a</a>
<li data-id="2" data-seen="5"><a href="/things/2">b</a><li>side bar</ul>
<a class="next">next</a>
END
list 0 <list.html | sealed "$config"
extract 0
cat >want <<'END'
{"type":"item","run":"R1","source":"site","queue":"things","part":{"id":"1"},"address":"/things/1","offset":0,"of":{"offset":"0"}}
{"type":"item","run":"R1","source":"site","queue":"things","part":{"id":"2"},"address":"/things/2","seen":5,"offset":0,"of":{"offset":"0"}}
{"type":"done","run":"R1","source":"site","part":{"offset":"0"},"page":"list","parser_version":"1","n":2,"entries":2,"total":12,"last":false}
{"type":"end","n":3}
END
same 'items of a listing, and how far it goes' want out
sed 's/"next"/"next off"/; s/of 12/of many/' list.html | list 10 |
    sealed "$config"
extract 0
ok 'an end mark, and no total' test "$(jq -c 'select(.type == "done") |
    [.last, .total]' out)" = '[true,null]'

# --- pages that fail, each for itself -----------------------------------------------
i=100
fails() {		# fails NAME CODE WHERE : bad.html, beside a good page
	i=$((i + 1))
	sed "s/Thing 7/Thing $i/" bad.html | thing $i >failing
	sed "s/Thing 7/Thing 9$i/" "$T/thing.html" | thing 9$i >well
	cat failing well | sealed "$config"
	extract 76
	ok "$1: $2, and the other page is read" test "$(types)" = \
	    "$2 row row row row row done end "
	ok "$1: it is said where" grep -q "$3" err
}
edit() { sed "$@" "$T/thing.html" >bad.html; }
cat >bad.html <<'END'
<html><title>Just a moment...</title><body>checking your browser</body></html>
END
fails 'block page' blocked 'a block or challenge page'
echo '<h1>Thing 7</h1>' >bad.html
fails 'short page' short_page '19 bytes, at least 40 expected'
: >bad.html
fails 'no bytes' empty_body 'no bytes'
edit 's/<h1>Thing 7/<h1>Thing 8/'
fails 'another item' wrong_page 'identity id: the page is of id 8, not 104'
edit 's/<h1>.*h1>//'
fails 'no identity' layout 'the page does not say its id'
edit 's/second//'
fails 'a required value' layout \
    'table things, row 2, name (line 6): nothing is there'
edit -e '/^<tr><td>/d'
fails 'no rows' row_count 'table things: 0 rows, at least 1 expected'
edit 's/^<\/table>/<tr><td>3<tr><td>4<tr><td>5&/'
fails 'too many rows' row_count '5 rows, at most 4 expected'
{ cat "$T/thing.html"; printf '%0300d' 0 | sed 's/0/<div>/g'; echo '<p>lost'
} >bad.html
fails 'nested 300 deep' too_deep '256 deep'
RUN=R2
{ cat "$T/thing.html"; printf '%0200d' 0 | sed 's/0/<div>/g'; } |
    thing 7 | sealed "$config"
extract 0

# --- values ------------------------------------------------------------------------
RUN=R3; sed 's/14(9)/99999999999999999999(9)/; s/-1.5%/1.5.2%/' \
    "$T/thing.html" | thing 7 | sealed "$config"
extract 0
ok 'a value of another type is left out, with a warning' test "$(jq -c \
    'select(.type == "done") | [.n, .warnings, (.findings[] | .code,
    .where)]' out)" = '[5,2,"wrong_type","table things, row 1, hits (line 4)","wrong_type","table things, row 2, swing (line 6)"]'
RUN=R4
printf '<meta charset=iso-8859-1><h1>Thing 7</h1><table id=list><tr><td>Zo\353</table>' |
    thing 7 | sealed "$config"
extract 0
ok 'the charset that the page names' test "$(jq -r '.values.name // empty' \
    out)" = 'Zoë'
RUN=R5
printf '<h1>Thing 7</h1><table id=list><tr><td>Zo\303\253 not named</table>' |
    thing 7 | sealed "$config"
extract 0
ok 'a page that names none' test "$(jq -r '.values.name // empty' out)" = \
    'Zoë not named'
RUN=R6
printf '<meta charset=utf-8><h1>Thing 7</h1><table id=list><tr><td>Zo\353 </table>' |
    thing 7 ',"content_type":"text/html; charset=ISO-8859-1"' |
    sealed "$config"
extract 0
ok 'the header goes before it' test "$(jq -r '.values.name // empty' out)" = \
    'Zoë'

RUN=R61
printf '<meta charset=shift_jis><h1>Thing 7</h1><table id=list><tr><td>\201 \377x<tr><td>lost</table>' |
    thing 7 | sealed "$config"
extract 76
ok 'bytes that are not of the charset end what is read: no page' test \
    "$(types)" = 'layout end '
ok 'and only we say it' test "$(grep -vc '^html-extract: ' err)" = 0

# --- what is not there, or not valid -----------------------------------------------
RUN=R7; sed 's/second/seventh/' "$T/thing.html" | thing 7 | sealed "$config"
cp in verdicts
chmod -R u+w data/raw; rm -r data/raw/site/id=7/page=thing/run_id=R7
extract 76
ok 'a partition that is gone' test "$(types)" = 'missing_file end '
sed 's/"valid"/"invalid","code":"hash_mismatch"/' verdicts >in
extract 76
ok 'a verdict that says no' test "$(types)" = 'hash_mismatch end '
sed 's/"current":"R7",//' verdicts >in
extract 65
ok 'a verdict without a run' test "$(types)" = 'bad_record end '
sed 's/"dataset":"7"/"dataset":"8"/' verdicts >in
extract 65
sed '$d' verdicts >in
extract 65
echo '{"type":"abort","status":75,"reason":"interrupted"}' >in
extract 75

# --- a hostile page ------------------------------------------------------------------
RUN=R8
{ echo '<h1>Thing 501</h1><table id=list>'
head -c 30000000 /dev/zero | tr '\0' x
} | thing 501 >big
sed 's/Thing 7/Thing 502/' "$T/thing.html" | thing 502 >well
cat big well | sealed "$config"
if test -z "${SLUICE_SANITIZE-}"; then
	run 76 html-extract -c "$config" -d data --memory 64 <in
	ok 'memory has an end, and the next page is read' test "$(types)" = \
	    'page_limit row row row row row done end '
else
	skip 'memory has an end' 'a sanitizer takes more'
fi
sed -e 's|^at = "$lines.*|at = "//x[count(//i) + count(//i[count(//i[count(//i[count(//i) > 3]) > 3]) > 3]) > 3]"|' \
    "$T/site.toml" >slow.toml
RUN=R9
{ echo '<h1>Thing 503</h1><x></x>'; printf '%03000d' 0 | sed 's/0/<i><\/i>/g'
} | thing 503 >slow
cat slow | sealed "$config"
run 76 html-extract -c slow.toml -d data --cpu 1 <in
ok 'so has time' test "$(types)" = 'page_limit end '
ok 'that is said' grep -q 'more time than one may' err

# --- explaining -----------------------------------------------------------------------
run 0 html-extract -c "$config" --explain "$T/thing.html" --page thing \
    --dataset 7
ok 'a value, and what it was made of' grep -qF \
    'row 1: "66.7" of "66.7%" (line 4)' out
ok 'and where there is none' grep -qF '  share: 1 found, 1 nothing' out
ok 'and whose page it is' grep -qF 'identity id: "7" of "Thing 7" (line 2)' out
ok 'rows, and where they were looked for' grep -qF \
    'table bars: 3 rows at //div[@id' out
gzip -c list.html >list.html.gz
run 0 html-extract -c "$config" --explain list.html.gz --page list
ok 'of a listing' grep -qF 'walk total: "12" of "1 - 3 of 12" (line 1)' out
run 64 html-extract -c "$config" --explain list.html.gz
run 64 html-extract -c "$config" --explain list.html.gz --page none
run 66 html-extract -c "$config" --explain none.html --page list

# --- the declaration, the streams --------------------------------------------------------
wrong() {		# wrong NAME SED MESSAGE
	sed "$2" "$T/site.toml" >wrong.toml
	run 64 html-extract -c wrong.toml -d data </dev/null
	ok "$1" grep -qF "$3" err
}
wrong 'a broken expression' 's/"td\[1\]"/"td["/' \
    'page.thing.rows.1.columns.name: "td[": '
wrong 'an unknown function' 's/"td\[1\]"/"td[foo()]"/' \
    'columns.name: "td[foo()]": '
wrong 'an unknown variable' 's/"\$position", req/"$pos", req/' \
    'columns.number: "$pos": '
wrong 'a name of nodes before it is there' 's/^list = .*/list = "$lines"/' \
    'page.thing.let.list: "$lines": unknown name lines'
wrong 'rows that are no nodes' "s|^at = \"//li.*|at = \"count(//li)\"|" \
    'page.list.rows.1: "count(//li)": it yields no nodes'
run 64 html-extract -d data
run 64 html-extract -c "$config" extra
run 66 html-extract -c none.toml
cp verdicts in
html-extract -c "$config" -d data <in >/dev/full 2>err; got=$?
ok 'a full standard output: 74' test "$got" -eq 74

# --- captured pages ------------------------------------------------------------------
captures=$top/../shared/captures/matches
toml-json "$top/pipelines/matches/pipeline.toml" >pipeline.json
pipeline=$PWD/pipeline.json
captured() {		# captured FILE KEY DATASET PATH : and its records
	rm -rf data; mkdir data
	zcat "$captures/$1" | SOURCE=matches page "$2" "$3" \
	    "http://127.0.0.1$4" | sealed "$pipeline"
	run 0 html-extract -c "$pipeline" -d data <in
}
values() { jq -r "select(.table == \"$1\") | .values | $2" out; }
chmod -R u+w data
if test -f "$captures/README.md"; then
	for day in 05 08; do
		captured 2022-12-$day.results-browser.html.gz \
		    '{"offset":"0","page":"results"}' 0 '/results?offset=0'
		ok "$day December: 100 entries and nothing else" test \
		    "$(jq -r .type out | sort | uniq -c | tr -s ' \n' '  ')" = \
		    ' 1 done 1 end 100 item '
		ok "$day December: each once, with its time" test "$(jq -r \
		    'select(.completed_ms > 1.6e12) | .part.match_id' out |
		    sort -u | wc -l)" = 100
	done
	ok 'and how many there are' test "$(jq -c 'select(.total) |
	    [.entries, .total, .last]' out)" = '[100,72024,false]'
	captured 2022-12-05.result-page.html.gz \
	    '{"match_id":"2360450","page":"overview"}' 2360450 \
	    /matches/2360450/x
	ok 'a match, best of three' test "$(values matches '"\(.date) \(.best_of
	    ) \(.is_lan) \(.team1_name) \(.team1_score):\(.team2_score
	    ) \(.team2_name) \(.event_id)"')" = \
	    '2022-12-05 3 false EXEN 2:1 Enhanced 6899'
	values maps '"\(.map_name) \(.team1_rounds):\(.team2_rounds) \(
	    .team1_ct_rounds)+\(.team1_t_rounds) \(.team2_ct_rounds
	    )+\(.team2_t_rounds)"' >got
	printf '%s\n' 'Nuke 10:16 4+6 9+7' 'Inferno 16:4 11+5 0+4' \
	    'Ancient 16:8 12+4 5+3' >want
	same 'its maps, and the rounds of each side' want got
	values vetoes '"\(.step_number) \(.team_name) \(.action) \(.map_name)"' \
	    >got
	cat >want <<'END'
1 EXEN removed Vertigo
2 Enhanced removed Dust2
3 EXEN picked Nuke
4 Enhanced picked Inferno
5 EXEN removed Mirage
6 Enhanced removed Overpass
7 null left_over Ancient
END
	same 'its seven vetoes' want got
	ok 'its three maps to ask for' test "$(jq -c 'select(.type == "item") |
	    [.queue, .part.map_number, .stats_id]' out | tr '\n' ' ')" = \
	    '["maps","1",148032] ["maps","2",148035] ["maps","3",148039] '
	captured 2022-12-08.map-page.html.gz \
	    '{"match_id":"2360701","map_number":"1","page":"stats"}' \
	    2360701/1 /stats/matches/mapstatsid/148304/x
	ok 'ten players, five of each team' test "$(values player_stats \
	    .team_id | sort | uniq -c | tr -s ' \n' '  ')" = \
	    ' 5 11652 5 4674 '
	ok 'one of them' test "$(values player_stats 'select(.player_id == 21711)
	    | "\(.player_name) \(.kills)(\(.hs_kills)) \(.assists
	    )(\(.flash_assists)) \(.deaths) \(.kast) \(.kd_diff) \(.adr
	    ) \(.opening_kills):\(.opening_deaths) \(.rating)"')" = \
	    'Snobling 25(19) 3(0) 10 90.5 15 119.3 3:1 1.95'
	ok 'every difference is one' test "$(values player_stats 'select(
	    .kd_diff != .kills - .deaths or .fk_diff != .opening_kills -
	    .opening_deaths or .hs_kills > .kills)')" = ''
	ok 'rounds 1 to 21, 16 to 5' test "$(values round_history \
	    .round_number | sort -n | tr '\n' ' ') $(values round_history \
	    .winner_team_id | sort | uniq -c | tr -s ' \n' '  ')" = \
	    "$(seq -s ' ' 21)   5 11652 16 4674 "
	captured 2022-12-08.map-performance-page.html.gz \
	    '{"match_id":"2360701","map_number":"2","page":"performance"}' \
	    2360701/2 /stats/matches/performance/mapstatsid/148314/x
	ok 'ten cards, of rating 2.0' test "$(values player_performance \
	    'select(.kpr and .dpr and .impact and .rating_2) | .player_id' |
	    sort -u | wc -l)" = 10
	ok 'one of them' test "$(values player_performance 'select(.player_id ==
	    21971) | "\(.kpr) \(.dpr) \(.kast) \(.impact) \(.adr
	    ) \(.rating_2)"')" = '1 0.64 76 1.21 98.2 1.31'
	ok 'three kill matrices, five by five' test "$(values kill_matrix \
	    .matrix_type | sort | uniq -c | tr -s ' \n' '  ')" = \
	    ' 25 all 25 awp 25 first_kill '
	ok 'who killed whom' test "$(values kill_matrix 'select(.matrix_type ==
	    "all" and .player2_id == 14161 and .player1_id == 21969) |
	    "\(.player1_kills) \(.player2_kills)"')" = '2 9'
	RUN=R2
	zcat "$captures/2022-12-08.map-page.html.gz" | SOURCE=matches page \
	    '{"match_id":"2360701","map_number":"1","page":"stats"}' \
	    2360701/1 http://h/stats/matches/mapstatsid/148305/x |
	    sealed "$pipeline"
	run 76 html-extract -c "$pipeline" -d data <in
	ok 'it is no other map' test "$(types)" = 'wrong_page end '
else
	skip 'captured pages' 'no captures beside the tree'
fi
finish
