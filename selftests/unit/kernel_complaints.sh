#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a kernel says of ksrtp is a complaint, and what it says of its own races is
# none.  The logs are as KCSAN, KASAN and lockdep write them.
. "$(dirname "$0")/../lib/lib.sh"
need awk grep
# shellcheck source=selftests/vm/kernel-complaints.sh
. "$KSRTP_TOP/selftests/vm/kernel-complaints.sh"

line="=================================================================="

# race TITLE FRAME FRAME: a report with these innermost frames
race()
{
	cat <<- EOF
	[   71.311804] $line
	[   71.312391] BUG: KCSAN: data-race in $1

	[   71.313502] write to 0xffff888005f1c0a8 of 8 bytes by interrupt on cpu 1:
	[   71.314263]  $2
	[   71.314720]  udp_queue_rcv_one_skb+0x5e1/0x9a0
	[   71.315209]  udp_unicast_rcv_skb+0xd5/0x130
	[   71.315690]  __udp4_lib_rcv+0x9ab/0x1010

	[   71.317034] read to 0xffff888005f1c0a8 of 8 bytes by task 412 on cpu 0:
	[   71.317726]  $3
	[   71.318143]  genl_family_rcv_msg_doit+0x10f/0x1a0
	[   71.318675]  entry_SYSCALL_64_after_hwframe+0x76/0x7e

	[   71.319640] value changed: 0x0000000000000041 -> 0x0000000000000042

	[   71.320575] Reported by Kernel Concurrency Sanitizer on:
	[   71.321162] CPU: 0 UID: 0 PID: 412 Comm: ksrtp Tainted: G           O       6.12.117-kcsan #1
	[   71.322018] Tainted: [O]=OOT_MODULE
	[   71.322431] $line
	EOF
}

ours()
{
	race "ksrtp_recv [ksrtp] / ksrtp_stats_get [ksrtp]" \
		"ksrtp_recv+0x2b1/0x4d0 [ksrtp]" "ksrtp_stats_get+0x91/0x1c0 [ksrtp]"
}

theirs()
{
	race "lockdep_pool_use / udp_poll" "lockdep_pool_use+0x1/0x10" "udp_poll+0x21/0x60"
}

# Its title names two functions of the kernel's, called by ksrtp in one stack
within()
{
	race "memcpy / nla_put" "ksrtp_send+0x44/0x90 [ksrtp]" "nla_put+0x21/0x60"
}

# An interrupt, while a processor is in ksrtp; and a softirq on the way out of one, in which
# ksrtp is, if $1 is its frame
interrupt()
{
	theirs | sed "6a[   71.314264]  ${1:-handle_softirqs+0x1/0x2}\n\
[   71.314265]  asm_sysvec_apic_timer_interrupt+0x16/0x20\n\
[   71.314266]  ksrtp_sendmsg+0x14a/0x1a40 [ksrtp]"
}

# What happens far above a datagram that ksrtp sends, in $1 at last
handed()
{
	theirs | sed "6a[   71.314263]  ${1:-ip_rcv+0x1/0x2}\n\
[   71.314264]  udp_sendmsg+0xd6b/0x14f0\n\
[   71.314265]  send_run+0x19b/0x340 [ksrtp]"
}

# A race in the kernel's list of work, in a worker that is about to do some of ksrtp's
work()
{
	race "process_one_work / process_one_work" "process_one_work+0x1/0x10" \
		"process_one_work+0x21/0x60" |
		sed '/Tainted: \[O\]/a[   71.322019] Workqueue: ksrtp path_free_work [ksrtp]'
}

# What a kernel says of a cache for which there is no memory; without its end if $1 is that
no_cache()
{
	cat <<- EOF
	[    9.100001] __kmem_cache_create_args(ksrtp_stream) failed with error -12
	[    9.100002] CPU: 0 UID: 0 PID: 77 Comm: faults_module Tainted: G           O       6.12.117 #1
	[    9.100003] Call Trace:
	[    9.100004]  <TASK>
	[    9.100005]  dump_stack_lvl+0x6a/0x90
	[    9.100006]  ? lockdep_hardirqs_on+0x78/0x100
	[    9.100007]  ksrtp_init+0x21/0xff0 [ksrtp]
	EOF
	[ "${1:-}" = cut ] || echo "[    9.100008]  </TASK>"
}

warning()
{
	cat <<- EOF
	[    9.200001] WARNING: CPU: 1 PID: 9 at net/core/dev.c:1 foo+0x1/0x2
	[    9.200002] Call Trace:
	[    9.200003]  <TASK>
	[    9.200004]  foo+0x1/0x2
	[    9.200005]  </TASK>
	EOF
}

says()
{
	cat > "$TMP/log"
	kernel_complaints "$TMP/log"
}

complains()
{
	[ -n "$(says)" ]
}

quiet()
{
	local said

	said=$(says)
	[ -z "$said" ] || { echo "$said"; return 1; }
}

plan 22
ok "a data race of ksrtp's is a complaint" complains < <(ours)
ok "and so is one where only one of the two sides is called by ksrtp" complains < <(within)
ok "a data race of others is none" quiet < <(theirs)
ok "nor is one in an interrupt that came upon ksrtp" quiet < <(interrupt)
ok "but one of ksrtp's in a softirq is" complains < <(
	interrupt "ksrtp_udp_rcv+0x2b1/0x4d0 [ksrtp]")
ok "nor is one of the stack's, which ksrtp has handed a datagram to" quiet < <(handed)
ok "but one of ksrtp's that this datagram comes to is" complains < <(
	handed "ksrtp_udp_rcv+0x2b1/0x4d0 [ksrtp]")
ok "nor of sockmap, which looks before it locks" quiet < <(
	race "ksrtp_sock_attach [ksrtp] / sock_map_update_elem_sys" \
		"ksrtp_sock_attach+0x30c/0x810 [ksrtp]" "sock_map_update_elem_sys+0x95/0x1b0")
ok "and one of others in a worker that does ksrtp's work is none" quiet < <(work)
is "$({ theirs; ours; theirs; } | says | grep -c 'BUG: KCSAN: data-race in ksrtp_recv')" 1 \
	"one of ksrtp's between two of others is found, and it alone"
ok "a report that ends after the log ended is found" complains < <(ours | head -n 4; ours | head -n 7)
ok "a report that began before the log began is found" complains < <(
	ours | tail -n +8; echo "[   72.0] something else"; theirs)
ok "the end of a report of others is none" quiet < <(theirs | tail -n +6; theirs)
ok "what is said in the midst of a report of others is a complaint" complains < <(
	theirs | sed '7a[   71.316] WARNING: CPU: 1 PID: 9 at net/core/dev.c:1 foo+0x1/0x2')
ok "a report of KASAN's is a complaint, whoever is in it" complains <<- EOF
	[   12.000001] $line
	[   12.000002] BUG: KASAN: slab-use-after-free in __list_del_entry_valid+0x1/0x2
	[   12.000003] Read of size 8 at addr ffff888005f1c0a8 by task ksrtp/412
	[   12.000004] $line
EOF
ok "a message of no interest is none" quiet <<- EOF
	[   12.000001] IPv6: ADDRCONF(NETDEV_CHANGE): left: link becomes ready
	[   12.000002] ksrtp: loading out-of-tree module taints kernel.
	[   12.000003] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
EOF
ok "a cache for which a test left no memory is none" quiet < <(no_cache; no_cache)
ok "nor is one whose nodes found none, which the kernel calls EINVAL" quiet < <(
	no_cache | sed 's/error -12/error -22/')
ok "nor is a test at the limit of its cgroup" quiet < <(
	no_cache | sed '1s/__kmem.*/memory_cgroup invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0/')
ok "what comes behind either is a complaint" complains < <(no_cache; warning)
is "$({ no_cache cut; warning; } | says | grep -c -e WARNING)" 1 \
	"and so it is where the stack does not end"
is "$({ no_cache | sed '5r '<(warning); } | says | grep -c -e WARNING -e 'Call Trace')" 2 \
	"and in the midst of it"
