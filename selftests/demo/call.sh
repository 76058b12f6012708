# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Act 2: a call that is protected end to end, by programs that know nothing of
# it, through a relay that cannot listen.  Sourced by ./act.sh.
#
# shellcheck disable=SC2034,SC2154 # the other half of these is there

call_port=7000
lid=alice@lid

# socket_of PID HOST PORT: the file descriptor of its socket on that port
socket_of()
{
	ip netns exec "$2" ss -Hnlup "sport = :$3" | sed -nE "s/.*pid=$1,fd=([0-9]+).*/\1/p"
}

# attach HOST PID: what is written into the sockets of this program from now on
# leaves as SRTP, and what it reads has been SRTP.  Sock and peer 1 are for RTP,
# 2 for RTCP.
attach()
{
	local host=$1 pid=$2 relay=$3 x fd

	for x in 1 2; do
		fd=$(socket_of "$pid" "$host" $((call_port + x - 1)))
		show ksrtp -n "$host" sock attach pid "$pid" fd "$fd" id $x
		show ksrtp -n "$host" peer add sock $x remote "$relay:$call_port" id $x
	done
}

# Alice's ffmpeg is given the head of its file, opens its sockets and waits for
# more: time to attach them before anything is sent.
start_alice()
{
	mkfifo /run/demo/call
	ip netns exec alice ffmpeg -hide_banner -nostdin -nostats -max_ts_probe 0 \
		-f matroska -i pipe:0 -c copy -f rtp -payload_type 97 -seq 65440 \
		-rtpflags send_bye \
		"rtp://10.4.0.1:$call_port?rtcpport=$call_port&localrtpport=$call_port&localrtcpport=$((call_port + 1))" \
		< /run/demo/call > "$out/alice.log" 2>&1 &
	alice=$!
	exec {call}> /run/demo/call
	head -c "$call_header" "$out/call.mka" >&"$call"
}

start_bob()
{
	cat > /run/demo/bob.sdp <<-EOF
		v=0
		o=- 0 0 IN IP4 10.5.0.1
		s=ksrtp
		c=IN IP4 10.5.0.1
		t=0 0
		m=audio $call_port RTP/AVP 97
		a=rtpmap:97 opus/48000/2
	EOF
	ip netns exec bob ffmpeg -hide_banner -nostdin -nostats -y \
		-listen_timeout 600 -protocol_whitelist file,udp,rtp -i /run/demo/bob.sdp \
		-map 0:a -c copy -f data "$out/bob.opus" -map 0:a -f framemd5 "$out/bob.md5" \
		> "$out/bob.log" 2>&1 &
	bob=$!
}

# capture NAME: what passes on the relay's wire to that host
capture()
{
	# Short slots in a large ring: none is to be missed.
	ip netns exec relay tcpdump -i "to-$1" -Z root -s 2048 -B 16384 -U --immediate-mode \
		-w "$out/$1.pcap" udp > "$out/tcpdump-$1.log" 2>&1 &
	captures+=($!)
	wait_for 120 "tcpdump listens" grep -q 'listening on' "$out/tcpdump-$1.log"
}

# captured NAME COUNT: that many packets are in the file
captured()
{
	[ "$(tcpdump -r "$out/$1.pcap" 2> /dev/null | wc -l)" -ge "$2" ]
}

call()
{
	local bob_frames packets

	title "Act 2: a call the relay cannot hear"
	tell "tcpdump listens on both sides of the relay." \
		"alice and bob run plain ffmpeg: RTP, no encryption anywhere in its arguments."
	captures=()
	capture alice
	capture bob
	start_bob
	start_alice
	wait_for 120 "alice's ffmpeg has opened its sockets" bound alice 7000 7001
	wait_for 120 "bob's ffmpeg has opened its sockets" bound bob 7000 7001
	tell "Both have opened their sockets; alice's waits for its microphone." "" \
		"ksrtp takes these sockets as they are, from outside:" ""
	attach alice $alice 10.4.0.1
	attach bob $bob 10.5.0.1

	new_key hop-alice 30
	new_key hop-bob 30
	new_key call 32
	tell "" "Each of the two has a key for the hop to the relay, and around the media both share" \
		"a call key.  alice sends; end to end inside hop by hop:" ""
	show ksrtp -n alice key add peer 1 tx e2e ssrc any suite E2E_AES_128_CTR \
		call-key-file "$keys/call" lid $lid mi derived
	show ksrtp -n alice key add peer 1 tx hbh ssrc any suite "$suite" key-file "$keys/hop-alice"
	show ksrtp -n alice key add peer 2 tx hbh ssrc any suite "$suite" key-file "$keys/hop-alice"
	show ksrtp -n bob key add peer 1 rx hbh ssrc any suite "$suite" key-file "$keys/hop-bob"
	show ksrtp -n bob key add peer 1 rx e2e ssrc any suite E2E_AES_128_CTR \
		call-key-file "$keys/call" lid $lid mi derived
	show ksrtp -n bob key add peer 2 rx hbh ssrc any suite "$suite" key-file "$keys/hop-bob"
	tell "" "The relay gets the two hop keys and never sees the call key:" ""
	show ksrtp -n relay sock open 0.0.0.0:$call_port id 2
	show ksrtp -n relay peer add sock 2 remote 10.4.0.2:7000 id 40
	show ksrtp -n relay peer add sock 2 remote 10.4.0.2:7001 id 41
	show ksrtp -n relay peer add sock 2 remote 10.5.0.2:7000 id 50
	show ksrtp -n relay peer add sock 2 remote 10.5.0.2:7001 id 51
	show ksrtp -n relay key add peer 40 rx hbh ssrc any suite "$suite" key-file "$keys/hop-alice"
	show ksrtp -n relay key add peer 41 rx hbh ssrc any suite "$suite" key-file "$keys/hop-alice"
	show ksrtp -n relay key add peer 50 tx hbh ssrc any suite "$suite" key-file "$keys/hop-bob"
	show ksrtp -n relay key add peer 51 tx hbh ssrc any suite "$suite" key-file "$keys/hop-bob"
	show ksrtp -n relay route add from peer 40 ssrc any to peer 50
	show ksrtp -n relay route add from peer 41 ssrc any to peer 51 rtcp forward

	tell "" "alice speaks."
	tail -c +$((call_header + 1)) "$out/call.mka" >&"$call"
	wait_for 120 "all of the call went through the relay" \
		counted_at_least relay 40 rx packets "$call_packets"
	wait_for 120 "bob has read all of it" drained bob
	tell "All is said.  What the two ends look like, while their sockets live:"
	table ksrtp -n alice -s stream show
	table ksrtp -n bob -s stream show
	call_drops=$(for host in alice bob; do
		ksrtp -n $host -j stream show
	done | jq -s '[.[][].drops[]] | add // 0')
	exec {call}>&-
	finish $alice "alice's ffmpeg"
	finish $bob "bob's ffmpeg, which stops at alice's goodbye"

	packets=$(($(counted relay 40 rx packets) + $(counted relay 41 rx rtcp_packets)))
	wait_for 120 "tcpdump has written all it saw at alice's" captured alice $packets
	wait_for 120 "tcpdump has written all it saw at bob's" captured bob $packets
	kill -INT "${captures[@]}"
	finish "${captures[0]}" "tcpdump at alice's"
	finish "${captures[1]}" "tcpdump at bob's"

	bob_frames=$(frames "$out/bob.md5")
	call_frames="$(printf '%5d %14d' "$call_packets" "$bob_frames")"
	tell "" "Both captures, opened by a checker with ciphers of its own:" ""
	promise "the relay passed the end-to-end bytes on unchanged, and could not read them" \
		"$out/hops" "$out/alice.pcap" "$keys/hop-alice" "$out/bob.pcap" "$keys/hop-bob" \
		"$keys/call" $lid "$out/call.opus"
	promise "bob's ffmpeg read exactly what alice's wrote" cmp "$out/call.opus" "$out/bob.opus"
	promise "bob decoded $bob_frames of $call_packets audio frames" \
		[ "$bob_frames" = "$call_packets" ]
	promise "neither end dropped a packet" [ "$call_drops" = 0 ]
	promise "the programs have ended and their socks with them" \
		[ "$(ksrtp -n alice -j sock show | jq length)/$(ksrtp -n bob -j sock show | jq length)" = 0/0 ]
}
