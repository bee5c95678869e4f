#!/bin/sh
# snap-prune: what stays, and what goes.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/snap.sh"

prune() {		# prune STATUS [OPTION...]
	want=$1; shift
	run "$want" snap-prune -c "${file-toy.json}" -d d "$@"
}
gone() { jq -r 'select(.type == "pruned").snapshot' out | sed 's/-.*//' | sort |
    tr '\n' ' '; }
there() { ls "$root" | sed -n 's/^\(r[0-9]*\)-.*/\1/p' | tr '\n' ' '; }

prune 0
is 'nothing there, nothing to do' "$(gone)" ''
run-new -d d --source toy --mode full >/dev/null
for i in 1 2 3 4 5 6; do
	promote r$i a <<-SQL
	UPDATE items SET name = 'r$i' WHERE code = '1';
	SQL
	report r$i a 1
	build 0
	[ $i -ne 1 ] && [ $i -ne 3 ] ||
	    snap-publish -q -c toy.json -d d >/dev/null
done
mkdir "$root/foreign" "$root/.building"
touch "$root/.building/x" "$root/.verified.json.abc"
ln -s x "$root/.current.tmp"
touch "$root/file"
cp -r d start

prune 0 -n
is 'a dry run tells' "$(gone)" 'r2 r4 r5 '
is 'and removes nothing' "$(there)" 'r1 r2 r3 r4 r5 r6 '
ok 'nor does it sweep' test -e "$root/.building/x"
SLUICE_LOG=$PWD/log prune 0
is 'the newest one and what is linked stay' "$(there)" 'r1 r3 r6 '
is 'the others are told' "$(gone)" 'r2 r4 r5 '
is 'with their size' "$(jq -s 'map(.stored_bytes // empty) | min > 8000' out)" true
is 'an event' "$(jq -r '[.event, .snapshots] | join(" ")' log)" 'prune 3'
ok 'leftovers are swept' test ! -e "$root/.building"
ok 'and links under way' test ! -L "$root/.current.tmp"
ok 'what is no snapshot stays' test -d "$root/foreign"
is 'current is whole' "$(jq -r .version "$root/current/metadata.json")" r3
prune 0
is 'again: nothing' "$(gone)" ''
prune 0 --keep 0
is 'all but what is linked' "$(there)" 'r1 r3 '

rm -r d; cp -r start d
jq '.snapshot.keep_days = 7' toy.json >days.json
file=days.json prune 0
is 'young ones stay' "$(gone)" ''
find "$root" -name metadata.json -exec touch -d '8 days ago' {} +
file=days.json prune 0 -n
is 'until they are old' "$(gone)" 'r2 r4 r5 '
file=days.json prune 0 -n --keep-days 9
is 'or somebody says otherwise' "$(gone)" ''
jq '.source.name = "other"' toy.json >other.json
file=other.json prune 0 --keep 0
is 'those of another source are not ours' "$(gone)" ''

# --- a reader reads on
exec 3<"$root/$(cd "$root" && echo r2*)/fast.sqlite"
prune 0
ok 'a file that is open has not gone' sh -c 'head -c 15 <&3 |
    grep -q "SQLite format 3"'
exec 3<&-

# --- the other statuses
jq 'del(.snapshot)' toy.json >bare.json
file=bare.json prune 0
prune 64 x
prune 64 --keep x
run 64 snap-prune -d d
run 66 snap-prune -c none.json -d d
rm "$root/current"; ln -s /elsewhere "$root/current"
prune 65
is 'nothing goes then' "$(gone)" ''
mkfifo hold
rm -rf d; cp -r start d
flock "$root/.lock" cat hold & holder=$!
while flock -n "$root/.lock" true; do sleep 0.02; done
snap-prune -c toy.json -d d >out 2>err & pid=$!
asleep $pid; kill -TERM $pid; wait $pid; got=$?
ok 'interrupted while another one has them: 75' test $got -eq 75
: >hold; wait $holder

# --- killed anywhere, the next one finishes
if traced; then
	killed() {		# killed CALL N
		rm -rf d; cp -r start d
		strace -f -qq -o /dev/null -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$2" \
		    snap-prune -q -c toy.json -d d >out 2>err
		got=$?
		[ $got -eq 137 ] || return $got
		for id in $(cd "$root" && ls -d r*); do
			[ "$(ls "$root/$id" | wc -l)" -eq 3 ] ||
			    echo "$1 $2: half of $id"
		done >>damage
		snap-prune -q -c toy.json -d d >out 2>err
		[ "$(there)" = 'r1 r3 r6 ' ] ||
		    echo "$1 $2: $(there)" >>damage
		return 137
	}
	: >damage
	each_call rename,unlink:4,rmdir,fsync killed
	same 'killed anywhere, finished by the next one' /dev/null damage
	rm -rf d; cp -r start d
	run 74 strace -f -qq -o /dev/null -e trace=rename \
	    -e inject=rename:error=EIO snap-prune -c toy.json -d d
else
	skip 'killed anywhere' 'no strace, or sanitizers'
fi
finish
