#!/usr/bin/env bash
# swift build with one line of output, unless it fails: build.sh [OPTION...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v swift >/dev/null; then
  echo "swift is not installed: Swift 6.2 or later is needed." >&2
  echo "See https://www.swift.org/install/linux/" >&2
  exit 1
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Building (swift build $*); the first time takes a minute or two." >&2
if ! swift build "$@" >"$log" 2>&1; then
  # The compiler's words without its progress.
  grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" >&2 || true
  exit 1
fi
