#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [GROUP...]: `make bench`. What one packet costs, in instructions, for ksrtp and its peers.
#
# Builds what is missing, boots one VM a group of rows (see guest.sh), writes build/bench.json and
# prints the table. Documentation/performance.rst says what is measured and how to read it.
#
# BENCH_QUICK=1: only the floor and ksrtp's first row, in under a minute.
# BENCH_PROFILE=1: instead of the table, for each row the functions its instructions were spent in,
# in build/bench/GROUP.profile; slower, so name the groups: BENCH_PROFILE=1 run.sh ksrtp
#
# Exit status 1 when a row lost packets or they did not verify, or when ksrtp has no row.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=selftests/bench/fetch.sh
. "$here/fetch.sh"

if [ -n "${BENCH_QUICK:-}" ]; then
	groups=(direct ksrtp)
else
	groups=(direct nft rtpengine userspace ksrtp fanout streams endpoint)
fi
[ $# = 0 ] || groups=("$@")

out=$top/build/bench
result=$top/build/bench.json
mkdir -p "$out"
rm -f "$out"/* "$result"

wants()
{
	[[ " ${groups[*]} " = *" $1 "* ]]
}

say()
{
	printf '  %-8s%s\n' "$1" "$2"
}

# program NAME SOURCE-OR-FLAG...: one of ours
program()
{
	local name=$1

	shift
	(cd "$here" && ${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -Wno-unused-parameter -I../lib \
		-o "$out/$name" "$@" -lcrypto)
}

# profile GROUP: a window of the plugin belongs to each row that has a result, in their order
profile()
{
	local i=0 row packets

	while read -r row; do
		packets=$(jq -r '.packets // empty' <<< "$row")
		[ -n "$packets" ] || continue
		jq -r '"\(.case), \(.suite), \(.size) bytes, burst \(.burst), outputs \(.outputs)"' <<< "$row"
		LC_ALL=C sort "$out/$1.kallsyms" "$out/profile.$i" |
			awk -v packets="$packets" -f "$here/profile.awk"
		echo
		rm "$out/profile.$i"
		i=$((i + 1))
	done < "$out/$1.rows" > "$out/$1.profile"
	say PROFILE "build/bench/$1.profile"
}

kernel=$("$vm_dir/kernel" 6.1)
kver=$(cat "$kernel/version")
kdir=$(realpath "$kernel/kdir")
if wants ksrtp || wants fanout || wants streams || wants endpoint; then
	make -s --no-print-directory -C "$top" KDIR="$kdir" module tool
fi
qemu=$(bench_qemu)

options='-icount shift=0,sleep=off'
if [ -n "${BENCH_PROFILE:-}" ]; then
	program profile.so -shared -fPIC profile.c
	options+=" -plugin $out/profile.so,out=$out"
fi

lib=("$here"/../lib/ref*.c)
program load load.c keys.c "${lib[@]}"
rtpengine_ko='' libsrtp=''
if wants rtpengine; then
	if rtpengine=$(bench_rtpengine "$kernel") &&
	   program rtpengine -I"$rtpengine" rtpengine.c keys.c; then
		rtpengine_ko=$rtpengine/xt_RTPENGINE.ko
	fi
fi
if wants userspace || wants endpoint; then
	if libsrtp=$(bench_libsrtp); then
		program relay -I"$libsrtp/include" relay.c keys.c libsrtp.c "$libsrtp/libsrtp2.a"
		program load-libsrtp -DWITH_LIBSRTP -I"$libsrtp/include" load.c keys.c libsrtp.c \
			"${lib[@]}" "$libsrtp/libsrtp2.a"
	fi
fi

# One VM a group: what one loads or leaves behind is not there for the next. One instruction is one
# nanosecond of guest time. Without erms and fsrm, because each iteration of a rep movsb counts.
for group in "${groups[@]}"; do
	say VM "$group"
	if ! KSRTP_ACCEL=tcg "$vm_dir/direct" -k 6.1 -b "$qemu" -C max,-erms,-fsrm -a nokaslr \
		-q "$options" -t 900 -w "$out" \
		"export OUT='$out' TOOLS='$out' KSRTP='$top/build/user/ksrtp'
		 export KSRTP_KO='$top/build/$kver/ksrtp.ko' RTPENGINE_KO='$rtpengine_ko'
		 export BENCH_QUICK='${BENCH_QUICK:-}' BENCH_PROFILE='${BENCH_PROFILE:-}'
		 exec '$here/guest.sh' '$group'" > "$out/$group.log" 2>&1; then
		tail -n 20 "$out/$group.log" >&2
		die "group $group did not end well (build/bench/$group.log)"
	fi
	[ -z "${BENCH_PROFILE:-}" ] || profile "$group"
done
[ -z "${BENCH_PROFILE:-}" ] || exit 0

for group in "${groups[@]}"; do
	cat "$out/$group.rows"
done | jq -s -f "$here/report.jq" > "$result"
jq -r -f "$here/table.jq" "$result" | awk -F '\t' -f "$here/table.awk"

# No loss, no forgery, and ksrtp must be among the rows
jq -e 'all(.[]; has("error") | not) and
	all(.[] | select(.case | startswith("ksrtp")); has("unavailable") | not)' \
	"$result" > /dev/null || die "rows failed: see above"
