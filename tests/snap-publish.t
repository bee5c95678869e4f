#!/bin/sh
# snap-publish: the links move whole or not at all, and what may be published.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/toy/stage.sh"
. "$top/tests/snap.sh"

publish() {		# publish STATUS [OPTION...] [ID]
	want=$1; shift
	run "$want" snap-publish -c "${file-toy.json}" -d d "$@"
}
link() { readlink "$root/$1"; }
links() { echo "$(link current) $(link previous)"; }
json() { jq -r "$1" "$root/verified.json"; }
make_version() {	# make_version RUN : ready, and built
	promote "$1" a <<-SQL
	UPDATE items SET name = '$1' WHERE code = '1';
	SQL
	report "$1" a 1
	build 0
}

publish 66
run-new -d d --source toy --mode full >/dev/null
make_version r1; one=$(built)

# --- 0
publish 0
is 'the first one' "$(links)" "$one "
is 'a record' "$(jq -r 'select(.type == "published") | [.snapshot, .changed]
    | join(" ")' out)" "$one true"
is 'verified' "$(json .snapshot)" "$one"
SLUICE_LOG=$PWD/log publish 0 -r r1 "$one"
is 'again: nothing moves' "$(links)" "$one "
is 'an event' "$(jq -r '[.event, .run, .snapshot, .changed] | join(" ")' log)" \
    "publish r1 $one false"
make_version r2; two=$(built)
publish 0
is 'the next one' "$(links)" "$two $one"
publish 0
is 'the run is repeated: previous stays' "$(links)" "$two $one"
publish 0 --rollback
is 'back' "$(links)" "$one $two"
is 'verified.json follows' "$(json .snapshot)" "$one"
publish 0
is 'and forth' "$(links)" "$two $one"
cp -r "$root" copy
is 'links are relative' "$(jq -r .snapshot copy/current/metadata.json)" "$two"

# --- verified.json says what the ledger knows of the versions in it
ledger() { sqlite3 d/ledger.sqlite "$1"; }
attempt() {		# attempt PART SHA256 AT
	ledger "INSERT INTO attempts (source, part_path, run, at, kind,
	    outcome, sha256, answer) VALUES ('toy', 'x/a/$1', 'r0', '$3',
	    'body', 'ok', '$2', '$1 $3')"
}
sqlite3 d/toy.sqlite "UPDATE version_inputs SET fetched_at =
    '2026-11-01T00:00:00.000Z'"
attempt goods r2 2026-11-20T10:00:00.000Z
attempt open b 2026-11-20T09:00:00.000Z
attempt goods other 2026-11-20T12:00:00.000Z
publish 0
is 'the part that was confirmed longest ago' "$(json .verified_at)" \
    2026-11-20T09:00:00.000Z
is 'of each dataset' "$(json '.datasets[0] | [.dataset, .verified_at]
    | join(" ")')" 'x/a 2026-11-20T09:00:00.000Z'
attempt open b 2026-11-20T11:00:00.000Z
before=$(stat -c %i "$root/current/metadata.json")
publish 0
is 'only that is replaced' "$(json .verified_at) $(stat -c %i \
    "$root/current/metadata.json")" "2026-11-20T10:00:00.000Z $before"

# --- 73: not for readers
promote r1 b </dev/null; report r1 b 1
build 0 x/b; part=$(built)
publish 73 "$part"
ok 'partial' grep -q "$part: partial: made of some datasets only" err
is 'nothing moved' "$(links)" "$two $one"
publish 0 --allow-partial "$part"
is 'a person says so' "$(links)" "$part $two"
publish 0 "$two"
build 0 --no-validate; raw=$(built)
publish 73
ok 'not validated' grep -q "$raw: was not validated" err
rm -r "${root:?}/$raw"
jq '.source.name = "other"' toy.json >other.json
file=other.json publish 73 "$two"
ok 'of another source' grep -q 'a snapshot of toy, not of other' err
mkdir "$root/empty"
publish 73 empty
ok 'no metadata, no snapshot' grep -q 'empty/metadata.json: No such file' err

# --- 65: damaged
build 0; three=$(built)
cp "$root/$three/fast.sqlite" keep
chmod u+w "$root/$three/fast.sqlite"
printf x | dd of="$root/$three/fast.sqlite" bs=1 seek=5000 conv=notrunc 2>/dev/null
publish 65
ok 'a byte is another' grep -q 'fast.sqlite: not what its metadata.json says' err
is 'nothing moved' "$(link current)" "$two"
cp keep "$root/$three/fast.sqlite"
cp -r "$root/$three" "$root/renamed"
publish 65 renamed
ok 'under another name' grep -q "is that of $three" err
echo '{}' >"$root/empty/metadata.json"
publish 65 empty
mv "$root/current" aside; mkdir "$root/current"
publish 65
ok 'what is no link' grep -q 'current: no link to a snapshot beside it' err
rmdir "$root/current"; mv aside "$root/current"
publish 0
is 'mended, it is published' "$(links)" "$three $two"

# --- the other statuses
publish 64 a b
publish 64 --rollback "$one"
publish 64 .building
run 64 snap-publish -d d
publish 66 none
mkdir other; publish 66 --root other
publish 66 --root other --rollback
jq 'del(.snapshot)' toy.json >bare.json
file=bare.json publish 0
mkfifo hold
flock "$root/.lock" cat hold & holder=$!
while flock -n "$root/.lock" true; do sleep 0.02; done
publish 75 -w 100
: >hold; wait $holder

# --- killed anywhere: current is one or the other, and then the new one
if traced; then
	make_version r4; four=$(built)
	cp -r d start
	killed() {		# killed CALL N
		rm -rf d; cp -r start d
		strace -f -qq -o /dev/null -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$2" \
		    snap-publish -q -c toy.json -d d >out 2>err
		got=$?
		[ $got -eq 137 ] || return $got
		case $(link current) in "$three" | "$four") ;;
		*) echo "$1 $2: $(links)" ;;
		esac >>damage
		snap-publish -q -c toy.json -d d >out 2>err
		[ "$(links)" = "$four $three" ] ||
		    echo "$1 $2: then $(links)" >>damage
		return 137
	}
	: >damage
	each_call rename,symlink,unlink,fsync,openat:8 killed
	same 'killed anywhere: as it was, or as it should be' /dev/null damage
	rm -rf d; cp -r start d
	run 74 strace -f -qq -o /dev/null -e trace=symlink \
	    -e inject=symlink:error=EIO:when=2 snap-publish -c toy.json -d d
	is 'a disk that fails: as it was' "$(link current)" "$three"
else
	skip 'killed anywhere' 'no strace, or sanitizers'
fi
finish
