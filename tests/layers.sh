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
for dir in pipelines/*/; do
	name=${dir#pipelines/}; name=${name%/}
	words="$name|$(sed -n 's/^dataset_key = \[\(.*\)\]/\1/p' \
	    "$dir/pipeline.toml" | tr -d '" ' | tr , '|')"
	if grep -rnwE "$words" lib tools --include='*.c' --include='*.h' \
	    --include='*.cc' | grep -v "^tools/$name-"; then
		echo "layers: general code names $name" >&2
		bad=1
	fi
done
exit $bad
