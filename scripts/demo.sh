#!/usr/bin/env bash
# The main job on real captures: what crossed the wire, explained frame by frame.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh libpcap-dev
# A debug build takes two thirds of the time of a release build, and `make test` uses it again.
scripts/build.sh --product chat-inspect
bin=$(swift build --show-bin-path)
# Everything on one screen, one thing after the other.
export CHAT_INSPECT_PAGER=cat

show() {
  printf '\n$ chat-inspect %s\n' "$*"
  "$bin/chat-inspect" "$@"
}

cat <<'TEXT'
1. A classic session, whole: a client says hello in two fragments.
TEXT
show read captures/a_handshake_one_message.pcap

cat <<'TEXT'

2. A native session over a bad link (Selective Repeat): frames are lost and damaged, and repaired.
   The first 30 frames of one client.
TEXT
show read captures/native_sr_faults.pcap --stream 0 -c 30

cat <<'TEXT'

3. The same capture in numbers.
TEXT
show stats captures/native_sr_faults.pcap

cat <<TEXT

That was ${bin#"$PWD/"}/chat-inspect.
Try it on a capture of your own, or see \`chat-inspect --help\` and README.md.
TEXT
