#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peers.sh KDIR: gets the other implementations that the interop tests run and
# that are not installed by deps.sh: rtpengine, whose package would start a
# daemon on this machine, and its kernel module, built for the kernel of KDIR.
#
# build/selftests/peers/rtpengine is then the daemon with its libraries, and
# xt_RTPENGINE.ko lies beside ksrtp.ko.  What cannot be had is not there, said
# here, and skipped by its test.
set -uo pipefail
# shellcheck source=selftests/bench/fetch.sh
. "$(dirname "$0")/bench/fetch.sh"

kdir=$(realpath "$1")
version=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$kdir/include/generated/utsrelease.h")
peers=$top/build/selftests/peers
daemon=$cache/peers/rtpengine

# shellcheck disable=SC2317 # called by make_aside
fetch_rtpengine()
{
	apt_fetch rtpengine-daemon rtpengine-iptables || return
	unpack_with_libraries ./*.deb || return
	dpkg-deb -f rtpengine-daemon_*.deb Version > root/version
	rm -f ./*.deb
	LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/rtpengine --version 2> /dev/null
}

mkdir -p "$peers"
rm -f "$peers/rtpengine" "$top/build/$version/xt_RTPENGINE.ko"
if make_aside "$daemon" fetch_rtpengine; then
	ln -sfn "$daemon/root" "$peers/rtpengine"
else
	echo "rtpengine cannot be had"
fi
if module=$(rtpengine_module "$kdir" "$version"); then
	cp "$module/xt_RTPENGINE.ko" "$top/build/$version/"
else
	echo "rtpengine's kernel module cannot be had for kernel $version"
fi
