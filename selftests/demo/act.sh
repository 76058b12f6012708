#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2154 # ./run.sh writes the facts, the acts how they went
#
# act.sh DIRECTORY: both acts of the demo, as root on a machine of its own (it
# loads the module and makes namespaces).  ./run.sh has put the media into
# DIRECTORY; logs and captures go there.
set -euo pipefail

demo=$(cd "$(dirname "$0")" && pwd -P)
out=$(realpath "$1")
# shellcheck source=selftests/demo/stage.sh
. "$demo/stage.sh"
# shellcheck source=selftests/demo/fanout.sh
. "$demo/fanout.sh"
# shellcheck source=selftests/demo/call.sh
. "$demo/call.sh"
# shellcheck source=selftests/vm/kernel-complaints.sh
. "$demo/../vm/kernel-complaints.sh"
# shellcheck source=/dev/null # made by ./run.sh
. "$out/facts"

mkdir -p /run/demo
ln -s "$ksrtp_tool" /run/demo/ksrtp
export PATH=/run/demo:$PATH
export GST_REGISTRY=$out/registry GST_REGISTRY_UPDATE=no

# Whatever still runs when this gives up.
# shellcheck disable=SC2046 # one word per job
trap 'kill $(jobs -p) 2> /dev/null || :' EXIT

title "The stage"
tell "Hosts are network namespaces, each with one wire to the relay:" \
	"" \
	"    sender 10.1.0.2 ---.              .--- recv-a 10.2.0.2" \
	"                        >--- relay ---<---- recv-b 10.3.0.2" \
	"    alice  10.4.0.2 ---'   10.n.0.1   '--- bob    10.5.0.2" ""
load_beforehand "$ksrtp_module"
hosts sender recv-a recv-b alice bob
# A program on an emulated CPU may look away for seconds; its socket must not
# overflow meanwhile, or the demo would count that as a loss on the way.
sysctl -qw net.core.rmem_max=8388608 net.core.rmem_default=8388608
show insmod "$ksrtp_module"

fanout
call

title "What the relay holds, and what it counted"
table ksrtp -n relay -s sock show
table ksrtp -n relay -s route show
tell "" "Keys go in and never come out; a fingerprint tells which is which:"
table ksrtp -n relay key show
table ksrtp -n relay -s stream show
table ksrtp -n relay -s stats

tell ""
promise "the kernel complained of nothing" log_is_clean

title "What happened"
cat <<EOF
  Act 1                      .---------------------.
                             |  relay, in softirq  |   key A
   sender      sender's key  |                     |-------> receiver A, ffmpeg
   ffmpeg  ----------------> | open, look up route |
   Opus, H.264               | close for each      |-------> receiver B, GStreamer
                             '---------------------'   key B

                                    sent     decoded, A     decoded, B
      audio frames, Opus         $fanout_audio
      video frames, H.264        $fanout_video

  Act 2                        .-------------------.
   alice       [RTP [E2E] HBH] |  [RTP [E2E]]      | [RTP [E2E] HBH]       bob
   plain  -->  ksrtp  -------> |  hop keys only    | ------->  ksrtp  -->  plain
   ffmpeg                      '-------------------'                       ffmpeg

                                    sent   decoded, bob
      audio frames, Opus         $call_frames

EOF

if [ "$failures" != 0 ]; then
	tell "$failures of the promises above FAILED, after $SECONDS seconds."
	exit 1
fi
tell "Nothing is missing. It took $SECONDS seconds; captures and logs are in build/demo."
