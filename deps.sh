#!/bin/sh
# deps.sh PACKAGE... -- install the Debian packages that are missing.
#
# The Makefile has the list and calls this first.  Needs root, or sudo
# without a password; otherwise it says what to type and exits 69.
# libyyjson-dev is packaged from Debian 13 on, but needs nothing beyond
# Debian 12's libc: there it is taken from the same archive's suite trixie,
# by a source list of our own.  The system's lists are not touched, and apt
# checks the signatures with the keys it trusts already.
set -u

say() { printf 'deps: %s\n' "$*" >&2; }
die() { say "$@"; exit 69; }

missing() {		# missing PACKAGE... : those that are not installed
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
	    awk -v all="$*" '
		$1 == "installed" { have[$2] }
		END {
			n = split(all, p, " ")
			for (i = 1; i <= n; i++)
				if (!(p[i] in have)) print p[i]
		}'
}

available() { test -n "$(apt-cache madison "$1" 2>/dev/null)"; }

install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
	    --no-install-recommends -o Dpkg::Use-Pty=0 \
	    -o DPkg::Lock::Timeout=120 "$@" >&2
}

# The URI of the archive that this machine uses already.
archive() {
	# shellcheck disable=SC2016	# apt's own notation
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
	    'Origin: Debian' 'Codename: bookworm' | head -n 1
}

yyjson() {		# libyyjson-dev out of the next Debian
	uri=$(archive)
	test -n "$uri" || die "libyyjson-dev is not in this system's archive;" \
	    "install yyjson by hand, then use make DEPS=no"
	dir=$(mktemp -d) || exit 71
	trap 'rm -rf "$dir"' EXIT
	chmod 755 "$dir" && mkdir -p "$dir/lists/partial" \
	    "$dir/cache/archives/partial" "$dir/debs" || exit 74
	chown _apt "$dir/debs" 2>/dev/null	# who downloads, if there
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	echo "deb [signed-by=$key] $uri trixie main" >"$dir/list"
	set -- -qq -o Dir::Etc::SourceList="$dir/list" \
	    -o Dir::Etc::SourceParts=/dev/null \
	    -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache"
	say "libyyjson-dev comes from $uri trixie"
	apt-get "$@" update >&2 &&
	    (cd "$dir/debs" && apt-get "$@" download libyyjson0 \
	    libyyjson-dev >&2) && install "$dir"/debs/*.deb
}

command -v dpkg-query >/dev/null || die "no Debian here: install the" \
    "counterparts of $* by hand, then use make DEPS=no"
need=$(missing "$@")
test -n "$need" || exit 0
# shellcheck disable=SC2086	# package names are words
set -- $need
if test "$(id -u)" -ne 0; then
	sudo -n true 2>/dev/null && exec sudo -n sh "$0" "$@"
	say "missing: $*"
	here=$(cd "$(dirname "$0")" && pwd)
	die "as root, or with sudo in front, type: sh $here/deps.sh $*"
fi
say "installing $*"
apt-get -qq update >&2		# there may be no lists yet, or old ones
rest=
for p in "$@"; do
	if test "$p" = libyyjson-dev && ! available "$p"; then
		yyjson || die "libyyjson-dev cannot be installed"
	else
		rest="$rest $p"
	fi
done
# shellcheck disable=SC2086
test -z "$rest" || install $rest || die "cannot install:$rest"
