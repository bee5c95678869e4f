# shellcheck shell=sh
# worker.sh -- a listing for tests: the ids in the file site, ten a page, and
# the file total says how many there are, if it is there.  What is asked for
# goes to asked, and what befalls a page is in fault.OFFSET: text to write
# in place of its closing record, or to be sourced as a script.
while read -r line; do
	case $line in *'"type":"end"'*) echo '{"type":"end"}'; exit 0 ;; esac
	offset=${line#*'"offset":"'}; offset=${offset%%'"'*}
	key='{"list":"all","offset":"'$offset'"}'
	echo "$line" >>tasks
	echo "$offset" >>asked
	total=$(wc -l <site)
	ids=$(sed -n "$((offset + 1)),$((offset + ${page-10}))p" site)
	n=0
	# shellcheck source=/dev/null
	if [ -f "fault.$offset" ]; then . "./fault.$offset"; continue; fi
	for id in $ids; do
		printf '{"type":"item","queue":"things","part":{"id":"%s"},' "$id"
		printf '"seen":"%s","of":%s}\n' "${SEEN-x}" "$key"
		n=$((n + 1))
	done
	last=false
	[ "$((offset + 10))" -lt "$total" ] || [ -f endless ] || last=true
	printf '{"type":"done","part":%s,"n":%d,"entries":%d' "$key" "$n" "$n"
	[ -f silent ] || printf ',"total":%d' "$total"
	printf ',"last":%s}\n' "$last"
done
