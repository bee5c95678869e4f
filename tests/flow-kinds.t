#!/bin/sh
# Datasets of two kinds in one database: staged, promoted, read and rebuilt
# apart; and a kind whose rows come item by item, which is neither.
. "${0%/*}/lib.sh"
export TMPDIR=$work
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT

cat >days.toml <<'EOT'
[source]
name = "days"
dataset_key = ["day"]
part_member = "feed"
[dataset.hours]
key = ["day", "hour"]
[part.sums]
format = "json-array"
schema_version = "1"
[part.visits]
dataset = "hours"
format = "json-array"
schema_version = "1"
required = true
[table.sums]
part = "sums"
rows = ""
key = ["name"]
columns = { name = "/name", n = { at = "/n", type = "integer" } }
[table.visits]
part = "visits"
rows = ""
key = ["name"]
columns = { name = "/name", seen_at = { at = "/at", provenance = true } }
[table.many]
dataset = "hours"
sql = """INSERT INTO many (day, hour, what, n)
    SELECT day, hour, 'visits', count(*) FROM visits GROUP BY 1, 2"""
key = ["what"]
columns = { what = { type = "text" }, n = { type = "integer" } }
[check.names]
severity = "error"
text = "a row has a name"
each_table = true
sql = "SELECT {label}, 'none' FROM {name} AS t, ready AS v WHERE {of_version} AND t.row_hash = x''"
EOT

# seal RUN DATASET MEMBERS PART TEXT : it becomes a valid partition.
seal() {
	mkdir -p "d/incoming/$1"
	printf '%s' "$5" >text
	gzip -cn text >"d/incoming/$1/$4.gz"
	printf '{"type":"body","run":"%s","source":"days","dataset":"%s",' \
	    "$1" "$2" >body
	printf '"part":{%s,"feed":"%s"},"url":"http://[::1]/","mode":"full",' \
	    "$3" "$4" >>body
	printf '"format":"json-array","schema_version":"1","sha256":"%s",' \
	    "$(sha256sum text | cut -d' ' -f1)" >>body
	printf '"path":"incoming/%s/%s.gz","encoding":"gzip",' "$1" "$4" >>body
	printf '"size_bytes":%d,"stored_bytes":%d,"status":200,' \
	    "$(wc -c <text)" "$(wc -c <"d/incoming/$1/$4.gz")" >>body
	printf '"fetched_at":"2026-11-20T00:00:00.000Z","attempt":1}\n' >>body
	printf '{"type":"end","n":1}\n' >>body
	raw-write -d d <body >raw && raw-verify -c days.toml -d d <raw >out &&
	    grep -q '"verdict":"valid"' out
}
new() { run-new -d d --source days; }
stage() { run 0 stage-normalize -q -c days.toml -d d -r "$@"; }
promote() { run 0 diff-promote -q -c days.toml -d d -r "$@"; }
db() { sqlite3 d/days.sqlite "$1"; }
rows() { canon-cat -c days.toml -d d "$@" | grep -c '"row"'; }

r1=$(new)
ok 'a day' seal "$r1" mon '"day":"mon"' sums '[{"name":"a","n":1}]'
ok 'an hour' seal "$r1" mon/07 '"day":"mon","hour":"07"' visits \
    '[{"name":"a","at":"1"},{"name":"b","at":"2"}]'
ok 'another hour' seal "$r1" mon/08 '"day":"mon","hour":"08"' visits \
    '[{"name":"c","at":"3"}]'
for dataset in mon mon/07 mon/08; do
	stage "$r1" $dataset
	promote "$r1" $dataset
done
is 'each has its version' "$(db 'SELECT dataset, day, hour
    FROM dataset_versions ORDER BY dataset')" 'mon|mon|
mon/07|mon|07
mon/08|mon|08'
is 'and only its tables' "$(db "SELECT dataset, group_concat(table_name)
    FROM version_tables GROUP BY dataset")" 'mon|sums
mon/07|many,visits
mon/08|many,visits'
is 'a day needs no hour: its part is not required of it' \
    "$(db 'SELECT day, name, n FROM sums')" 'mon|a|1'
is 'a derived table has its kind' "$(db 'SELECT * FROM (SELECT day, hour, n
    FROM many)')" 'mon|07|2
mon|08|1'

r2=$(new)
ok 'only the provenance is another' seal "$r2" mon/07 \
    '"day":"mon","hour":"07"' visits \
    '[{"name":"a","at":"8"},{"name":"b","at":"9"}]'
stage "$r2" mon/07
promote "$r2" mon/07
is 'which is no change' "$(db "SELECT count(*), max(seen_at)
    FROM visits WHERE hour = '07'; SELECT count(*) FROM dataset_versions")" \
    '2|2
3'
r3=$(new)
ok 'an hour changes' seal "$r3" mon/07 '"day":"mon","hour":"07"' visits \
    '[{"name":"a","at":"8"}]'
stage "$r3" mon/07
promote "$r3" mon/07
is 'the day and the other hour stay' "$(rows) $(rows --dataset mon) $(rows \
    --dataset mon/07) $(rows --dataset mon/08)" '5 1 2 2'
is 'as it was' "$(rows --as-of "$r1") $(rows --as-of "$r1" --dataset \
    mon/07)" '6 3'
is 'a version of an hour is none of the day' "$(db "SELECT count(*)
    FROM sums_as_of WHERE as_of = '$r3'")" 0
is 'the changes of one dataset' "$(changes-cat -c days.toml -d d --since 0 \
    --dataset mon/07 | grep -c '"change"')" 5
run 0 ready-report -c days.toml -d d -r "$r3" mon/08
run 64 canon-cat -c days.toml -d d --dataset mon visits
run 64 canon-cat -c days.toml -d d --dataset mon/07/1
ok 'it says how long a name is' grep -q '1 or 2 values' err

canon-cat -c days.toml -d d --provenance >before
run 0 diff-promote -q -c days.toml -d d -r "$(new)" --rebuild
canon-cat -c days.toml -d d --provenance >after
same 'rebuilt, it is the same' before after
run 0 diff-promote -q -c days.toml -d d -r "$(new)" --rebuild mon/07
canon-cat -c days.toml -d d --provenance >after
same 'so is one of them' before after
run 0 diff-promote -q -c days.toml -d d -r "$(new)" --rollback "$r1" mon/07
is 'rolled back alone' "$(rows --dataset mon/07) $(rows)" '3 6'

# Hours are read from pages now: no payload of theirs is mapped.
sed -e '/^\[part.visits\]/,/^required/s/json-array/bytes/' \
    -e '/^\[table.visits\]/,/^columns/{/^rows/d;s/"\/name"/{}/;s/at = "\/at", //;}' \
    -e '/^\[table.many\]/,/^columns/d' days.toml >pages.toml
run 64 stage-normalize -c pages.toml -d d -r "$r3" mon/07
ok 'it says whose work it is' grep -q 'item by item.*job-loop' err
run 64 diff-promote -c pages.toml -d d -r "$r3" mon/07
run 64 diff-promote -c pages.toml -d d -r "$r3" --rollback "$r1" mon/07
run 64 diff-promote -c pages.toml -d d -r "$r3" --rebuild mon/07
run 73 diff-promote -c pages.toml -d d -r "$r3" --rebuild
ok 'it says to name the others' grep -q 'name the others' err
finish
