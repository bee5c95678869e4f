#!/bin/sh
# The examples run, and print what stands beside them.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
. "$top/tests/pipeline.sh"

run 0 soc-replica --scale 2 -- "$top/examples/by-hand.sh" "$config"
same 'by-hand.sh prints what it should' "$top/examples/by-hand.out" out

run 0 soc run 'REPLICA=--scale 10'
run 1 "$top/examples/open-seats.sh" d "$config" false
run 0 "$top/examples/open-seats.sh" d "$config"
same 'open-seats.sh names the seats that opened' \
    "$top/examples/open-seats.out" out
run 0 "$top/examples/open-seats.sh" d "$config"
ok 'open-seats.sh: each once' test ! -s out
mkdir shim; rm d/open-seats.seq
printf '#!/bin/sh\nPATH=%s changes-cat "$@" | sed \$d\n' "$PATH" \
    >shim/changes-cat; chmod +x shim/changes-cat
run 65 env PATH="$PWD/shim:$PATH" "$top/examples/open-seats.sh" d "$config"
ok 'a torn feed raises no alarm' test ! -s out -a ! -e d/open-seats.seq

# --- alerts, to mail and to a webhook: those of two days without a run
alerts() {		# alerts STATUS COMMAND... : what there is to tell
	want=$1; shift
	event-cat -c "$config" -d d >events
	run "$want" alert-rules -c "$config" -d d \
	    --now "$(date -u -d +2days +%FT%TZ)" "$@" <events
}
cat >shim/mail <<'EOF'
#!/bin/sh
[ ! -e down ] || exit 1
echo "mail $*"; cat
EOF
chmod +x shim/mail; touch down
PATH="$PWD/shim:$PATH" alerts 75 "$top/examples/alert-mail.sh" me@example.org
ok 'no mail: told again' grep -q 'alert-mail.sh: status 1; it is told' err
rm down
PATH="$PWD/shim:$PATH" alerts 0 "$top/examples/alert-mail.sh" me@example.org
sed 's/20[0-9TZ.:-]*Z\(-[0-9a-f]*\)*/INSTANT/; /INSTANT:/s/[a-zA-Z]*$/PART/' \
    out >got
same 'alert-mail.sh sends one mail' "$top/examples/alert-mail.out" got
PATH="$PWD/shim:$PATH" alerts 0 "$top/examples/alert-mail.sh" me@example.org
ok 'alert-mail.sh: each once' test ! -s out

rm d/alerts.sqlite
hook() {		# hook HTTP-STATUS COMMAND... : $url is one
	status=$1; shift
	rm -f port; perl "$top/tests/webhook.pl" port posted "$status" & hook=$!
	while [ ! -e port ] && kill -0 $hook; do sleep 0.02; done
	url=http://127.0.0.1:$(cat port)/alerts
	"$@"
	wait $hook
}
post() { alerts "$1" "$top/examples/alert-webhook.sh" "$url"; }
hook '503 Busy' post 75
hook '200 OK' post 0
ok 'alert-webhook.sh posts them all' jq -e '[.alerts[] |
    "\(.state) \(.name) \(.subject)"] == ["raised old 20261/NB",
    "raised old 20261/NK", "raised idle soc"]' posted

printf 'User-agent: *\nDisallow: /private\n' >robots
cat >keep <<'EOS'
for page in /private/x "/soc/api/openSections.json?year=2026&term=1&campus=NB" \
    "/soc/api/courses.json?year=2026&term=1&campus=NK"; do
	echo "${SOC%/soc/api}$page"
done | INTERVAL=1 "$1/examples/url-fetch.sh" pages d
EOS
run 76 soc-replica --scale 2 --robots robots -- sh keep "$top"
same 'url-fetch.sh keeps what it may' "$top/examples/url-fetch.out" out
ok 'and seals it' test "$(find d/raw/web/list=pages -name metadata.json |
    wc -l)" -eq 2

# --- who fetches and who serves ----------------------------------------------
run 0 soc-replica --scale 2 -- "$top/examples/one-host.sh"
same 'one-host.sh: the same server tells what is new' \
    "$top/examples/one-host.out" out

current() { readlink "$1/current"; }
run 0 "$top/examples/push-snapshot.sh" d/snapshots other/soc
ok 'push-snapshot.sh: a copy' test "$(current other/soc)" = \
    "$(current d/snapshots)"
cat >ask <<'E2'
curl -sSf "$API/api/courses?term=20261" | jq -r .meta.snapshot
E2
run 0 snap-serve -q -c "$config" --root other/soc --port 0 -- sh ask
ok 'which is all that a server needs' grep -qxF "$(current d/snapshots)" out
was=$(current other/soc)
run 0 soc refresh 'REPLICA=--scale 10 --tick 3'
printf '#!/bin/sh\ncase $* in *current*) exit 12 ;; esac\nPATH=%s rsync "$@"\n' \
    "$PATH" >shim/rsync; chmod +x shim/rsync
run 12 env PATH="$PWD/shim:$PATH" "$top/examples/push-snapshot.sh" \
    d/snapshots other/soc
ok 'a copy that breaks off changes nothing' test "$(current other/soc)" = \
    "$was" -a "$was" != "$(current d/snapshots)"
run 0 "$top/examples/push-snapshot.sh" d/snapshots other/soc
ok 'and is taken up' test "$(current other/soc)" = "$(current d/snapshots)"

cat >each <<'E2'
for url in $SERVERS; do
	curl -sSf "$url/api/courses?term=20261" | jq -r .meta.snapshot
done
pipeline-status -c "$1" -d d --format json | jq -r '
    [.servers[] | select(.state == "alive" and .current)] | length'
E2
run 0 "$top/examples/many-servers.sh" "$config" d 2 sh each "$config"
ok 'many-servers.sh: all serve the current one' test "$(sort -u out)" = \
    "$(printf '2\n%s' "$(current d/snapshots)" | sort)"

# --- pages that somebody saved ---------------------------------------------
cat >pages.toml <<'E2'
[source]
name = "pages"
dataset_key = ["match_id"]
part_member = "page"

[part.overview]
format = "bytes"
schema_version = "1"

[table.seen]
part = "overview"
key = ["name"]

[table.seen.columns]
name = { type = "text" }
E2
echo '<p>one</p>' >one.html; echo '<p>two</p>' | gzip >two.html.gz
echo '<p>three</p>' >three.html.gz
saved() { printf '{"match_id":"%s","page":"overview"}\t%s\t%s\n' "$1" \
    "https://matches.example/matches/$1/x" "$2"; }
{ saved 2360450 one.html; saved 2360451 two.html.gz
saved 2360452 three.html.gz; } >list
run 76 "$top/examples/saved-pages.sh" saved pages.toml <list
same 'saved-pages.sh says what became of them' \
    "$top/examples/saved-pages.out" out
run 0 raw-cat -d saved pages 2360451/overview
ok 'saved-pages.sh: a page is there to be read' grep -qx '<p>two</p>' out

finish
