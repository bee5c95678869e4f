#!/bin/sh
. "${0%/*}/lib.sh"

run 0 toml-json "$T/all.toml"
same 'every kind of value, in source order' "$T/all.json" out
run 0 toml-json <"$T/all.toml"
same 'standard input' "$T/all.json" out
run 0 toml-json - <"$T/all.toml"
same '- is standard input' "$T/all.json" out
ok 'nothing on standard error' test ! -s err

printf '[a]\nb = 1 # c\n[a.c.d]\nx = ["\303\251", {y = 2}]\n[[t]]\n' >places.toml
run 0 toml-json --places places.toml
ok 'each name and value has its place' test "$(cat out)" = \
    '[{"a":{"b":1,"c":{"d":{"x":["é",{"y":2}]}}},"t":[{}]},'\
'[1,1,1,2,1,1,2,1,2,5,3,4,3,1,3,6,3,1,4,1,4,5,4,6,4,11,4,12,4,16,5,3,5,1,5,1]]'
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
