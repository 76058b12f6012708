# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the boot scripts share.  Sourced, never run.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(cd "$vm_dir/../.." && pwd -P)
# Things that take long to get and never change: kernels, virtme-ng.
cache=${KSRTP_CACHE:-$top/build/cache}
export PATH=$PATH:/usr/sbin:/sbin

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# monitor_options NAME: in $monitor_options what has qemu read commands from the pipe
# NAME.in, answer in NAME.out, leave its process ID in NAME.pid and name its threads
monitor_options()
{
	rm -f "$1".{in,out,pid}
	mkfifo "$1".in "$1".out
	# shellcheck disable=SC2034 # used by the scripts that source this
	monitor_options=(-chardev "pipe,id=monitor,path=$1" -mon "chardev=monitor,mode=readline"
		-pidfile "$1.pid" -name "ksrtp,debug-threads=on")
}

# make_aside DIR FUNCTION: DIR is made by FUNCTION under another name and
# renamed when complete, so that an interrupted run leaves no half of it.
make_aside()
{
	local dir=$1 build=$2 tmp

	[ -e "$dir" ] && return
	mkdir -p "$(dirname "$dir")"
	tmp=$(mktemp -d "$dir.XXXXXX")
	(cd "$tmp" && "$build") || { rm -rf "$tmp"; return 1; }
	chmod 755 "$tmp"
	# Somebody else may have been quicker.
	mv -T "$tmp" "$dir" 2> /dev/null || rm -rf "$tmp"
	[ -e "$dir" ]
}

# apt_fetch [-s SUITE] PACKAGE...: the .deb files into the current directory,
# without installing them and without touching the system's own lists.
apt_fetch()
{
	local apt=(apt-get -qq -o APT::Sandbox::User=root) suite='' suite_options

	if [ "$1" = -s ]; then
		suite=$2
		shift 2
		suite_options "$suite"
		apt+=("${suite_options[@]}")
	fi
	"${apt[@]}" download "$@" && return
	# The lists may be older than the archive.
	if [ -n "$suite" ] || [ "$(id -u)" = 0 ]; then
		"${apt[@]}" update
	fi
	"${apt[@]}" download "$@"
}

# suite_options SUITE...: in $suite_options what has apt see these suites and
# nothing else, with nothing installed.
suite_options()
{
	local state

	state=$cache/apt/$(IFS=+; echo "$*")
	mkdir -p "$state"
	other_suite "$state" "$@"
	own_lists "$state" "$(echo "$state"/source.*)"
}

# arch_options ARCHITECTURE: in $suite_options what has apt see this system's
# Debian for another architecture, with nothing installed
arch_options()
{
	local list=/etc/apt/sources.list.d/debian.sources

	[ -e "$list" ] || list=/etc/apt/sources.list
	own_lists "$cache/apt/$1" "$list" -o "APT::Architecture=$1" -o "APT::Architectures=$1"
}

# own_lists DIR SOURCES OPTION...: in $suite_options these and what keeps apt's
# lists in DIR. They are half a day old at most, or as old as the archive was
# last in reach.
own_lists()
{
	local state=$1 sources=$2
	shift 2

	mkdir -p "$state/lists/partial" "$state/archives/partial"
	: > "$state/status"
	suite_options=(-o "Dir::Etc::sourcelist=$sources"
		-o Dir::Etc::sourceparts=-
		-o "Dir::State::lists=$state/lists"
		-o "Dir::State::status=$state/status"
		-o "Dir::Cache=$state" "$@")
	[ -n "$(find "$state" -name updated -mmin -720)" ] && return
	if apt-get -qq -o APT::Sandbox::User=root "${suite_options[@]}" update >&2; then
		touch "$state/updated"
	fi
}

# fetch_root PACKAGE...: unpacked below root/ with all they depend on, as
# $suite_options has it. None is configured.
fetch_root()
{
	local deb

	mkdir -p root archives/partial
	apt-get -qq -y --no-install-recommends -o APT::Sandbox::User=root "${suite_options[@]}" \
		-o "Dir::Cache::archives=$PWD/archives" --download-only install "$@" >&2 || return
	# First what makes /bin and the like what they are
	for deb in archives/base-files_*.deb archives/*.deb; do
		dpkg-deb -x "$deb" root || return
	done
	rm -r archives
	# What configuring would do that is needed
	ln -sf gawk root/usr/bin/awk
	ln -sf gcc root/usr/bin/cc
}

# other_suite DIR SUITE...: the first source of the system itself with other
# suites in its place, as DIR/source.list or DIR/source.sources: no archive has
# to be named here, and a mirror stays the mirror it is.
other_suite()
{
	local dir=$1 file suite
	shift

	for file in /etc/apt/sources.list.d/debian.sources \
		/etc/apt/sources.list.d/*.sources; do
		[ -e "$file" ] || continue
		awk -v RS= '/Types:.*deb/ { print; exit }' "$file" |
			sed -e "s/^Suites:.*/Suites: $*/" \
				-e '/^Enabled:/d' > "$dir/source.sources"
		return
	done
	for suite; do
		sed -nE "/^deb /{
			s/^deb +(\[[^]]*\] +)?([^ ]+) +[^ ]+/deb \1\2 $suite/p
			q
		}" /etc/apt/sources.list
	done > "$dir/source.list"
}
