#!/bin/sh
# The manual and the programs say the same.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
records=$top/man/sluice-records.5

sed -n 's/.*EXIT_[A-Z]* = \([0-9]*\).*/\1/p' "$top/lib/base/exits.h" >statuses
for tool in "$top"/tools/*; do
	tool=${tool##*/}
	echo "${tool%.*}"
done >tools

for page in "$top"/man/*.[1-8]; do
	name=${page##*/}
	sed -n 's/^\.\(It \)*Xr \([a-z0-9-]*\) \([0-9]\).*/\2 \3/p' "$page" |
	    sort -u | while read -r ref section; do
		grep -qxF "$ref" tools || test "$ref" != "${ref#sluice}" ||
		    continue
		test -f "$top/man/$ref.$section" || echo "$ref.$section"
	done >missing
	ok "$name refers to pages that exist" diff /dev/null missing
	sed -n 's/^\.Dt //p' "$page" | tr 'A-Z ' 'a-z.' >got
	echo "$name" >want
	same "$name is titled so" want got
done

while read -r tool; do
	ok "sluice(7) knows $tool" \
	    grep -qx "\.It Xr $tool 1" "$top/man/sluice.7"
	ok "README.md knows $tool" grep -q "^| \`$tool\` |" "$top/README.md"
	ok "$tool(1) has its own exit statuses" \
	    grep -qx '.Sh EXIT STATUS' "$top/man/$tool.1"
	sed -n '/^.Sh EXIT/,/^.Sh [^E]/s/^\.It \([0-9][0-9]*\).*/\1/p' \
	    "$top/man/$tool.1" | grep -vxF -f statuses >unknown
	ok "$tool(1): statuses of exits.h only" diff /dev/null unknown
done <tools

sed -n 's/.*{ "\([a-z_0-9]*\)".*/\1/p' "$top/lib/record/finding.c" |
    grep -vx none >codes
while read -r code; do
	ok "finding $code is explained" \
	    grep -q "^\.It.* $code\( \|$\)" "$records"
done <codes
while read -r status; do
	ok "exit status $status is explained" grep -qx ".It $status" "$records"
done <statuses

# What a pipeline can do, the top makefile and its help know.
sed -n 's/^\([a-z ]*\):.*## .*/\1/p' "$top/Makefile" | tr ' ' '\n' >targets
sed -n 's/^\([a-z]*\):.*## .*/\1/p' "$top/pipelines/pipeline.mk" >steps
sed -e :a -e '/\\$/N; s/\\\n//; ta' "$top/Makefile" >rules
while read -r step; do
	ok "make help knows $step" grep -qx "$step" targets
	ok "make knows $step" grep -q "^run .*\<$step\>.*: all" rules
done <steps

# The data dictionary has every table and column, in order, with its place.
toml-json "$top/pipelines/soc/pipeline.toml" >soc.json
jq -r '.table | to_entries[] | ".Ss \(.key)", (.value.columns | to_entries[] |
    select(.value | type == "string" or .parent != true) | ".It Va \(.key)" +
    (if .value | type == "string" then .value else .value.at // "" end))' \
    soc.json >want
awk '/^\.Sh/ { on = /TABLES/ } /^\.Ss Views/ { on = 0 } !on { next }
    /^\.Ss/ { print } /^\.It Va/ {
	gsub(/,$/, "", $5)
	print $1, $2, $3 ($5 ~ /^\// ? $5 : "") }' \
    "$top/man/sluice-pipeline.5" >got
same 'sluice-pipeline(5) has every column' want got
finish
