#!/bin/sh
# Everything that a server can do wrong, and what comes of it: the replica's
# fault script against soc-fetch, raw-write and raw-verify.
top=$(cd "${0%/*}/.." && pwd)
. "${0%/*}/lib.sh"
unset CONTACT SLUICE_LOG http_proxy https_proxy all_proxy
config=$top/pipelines/soc/pipeline.toml; export config

# The command of each replica, SOC: what the file tasks says goes through the
# three programs, and their statuses into the file statuses.
cat >main.sh <<'E2'
task() {		# task ENDPOINT CAMPUS : a task record
	printf '{"type":"task","run":"%s","source":"soc"' "$RUN"
	printf ',"dataset":"20261/%s","part":{"term_code":"20261"' "$2"
	printf ',"campus_code":"%s","endpoint":"%s"}' "$2" "$1"
	printf ',"url":"%s/%s.json?year=2026&term=1&campus=%s"' "$SOC" "$1" "$2"
	printf ',"mode":"full","format":"json-array","schema_version":"1"}\n'
}
{ . ./tasks; echo '{"type":"end","n":0}'; } >in
soc-fetch -q --interval 0 --backoff 1 --max-attempts 3 "$@" <in >bodies \
    2>fetch.err
s=$?
raw-write -q -d data <bodies >raws 2>write.err
s="$s $?"
raw-verify -q -c "$config" -d data <raws >verdicts 2>verify.err
echo "$s $?" >statuses
curl -sk "${SOC%/soc/api}/_replica/state" >state
E2

# main RULES OPTION... : one run, $RUN, of what is in the file tasks
main() {
	rules=$1; shift
	rm -f log
	# shellcheck disable=SC2086  # several words
	RUN=$RUN soc-replica --scale 2 ${REPLICA-} --log log \
	    --fail "$rules" -- \
	    sh main.sh "$@" 2>replica.err
}
files() { find "${1-data}" -type f ! -name .lock ! -name 'ledger.sqlite*' \
    ! -name manifest.jsonl | sort; }
pick() { jq -rs "$1" "$2"; }

# --- fault and outcome -------------------------------------------------------
# A good run, R1; then each row is another run on a copy of its stores.
mkdir data
echo 'task courses NB' >tasks
RUN=R1; main ''
ok 'without a fault: the payload is valid' test "$(cat statuses) $(pick \
    '.[0].verdict' verdicts) $(cat data/ptr/soc/20261/NB/courses)" = \
    '0 0 0 valid R1'
mv data good
RUN=R2
files good | sed 's/^good/data/' >had

# What came of a run: code, attempts, requests as the server saw them, the
# three statuses, whose payload counts now, and which files are new.
outcome() {
	files >have
	echo "$(pick '.[0] | .code // "-"' verdicts)" \
	    "$(pick '.[0].attempt' bodies)" \
	    "$(grep -c '"key":"20261/NB/courses"' log)" \
	    "$(cat statuses) $(cat data/ptr/soc/20261/NB/courses)" \
	    "$(comm -13 had have | sed 's/.*[/]//' | xargs)" | sed 's/ $//'
}
row() {			# row RULE|OPTIONS|OUTCOME
	rule=${1%%|*} options=${1#*|} want=${1##*|}
	options=${options%|*}
	cp -R good data
	# shellcheck disable=SC2086  # several words
	main "$rule" $options
	got=$(outcome)
	ok "${name-}${rule#"* "}${options:+ ($options)}: $want" \
	    test "$got" = "$want"
	test "$got" = "$want" || { echo "got $got"; cat ./*.err; } |
	    sed 's/^/# /'
	[ -z "$(find data -name '*.body' -o -name '.*.tmp*')" ] ||
	    ok 'no file is left' false
	rm -r data
}
# RULE|OPTIONS of soc-fetch|CODE ATTEMPTS REQUESTS STATUSES PAYLOAD FILES
while read -r line; do row "$line"; done <<'E2'
* late delay=20||- 1 1 0 0 0 R1 courses.json
* 400||http_400 1 1 76 0 0 R1
* 401||http_401 1 1 76 0 0 R1
* 403||http_403 1 1 76 0 0 R1
* 404||http_404 1 1 76 0 0 R1
* 410||http_410 1 1 76 0 0 R1
* 408||http_408 3 3 75 0 0 R1
* 429|--pause 10|http_429 3 3 75 0 0 R1
* 500||http_500 3 3 75 0 0 R1
* 503||http_503 3 3 75 0 0 R1
* 503 count=2||- 3 3 0 0 0 R1 courses.json
* html||html 1 1 76 0 0 R1
* denied||not_json 1 1 0 76 0 R1 courses.body.bad courses.json
* truncated||truncated 3 3 75 0 0 R1
* truncated share=0||empty_body 1 1 0 76 0 R1 courses.body.bad courses.json
* utf8||bad_utf8 1 1 0 76 0 R1 courses.body.bad courses.json
* empty||- 1 1 0 0 0 R2 courses.json metadata.json payload.json.gz
* half||- 1 1 0 0 0 R2 courses.json metadata.json payload.json.gz
* other as=*/NK/*||- 1 1 0 0 0 R2 courses.json metadata.json payload.json.gz
* cut_gzip||truncated 3 3 75 0 0 R1
* cut_gzip share=0||truncated 3 3 75 0 0 R1
* damaged||bad_gzip 1 1 76 0 0 R1
* length by=1||bad_length 3 3 75 0 0 R1
* length by=-1||truncated 3 3 75 0 0 R1
* reset||reset 3 3 75 0 0 R1
* reset share=0||reset 3 3 75 0 0 R1
* reset share=99 count=2||- 3 3 0 0 0 R1 courses.json
* close||reset 3 3 75 0 0 R1
* silent|--timeout 200|timeout 3 3 75 0 0 R1
* drip|--timeout 200|timeout 3 3 75 0 0 R1
* drip rate=20|--min-rate 1000 --rate-window 200|too_slow 3 3 75 0 0 R1
* endless|--max-bytes 1000000|too_big 1 1 76 0 0 R1
* bomb size=100000000||bomb 1 1 76 0 0 R1
* bomb size=100000000|--max-bytes 1000000|too_big 1 1 76 0 0 R1
* loop||redirect_loop 1 1 76 0 0 R1
* chain||redirect_limit 1 6 76 0 0 R1
* chain count=5||- 1 6 0 0 0 R1 courses.json
* redirect to=ftp://127.0.0.1/x||redirect_scheme 1 1 76 0 0 R1
* redirect to=file:///etc/passwd||redirect_scheme 1 1 76 0 0 R1
* redirect to=http://127.0.0.1:1/||connect 3 3 75 0 0 R1
E2

# --- over TLS ----------------------------------------------------------------
# certificate NAME SUBJECT_ALT : of its own making, in NAME.pem and NAME.key
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" \
	    -addext "subjectAltName=$2" 2>/dev/null
}
certificate right IP:127.0.0.1
certificate elsewhere DNS:elsewhere.example
# What is served; what is trusted; rule; outcome
while read -r served trusted line; do
	REPLICA="--cert $served.pem --key $served.key"
	export CURL_CA_BUNDLE="$PWD/$trusted.pem"
	name="https, $served certificate, $trusted trusted: "
	row "$line"
done <<'E2'
right right * late delay=1||- 1 1 0 0 0 R1 courses.json
right right * chain count=2||- 1 3 0 0 0 R1 courses.json
right right * redirect to=http://127.0.0.1:1/||redirect_scheme 1 1 76 0 0 R1
right elsewhere * late delay=1||tls 1 0 75 0 0 R1
elsewhere elsewhere * late delay=1||tls 1 0 75 0 0 R1
E2
unset REPLICA CURL_CA_BUNDLE name

# --- requests and their spacing, as the server saw them ----------------------
# Only least times are looked at: how long a machine takes at most, nobody
# knows.  Starts are spaced by the client; the first may be seen late, so
# sums of several leave room for that.

# fresh TASK... : the next run has these, and new stores
fresh() { rm -rf data; mkdir data; tasks "$@"; }
tasks() { printf 'task %s\n' "$@" | tr / ' ' >tasks; }
# starts PROGRAM : of the array of requests, in the order of their starts
starts() { jq -es "def ms(i): .[i].mono_ms - .[0].mono_ms;
    sort_by(.mono_ms) | $1" log; }
all='courses/NB courses/NK courses/CM openSections/NB openSections/NK
    openSections/CM'

fresh courses/NB courses/NK openSections/NB
main '*/NB/courses 503 count=1 retry_after=1' --max-workers 1
ok 'Retry-After in seconds holds back the whole host' \
    starts 'length == 4 and ms(1) >= 1000'
fresh courses/NB courses/NK
main '*/NB/courses 503 count=1 retry_date=2' --max-workers 1
ok 'and so does a date' starts 'length == 3 and ms(1) >= 1000'
fresh courses/NB courses/NK
main '*/NB/courses 503 retry_after=3600' --max-workers 1
ok 'too long is left to a later run' starts 'length == 1'
ok 'which is told to come' test "$(cut -d' ' -f1 statuses)" -eq 75
fresh courses/NB courses/NK
main '*/NB/courses 429 count=1' --max-workers 1 --pause 700
ok '429 without it pauses the host' starts 'length == 3 and ms(1) >= 700'
fresh courses/NB courses/NK courses/CM openSections/NB
main '' --max-workers 4 --interval 200
ok 'starts are an interval apart' starts 'length == 4 and ms(3) >= 400'
fresh courses/NB courses/NK courses/CM openSections/NB openSections/NK
main '* late delay=100' --max-workers 2
ok 'no more at a time than are allowed' jq -e '.requests == 5 and
    .parallel_max <= 2' state
for fault in 503 '429 retry_after=0' silent; do
	fresh courses/NB
	main "* $fault count=3" --max-workers 1 --interval 100 \
	    --max-attempts 4 --timeout 400
	ok "$fault: 200, 400 and 800 ms apart instead of 100" \
	    starts 'length == 4 and ms(3) >= 1000'
done
# shellcheck disable=SC2086  # several words
fresh $all
main '*/NB/courses 503 count=1; *courses 404' --max-workers 1 --interval 200
ok 'other failures make it no faster' starts 'length == 7 and ms(6) >= 2000'

# --- the breaker --------------------------------------------------------------
# shellcheck disable=SC2086  # several words
fresh $all
main '* 500' --max-workers 1 --max-attempts 1
ok 'three failed tasks in a row: nothing more is asked' starts 'length == 3'
ok 'it says what and why' grep -q \
    'stopped asking after 3 failures in a row: 20261/CM courses: http_500' \
    fetch.err
ok 'and comes back' test "$(cat statuses)" = '75 0 0'
main '* 500' --max-workers 4 --max-attempts 2
ok 'the next run asks for one thing, once' starts 'length == 1'
ok 'and gives up' test "$(cat statuses)" = '75 0 0'
main '* late delay=200' --max-workers 4
ok 'the one after that waits for its answer before it goes on' \
    starts 'length == 6 and ms(1) >= 200'
ok 'and all is done' test "$(cat statuses)" = '0 0 0'
# shellcheck disable=SC2086  # several words
fresh $all
main '*/courses 500' --max-workers 1 --max-attempts 1 --max-failures 4
ok 'fewer than it takes do not trip it' starts 'length == 6'
fresh courses/NB courses/NK openSections/NB courses/CM openSections/CM \
    openSections/NK
main '*/courses 500; */NK/* 500' --max-workers 1 --max-attempts 1
ok 'a success begins a new row' starts 'length == 6'
# shellcheck disable=SC2086  # several words
fresh $all
main '* 404' --max-workers 1
ok 'a plain no is no sign of sickness' starts 'length == 6'

# --- everything at once, by seed ---------------------------------------------
# What each task has in the end is what it has without a fault, and is fetched
# whole once, however often it went wrong before.
payloads() {		# payloads DATA : key and hash of what is valid
	sqlite3 "$1/ledger.sqlite" "SELECT part_path, sha256
	    FROM partition_state WHERE status = 'valid' ORDER BY 1"
}
cat >storm <<'E2'
* 500 chance=12
* reset chance=12
* close chance=12
* cut_gzip chance=12
* truncated chance=12
* length by=5 chance=12
* damaged chance=12
E2
# shellcheck disable=SC2086  # several words
fresh $all
main ''
payloads data >want
ok 'without a fault all are valid' test "$(wc -l <want)" -eq 6
# shellcheck disable=SC2086  # several words
fresh $all
seed=1 faults=0 whole=0
while REPLICA="--faults storm --fault-seed $seed" main '' --max-failures 0
    faults=$((faults + $(jq .faults state)))
    whole=$((whole + $(jq '.requests - .faults' state)))
    [ "$(cat statuses)" != '0 0 0' ] && [ $seed -lt 30 ]; do
	seed=$((seed + 1))
done
payloads data >have
same 'a storm, and run again until it is over: the same payloads' want have
ok "after $faults faults in $seed runs none was fetched twice" \
    test "$faults" -gt 3 -a "$whole" -eq 6
finish
