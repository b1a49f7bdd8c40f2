# make demo: the whole workflow on a phantom. make test: all tests. Needs Python 3.11 to 3.13, make and git.
PYTHON ?= python3
VENV := .venv
REMOTE ?=
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: demo demo-all test lint lock bench gpu restore prove

demo: $(VENV)/.cpu
	snakemake --cores all
	@echo "The report: results/phantom_chest/report.html"

demo-all: $(VENV)/.cpu
	snakemake --cores all $(foreach name,chest head lumbar pneumonia,results/phantom_$(name)/report.html)
	@ls results/phantom_*/report.html

test: $(VENV)/.dev
	pytest --numprocesses logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder

lint: $(VENV)/.dev
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

gpu: $(VENV)/.gpu

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do echo "== $$script"; python $$script || exit; done

# Locks hold hashes and no index address; conda files hold the same pins.
lock: $(VENV)/.dev
	for extra in cpu gpu dev; do \
	  uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --extra $$extra \
	    --generate-hashes --no-emit-index-url --no-annotate --no-header --output-file envs/$$extra.lock || exit; \
	done
	$(MAKE) envs/cpu.yaml envs/gpu.yaml

envs/%.yaml: envs/%.lock
	{ printf 'channels: [conda-forge]\ndependencies:\n  - python >=3.11,<3.14\n  - pip\n  - pip:\n'; \
	  sed -n 's/^\([A-Za-z0-9][^\\]*[^\\ ]\) *\\\{0,1\}$$/      - "\1"/p' $<; } > $@

# Bytecode is compiled here, once: without it every start of a step pays seconds.
$(VENV)/.%: envs/%.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
	  f"Python 3.11 to 3.13 is needed, found {v[0]}.{v[1]}: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	python -m pip install --quiet --no-compile --require-hashes -r $<
	python -m pip install --quiet --no-deps --no-build-isolation --editable .
	python -m compileall -q -j 0 $(VENV)/lib || true
	touch $@

# After a clone, a checkout or `dvc exp apply`. DVC brings the files; Snakemake, which knows nothing of them yet,
# would run an arbitrary part again: touching all is right only where `dvc status` is clean.
restore: $(VENV)/.cpu
	@test -n "$$(dvc config core.remote)" || \
	  { echo "restore: no DVC remote is set: dvc remote add --default NAME URL" >&2; exit 1; }
	dvc pull
	@dvc status --quiet || \
	  { echo "restore: files here differ from dvc.lock: dvc status lists them, dvc repro runs them" >&2; exit 1; }
	snakemake --touch --forceall --cores 1

# An unchanged dvc.lock is a byte-identical reproduction. The clone lies beside this folder, where relative paths
# of data and remotes hold; it stays there when something differs.
prove: $(VENV)/.cpu
	@git cat-file -e HEAD:dvc.lock 2> /dev/null || \
	  { echo "prove: dvc.lock is not committed: dvc commit -f, or dvc repro, then git commit" >&2; exit 1; }
	@test -n "$$(dvc config core.remote)" || test -z "$$(git ls-files '*.dvc')" || \
	  { echo "prove: no DVC remote is set: dvc remote add --default NAME URL" >&2; exit 1; }
	clone=$$(mktemp -d ../prove.XXXXXX) && git clone -q . $$clone && \
	  { test ! -f .dvc/config.local || cp .dvc/config.local $$clone/.dvc/; } && cd $$clone && \
	  { test -z "$$(git ls-files '*.dvc')" || dvc pull $$(git ls-files '*.dvc'); } && \
	  snakemake && dvc commit --force && git diff --exit-code HEAD -- dvc.lock && \
	  echo "prove: every result is byte-identical" && rm -rf "$$PWD"
