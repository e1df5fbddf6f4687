#!/usr/bin/env bash
# Rules that no compiler checks. Prints every breach; exits 1 if there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

found=0
breach() {
  echo "tidy: $1"
  found=1
}

# Files that are or would be committed.
mapfile -t files < <(git ls-files --cached --others --exclude-standard | while read -r file; do
  if [[ -f "$file" ]]; then echo "$file"; fi
done)

matching() { printf '%s\n' "${files[@]}" | grep -E "$1" || true; }

# breaches_in FILES-PATTERN WORDS-PATTERN WHAT: words that must not occur in these files.
breaches_in() {
  local hits
  hits=$(matching "$1" | tr '\n' '\0' | xargs -0 -r grep -nHIE -e "$2" || true)
  while IFS= read -r hit; do
    if [[ -n "$hit" ]]; then breach "$3: $hit"; fi
  done <<<"$hits"
}

# One idea a file.
while read -r count file; do
  if [[ "$file" != total && "$count" -gt 400 ]]; then
    breach "$file has $count lines, at most 400"
  fi
done < <(matching '^Sources/.*\.(swift|c|h)$' | tr '\n' '\0' | xargs -0 -r wc -l)

code='\.(swift|c|h|sh)$|^(Makefile|\.ci/run)$'
breaches_in "$code" '.{101}' 'a line over 100 columns'
# The words are put together here, so that this file does not hold them.
breaches_in "$code|\.md$" "$(printf '\\b(%s|%s|%s)\\b' TO''DO FIX''ME XX''X)" 'left for later'
breaches_in "$code|\.md$|\.json$" '(^|[^A-Za-z0-9_.])/(home|root|work)/' 'a path of one machine'

# What type-checking as Embedded Swift lets through in the pure modules (Tests/check-purity.sh).
breaches_in '^Sources/(ChatWire|ChatTrace)/.*\.swift$' \
  '\.random\(in:|SystemRandomNumberGenerator|(^|[^A-Za-z0-9_.])(print|debugPrint|dump)\(' \
  'randomness or output in a pure module'

for file in "${files[@]}"; do
  case "$file" in
    .build*/* | */.build*/*) breach "build output: $file" ;;
  esac
  if [[ $(stat -c %s "$file") -gt 1048576 ]]; then breach "over 1 MiB: $file"; fi
done

exit "$found"
