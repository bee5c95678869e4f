#!/bin/sh
. "${0%/*}/lib.sh"

run 0 toml-json "$T/all.toml"
same 'every kind of value, in source order' "$T/all.json" out
run 0 toml-json <"$T/all.toml"
same 'standard input' "$T/all.json" out
run 0 toml-json - <"$T/all.toml"
same '- is standard input' "$T/all.json" out
ok 'nothing on standard error' test ! -s err

printf 'a = 1\nb = = 2\n' >bad.toml
run 65 toml-json bad.toml
ok 'line and column are named' grep -q '^toml-json: error: bad.toml:2:5: ' err
ok 'nothing is printed' test ! -s out
printf 'a = 1\na = 2\n' >twice.toml
run 65 toml-json twice.toml
ok 'the second of two is named' grep -q 'twice.toml:2:' err
printf 'a = 1\nb = [nan]\n' >nan.toml
run 65 toml-json nan.toml
ok 'so is a number that JSON lacks' grep -q 'nan.toml:2:6: ' err
printf 'a = "\351"\n' >latin.toml
run 65 toml-json latin.toml
head -c 100000 /dev/zero | tr '\0' '[' >deep.toml
printf 'a = ' | cat - deep.toml >bomb.toml
run 65 toml-json bomb.toml
run 0 toml-json /dev/null
ok 'an empty document is an empty object' test "$(cat out)" = '{}'

run 64 toml-json a b
run 64 toml-json --unknown
run 66 toml-json missing.toml
run 74 toml-json .
toml-json "$T/all.toml" >/dev/full 2>err; got=$?
ok 'a full standard output is an error' test "$got" -eq 74
toml-json "$T/all.toml" >&- 2>err; got=$?
ok 'a closed standard output is an error' test "$got" -eq 74
finish
