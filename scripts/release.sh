#!/usr/bin/env bash
# Builds the programs optimised, with Swift's libraries inside, so that the files run on machines
# without Swift (libpcap, and libedit and ncurses for the client, are still needed there). Prints
# their paths; with names of programs, only those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $# -eq 0 ]]; then set -- chat-inspect chat-server chat-client; fi
scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
release=(-c release --static-swift-stdlib)
for program in "$@"; do
  scripts/build.sh "${release[@]}" --product "$program"
done
directory=$(swift build "${release[@]}" --show-bin-path)
for program in "$@"; do echo "$directory/$program"; done
