#!/bin/sh
# make install into a folder: all of it is there and works away from the
# source tree; make uninstall leaves nothing.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

# What is in PATH is installed, not built again with other flags.
build=$(command -v with-lock) && build=${build%/bin/with-lock}
install() {
	make -C "$top" -o all DEPS=no "BUILD=$build" \
	    "DESTDIR=$work/dest" PREFIX=/opt/x "$@"
}
to=$work/dest/opt/x

run 0 install install
for tool in "$top"/tools/*; do
	tool=${tool##*/}; tool=${tool%.*}
	ok "$tool is installed" test -x "$to/bin/$tool"
	ok "$tool has its page" test -f "$to/share/man/man1/$tool.1"
	ok "$tool completes in bash" bash -n \
	    "$to/share/bash-completion/completions/$tool"
	ok "$tool completes in zsh" grep -q "^#compdef $tool\$" \
	    "$to/share/zsh/site-functions/_$tool"
done
ok 'the other pages too' test -f "$to/share/man/man7/sluice.7" -a \
    -f "$to/share/man/man5/sluice-records.5"

ok 'the examples too' test -x "$to/share/sluice/examples/open-seats.sh"

# PATH has none of it: the tool finds toml-json beside itself, the pipeline
# its scripts and programs.
PATH=$(echo "$PATH" | tr : '\n' | while read -r dir; do
	test -e "$dir/toml-json" || echo "$dir"
done | paste -sd :)
pipelines=$to/share/sluice/pipelines
ok 'the source tree is out of reach' test -z "$(command -v toml-json)"
run=20261120T000000000Z-000000
run 0 "$to/bin/soc-plan" -c "$pipelines/soc/pipeline.toml" -r "$run" \
    --base http://127.0.0.1:1 --terms 20261 --campuses NB
ok 'soc-plan reads the installed declaration' \
    grep -q '"dataset":"20261/NB"' out

run 0 make --no-print-directory -f "$pipelines/soc/soc.mk" run DATA=d \
    CAMPUSES=CM INTERVAL=0 'REPLICA=--scale 2'
ok 'the installed pipeline promotes' test "$(sqlite3 d/soc.sqlite \
    "SELECT count(*) FROM dataset_versions WHERE status = 'active'")" = 1

run 0 install uninstall
find dest -type f >left
ok 'uninstall leaves no file' diff /dev/null left

mkdir my
: >my/own
run 2 install uninstall "DESTDIR=$work" 'PREFIX=/my files'
ok 'a blank is told' grep -q 'without blanks' err
run 2 install install "DESTDIR=$work" 'PREFIX=/my files'
ok 'and nobody loses a folder' test -e my/own
finish
