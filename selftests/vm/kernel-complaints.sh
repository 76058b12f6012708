# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by who reads a kernel's log.

# kernel_complaints FILE: the lines of a kernel's log that no kernel should say.
# What kmemleak found may be anybody's; run.sh looks whether it is ours.  So may
# what KCSAN found, and kcsan_ours knows.
kernel_complaints()
{
	kcsan_ours "$1" | without_short_memory |
		grep -aE -e '\b(BUG|WARNING|Oops|KASAN|UBSAN|KCSAN|ODEBUG|DEBUG_LOCKS_WARN_ON):? ?' \
			-e 'INFO: (task|rcu|possible|trying|suspicious)' \
			-e 'lockdep|possible (recursive|circular|irq)|inconsistent lock state' \
			-e 'suspicious RCU usage|invalid context|scheduling while atomic' \
			-e 'refcount_t:|general protection' \
			-e 'unregister_netdevice: waiting|Kernel panic|Call Trace:' \
			-e 'blocked for more than|detected stall|soft lockup'
}

# Where a test made memory short, a slab cache that cannot be made is told of with a
# stack (as EINVAL, where it is its nodes that find none), as is a test at the limit of
# its cgroup.  Left out is that stack alone, up to its end or for as many lines as one
# has at most: whatever else is said there, and all of the log where the end never
# comes, is looked at.
without_short_memory()
{
	LC_ALL=C awk '
		/__kmem_cache_create[a-z_]*\(ksrtp_[a-z_]*\) failed with error -(12|22)/ ||
		/memory_cgroup invoked oom-killer/ {
			left = 80
			call = 1
		}
		left > 0 {
			left--
			if (call && /\] Call Trace:$/) {
				call = 0
				next
			}
			if (/<\/TASK>/)
				left = 0
			if (!call && /^(\[[^]]*\])+ +(\? )?[A-Za-z0-9_.]+\+0x[0-9a-f]+\/0x[0-9a-f]+( \[[^]]+\])?$/)
				next
		}
		{ print }'
}

# kcsan_ours FILE: the file without the data races of others.  The kernel has
# races of its own, known and left alone; one is ours where code of ksrtp is in
# either stack, but not where that is what an interrupt came upon, or where it has
# handed a datagram or an option on and the access is the stack's.  sk_prot, which
# sockmap reads before it locks, is the kernel's, whoever replaces it.  A report is
# from one line of "=" to the next.  It may begin or end outside of the file, which is
# cut where a test ends.  Of a report of others only its title and its stacks are left
# out, for somebody else may have said something in its midst.
kcsan_ours()
{
	LC_ALL=C awk '
		function told() {
			ours = ours && !theirs
			if (kcsan && ours && !titled)
				print "BUG: KCSAN: the end of a report"
			for (i = 1; i <= n; i++)
				if (!kcsan || ours ||
				    held[i] !~ /BUG: KCSAN:|\] +[^ ]+\+0x[0-9a-f]+\/0x[0-9a-f]+( \[[^ ]+\])?$/)
					print held[i]
			n = kcsan = ours = titled = outside = theirs = 0
		}
		/====================/ {
			# the end of a report that began before the file?
			opens = !inside && !kcsan
			if (opens)
				told()
			held[++n] = $0
			if (!opens)
				told()
			inside = opens
			next
		}
		/BUG: KCSAN:/ {
			if (!inside)
				told()
			inside = kcsan = titled = 1
			theirs = /sock_map_update_elem_sys/ && /ksrtp_sock_attach/
		}
		/Reported by Kernel Concurrency Sanitizer/ { kcsan = 1 }
		/ by (task|interrupt)/ { outside = 0 }
		/\[ksrtp\]$/ && (/BUG: KCSAN:/ || /\+0x[0-9a-f]+\/0x/) && !outside { ours = 1 }
		/\] +(asm_[a-z0-9_]+|udp(v6)?_sendmsg|udp_tunnel6?_xmit_skb|ip6?tunnel_xmit)\+0x/ {
			outside = 1
		}
		/\] +(sock_def_readable|(sk|udp|udpv6|udp_lib|ip|do_ip|ipv6|do_ipv6)_setsockopt)\+0x/ {
			outside = 1
		}
		{ held[++n] = $0 }
		END { told() }' "$1"
}
