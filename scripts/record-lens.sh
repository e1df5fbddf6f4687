#!/usr/bin/env bash
# Records the walk-through of the full-screen client: record-lens.sh [FILE]
#
# It starts a server and the client in a window of tmux, presses keys, waits for what is to be seen,
# and writes the screens one behind the other (docs/lens-walkthrough.txt).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${1:-docs/lens-walkthrough.txt}
command -v tmux >/dev/null || { echo "record-lens.sh: tmux is not installed" >&2; exit 1; }
scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev
scripts/build.sh
bin=$(swift build --show-bin-path)

work=$(mktemp -d)
window() { tmux -S "$work/tmux" "$@"; }
cleanup() {
  window kill-server 2>/dev/null || true
  [[ -z "${server:-}" ]] || kill "$server" 2>/dev/null || true
  [[ -z "${ben:-}" ]] || kill "$ben" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

"$bin/chat-server" --host 127.0.0.1 --port 0 --name Demo --log "$work/log" >"$work/listening" 2>&1 &
server=$!
port=
for _ in {1..200}; do
  port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\)$/\1/p' "$work/listening")
  [[ -n "$port" ]] && break
  sleep 0.05
done
[[ -n "$port" ]] || { echo "record-lens.sh: the server does not start" >&2; exit 1; }

window -u -f /dev/null new-session -d -x 80 -y 24 -e "XDG_STATE_HOME=$work/state" -e TERM=xterm \
  -e LANG=C.UTF-8 "$bin/chat-client" --mode ui --port "$port" --nick ana --protocol sr

# see TEXT: waits until the screen shows it.
see() {
  for _ in {1..400}; do
    window capture-pane -p >"$work/screen" 2>/dev/null || true
    if grep -qF -- "$1" "$work/screen"; then return; fi
    sleep 0.05
  done
  echo "record-lens.sh: the screen never shows \"$1\":" >&2
  cat "$work/screen" >&2
  exit 1
}
# gone TEXT: waits until the screen does not show it any more.
gone() {
  for _ in {1..400}; do
    window capture-pane -p >"$work/screen"
    if ! grep -qF -- "$1" "$work/screen"; then return; fi
    sleep 0.05
  done
}
press() { for key in "$@"; do window send-keys "$key"; done; }
type() { window send-keys -l -- "$1"; }
frames=0
# frame TITLE: adds the screen that was seen last.
frame() {
  frames=$((frames + 1))
  printf '%s\n\n' "[$frames] $1"
  cat "$work/screen"
  printf '\n'
}

record() {
  echo "The full-screen client, frame by frame, as scripts/record-lens.sh has recorded it."
  echo
  see '[ Connect ]'
  frame 'chat-client --mode ui: what to connect to, and how. Enter connects.'
  press Up Enter
  see 'here (1)'
  (
    sleep 1
    echo 'Good morning, Ana.'
    sleep 20
  ) | "$bin/chat-client" --mode plain --port "$port" --nick ben >/dev/null 2>&1 &
  ben=$!
  see 'Good morning, Ana.'
  type 'Good morning, Ben. Watch this.'
  press Enter
  see '<ana> Good morning, Ben.'
  see '"Good morning, Ben. Watch this."'
  frame 'Connected, and somebody is there. Below, the wire: what was sent, and what came back.'
  press F2
  see 'lose the next DATA'
  press d
  see 'in force: drop DATA'
  frame 'F2, then d: the next DATA to the server will be lost, once.'
  press Escape
  gone 'in force:'
  type 'Does this arrive?'
  press Enter
  see 'retransmission of'
  see 'faults off (1 frame)'
  frame 'A line is said. It was lost, the timer noticed, and it was sent again.'
  press F7
  see 'lens: paused'
  for _ in {1..12}; do
    if grep -qF 'the server will not see' "$work/screen"; then break; fi
    press F7
    sleep 0.2
    window capture-pane -p >"$work/screen"
  done
  see 'the server will not see'
  frame 'F7, a few times: back to the moment of the loss. The chat goes on meanwhile.'
  press F5
  see 'lens: live'
  type '/demo loss'
  press Enter
  see 'demonstration: loss, step 1'
  frame '/demo loss: a session with small fragments, and a loss to be followed step by step.'
  step() {
    for _ in {1..20}; do
      press F8
      sleep 0.2
      window capture-pane -p >"$work/screen"
      if grep -qF -- "$1" "$work/screen"; then return; fi
    done
    see "$1"
  }
  step 'The gap is seen'
  frame 'F8, some times: the receiver keeps what came behind the gap, and asks for what is missing.'
  step 'Only what is missing'
  frame 'F8: Selective Repeat sends that one frame again.'
  step 'sent again only what was lost'
  frame 'F8, to the end: the receiver delivers what it has kept, and the window slides.'
  press Escape
  see 'demonstration is over'
  press F4
  see 'Esc closes'
  frame 'F4: everything that was negotiated and measured.'
}

record >"$work/film"
mkdir -p "$(dirname "$target")"
sed 's/[[:space:]]*$//' "$work/film" >"$target"
echo "$frames frames written to $target"
