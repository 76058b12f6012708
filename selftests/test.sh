#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test.sh [--units] [--brief] KERNEL...: what `make test` does.  Builds, runs the units
# here and the selftests on each kernel in a VM, and ends with one line,
#
#	N passed, N failed, N skipped
#
# with what was skipped, and why, above it, and above that the table of what
# others' implementations and ksrtp made of each other's packets, which is kept
# in build/test/interop.txt.  KERNEL is 6.1, 6.12, 7.2 (Debian's, by
# virtme-ng), debug or kcsan (ours, by the direct boot) or uml (ours, a program).
# T="NAME..." in the environment picks tests by name, KSRTP_BOOT=direct has a machine in two seconds and not
# quite as full.  --brief leaves out, on debug and kcsan, what kernel/not-in-ci names.
# Everything said is kept below build/test/.
set -uo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# shellcheck source=selftests/vm/kernel-complaints.sh
. "$vm_dir/kernel-complaints.sh"
cd "$top" || exit 2

units='' brief=''
while :; do
	case ${1:-} in
	--units)	units=1 ;;
	--brief)	brief=1 ;;
	*)	break ;;
	esac
	shift
done
kernels=("$@")
logs=$top/build/test
read -r -a filter <<< "${T:-}"
# The whole suite in the VM; a test that hangs is ended long before.
limit=${KSRTP_VM_SECONDS:-2700}
failed=0
# What selftests read of the environment, handed on to the machine they run on.
passed=()
for name in KSRTP_RANDOM KSRTP_RACE_SECONDS KSRTP_LOAD KSRTP_SOAK KSRTP_SEED KSRTP_TEST_SECONDS \
	KSRTP_FUZZ_PACKETS KSRTP_FUZZ_MESSAGES KSRTP_FUZZ_SEED KSRTP_FUZZ_RUN KSRTP_FAULTS; do
	[ -z "${!name:-}" ] || passed+=("$name=${!name}")
done

picked()
{
	local name pattern

	[ ${#filter[@]} -gt 0 ] || return 0
	name=$(basename "$1" .sh)
	for pattern in "${filter[@]}"; do
		# shellcheck disable=SC2053 # a pattern it is
		[[ $name == $pattern ]] && return 0
	done
	return 1
}

# pick VARIABLE FILE...: those of the files that were asked for
pick()
{
	local -n into=$1
	local file
	shift

	into=()
	for file in "$@"; do
		if [ -x "$file" ] && [ -f "$file" ] && picked "$file"; then
			into+=("$file")
		fi
	done
}

# build TARGET...: quiet unless it fails, for the tests are what one reads;
# where $where says
where=()
build()
{
	local log=$logs/build.log

	if ! "${where[@]}" make -j"$(nproc)" "$@" > "$log" 2>&1; then
		cat "$log"
		echo "not built: make $*"
		return 1
	fi
}

# broken GROUP WHAT: a failure that is no test's: what kept tests from running
broken()
{
	echo "$2"
	mkdir -p "$logs/$1"
	printf 'fail\t%s\t%s\t\n' "$1" "$2" >> "$logs/$1/results"
}

# stock KERNEL: it is one of Debian's
stock()
{
	[[ $1 == [0-9]* || $1 == arm64 ]]
}

# other_build DIR: where what is built for another architecture is
other_build()
{
	echo "build/$(cat "$1/arch")"
}

# build_module DIR VERSION GROUP: for a kernel of vm/kernel, where its modules are built.
# For one of Debian's without a warning of that Debian's compiler.
build_module()
{
	local dir=$1 version=$2 group=$3 kdir flags='' where said cross=()

	kdir=$(realpath "$dir/kdir")
	! counted "$kdir" || flags=GCOV_PROFILE=y
	[ ! -e "$dir/kbuild" ] || cross=("$(cat "$dir/kbuild")")
	! stock "$group" || flags="W=1 KCFLAGS=-Werror"
	where=("$vm_dir/inside" "$dir")
	if [ -e "$dir/arch" ]; then
		cross=(ARCH="$(cat "$dir/arch")" CROSS_COMPILE="$(cat "$dir/cross")")
	fi
	[ ! -e "$dir/inside" ] || kdir=${kdir#"$(realpath "$dir/root")"}
	build KDIR="$kdir" KFLAGS="$flags" "${cross[@]}" module helpers || return
	stock "$group" || return 0
	# What is no compiler's, but modpost's or objtool's
	said=$(grep -E 'WARNING: modpost|warning: objtool' "$logs/build.log" | head -n 1)
	printf '%s\tbuild\tthe module is built for %s without a warning (W=1)\t%s\n' \
		"$([ -z "$said" ] && echo pass || echo fail)" "$version" "$said" \
		>> "$logs/$group/results"
}

# programs TARGET DIR:BUILT...: where some tests were asked for by name, the
# programs of these from the sources in each DIR, else the make target for all.  A
# shell test may start any program, and what is called interop a peer.
programs()
{
	local target=$1 pair source

	shift
	if [ ${#filter[@]} = 0 ]; then
		echo "$target"
		return
	fi
	for pair in "$@"; do
		for source in "${pair%:*}"/*.c "${pair%:*}"/*.sh; do
			[ -e "$source" ] || continue
			picked "${source%.c}" || continue
			case $source in
			*/driver.c)	;;
			*.c)		echo "${pair#*:}/$(basename "$source" .c)" ;;
			*/unit/*.sh)	;;
			*)		echo "$target" ;;
			esac
			[[ $source != */interop_* ]] || echo peers
		done
	done | sort -u
}

# build_programs DIR KERNEL: tool and tests, what others' implementations need, and in $files
# the tests that were asked for
build_programs()
{
	local dir=$1 kernel=$2 candidates=() targets name cross root

	if [ ! -e "$dir/arch" ]; then
		mapfile -t targets < <(programs "tests peers" selftests/tests:build/selftests)
		read -r -a targets <<< "${targets[*]}"
		build KDIR="$(realpath "$dir/kdir")" user "${targets[@]}" || return
		if [ -n "$brief" ] && watching "$kernel"; then
			mapfile -t candidates < <(vm_tests | worth_it)
		else
			mapfile -t candidates < <(vm_tests)
		fi
		pick files "${candidates[@]}"
		return
	fi
	# Programs alone, for the root they are built against has no more than they need.
	root=$(realpath "$dir/root")
	cross=$(cat "$dir/cross")
	files=()
	for name in selftests/tests/*.c; do
		! picked "${name%.c}" || files+=("$(other_build "$dir")/selftests/$(basename "$name" .c)")
	done
	PKG_CONFIG_SYSROOT_DIR=$root \
	PKG_CONFIG_LIBDIR=$root/usr/lib/${cross%-}/pkgconfig:$root/usr/share/pkgconfig \
		build B="$(other_build "$dir")" CC="${cross}gcc --sysroot=$root" AR="${cross}ar" \
		tool "${files[@]}"
}

run_units()
{
	local files targets

	mapfile -t targets < <(programs units selftests/unit:build/selftests/unit \
		selftests/fuzz:build/selftests/fuzz userspace/fuzz:build/selftests/fuzz)
	build user "${targets[@]}" || { broken unit "the units can be built"; return; }
	pick files build/selftests/unit/* selftests/unit/*.sh build/selftests/fuzz/*
	[ ${#files[@]} -gt 0 ] || return
	echo "== ${#files[@]} units, here"
	selftests/run.sh -o "$logs/unit" "${files[@]}"
}

# Tests of this tree only: a program whose source is gone is not run.
vm_tests()
{
	local source

	for source in selftests/tests/*.c; do
		[ -e "$source" ] && echo "build/selftests/$(basename "$source" .c)"
	done
	for source in selftests/tests/*.sh; do
		[ -e "$source" ] && echo "$source"
	done
}

# watching KERNEL: it is one that watches what the module does, and slow
watching()
{
	case $1 in
	debug | kasan | kcsan | uml)	return 0 ;;
	*)	return 1 ;;
	esac
}

# Without the tests that are not worth their time here, see kernel/not-in-ci
worth_it()
{
	local file name pattern

	while read -r file; do
		name=$(basename "$file" .sh)
		while read -r pattern _; do
			# shellcheck disable=SC2053 # a pattern it is
			[[ $pattern != \#* && $name == $pattern ]] && continue 2
		done < selftests/kernel/not-in-ci
		echo "$file"
	done
}

# counted KDIR: this kernel can count what lines of the module are run
counted()
{
	grep -qs '^CONFIG_GCOV_KERNEL=y' "$1/.config"
}

run_kernel()
{
	local kernel=$1 out=$logs/$1 dir version files boot slow=1 start=$SECONDS
	local quoted status accel guard running again='' environment=("${passed[@]}")

	dir=$("$vm_dir/kernel" "$kernel") || {
		broken "$kernel" "there is a kernel $kernel to test on"
		return
	}
	version=$(cat "$dir/version")
	if ! build_module "$dir" "$version" "$kernel" ||
	   ! build_programs "$dir" "$kernel"; then
		broken "$kernel" "ksrtp can be built for kernel $version"
		return
	fi
	if [ ${#files[@]} = 0 ]; then
		[ ${#filter[@]} -gt 0 ] || broken "$kernel" "there are selftests"
		return
	fi

	accel=$("$vm_dir/accel")
	[ "$accel" = kvm ] || slow=3
	boot=("${KSRTP_BOOT:-vng}" -k "$kernel" -M 2G)
	# What is used after it was freed is seen here at nearly full speed, so that races
	# of the same seconds have twenty times the rounds that they have under KASAN.
	[ "$kernel" != 6.12 ] || boot+=(-a slub_debug=FZP)
	watching "$kernel" && { boot=(direct -k "$kernel" -M 3G); slow=$((slow * 4)); }
	if [ "$kernel" = uml ]; then
		boot[0]=uml
		accel="a program" slow=4
	fi
	if [ -e "$dir/arch" ]; then
		boot[0]=direct
		accel="emulated $(cat "$dir/arch")" slow=6
		environment+=("KSRTP_BUILD=$top/$(other_build "$dir")")
	fi
	[ "${boot[0]}" != vng ] || { boot+=(-l "$out/console"); : > "$out/console"; }
	[ "${boot[0]}" = uml ] || boot+=(-m "$out/monitor")
	run_machine
}

# What run_kernel got ready, which has the variables.
run_machine()
{
	echo "== ${#files[@]} selftests on kernel $version (${boot[0]}, $accel)"
	rm -f "$out/emulator"
	for _ in 1 2 3; do
		rm -f "$out"/monitor.*
		echo "boot 300" > "$out/running"
		[ "${boot[0]}" = uml ] || guard "$out" $((30 * slow)) &
		guard=$!
		printf -v quoted '%q ' "${files[@]/#/$top/}"
		status=0
		"$vm_dir/${boot[0]}" "${boot[@]:1}" -c 2 -t $((limit * (slow > 3 ? slow : 3) / 3)) \
			-w "$out" "KSRTP_SLOW=$slow ${environment[*]} exec $top/selftests/run.sh -o $out \
			-m $top/build/$version $quoted" || status=$?
		kill "$guard" 2> /dev/null
		wait "$guard" 2> /dev/null
		[ ! -e "$out/finished" ] || break
		read -r running _ < "$out/running"
		# Once this may be: of the kernel and of what ran on it it says nothing.
		if [ -e "$out/emulator" ] && [ -z "$again" ] && [ "$running" != - ]; then
			again=1
			[ "$running" = boot ] || from "$running" "${files[@]}"
			echo "   booting again for $running and what comes after it"
			continue
		fi
		stopped "$out" "$status"
		after "$running" "${files[@]}"
		[ ${#files[@]} -gt 0 ] || break
		echo "   booting again for the ${#files[@]} tests left"
	done
	console_clean "$out"
	echo "   $((SECONDS - start)) seconds"
}

# threads_of PID: what each is doing, and what it has done so far, in clock ticks
threads_of()
{
	local task name stat

	for task in "/proc/$1/task"/*; do
		{ name=$(< "$task/comm") && stat=$(< "$task/stat"); } 2> /dev/null || continue
		# Its name may have spaces.
		read -r -a stat <<< "${stat##*) }"
		echo "      | $name: ${stat[0]}, $(cat "$task/wchan" 2> /dev/null)," \
			"${stat[11]} and ${stat[12]} in the kernel"
	done
}

# guard DIR SECONDS: a machine that takes so much longer for something than run.sh
# says in DIR/running stands still.  An NMI has its kernel panic and say where each
# processor and each task is.  Where no processor takes it, it is the emulator that
# stands still, and is ended: DIR/emulator says so.
guard()
{
	local out=$1 patience=$2 what bound since pid

	while sleep 5; do
		# The one is not there before the machine is, the other not once all is done.
		since=$(stat -c %Y "$out/running" "$out/monitor.pid" 2> /dev/null) || continue
		since=$(sort -n <<< "$since" | tail -n 1)
		{ read -r what bound < "$out/running"; } 2> /dev/null || continue
		[ $(($(date +%s) - since)) -gt $((bound + patience)) ] || continue
		echo "      the machine stands still in $what"
		timeout 3 grep -aE '^CPU#|RIP=' <> "$out/monitor.out" > "$out/monitor.log" &
		pid=$(cat "$out/monitor.pid")
		printf '%s\n' "info registers -a" nmi 1<> "$out/monitor.in"
		timeout 60 tail --pid="$pid" -f /dev/null && return
		echo "      no processor takes an NMI: it is the emulator"
		sed 's/^/      | /' "$out/monitor.log"
		rm "$out/monitor.log"
		threads_of "$pid"
		touch "$out/emulator"
		kill -9 "$pid"
		return
	done
}

# Of a kernel's list of tasks those of users, for threads of its own mostly wait.
without_kthreads()
{
	awk '/^mount:/ { next }
		/ task:/ { left_out = / ppid:[02] / }
		!left_out'
}

# A machine that stopped before the suite was through is a failure of the test
# it stopped in.
stopped()
{
	local out=$1 status=$2 running

	read -r running _ < "$out/running"
	printf 'fail\t%s\tthe machine lives through it\tstatus %s\n' \
		"$running" "$status" >> "$out/results"
	echo "FAIL  the machine stopped in $running (status $status)"
	[ ! -s "$out/monitor.log" ] || sed 's/^/      | /' "$out/monitor.log"
	if [ -s "$out/console" ]; then
		without_kthreads < "$out/console" | tail -n 400 | sed 's/^/      | /'
		cat "$out/console" >> "$out/$running.log"
	fi
}

# from NAME FILE...: in $files those from the one of this name on; none where there is
# no such name, for then it was not a test that stopped the machine
from()
{
	local name=$1
	shift

	while [ $# -gt 0 ] && [ "$(basename "$1" .sh)" != "$name" ]; do
		shift
	done
	files=("$@")
}

# after NAME FILE...: those behind it
after()
{
	from "$@"
	files=("${files[@]:1}")
}

# A kernel may complain where run.sh no longer hears it.
console_clean()
{
	local out=$1 complaints

	[ -s "$out/console" ] && ! grep -q '^fail' "$out/results" || return
	complaints=$(kernel_complaints "$out/console") || return
	printf 'fail\tkernel\tthe console stays clean\t%s\n' \
		"${complaints%%$'\n'*}" >> "$out/results"
	sed 's/^/      | /' "$out/console"
}

# What is promised, line by line, where all that shows it was asked for.
look_at_promises()
{
	local kernel=$1 what number tests why

	[ -n "$units" ] && [ ${#filter[@]} = 0 ] || return
	# Without all of the tests nothing is known of all of the promises.
	[ -z "$brief" ] || ! watching "$kernel" || return
	echo "== promises${kernels[1]:+ on $kernel}"
	while IFS=$'\t' read -r what number tests why; do
		if [ "$what" = pass ]; then
			why=''
			echo "promise $number: pass ($tests)"
		else
			echo "promise $number: FAIL ($why)"
		fi
		printf '%s\tpromises\tpromise %s%s\t%s\n' "$what" "$number" \
			"${kernels[1]:+ on $kernel}" "$why" >> "$logs/promises/results"
	done < <(selftests/promises.sh results "$logs/unit/results" "$logs/$kernel/results")
}

# Which lines of the module were run, where all that runs them was asked for.
look_at_coverage()
{
	local kernel=$1 what=pass

	[ -z "$brief" ] && [ ${#filter[@]} = 0 ] && [ -d "$logs/$kernel/gcov" ] || return
	echo "== coverage, on $kernel"
	selftests/coverage.sh -d "$logs/$kernel" || what=fail
	printf '%s\tcoverage\t%s\t\n' "$what" \
		"90 % of the lines are reached, and there is a reason for each other" \
		>> "$logs/$kernel/results"
}

# One at a time in a tree: they share what they build and what they write.
mkdir -p "$top/build"
exec {lock}> "$top/build/test.lock"
if ! flock -n "$lock"; then
	echo "Other tests are running in this tree; waiting for them to end."
	flock "$lock"
fi

groups=(${units:+unit} "${kernels[@]}" ${units:+promises})
for group in "${groups[@]}"; do
	rm -rf "${logs:?}/$group"
	mkdir -p "$logs/$group"
	: > "$logs/$group/results"
done

[ -z "$units" ] || run_units
for kernel in "${kernels[@]}"; do
	run_kernel "$kernel"
done
for kernel in "${kernels[@]}"; do
	look_at_promises "$kernel"
	look_at_coverage "$kernel"
done

for group in "${groups[@]}"; do
	cat "$logs/$group/results"
done > "$logs/results"

selftests/interop.sh -a "${kernels[@]/#/$logs/}" > "$logs/interop.txt" &&
	selftests/interop.sh "${kernels[@]/#/$logs/}"
count()
{
	grep -c "^$1" "${2:-$logs}/results"
}

# The rows of a matrix
if [ ${#kernels[@]} -gt 1 ]; then
	printf '\n%-14s %8s %8s %8s\n' '' passed failed skipped
	for group in "${groups[@]}"; do
		printf '%-14s %8s %8s %8s\n' "$group" "$(count pass "$logs/$group")" \
			"$(count fail "$logs/$group")" "$(count skip "$logs/$group")"
	done
	echo
fi

if [ "$(count fail)" != 0 ]; then
	echo "== failed"
	awk -F '\t' '$1 == "fail" {
		printf "   %s: %s%s\n", $2, $3, $4 == "" ? "" : " (" $4 ")"
	}' "$logs/results"
	failed=1
fi
if [ "$(count skip)" != 0 ]; then
	echo "== skipped"
	awk -F '\t' '$1 == "skip" { printf "   %s: %s (%s)\n", $2, $3, $4 }' "$logs/results"
fi
if [ "$(count pass)" = 0 ]; then
	echo "Nothing passed${T:+: no test is called $T}."
	failed=1
fi
echo "$(count pass) passed, $(count fail) failed, $(count skip) skipped"
exit "$failed"
