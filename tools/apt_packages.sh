#!/usr/bin/env bash
# Installs the Debian packages that the tests in a browser or in a real editor need, and nothing else.
#
#   tools/apt_packages.sh           installs what is missing (needs root and apt-get)
#   tools/apt_packages.sh --list    prints the packages, one a line
#
# Where there is no apt-get or no root, it says what is missing and exits 0: those tests then skip with
# their reason, except under CI=true, where they fail.
set -euo pipefail

packages=(
  chromium          # drives code-server, which is VS Code in a browser
  fonts-dejavu-core # a browser without a font shows, and measures, nothing
  emacs-nox         # batch Emacs
  elpa-eglot        # Emacs's language client, for Emacs 28
  vim               # Vim 9 in a terminal
  vim-ale           # its language client
)

if [[ "${1:-}" == "--list" ]]; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)"
  [[ "$status" == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi
if ! command -v apt-get >/dev/null || [[ "$(id -u)" != 0 ]]; then
  echo "tools/apt_packages.sh: not installed, and no apt-get or no root here: ${missing[*]}" >&2
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
