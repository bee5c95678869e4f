#!/bin/sh
# base < record < decl < store, net, text < tools: nothing looks upwards.
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
deny base record decl store net text
deny record decl store net text
deny decl store net text
deny store net text
deny net store text
deny text store net
exit $bad
