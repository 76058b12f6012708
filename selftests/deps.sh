#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deps.sh [-n] GROUP...: the Debian packages a make target needs.
#
# As root they are installed, but only those that are missing: with all of
# them there this is a quick no-op.  Anyone else (or -n) gets the command to
# run, and exit status 1 where something is missing.
set -euo pipefail

declare -A packages=(
	# module, tool and library
	[build]="gcc make libc6-dev pkg-config libmnl-dev libssl-dev
		linux-headers-amd64"
	# boot a kernel, drive it, look at it from outside
	[test]="binutils busybox-static conntrack cpio ethtool file iproute2 iptables iputils-ping
		jq kmod libsrtp2-dev nftables procps python3 python3-argcomplete
		python3-pkg-resources python3-requests qemu-system-x86 socat
		tcpdump udev util-linux xz-utils zstd
		golang-go golang-github-pion-dtls.v2-dev golang-github-pion-srtp.v2-dev
		gstreamer1.0-plugins-bad libavformat-dev libgstreamer1.0-dev openssl"
	# real media: senders and receivers that are not ours
	[demo]="ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base
		gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
		gstreamer1.0-libav"
	# the other relays of the benchmark table
	[bench]=""
	# a kernel with KASAN, lockdep and kmemleak is built from source
	[debug]="bc bison dwarves flex libelf-dev linux-source-6.12"
	# make check
	[check]="dwarves groff-base sparse shellcheck perl python3-docutils python3-jsonschema python3-yaml
		linux-source-6.12"
	# make dkms, make deb
	[dkms]="dkms"
	[deb]="binutils dpkg-dev"
	# make test-arm64
	[arm64]="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm"
	# coverage-guided fuzzing (without it: the same targets on their seeds)
	[fuzz]="clang libclang-rt-dev llvm"
)

dry=
[ "${1:-}" = -n ] && { dry=1; shift; }

wanted=()
for group in "$@"; do
	if [ -z "${packages[$group]+there}" ]; then
		echo "deps.sh: no group '$group'; there are: ${!packages[*]}" >&2
		exit 2
	fi
	read -r -d '' -a list <<< "${packages[$group]}" || true
	wanted+=("${list[@]}")
done
[ ${#wanted[@]} -gt 0 ] || exit 0

if ! command -v dpkg-query > /dev/null; then
	echo "deps.sh: not a Debian system; what Debian calls these is needed: ${wanted[*]}" >&2
	exit 0
fi

# Names that are installed, and names something installed provides.
present=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
	sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr -s ', ' '\n' | sort -u)

missing=()
for package in "${wanted[@]}"; do
	grep -qxF "$package" <<< "$present" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ -n "$dry" ] || [ "$(id -u)" != 0 ]; then
	echo "Needed and not installed:"
	echo "    apt-get install --no-install-recommends ${missing[*]}"
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
install=(apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends
	install "${missing[@]}")

echo "Installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Package lists that are empty or name files the archive no longer has make
# the first try fail; one update, then it has to work.
if "${install[@]}" > "$log" 2>&1 < /dev/null; then
	exit 0
fi
apt-get -o DPkg::Lock::Timeout=300 -qq update
if ! "${install[@]}" > "$log" 2>&1 < /dev/null; then
	cat "$log" >&2
	exit 1
fi
