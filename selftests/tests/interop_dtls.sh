#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# DTLS-SRTP as others do it: a handshake goes through a socket that is under
# ksrtp already, both ends export what RFC 5764 says, the tool gives it to ksrtp,
# and media flows both ways.  pion/dtls is client or server; openssl is the client
# of one from the address of a socket that is ksrtp's afterwards.
[ -n "${OWN_NETNS:-}" ] || OWN_NETNS=1 exec unshare -n "$0"
. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/interop.sh"

packets=300
near=127.0.0.1:5004 far=127.0.0.1:6004
pion=$KSRTP_PROGRAMS/pion

# The ends of a call, and where they are told (first) and heard (second) what
declare -A pids told=([near]=5 [far]=7) heard_at=([near]=6 [far]=8)

# start NAME ARGUMENT...: one end, told by "tell NAME", heard by "hear NAME"
start()
{
	local name=$1
	shift

	mkfifo "$TMP/$name.in" "$TMP/$name.out"
	"$pion" end "$@" < "$TMP/$name.in" > "$TMP/$name.out" 2> "$TMP/$name.err" 5>&- 6<&- 7>&- 8<&- &
	pids[$name]=$!
	case $name in
	near)	exec 5> "$TMP/near.in" 6< "$TMP/near.out" ;;
	far)	exec 7> "$TMP/far.in" 8< "$TMP/far.out" ;;
	esac
	rm "$TMP/$name.in" "$TMP/$name.out"
}

# stop: both ends have read the end of what they are told
stop()
{
	exec 5>&- 6<&- 7>&- 8<&-
	wait "${pids[@]}"
	wait_for 5 no_sock
}

tell()
{
	echo "${*:2}" >&"${told[$1]}"
}

# hear NAME WORD: the next line, which begins with this word; the rest in $heard
hear()
{
	local line=''

	read -r -t $((30 * KSRTP_SLOW)) line <&"${heard_at[$1]}"
	heard=${line#"$2 "}
	[ "$heard" = "$line" ] || return 0
	note "$1 says '$line', not '$2 ...'"
	note "$(cat "$TMP/$1.err")"
	return 1
}

# under_ksrtp PID FD: the near end's socket, with the far end as its peer
under_ksrtp()
{
	"$KSRTP" sock attach pid "$1" fd "$2" id 1 &&
		"$KSRTP" peer add sock 1 remote "$far" id 1
}

# keys SUITE LOCAL REMOTE: what was exported, given to the tool
keys()
{
	"$KSRTP" key add peer 1 tx hbh ssrc any suite "$1" key-file - <<< "$2" &&
		"$KSRTP" key add peer 1 rx hbh ssrc any suite "$1" key-file - <<< "$3"
}

# flow SUITE OPTIONS: packets both ways, RTP and RTCP
flow()
{
	local kind arrived differ

	for kind in SRTP SRTCP; do
		tell far send srtp $kind $packets
		tell near hear plain $kind $packets
		hear far sent
		hear near heard
		read -r arrived differ <<< "$heard"
		interop "$1" sends $kind "$2" $packets 0 "$arrived" "$differ"
		tell near send plain $kind $packets
		tell far hear srtp $kind $packets
		hear near sent
		hear far heard
		read -r arrived differ <<< "$heard"
		interop "$1" receives $kind "$2" $packets 0 "$arrived" "$differ"
	done
}

# call ROLE SUITE PROFILE: pion is ROLE, and so is whoever uses ksrtp the other
call()
{
	local role=$1 suite=$2 profile=$3 other=server local_key='' remote_key='' fd=''
	[ "$role" = client ] || other=client

	start near "$other" $near $far "$profile"
	hear near fd && fd=$heard
	start far "$role" $far $near "$profile"
	hear far fd
	ok "$profile, pion is the $role: the socket is under ksrtp before the handshake" \
		under_ksrtp "${pids[near]}" "$fd"
	# A client's first flight is sent again only after a second.
	if [ "$role" = client ]; then
		tell near handshake
		tell far handshake
	else
		tell far handshake
		tell near handshake
	fi
	hear near local && local_key=$heard
	hear near remote && remote_key=$heard
	hear far local
	is "$heard" "$remote_key" "both ends export the same key for one direction"
	hear far remote
	is "$heard" "$local_key" "and for the other"
	ok "the tool takes what was exported, under the profile's name" \
		keys "$profile" "$local_key" "$remote_key"
	flow "$suite" "dtls-$role"
	stop
}

no_sock()
{
	[ "$(kj sock show)" = '[]' ]
}

# openssl_exports NAME LENGTH: openssl is the client, from the near end's
# address; what it exported goes to $TMP/material
openssl_exports()
{
	timeout $((20 * KSRTP_SLOW)) openssl s_client -dtls1_2 -bind $near -connect $far \
		-use_srtp "$1" -keymatexport EXTRACTOR-dtls_srtp -keymatexportlen "$2" \
		< /dev/null > "$TMP/openssl" 2>&1
	sed -n 's/^ *Keying material: //p' "$TMP/openssl" | tr A-F a-f > "$TMP/material"
	[ ! -s "$TMP/material" ] || return 0
	cat "$TMP/openssl"
	return 1
}

# openssl_call SUITE PROFILE OPENSSL-NAME KEY-BYTES SALT-BYTES
openssl_call()
{
	local suite=$1 profile=$2 key=$((2 * $4)) salt=$((2 * $5)) material client server fd=''

	start far server $far $near "$profile"
	hear far fd
	tell far handshake
	ok "$profile: openssl agrees with pion" \
		openssl_exports "$3" $(($4 + $4 + $5 + $5))
	material=$(cat "$TMP/material")
	# client key, server key, client salt, server salt (RFC 5764 section 4.2)
	client=${material:0:key}${material:2*key:salt}
	server=${material:key:key}${material:2*key+salt:salt}
	hear far local
	is "$heard" "$server" "what openssl exports is what pion does, for one direction"
	hear far remote
	is "$heard" "$client" "and for the other"
	start near client $near $far "$profile"
	hear near fd && fd=$heard
	ok "ksrtp takes the socket" under_ksrtp "${pids[near]}" "$fd"
	ok "the tool takes the keys" keys "$profile" "$client" "$server"
	flow "$suite" dtls-server,openssl-keys
	stop
}

# A program that has ended is no reason to end.
trap '' PIPE
need openssl jq ip
[ -x "$pion" ] || skip_all "selftests/pion is not built"
plan $((6 * 8 + 2 * 9))
interop_peer pion/dtls "$(dpkg-query -W -f '${source:Upstream-Version}' golang-github-pion-dtls.v2-dev)"
ip link set lo up
for role in client server; do
	call $role AES_CM_128_HMAC_SHA1_80 SRTP_AES128_CM_HMAC_SHA1_80
	call $role AES_CM_128_HMAC_SHA1_32 SRTP_AES128_CM_HMAC_SHA1_32
	call $role AEAD_AES_128_GCM SRTP_AEAD_AES_128_GCM
done
openssl_call AES_CM_128_HMAC_SHA1_80 SRTP_AES128_CM_HMAC_SHA1_80 SRTP_AES128_CM_SHA1_80 16 14
openssl_call AEAD_AES_128_GCM SRTP_AEAD_AES_128_GCM SRTP_AEAD_AES_128_GCM 16 12
interop_cannot AEAD_AES_256_GCM sends SRTP dtls "agrees on it, but pion/srtp has no such suite"
