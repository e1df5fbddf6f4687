#!/usr/bin/env bash
# Makes those seeds in Fuzz/corpus anew that come from the protocol's vectors and the captures. The
# ones of FuzzFilter, FuzzFaultRules, FuzzSession and FuzzPackets were written by hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p .build
swiftc -swift-version 6 -o .build/make-corpus Fuzz/make-corpus.swift
rm -rf Fuzz/corpus/{FuzzFrames,FuzzCaptureFile,FuzzTrace}
.build/make-corpus Tests/ChatWireTests/vectors captures Fuzz/corpus
