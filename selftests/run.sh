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
# A test has 300 seconds; a line "timeout: N" in a comment of its source
# changes that.  KSRTP_SLOW=N is for a slow machine (3: emulated, more: a debug
# kernel): what waits for something waits so many times as long, and beyond 3
# the time of a test grows too. KSRTP_TEST_SECONDS gives each at least so long.
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
build=${KSRTP_BUILD:-$top/build}
export KSRTP=$build/user/ksrtp
export KSRTP_PROGRAMS=$build/selftests
export KSRTP_MODULES=$modules
export KSRTP_VECTORS=$top/vectors
export KSRTP_SLOW=${KSRTP_SLOW:-1}
export KSRTP_TEST_SECONDS=${KSRTP_TEST_SECONDS:-0}
export PATH=$build/user:$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

# What no kernel should say while a test runs.
# shellcheck source=selftests/vm/kernel-complaints.sh
. "$here/vm/kernel-complaints.sh"

# Emulated machines start a process in tens of milliseconds, so what is done
# for each test is done by the shell itself where it can.

refcnt()
{
	now=gone
	[ ! -r /sys/module/ksrtp/refcnt ] || read -r now < /sys/module/ksrtp/refcnt
}

load()
{
	local module

	for module in udp_tunnel ip6_udp_tunnel veth aesni_intel \
		ghash_clmulni_intel aes_ce_blk ghash_ce sha1_ce ghash_generic sha1_ssse3 sha256_ssse3 ctr gcm aria_generic; do
		# Some are built in, or not for this processor.
		modprobe -q "$module" || true
	done
	insmod "$modules/ksrtp.ko"
}

# How long each test may take: the number its source asks for.
declare -A bounds
read_bounds()
{
	local file seconds

	while IFS=: read -r file seconds; do
		file=${file##*/}
		bounds[${file%.*}]=${seconds##*timeout: }
	done < <(grep -soE '^[[:space:]]*(/?\*|#).*\<timeout: [0-9]+' \
		"$here"/{tests,unit}/*.{c,sh} "$top"/userspace/fuzz/*.c)
}

# Runs the command in a cgroup, and with it ends all it started.
group=/sys/fs/cgroup/ksrtp-test
contained()
{
	local status key populated

	if [ ! -d "$group" ]; then
		"$@"
		return
	fi
	(echo "$BASHPID" > "$group/cgroup.procs"; exec "$@")
	status=$?
	echo 1 > "$group/cgroup.kill"
	while read -r key populated < "$group/cgroup.events"; do
		[ "$key $populated" = "populated 1" ] || break
		sleep 0.05
	done
	return "$status"
}

# What the kernel says goes to a file as it is said.  A mark in its log shows
# how far to read, so that each line is laid to the test that drew it.
follow_kernel()
{
	dmesg -w > "$log_file" &
	follower=$!
	exec 9< "$log_file"
}

# kernel_said MARK: what the kernel said since the last mark, into $said
kernel_said()
{
	local mark="ksrtp-selftest: $1" line='' end=$((SECONDS + 20 * KSRTP_SLOW))

	said=''
	echo "<7>$mark" > /dev/kmsg
	while :; do
		# A line half written yet comes in two pieces.
		if ! IFS= read -r piece <&9; then
			line+=$piece
			[ "$SECONDS" -lt "$end" ] || { said+="$mark never came"; return; }
			sleep 0.02
			continue
		fi
		line+=$piece
		[[ $line != *"$mark" ]] || return
		said+=$line$'\n'
		line=''
	done
}

# report WHAT TEST NAME REASON: a result that no test file gave
report()
{
	local line

	printf -v line '%s\t%s\t%s\t%s' "$@"
	new+=$'\n'$line
}

# After a test no socket may be left under ksrtp.  What it leaked stays, so
# the next one is measured against what it found.
leaked()
{
	local end=$((SECONDS + 5 * KSRTP_SLOW)) now

	while refcnt; [ "$now" != gone ] && [ "$now" -gt "$baseline" ]; do
		[ "$SECONDS" -lt "$end" ] || { baseline=$now; return 0; }
		sleep 0.05
	done
	[ "$now" = gone ] || baseline=$now
	return 1
}

# What else has to be true of a machine after a test.
look_around()
{
	local test=$1 complaints ns

	for ns in /run/netns/*; do
		[ ! -e "$ns" ] || ip netns del "${ns##*/}"
	done
	if leaked; then
		report fail "$test" "leaves no socket under ksrtp" \
			"module reference count is $baseline"
	fi
	kernel_said "$test"
	[ -n "$said" ] || return
	printf '%s' "$said" > "$out/$test.dmesg"
	complaints=$(kernel_complaints "$out/$test.dmesg")
	if [ -n "$complaints" ]; then
		report fail "$test" "leaves the kernel's log clean" "${complaints%%$'\n'*}"
		printf '%s' "$said" >> "$out/$test.log"
	fi
}

run_one()
{
	local file=$1 test bound status start new=''

	test=${file##*/}
	test=${test%.sh}
	bound=$((${bounds[$test]:-300} * (KSRTP_SLOW > 3 ? KSRTP_SLOW : 3) / 3))
	bound=$((KSRTP_TEST_SECONDS > bound ? KSRTP_TEST_SECONDS : bound))
	start=${EPOCHREALTIME/./}
	echo "$test $bound" > "$out/running"
	remember_when "$test"

	if [ -n "$modules" ] && [ ! -d /sys/module/ksrtp ]; then
		insmod "$modules/ksrtp.ko" || report fail "$test" "module loads again" ""
	fi
	contained timeout -k 5 "$bound" "$file" > "$out/$test.log" 2>&1 < /dev/null
	status=$?
	new+=$'\n'$(awk -v test="$test" -v status="$status" -v limit="$bound" \
		-f "$here/lib/ktap.awk" "$out/$test.log")
	[ -z "$modules" ] || look_around "$test"
	summary "$test" $(((${EPOCHREALTIME/./} - start) / 100000))
}

# One line for what went well, the whole story for what did not.
summary()
{
	local test=$1 tenths=$2 pass=0 fail=0 skip=0 what name reason line story=''

	while IFS=$'\t' read -r what _ name reason; do
		case $what in
		pass)	pass=$((pass + 1)) ;;
		fail)	fail=$((fail + 1))
			story+="      not ok: $name${reason:+ ($reason)}"$'\n' ;;
		skip)	skip=$((skip + 1)) ;;
		*)	continue ;;
		esac
		printf '%s\t%s\t%s\t%s\n' "$what" "$test" "$name" "$reason" >> "$results"
	done <<< "$new"

	# A test of which nothing is known is not one that passed.
	if [ $((pass + fail + skip)) = 0 ]; then
		fail=1
		story="      not ok: no result of it could be had"$'\n'
		printf 'fail\t%s\tits results are known\t\n' "$test" >> "$results"
	fi
	line="$pass passed"
	[ $fail = 0 ] || line+=", $fail FAILED"
	[ $skip = 0 ] || line+=", $skip skipped"
	[ $fail = 0 ] && what=ok || what=FAIL
	printf '%-4s  %-36s %s (%d.%d s)\n' "$what" "$test" "$line" \
		$((tenths / 10)) $((tenths % 10))
	[ $fail != 0 ] || return

	printf '%s      its output ends:\n' "$story"
	grep -av '^ok ' "$out/$test.log" | tail -n 60 | sed 's/^/      | /'
}

# blame TEST NAME REASON: a failure of a test that has long ended
blame()
{
	local others=$new

	new=''
	report fail "$@"
	summary "$1" 0
	new=$others
}

# kmemleak says at which jiffy an object was made, hence in which test.
names=() jiffies=()
code=0 code_size=0	# where the module is
remember_when()
{
	local word number

	[ -e /sys/kernel/debug/kmemleak ] || return
	while read -r word number _; do
		if [ "$word" = jiffies: ]; then
			names+=("$1")
			jiffies+=("$number")
			return
		fi
	done < /proc/timer_list
}

# ksrtp_leaks: of what kmemleak reports on standard input, what ksrtp's code made: it
# prints bare addresses once the names are gone.
#
# One thing is the kernel's own: a cache that finds no memory for its place in sysfs
# forgets the name it had there (mm/slub.c: no kobject_put() after kobject_init_and_add()).
ksrtp_leaks()
{
	local found address own=''

	found=$(cat)
	while read -r address; do
		((address >= code && address < code + code_size)) && own+=" $address"
	done < <(grep -oE '^ +0x[0-9a-f]{16}$' <<< "$found" | sort -u)
	awk -v list="$own" '
		function tell() {
			if (ours && !known)
				printf "%s", text
			text = ""
			ours = known = 0
		}
		BEGIN {
			n = split(list, addresses)
			for (i = 1; i <= n; i++)
				own[addresses[i]] = 1
		}
		/^unreferenced object/ { tell() }
		{ text = text $0 "\n" }
		/\[ksrtp\]/ || $1 in own { ours = 1 }
		/ sysfs_slab_add\+/ { known = 1 }
		END { tell() }' <<< "$found"
}

# leaking_tests: who made what kmemleak reports on standard input, once each;
# "module" if it was no test
leaking_tests()
{
	local jiffy i

	sed -n 's/.* jiffies \([0-9]*\).*/\1/p' | while read -r jiffy; do
		for ((i = ${#jiffies[@]} - 1; i >= 0; i--)); do
			[ "${jiffies[i]}" -gt "$jiffy" ] || break
		done
		if [ "$i" -ge 0 ]; then
			echo "${names[i]}"
		else
			echo module
		fi
	done | sort -u
}

# Memory that only a debug kernel watches: what nobody points at any more.
# An object may be pointed at from a register for a moment, hence more scans.
leak_scan()
{
	local where=$1 found test

	[ -w /sys/kernel/debug/kmemleak ] || return
	for _ in 1 2; do
		echo scan > /sys/kernel/debug/kmemleak
		sleep 2
	done
	echo scan > /sys/kernel/debug/kmemleak
	found=$(ksrtp_leaks < /sys/kernel/debug/kmemleak)
	echo clear > /sys/kernel/debug/kmemleak
	if [ -n "$found" ]; then
		report fail module "loses no memory $where" ""
		printf '%s\n' "$found" >> "$out/module.log"
		while read -r test; do
			[ "$test" = module ] || blame "$test" "loses no memory" \
				"kmemleak, at the end: see module.log"
		done < <(leaking_tests <<< "$found")
	else
		report pass module "loses no memory $where" ""
	fi
}

# What watches a kernel may give up, and a log is clean ever after: lockdep after
# its first report of any kind, kmemleak where it had no memory for itself.
watched_to_the_end()
{
	local word number

	if [ -r /proc/lockdep_stats ]; then
		number=0
		while read -r word number; do
			[ "$word" != debug_locks: ] || break
		done < /proc/lockdep_stats
		report "$([ "${number:-0}" = 1 ] && echo pass || echo fail)" module \
			"is watched by lockdep to the end" ""
	fi
	if [ -e /sys/kernel/debug/kmemleak ]; then
		report "$(dmesg | grep -q 'kmemleak: .*disabled' && echo fail || echo pass)" \
			module "is watched by kmemleak to the end" ""
	fi
}

# Where the kernel counts what lines were run (GCOV_KERNEL) and the module was built
# to be counted: what was counted in this boot, for selftests/coverage.sh.
save_coverage()
{
	local from to file

	from=/sys/kernel/debug/gcov$(realpath "$modules")/kmod
	[ -d "$from" ] || return
	to=$out/gcov/$(cat /proc/sys/kernel/random/boot_id)
	mkdir -p "$to"
	while read -r file; do
		cat "$from/$file.gcda" > "$to/${file//\//,}.gcda"
		cp "$modules/kmod/$file.gcno" "$to/${file//\//,}.gcno"
	done < <(cd "$from" && find . -name '*.gcda' -printf '%P\n' | sed 's/\.gcda$//')
}

# log_clean WHEN: nothing bad is in the kernel's log since the last look
log_clean()
{
	kernel_said "$1"
	printf '%s' "$said" > "$out/$1.dmesg"
	if [ -n "$(kernel_complaints "$out/$1.dmesg")" ]; then
		report fail module "$1 without a complaint of the kernel's" ""
		printf '%s' "$said" >> "$out/module.log"
	fi
}

begin()
{
	sysctl -qw net.core.rmem_max=16777216 net.core.wmem_max=16777216
	[ ! -e /proc/sys/kernel/hung_task_timeout_secs ] ||
		sysctl -qw kernel.hung_task_timeout_secs=$((60 * KSRTP_SLOW))
	mkdir "$group" || echo "no cgroup: what a test leaves running stays"
	follow_kernel
	kernel_said boot
	if ! load 2>> "$out/module.log"; then
		dmesg >> "$out/module.log"
		report fail module "loads" ""
		summary module 0
		return 1
	fi
	log_clean loads
	refcnt
	baseline=$now
}

finish()
{
	local name size address

	while read -r name size _ _ _ address _; do
		[ "$name" != ksrtp ] || code=$address code_size=$size
	done < /proc/modules
	leak_scan "while it is loaded"
	if rmmod ksrtp 2>> "$out/module.log"; then
		report pass module "unloads at the end" ""
	else
		refcnt
		report fail module "unloads at the end" "reference count $now"
	fi
	leak_scan "once it is unloaded"
	watched_to_the_end
	save_coverage
	log_clean unloads
	kill "$follower"
	summary module 0
}

new='' now='' said='' baseline=0
log_file=$(mktemp)
trap 'rm -f "$log_file"' EXIT
: >> "$out/module.log"
read_bounds
[ -z "$modules" ] || begin || exit 1
for file in "$@"; do
	run_one "$file"
done
echo "- $((300 * KSRTP_SLOW / 3 + 300))" > "$out/running"
[ -z "$modules" ] || finish
touch "$out/finished"
rm -f "$out/running"
! grep -q '^fail' "$results"
