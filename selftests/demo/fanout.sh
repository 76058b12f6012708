# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Act 1: one sender, a relay in the kernel, two receivers, three keys.
# Sourced by ./act.sh.
#
# shellcheck disable=SC2034,SC2154 # the other half of these is there
#
# Audio and video are one RTP session each, with RTCP on a port of its own, so
# each host has four transport addresses: port +0 audio RTP, +1 audio RTCP, +2
# video RTP, +3 video RTCP.  The peers' ids are 1x, 2x and 3x.

relay_port=5004
sender_port=5000
receiver_port=6000
what=("audio RTP" "audio RTCP" "video RTP" "video RTCP")
# Known beforehand, because a GStreamer receiver has to be told.
audio_ssrc=0x0000a0d1
video_ssrc=0x0000ced0

# wire_up X: one of the four ways through the relay.
wire_up()
{
	local x=$1 say=show rtcp=()

	[ "$x" = 0 ] || say=
	[ $((x % 2)) = 0 ] || rtcp=(rtcp forward)
	$say ksrtp -n relay peer add sock 1 remote 10.1.0.2:$((sender_port + x)) id "1$x"
	$say ksrtp -n relay peer add sock 1 remote 10.2.0.2:$((receiver_port + x)) id "2$x"
	$say ksrtp -n relay peer add sock 1 remote 10.3.0.2:$((receiver_port + x)) id "3$x"
	$say ksrtp -n relay key add peer "1$x" rx hbh ssrc any suite "$suite" key-file "$keys/sender"
	$say ksrtp -n relay key add peer "2$x" tx hbh ssrc any suite "$suite" key-file "$keys/recv-a"
	$say ksrtp -n relay key add peer "3$x" tx hbh ssrc any suite "$suite" key-file "$keys/recv-b"
	$say ksrtp -n relay route add from peer "1$x" ssrc any to peer "2$x" to peer "3$x" \
		"${rtcp[@]}"
}

# ffmpeg gets its key in a session description, as SDES has it (RFC 4568).
start_receiver_a()
{
	local crypto

	crypto="a=crypto:1 $suite inline:$(key_base64 recv-a)"
	cat > /run/demo/recv-a.sdp <<-EOF
		v=0
		o=- 0 0 IN IP4 10.2.0.1
		s=ksrtp
		c=IN IP4 10.2.0.1
		t=0 0
		m=audio $receiver_port RTP/SAVP 97
		a=rtpmap:97 opus/48000/2
		$crypto
		m=video $((receiver_port + 2)) RTP/SAVP 96
		a=rtpmap:96 H264/90000
		a=fmtp:96 $video_fmtp
		$crypto
	EOF
	ip netns exec recv-a ffmpeg -hide_banner -nostdin -nostats -y \
		-listen_timeout 600 -protocol_whitelist file,crypto,data,udp,rtp,srtp \
		-i /run/demo/recv-a.sdp \
		-map 0:a -c copy -f data "$out/recv-a-audio.opus" \
		-map 0:a -f framemd5 "$out/recv-a-audio.md5" \
		-map 0:v -fps_mode passthrough -f framemd5 "$out/recv-a-video.md5" \
		> "$out/recv-a.log" 2>&1 &
	receiver_a=$!
}

# The last element of each branch prints a checksum per decoded frame: SHA-1
# for audio and MD5 for video, so the length tells which.
start_receiver_b()
{
	local key audio video

	key="srtp-key=(buffer)$(key_hex recv-b),roc=(uint)0"
	key+=",srtp-cipher=(string)aes-128-icm,srtp-auth=(string)hmac-sha1-80"
	key+=",srtcp-cipher=(string)aes-128-icm,srtcp-auth=(string)hmac-sha1-80"
	audio="ssrc=(uint)$((audio_ssrc)),$key"
	video="ssrc=(uint)$((video_ssrc)),$key"

	ip netns exec recv-b gst-launch-1.0 -e \
		udpsrc port=$receiver_port caps="application/x-srtp,media=(string)audio,payload=(int)97,clock-rate=(int)48000,encoding-name=(string)OPUS,$audio" \
		! srtpdec name=a ! rtpopusdepay ! tee name=opus \
		opus. ! queue ! filesink location="$out/recv-b-audio.opus" \
		opus. ! queue ! opusdec ! checksumsink hash=sha1 sync=false \
		udpsrc port=$((receiver_port + 1)) caps="application/x-srtcp,$audio" \
		! a.rtcp_sink a.rtcp_src ! filesink buffer-mode=unbuffered location="$out/recv-b-audio.rtcp" \
		udpsrc port=$((receiver_port + 2)) caps="application/x-srtp,media=(string)video,payload=(int)96,clock-rate=(int)90000,encoding-name=(string)H264,$video" \
		! srtpdec name=v ! rtph264depay ! avdec_h264 ! video/x-raw,format=I420 \
		! checksumsink hash=md5 sync=false \
		udpsrc port=$((receiver_port + 3)) caps="application/x-srtcp,$video" \
		! v.rtcp_sink v.rtcp_src ! filesink buffer-mode=unbuffered location="$out/recv-b-video.rtcp" \
		> "$out/recv-b.log" 2>&1 &
	receiver_b=$!
}

# The sender reads from a pipe.  It says goodbye (RTCP BYE) when the pipe is
# closed, and that is done when all it sent has been taken at the other end: a
# receiver stops at a BYE, even if media still waits in its sockets.
start_sender()
{
	local to="srtp://10.1.0.1:$relay_port?rtcpport=$relay_port"
	local srtp=(-rtpflags send_bye -srtp_out_suite "$suite"
		-srtp_out_params "$(key_base64 sender)")

	mkfifo /run/demo/media
	# Sequence numbers wrap on the way: everybody's ROC has to follow.
	ip netns exec sender ffmpeg -hide_banner -nostdin -nostats -re -i pipe:0 \
		-map 0:a -c copy -f rtp -payload_type 97 -ssrc $((audio_ssrc)) -seq 65400 \
		"${srtp[@]}" \
		"$to&localrtpport=$sender_port&localrtcpport=$((sender_port + 1))" \
		-map 0:v -c copy -bsf:v h264_mp4toannexb -f rtp -payload_type 96 \
		-ssrc $((video_ssrc)) -seq 65500 "${srtp[@]}" \
		"$to&localrtpport=$((sender_port + 2))&localrtcpport=$((sender_port + 3))" \
		< /run/demo/media > "$out/sender.log" 2>&1 &
	sender=$!
	exec {media}> /run/demo/media
	cat "$out/media.mkv" >&"$media"
}

# checksums LENGTH: those of that many hex digits in GStreamer's output
checksums()
{
	sed -nE "s/^[0-9:.]+ ([0-9a-f]{$1})$/\1/p" "$out/recv-b.log"
}

# said_bye FILE SSRC: an RTCP BYE of this sender is in there, decrypted.
said_bye()
{
	od -An -v -tx1 "$1" | tr -d ' \n' | grep -q "81cb0001${2#0x}"
}

same_pictures()
{
	[ "$(grep -v '^#' "$out/video.md5" | awk '{ print $NF }')" = "$1" ]
}

fanout()
{
	local x a_video b_video a_audio b_audio

	title "Act 1: one sender, two receivers, three keys"
	tell "Three SRTP keys, made now: the sender's, receiver A's and receiver B's." \
		"The relay is a socket that the module owns; no program runs there." ""
	new_key sender 30
	new_key recv-a 30
	new_key recv-b 30
	show ksrtp -n relay sock open 0.0.0.0:$relay_port id 1
	tell "" "Who is out there, the key for each, and what goes where (${what[0]}):" ""
	wire_up 0
	tell ""
	for x in 1 2 3; do
		wire_up $x
		tell "The same for ${what[x]}: peers 1$x, 2$x, 3$x."
	done

	tell "" "The receivers start first: A is ffmpeg, B is GStreamer, each with its own key."
	start_receiver_a
	start_receiver_b
	wait_for 120 "receiver A has bound its ports" bound recv-a 6000 6001 6002 6003
	tell "  A listens on ports 6000 to 6003."
	wait_for 120 "receiver B has bound its ports" bound recv-b 6000 6001 6002 6003
	tell "  B listens on ports 6000 to 6003."

	tell "" "The sender starts: ffmpeg with its own SRTP code, $audio_packets Opus packets and" \
		"$video_frames frames of H.264, in real time.  Its sequence numbers begin just below 65536."
	start_sender
	wait_for 120 "the relay has heard the first packet" counted_at_least relay 10 rx packets 1
	tell "  The relay hears it."
	wait_for 120 "all audio went through the relay" \
		counted_at_least relay 10 rx packets "$audio_packets"
	wait_for 120 "the receivers have read all of it" drained recv-a recv-b
	tell "  All of it is through and read; the sender says goodbye, by SRTCP."
	exec {media}>&-
	finish $sender "the sender"
	finish $receiver_a "receiver A, which stops at the sender's goodbye"
	wait_for 120 "the goodbye for audio reached B" \
		said_bye "$out/recv-b-audio.rtcp" $audio_ssrc
	wait_for 120 "the goodbye for video reached B" \
		said_bye "$out/recv-b-video.rtcp" $video_ssrc
	kill -INT $receiver_b
	finish $receiver_b "receiver B"

	a_audio=$(frames "$out/recv-a-audio.md5")
	a_video=$(frames "$out/recv-a-video.md5")
	b_audio=$(checksums 40 | wc -l)
	b_video=$(checksums 32 | wc -l)
	fanout_audio="$(printf '%5d %14d %14d' "$audio_packets" "$a_audio" "$b_audio")"
	fanout_video="$(printf '%5d %14d %14d' "$video_frames" "$a_video" "$b_video")"

	tell ""
	promise "A decoded $a_audio of $audio_packets audio frames" [ "$a_audio" = "$audio_packets" ]
	promise "B decoded $b_audio of $audio_packets audio frames" [ "$b_audio" = "$audio_packets" ]
	promise "A decoded $a_video of $video_frames video frames" [ "$a_video" = "$video_frames" ]
	promise "B decoded $b_video of $video_frames video frames" [ "$b_video" = "$video_frames" ]
	promise "A's Opus is the sender's, byte for byte" \
		cmp "$out/audio.opus" "$out/recv-a-audio.opus"
	promise "B's Opus is the sender's, byte for byte" \
		cmp "$out/audio.opus" "$out/recv-b-audio.opus"
	promise "A's pictures are the sender's, pixel for pixel" \
		same_pictures "$(grep -v '^#' "$out/recv-a-video.md5" | awk '{ print $NF }')"
	promise "B's pictures are the sender's, pixel for pixel" same_pictures "$(checksums 32)"
	promise "the relay dropped nothing" \
		[ "$(ksrtp -n relay -j stream show | jq '[.[].drops[]] | add // 0')" = 0 ]
	promise "the sequence numbers wrapped: every stream's ROC is 1" \
		[ "$(ksrtp -n relay -j stream show | jq -c '[.[] | select(.packets > 0) | .roc] | unique')" = "[1]" ]
}
