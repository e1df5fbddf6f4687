#!/usr/bin/env bash
# Speed, memory and start-up of chat-inspect beside tcpdump, and tcptrace and tshark where
# installed: bench-reading.sh [ROUNDS]
#
# Every round runs all commands of a table once, so that a slow moment of the machine falls on all;
# the figures are medians. CPU time is user + system: it is steadier than wall time on a shared
# machine.
#
#   MEGABYTES=N      size of the captures for the first table (200)
#   CHAT_INSPECT=P   measure this program instead of building one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}
megabytes=${MEGABYTES:-200}
data=bench-data
PATH="$PATH:/usr/sbin"

scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
scripts/install-packages.sh --optional tcpdump
release=(-c release --static-swift-stdlib)
scripts/build.sh "${release[@]}" --product chat-bench-captures
scripts/build.sh "${release[@]}" --product chat-bench-run
bin=$(swift build "${release[@]}" --show-bin-path)
inspect=${CHAT_INSPECT:-}
if [[ -z "$inspect" ]]; then inspect=$(scripts/release.sh chat-inspect); fi

# capture NAME OPTION...: generates a capture unless it is there.
capture() {
  local file="$data/$1.pcap"
  shift
  if [[ ! -f "$file" ]]; then
    echo "Generating $file" >&2
    "$bin/chat-bench-captures" "$@" "$file"
  fi
}

mkdir -p "$data"
for fragment in 512 16; do
  capture "fragments-$fragment-$megabytes" --fragment "$fragment" --megabytes "$megabytes"
  # tshark is slow and needs memory for every packet.
  capture "fragments-$fragment-20" --fragment "$fragment" --megabytes 20
done
for size in 1 25 400; do
  capture "fragments-512-$size" --fragment 512 --megabytes "$size"
done
capture streams-10000 --streams 10000 --fragment 64 --megabytes 64

plan=
failures=0
# measure LABEL FILE COMMAND...: adds a line to the plan, if the command is installed.
measure() {
  local label=$1 file=$2
  shift 2
  if command -v "$1" >/dev/null; then
    plan+="$label|$(stat -c %s "$file")"$'\t'"$*"$'\n'
  fi
}

# run_plan AWK-PROGRAM: prints a table of fields label, bytes, CPU s, wall s, KiB.
run_plan() {
  local results
  results=$(printf '%s' "$plan" | "$bin/chat-bench-run" "$rounds") || failures=1
  printf '%s\n' "$results" | awk -F '[\t|]' "$1"
  plan=
}

throughput='
  BEGIN { printf "  %-26s %10s %12s %8s %9s\n", "", "MB/CPU-s", "to tcpdump", "wall s", "peak MB" }
  $3 == "-" { printf "  %-26s %10s\n", $1, "failed"; next }
  {
    speed = $2 / 1e6 / ($3 > 0 ? $3 : 0.0001)
    if ($1 ~ /^tcpdump -w/) reference = speed
    ratio = reference ? sprintf("%.3fx", speed / reference) : "-"
    printf "  %-26s %10.1f %12s %8.2f %9.1f\n", $1, speed, ratio, $4, $5 / 1024
  }'

echo "chat-inspect: $inspect, $rounds rounds, medians"
for fragment in 512 16; do
  file="$data/fragments-$fragment-$megabytes.pcap"
  small="$data/fragments-$fragment-20.pcap"
  printf '\nReading a capture of %s-byte fragments, %s MB (tshark: 20 MB)\n\n' \
    "$fragment" "$megabytes"
  measure "tcpdump -w /dev/null" "$file" tcpdump -r "$file" -w /dev/null
  measure "chat-inspect stats" "$file" "$inspect" stats "$file"
  measure "chat-inspect -T ndjson" "$file" "$inspect" read -T ndjson "$file"
  measure "chat-inspect -T text" "$file" "$inspect" read -T text "$file"
  measure "tcpdump -n" "$file" tcpdump -n -r "$file"
  measure "tcptrace -l" "$file" tcptrace -l "$file"
  measure "tshark -T fields" "$small" tshark -r "$small" -T fields -e tcp.len
  run_plan "$throughput"
done

printf '\nMemory\n\n'
for size in 25 400; do
  file="$data/fragments-512-$size.pcap"
  measure "stats, $size MB" "$file" "$inspect" stats "$file"
  measure "-T ndjson, $size MB" "$file" "$inspect" read -T ndjson "$file"
done
file="$data/streams-10000.pcap"
measure "stats, 10,000 streams" "$file" "$inspect" stats "$file"
measure "-T ndjson, 10,000 streams" "$file" "$inspect" read -T ndjson "$file"
run_plan '
  BEGIN { printf "  %-26s %9s\n", "", "peak MB" }
  $5 == "-" { printf "  %-26s %9s\n", $1, "failed"; next }
  {
    what = $1
    sub(/,.*/, "", what)
    note = ""
    if ($1 ~ /25 MB/) few[what] = $5
    if ($1 ~ /400 MB/) note = sprintf("   %+.1f MB from 25 MB to 400 MB", ($5 - few[what]) / 1024)
    if ($1 ~ /streams/) note = sprintf("   %.2f KB a stream", ($5 - few[what]) * 1.024 / 10000)
    printf "  %-26s %9.1f%s\n", $1, $5 / 1024, note
  }'

printf '\nStart: a capture of 1 MB\n\n'
file="$data/fragments-512-1.pcap"
measure "chat-inspect stats" "$file" "$inspect" stats "$file"
measure "chat-inspect -T ndjson" "$file" "$inspect" read -T ndjson "$file"
measure "tcpdump -w /dev/null" "$file" tcpdump -r "$file" -w /dev/null
measure "tshark -T fields" "$file" tshark -r "$file" -T fields -e tcp.len
run_plan '
  BEGIN { printf "  %-26s %9s %9s\n", "", "wall ms", "CPU ms" }
  $3 == "-" { printf "  %-26s %9s\n", $1, "failed"; next }
  { printf "  %-26s %9.1f %9.1f\n", $1, $4 * 1000, $3 * 1000 }'
exit "$failures"
