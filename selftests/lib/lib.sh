# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lib.sh: what a test in shell needs to speak KTAP and to build a small network
# of its own.  A test begins
#
#	. "$(dirname "$0")/../lib/lib.sh"
#	need jq
#	plan 2
#	ns_make left right
#	veth left 192.0.2.1/24 right 192.0.2.2/24
#	ok "right answers left" in_ns left ping -c 1 192.0.2.2
#	is "$(kj sock show | jq length)" 0 "no socket is under ksrtp yet"
#
# and needs nothing at its end: the trap set here removes what was made,
# counts, and gives the exit status (0 pass, 1 fail, 4 all skipped).
set -u

KSRTP_TOP=${KSRTP_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)}
KSRTP=${KSRTP:-$KSRTP_TOP/build/user/ksrtp}
KSRTP_PROGRAMS=${KSRTP_PROGRAMS:-$KSRTP_TOP/build/selftests}
KSRTP_VECTORS=${KSRTP_VECTORS:-$KSRTP_TOP/vectors}
export KSRTP_TOP KSRTP KSRTP_PROGRAMS KSRTP_VECTORS
# Emulated and instrumented machines are slow; the runner says by how much.
KSRTP_SLOW=${KSRTP_SLOW:-1}

kt_planned='' kt_run=0 kt_failed=0 kt_skipped=0
kt_namespaces=() kt_cleanups=()
# A directory of the test's own, for keys and captures.
TMP=$(mktemp -d)

note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

plan()
{
	kt_planned=$1
	echo "TAP version 13"
	echo "1..$1"
}

pass()
{
	kt_run=$((kt_run + 1))
	echo "ok $kt_run $*"
}

fail()
{
	kt_run=$((kt_run + 1))
	kt_failed=$((kt_failed + 1))
	echo "not ok $kt_run $*"
}

# skip NAME REASON: one planned result that cannot be had here
skip()
{
	kt_run=$((kt_run + 1))
	kt_skipped=$((kt_skipped + 1))
	echo "ok $kt_run $1 # SKIP $2"
}

# skip_all REASON: before the plan
skip_all()
{
	kt_planned=none
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

bail()
{
	echo "Bail out! $*"
	kt_planned=none
	exit 1
}

# ok NAME COMMAND...: the command succeeds; what it says is shown if not
ok()
{
	local name=$1 said status
	shift

	said=$("$@" 2>&1)
	status=$?
	if [ $status = 0 ]; then
		pass "$name"
	else
		note "status $status of: $*"
		note "$said"
		fail "$name"
	fi
	return $status
}

# refused NAME STATUS TEXT COMMAND...: the command fails with this exit status
# and says this (an extended regular expression)
refused()
{
	local name=$1 want=$2 text=$3 said status
	shift 3

	said=$("$@" 2>&1)
	status=$?
	if [ "$status" = "$want" ] && grep -qE -- "$text" <<< "$said"; then
		pass "$name"
	else
		note "status $status, want $want and '$text', of: $*"
		note "$said"
		fail "$name"
	fi
}

# is GOT WANT NAME
is()
{
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		note "got  '$1'"
		note "want '$2'"
		fail "$3"
	fi
}

# need COMMAND...: without these there is nothing to test
need()
{
	local command

	for command in "$@"; do
		command -v "$command" > /dev/null || skip_all "$command is not installed"
	done
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for()
{
	local end=$((SECONDS + $1 * KSRTP_SLOW))
	shift

	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# at_end COMMAND: evaluated when the test ends, the last one first
at_end()
{
	kt_cleanups=("$*" "${kt_cleanups[@]}")
}

# ns_make NAME...: network namespaces with lo up, gone when the test ends
ns_make()
{
	local ns

	for ns in "$@"; do
		ip netns add "$ns" || bail "no network namespace $ns"
		kt_namespaces+=("$ns")
		ip -n "$ns" link set lo up
		# Neighbours, addresses: nothing to wait for.
		in_ns "$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.router_solicitations=0
	done
}

in_ns()
{
	local ns=$1
	shift

	ip netns exec "$ns" "$@"
}

# veth NS ADDRESS/LEN NS ADDRESS/LEN [NAME NAME]: joins two namespaces by a
# pair of links, called after the other end if not named; a further address
# can be given to each by ip(8)
veth()
{
	local a=$1 address_a=$2 b=$3 address_b=$4 name_a=${5:-$3} name_b=${6:-$1}

	ip link add "$name_a" netns "$a" type veth peer name "$name_b" netns "$b" ||
		bail "no veth pair between $a and $b"
	ns_address "$a" "$name_a" "$address_a"
	ns_address "$b" "$name_b" "$address_b"
	ip -n "$a" link set "$name_a" up
	ip -n "$b" link set "$name_b" up
}

# ns_address NS LINK ADDRESS/LEN: usable at once, IPv6 too
ns_address()
{
	case $3 in
	*:*)	ip -n "$1" address add "$3" dev "$2" nodad ;;
	*)	ip -n "$1" address add "$3" dev "$2" ;;
	esac
}

# kj ARGUMENT...: what the tool says as JSON, for jq
kj()
{
	"$KSRTP" -j "$@"
}

# kj_in NS ARGUMENT...: in a namespace
kj_in()
{
	local ns=$1
	shift

	in_ns "$ns" "$KSRTP" -j "$@"
}

kt_end()
{
	local status=$? command ns

	trap - EXIT
	for command in "${kt_cleanups[@]}"; do
		eval "$command"
	done
	# Nothing a test started has anything left to say.
	# shellcheck disable=SC2046 # a list it is
	kill -KILL $(jobs -p) 2> /dev/null
	wait 2> /dev/null
	for ns in "${kt_namespaces[@]}"; do
		ip netns del "$ns"
	done
	rm -rf "$TMP"

	[ "$kt_planned" = none ] && exit "$status"
	if [ "$kt_run" != "$kt_planned" ]; then
		note "$kt_planned results planned, $kt_run given"
		exit 1
	fi
	[ "$kt_failed" = 0 ] || exit 1
	[ "$kt_run" != "$kt_skipped" ] || exit 4
	exit 0
}
trap kt_end EXIT
trap 'exit 1' INT TERM
