#!/bin/bash
# Checks that the pure modules stay pure: one sentence per finding, exit 1 if there is any.
#
#   Tests/check-purity.sh [DIRECTORY]     the package to check, the one of this script by default
#
# ChatWire imports nothing and type-checks as Embedded Swift, which has no operating system to
# reach. ChatSimulation and ChatTrace import ChatWire alone, and ChatLens ChatTrace as well. None
# prints, draws random numbers of its own, reads a clock or binds foreign symbols; that much a type
# check does not see, so it is looked for by word.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:-$here/..}" || exit 1

findings=0
say() {
  printf '%s\n' "$1"
  findings=$((findings + 1))
}

# FILE:LINE:CODE for every line of a module, without comments.
code() {
  find "Sources/$1" -name '*.swift' -print0 | sort -z |
    xargs -0 -r awk '{ line = $0; sub(/^[ \t]*\/\/.*/, "", line); sub(/[ \t]\/\/ .*/, "", line)
                       print FILENAME ":" FNR ":" line }'
}

# Says a sentence for each line of a module that matches a pattern and not another.
forbid() { # MODULE PATTERN ALLOWED SENTENCE
  local location rest
  while IFS=: read -r file line rest; do
    [[ -n $file ]] && say "$file:$line: $1 $4: ${rest#"${rest%%[![:space:]]*}"}"
  done < <(code "$1" | grep -E "^[^:]*:[0-9]+:($2)" | grep -vE "^[^:]*:[0-9]+:($3)\$")
}

access='public|package|internal|fileprivate|private'
imports="[[:space:]]*(($access|@[A-Za-z_]+(\([^)]*\))?)[[:space:]]+)*import[[:space:]]"
chat_wire='((struct|enum|func)[[:space:]]+)?ChatWire(\.[[:alnum:]_]+)?[[:space:]]*'
none='[^[:print:]]never'
forbid ChatWire "$imports" "$none" 'imports nothing, but this line imports something'
for module in ChatSimulation ChatTrace; do
  forbid $module "$imports" \
    "[[:space:]]*((public|package|internal)[[:space:]]+)?import[[:space:]]+$chat_wire" \
    'imports only ChatWire, but this line imports something else'
done

forbid ChatLens "$imports" \
  "[[:space:]]*((public|package|internal)[[:space:]]+)?import[[:space:]]+Chat(Wire|Trace)" \
  'imports only ChatWire and ChatTrace, but this line imports something else'

word='(.*[^[:alnum:]_])?'
for module in ChatWire ChatSimulation ChatTrace ChatLens; do
  forbid $module "$word(print|debugPrint|dump|readLine)[[:space:]]*\(" "$none" \
    'does no input or output'
  forbid $module \
    ".*\.(random|randomElement|shuffled|shuffle)[[:space:]]*\([[:space:]]*(\)|in:[^,]*\))" \
    "$none" 'draws no random numbers of its own'
  forbid $module ".*SystemRandomNumberGenerator" "$none" 'draws no random numbers of its own'
  forbid $module "$word(ContinuousClock|SuspendingClock|CommandLine)([^[:alnum:]_]|\$)" "$none" \
    'reads no clock and no arguments'
  forbid $module ".*@(_silgen_name|_extern|_cdecl|c)[[:space:](]" "$none" \
    'binds no foreign symbols'
done

mapfile -d '' -t sources < <(find Sources/ChatWire -name '*.swift' -print0 | sort -z)
if ((${#sources[@]} == 0)); then
  say "Sources/ChatWire has no Swift files to check."
elif ! output=$(swiftc -typecheck -swift-version 6 -wmo -parse-as-library -package-name chatwire \
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
  -enable-upcoming-feature MemberImportVisibility \
  -enable-experimental-feature Embedded -Werror EmbeddedRestrictions \
  -diagnostic-style llvm "${sources[@]}" 2>&1); then
  errors=$(grep -E '^[^[:space:]].*: error: ' <<<"$output" | sort -u)
  while IFS= read -r error; do
    say "${error#"$PWD/"} (ChatWire must type-check as Embedded Swift)"
  done <<<"${errors:-swiftc failed: $output}"
fi

((findings == 0))
