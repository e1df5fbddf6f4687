#!/usr/bin/env bash
# Makes the seeds in Fuzz/corpus anew from the protocol's vectors and the captures.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p .build
swiftc -swift-version 6 -o .build/make-corpus Fuzz/make-corpus.swift
rm -rf Fuzz/corpus/{frames,packets,capture-file}
.build/make-corpus Tests/ChatWireTests/vectors captures Fuzz/corpus
