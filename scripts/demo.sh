#!/usr/bin/env bash
# The main job on real input: three people talk through a proxy that loses and damages frames; the
# trace shows each loss and its repair as it happens, and the recording shows it again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
# A debug build takes two thirds of the time of a release build, and `make test` uses it again.
for product in chat-inspect chat-server chat-client; do
  scripts/build.sh --product "$product"
done
bin=$(swift build --show-bin-path)
# Everything on one screen, one thing after the other.
export CHAT_INSPECT_PAGER=cat COLUMNS="${COLUMNS:-100}"

work=$(mktemp -d)
# Control sockets go there as well.
export XDG_RUNTIME_DIR=$work
server=''
proxy=''
finish() {
  if [[ -n "$proxy" ]]; then kill "$proxy" 2>/dev/null || true; fi
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

say '1. A server.' 'chat-server --port 0 --log LOG'
"$bin/chat-server" --host 127.0.0.1 --port 0 --name Demo --log "$work/log" \
  --control "$work/control" >"$work/server.txt" 2>&1 &
server=$!
wait_for "$work/server.txt" 'listening on'
cat "$work/server.txt"
server_port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/server.txt")

faults='drop 10% DATA; corrupt 5% DATA; drop 5% ACK'
say '2. Before it a proxy, on whose line one frame in ten is lost and one in twenty damaged. The
   seed makes that the same each time.' \
  "chat-inspect proxy --listen 0 --upstream 127.0.0.1:$server_port \\
    --faults '$faults' --seed 11 -w session.pcapng"
"$bin/chat-inspect" proxy --listen 0 --upstream "127.0.0.1:$server_port" \
  --faults "$faults" --seed 11 -w "$work/session.pcapng" \
  >"$work/live.txt" 2>"$work/proxy.err" &
proxy=$!
wait_for "$work/proxy.err" 'listening on'
cat "$work/proxy.err"
port=$(sed -n 's/.*listening on 127.0.0.1:\([0-9]*\),.*/\1/p' "$work/proxy.err")

say '3. Three people talk through it: ben with Go-Back-N, cleo likewise with a window of 4, and ana
   with Selective Repeat.' "chat-client --port $port --nick ana --protocol sr"
client ben --max-fragment-size 64
exec 3>"$work/ben.in"
client cleo --window-size 4 --max-fragment-size 100
exec 4>"$work/cleo.in"
wait_for "$work/ben.err" 'connected'
wait_for "$work/cleo.err" 'connected'
client ana --protocol sr --window-size 8 --max-fragment-size 20
exec 5>"$work/ana.in"
wait_for "$work/ana.err" 'connected'
wait_for "$work/ben.txt" 'ana joined'
wait_for "$work/cleo.txt" 'ana joined'
echo 'Hello ben and cleo! The line is said to be bad: here is a long sentence for it to spoil.' >&5
wait_for "$work/ben.txt" '<ana>'
wait_for "$work/cleo.txt" '<ana>'
echo 'I read every word of it, ana, although the window went back a few times.' >&3
wait_for "$work/ana.txt" '<ben>'
echo 'So do I. Once, and in the right order.' >&4
wait_for "$work/ana.txt" '<cleo>'
wait_for "$work/ben.txt" '<cleo>'
say '   Asked while it runs:' 'chat-inspect ctl connections'
"$bin/chat-inspect" ctl --port "$port" connections
exec 5>&-
wait_for "$work/ben.txt" 'ana left'
exec 4>&-
wait_for "$work/ben.txt" 'cleo left'
exec 3>&-
say '   What cleo saw:' 'cat cleo'
cat "$work/cleo.txt"
# The last goodbye has passed when the session of everybody is over.
for _ in {1..100}; do
  if [[ $(grep -c 'TCP closed' "$work/live.txt") -ge 3 ]]; then break; fi
  sleep 0.1
done
kill -INT "$proxy"
wait "$proxy" || true
proxy=''
kill "$server"
wait "$server" || true
server=''

say "4. And what the proxy saw, as it happened: X is a fault, R a retransmission, the bar the
   sender's window, st which of the three it is." 'cat live.txt'
head -n 60 "$work/live.txt"
echo "   ... $(wc -l <"$work/live.txt") lines in all; the last ones:"
tail -n 12 "$work/live.txt"

say '5. The recording opens in Wireshark, with both sides and what was done as comments. Read back,
   it prints the same trace.' 'chat-inspect read session.pcapng | cmp - live.txt && echo the same'
"$bin/chat-inspect" read "$work/session.pcapng" >"$work/again.txt"
cmp "$work/again.txt" "$work/live.txt"
echo 'the same'
say '   How it went, for one of the three:' 'chat-inspect stats session.pcapng --stream 2'
"$bin/chat-inspect" stats "$work/session.pcapng" --stream 2 | head -n 30

say '6. And without a network: what losing one frame in ten costs each way of repairing it.' \
  "chat-inspect simulate --compare gbn,sr --faults 'drop 10%' --messages 1000"
"$bin/chat-inspect" simulate --compare gbn,sr --faults 'drop 10%' --messages 1000

say '7. The verdict. Did the three clients and the server keep to the protocol, on that line?' \
  'chat-inspect verify session.pcapng'
"$bin/chat-inspect" verify "$work/session.pcapng"

retransmission=$("$bin/chat-inspect" read "$work/session.pcapng" \
  -Y 'retransmission == true && disposition == "forwarded"' -T fields -e frame | sed -n 1p)
say '   And why was a frame sent again?' "chat-inspect why session.pcapng $retransmission"
"$bin/chat-inspect" why "$work/session.pcapng" "$retransmission"

say '   Does the same happen again? What the three said, in the order in which each had waited for
   the others, played to a fresh server:' 'chat-inspect replay session.pcapng --to 127.0.0.1:PORT'
"$bin/chat-server" --host 127.0.0.1 --port 0 --name Demo --log "$work/log2" \
  >"$work/server2.txt" 2>&1 &
server=$!
wait_for "$work/server2.txt" 'listening on'
server_port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/server2.txt")
"$bin/chat-inspect" replay "$work/session.pcapng" --to "127.0.0.1:$server_port" --pace asap
kill "$server"
wait "$server" || true
server=''

cat <<TEXT

Those were chat-server, chat-client and chat-inspect in ${bin#"$PWD/"}.
Start chat-server in one terminal and chat-client in two others, and see README.md.
TEXT
