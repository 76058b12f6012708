#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# With the tool alone a relay is put between the sockets of two programs, both
# under ksrtp themselves; each command shows what is there, as text and as JSON.
[ -n "${OWN_NETNS:-}" ] || OWN_NETNS=1 exec unshare -n "$0"
. "$(dirname "$0")/../lib/lib.sh"
need jq ip timeout

plan 37
ip link set lo up

# The two programs are this shell; the speaker's socket is descriptor 7, the
# listener's 8, and both speak to the relay at port 6000.
exec 7<>/dev/udp/127.0.0.1/6000
exec 8<>/dev/udp/127.0.0.1/6000

# --- objects ------------------------------------------------------------------

is "$("$KSRTP" sock attach pid $$ fd 7 id 1 2>&1)" "" "a socket of another process is attached"
is "$(kj sock attach fd 8)" '[{"id":2}]' "an inherited one too, and its id is told"
is "$("$KSRTP" sock open 127.0.0.1:6000 id 3 unmatched pass 2>&1)" "" "a socket is opened"
is "$(kj sock show | jq -c 'map(.id)')" "[1,2,3]" "three socks are shown"
is "$(kj sock show 3 | jq -c 'map(del(.inode))')" \
	'[{"id":3,"addr":"127.0.0.1:6000","unmatched":"pass","owned":1,"peers":0}]' \
	"the one of the module with its address"
is "$("$KSRTP" sock show 3)" "sock 3 addr 127.0.0.1:6000 unmatched pass owned on peers 0" \
	"as text on one line"
ok "its policy is changed" "$KSRTP" sock set 3 unmatched drop
is "$(kj sock show 3 | jq -r '.[].unmatched')" drop "and shown so"
is "$(kj sock show 1 | jq '.[].inode')" "$(stat -Lc %i /proc/$$/fd/7)" \
	"an application's is known by its inode"

speaker=$(kj sock show 1 | jq -r '.[].addr')
listener=$(kj sock show 2 | jq -r '.[].addr')

is "$("$KSRTP" peer add sock 1 remote 127.0.0.1:6000)" "peer 1" "a peer gets an id, which is told"
is "$(kj peer add sock 2 remote 127.0.0.1:6000 id 20 max-streams 5)" '[{"id":20}]' \
	"another the id that is wanted"
"$KSRTP" peer add sock 3 remote "$speaker" id 31 || bail "no peer 31"
"$KSRTP" peer add sock 3 remote 127.0.0.9:9 id 32 roam on || bail "no peer 32"
ok "a peer is moved by hand" "$KSRTP" peer set 32 remote "$listener" roam off
is "$("$KSRTP" peer show 32)" "peer 32 sock 3 remote $listener roam off max-streams 64" \
	"and shown there, on one line"
is "$(kj peer show 20 | jq -c '.[] | [.id, .sock, .remote, .roam, .max_streams, .rx_streams,
	.tombstones, .drops.auth]')" '[20,2,"127.0.0.1:6000",0,5,0,0,0]' "as JSON with its counters"

# --- keys ---------------------------------------------------------------------

# One in hex, one as SDES has it
printf '%060d' 1234567890 > "$TMP/up"
printf 'inline:%s' "$(printf '%030d' 987654321 | base64)" > "$TMP/down"
suite=(ssrc any suite AES_CM_128_HMAC_SHA1_80)
ok "a key is added from a file in hex" "$KSRTP" key add peer 1 tx hbh "${suite[@]}" key-file "$TMP/up"
ok "from standard input" "$KSRTP" key add peer 31 rx hbh "${suite[@]}" key-file - < "$TMP/up"
ok "from a file as SDES has it" "$KSRTP" key add peer 32 tx hbh "${suite[@]}" \
	key-file "$TMP/down" window 2048
ok "under its DTLS-SRTP name" "$KSRTP" key add peer 20 rx hbh ssrc any \
	suite SRTP_AES128_CM_HMAC_SHA1_80 key-file "$TMP/down"
is "$(kj key show | jq 'length')" 4 "four keys are shown"
is "$(kj key show | jq -r 'map(.fingerprint) | unique | length')" 2 "of two masters"
is "$(kj key show peer 32 | jq -c '.[] | [.peer, .dir, .layer, .ssrc, .suite, .roc, .window]')" \
	'[32,"tx","hbh","any","AES_CM_128_HMAC_SHA1_80",0,2048]' "with what was asked for"
said=$("$KSRTP" -s key show; "$KSRTP" -j -p key show; "$KSRTP" -j key show peer 1)
if grep -qiE '1234567890|987654321' <<< "$said"; then
	fail "and nothing secret"
else
	pass "and nothing secret"
fi
ok "limits are set" "$KSRTP" key set peer 1 tx hbh ssrc any soft-limit 1000 hard-limit 100000
is "$(kj key show peer 1 | jq -c '.[] | [.soft_limit, .hard_limit]')" "[1000,100000]" "and shown"

# --- the route, and what goes along -------------------------------------------

ok "a route is added" "$KSRTP" route add from peer 31 ssrc any to peer 32 rtcp forward
is "$(kj route show | jq -c .)" \
	'[{"peer":31,"ssrc":"any","rtcp":"forward","out":[{"peer":32}]}]' "and shown"

# say SEQ (1..9): the speaker writes plain RTP of SSRC 0xabcd
say()
{
	# shellcheck disable=SC2059 # a format it is
	printf "\\x80\\x60\\x00\\x0$1\\0\\0\\0\\0\\0\\0\\xab\\xcdpayload-00$1" >&7
}

# hear: what the listener reads, without the RTP header
hear()
{
	timeout $((10 * KSRTP_SLOW)) dd bs=2000 count=1 status=none <&8 | tail -c +13
}

heard=''
for i in 1 2 3 4 5; do
	say $i
	heard+="$(hear) "
done
is "$heard" "payload-001 payload-002 payload-003 payload-004 payload-005 " \
	"five packets are spoken and heard"

is "$(kj stream show | jq -c 'map([.peer, .dir])')" '[[1,"tx"],[20,"rx"],[31,"rx"],[32,"tx"]]' \
	"each socket has its stream"
is "$(kj stream show peer 31 | jq -c '.[] | [.ssrc, .layer, .suite, .roc, .highest_seq, .packets,
	.bytes, .rtcp_packets, .window, .drops.auth, .drops.replayed, .drops.too_old]')" \
	'["0x0000abcd","hbh","AES_CM_128_HMAC_SHA1_80",0,5,5,165,0,1024,0,0,0]' \
	"the relay's says what came in"
is "$(kj stream show ssrc 0xabcd | jq length)$(kj stream show ssrc 43981 | jq length)$(
	kj stream show ssrc 1 | jq length)" 440 "one SSRC is found, in hex or decimal"
is "$("$KSRTP" stream show peer 32 | sed 's/ \+/ /g; 2s/[0-9]*$/IDLE/')" \
	"PEER DIR SSRC LAYER SUITE ROC SEQ PACKETS BYTES IDLE-MS
 32 tx 0x0000abcd hbh AES_CM_128_HMAC_SHA1_80 0 5 5 165 IDLE" "a table has a column for each"
is "$(kj stats | jq -c '.[] | [.socks, .peers, .keys, .routes, .streams, .rx_packets,
	.tx_packets, .relayed_packets, .delivered_packets, .drops.auth]')" \
	'[3,4,4,1,4,10,10,5,5,0]' "stats are the sum of it"
is "$("$KSRTP" stats | grep -E '^(socks|relayed-packets) ' | sed 's/ \+/ /')" \
	"socks 3
relayed-packets 5" "and a list as text"

# --- and away with it ---------------------------------------------------------

ok "one output of the route is deleted" "$KSRTP" route del from peer 31 ssrc any to peer 32
is "$(kj route show)" "[]" "the last takes the route along"
ok "a key is deleted" "$KSRTP" key del peer 1 tx hbh ssrc any
{ "$KSRTP" key flush peer 20 && "$KSRTP" key flush && "$KSRTP" peer del 20 &&
	"$KSRTP" peer flush && "$KSRTP" sock del 3 && "$KSRTP" sock flush &&
	"$KSRTP" route flush; } || bail "something cannot be deleted"
is "$(kj stats | jq -c '.[] | [.socks, .peers, .keys, .routes, .streams]')" "[0,0,0,0,0]" \
	"and so is everything"
