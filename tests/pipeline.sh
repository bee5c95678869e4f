# shellcheck shell=sh
# pipeline.sh -- run the soc pipeline small and fast; source after lib.sh.
# $top is the repository; DATA is ./d unless the caller says otherwise.
config=$top/pipelines/soc/pipeline.toml

# soc TARGET VAR=... : against the replica, REPLICA holds more options.
soc() {
	make --no-print-directory -f "$top/pipelines/soc/soc.mk" \
	    DATA="${DATA-d}" INTERVAL=0 "REPLICA=--scale 4 ${REPLICA-}" "$@"
}

# The same in a session of its own; $leader is its process group.  A shell
# starts what is in the background with SIGINT ignored: not so here.
soc_start() {
	setsid env --default-signal=INT,QUIT make --no-print-directory -f "$top/pipelines/soc/soc.mk" "$@" \
	    DATA="${DATA-d}" INTERVAL=0 "REPLICA=--scale 4" \
	    >out 2>err </dev/null &
	leader=$!
}

# content DATA : every canonical row, provenance left out.
content() { canon-cat -c "$config" -d "$1"; }

# stores DATA : one line for each store that is damaged.
stores() {
	for db in "$1"/ledger.sqlite "$1"/soc.sqlite "$1"/staging/soc/*/*.sqlite
	do
		[ -e "$db" ] || continue
		[ "$(sqlite3 "$db" 'PRAGMA integrity_check')" = ok ] ||
		    echo "$db is damaged"
	done
	[ ! -d "$1/raw" ] || find "$1/raw" \
	    \( -name payload.json.gz ! -exec gzip -t {} \; \
	    -o -name metadata.json \
	    ! -exec jq 'if .sha256 then empty else error end' {} \; \) \
	    -print | sed 's/$/ is torn/'
}
