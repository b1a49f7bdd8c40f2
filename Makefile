# make demo: the whole workflow on a phantom. make test: tests, in minutes. Needs Python 3.11 to 3.13, make and git.
PYTHON ?= python3
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: demo demo-all test test-fast test-slow fuzz lint lock bench gpu restore prove

demo: $(VENV)/.cpu
	snakemake --cores all
	@echo "The report: results/phantom_chest/report.html"

demo-all: $(VENV)/.cpu
	snakemake --cores all $(foreach name,chest head lumbar pneumonia,results/phantom_$(name)/report.html)
	@ls results/phantom_*/report.html

# All but the slow ones; test-fast: without Keras and without the workflow; test-slow: the slow ones.
PYTEST := pytest --numprocesses logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder
test: $(VENV)/.dev
	$(PYTEST) -m "not slow"

test-fast: $(VENV)/.dev
	$(PYTEST) -m "not slow and not keras and not workflow"

test-slow: $(VENV)/.dev
	$(PYTEST) -m slow

# Hostile input, other examples every time: what is found becomes a test of its kind. The number is per test.
FUZZ ?= 3000
fuzz: $(VENV)/.dev
	FUZZ_EXAMPLES=$(FUZZ) $(PYTEST) tests/fuzz

lint: $(VENV)/.dev
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

gpu: $(VENV)/.gpu

bench: $(VENV)/.dev
	for script in benchmarks/*.py; do echo "== $$script"; python $$script || exit; done

# Locks hold hashes and no index address; conda files hold the same pins. What is pinned stays;
# `make lock UPGRADE=--upgrade` takes newer versions.
UPGRADE ?=
lock: $(VENV)/.dev
	for extra in cpu gpu dev; do \
	  uv pip compile pyproject.toml --quiet $(UPGRADE) --universal --python-version 3.11 --extra $$extra \
	    --generate-hashes --no-emit-index-url --no-annotate --no-header --output-file envs/$$extra.lock || exit; \
	done
	$(MAKE) envs/cpu.yaml envs/gpu.yaml

envs/%.yaml: envs/%.lock
	{ printf 'channels: [conda-forge]\ndependencies:\n  - python >=3.11,<3.14\n  - pip\n  - pip:\n'; \
	  sed -n 's/^\([A-Za-z0-9][^\\]*[^\\ ]\) *\\\{0,1\}$$/      - "\1"/p' $<; } > $@

# An interrupted installation leaves its mark, and is done again whatever stamps there are.
$(VENV)/.%: envs/%.lock envs/install.sh pyproject.toml $(if $(wildcard $(VENV).unfinished),again)
	PYTHON=$(PYTHON) VENV=$(VENV) sh envs/install.sh $<
	touch $@

.PHONY: again
again: ;

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
