# make demo   crawl the sample site, archive, read, extract, publish, serve on 127.0.0.1:8001 (SERVE=0: stop before serving)
# make test   lint, types and tests
# make check  lint and types
# make docs   the documentation as a site that opens without a server: build/docs/index.html (strict: a broken link stops it)
# make commands  docs/commands.md: what `dangqun --help` prints, for all commands
# make messages  the words of the site: extracted from its templates, and the Chinese catalogue brought up to date
# make release VERSION=1.2.3  sdist and wheel in dist/ and an annotated tag with the section of CHANGELOG.md; pushes nothing
# make audit  known vulnerabilities in the installed packages (needs a package index with advisories)
# make lock   resolve the pinned versions again, from pyproject.toml, for every Python from 3.11.2 on (UPGRADE=1: the newest; else a version stays while it satisfies the requirements)
# make bench  every benchmark beside its peers, one report in benchmarks/report (an hour; QUICK=1: a quarter of an hour; reading needs ../shared or PAGES=folder)
# make bench-site  the site with a million articles and ten million facts, four clients (an hour and a half, and 33 GB; ARTICLES=100000 for less)
# make bench-crawl  the crawl beside a bare Scrapy spider, news-please and fundus, its memory, and the requests of a refresh (half an hour)
# make crash crawl, import, extract, publish, decisions and takedowns killed (-9) at 50 random moments each, the site once; a full disk, a locked database
# make soak  two hours of everything at once: twenty sites, kills, a full disk, a hostile site, readers (MINUTES=20 for less)
# make train  the weights of the fact reader, from labelled texts (an hour and more; with ../shared for those that are shipped)
# make fuzz   16,000 broken captures, lists, rules and addresses, then 20,000 broken pages through the reader (the same)
PYTHON ?= python3
SERVE ?= 1
VENV := .venv
PEERS := .venv-bench
CRAWLERS := .venv-crawlers
REPLAY := .venv-replay
AUDIT := .venv-audit
DOCS := .venv-docs
TRAINING := .venv-training
LOCK := .venv-lock
UPGRADE ?=
PAGES ?=
MINUTES ?= 120
READY := $(VENV)/.ready

# Environments are made side by side.
MAKEFLAGS += --jobs=2

.PHONY: demo test check docs commands messages release audit lock train bench bench-site bench-crawl crash soak fuzz clean

demo: $(READY)
	$(VENV)/bin/dangqun demo $(if $(filter 0,$(SERVE)),--no-serve)

# Most tests wait for servers, so three run at once, also on two cores. The tests of one file run in one process and share their fixtures.
test: check $(REPLAY)/.ready $(VENV)/axe/.ready
	$(VENV)/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

docs: $(DOCS)/.ready
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict
	@echo "Open build/docs/index.html."

commands: $(READY)
	$(VENV)/bin/python -m crawler.cli.reference >docs/commands.md

CATALOGUE := datasette/locale/zh_Hans/LC_MESSAGES/messages.po

messages: $(READY)
	@mkdir -p build
	$(VENV)/bin/pybabel --quiet extract --mapping-file pyproject.toml --no-location --sort-output --omit-header --output-file build/messages.pot .
	$(VENV)/bin/pybabel --quiet update --input-file build/messages.pot --output-file $(CATALOGUE) --locale zh_Hans --no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date
	@echo "Fill in the empty entries of $(CATALOGUE)."

release: $(READY)
	.ci/release "$(VERSION)" $(VENV)/bin/python

# pip-audit queries the package index for advisories. Without one, it lists the packages that it could not check.
audit: $(AUDIT)/.ready
	$(AUDIT)/bin/pip-audit --disable-pip --no-deps --progress-spinner off --requirement requirements.lock

# A lock is complete and valid for all systems and Pythons: markers mark where versions differ. The environment brings its own pip.
# $(call pin,FILE,WHAT IT PINS,SOURCES AND OPTIONS)
define pin
	$(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11.2 --no-header --no-annotate --no-emit-package pip $(if $(UPGRADE),--upgrade) --output-file $(1) $(3) >/dev/null
	@{ echo '# $(2) Made from pyproject.toml by: make lock'; cat $(1); } >$(1).new && mv $(1).new $(1)
endef

lock: $(LOCK)/.ready
	$(call pin,requirements.lock,What the project runs on.,pyproject.toml)
	$(call pin,requirements-dev.lock,The same with what tests and checks need.,pyproject.toml --extra dev --constraint requirements.lock)
	$(call pin,requirements-training.lock,The same with what training and exporting a model need.,pyproject.toml --extra training --constraint requirements.lock)
	$(call pin,requirements-bench.lock,The same with what the benchmarks measure beside us; our versions override the requirements of the others. Never shipped.,pyproject.toml --group bench --override requirements.lock)
	$(call pin,requirements-crawlers.lock,The crawlers that benchmarks/crawl.py runs beside us; they need an older lxml. Never shipped.,--group crawlers)
	$(call pin,requirements-replay.lock,What replays our captures in the tests: pywb (GPL) and the WACZ validator and moto (an S3 server). Never shipped.,--group replay)
	$(call pin,requirements-docs.lock,What builds the documentation. Never shipped.,--group docs --generate-hashes)
	$(call pin,requirements-audit.lock,What looks for known vulnerabilities in what is installed. Never shipped.,--group audit)

bench: $(PEERS)/.ready $(CRAWLERS)/.ready $(VENV)/.ready-dev
	$(PEERS)/bin/python benchmarks/report.py $(if $(PAGES),--pages $(PAGES)) $(if $(QUICK),--quick)

bench-site: $(READY)
	$(VENV)/bin/python benchmarks/load.py $(if $(ARTICLES),--articles $(ARTICLES)) --writing

bench-crawl: $(CRAWLERS)/.ready $(READY)
	$(VENV)/bin/python benchmarks/crawl.py --memory 50000 --refresh 20000 --others 200000

crash: $(VENV)/.ready-dev
	DANGQUN_KILLS=50 DANGQUN_LOCKED=60 $(VENV)/bin/python -m pytest tests/crawler/test_survival.py tests/crawler/test_cluster.py

train: $(TRAINING)/.ready
	$(TRAINING)/bin/python -m training.make $(if $(FOLDS),--folds $(FOLDS)) $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(START),--start $(START))

soak: $(VENV)/.ready-dev
	$(VENV)/bin/python benchmarks/soak.py --minutes $(MINUTES)

fuzz: $(VENV)/.ready-dev
	$(VENV)/bin/python benchmarks/fuzz_inputs.py
	$(VENV)/bin/python benchmarks/fuzz_reading.py $(if $(PAGES),--pages $(PAGES))

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(READY): requirements.lock pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --requirement requirements.lock
	$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(READY)
	$(VENV)/bin/python -m pip install --quiet --requirement requirements-dev.lock
	@touch $@

# The accessibility checker is an npm package; without npm its test is skipped.
$(VENV)/axe/.ready: | $(VENV)/bin/python
	@mkdir -p $(VENV)/axe
	@if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --ignore-scripts --no-package-lock --prefix $(VENV)/axe axe-core@4.14.1; fi
	@touch $@

$(PEERS)/.ready: requirements-bench.lock
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --no-deps --requirement requirements-bench.lock
	@touch $@

$(CRAWLERS)/.ready: requirements-crawlers.lock
	$(PYTHON) -m venv $(CRAWLERS)
	$(CRAWLERS)/bin/python -m pip install --quiet --no-deps --requirement requirements-crawlers.lock
	@touch $@

$(AUDIT)/.ready: requirements-audit.lock
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --no-deps --requirement requirements-audit.lock
	@touch $@

$(DOCS)/.ready: requirements-docs.lock
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --no-deps --requirement requirements-docs.lock
	@touch $@

$(LOCK)/.ready:
	$(PYTHON) -m venv $(LOCK)
	$(LOCK)/bin/python -m pip install --quiet uv==0.13.9
	@touch $@

$(TRAINING)/.ready: requirements.lock requirements-training.lock
	$(PYTHON) -m venv $(TRAINING)
	$(TRAINING)/bin/python -m pip install --quiet --requirement requirements-training.lock
	@touch $@

$(REPLAY)/.ready: requirements-replay.lock
	$(PYTHON) -m venv $(REPLAY)
	$(REPLAY)/bin/python -m pip install --quiet --no-deps --requirement requirements-replay.lock
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) $(CRAWLERS) $(REPLAY) $(AUDIT) $(DOCS) $(LOCK) build data .mypy_cache .pytest_cache .ruff_cache *.egg-info
