#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The numbers in Documentation/limits.rst are those of the code: each row below
# names a limit of the table, the constant it is in the code, and what the table is to
# say of it.
. "$(dirname "$0")/../lib/lib.sh"
need awk grep sed
cd "$KSRTP_TOP" || bail "no $KSRTP_TOP"
doc=Documentation/limits.rst

# constant FILE NAME: what it is defined as, without suffixes and comments
constant()
{
	sed -nE "s/^#define[[:space:]]+$2[[:space:]]+(.*)/\1/p" "$1" |
		sed -E 's,/\*.*,,; s/([0-9])[uUlL]+/\1/g; s/[[:space:]]+$//'
}

# initial FILE NAME: what a variable begins with
initial()
{
	sed -nE "s/^static [a-z ]+$2 = ([0-9]+);.*/\1/p" "$1"
}

# row LIMIT: the cells of a row of the table, as one line
row()
{
	awk -v limit="$1" '
		/^   \* - / { inside = substr($0, 8) == limit }
		/^[^ ]/ { inside = 0 }
		inside { sub(/^ +(\* )?-? */, ""); printf "%s ", $0 }
	' "$doc"
}

# The limit in the table; what the table says; FILE and CONSTANT; its value.
# A limit without a constant has the line of code that enforces it instead.
rows()
{
	cat <<-'ROWS'
	tx streams of a peer;64;kmod/ksrtp.h KSRTP_MAX_STREAMS;64
	tombstones of a peer;4096;kmod/ksrtp.h KSRTP_MAX_TOMBSTONES;4096
	keys of one (peer, direction, layer, SSRC or any);16 with MKIs;kmod/ksrtp.h KSRTP_MAX_MKI_KEYS;16
	keys of one (peer, direction, layer, SSRC or any);2 without;kmod/ksrtp.h KSRTP_MAX_TRIAL_KEYS;2
	MKI;1 to 128 bytes;uapi/linux/ksrtp.h KSRTP_MAX_MKI;128
	window of a key;1024 packets;kmod/replay.h KSRTP_WINDOW_DEFAULT;1024
	window of a key;64 to 32768;kmod/replay.h KSRTP_WINDOW_MIN;64
	window of a key;64 to 32768;kmod/replay.h KSRTP_WINDOW_MAX;32768
	packet index of RTP;2^48 - 1;kmod/index.h KSRTP_INDEX_MAX;((1 << 48) - 1)
	SRTCP index;2^31 - 1;kmod/index.h KSRTP_SRTCP_INDEX_MAX;((1 << 31) - 1)
	MESSAGE-INTEGRITY key from a file;1 to 64 bytes;uapi/linux/ksrtp.h KSRTP_MAX_MI_KEY;64
	packet as it leaves;65507 bytes;kmod/ksrtp.h KSRTP_MAX_PAYLOAD;(65535 - 20 - 8)
	segments of one ``sendmsg`` (``UDP_SEGMENT``);128;kmod/send.c MAX_SEGMENTS;128
	events;64 a second;kmod/events.c EVENTS_PER_SECOND;64
	events;bursts of 256;kmod/events.c EVENTS_BURST;256
	drops that are told of as a burst;32 within a second;kmod/events.c BURST_PACKETS;32
	call key;32 bytes;userspace/lib/libksrtp.h KSRTP_CALL_KEY_LEN;32
	raw end-to-end secret;32 to 512 bytes;userspace/lib/libksrtp.h KSRTP_MAX_SECRET;512
	HBH key of a relay;30 bytes;userspace/lib/libksrtp.h KSRTP_HBH_KEY_LEN;30
	header extension elements that are encrypted;ids 1 to 255;kmod/packet.h KSRTP_EXT_IDS;256
	key file;4096 bytes;userspace/lib/secret.c MAX_TEXT;4096
	LID;255 bytes;userspace/lib/libksrtp.h KSRTP_MAX_LID;256
	ROWS
}

# The same of numbers that are no constants
lines()
{
	cat <<-'LINES'
	MESSAGE-INTEGRITY tag of E2E;1 to 20;kmod/netlink.c;cfg->mi_len > 20
	MESSAGE-INTEGRITY tag of E2E;4 bytes;kmod/netlink.c;a[KSRTP_A_KEY_MI_LEN], 4)
	packets of one SSRC under a key;1 to 2^48;kmod/netlink.c;*hard > KSRTP_INDEX_MAX + 1
	payload types that can be written;64 to 95;kmod/netlink.c;out->pt_new >= 64 && out->pt_new <= 95
	packets from one that carries the ROC to the next;65535;userspace/ksrtp/key.c;.min = 1, .max = UINT16_MAX }
	TTL, hop limit of a forwarded packet;one less;kmod/relay.c;return ttl ? ttl - 1 : 0;
	time after which a stream is idle;30 seconds;kmod/events.c;static unsigned int idle_seconds = 30;
	LINES
}

# What the table says of memory, and of which struct it is the size
sizes()
{
	cat <<-'SIZES'
	a peer;ksrtp_peer
	a key;ksrtp_key
	a stream;ksrtp_stream
	an output of a route;ksrtp_out
	SIZES
}

check_rows()
{
	local limit says where is wrong=

	while IFS=';' read -r limit says where is; do
		# shellcheck disable=SC2086 # FILE and CONSTANT
		[ "$(constant $where)" = "$is" ] ||
			wrong+="$where is $(constant $where), not $is; "
		[[ $(row "$limit") == *"$says"* ]] || wrong+="'$limit' does not say '$says'; "
	done < <(rows)
	echo "$wrong"
}

check_lines()
{
	local limit says file line wrong=

	while IFS=';' read -r limit says file line; do
		grep -qF -- "${line%;}" "$file" || wrong+="$file has no '$line'; "
		[[ $(row "$limit") == *"$says"* ]] || wrong+="'$limit' does not say '$says'; "
	done < <(lines)
	echo "$wrong"
}

size_of()
{
	pahole -C "$1" "$ko" 2> /dev/null | sed -nE 's,.*/\* size: ([0-9]+).*,\1,p' | tail -n 1
}

check_sizes()
{
	local what struct says is wrong=

	while IFS=';' read -r what struct; do
		says=$(sed -nE "s/^$what +([0-9]+) bytes.*/\1/p" "$doc")
		is=$(size_of "$struct")
		[ "$says" = "$is" ] || wrong+="$what has $is bytes, the table says '$says'; "
	done < <(sizes)
	echo "$wrong"
}

plan 4
is "$(row 'tombstones of a peer' | cut -c1-4)$(constant kmod/send.c MAX_SEGMENTS)" "tomb128" \
	"a row is found, and a constant"
is "$(check_rows)" "" "what the table says is what the constants are"
is "$(check_lines)" "" "and what the code compares with"
ko=$(find build -maxdepth 2 -path 'build/6.1.*-amd64/ksrtp.ko' 2> /dev/null | head -n 1)
if [ -z "$ko" ]; then
	skip "objects are as large as it says" "the module is not built for Debian's 6.1"
elif ! command -v pahole > /dev/null || [ -z "$(size_of ksrtp_peer)" ]; then
	skip "objects are as large as it says" "no pahole here, or the module has no debug information"
else
	is "$(check_sizes)" "" "objects are as large as it says"
fi
