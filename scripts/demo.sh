#!/usr/bin/env bash
# The main job on real input: a server, three people who talk over bad lines, and what crossed the
# wire, explained frame by frame.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh libpcap-dev libedit-dev
# A debug build takes two thirds of the time of a release build, and `make test` uses it again.
for product in chat-inspect chat-server chat-client; do
  scripts/build.sh --product "$product"
done
bin=$(swift build --show-bin-path)
# Everything on one screen, one thing after the other.
export CHAT_INSPECT_PAGER=cat COLUMNS="${COLUMNS:-100}"

work=$(mktemp -d)
server=''
finish() {
  if [[ -n "$server" ]]; then kill "$server" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# Waits until a file has a line that matches, at most half a minute.
wait_for() {
  local attempt
  for attempt in {1..300}; do
    if grep -q "$2" "$1" 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "The demonstration waits in vain for '$2'; this is what there is:" >&2
  cat "$1" >&2
  exit 1
}

# say TITLE COMMAND: what is about to be run.
say() { printf '\n%s\n\n$ %s\n' "$1" "$2"; }

# client NAME OPTIONS...: somebody who reads from a pipe and writes to a file.
client() {
  local name=$1
  shift
  mkfifo "$work/$name.in"
  "$bin/chat-client" --port "$port" --nick "$name" "$@" \
    <"$work/$name.in" >"$work/$name.txt" 2>"$work/$name.err" &
}

say '1. A server, which keeps a log in JSON Lines.' 'chat-server --port 0 --log LOG'
"$bin/chat-server" --host 127.0.0.1 --port 0 --name Demo --log "$work/log" \
  --control "$work/control" >"$work/server.txt" 2>&1 &
server=$!
wait_for "$work/server.txt" 'listening on'
cat "$work/server.txt"
port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/server.txt")

# The first fragment is damaged, the last one lost, and one answer as well.
faults='corrupt DATA c2s nth 1; drop DATA c2s nth 3; drop ACK s2c nth 2'
say '2. Three people come: ben with Go-Back-N, cleo likewise with a window of 4, and ana with
   Selective Repeat, on whose line frames are damaged and lost.' \
  "chat-client --nick ana --protocol sr --faults '$faults' --trace ana.txt"
client ben --max-fragment-size 64
exec 3>"$work/ben.in"
client cleo --window-size 4 --max-fragment-size 100
exec 4>"$work/cleo.in"
wait_for "$work/ben.err" 'connected'
wait_for "$work/cleo.err" 'connected'
client ana --protocol sr --window-size 8 --max-fragment-size 20 --faults "$faults" \
  --trace "$work/ana-trace.txt"
exec 5>"$work/ana.in"
wait_for "$work/ana.err" 'connected'
wait_for "$work/ben.txt" 'ana joined'
echo 'Hello ben and cleo! My line is bad today.' >&5
wait_for "$work/ben.txt" '<ana>'
wait_for "$work/cleo.txt" '<ana>'
echo 'I read every word of it, ana.' >&3
wait_for "$work/ana.txt" '<ben>'
echo 'So do I. Once, and in the right order.' >&4
wait_for "$work/ana.txt" '<cleo>'
say '   The server about them:' 'chat-server status'
"$bin/chat-server" status --control "$work/control"
exec 5>&-
wait_for "$work/ben.txt" 'ana left'
exec 3>&- 4>&-
say '   What ana saw. Lines with ! say what happened to a frame, and how it was repaired.' 'cat ana'
fold -s -w "$COLUMNS" "$work/ana.txt"
say '   What cleo saw:' 'cat cleo'
cat "$work/cleo.txt"
kill "$server"
wait "$server" || true
server=''

say "3. And what crossed ana's line, frame by frame: X is a fault, R a retransmission, the bar the
   sender's window." 'cat ana.txt'
head -n 70 "$work/ana-trace.txt"

say '4. The same for traffic that somebody else has captured.' \
  "chat-inspect read captures/native_sr_faults.pcap --stream 0 -Y 'sequence in {41401, 41402}' -c 7"
"$bin/chat-inspect" read captures/native_sr_faults.pcap --stream 0 \
  -Y 'sequence in {41401, 41402}' -c 7

say '5. And without a network: what losing one frame in ten costs each way of repairing it.' \
  "chat-inspect simulate --compare gbn,sr --faults 'drop 10%' --messages 1000"
"$bin/chat-inspect" simulate --compare gbn,sr --faults 'drop 10%' --messages 1000

cat <<TEXT

Those were chat-server, chat-client and chat-inspect in ${bin#"$PWD/"}.
Start chat-server in one terminal and chat-client in two others, and see README.md.
TEXT
