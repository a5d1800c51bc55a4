#!/usr/bin/env bash
# Runs every check that is not a test, says which one it is at, and fails after the last if one failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin="$PWD/.venv/bin"
failed=()
check() { # check NAME COMMAND...: quiet while it passes, its whole output when it does not
  local name="$1" output
  shift
  if output="$("$@" 2>&1)"; then
    echo "  ok    $name"
  else
    echo "  FAIL  $name"
    echo "$output"
    failed+=("$name")
  fi
}

check "ruff check" "$bin/ruff" check .
check "ruff format" "$bin/ruff" format --check .
check "pyright" "$bin/pyright" --pythonpath "$bin/python"
check "layers (import-linter)" "$bin/lint-imports"
check "specifications (lift check)" "$bin/lift" check --no-cache server shared-ir tools
check "generated JSON Schema" "$bin/python" tools/generate/schema.py --check
check "generated TypeScript and Kotlin" node tools/generate/types.mjs --check
check "TypeScript types compile" tools/generate/node_modules/.bin/tsc --strict --noEmit --target es2022 \
  shared-ir/generated/lift_ir.ts
check "extension: types" npm --silent --prefix vscode-extension run check-types
check "extension: eslint" npm --silent --prefix vscode-extension run lint
check "extension: unit tests" npm --silent --prefix vscode-extension run unit

if ((${#failed[@]})); then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
