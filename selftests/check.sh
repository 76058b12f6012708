#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh: what `make check` does.  Each check prints one line; what it found
# comes after its line.  All run, however many find something.
set -uo pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
cd "$top" || exit 2

source=/usr/src/linux-source-6.12.tar.xz
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0 passed=0

# check NAME COMMAND...: it succeeds and says nothing
check()
{
	local name=$1
	shift

	if "$@" > "$log" 2>&1 && [ ! -s "$log" ]; then
		echo "ok    $name"
		passed=$((passed + 1))
	else
		echo "FAIL  $name"
		sed 's/^/      /' "$log"
		failed=$((failed + 1))
	fi
}

# The files git knows, or would, of these patterns.
tracked()
{
	git ls-files --cached --others --exclude-standard -- "$@" |
		while read -r file; do [ -f "$file" ] && echo "$file"; done
}

# What kbuild says besides what it does.
kbuild()
{
	local build=$1
	shift

	make B="$build" KFLAGS="$*" module helpers 2>&1 |
		grep -vE '^ *(CC|LD|AR|MODPOST|BTF|CHECK|SYMLINK|GEN|INSTALL)|^make(\[[0-9]+\])?: (Entering|Leaving)|^Building for|^Skipping BTF'
	[ "${PIPESTATUS[0]}" = 0 ]
}

silently()
{
	local said status

	said=$("$@" 2>&1)
	status=$?
	[ "$status" = 0 ] || printf '%s\n' "$said"
	return "$status"
}

user_space()
{
	silently make -j"$(nproc)" B=build/check/user WERROR=1 user units tests
}

fetch_checkpatch()
{
	tar xf "$source" --strip-components=2 --wildcards \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch'
}

# What checkpatch says of things that are so on purpose:
#
#	LINUX_VERSION_CODE	a module outside of the tree has to ask;
#	CONSTANT_COMPARISON	and KERNEL_VERSION() is no constant on the left
#	CAMELCASE		_Generic is a word of C, others are libraries'
#	COMPLEX_MACRO, MACRO_ARG_*	tables (suites, drop reasons, counters) are
#				lists that macros are applied to
#	EXPORT_SYMBOL		what KUnit calls is exported in one file
#	LONG_LINE_STRING	what is said to somebody is one sentence, uncut
#	SPDX_LICENSE_TAG	it does not know which files may say -or-later;
#				the licences are checked below
#
# The macros of trace.h are laid out as in all the kernel's trace headers.
#
# User space has no u8, __packed, ARRAY_SIZE() or strscpy(), its programs may
# declare what another file of them defines, libFuzzer's entry has its name, and tables and texts of several lines (help,
# JSON that is expected) are written as such.
not_asked=LINUX_VERSION_CODE,COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE
not_asked+=,EXPORT_SYMBOL,CONSTANT_COMPARISON,CAMELCASE,MACRO_ARG_UNUSED,LONG_LINE_STRING,SPDX_LICENSE_TAG,FILE_PATH_CHANGES
not_asked_of_user_space=PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES
not_asked_of_user_space+=,AVOID_EXTERNS,STRCPY,STRLCPY,STRNCPY,VOLATILE,ENOSYS
not_asked_of_user_space+=,ARRAY_SIZE,SPLIT_STRING,EMBEDDED_FUNCTION_NAME,CAMELCASE
not_asked_of_user_space+=,PARENTHESIS_ALIGNMENT

# It keeps notes where it stands, hence from the cache with whole names.  Where a
# name has capitals it looks for the kernel's headers, and says that there are none.
checkpatch()
{
	cd "$cache/checkpatch" && perl checkpatch.pl --no-tree --strict --terse --no-summary \
		--show-types --file --ignore="$1" "${@:2}" 2>&1 |
		grep -v -e '^Use of uninitialized value .root ' -e '^find: .*/include' | sed "s|^$top/||"
	cd "$top" || return
}

# pure.h is what makes kernel files compile in user space; trace.h is laid out as
# headers of tracepoints are, which checkpatch knows nothing of.
style()
{
	local kernel user

	mapfile -t kernel < <(tracked 'kmod/*.[ch]' 'uapi/*.h' 'selftests/mod/*.[ch]' |
		grep -v -e '-gen\.[ch]$' -e '^uapi/linux/ksrtp\.h$' -e '/pure\.h$' -e '/trace\.h$')
	mapfile -t user < <(tracked 'userspace/*.[ch]' 'selftests/*.[ch]' 'kmod/pure.h' |
		grep -v '^selftests/mod/')
	checkpatch "$not_asked" "${kernel[@]/#/$top/}"
	checkpatch "$not_asked,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,TRAILING_SEMICOLON" \
		"$top/kmod/trace.h"
	checkpatch "$not_asked,$not_asked_of_user_space" "${user[@]/#/$top/}"
	true
}

scripts()
{
	local list

	mapfile -t list < <(tracked | while read -r file; do
		case $file in
		*.sh | *.bash)	echo "$file" ;;
		*.*)	;;
		*)	head -n 1 "$file" | grep -qE '^#!.*\<(ba|da|)sh\>' && echo "$file" ;;
		esac
	done)
	shellcheck -x -P SCRIPTDIR -P . "${list[@]}"
}

# Every file says what may be done with it, and those that begin with a
# licence of the kernel's side say the one that side has.
licences()
{
	local file want

	tracked '*.[ch]' '*.sh' '*.awk' '*.py' '*.go' '*.yaml' '*.rst' '*.mk' '*.config' \
		Makefile Kbuild | while read -r file; do
		case $file in
		kmod/*)	want='GPL-2\.0' ;;
		uapi/*)	want='GPL-2\.0 WITH Linux-syscall-note' ;;
		*)	want='GPL-2\.0' ;;
		esac
		head -n 3 "$file" | grep -q "SPDX-License-Identifier: (*$want" ||
			echo "$file: no SPDX line, or another licence than its place has"
	done
}

# Text that no tool stumbles over; what it refers to is there. What is generated
# from the netlink spec is for Sphinx, which has words of its own.
documents()
{
	local file

	tracked 'Documentation/*.rst' | grep -v '^Documentation/netlink/' | while read -r file; do
		rst2html --strict --report=info "$file" /dev/null
		grep -oE '<[a-z0-9-]+\.rst>`__' "$file" | tr -d '<>`_' | while read -r other; do
			[ -e "Documentation/$other" ] || echo "$file: there is no $other"
		done
	done
}

manual_pages()
{
	groff -man -ww -Tutf8 -z userspace/man/*.[1-9]
}

make_aside "$cache/checkpatch" fetch_checkpatch || die "no checkpatch in $source"

check "module builds without a warning at W=1" kbuild build/check/w1 W=1
check "module is clean under sparse" \
	kbuild build/check/sparse "C=2 CF=-D__CHECK_ENDIAN__"
check "user space builds without a warning" user_space
check "checkpatch --strict has nothing to say" style
check "shellcheck has nothing to say" scripts
check "gofmt has nothing to say" gofmt -l selftests/pion
check "every file names its licence" licences
check "every promise has its tests" selftests/promises.sh check
check "what no test reaches has its reason in code that is there" selftests/coverage.sh -c
check "the documentation is reStructuredText throughout" documents
check "the manual pages are set without a warning" manual_pages
if [ -x Documentation/netlink/regen.sh ]; then
	check "what is generated from the netlink spec is current" \
		silently Documentation/netlink/regen.sh --check
fi

check "the known answers in the module's table are current" python3 \
	selftests/lib/gen/vecs.py --kernel --check -o kmod/tests/vectors.h vectors/*.json

echo "$passed checks passed, $failed failed"
[ "$failed" = 0 ]
