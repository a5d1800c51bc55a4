#!/usr/bin/env bash
# Draws vscode-extension/images/icon.png (256 × 256, transparent corners) from icon.svg beside it.
#
# Chromium does it, since the editor tests need Chromium anyway.
set -euo pipefail

images="$(cd "$(dirname "$0")/../vscode-extension/images" && pwd)"
chromium="$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)"
if [[ -z "$chromium" ]]; then
  echo "tools/vscode_icon.sh: needs Chromium; tools/apt_packages.sh installs it" >&2
  exit 1
fi

profile="$(mktemp -d)"
trap 'rm -rf "$profile"' EXIT
"$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$profile" --hide-scrollbars \
  --force-device-scale-factor=1 --default-background-color=00000000 --window-size=256,256 \
  --screenshot="$images/icon.png" "file://$images/icon.svg" 2>"$profile/log" || { cat "$profile/log" >&2; exit 1; }
