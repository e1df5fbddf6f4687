#!/usr/bin/env bash
# The gate: everything that must hold before a change goes in, the cheap checks first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/tidy.sh
swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks Fuzz
# Builds with warnings as errors (Package.swift), checks purity, runs the tests.
scripts/test.sh
