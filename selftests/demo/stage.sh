# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The stage both acts play on: telling, waiting, checking, hosts (network
# namespaces) and keys.  Sourced by ./act.sh.
#
# shellcheck disable=SC2034,SC2154 # the other half of these is there

suite=AES_CM_128_HMAC_SHA1_80
keys=/run/demo/keys		# never below the directory that is kept
failures=0

# --- telling -----------------------------------------------------------------

title()
{
	printf '\n==== %s ====\n\n' "$*"
}

tell()
{
	printf '%s\n' "$@"
}

# show COMMAND...: prints a command as it is typed, and runs it.
show()
{
	echo "    # $*"
	"$@"
}

# table COMMAND...: the same, for one that prints a table.
table()
{
	echo
	echo "# $*"
	"$@"
}

# --- failing -----------------------------------------------------------------

# give_up SENTENCE: nothing after this makes sense.
give_up()
{
	local log

	echo "FAILED: $*"
	for log in "$out"/*.log; do
		[ -s "$log" ] || continue
		echo "---- the end of ${log##*/}"
		tail -n 8 "$log"
	done
	exit 1
}

# promise SENTENCE COMMAND...: ok if the command succeeds; the demo goes on.
promise()
{
	local sentence=$1

	shift
	if "$@"; then
		echo "  ok      $sentence"
	else
		echo "  FAILED  $sentence"
		failures=$((failures + 1))
	fi
}

# --- waiting -----------------------------------------------------------------

# wait_for SECONDS SENTENCE COMMAND...: until the command succeeds.
wait_for()
{
	local limit=$1 sentence=$2 end

	shift 2
	end=$((SECONDS + limit))
	until "$@"; do
		[ $SECONDS -lt $end ] ||
			give_up "$limit seconds went by and not yet: $sentence"
		sleep 0.5
	done
}

# bound HOST PORT...: each of these UDP ports has its socket.
bound()
{
	local host=$1 list port

	shift
	list=$(ip netns exec "$host" ss -Hnlu)
	for port; do
		[[ $list == *":$port "* ]] || return 1
	done
}

# drained HOST...: no socket there holds a datagram its reader has not taken.
drained()
{
	local host

	for host; do
		ip netns exec "$host" ss -Hanu | awk '$2 > 0 { exit 1 }' || return
	done
}

ended()
{
	! kill -0 "$1" 2> /dev/null
}

# finish PID NAME: waits for a program that is to end by itself, and well.
finish()
{
	wait_for 120 "$2 has ended" ended "$1"
	wait "$1" || give_up "$2 ended with status $?"
}

# --- hosts and keys ----------------------------------------------------------

# hosts NAME...: a host is a network namespace with one wire to the relay; the
# n-th is 10.n.0.2, and the relay's end of that wire is 10.n.0.1.
hosts()
{
	local name n=0

	ip netns add relay
	ip -n relay link set lo up
	for name; do
		n=$((n + 1))
		ip netns add "$name"
		ip link add eth0 netns "$name" type veth peer name "to-$name" netns relay
		ip -n "$name" address add "10.$n.0.2/24" dev eth0
		ip -n relay address add "10.$n.0.1/24" dev "to-$name"
		ip -n "$name" link set lo up
		ip -n "$name" link set eth0 up
		ip -n relay link set "to-$name" up
	done
}

# new_key NAME BYTES: fresh random bytes in base64, readable by root alone.
new_key()
{
	mkdir -p "$keys"
	(umask 077 && head -c "$2" /dev/urandom | base64 -w 0 > "$keys/$1")
}

# The base64 and the hex of a key, for programs that take it as an argument.
key_base64()
{
	cat "$keys/$1"
}

key_hex()
{
	base64 -d "$keys/$1" | od -An -v -tx1 | tr -d ' \n'
}

# --- the module ---------------------------------------------------------------

# What the kernel of a host with its own /sbin/modprobe loads when asked: here
# it is done by name.
load_beforehand()
{
	local module

	modprobe veth
	modinfo -F depends "$1" | tr ',' '\n' > /run/demo/depends
	while read -r module; do
		[ -z "$module" ] || modprobe "$module"
	done < /run/demo/depends
	for module in aesni_intel sha1_ssse3 ctr; do
		modprobe -q "$module" || :	# built in, or not for this processor
	done
}

log_is_clean()
{
	dmesg > "$out/dmesg"
	! kernel_complaints "$out/dmesg"
}

# --- what the kernel counted -------------------------------------------------

# counted HOST PEER DIRECTION FIELD: the sum over that peer's streams.
counted()
{
	ksrtp -n "$1" -j stream show peer "$2" |
		jq "[.[] | select(.dir == \"$3\" and .layer == \"hbh\") | .$4] | add // 0"
}

counted_at_least()
{
	[ "$(counted "$1" "$2" "$3" "$4")" -ge "$5" ]
}

# frames FILE: how many a framemd5 file of ffmpeg lists
frames()
{
	grep -vc '^#' "$1"
}
