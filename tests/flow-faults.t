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
curl -s "${SOC%/soc/api}/_replica/state" >state
E2

# main RULES OPTION... : one run, $RUN, of what is in the file tasks
main() {
	rules=$1; shift
	rm -f log
	RUN=$RUN soc-replica --scale 2 --log log --fail "$rules" -- \
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
	ok "${rule#"* "}${options:+ ($options)}: $want" test "$got" = "$want"
	test "$got" = "$want" || { echo "got $got"; cat ./*.err; } |
	    sed 's/^/# /'
	[ -z "$(find data -name '*.body' -o -name '.*.tmp*')" ] ||
	    ok 'no file is left' false
	rm -r data
}
# RULE|OPTIONS of soc-fetch|CODE ATTEMPTS REQUESTS STATUSES PAYLOAD FILES
while read -r line; do row "$line"; done <<'E2'
* late delay=20||- 1 1 0 0 0 R1 courses.json
* 400||http_400 1 1 75 0 0 R1
* 401||http_401 1 1 75 0 0 R1
* 403||http_403 1 1 75 0 0 R1
* 404||http_404 1 1 75 0 0 R1
* 410||http_410 1 1 75 0 0 R1
* 408||http_408 3 3 75 0 0 R1
* 429||http_429 3 3 75 0 0 R1
* 500||http_500 3 3 75 0 0 R1
* 503||http_503 3 3 75 0 0 R1
* 503 count=2||- 3 3 0 0 0 R1 courses.json
* html||not_json 1 1 0 76 0 R1 courses.body.bad courses.json
* denied||not_json 1 1 0 76 0 R1 courses.body.bad courses.json
* truncated||truncated 1 1 0 76 0 R1 courses.body.bad courses.json
* truncated share=0||empty_body 1 1 0 76 0 R1 courses.body.bad courses.json
* utf8||bad_utf8 1 1 0 76 0 R1 courses.body.bad courses.json
* empty||- 1 1 0 0 0 R2 courses.json metadata.json payload.json.gz
* half||- 1 1 0 0 0 R2 courses.json metadata.json payload.json.gz
* other as=*/NK/*||- 1 1 0 0 0 R2 courses.json metadata.json payload.json.gz
* cut_gzip||truncated 3 3 75 0 0 R1
* cut_gzip share=0||truncated 3 3 75 0 0 R1
* damaged||bad_gzip 1 1 76 0 0 R1
* length by=1||truncated 3 3 75 0 0 R1
* length by=-1||truncated 3 3 75 0 0 R1
* reset||reset 3 3 75 0 0 R1
* reset share=0||reset 3 3 75 0 0 R1
* reset share=99 count=2||- 3 3 0 0 0 R1 courses.json
* close||reset 3 3 75 0 0 R1
* silent|--timeout 200|timeout 3 3 75 0 0 R1
* drip|--timeout 200|timeout 3 3 75 0 0 R1
* endless|--max-bytes 1000000|too_big 1 1 76 0 0 R1
* bomb size=100000000|--max-bytes 1000000|too_big 1 1 76 0 0 R1
* loop||redirect 1 6 76 0 0 R1
* chain||redirect 1 6 76 0 0 R1
* chain count=5||- 1 6 0 0 0 R1 courses.json
* redirect to=ftp://127.0.0.1/x||redirect 1 1 76 0 0 R1
* redirect to=file:///etc/passwd||redirect 1 1 76 0 0 R1
* redirect to=http://127.0.0.1:1/||connect 3 3 75 0 0 R1
E2

# --- requests and their spacing, as the server saw them ----------------------
# Only least times are looked at: how long a machine takes at most, nobody
# knows.  fresh TASK... : the next run has these, and new stores.
fresh() {
	rm -rf data; mkdir data
	for t in "$@"; do echo "task $t"; done | tr / ' ' >tasks
}
# starts PROGRAM : of the array of requests, in the order of their starts
starts() { jq -es "sort_by(.mono_ms) | $1" log; }

fresh courses/NB courses/NK openSections/NB
main '*/NB/courses 503 count=1 retry_after=1' --max-workers 1
ok 'Retry-After in seconds holds back the whole host' \
    starts 'length == 4 and .[1].mono_ms - .[0].mono_ms >= 1000'
fresh courses/NB courses/NK
main '*/NB/courses 503 count=1 retry_date=2' --max-workers 1
ok 'and so does a date' \
    starts 'length == 3 and .[1].mono_ms - .[0].mono_ms >= 1000'
fresh courses/NB courses/NK courses/CM openSections/NB
main '' --max-workers 4 --interval 200
ok 'starts are an interval apart' \
    starts 'length == 4 and .[3].mono_ms - .[0].mono_ms >= 400'
fresh courses/NB courses/NK courses/CM openSections/NB openSections/NK
main '* late delay=100' --max-workers 2
ok 'no more at a time than are allowed' jq -e '.requests == 5 and
    .parallel_max <= 2' state
finish
