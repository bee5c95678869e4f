#!/bin/sh
# snap-smoke: everything for readers, and nothing that they notice.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/snap.sh"

smoked() { [ ! -e d/.smoke ] || echo smoke; }
smoke() {		# smoke STATUS [OPTION...] [DATASET...]
	want=$1; shift
	run "$want" snap-smoke -c "${file-toy.json}" -d d "$@"
}

smoke 66
run-new -d d --source toy --mode full >/dev/null
promote r1 a </dev/null; report r1 a 1
build 0; snap-publish -q -c toy.json -d d >/dev/null
promote r2 a <<'SQL'
UPDATE items SET name = 'uno' WHERE code = '1';
SQL
report r2 a 1
promote r2 b </dev/null; report r2 b 1
before=$(readlink "$root/current") ls=$(ls -A "$root")

smoke 0
is 'an example is asked' "$(jq -r 'select(.type == "asked") |
    [.route, .status, .query] | join(" ")' out)" 'things 200 q=one'
ok 'told' grep -q 'r2-.*: datasets 2, routes 1, asked 1, wrong 0' err
is 'readers have what they had' "$(readlink "$root/current")" "$before"
is 'and nothing is left' "$(ls -A "$root")$(smoked)" "$ls"
smoke 0 x/a
ok 'of one dataset' grep -q 'datasets 1, ' err
smoke 0 --root side --keep
is 'to look at' "$(jq -r .snapshot side/current/metadata.json | cut -c1-3)" r2-
smoke 73 --root side
smoke 73 --root "$root"
is 'the real ones are refused' "$(readlink "$root/current")" "$before"

jq '.route.things.example = "q=&page=x"' toy.json >bad.json
file=bad.json smoke 1
ok 'which question, and why not' grep -q '/things?q=&page=x: 400: .*2 problems' err
jq '.snapshot.table.things.count = "SELECT 1"' toy.json >bad.json
file=bad.json smoke 65
jq '.route.things.select = "x"' toy.json >bad.json
file=bad.json smoke 64
jq 'del(.snapshot)' toy.json >bad.json
file=bad.json smoke 64
run 64 snap-smoke -d d
is 'a smoke that fails leaves nothing' "$(smoked)" ''
mkdir d/.smoke; echo x >d/.smoke/left
smoke 0
is 'what a killed one left is cleared' "$(smoked)" ''

# --- killed anywhere: readers have what they had
if traced; then
	links() { readlink "$root/current" "$root/previous"; ls -A "$root"; }
	links >was
	killed() {		# killed CALL N
		strace -f -qq -o /dev/null -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$2" \
		    snap-smoke -q -c toy.json -d d >out 2>err
		got=$?
		links | cmp -s - was || echo "$1 $2" >>damage
		return $got
	}
	: >damage
	each_call rename:2,symlink,fsync:4 killed
	same 'killed anywhere: readers have what they had' /dev/null damage
	smoke 0
	is 'and nothing is left of it' "$(smoked)" ''
else
	skip 'killed anywhere' 'no strace, or sanitizers'
fi
finish
