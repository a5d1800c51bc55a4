#!/usr/bin/env bash
# Puts XGrammar, which holds answers to a schema inside SGLang and vLLM, into a cache folder outside the
# repository, for the tests that compile lift's schemas with it.
#
# Its metadata asks for torch, transformers and triton (3 GB), of which compiling and matching a grammar uses
# nothing; so that two wheels are fetched (5 MB) and the tests give it stand-ins to import.
#
#   tools/xgrammar.sh            fetches it if it is not there, then prints the folder
#   tools/xgrammar.sh --where    prints the folder, there or not
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(xgrammar==0.2.8 apache-tvm-ffi==0.1.15.post2)

python="$(.venv/bin/python -c 'import sys; print(sys.implementation.cache_tag)')"
cache="${LIFT_EDITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lift-editors}"
folder="$cache/${packages[0]/==/-}-$python"

if [[ "${1:-}" != "--where" ]]; then
  mkdir -p "$folder"
  exec 9>"$folder/lock"
  flock 9
  if [[ ! -f "$folder/fetched" || "$(<"$folder/fetched")" != "${packages[*]}" ]]; then
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --upgrade \
      --only-binary :all: --target "$folder" "${packages[@]}"
    echo "${packages[*]}" >"$folder/fetched"
  fi
fi
echo "$folder"
