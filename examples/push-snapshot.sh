#!/bin/bash
# Two hosts: one makes snapshots, the other serves them and needs no more than
# a copy, the declaration and snap-serve.
#
#	push-snapshot.sh data/snapshots server:/srv/soc
#
# and there
#
#	snap-serve -c pipeline.toml --root /srv/soc
#	snap-prune -c pipeline.toml --root /srv/soc
#
# The link goes last, and what it names is whole by then: a copy that breaks
# off changes nothing there, and is taken up by the next one.  Instead of a
# copy both may share a folder; then there is nothing to push.
set -eu
from=$1 to=$2
links=$(mktemp -d)
trap 'rm -rf "$links"' EXIT

id=$(readlink "$from/current")
rsync -a --mkpath "$from/$id" "$to/"
ln -s "$id" "$links/current"
rsync -a "$links/current" "$to/"
rsync -a "$from/verified.json" "$to/"
echo "$id"
