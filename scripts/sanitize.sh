#!/usr/bin/env bash
# Runs what has threads and processes under ThreadSanitizer and AddressSanitizer:
# sanitize.sh [thread|address] [FILTER]
#
# The tests find the programs beside their own bundle, so the programs are sanitized, too. Whatever
# any process reports is a failure: reports go to files, besides what the tests themselves see.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

which=${1:-all}
case "$which" in
  all) sanitizers=(thread address) ;;
  thread | address) sanitizers=("$which") ;;
  *)
    echo "usage: sanitize.sh [thread|address] [FILTER]" >&2
    exit 2
    ;;
esac

# The parts with threads, locks and descriptors, and of the tests with processes those in which most
# happens at once. The others run the same code, more slowly.
end_to_end='HostileClientTests|LimitTests|ShutdownTests|LogTests|ClassicRoomTests'
end_to_end+='|ClassicServerTests|DemonstrationTests|RoomTests|ReconnectionTests|CrowdTests'
whole='ChatPosixTests|ChatServerTests|ChatClientTests'
filter=${2:-"($whole)\\.|ChatEndToEndTests\\.($end_to_end)"}

# A crash would hang in Swift's own backtrace.
export SWIFT_BACKTRACE=enable=no
# Sanitized programs are slow, and a thousand of their clients would take half an hour.
export CHAT_TEST_CLIENTS=${CHAT_TEST_CLIENTS:-100}

scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
failed=()
for sanitizer in "${sanitizers[@]}"; do
  options=(--sanitize="$sanitizer" --scratch-path ".build-${sanitizer:0:1}san")
  scripts/build.sh "${options[@]}" --build-tests
  reports=$(mktemp -d)
  trap 'rm -rf "$reports"' EXIT
  # 66 is what the tests know a sanitized program's failure by.
  export TSAN_OPTIONS="halt_on_error=1:exitcode=66:log_path=$reports/report"
  # Leak checking finds what XCTest itself leaks, and ends programs that ended well.
  export ASAN_OPTIONS="detect_leaks=0:exitcode=66:log_path=$reports/report"
  echo "Testing under ${sanitizer^}Sanitizer"
  status=0
  swift test "${options[@]}" --skip-build --disable-xctest --filter "$filter" \
    >"$reports/tests" 2>&1 || status=$?
  grep -aE '^✘|^✔ Test run|^↳' "$reports/tests" || true
  for report in "$reports"/report.*; do
    if [[ ! -e "$report" ]]; then continue; fi
    status=1
    head -n 60 "$report"
  done
  if [[ "$status" -ne 0 ]]; then failed+=("$sanitizer"); fi
  rm -rf "$reports"
done

if [[ ${#failed[@]} -gt 0 ]]; then
  echo "Failed under: ${failed[*]}"
  exit 1
fi
echo "Nothing was found."
