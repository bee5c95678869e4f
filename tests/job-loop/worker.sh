# shellcheck shell=sh
# worker.sh -- a worker for tests: sourced, with the function item, which is
# called for each one with $id, $part (a member) and $n, how many came.
n=0
row() { printf '{"type":"row",%s,"table":"things","values":{"n":%d,"x":"%s"}}\n' "$part" "$1" "$2"; }
fin() { printf '{"type":"done",%s,"n":%d%s}\n' "$part" "$1" "${2-}"; }
err() { printf '{"type":"error",%s,"code":"%s","message":"no good"}\n' "$part" "$1"; }
while read -r line; do
	case $line in *'"type":"end"'*) echo '{"type":"end"}'; exit 0 ;; esac
	id=${line#*'"part":{"id":"'}; id=${id%%'"'*}
	part='"part":{"id":"'$id'"}' n=$((n + 1))
	item
done
