# Everything is set up in .venv by the first target that needs it; nothing is installed by hand.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: setup repro test check ui sync bench bench-gpu lock

setup: .venv/.done

.venv/.done: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; call make PYTHON=python3.12")'
	@! test -L .venv || { echo "error: .venv is a link, and what it points to would be cleared; remove the link"; exit 1; } >&2
	$(PYTHON) -m venv --clear .venv
	pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

repro: setup
	@python stages/plan.py --check
	dvc repro
	@echo "the report: $(CURDIR)/reports/report.html"

test: setup check
	pytest --numprocesses auto --dist worksteal

check: setup
	ruff check .
	ruff format --check .
	mypy
	lint-imports

ui: setup
	mlflow ui --host 127.0.0.1 --backend-store-uri sqlite:///mlflow.db

# STUDY=studies/NAME does it for a study.
sync: setup
	@cd $(or $(STUDY),.) && python stages/sync.py

# IMAGES=FOLDER measures augmentation on photographs instead of the default study's small digits.
bench: setup
	dvc repro
	python benchmarks/training.py
	python benchmarks/scaling.py
	python benchmarks/learning.py
	python benchmarks/profile_step.py
	python benchmarks/norms.py
	python benchmarks/reporting.py
	python benchmarks/augment.py $(if $(IMAGES),--images "$(IMAGES)")
	$(if $(IMAGES),python benchmarks/data.py --images "$(IMAGES)")

# CIFAR=cifar-10-python.tar.gz adds the time to 94%.
bench-gpu: setup
	python benchmarks/gpu.py $(if $(CIFAR),--cifar "$(CIFAR)")

# Renew requirements.txt after a change in pyproject.toml (needs uv; the hashes are of every platform).
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --group check --quiet --output-file requirements.txt pyproject.toml
