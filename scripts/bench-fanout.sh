#!/usr/bin/env bash
# What chat-server spends on each message that it passes on, beside a relay that does nothing but
# pass on: bench-fanout.sh [ROUNDS]
#
# In each round each server is started anew for each load and has its turn, so that a slow moment
# of the machine falls on all; the figures are medians. CPU time and memory are the server's own,
# without its logging process. On a busy machine only ratios mean something.
#
#   DELIVERIES=N     deliveries to measure in each run (100000)
#   CLIENTS=N        clients of the check of scale at the end; 0: leave it out (2000). Everybody who
#                    comes is news to all others, so 10000 take minutes to come
#   CHAT_SERVER=P    measure this program instead of building one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}
deliveries=${DELIVERIES:-100000}
clients=${CLIENTS:-2000}
# Recipients, senders, messages under way of each sender.
loads=('10 1 1' '10 1 16' '10 10 1' '100 1 1' '100 1 16' '100 10 1' '1000 1 1' '1000 1 16'
  '1000 10 1')
servers=(relay relay-silent gbn sr)

scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
release=(-c release --static-swift-stdlib)
chat_server=${CHAT_SERVER:-}
bin=$(swift build "${release[@]}" --show-bin-path)
scripts/build.sh "${release[@]}" --product chat-bench-relay
scripts/build.sh "${release[@]}" --product chat-bench-fanout
if [[ -z "$chat_server" ]]; then
  scripts/build.sh "${release[@]}" --product chat-server
  chat_server=$bin/chat-server
fi

work=$(mktemp -d)
server_process=
stop_server() {
  if [[ -n "$server_process" ]]; then
    kill -KILL "$server_process" 2>/dev/null || true
    wait "$server_process" 2>/dev/null || true
    server_process=
  fi
}
trap 'stop_server; rm -rf "$work"' EXIT

# start_server COMMAND...: sets server_process and server_port.
start_server() {
  # Emptied here, since the server's own redirection may come after the first look.
  : >"$work/listening"
  "$@" >>"$work/listening" 2>"$work/errors" &
  server_process=$!
  server_port=
  for _ in {1..200}; do
    server_port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\)$/\1/p' "$work/listening")
    if [[ -n "$server_port" ]]; then return; fi
    sleep 0.05
  done
  echo "bench-fanout.sh: $1 does not start:" >&2
  cat "$work/errors" >&2
  return 1
}

# measure SERVER OPTION...: starts a server, lets the crowd talk, and prints its figures.
measure() {
  local server=$1 options=()
  shift
  case "$server" in
    relay) options=(--server relay) ;;
    relay-silent) options=(--server relay --no-acknowledgements) ;;
    gbn | sr) options=(--server chat --mode "$server") ;;
  esac
  rm -rf "$work/log"
  case "$server" in
    relay*) start_server "$bin/chat-bench-relay" ;;
    *)
      start_server "$chat_server" --host 127.0.0.1 --port 0 --rate 0 --log "$work/log" \
        --log-level notice --max-clients 20000
      ;;
  esac
  "$bin/chat-bench-fanout" --port "$server_port" --process "$server_process" "${options[@]}" "$@"
  stop_server
}

failures=0
for ((round = 1; round <= rounds; round++)); do
  for load in "${loads[@]}"; do
    read -r recipients senders outstanding <<<"$load"
    for server in "${servers[@]}"; do
      if measure "$server" --recipients "$recipients" --senders "$senders" \
        --outstanding "$outstanding" --deliveries "$deliveries" >"$work/figures"; then
        sed "s/^/$recipients $senders $outstanding $server /" "$work/figures" >>"$work/results"
      else
        echo "bench-fanout.sh: failed: $server, $load" >&2
        stop_server
        failures=1
      fi
    done
  done
  echo "Round $round of $rounds is over." >&2
done

printf '\nFan-out: %s beside chat-bench-relay, %s rounds, medians\n' "$chat_server" "$rounds"
awk -f scripts/bench-fanout.awk "$work/results"

if ((clients > 0)); then
  printf '\nScale: %s clients, each message by another one and to all others\n\n' "$clients"
  if measure gbn --recipients $((clients - 1)) --rotate --deliveries $((50 * clients)) \
    >"$work/figures"; then
    awk '
      { figure[$1] = $2 }
      END {
        printf "  everybody was in after %.1f s (%.1f s CPU) and had got every message\n",
          figure["opening_seconds"], figure["opening_server_cpu_seconds"]
        printf "  memory %.0f MB, at most %.0f MB: %.1f KB a client\n",
          figure["server_memory_mb"], figure["server_peak_memory_mb"],
          1000 * figure["server_peak_memory_mb"] / '"$clients"'
        printf "  %.2f us CPU a delivery, p99 %.1f ms, %d frames sent again\n",
          figure["server_cpu_us_per_delivery"], figure["latency_p99_us"] / 1000,
          figure["retransmissions"]
      }' "$work/figures"
  else
    echo "  failed" && failures=1
  fi
fi
exit "$failures"
