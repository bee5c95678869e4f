#!/bin/sh
# base < record < decl < store, net, text < replica, serve < tools: nothing
# looks upwards.
bad=0
deny() {		# deny LAYER FORBIDDEN... : LAYER may not include these
	layer=$1; shift
	for f in "$@"; do
		if grep -n "#include \"$f/" lib/"$layer"/*.[ch] 2>/dev/null; then
			echo "layers: lib/$layer includes lib/$f" >&2
			bad=1
		fi
	done
}
deny base record decl store net text replica serve
deny record decl store net text replica serve
deny decl store net text replica serve
deny store net text replica serve
deny net store text replica serve
deny text store net replica serve
deny replica store text serve
deny serve text replica

# The general stays general: a source's words stand in its own tools only.
# Words that are plain English, too, are forbidden as names, in quotes.
english=' matches offset '
for dir in pipelines/*/; do
	name=${dir#pipelines/}; name=${name%/}
	[ -f "$dir/pipeline.toml" ] || continue
	words=$(sed -n 's/^dataset_key = \[\(.*\)\].*/\1/p
	    /^\[dataset\./,/^$/s/^key = \[\(.*\)\].*/\1/p' \
	    "$dir/pipeline.toml" | tr ',"' '  ')
	for word in $name $words; do
		case $english in *" $word "*) word="\"$word\"" ;; esac
		if grep -rnE "(^|[^[:alnum:]_])$word([^[:alnum:]_]|\$)" lib \
		    tools --include='*.c' --include='*.h' --include='*.cc' |
		    grep -v "^tools/$name-"; then
			echo "layers: general code names $name" >&2
			bad=1
		fi
	done
done
exit $bad
