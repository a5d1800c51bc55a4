#!/usr/bin/env bash
# Puts the real editors in place that the tests drive, where this machine can have them.
#
# VS Code needs a browser to be driven by, which tools/apt_packages.sh installs. Without one the tests in it
# skip, unless LIFT_REQUIRE_EDITORS is set, as in CI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
  echo "VS Code (820 MB, once) in $(tools/vscode_editor.sh)"
elif [[ -n "${LIFT_REQUIRE_EDITORS:-}" ]]; then
  echo "There is no Chromium for the tests in VS Code: run tools/apt_packages.sh as root." >&2
  exit 1
else
  echo "no Chromium here, so the tests in VS Code will skip; tools/apt_packages.sh installs it"
fi
