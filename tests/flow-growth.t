#!/bin/sh
# Refreshes that find nothing new write nothing but what tells of them, and
# that does not grow without bound: as many as REFRESHES says.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"
n=${REFRESHES:-64}
# Less stays of fewer, so that there is something to remove.
keep=$((n / 20 < 100 ? n / 20 < 16 ? 16 : n / 20 : 100))
toml-json "$config" | jq -c --argjson keep $keep '.retention |=
    . + {runs: $keep, attempts: $keep}' >p.json
soc() {
	make --no-print-directory -f "$top/pipelines/soc/soc.mk" DATA=d \
	    INTERVAL=0 CONFIG=p.json 'REPLICA=--scale 4' "$@"
}

# --- a refresh without a change, under make ----------------------------------
run 0 soc run
# What is in each file, and when it was written; not what tells of a refresh,
# and who had a lock.
stores() {
	find d -path d/logs -prune -o -type f ! -name '*lock' \
	    ! -path 'd/incoming/*' ! -name ledger.sqlite \
	    ! -path d/.make/soc/run ! -path d/snapshots/verified.json \
	    ! -name replica.tick -printf '%p %T@ ' -exec sha256sum {} \; | sort
}
sleep 0.01
stores >before
run 0 soc refresh
stores >after
same 'a refresh without a change writes no store' before after
run 0 soc -q build
run 0 soc prune
ok 'nothing to prune: nothing is said' test ! -s out -a ! -s err
stores >after
same 'and nothing is written' before after
sha256sum d/ledger.sqlite d/logs/* d/raw/.lock >told
run 0 soc prune
sha256sum d/ledger.sqlite d/logs/* d/raw/.lock >got
same 'not even to the ledger, or a lock' told got

# --- and thousands of them ---------------------------------------------------
answers() {		# answers : the files fine and failing
	sqlite3 d/ledger.sqlite "SELECT json_object('type', iif(part_path LIKE
	    '%courses', 'raw', 'unchanged'), 'run', 'RUN', 'source', source,
	    'dataset', dataset, 'part', json(part), 'sha256', sha256,
	    'fetched_at', 'AT', 'same_as', run, 'snapshot', snapshot)
	    FROM partition_state" >fine
	echo '{"type":"end","n":4}' >>fine
	sed '1s/"sha256.*/"code":"http_503","tool":"soc-fetch","message":"AT"}/
	1s/"type":"[a-z]*"/"type":"error"/' fine >failing
}
answers

# The instant in a run's id.
instant='s/(....)(..)(..T..)(..)(..)(...Z).*/\1-\2-\3:\4:\5.\6/'

# What refresh.sh does when the source answers so; the tools are the real
# ones.  Every eighth time a partition fails, and the run could be continued.
refresh() {
	id=$(run-new -d d --source soc)
	at=$(echo "$id" | sed -E "$instant")
	answer=fine
	[ $((i % 8)) -ne 0 ] || answer=failing
	printf '%s' "$id" >d/.make/soc/run
	mkdir -p "d/incoming/$id/20261/NB"
	echo '{"url":"x"}' >"d/incoming/$id/20261/NB/courses.json"
	cp fine "d/logs/$id.plan.jsonl"
	echo 'TERMS=20261 CAMPUSES=NB,NK' >"d/logs/$id.words"
	sed "s/\"RUN\"/\"$id\"/; s/\"AT\"/\"$at\"/" $answer |
	    SLUICE_LOG=d/logs/$id.jsonl raw-verify -c p.json -d d >/dev/null &&
	    run-progress -q --summary -d d -r "$id"
	status=$?
	[ $answer = failing ] || rm -r "d/incoming/$id"
	diff-promote -q --prune -c p.json -d d -r "$id" >/dev/null &&
	    log-prune -q -c p.json -d d -r "$id" &&
	    raw-prune -q -c p.json -d d -r "$id" >/dev/null || return
	[ $status -eq 0 ] || [ $answer = failing ]
}
size() { du -sb d | cut -f1; }

i=1 wrong=0
while [ $i -le "$n" ]; do
	refresh 2>err || { wrong=$((wrong + 1)); sed 's/^/# /' err; }
	case $i in
	$((n / 4)) | $((n / 2)) | "$n")
		echo "# after $i refreshes: $(size) bytes in" \
		    "$(find d -type f | wc -l) files"
		sizes="${sizes-} $(size)"
	esac
	i=$((i + 1))
done
ok "$n refreshes" test $wrong -eq 0
# What may be there at one time and not at another: a tenth of the runs and
# of the answers, of which a row takes less than 1 kB, more than what stays.
logs=$(ls d/logs | cut -d. -f1 | sort -u | wc -l)
run=$(($(du -sb d/logs | cut -f1) / logs))
window=$(((keep / 10 + 1) * (run + 4 * 1000)))
# shellcheck disable=SC2086
set -- $sizes
ok "from $1 and $2 to $3 bytes: by no more than $window" \
    test $(($3 - $1)) -le $window -a $(($3 - $2)) -le $window
sqlite3 d/ledger.sqlite "SELECT count(*), max(n) FROM
    (SELECT count(*) AS n FROM attempts GROUP BY part_path)" >got
echo "# partitions, answers of one: $(cat got)"
run 0 raw-cat -d d soc 20261/NB/courses
stores >after
same 'the stores are as they were' before after

# --- what is held is offered at every refresh, and adds nothing either -------
id=$(run-new -d d --source soc)
mkdir "d/incoming/$id"
printf '[]' | gzip -n >"d/incoming/$id/body"
sqlite3 d/ledger.sqlite "SELECT json_object('type', 'body', 'run', '$id',
    'source', source, 'dataset', dataset, 'part', json(part), 'format',
    'json-array', 'schema_version', '1', 'sha256',
    '$(printf '[]' | sha256sum | cut -d' ' -f1)', 'path',
    'incoming/$id/body', 'encoding', 'gzip', 'size_bytes', 2,
    'stored_bytes', $(wc -c <"d/incoming/$id/body"), 'fetched_at',
    '2026-12-01T00:00:00.000Z') FROM partition_state
    WHERE part_path = '20261/NB/openSections'" >in
echo '{"type":"end","n":1}' >>in
raw-write -d d <in | raw-verify -c p.json -d d >out
stage-normalize -q -c p.json -d d -r "$id" 20261/NB
run 1 diff-promote -c p.json -d d -r "$id" 20261/NB
ok 'an empty list is held' grep -q 'held by the gate' err
answers
told() { sqlite3 d/soc.sqlite "SELECT (SELECT count(*) FROM $1)"; }
noted() {
	for table in dataset_versions version_inputs version_tables \
	    version_findings dataset_version_events; do
		echo "$table $(told $table)"
	done
	find d/diff d/report -type f | sort
	content d
}
noted >before
i=1 wrong=0
while [ $i -le $((n / 4)) ]; do
	refresh 2>err
	diff-promote -q -c p.json -d d -r "$id" 20261/NB >out 2>err
	[ $? -eq 1 ] || { wrong=$((wrong + 1)); sed 's/^/# /' err; }
	i=$((i + 1))
done
ok "it is held $((n / 4)) times more" test $wrong -eq 0
noted >after
same 'no version, event or file more tells of it' before after
ok 'the samples have a bound' test "$(told gate_samples)" -le 800
finish
