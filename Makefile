# Two commands for everybody: `make run` shows lift at work, `make test` checks everything.
# Both set up what they need, say how far they are, and do nothing twice.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
WORKERS ?= 2
say = printf '\n\033[1m[%s] %s\033[0m\n'

.PHONY: help
help: ## Say what there is
	@sed -nE 's/^([a-z-]+): ## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: run
run: ## Set up, then check the examples
	@$(say) 1/2 "Python environment in .venv (the first time takes about a minute)"
	@tools/environment.sh run
	@$(say) 2/2 "lift check examples/"
	@$(BIN)/lift check examples/ || { status=$$?; [[ $$status -eq 1 ]] || exit $$status; \
	  printf '\nOne of the examples is wrong on purpose: a refutation makes lift exit with 1, as a gate in CI would need.\n'; }
	@printf '\nNext: docs/tutorial/first-proof.md, or hook lift into your editor: docs/how-to/editors.md\n'

.PHONY: test
test: ## Set up, then run every check and every test
	@$(say) 1/7 "Python environment in .venv, with the tools for tests"
	@tools/environment.sh dev
	@$(say) 2/7 "Node tools"
	@tools/node_modules.sh tools/generate vscode-extension
	@$(say) 3/7 "Editors, and what SGLang's command line and lift's schemas are held against"
	@tools/editors.sh
	@tools/sglang_parser.sh || [[ -z "$${LIFT_REQUIRE_EDITORS:-}" ]]
	@tools/xgrammar.sh || [[ -z "$${LIFT_REQUIRE_EDITORS:-}" ]]
	@$(say) 4/7 "Lint, types, layers, generated files, extension"
	@$(MAKE) checks
	@$(say) 5/7 "Fast tests, $(WORKERS) at a time"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow and not editor"
	@$(say) 6/7 "Slow tests, $(WORKERS) at a time"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "slow and not editor"
	@$(say) 7/7 "Real editors, one at a time"
	@$(BIN)/python -m pytest -q -m editor

.PHONY: lint
lint: ## Check style, types, layers and generated files
	@tools/environment.sh dev
	@tools/node_modules.sh tools/generate vscode-extension
	@$(MAKE) checks

.PHONY: checks
checks:
	@tools/checks.sh

.PHONY: generate
generate: ## Write shared-ir/generated from shared-ir/lift_ir
	@tools/environment.sh dev
	@tools/node_modules.sh tools/generate
	@$(BIN)/python tools/generate/schema.py
	@node tools/generate/types.mjs
	@echo "shared-ir/generated is fresh"

.PHONY: bench
bench: ## Measure the language server beside its peers
	@tools/environment.sh dev
	@$(BIN)/python tools/bench_lsp.py

.PHONY: fuzz
fuzz: ## Send the language server and its peers what no client should
	@tools/environment.sh dev
	@$(BIN)/python tools/fuzz_lsp.py
	@LIFT_FUZZ_EXAMPLES=200 $(BIN)/python -m pytest -q tests/lift/lsp/test_machine.py

MINUTES ?= 120
.PHONY: soak
soak: ## Type into the language server for two hours (MINUTES=120) and watch what it holds
	@tools/environment.sh dev
	@$(BIN)/python tools/soak.py --minutes $(MINUTES)

.PHONY: docs-pictures
docs-pictures: ## Draw the pictures in docs/ from real runs
	@tools/environment.sh dev
	@$(BIN)/python tools/pictures.py

.PHONY: clean
clean: ## Remove what was installed and built here
	@rm -rf .venv tools/generate/node_modules vscode-extension/node_modules vscode-extension/dist
	@rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache
