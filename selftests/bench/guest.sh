#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh GROUP: the rows of one group of the bench, inside the VM.
#
# One JSON object a row goes to $OUT/GROUP.rows, with "error" in it where packets were lost or did
# not verify, and "unavailable" where the row could not run at all.
#
# From the environment: OUT, TOOLS (the programs of the bench), KSRTP, KSRTP_KO, RTPENGINE_KO.
set -uo pipefail

AES=AES_CM_128_HMAC_SHA1_80
GCM=AEAD_AES_128_GCM
AUTH=NULL_HMAC_SHA1_80
SSRC=0x1000	# first of those load sends

keys=/run/keys
log=/run/log
mkdir -p "$keys"

# need NAME...: by name, because the kernel's own modprobe has no root to look in here
need()
{
	local m

	for m; do
		modprobe "$m" || return
	done
}

#	snd 10.0.1.1 s0 --- r0 10.0.1.2 rly 10.0.2.1 r1 --- c0 10.0.2.2 rcv
net_up()
{
	local n

	for n in snd rly rcv; do
		ip netns add $n || return
		ip netns exec $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1 || return
		ip -n $n link set lo up
	done
	ip link add s0 address 02:00:00:00:01:01 netns snd type veth \
		peer name r0 address 02:00:00:00:01:02 netns rly || return
	ip link add r1 address 02:00:00:00:02:01 netns rly type veth \
		peer name c0 address 02:00:00:00:02:02 netns rcv || return
	ip -n snd address add 10.0.1.1/24 dev s0
	ip -n rly address add 10.0.1.2/24 dev r0
	ip -n rly address add 10.0.2.1/24 dev r1
	ip -n rcv address add 10.0.2.2/24 dev c0
	for n in "snd s0" "rly r0" "rly r1" "rcv c0"; do
		# shellcheck disable=SC2086	# two words
		set -- $n
		ip -n "$1" link set "$2" up || return
	done
	ip -n snd neigh replace 10.0.1.2 lladdr 02:00:00:00:01:02 dev s0 nud permanent
	ip -n rly neigh replace 10.0.1.1 lladdr 02:00:00:00:01:01 dev r0 nud permanent
	ip -n rly neigh replace 10.0.2.2 lladdr 02:00:00:00:02:02 dev r1 nud permanent
	ip -n rcv neigh replace 10.0.2.1 lladdr 02:00:00:00:02:01 dev c0 nud permanent
	ip -n snd route add default via 10.0.1.2
	ip -n rcv route add default via 10.0.2.1
	ip netns exec rly sysctl -qw net.ipv4.ip_forward=1
}

net_down()
{
	local n

	for n in snd rly rcv; do
		ip netns del $n
	done
}

# key_file NAME LENGTH [LINES]: keys that are different on every line
key_file()
{
	awk -v len="$2" -v lines="${3:-1}" -v salt="$1" 'BEGIN {
		for (i = 1; i <= length(salt); i++)
			seed += i * index("abcdefghijklmnopqrstuvwxyz", substr(salt, i, 1))
		for (l = 0; l < lines; l++) {
			for (i = 0; i < len; i++)
				printf "%02x", (seed + 31 * i + 7 * l + i * l) % 256
			print ""
		}
	}' > "$keys/$1"
}

# emit CASE SUITE MEMBERS
emit()
{
	printf '{"case":"%s","suite":"%s",%s}\n' "$1" "$2" "$3" >> "$OUT/$group.rows"
}

# sentence FILE: its last line, fit for a JSON string
sentence()
{
	tail -n 1 "$1" | tr -d '"\\\t\r'
}

# shape LOAD-ARGUMENT...: the members that name a row which has no result
shape()
{
	local size=172 burst=64 outputs=1

	while [ $# -gt 0 ]; do
		case $1 in
		-s)	size=$2 ;;
		-b)	burst=$2 ;;
		-o)	outputs=$(wc -l < "${2#*:}") ;;
		esac
		shift
	done
	printf '"size":%d,"burst":%d,"outputs":%d' "$size" "$burst" "$outputs"
}

# measure CASE SUITE PROGRAM ARGUMENT...: one run of load
measure()
{
	local name=$1 suite=$2 program=$3 members

	shift 3
	echo "$name $suite $*"
	# Let what is still going on in the kernel (namespaces coming and going, late boot work) come
	# to its end. There is nothing to wait for, and an idle guest's time costs nothing.
	sleep 10
	if members=$(timeout 300 "$TOOLS/$program" "$@" 2> "$log"); then
		emit "$name" "$suite" "$members"
	else
		cat "$log"
		emit "$name" "$suite" "$(shape "$@"),\"error\":\"$(sentence "$log")\""
	fi
}

# unavailable CASE SUITE REASON LOAD-ARGUMENT...
unavailable()
{
	local name=$1 suite=$2 reason=$3

	shift 3
	echo "$name $suite: $reason"
	emit "$name" "$suite" "$(shape "$@"),\"unavailable\":\"$reason\""
}

# The four shapes every case is measured in
shapes()
{
	"$@" -s 172 -b 64
	[ -z "${BENCH_QUICK:-}" ] || return 0
	"$@" -s 1200 -b 64
	"$@" -s 172 -b 1
	"$@" -s 1200 -b 1
}

to_rly=(-f snd:10.0.1.1:4000 -d 10.0.1.2:5000 -t rcv:10.0.2.2:6000)
to_rcv=(-f snd:10.0.1.1:4000 -d 10.0.2.2:6000 -t rcv:10.0.2.2:6000)

group_direct()
{
	local verdict nothing=

	need veth || return
	net_up || return
	shapes measure direct none load "${to_rcv[@]}"
	[ -z "${BENCH_QUICK:-}" ] || { net_down; return; }
	# How much of that is behind the decision to forward: with a packet filter that has no rules,
	# once it lets all pass and once nothing.
	need nf_tables || return
	for verdict in accept drop; do
		ip netns exec rly nft -f - <<- END || return
			table ip half { chain forward {
				type filter hook forward priority filter; policy $verdict;
			}; }
		END
		[ $verdict = accept ] || nothing=-B
		# shellcheck disable=SC2086	# an option or none
		measure "direct, filter $verdict" none load "${to_rcv[@]}" $nothing
	done
	net_down
}


group_nft()
{
	need veth nf_tables nft_chain_nat nft_nat nf_nat || return
	net_up || return
	# shellcheck disable=SC2016	# nft's own braces, nothing to expand
	ip netns exec rly nft -f - <<- END || return
		table ip relay {
			chain in {
				type nat hook prerouting priority dstnat;
				ip daddr 10.0.1.2 udp dport 5000 dnat to 10.0.2.2:6000
			}
			chain out {
				type nat hook postrouting priority srcnat;
				ip daddr 10.0.2.2 udp dport 6000 snat to 10.0.2.1:5002
			}
		}
	END
	shapes measure "nft DNAT+SNAT" none load "${to_rly[@]}"
	net_down
}

# rtpengine SUITE LOAD-ARGUMENT...
rtpengine_row()
{
	local suite=$1 crypto=() lane=()

	shift
	if [ "$suite" != none ]; then
		crypto=(-s "$suite" -i "$keys/in" -o "$keys/out")
		lane=(-i "$suite:$keys/in" -o "$suite:$keys/out")
	fi
	net_up || return
	if ip netns exec rly "$TOOLS/rtpengine" -l 10.0.1.2:5000 -f 10.0.2.1:5002 \
		-t 10.0.2.2:6000 -S $SSRC "${crypto[@]}" 2> "$log"; then
		measure "rtpengine kernel module" "$suite" load "${to_rly[@]}" "${lane[@]}" "$@"
	else
		unavailable "rtpengine kernel module" "$suite" "$(sentence "$log")" "$@"
	fi
	net_down
	echo "del 0" > /proc/rtpengine/control
}

group_rtpengine()
{
	local suite

	need veth x_tables iptable_filter aesni_intel sha1_ssse3 ghash_generic ctr gcm \
		hmac || return
	if [ -z "$RTPENGINE_KO" ]; then
		unavailable "rtpengine kernel module" $AES "the module could not be built"
		return
	fi
	insmod "$RTPENGINE_KO" || return
	for suite in none $AES $AUTH $GCM; do
		make_keys "$suite"
		shapes rtpengine_row "$suite"
	done
}

# make_keys SUITE [OUTPUTS]
make_keys()
{
	local len=30

	[ "$1" = $GCM ] && len=28
	key_file in $len
	key_file out $len "${2:-1}"
}

# userspace NAME RELAY-OPTION SUITE LOAD-ARGUMENT...
userspace_row()
{
	local name=$1 option=$2 suite=$3 pid

	shift 3
	net_up || return
	# shellcheck disable=SC2086	# the option may be none
	if pid=$(ip netns exec rly "$TOOLS/relay" -l 10.0.1.2:5000 -f 10.0.2.1:5002 \
		-t 10.0.2.2:6000 -s "$suite" -i "$keys/in" -o "$keys/out" $option 2> "$log"); then
		measure "$name" "$suite" load "${to_rly[@]}" -i "$suite:$keys/in" \
			-o "$suite:$keys/out" "$@"
		kill "$pid"
	else
		unavailable "$name" "$suite" "$(sentence "$log")" "$@"
	fi
	net_down
}

group_userspace()
{
	local suite

	need veth || return
	if [ ! -x "$TOOLS/relay" ]; then
		unavailable "user space, sendmmsg" $AES "libsrtp could not be built"
		return
	fi
	for suite in $AES $AUTH $GCM; do
		make_keys "$suite"
		shapes userspace_row "user space, sendmmsg" "" "$suite"
		shapes userspace_row "user space, UDP GSO" -g "$suite"
	done
}

# The module and what it stands on; the reason where it is not to be had
load_ksrtp()
{
	local dep

	[ -e "$KSRTP_KO" ] || { echo "the module is not built" > "$log"; return 1; }
	[ -x "$KSRTP" ] || { echo "the tool is not built" > "$log"; return 1; }
	modinfo -F depends "$KSRTP_KO" | tr ',' '\n' > /run/depends
	while read -r dep; do
		[ -z "$dep" ] || modprobe "$dep" 2> "$log" || return
	done < /run/depends
	need veth aesni_intel sha1_ssse3 ctr hmac ghash_generic gcm 2> "$log" && insmod "$KSRTP_KO" 2> "$log"
}

# relay_up SUITE OUTPUTS [STREAMS]: one peer in, so many out, all on one module-owned socket
relay_up()
{
	local suite=$1 outputs=$2 limit=(${3:+max-streams "$3"}) to=() key i=0

	set -- ip netns exec rly "$KSRTP"
	"$@" sock open 10.0.1.2:5000 id 1 &&
	"$@" peer add sock 1 remote 10.0.1.1:4000 id 10 "${limit[@]}" &&
	"$@" key add peer 10 rx hbh ssrc any suite "$suite" key-file $keys/in || return
	while read -r key; do
		"$@" peer add sock 1 remote 10.0.2.2:$((6000 + i)) id $((20 + i)) "${limit[@]}" &&
		"$@" key add peer $((20 + i)) tx hbh ssrc any suite "$suite" key-file - \
			<<< "$key" || return
		to+=(to peer $((20 + i)))
		i=$((i + 1))
	done < $keys/out
	[ $i = "$outputs" ] && "$@" route add from peer 10 ssrc any "${to[@]}"
}

# ksrtp_row NAME SUITE OUTPUTS LOAD-ARGUMENT...
ksrtp_row()
{
	local name=$1 suite=$2 outputs=$3
	local lane=(-i "$suite:$keys/in" -o "$suite:$keys/out")

	shift 3
	make_keys "$suite" "$outputs"
	net_up || return
	if relay_up "$suite" "$outputs" > "$log" 2>&1; then
		measure "$name" "$suite" load "${to_rly[@]}" "${lane[@]}" "$@"
	else
		unavailable "$name" "$suite" "$(sentence "$log")" "${lane[@]}" "$@"
	fi
	net_down
}

group_ksrtp()
{
	if ! load_ksrtp; then
		unavailable "ksrtp relay" $AES "$(sentence "$log")"
		return
	fi
	shapes ksrtp_row "ksrtp relay" $AES 1
	[ -z "${BENCH_QUICK:-}" ] || return 0
	shapes ksrtp_row "ksrtp relay" $AUTH 1
	shapes ksrtp_row "ksrtp relay" $GCM 1
}

group_fanout()
{
	local outputs

	if ! load_ksrtp; then
		unavailable "ksrtp fan-out" $AES "$(sentence "$log")"
		return
	fi
	for outputs in 1 2 10; do
		ksrtp_row "ksrtp fan-out" $AES $outputs
	done
	# As many packets leave as with 12 outputs and 4096 packets
	ksrtp_row "ksrtp fan-out" $AES 50 -n 1024 -w 256
}

# Kilobytes the kernel holds for itself
kernel_memory()
{
	awk '/^(Slab|Percpu|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# 100,000 SSRCs through one peer, each with a packet before the timed window: 100,000 streams in
# each direction
group_streams()
{
	local name="ksrtp 100,000 streams" before bytes
	local lane=(-i "$AES:$keys/in" -o "$AES:$keys/out" -S 100000 -w 102400)

	if ! load_ksrtp; then
		unavailable "$name" $AES "$(sentence "$log")"
		return
	fi
	make_keys $AES
	net_up || return
	if relay_up $AES 1 100000 > "$log" 2>&1; then
		before=$(kernel_memory)
		measure "$name" $AES load "${to_rly[@]}" "${lane[@]}"
		bytes=$((($(kernel_memory) - before) * 1024 / 200000))
		sed -i "s/}\$/,\"bytes_per_stream\":$bytes}/" "$OUT/$group.rows"
	else
		unavailable "$name" $AES "$(sentence "$log")" "${lane[@]}"
	fi
	net_down
}

# endpoint_up: run by load, once its socket exists
endpoint_up()
{
	set -- ip netns exec snd "$KSRTP"
	"$@" sock attach pid "$SND_PID" fd "$SND_FD" id 1 &&
	"$@" peer add sock 1 remote 10.0.2.2:6000 id 10 &&
	"$@" key add peer 10 tx hbh ssrc any suite "$AES" key-file $keys/in
}

# endpoint_row NAME PROGRAM MODE LOAD-ARGUMENT...
endpoint_row()
{
	local name=$1 program=$2 mode=$3

	shift 3
	net_up || return
	measure "$name" $AES "$program" "${to_rcv[@]}" -e "$mode" -i "$AES:$keys/in" \
		-o "$AES:$keys/in" "$@"
	net_down
}

group_endpoint()
{
	need veth || return
	make_keys $AES
	if [ -x "$TOOLS/load-libsrtp" ]; then
		shapes endpoint_row "libsrtp endpoint" load-libsrtp libsrtp
	else
		unavailable "libsrtp endpoint" $AES "libsrtp could not be built"
	fi
	if load_ksrtp; then
		export keys AES
		# in a file, because a sh between two bash may drop functions
		{ declare -f endpoint_up; echo endpoint_up; } > /run/endpoint
		shapes endpoint_row "ksrtp endpoint" load plain -c "bash /run/endpoint"
	else
		unavailable "ksrtp endpoint" $AES "$(sentence "$log")"
	fi
}

group=$1
: > "$OUT/$group.rows"
"group_$group" || exit
[ -z "${BENCH_PROFILE:-}" ] || cat /proc/kallsyms > "$OUT/$group.kallsyms"
