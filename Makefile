# Two commands do everything on a fresh machine: `make run` speaks, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
ARGS ?=
# Where pip finds torch if it is not there yet, e.g. TORCH='--index-url https://download.pytorch.org/whl/cpu'
TORCH ?=

.PHONY: late run qwen test check hearing slow bench clean

run: $(VENV)/.run
	$(BIN)/voiced serve $(if $(DATA),--data-dir $(DATA)) $(ARGS)

# What the Qwen engine needs beside the built-in voice. A torch that is already in $(VENV) is kept, whatever its build.
qwen: $(VENV)/.qwen

test: check
	$(BIN)/pytest -q $(ARGS)

# Format, lint, types, import rules.
check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A recogniser listens to every door (downloads 150 MB of wheels once).
hearing: $(VENV)/.hearing
	$(BIN)/pytest -q -m hearing $(ARGS)

# The exhaustive checks.
slow: $(VENV)/.test
	$(BIN)/pytest -q -m slow $(ARGS)

bench: $(VENV)/.run
	$(BIN)/voiced bench doors $(ARGS)

clean:
	rm -rf $(VENV) build *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "voiced needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --upgrade pip

# With a C compiler the kernels are built; without one all the same works, and Qwen3-TTS speaks slower.
KERNELS := setup.py $(wildcard models/qwen/native/*.[ch] models/qwen/native/*.inc)
# A compiler that came after the install builds them then.
LATE := $(if $(wildcard models/qwen/native/_native.so),,$(shell command -v cc > /dev/null && echo late))

$(VENV)/.run: $(BIN)/python pyproject.toml constraints.txt $(KERNELS) $(LATE)
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

# The official package without what it asks for (see `qwen` in pyproject.toml).
$(VENV)/.qwen: $(VENV)/.run
	@grep -v '^torch==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/python -m pip install -q -c constraints.txt $(TORCH) torch
	$(BIN)/python -m pip install -q -c $(VENV)/constraints.txt -e '.[qwen]'
	$(BIN)/python -m pip install -q -c constraints.txt --no-deps qwen-tts
	@touch $@

$(VENV)/.test: $(VENV)/.qwen
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[test]'
	@tests/browser.sh
	@touch $@

$(VENV)/.hearing: $(VENV)/.test
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[hearing]'
	@touch $@
