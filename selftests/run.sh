#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh -o DIR [-m DIR] TEST...: runs test files one after the other and says
# what each promised and what came of it.
#
#	-o DIR	takes TEST.log and results (one line per result, see ktap.awk)
#	-m DIR	the directory with ksrtp.ko: load it, with all it needs, watch
#		its reference count and the kernel's log.  Only inside a VM.
#
# A test has 120 seconds; a line "timeout: N" in a comment of its source
# changes that.  KSRTP_SLOW=N multiplies every bound on a slow machine.
# Exit status 0: nothing failed.
set -u
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/.." && pwd -P)

out='' modules=''
while getopts o:m: opt; do
	case $opt in
	o)	out=$OPTARG ;;
	m)	modules=$OPTARG ;;
	*)	exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$out" ] || { echo "run.sh: no -o DIR" >&2; exit 2; }
mkdir -p "$out"
results=$out/results
: >> "$results"

export KSRTP_TOP=$top
export KSRTP=$top/build/user/ksrtp
export KSRTP_PROGRAMS=$top/build/selftests
export KSRTP_MODULES=$modules
export KSRTP_VECTORS=$top/vectors
export KSRTP_SLOW=${KSRTP_SLOW:-1}
export PATH=$top/build/user:$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

# What no kernel should say while a test runs.
# shellcheck source=selftests/vm/kernel-complaints.sh
. "$here/vm/kernel-complaints.sh"

refcnt()
{
	cat /sys/module/ksrtp/refcnt 2> /dev/null || echo gone
}

# Everything of the kernel's log since the last call, to stdout.
new_kernel_log()
{
	[ -n "$modules" ] && dmesg -c
}

load()
{
	local module

	for module in udp_tunnel ip6_udp_tunnel veth aesni_intel \
		ghash_clmulni_intel sha1_ssse3 sha256_ssse3 ctr gcm; do
		# Some are built in, or not for this processor.
		modprobe -q "$module" || true
	done
	insmod "$modules/ksrtp.ko"
}

# source_of TEST: the text a timeout may be written in
source_of()
{
	local name

	name=$(basename "$1")
	case $1 in
	*.sh)	echo "$1" ;;
	*/unit/*) echo "$here/unit/$name.c" ;;
	*/fuzz/*) echo "$top/userspace/fuzz/$name.c" ;;
	*)	echo "$here/tests/$name.c" ;;
	esac
}

bound_of()
{
	local seconds=''

	seconds=$(sed -nE 's/^[ \t]*(\/?\*|#).*\<timeout: ([0-9]+).*/\2/p' \
		"$(source_of "$1")" 2> /dev/null | head -n 1)
	echo $((${seconds:-120} * KSRTP_SLOW))
}

# Runs the command in a cgroup of its own, and with it ends all it started.
contained()
{
	local group=/sys/fs/cgroup/ksrtp-test status

	if [ -z "$modules" ] || ! mkdir "$group" 2> /dev/null; then
		"$@"
		return
	fi
	(echo "$BASHPID" > "$group/cgroup.procs"; exec "$@")
	status=$?
	echo 1 > "$group/cgroup.kill"
	until rmdir "$group" 2> /dev/null; do sleep 0.05; done
	return "$status"
}

# report WHAT TEST NAME REASON: a result that no test file gave
report()
{
	printf '%s\t%s\t%s\t%s\n' "$@" >> "$results"
}

# After a test no socket may be left under ksrtp.  What it leaked stays, so
# the next one is measured against what it found.
leaked()
{
	local end=$((SECONDS + 5 * KSRTP_SLOW)) now

	while now=$(refcnt); [ "$now" != gone ] && [ "$now" -gt "$baseline" ]; do
		[ "$SECONDS" -lt "$end" ] || { baseline=$now; return 0; }
		sleep 0.05
	done
	[ "$now" = gone ] || baseline=$now
	return 1
}

run_one()
{
	local file=$1 test bound status log complaints start

	test=$(basename "$file" .sh)
	log=$out/$test.log
	bound=$(bound_of "$file")
	start=${EPOCHREALTIME/./}
	echo "$test" > "$out/running"

	if [ -n "$modules" ] && [ ! -d /sys/module/ksrtp ]; then
		insmod "$modules/ksrtp.ko" || report fail "$test" "module loads again" ""
	fi

	contained timeout -k 5 "$bound" "$file" > "$log" 2>&1 < /dev/null
	status=$?
	awk -v test="$test" -v status="$status" -v limit="$bound" \
		-f "$here/lib/ktap.awk" "$log" >> "$results"

	if [ -n "$modules" ]; then
		ip -all netns del 2> /dev/null
		if leaked; then
			report fail "$test" "leaves no socket under ksrtp" \
				"module reference count is $baseline"
		fi
		new_kernel_log > "$out/$test.dmesg"
		complaints=$(kernel_complaints "$out/$test.dmesg")
		if [ -n "$complaints" ]; then
			report fail "$test" "leaves the kernel's log clean" \
				"$(head -n 1 <<< "$complaints")"
			cat "$out/$test.dmesg" >> "$log"
		fi
		[ -s "$out/$test.dmesg" ] || rm -f "$out/$test.dmesg"
	fi
	summary "$test" $(((${EPOCHREALTIME/./} - start) / 100000))
}

# One line for what went well, the whole story for what did not.
summary()
{
	local test=$1 tenths=$2 pass=0 fail=0 skip=0 what line

	while IFS=$'\t' read -r what _; do
		case $what in
		pass)	pass=$((pass + 1)) ;;
		fail)	fail=$((fail + 1)) ;;
		skip)	skip=$((skip + 1)) ;;
		esac
	done < <(awk -F '\t' -v test="$test" '$2 == test' "$results")

	line="$pass passed"
	[ $fail = 0 ] || line+=", $fail FAILED"
	[ $skip = 0 ] || line+=", $skip skipped"
	printf '%-4s  %-36s %s (%d.%d s)\n' "$([ $fail = 0 ] && echo ok || echo FAIL)" \
		"$test" "$line" $((tenths / 10)) $((tenths % 10))
	[ $fail = 0 ] && return

	awk -F '\t' -v test="$test" '$1 == "fail" && $2 == test {
		printf "      not ok: %s%s\n", $3, $4 == "" ? "" : " (" $4 ")"
	}' "$results"
	echo "      its output ends:"
	grep -av '^ok ' "$out/$test.log" | tail -n 40 | sed 's/^/      | /'
}

# Memory that only a debug kernel watches: what nobody points at any more.
# An object may be pointed at from a register for a moment, hence more scans.
leak_scan()
{
	local where=$1 found

	[ -w /sys/kernel/debug/kmemleak ] || return
	for _ in 1 2 3; do
		echo scan > /sys/kernel/debug/kmemleak
		sleep 2
	done
	found=$(cat /sys/kernel/debug/kmemleak)
	if grep -q -e '\[ksrtp\]' -e "$range" <<< "$found"; then
		report fail kmemleak "no memory of ksrtp's is lost $where" ""
		printf '%s\n' "$found"
	else
		report pass kmemleak "no memory of ksrtp's is lost $where" ""
	fi
}

if [ -n "$modules" ]; then
	sysctl -qw kernel.hung_task_timeout_secs=$((60 * KSRTP_SLOW)) \
		net.core.rmem_max=16777216 net.core.wmem_max=16777216 \
		net.ipv4.conf.all.rp_filter=0 2> /dev/null
	new_kernel_log > "$out/boot.dmesg"
	if ! load; then
		dmesg
		report fail module "module loads" ""
		exit 1
	fi
	new_kernel_log > "$out/load.dmesg"
	if [ -n "$(kernel_complaints "$out/load.dmesg")" ]; then
		report fail module "module loads without a complaint" ""
		cat "$out/load.dmesg"
	fi
	baseline=$(refcnt)
fi

for file in "$@"; do
	run_one "$file"
done
rm -f "$out/running"

if [ -n "$modules" ]; then
	# Its code's addresses begin alike: kmemleak prints those bare, once
	# the names are gone.
	range=$(awk '$1 == "ksrtp" { print substr($6, 1, length($6) - 4) }' /proc/modules)
	leak_scan "while it is loaded"
	if rmmod ksrtp; then
		report pass module "module unloads at the end" ""
	else
		report fail module "module unloads at the end" "reference count $(refcnt)"
	fi
	leak_scan "once it is unloaded"
	new_kernel_log > "$out/unload.dmesg"
	if [ -n "$(kernel_complaints "$out/unload.dmesg")" ]; then
		report fail module "module unloads without a complaint" ""
		cat "$out/unload.dmesg"
	fi
fi

touch "$out/finished"
! grep -q '^fail' "$results"
