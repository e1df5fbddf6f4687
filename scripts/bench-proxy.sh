#!/usr/bin/env bash
# What chat-inspect proxy costs beside proxies that look at no byte: bench-proxy.sh [ROUNDS]
#
# In each round each proxy is started anew for each load and has its turn, so that a slow moment of
# the machine falls on all; the figures are medians. CPU time and memory are the proxy's own, with
# all of its threads and children, and what it puts off until later counts as well. Round trips are
# taken on one processor, since waking another one costs more than there is to measure; only threads
# beside the proxy's first one go where they like. On a busy machine only ratios mean something.
# haproxy and socat are left out where they are not installed.
#
#   MEGABYTES=N      of each bulk run (300)
#   TURNS=N          round trips of each run (20000)
#   CONNECTIONS=N    opened and closed in each run (2000)
#   OPEN=N           open at once when memory is measured (1000)
#   PROXIES='...'    only these: direct forward socat haproxy none ndjson record rule
#   CHAT_INSPECT=P   measure this program instead of building one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}
loads=("bulk-1024 ${MEGABYTES:-300}" "bulk-512 ${MEGABYTES:-300}" "bulk-other ${MEGABYTES:-300}"
  "turns ${TURNS:-20000}" "connections ${CONNECTIONS:-2000}" "memory ${OPEN:-1000}")
PATH="$PATH:/usr/sbin"

scripts/install-packages.sh --optional haproxy socat
proxies=()
for proxy in ${PROXIES:-direct forward socat haproxy none ndjson record rule}; do
  case "$proxy" in
    haproxy | socat)
      if ! command -v "$proxy" >/dev/null; then
        echo "bench-proxy.sh: $proxy is not installed: its rows are missing" >&2
        continue
      fi
      ;;
    direct | forward | none | ndjson | record | rule) ;;
    *) echo "bench-proxy.sh: there is no proxy $proxy" >&2 && exit 2 ;;
  esac
  proxies+=("$proxy")
done

release=(-c release --static-swift-stdlib)
scripts/build.sh "${release[@]}" --product chat-bench-forward
scripts/build.sh "${release[@]}" --product chat-bench-proxy
bin=$(swift build "${release[@]}" --show-bin-path)
inspect=${CHAT_INSPECT:-}
if [[ -z "$inspect" && " ${proxies[*]} " =~ " "(none|ndjson|record|rule)" " ]]; then
  inspect=$(scripts/release.sh chat-inspect)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/haproxy.cfg" <<'END'
global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
listen chat
  bind "127.0.0.1:${LISTEN_PORT}"
  server upstream "127.0.0.1:${UPSTREAM_PORT}"
END

# command_of PROXY: sets command, which finds its ports in the environment.
command_of() {
  local ports='--listen 127.0.0.1:$LISTEN_PORT --upstream 127.0.0.1:$UPSTREAM_PORT'
  local proxy="exec \"\$0\" proxy $ports \"\$@\" >/dev/null"
  rm -f "$work/recording.pcapng"
  case "$1" in
    direct) command=() ;;
    forward)
      command=(sh -c 'exec "$0" "$LISTEN_PORT" "$UPSTREAM_PORT"' "$bin/chat-bench-forward")
      ;;
    socat)
      local from='TCP-LISTEN:$LISTEN_PORT,bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=1024'
      command=(sh -c "exec socat -b 65536 $from TCP:127.0.0.1:\$UPSTREAM_PORT,nodelay")
      ;;
    haproxy) command=(haproxy -f "$work/haproxy.cfg") ;;
    none) command=(sh -c "$proxy" "$inspect" -T none) ;;
    ndjson) command=(sh -c "$proxy" "$inspect" -T ndjson) ;;
    record) command=(sh -c "$proxy" "$inspect" -T ndjson -w "$work/recording.pcapng") ;;
    rule) command=(sh -c "$proxy" "$inspect" -T none --faults 'drop DATA nth 1000000000') ;;
  esac
}

failures=0
# measure PROXY LOAD COUNT: adds its figures to the results.
measure() {
  local failed
  command_of "$1"
  if ! "$bin/chat-bench-proxy" "$2" "$3" "${command[@]}" >"$work/figures" 2>"$work/errors" \
    </dev/null; then
    echo "bench-proxy.sh: failed: $1, $2:" >&2
    tail -n 5 "$work/errors" >&2
    failures=1
    return
  fi
  sed "s/^/$2 $1 /" "$work/figures" >>"$work/results"
  failed=$(awk '$1 == "connections_failed" { print $2 }' "$work/figures")
  if [[ "${failed:-0}" -gt 0 ]]; then
    echo "bench-proxy.sh: $1, $2: $failed of $3 connections failed" >&2
    # What others cannot do is a figure.
    if [[ "$1" =~ ^(direct|forward|none|ndjson|record|rule)$ ]]; then failures=1; fi
  fi
}

: >"$work/results"
for ((round = 1; round <= rounds; round++)); do
  for load in "${loads[@]}"; do
    for proxy in "${proxies[@]}"; do
      measure "$proxy" "${load% *}" "${load#* }"
    done
  done
  echo "Round $round of $rounds is over." >&2
done

printf '\nProxy: %s beside others, %s rounds, medians\n' "${inspect:-no chat-inspect}" "$rounds"
awk -v order="${proxies[*]}" -f scripts/bench-proxy.awk "$work/results"
exit "$failures"
