#!/bin/sh
# flow-items: a second pipeline of items, with nothing of the first one: the
# same loop, walk, pages and targets, by declaration alone.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"

# shops STATUS [VAR=...] : a run; the requests are in log
shops() {
	_want=$1; shift
	: >log
	run "$_want" site-replica -c "$T/site.toml" --log "$PWD/log" "$@" -- \
	    sh -c 'make --no-print-directory -f "$0/shops.mk" DATA=d \
	    PIPELINES="$1" SITE="$SITE"' "$T" "$top/pipelines"
}
rows() { sqlite3 d/shops.sqlite "$1"; }
asked() { jq -r .key log | grep -c "$1"; }
truth() {		# truth SHOPS
	seq "$1" | awk '{ for (i = 1; i <= $1 % 4; i++)
	    print $1 "|Shop " $1 "|" i "|" $1 * 10 + i }'
}
is() { ok "$1" test "$2" = "$3"; }	# is NAME GOT WANT

shops 0
is 'each page of the list, each shop once' "$(asked ^list) $(asked ^shop)" \
    '3 25'
truth 25 >want
rows 'SELECT g.id, name, no, price FROM goods g JOIN shops USING (id)
    ORDER BY CAST(g.id AS INTEGER), no' >got
same 'all rows are what the site was made of' want got
is 'a shop without goods is one' "$(rows 'SELECT count(*) FROM shops')" 25
is 'the summary is told once' "$(grep -c '^  discovered ' out)" 1
shops 0 --tick 1
is 'three new ones: theirs only' "$(asked ^shop) $(rows \
    "SELECT count(*) FROM shop_queue WHERE state = 'done'")" '3 28'
shops 0 --tick 1
is 'nothing new: one page of the list' "$(asked ^list) $(asked ^shop)" '1 0'
finish
