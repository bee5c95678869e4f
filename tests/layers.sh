#!/bin/sh
# base < record < decl < store, net, text < replica < tools: nothing looks
# upwards.
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
deny base record decl store net text replica
deny record decl store net text replica
deny decl store net text replica
deny store net text replica
deny net store text replica
deny text store net replica
deny replica store text

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
