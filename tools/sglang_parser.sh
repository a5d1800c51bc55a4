#!/usr/bin/env bash
# Puts the source of SGLang's command line into a cache folder outside the repository, for the tests of the
# service that runs it. SGLang itself is 146 packages of CUDA; of it only one wheel is fetched (39 MB), on any
# system, and only its Python files are kept.
#
#   tools/sglang_parser.sh            fetches it if it is not there, then prints the folder
#   tools/sglang_parser.sh --where    prints the folder, there or not
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version="$(sed -n 's/^SGLANG = "\(.*\)"$/\1/p' server/lift/serving/modal_service.py)"
folder="${LIFT_EDITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lift-editors}/sglang-$version"

if [[ "${1:-}" != "--where" && ! -f "$folder/fetched" ]]; then
  mkdir -p "$folder"
  exec 9>"$folder/lock"
  flock 9
  if [[ ! -f "$folder/fetched" ]]; then
    .venv/bin/python -m pip download --quiet --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --python-version 3.12 --platform manylinux_2_34_x86_64 --dest "$folder" "sglang==$version"
    .venv/bin/python - "$folder" <<'PYTHON'
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
for wheel in folder.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [n for n in archive.namelist() if n.startswith("sglang/srt/") and n.endswith(".py")])
    wheel.unlink()
PYTHON
    touch "$folder/fetched"
  fi
fi
echo "$folder"
