#!/usr/bin/env bash
# Walks through the full-screen client in a tmux of 80 x 24, and writes what there is to see to
# docs/lens-walkthrough.txt, or to the file that is named: record-lens.sh [FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

file=${1:-docs/lens-walkthrough.txt}
scripts/install-packages.sh libpcap-dev libedit-dev libncurses-dev tmux
bin=$PWD/.build/debug
for product in chat-server chat-client; do
  if [[ ! -x "$bin/$product" ]]; then scripts/build.sh --product "$product"; fi
done

work=$(mktemp -d)
server=''
ben=''
screen() { tmux -S "$work/tmux" "$@"; }
finish() {
  screen kill-server 2>/dev/null || true
  if [[ -n "$ben" ]]; then kill "$ben" 2>/dev/null || true; fi
  if [[ -n "$server" ]]; then kill "$server" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Nothing of whoever runs this is read or changed.
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config XDG_RUNTIME_DIR=$work
export LANG=C.UTF-8 LC_ALL=C.UTF-8 COLUMNS=80 LINES=24
unset NO_COLOR ENV BASH_ENV TMUX "${!CHAT_@}"

# within WHAT COMMAND...: until a command succeeds, at most half a minute.
within() {
  local what=$1 attempt
  shift
  for attempt in {1..600}; do
    if "$@"; then return; fi
    sleep 0.05
  done
  echo "The walk-through waits in vain for '$what'; this is what there is:" >&2
  cat "$work/screen" "$work"/*.txt >&2 || true
  exit 1
}
has() { grep -q -- "$2" "$1" 2>/dev/null; }
# shows PATTERN...: the screen has all of them, and is in the file of that name.
shows() {
  local pattern
  screen capture-pane -p >"$work/screen"
  for pattern in "$@"; do has "$work/screen" "$pattern" || return 1; done
}
lacks() {
  screen capture-pane -p >"$work/screen"
  ! has "$work/screen" "$1"
}
see() { within "$*" shows "$@"; }

keys() { screen send-keys "$@"; }
# say TEXT: types a line.
say() {
  screen send-keys -l -- "$1"
  keys Enter
}

number=0
# frame TITLE HINT...: adds the screen that was waited for, what was pressed, and what to look at.
frame() {
  number=$((number + 1))
  {
    printf '\n%d. %s\n' "$number" "$1"
    shift
    printf '   %s\n' "$@"
    printf '%s\n' "--------------------------------------------------------------------------------"
    # Without the blank lines at its end.
    printf '%s\n' "$(cat "$work/screen")"
    printf '%s\n' "--------------------------------------------------------------------------------"
  } >>"$work/frames"
}

"$bin/chat-server" --host 127.0.0.1 --port 0 --name Demo --log "$work/log" \
  --control "$work/control" >"$work/server.txt" 2>&1 &
server=$!
within 'listening on' has "$work/server.txt" 'listening on'
port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/server.txt")

# A fixed timeout of 3 s, so that there is time to see a loss.
command="chat-client --mode ui --port $port --nick ana --timeout 3"
screen -u -f /dev/null new-session -d -x 80 -y 24 \
  "env TERM=screen-256color PATH='$bin:$PATH' PS1='\$ ' bash --noprofile --norc"
see '^\$'
say "$command; echo \"exit code \$?\""

see 'Connect' 'measured\|3s' 'Window'
frame "The form before connecting: $command" \
  'Tab or the arrows go from field to field, and under the button stands what a field is.' \
  'What is chosen here is there again in the next run. Enter connects.'

keys Enter
see 'you are ana' 'ana (you)' 'acknowledges frame 6' 'lens: live'
frame 'Connected: Enter' \
  'Above, the chat and who is here; below, the lens: what has gone over the wire, the latest at' \
  'the bottom. The handshake has passed, and the question who is here, which is a frame, too.'

mkfifo "$work/ben.in"
"$bin/chat-client" --mode plain --port "$port" --nick ben \
  <"$work/ben.in" >"$work/ben.txt" 2>"$work/ben.err.txt" &
ben=$!
exec 3>"$work/ben.in"
# The list of people is asked for again when somebody comes: that is to be over.
see 'ben joined' 'ben  *gbn 16' '0 of 16'
say 'Hello ben!'
within '<ana> Hello ben!' has "$work/ben.txt" '<ana> Hello ben!'
echo 'Hello ana. The line is good today.' >&3
keys F12
see '<ben> Hello ana' 'you send' 'server has' '← DATA' '→ ACK'
frame 'Two people: "Hello ben!", Enter; ben answers; F12 to see what ana sends' \
  'The strip of what ana sends: above what her client knows of each frame, below what the server' \
  'has said about it. ack and got: done. The brackets are the two windows.'

keys F2
see 'Faults' 'lose the next DATA'
keys d
see 'lose the next DATA .*armed' 'in force: drop DATA c2s first 1'
frame 'The faults menu: F2, then d' \
  'The next DATA frame to the server will be lost, once.'

keys Escape
within 'the menu is closed' lacks 'lose the next DATA'
say 'Can you read this?'
see 'you send .*lost' '1 unconfirmed' 'timer █' 'dropped here'
frame 'A loss: Esc, "Can you read this?", Enter' \
  'lost: the frame is gone. The server knows nothing of it; only the timer will tell, whose bar' \
  'runs out. ben has read nothing yet.'

see 'retransmission of frame' 'you: .*1 again' 'timer off'
within '<ana> Can you read this?' has "$work/ben.txt" '<ana> Can you read this?'
frame 'The repair: nothing pressed' \
  'After 3 s the timer ran out: the frame went out once more (R), and was acknowledged.'

keys F7
see 'lens: paused' 'you send .*again' 'no acknowledgement within'
frame 'A step back: F7' \
  'The lens stands still at the retransmission, which says why it was sent; its timer has begun' \
  'anew. The chat goes on.'

say '/demo loss'
see 'demonstration: loss, step 1 of' 'five frames'
within 'the whole demonstration' shows 'step 1 of [0-9]* ─'
frame 'A demonstration: "/demo loss", Enter' \
  'A session with a window of 4 and fragments of 16 bytes was made for it; the message has been' \
  'said, and one now steps through what came of it.'

keys F8
see 'step 2 of' 'you send .*lost'
frame 'Step 2: F8' \
  'The second frame is lost. Below the strip the note of the trace; above, what it means.'

steps=2
until shows '← NACK' 'you send .*nack'; do
  steps=$((steps + 1))
  if [[ $steps -gt 20 ]]; then within 'a NACK' shows '← NACK' 'you send .*nack'; fi
  keys F8
  see "step $steps of"
done
frame "Step $steps: F8" \
  'The server has seen a later frame, and asks for the one that is missing.'

until shows 'frames were sent, and'; do
  steps=$((steps + 1))
  if [[ $steps -gt 40 ]]; then within 'the end of it' shows 'frames were sent, and'; fi
  keys F8
  see "step $steps of"
done
frame "Step $steps, the last: F8 a few times" \
  'What it has cost: Go-Back-N has sent more again than was lost.'

keys Escape
see 'the demonstration is over' 'lens: live'
keys F4
see 'round trip' 'Esc closes'
frame 'Status: Esc, F4' \
  'Everything that was agreed in the handshake, and measured since.'

keys Escape
within 'the status is closed' lacks 'Esc closes'
say '/quit Good night'
see 'exit code 0'
frame 'The end: Esc, "/quit Good night", Enter' \
  'The client has said goodbye, and everything was acknowledged before. The terminal is as before.'
within 'ana left' has "$work/ben.txt" 'ana left'
exec 3>&-

{
  cat <<'TEXT'
A walk through the lens, the full screen of chat-client: what was pressed, what to look at, and the
screen, 80 columns by 24 rows. scripts/record-lens.sh has recorded it from the programs, and does so
again; ports, sequence numbers and times are others then. docs/LENS.md explains it all.
TEXT
  cat "$work/frames"
} >"$work/walkthrough.txt"
cp "$work/walkthrough.txt" "$file"
echo "$number frames are in $file."
