# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# fetch.sh: what the bench needs from elsewhere, under build/cache. Sourced by run.sh. Nothing is
# installed on the system.

# shellcheck source=selftests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)

# qemu 10, for SHA-NI and an instruction count that works. What the system has serves if it is new
# enough; else that of backports is unpacked beside it.
bench_qemu()
{
	local dir=$cache/bench/qemu version

	version=$(qemu-system-x86_64 --version 2> /dev/null |
		sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')
	if [ "${version:-0}" -ge 10 ]; then
		command -v qemu-system-x86_64
		return
	fi
	make_aside "$dir" fetch_qemu >&2 || return
	echo "$dir/qemu"
}

fetch_qemu()
{
	local suite=$codename-backports

	apt_fetch -s "$suite" qemu-system-x86/"$suite" qemu-system-common/"$suite" \
		qemu-system-data/"$suite" || return
	unpack_with_libraries ./*.deb || return
	if [ ! -e /usr/share/seabios/bios-256k.bin ]; then
		apt_fetch seabios && dpkg-deb -x seabios_*.deb root || return
	fi
	rm -f ./*.deb
	cat > qemu <<- 'END'
		#!/bin/sh
		root=$(dirname "$0")/root
		lib=$root/usr/lib/x86_64-linux-gnu
		export QEMU_MODULE_DIR="$lib/qemu" LD_LIBRARY_PATH="$lib"
		exec "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" \
			-L "$root/usr/share/seabios" -L /usr/share/seabios "$@"
	END
	chmod +x qemu
	./qemu --version > /dev/null
}

# unpack_with_libraries DEB...: below root/, with the shared libraries they need that the system
# does not have
unpack_with_libraries()
{
	local deb name

	for deb; do
		dpkg-deb -x "$deb" root || return
		for name in $(dpkg-deb -f "$deb" Depends | tr ',' '\n' |
			sed -n 's/^ *\(lib[^ |(:]*\).*/\1/p'); do
			dpkg-query -W -f '${db:Status-Status}' "$name" 2> /dev/null |
				grep -q '^installed' && continue
			compgen -G "${name}_*.deb" > /dev/null && continue
			apt_fetch "$name" && unpack_with_libraries "${name}"_*.deb || return
		done
	done
}

# bench_rtpengine KERNEL: rtpengine's kernel module, built from Debian's DKMS sources for a kernel
# of selftests/vm/kernel
bench_rtpengine()
{
	rtpengine_module "$(realpath "$1/kdir")" "$(cat "$1/version")"
}

# rtpengine_module KDIR VERSION: the same by the directory of its headers
rtpengine_module()
{
	local dir=$cache/bench/rtpengine-$2 kdir=$1

	make_aside "$dir" build_rtpengine >&2 || return
	echo "$dir"
}

build_rtpengine()
{
	local version

	apt_fetch rtpengine-kernel-dkms || return
	dpkg-deb -x rtpengine-kernel-dkms_*.deb . || return
	version=$(dpkg-deb -f rtpengine-kernel-dkms_*.deb Version)
	mv usr/src/rtpengine-*/* . || return
	rm -rf usr ./*.deb
	make -C "$kdir" M="$PWD" RTPENGINE_VERSION="$version" modules > build.log 2>&1 || {
		tail -n 20 build.log >&2
		return 1
	}
}

# libsrtp on OpenSSL. Debian builds its own on NSS, which is several times slower: the same source,
# configured the other way.
bench_libsrtp()
{
	local dir=$cache/bench/libsrtp

	make_aside "$dir" build_libsrtp >&2 || return
	echo "$dir"
}

build_libsrtp()
{
	apt_fetch_source libsrtp2 || return
	tar xf libsrtp2_*.orig.tar.* --strip-components=1 || return
	rm -f libsrtp2_*
	if ! { ./configure --enable-openssl CFLAGS="-O2" && make libsrtp2.a; } > build.log 2>&1; then
		tail -n 20 build.log >&2
		return 1
	fi
	grep -q '^#define OPENSSL 1' crypto/include/config.h
}

# apt_fetch_source PACKAGE: its source files into the current directory
apt_fetch_source()
{
	local state=$cache/apt/source apt list

	mkdir -p "$state/lists/partial" "$state/archives/partial"
	other_suite "$state" "$codename"
	list=$(echo "$state"/source.*)
	sed -i -e 's/^Types:.*/Types: deb-src/' -e 's/^deb /deb-src /' "$list"
	apt=(apt-get -qq -o APT::Sandbox::User=root -o "Dir::Etc::sourcelist=$list"
		-o Dir::Etc::sourceparts=- -o "Dir::State::lists=$state/lists"
		-o "Dir::Cache=$state")
	"${apt[@]}" update || return
	"${apt[@]}" source --download-only "$1"
}
