#!/usr/bin/env bash
# The main job on real captures: what crossed the wire, explained frame by frame.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh libpcap-dev libedit-dev
# A debug build takes two thirds of the time of a release build, and `make test` uses it again.
scripts/build.sh --product chat-inspect
bin=$(swift build --show-bin-path)
# Everything on one screen, one thing after the other.
export CHAT_INSPECT_PAGER=cat

# show "WHAT WILL BE SEEN" ARGUMENTS...
show() {
  local title=$1 shown='' argument
  shift
  for argument in "$@"; do
    if [[ $argument == *' '* ]]; then argument="'$argument'"; fi
    shown+=" $argument"
  done
  printf '\n%s\n\n$ chat-inspect%s\n' "$title" "$shown"
  "$bin/chat-inspect" "$@"
}

show '1. The smallest session: a handshake, then "Hello" in two fragments, each with its ACK.' \
  read captures/a_handshake_one_message.pcap

show '2. A bad link: one of two frames is damaged (X), a NACK asks for it, it comes again (R).' \
  read captures/native_sr_faults.pcap --stream 0 -Y 'sequence in {41401, 41402}' -c 7

show '3. That session in numbers: what was lost, how it was repaired, how long answers took.' \
  stats captures/native_sr_faults.pcap --stream 0

show '4. A session as the people in it saw it.' \
  follow captures/h_clean_disconnect.pcap --stream 0

show '5. Without a network: the same conversation over a line that loses one frame in ten.' \
  simulate --compare gbn,sr --faults 'drop 10%' --messages 1000

show '6. The third frame is lost, and what happens then, as somebody between the two sees it.' \
  simulate --protocol sr --messages 6 --size 20 --faults 'drop DATA nth 3'

cat <<TEXT

That was ${bin#"$PWD/"}/chat-inspect.
Try it on a capture of your own, or see \`chat-inspect --help\` and README.md.
TEXT
