#!/bin/bash
# How long questions to a snapshot of three campuses take, without HTTP: CPU
# time of each, in milliseconds, and at the end that of 99 of 100 full-text
# and facet questions.  Made of the captures, or of DATA if that is given.
#
# usage: query.sh [DATA [ROUNDS]]
set -eu
top=$(cd "${0%/*}/../.." && pwd)
PATH=$top/build/bin:$PATH
config=$top/pipelines/soc/pipeline.toml
captures=$top/../shared/captures/soc
found=$([ ! -d "$captures" ] || echo yes)
rounds=${2:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

data=${1-}
if [ -z "$data" ]; then
	data=$work/d
	make -s -f "$top/pipelines/soc/soc.mk" run DATA="$data" TERMS=20261 \
	    CAMPUSES=NB,NK,CM INTERVAL=0 \
	    ${found:+"CAPTURES=$captures"} \
	    >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
fi
# shellcheck disable=SC2046
cc -O2 -std=c17 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -iquote "$top/lib" \
    $(xml2-config --cflags) -o "$work/query" "$top/tests/bench/query.c" \
    "$top/build/libsluice.a" -Wl,--as-needed -lyyjson -lsqlite3 -lz -lisal \
    -lcrypto -lcurl -lmicrohttpd -lxxhash -lxml2 -lm
sections=$(sqlite3 -readonly "$data/snapshots/current/fast.sqlite" \
    'SELECT count(*) FROM sections')
echo "sections: $sections"

cat >"$work/words" <<'END'
/api/courses?term=20261&q=introduction
/api/courses?term=20261&q=int
/api/courses?term=20261&q=data+struct&hasOpenSection=true
/api/sections?term=20261&q=calculus&sort=-updatedAt
/api/sections?term=20261&instructor=smith
/api/filters?term=20261
/api/filters?term=20261&campus=NB&level=U
/api/filters?term=20261&q=introduction
END
cat >"$work/others" <<'END'
/api/courses?term=20261
/api/courses?term=20261&delivery=online&sort=-sectionsOpen,title
/api/courses?term=20261&meetingDays=M,W&meetingStart=600&openStatus=open
/api/sections?term=20261
/api/sections?term=20261&openStatus=open&meetingDays=M,W
/api/sections?term=20261&index=10129
END
"$work/query" "$config" "$data/snapshots/current/" "$rounds" \
    <"$work/others"
"$work/query" "$config" "$data/snapshots/current/" "$rounds" \
    <"$work/words" | tee "$work/took"
awk 'NR > 1 && $2 > most { most = $2 }
    END { printf "full text and facets, the slowest p99: %.1f ms\n", most }' \
    "$work/took"
