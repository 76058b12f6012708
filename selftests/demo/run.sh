#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: the demo.  Makes a few seconds of media on this machine, boots a
# virtual one and lets ./act.sh play in it.  What that leaves behind (captures,
# logs, checksums of decoded frames) is in build/demo.
set -euo pipefail

demo=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$demo/../.." && pwd -P)
out=$top/build/demo
seconds=6

say()
{
	printf '\n-- %s\n' "$*"
}

ff()
{
	ffmpeg -hide_banner -nostdin -v error -y "$@"
}

# frames FILE: how many a framemd5 or framecrc file lists
frames()
{
	grep -vc '^#' "$1"
}

kernel=$("$top/selftests/vm/kernel" "${KSRTP_DEMO_KERNEL:-6.1}")
version=$(cat "$kernel/version")

say "Building the module for $version, and the tool"
make -s -C "$top" KDIR="$(readlink -f "$kernel/kdir")" module tool build/selftests/libselftest.a

rm -rf "$out"
mkdir -p "$out"
cd "$out"

cc -O2 -Wall -Wextra -I"$top/selftests/lib" -o hops "$demo/hops.c" \
	"$top/build/selftests/libselftest.a" -lcrypto

say "Making $seconds seconds of media: H.264 160x120 at 15/s and Opus, and Opus for a call"
# No B-frames, a key frame each two seconds; the same bytes at each run.
ff -f lavfi -i testsrc=size=160x120:rate=15 -f lavfi -i sine=frequency=440:sample_rate=48000 \
	-t $seconds -pix_fmt yuv420p -c:v libx264 -profile:v baseline -preset veryfast \
	-tune zerolatency -g 30 -threads 1 -c:a libopus -b:a 32k -fflags +bitexact media.mkv
ff -f lavfi -i sine=frequency=660:sample_rate=48000 -t 4 -c:a libopus -b:a 32k \
	-fflags +bitexact call.mka

# What arrives has to be compared with something: each Opus packet as one
# stream of bytes, each video frame by the checksum of its decoded picture.
ff -i media.mkv -map 0:a -c copy -f data audio.opus -map 0:v -f framemd5 video.md5 \
	-map 0:a -c copy -f framemd5 audio.md5
ff -i call.mka -map 0:a -c copy -f data call.opus -map 0:a -c copy -f framemd5 call.md5

# In a session description the receivers are told the parameter sets of H.264.
# ffmpeg writes one for its sender; -t 0 sends nothing.
ff -i media.mkv -map 0:v -c copy -t 0 -f rtp -payload_type 96 -sdp_file video.sdp \
	rtp://127.0.0.1:9
# All before the first packet: a program that was fed just that has opened its
# sockets and waits.
call_header=$(ffprobe -v error -show_entries packet=pos -of csv=p=0 call.mka |
	sed -n '1s/,*$//p')

module=$top/build/$version/ksrtp.ko
tool=$top/build/user/ksrtp
cat > facts <<-EOF
	audio_packets=$(frames audio.md5)
	video_frames=$(frames video.md5)
	call_packets=$(frames call.md5)
	call_header=$call_header
	video_fmtp='$(sed -n 's/^a=fmtp:96 //p' video.sdp | tr -d '\r')'
	ksrtp_module=${module@Q}
	ksrtp_tool=${tool@Q}
EOF

# The list of GStreamer's plugins takes emulation long to make: have it ready.
GST_REGISTRY=$out/registry gst-inspect-1.0 srtpdec > /dev/null

say "Booting Linux $version with two CPUs"
exec "$top/selftests/vm/direct" -k "${KSRTP_DEMO_KERNEL:-6.1}" -c 2 -t 600 -w "$out" \
	"$demo/act.sh" "$out"
