#!/usr/bin/env bash
# Builds chat-inspect optimised, with Swift's libraries inside, so that the file runs on machines
# without Swift (libpcap is still needed there). Prints its path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh libpcap-dev libedit-dev
release=(-c release --static-swift-stdlib)
scripts/build.sh "${release[@]}" --product chat-inspect
echo "$(swift build "${release[@]}" --show-bin-path)/chat-inspect"
