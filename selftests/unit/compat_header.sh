#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module asks in one place which kernel it is built for, so that the next
# kernel is one header's work and not a hunt; and it is built for more than one.
. "$(dirname "$0")/../lib/lib.sh"
need grep make
cd "$KSRTP_TOP" || bail "no $KSRTP_TOP"

# What asks for a version, or for something a later kernel may call otherwise
askers()
{
	grep -lE 'LINUX_VERSION_CODE|KERNEL_VERSION\(|linux/version\.h' "$@" | sort
}

plan 3
# pure.h is what the pure files have instead, in user space too.
is "$(askers kmod/*.[ch] kmod/tests/*.[ch] | grep -v '/pure\.h$')" "kmod/compat.h" \
	"only compat.h asks for the kernel's version"
# shellcheck disable=SC2016 # the text of the Makefile
is "$(make -n test-matrix Q= 2> /dev/null | grep -oE 'test\.sh .*')" "test.sh --units 6.1 6.12 7.2" \
	"make test-matrix tests the same module on each supported kernel"
ok "a kernel without what is needed is an error of make, not a fallback" \
	sh -c '! make kdir KDIR=/nonexistent > /dev/null 2>&1'
