# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by who reads a kernel's log.

# kernel_complaints FILE: the lines of a kernel's log that no kernel should say.
# What kmemleak found may be anybody's; run.sh looks whether it is ours.
kernel_complaints()
{
	grep -aE -e '\b(BUG|WARNING|Oops|KASAN|UBSAN|KCSAN|ODEBUG|DEBUG_LOCKS_WARN_ON):? ?' \
		-e 'INFO: (task|rcu|possible|trying|suspicious)' \
		-e 'lockdep|possible (recursive|circular|irq)|inconsistent lock state' \
		-e 'suspicious RCU usage|invalid context|scheduling while atomic' \
		-e 'refcount_t:|general protection' \
		-e 'unregister_netdevice: waiting|Kernel panic|Call Trace:' \
		-e 'blocked for more than|detected stall|soft lockup' "$1"
}
