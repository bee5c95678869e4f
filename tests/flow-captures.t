#!/bin/sh
# Real captures through the same HTTP path: the rows to expect in every
# table, ready for all four, and nothing new for the same data reordered.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

captures=$top/../shared/captures/soc
if [ ! -d "$captures" ]; then
	skip 'the captures go through' 'no captures'
	finish
fi

soc() {
	make --no-print-directory -f "$top/pipelines/soc/soc.mk" run DATA=d \
	    INTERVAL=0 "$@"
}
counts() {		# counts TERM CAMPUS : one line per table
	for table in $(sed -n 's/^\([a-z_]*\) .*/\1/p' "$T/rows.txt"); do
		printf '%s %s\n' "$table" "$(sqlite3 d/soc.sqlite "SELECT count(*)
		    FROM $table WHERE term_code = '$1' AND campus_code = '$2'")"
	done
	sqlite3 -separator ' ' d/soc.sqlite "SELECT 'open', sum(is_open)
	    FROM open_section_states WHERE term_code = '$1'
	    AND campus_code = '$2'; SELECT 'catalog_open', sum(is_open)
	    FROM sections WHERE term_code = '$1' AND campus_code = '$2';
	    SELECT 'strays', count(*) FROM open_sections o
	    WHERE term_code = '$1' AND campus_code = '$2' AND NOT EXISTS
	    (SELECT 1 FROM sections s WHERE s.term_code = o.term_code
	    AND s.campus_code = o.campus_code
	    AND s.index_number = o.index_number)"
}
expected() {		# expected COLUMN : of rows.txt, same form
	awk -v c="$1" 'NF > 1 && $1 !~ /^#/ { print $1, $c }' \
	    "$T/rows.txt" "$T/facts.txt"
}

run 0 soc "CAPTURES=$captures" TERMS=20261 CAMPUSES=NB,NK,CM
run 0 soc "CAPTURES=$captures" TERMS=20209 CAMPUSES=CM
column=2
for dataset in 20261/NB 20261/NK 20261/CM 20209/CM; do
	counts "${dataset%/*}" "${dataset#*/}" >got
	expected $column >want
	same "$dataset: rows in every table" want got
	ok "$dataset: ready" test "$(sqlite3 d/soc.sqlite "SELECT ready
	    FROM version_reports JOIN dataset_versions USING (version_id, dataset)
	    WHERE dataset = '$dataset' AND status = 'active'
	    ORDER BY made_at DESC LIMIT 1")" = 1
	column=$((column + 1))
done
ok 'three days later: 1,268 seats closed, 143 opened' test "$(
    cat d/diff/soc/20261/NB/*.jsonl |
    jq -r 'select(.table == "open_sections") | .op' | sort | uniq -c |
    tail -n 2 | tr -s ' \n' ' ')" = ' 1268 delete 15049 insert '

# The same values in another order, with another ETag: no version, no diff.
reorder=$(cat <<'JQ'
def mix: if type == "object" then to_entries | reverse | map(.value |= mix)
    | from_entries elif type == "array" then reverse | map(mix) else . end; mix
JQ
)
mkdir -p shuffled/2026-1/CM
for f in "$captures"/2026-1/CM/*.gz; do
	gzip -dc "$f" | jq -c "$reorder" | gzip -n \
	    >"shuffled/2026-1/CM/${f##*/}"
done
canon-cat -c "$top/pipelines/soc/pipeline.toml" -d d >before
sqlite3 d/soc.sqlite 'SELECT version_id, dataset, status
    FROM dataset_versions ORDER BY 1, 2' >versions
run 0 soc "CAPTURES=$PWD/shuffled" TERMS=20261 CAMPUSES=CM MODE=full
canon-cat -c "$top/pipelines/soc/pipeline.toml" -d d >after
ok 'reordered: the same rows' cmp before after
sqlite3 d/soc.sqlite 'SELECT version_id, dataset, status
    FROM dataset_versions ORDER BY 1, 2' >versions2
same 'reordered: no new version' versions versions2
ok 'reordered: but a new raw partition' test "$(find \
    d/raw/soc/term_code=20261/campus_code=CM/endpoint=courses \
    -name metadata.json | wc -l)" -eq 2
finish
