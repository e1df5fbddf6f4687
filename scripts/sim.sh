#!/usr/bin/env bash
# Simulates so many conversations, one a seed, on all processors: sim.sh SEEDS [FIRST]
#
# Each seed draws a mode, windows, fragments, messages, a line and its faults. A run that breaks a
# check is printed with the command that repeats it, and the exit code is 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seeds=${1:?usage: sim.sh SEEDS [FIRST]}
first=${2:-1}
release=(-c release --static-swift-stdlib)
scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
scripts/build.sh "${release[@]}" --product chat-sim-run
run=$(swift build "${release[@]}" --show-bin-path)/chat-sim-run

processors=$(nproc)
share=$(((seeds + processors - 1) / processors))
running=()
for ((index = 0; index < processors; index++)); do
  start=$((first + index * share))
  count=$((first + seeds - start))
  if ((count > share)); then count=$share; fi
  if ((count <= 0)); then break; fi
  "$run" "$start" "$count" &
  running+=($!)
done
status=0
for process in "${running[@]}"; do wait "$process" || status=1; done
exit "$status"
