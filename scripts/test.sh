#!/usr/bin/env bash
# Builds everything, checks the purity of the pure modules, and runs all tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
scripts/build.sh --build-tests
if [[ -f Tests/check-purity.sh ]]; then bash Tests/check-purity.sh; fi
swift test --skip-build --disable-xctest
# Its server runs in tasks, which starve beside tests that wait for processes.
CHAT_TEST_API=1 swift test --skip-build --disable-xctest --filter APIServerTests
