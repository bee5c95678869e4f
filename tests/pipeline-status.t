#!/bin/sh
# pipeline-status: what there is, what there is not, and no trace.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/snap.sh"

status() {		# status STATUS [OPTION...]
	want=$1; shift
	run "$want" pipeline-status -c "${file-toy.json}" -d d "$@"
}
json() { jq -r "$1" out; }
trace() { find d -printf '%p %s %T@ %C@\n' | sort; }

# --- nothing at all
status 0 --format json
is 'no store is there' "$(json '[.stores[] | select(.state == "there")] |
    length')" 0
ok 'which makes none' test ! -e d
is 'so run it' "$(json '.next_refresh.why')" 'there was no run yet'
status 0
ok 'in words' grep -q '^stores  *ledger  *missing' out

# --- a source with two versions, one of them with readers
run-new -d d --source toy --mode full >r
promote "$(cat r)" a </dev/null; report "$(cat r)" a 1
build 0; one=$(built)
mkdir d/serve
ln -s "$one" "$root/current"
cat >"$root/verified.json" <<'EOF'
{"snapshot":"x","verified_at":"2026-11-20T10:00:00.000Z","datasets":[]}
EOF
jq '.snapshot.stale_after_minutes = 60' toy.json >stale.json
trace >before
file=stale.json status 0 --format json
trace >after
same 'no trace' before after
is 'stores' "$(json '[.stores[] | select(.state == "there").store] |
    join(" ")')" 'ledger canonical staging diff snapshots'
is 'with their sizes' "$(json '.stores[] | select(.store == "canonical").bytes')" \
    "$(stat -c %s d/toy.sqlite)"
is 'the run' "$(json '.runs[0] | [.run, .mode] | join(" ")')" \
    "$(cat r) full"
is 'versions' "$(json '.versions | map([.status, .versions] | join(" ")) |
    join(", ")')" 'active 1'
is 'links' "$(json '.snapshots | map([.link, .state, .snapshot] |
    join(" ")) | join(", ")')" "current there $one, previous missing "
is 'the current one' "$(json '.snapshots[0] | [.verified_at, .datasets,
    .withheld] | join(" ")')" '2026-11-20T10:00:00.000Z 1 0'
is 'nobody serves' "$(json '[.servers, .snapshot_mismatch] | tostring')" \
    '[[],false]'
is 'it is old: now' "$(json 'if .next_refresh.at == .at then
    .next_refresh.why else .next_refresh end')" \
    'half of the 60 minutes has passed after which it is old'
jq '.snapshot.stale_after_minutes = 0' toy.json >never.json
file=never.json status 0 --format json
is 'or never' "$(json '.next_refresh')" null

# --- held, and not as it should be
sqlite3 d/toy.sqlite "INSERT INTO gate_parts (dataset, part, state, verdict,
    table_name, held_since, samples, last_seq) VALUES ('x/a', 'items', 'held',
    'young', 'items', '2026-11-20T10:00:00.000Z', 2, 0)"
rm "$root/current"; mkdir "$root/current"
chmod 0555 d
status 0 --format json
is 'held' "$(json '.held[] | [.dataset, .part, .since, .samples] |
    join(" ")')" 'x/a items 2026-11-20T10:00:00.000Z 2'
is 'no link' "$(json '.snapshots[0].state')" 'no link to a snapshot beside it'
chmod 0755 d; rmdir "$root/current"; ln -s "$one" "$root/current"
mv d/toy.sqlite aside; echo 'only text, and no database' >d/toy.sqlite
status 0
ok 'a damaged one' grep -q '^stores  *canonical .*not a database' out
mv aside d/toy.sqlite

# --- servers
if command -v snap-serve >/dev/null; then
	snap-serve -q -c toy.json -d d --port 0 >serve.out 2>serve.err & pid=$!
	n=0
	until [ -e "d/serve/$(uname -n).$pid.json" ] || [ $n -gt 100 ]; do
		n=$((n + 1)); sleep 0.1
	done
	status 0 --format json
	is 'who serves what' "$(json '.servers[] | [.state, .snapshot,
	    .current, .pid] | join(" ")')" "alive $one true $pid"
	is 'is the current one' "$(json .snapshot_mismatch)" false
	kill -STOP $pid
	ln -s elsewhere "$root/next"; mv -T "$root/next" "$root/current"
	status 0 --format json
	is 'one that is behind' "$(json '.snapshot_mismatch')" true
	status 0
	ok 'in the table, too' grep -q '^snapshot_mismatch  *yes' out
	kill -CONT $pid; kill -KILL $pid; wait $pid 2>/dev/null
	status 0 --format json
	is 'one that was killed is gone' "$(json '[.servers[0].state,
	    .snapshot_mismatch] | tostring')" '["gone",false]'
else
	skip 'servers' 'no snap-serve'
fi

# --- queues
cp "$top/tests/job-loop/things.toml" q.toml
rm -rf d
printf '%s\n' '{"type":"item","queue":"things","part":{"id":"1"}}' \
    '{"type":"end","n":1}' >items
run-new -d d --source "$(toml-json q.toml | jq -r .source.name)" >/dev/null
job-add -q -c q.toml -d d <items >/dev/null 2>&1
file=q.toml status 0 --format json
is 'an item waits' "$(json '.queues[] | [.queue, .items, .due] |
    join(" ")')" 'things 1 1'
is 'so run it' "$(json .next_refresh.why)" '1 items are due'

# --- the other statuses
status 64 --format xml
status 64 operand
run 64 pipeline-status -d d
run 66 pipeline-status -c none.toml -d d
if [ -e /dev/full ]; then
	pipeline-status -c toy.json -d d >/dev/full 2>err
	ok 'standard output that is full: 74' test $? -eq 74
fi
finish
