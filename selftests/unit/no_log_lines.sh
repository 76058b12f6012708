#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No packet can write into the kernel's log: the module calls what does in a few
# functions only, which are listed here with the reason why no packet, and
# nobody without privilege, can make them say a second line.
. "$(dirname "$0")/../lib/lib.sh"
need awk grep
cd "$KSRTP_TOP" || bail "no $KSRTP_TOP"

# FILE:FUNCTION	why it may
allowed="
kmod/transform.c:ctr_key			a key is added, and its driver is unfit
kmod/transform.c:ctr_run			once: a driver breaks its word
kmod/transform.c:ksrtp_transform_module_init	the module is loaded
kmod/aead.c:aead_key				a key is added, and its driver is unfit
kmod/aead.c:aead_run				once: a driver breaks its word
kmod/main.c:net_exit_batch			a network namespace ends with something left
kmod/stream.c:ksrtp_stream_flush		a peer is deleted that is not dead
kmod/take.c:ctx_use				once: an index is not what it was under the same lock
kmod/tests/selftest.c:				the module is loaded with selftest=1
"

# Calls that write into the log, as FILE:FUNCTION
writers()
{
	awk '
		/^[a-z].*\(/ && !/;$/ {
			match($0, /[a-z0-9_]+\(/)
			name = substr($0, RSTART, RLENGTH - 1)
		}
		/^}/ { name = "" }
		{ line = $0; sub(/^[ \t]*(\/?\*|\/\/).*/, "", line) }
		line ~ /(^|[^a-zA-Z_])(_?printk|pr_(emerg|alert|crit|err|warn|notice|info|debug|cont)|(net|netdev|dev)_(err|warn|notice|info|dbg|printk|alert|crit|emerg)|WARN|WARN_ON|WARN_ONCE|WARN_ON_ONCE|BUG|BUG_ON|dump_stack|print_hex_dump|trace_printk)(_once|_ratelimited|_bytes)?\(/ {
			print FILENAME ":" name
		}
	' "$@" | sort -u
}

not_allowed()
{
	writers "$@" | while read -r where; do
		grep -qE "^($where|${where%%:*}:)[[:space:]]" <<< "$allowed" || echo "$where"
	done
}

# Rows of the list that no longer stand for anything
stale()
{
	local found

	found=$(writers kmod/*.c kmod/*.h kmod/tests/*.c)
	awk 'NF { print $1 }' <<< "$allowed" | while read -r where; do
		case $where in
		*:)	grep -q "^$where" <<< "$found" || echo "$where" ;;
		*)	grep -qxF "$where" <<< "$found" || echo "$where" ;;
		esac
	done
}

plan 4
printf 'static int f(void)\n{\n\tpr_warn_ratelimited("x");\n}\n' > "$TMP/f.c"
is "$(writers "$TMP/f.c")" "$TMP/f.c:f" "a line to the log is found, and where"
is "$(not_allowed kmod/*.c kmod/*.h kmod/tests/*.c)" "" "nothing writes into the log but where no packet can make it"
is "$(stale)" "" "and each of these does"
is "$(grep -lE 'WARN_ONCE' kmod/transform.c kmod/aead.c | wc -l)" 2 "a driver that goes asynchronous is told of once"
