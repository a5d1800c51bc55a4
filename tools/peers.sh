#!/usr/bin/env bash
# Installs the language servers that lift is measured beside into .peers, and prints the folder of their programs.
#
# They are for `make bench` and `make fuzz` only. What is there already is kept: remove .peers for newer ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

peers=(ruff ty basedpyright jedi-language-server python-lsp-server)
if [[ ! -x .peers/bin/pylsp ]]; then
  rm -rf .peers
  "${LIFT_PYTHON:-.venv/bin/python}" -m venv .peers
  # Twice quiet: warnings about the user's own pip settings would bury what this script says.
  .peers/bin/python -m pip install --quiet --quiet --disable-pip-version-check "${peers[@]}" >&2
fi
echo "$PWD/.peers/bin"
