#!/usr/bin/env bash
# Runs every fuzz target for a while on its seeds: fuzz.sh [SECONDS] [TARGET...]
#
# New inputs go to a scratch folder, so the tree stays clean. On a crash it keeps the input, says
# how to repeat it, goes on with the other targets, and exits 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-30}
shift || true
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for folder in Fuzz/Fuzz*/; do
    if [[ -d "$folder" ]]; then targets+=("$(basename "$folder")"); fi
  done
fi
if [[ ${#targets[@]} -eq 0 ]]; then
  echo "There are no fuzz targets." >&2
  exit 1
fi

# Package.swift adds the targets when this is set: they link only with the fuzzer.
export CHAT_FUZZ=1
# A crash would hang in Swift's own backtrace.
export SWIFT_BACKTRACE=enable=no
# SwiftPM's own options instrument an optimised build for one of the two only, so the compiler
# is told of both.
options=(-c release --sanitize=address --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address
  --scratch-path .build-fuzz)

scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
failed=()
for target in "${targets[@]}"; do
  scripts/build.sh "${options[@]}" --product "$target"
  bin=$(swift build "${options[@]}" --show-bin-path)
  scratch=.build-fuzz/run/$target
  mkdir -p "$scratch/corpus"
  cp -r "Fuzz/corpus/$target/." "$scratch/corpus/"
  echo "Fuzzing $target for $seconds s"
  : >"$scratch/started"
  if "$bin/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$scratch/" "$scratch/corpus" >"$scratch/log" 2>&1; then
    grep -E 'number_of_executed_units|peak_rss_mb' "$scratch/log" | sed 's/^/  /'
  else
    failed+=("$target")
    grep -a -m 1 'Fatal error' "$scratch/log" | cut -c 1-1000 || true
    tail -n 30 "$scratch/log" | cut -c 1-200
    find "$scratch" -maxdepth 1 -newer "$scratch/started" -name '*-*' | while read -r input; do
      echo "Repeat it with:  SWIFT_BACKTRACE=enable=no $bin/$target $input"
    done
  fi
done

if [[ ${#failed[@]} -gt 0 ]]; then
  echo "Crashed: ${failed[*]}"
  exit 1
fi
echo "No crash in ${#targets[@]} targets."
