# Each target makes the environment it needs from its lock, and again only when that lock changed.
PYTHON ?= python3.11
DEMO := .venv/demo
DEV := .venv/dev
# Tests start the program many times: what was compiled once is kept.
test test-long: export PYTHONDONTWRITEBYTECODE =

.PHONY: demo run test test-long check bench chaos fuzz lock clean

demo: $(DEMO)/made
	$(DEMO)/bin/python -m bot demo

run: .venv/embedded/made
	.venv/embedded/bin/python -m bot run

test: check
	$(DEV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long"

# Whole processes that start, are killed and start again, engines, and limits of memory: several minutes more.
test-long: $(DEV)/made
	$(DEV)/bin/python -m pytest -n 2 --dist loadfile -m long

check: $(DEV)/made
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/ruff check .
	$(DEV)/bin/basedpyright
	$(DEV)/bin/lint-imports

bench: $(DEV)/made
	$(DEV)/bin/python -m benchmarks

# About half an hour: two hundred kills, every server away, every fault of Discord; ends with 1 when anything is lost.
chaos: $(DEV)/made
	$(DEV)/bin/python -m tests.chaos

# Fuzzing needs atheris, in an environment of its own: make fuzz FUZZ=its/bin/python
FUZZ ?= python3
fuzz:
	$(FUZZ) tests/fuzz/fuzz_cards.py .venv/corpus -max_total_time=3600

.venv/%/made: locks/%.txt
	rm -rf .venv/$*
	if command -v uv >/dev/null; then \
	    uv venv -q --python $(PYTHON) .venv/$* && \
	    uv pip install -q --python .venv/$* $(if $(filter dev,$*),--compile-bytecode) --no-deps --require-hashes -r $<; \
	else \
	    $(PYTHON) -m venv .venv/$* && \
	    .venv/$*/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $<; \
	fi
	touch $@

lock:
	for extra in embedded demo dev; do \
	    uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	        --extra $$extra pyproject.toml -o locks/$$extra.txt || exit 1; done
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    pyproject.toml -o locks/run.txt

clean:
	rm -rf .venv
