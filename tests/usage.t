#!/bin/sh
# What every tool has: a page whose SYNOPSIS is the usage line, a test file,
# --version, completions that the shells accept, and 74 for a lost --help.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

for tool in "$top"/tools/*; do
	tool=${tool##*/}; tool=${tool%.*}
	page=$top/man/$tool.1

	ok "$tool has a man page" test -f "$page"
	ok "$tool has a test file" test -f "$top/tests/$tool.t"
	run 0 "$tool" --help
	ok "$tool --help says nothing else" test ! -s err
	awk -v nm="$tool" -f "$top/tests/synopsis.awk" "$page" >want
	sed -n 1p out >got
	same "$tool --help begins with the SYNOPSIS" want got
	mv out long; run 0 "$tool" -h
	same "$tool -h is --help" long out
	sed -n 's/^  [-a-zA-Z, ]\{4\}--\([a-z0-9-]*\) .*/\1/p' long >names
	ok "$tool lists its options" grep -qx completion names

	run 0 "$tool" --version
	ok "$tool --version names it" grep -q "^$tool (sluice) [0-9.]*$" out
	run 0 "$tool" --completion bash
	ok "$tool: bash takes it" bash -n out
	if command -v zsh >/dev/null; then
		run 0 "$tool" --completion zsh
		ok "$tool: zsh takes it" zsh -n out
	else
		skip "$tool: zsh takes it" 'no zsh'
	fi
	while read -r name; do
		grep -qs -e "Fl -$name" "$page" "$top/man/sluice.7" ||
		    echo "$name"
	done <names >missing
	ok "$tool: every option has a description" diff /dev/null missing

	"$tool" --help >/dev/full 2>err; got=$?
	ok "$tool --help to a full disk: 74" test "$got" -eq 74
	ok "$tool says so" grep -q "^$tool: error: standard output: " err
	"$tool" --help >&- 2>err; got=$?
	ok "$tool --help to a closed stdout: 74" test "$got" -eq 74
	run 64 "$tool" --no-such-option
	ok "$tool names the option" grep -q -e '--no-such-option' err
	ok "$tool shows the usage" grep -qxF -f want err
done
finish
