#!/bin/sh
# sluice: the declared options become variables, and then it is make that
# runs; from the source tree, installed, and for pipelines of one's own.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

# A pipeline whose makefile says what it was given.
mkdir -p own/toy own/empty
cat >own/toy/pipeline.toml <<'E2'
[source]
name = "toy"
title = "A toy"
dataset_key = ["box"]
part_member = "list"

[part.items]
format = "json-array"
schema_version = "1"

[table.items]
part = "items"
rows = ""
key = ["id"]

[table.items.columns]
id = "/id"

[options.first-page]
variable = "FIRST"
type = "integer"
min = -2
max = 300
default = "0"
help = "where to begin"

[options.words]
variable = "WORDS"
type = "text"
arg = "word,..."
help = "which ones"

[options.mode]
variable = "MODE"
type = "text"
values = ["new", "all"]
default = "new"
help = "how much"

[options.again]
variable = "MODE"
type = "flag"
value = "again"
help = "all of it once more"

[options.loud]
variable = "LOUD"
type = "flag"
help = "with noise"
E2
cat >own/toy/toy.mk <<'E2'
FIRST ?= 0
MODE ?= new
DATA ?= data
run:
	@printf '%s\n' "$$MAKELEVEL run" '[$(FIRST)] [$(WORDS)] [$(MODE)]' \
	    '[$(LOUD)] [$(DATA)]' "$$AGAIN"
summary:
	@echo summary '$(EXTRA)'
fail:
	@exit 3
E2
toy() { want=$1; shift; run "$want" sluice --pipelines own toy "$@"; }
says() { printf '1 run\n%s\n%s\n%s\n' "$@" >want; same "is said: $2" want out; }

toy 0
says '[0] [] [new]' '[] [data]' 'sluice toy'
toy 0 --first-page -1 --words 'a b,$c' --loud -d d
says '[-1] [a b,$c] [new]' '[1] [d]' \
    "sluice toy --first-page -1 --words 'a b,\$c' --loud"
toy 0 --mode all --data=e
says '[0] [] [all]' '[] [e]' 'sluice toy --mode all'
toy 0 --again
says '[0] [] [again]' '[] [data]' 'sluice toy --again'
MODE=all; export MODE; toy 0; unset MODE
says '[0] [] [all]' '[] [data]' 'sluice toy'
toy 0 summary EXTRA=more
ok 'another target, and a variable' test "$(cat out)" = 'summary more'
toy 0 -n
ok 'a plan starts nothing' grep -q '^printf' out
toy 2 fail
toy 0 --help
ok 'the help has the options, with their defaults' grep -q \
    '^      --first-page n           where to begin (0)$' out
ok 'and the title' grep -q '^sluice toy: A toy$' out

# --- what is wrong ---------------------------------------------------------
toy 64 --first-page 301
ok 'a range' grep -q -- '--first-page 301: not between -2 and 300' err
toy 64 --first-page x
toy 64 --mode old
ok 'what there is to choose from' grep -q -- '--mode old: not new or all' err
toy 64 --no-such
toy 64 --words
toy 64 run --words x
ok 'options go first' grep -q 'options go before targets' err
run 66 sluice --pipelines own no-such
run 64 sluice --pipelines own ../own/toy
run 66 sluice --pipelines nowhere
run 74 sh -c 'sluice >/dev/full'
wrong() {	# wrong WHAT LINES : 64 with WHAT
	mkdir -p bad/toy; { sed '/^\[options/,$d' own/toy/pipeline.toml
	printf '[options.%s\n' "$2"; } >bad/toy/pipeline.toml
	run 64 sluice --pipelines bad toy
	ok "is told: $1" grep -qF -- "$1" err
	grep -qF -- "$1" err || sed 's/^/# /' err
}
wrong 'variable' 'x]
type = "flag"
help = "?"'
wrong 'unknown type "bool"' 'x]
variable = "X"
type = "bool"
help = "?"'
wrong 'min: not of this type' 'x]
variable = "X"
type = "text"
min = 3
help = "?"'
wrong 'a variable is made of' 'x]
variable = "$(rm)"
type = "text"
help = "?"'
wrong 'a name is made of' 'X]
variable = "X"
type = "text"
help = "?"'

# --- what there is ---------------------------------------------------------
run 0 sluice --pipelines own
same 'the list passes over what is no pipeline' /dev/fd/3 out 3<<'E2'
toy          A toy
E2
run 0 sluice
ok 'those of the source tree' grep -q '^soc  *Rutgers Schedule' out
run 0 sluice soc -n --terms 20269 -d elsewhere
ok 'run is what make run does' grep -q "soc-replica" out
here=$(dirname "$(command -v sluice)")
mkdir -p p/bin p/share/sluice
cp "$here/sluice" "$here/toml-json" p/bin
cp -R own p/share/sluice/pipelines
(cd / && "$work/p/bin/sluice" toy) >out 2>err
ok 'installed, from anywhere' test $? -eq 0
cat >>p/share/sluice/pipelines/toy/toy.mk <<'E2'
path:
	@echo "$${PATH%%:*}"
E2
ok 'its own programs go first' test "$(p/bin/sluice toy path)" = \
    "$(cd p/bin && pwd -P)"

# Each default that is declared is the makefile's.
for toml in "$top"/pipelines/*/pipeline.toml; do
	name=$(basename "${toml%/*}")
	toml-json "$toml" | jq -r '.options // {} | to_entries[] | .value |
	    select(.default) | "\(.variable) \(.default)"' >defaults
	wrong=''
	while read -r variable default; do
		has=$(make -s -f "${toml%/*}/$name.mk" \
		    --eval "show: ; @echo '\$($variable)'" show 2>&1)
		[ "$has" = "$default" ] || wrong="$wrong $variable=$has"
	done <defaults
	ok "$name: the defaults are the makefile's" test -z "$wrong"
	[ -z "$wrong" ] || echo "#$wrong"
done

# --- completion --------------------------------------------------------------
sluice --completion bash >complete.sh
cat >try.sh <<'E2'
. ./complete.sh
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; echo "${COMPREPLY[@]}"; }
try sluice so
try sluice soc --max
E2
run 0 bash try.sh
ok 'bash completes names, and their options' test "$(cat out)" = 'soc
--max-workers'
run 64 sluice --completion ksh
finish
