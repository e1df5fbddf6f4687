#!/usr/bin/env bash
# Speed and memory of all there is, or of a part: bench.sh [ROUNDS [PART]]
#
#   reading   chat-inspect on captures, beside tcpdump, tcptrace and tshark (bench-reading.sh)
#   core      checksums, frames and sessions in memory
#   fanout    chat-server beside the plainest relay (bench-fanout.sh)
#   proxy     chat-inspect proxy beside haproxy, socat and the plainest proxy (bench-proxy.sh)
#
# Figures are medians over rounds in which everything of a table has its turn.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}
part=${2:-all}

core() {
  local release=(-c release --static-swift-stdlib)
  scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
  scripts/build.sh "${release[@]}" --product chat-bench-core
  "$(swift build "${release[@]}" --show-bin-path)/chat-bench-core" "$1"
}

case "$part" in
  reading) scripts/bench-reading.sh "$rounds" ;;
  core) core "$rounds" ;;
  fanout) scripts/bench-fanout.sh "$rounds" ;;
  proxy) scripts/bench-proxy.sh "$rounds" ;;
  all)
    failures=0
    scripts/bench-reading.sh "$rounds" || failures=1
    core "$rounds" || failures=1
    scripts/bench-fanout.sh "$rounds" || failures=1
    scripts/bench-proxy.sh "$rounds" || failures=1
    exit "$failures"
    ;;
  *)
    echo "bench.sh: there is no part $part: reading, core, fanout, proxy or all" >&2
    exit 2
    ;;
esac
