#!/usr/bin/env bash
# Installs Debian packages that are missing: install-packages.sh [--optional] PACKAGE...
#
# As root with apt-get, else with sudo apt-get; where neither is possible it names the packages and
# the command and exits 1. With --optional it only says what it could not install, and exits 0. A
# package counts as there when what it is needed for is there, so other systems with their own
# packages pass too.
set -euo pipefail

optional=no
if [[ "${1:-}" == --optional ]]; then
  optional=yes
  shift
fi

is_present() {
  local include
  case "$1" in
    libpcap-dev)
      for include in /usr/include /usr/local/include; do
        if [[ -e "$include/pcap/pcap.h" ]]; then return 0; fi
      done
      return 1
      ;;
    libedit-dev)
      for include in /usr/include /usr/local/include; do
        if [[ -e "$include/editline/readline.h" ]]; then return 0; fi
      done
      return 1
      ;;
    libncurses-dev)
      for include in /usr/include /usr/local/include; do
        if [[ -e "$include/curses.h" ]]; then return 0; fi
      done
      return 1
      ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
  esac
}

missing=()
for package in "$@"; do
  is_present "$package" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi

give_up() {
  if [[ $optional == yes ]]; then
    echo "Going on without: ${missing[*]} ($1)." >&2
    exit 0
  fi
  echo "Missing packages: ${missing[*]} ($1)." >&2
  echo "Install them as an administrator:  apt-get install ${missing[*]}" >&2
  exit 1
}

command -v apt-get >/dev/null || give_up "this system has no apt-get"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || give_up "not root, and there is no sudo"
  as_root=(sudo)
  # Without a terminal nobody can type a password.
  if [[ ! -t 0 ]]; then as_root=(sudo -n); fi
  "${as_root[@]}" true || give_up "not root, and sudo refuses"
fi

echo "Installing Debian packages: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null >>"$log" 2>&1
}
# The package lists may be there already when the update fails.
apt update || true
if ! apt install -y --no-install-recommends "${missing[@]}"; then
  tail -n 5 "$log" >&2
  give_up "apt-get failed"
fi
