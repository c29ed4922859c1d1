# Every verb prepares what it needs; a second call finds it prepared. See README.md, "Development".

PYTHON ?= python3
ARGS ?=
# Tests wait more than they compute: more processes than a small machine has cores.
WORKERS ?= 4
# Each of these starts JupyterLabs and a browser of its own; the first test of each waits for them.
BROWSERS ?= 2

VENV := .venv
# Each has one release of JupyterLab and Notebook, and our wheel.
COMPAT := .venv-compat
# Which: JupyterLab's, then that of the Notebook which belongs to it.
RELEASES ?= 4.4:7.4 4.5:7.5 4.6:7.6
# What is tried in each: typing together, running, marking by key, saving.
TRIED := two_people or by_command or file_keeps
# A second environment, in which only the kernel is older: ipykernel 6, which has no subshells.
OLDER := .venv-ipykernel6
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
BUNDLE := teaching_nb/widgets/static/teaching.js
# The JupyterLab extension. An installation holds a copy of it.
EXTENSION := js/lab/built/install.json

# What an installation depends on besides the Python files, which are used in place.
PACKAGING := pyproject.toml hatch_build.py $(wildcard jupyter-config/*/*.json)
JS_SOURCES := js/package.json js/package-lock.json js/tsconfig.json $(wildcard js/*.mjs) $(shell find js/src -type f)
LAB_SOURCES := $(wildcard js/lab/*.json js/lab/*.mjs js/lab/extension/package.json js/lab/extension/schema/*)
NPM_FOLDERS := js js/lab js/lab/types \
	$(patsubst %/package-lock.json,%,$(wildcard tests/*/package-lock.json bench/peers/*/package-lock.json))
# Chromium without windows of its own, as Playwright's own is: the same engine, and it computes a seventh less.
CHROMIUM_PACKAGES := chromium-headless-shell fonts-dejavu-core fonts-noto-color-emoji
# Its programs are used by the tests, which start a server of their own.
POSTGRESQL_PACKAGES := postgresql
REDIS_PACKAGES := redis-server
# Openssl makes the certificate of a test.
BALANCER_PACKAGES := nginx haproxy openssl
TRACING_PACKAGES := strace

# Looked up anew in every recipe, because the first recipe is what installs uv.
INSTALL = $(shell [ -x $(BIN)/uv ] && echo "$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python" || echo "$(BIN)/python -m pip install")

# Schools often have certificates of their own, which pip and npm know from the system.
export UV_SYSTEM_CERTS := true

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# What is installed is installed in order. Checks that only read may run side by side once everything is there.
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
.PHONY: help demo test build style types browser compat conformance bench bench-writes bench-fanout bench-quick bench-faults bench-start bench-opening bench-cells bench-scaling bench-processes soak soak-cells gallery two-processes format lock clean dev node javascript chromium postgresql redis balancers strace check-javascript check-python

help:
	@echo "make demo      a whole class on this machine (ARGS=--check: prove it without a browser)"
	@echo "make test      everything: style, types, JavaScript, Python, notebooks, browser"
	@echo "make build     wheel and sdist in dist/"
	@echo "make style     ruff and biome"
	@echo "make types     mypy and tsc"
	@echo "make browser   the tests in a real browser only"
	@echo "make compat    live cells in every JupyterLab and Notebook that we claim (not part of make test)"
	@echo "make conformance  play recordings of the existing backend against our hub (TRANSCRIPTS=folder)"
	@echo "make bench     how long a keystroke takes to the other person"
	@echo "make bench-writes  how many writes the hub takes, beside a Node.js server (needs PostgreSQL)"
	@echo "make bench-fanout  how many clients hear of a change a second, beside a Node.js server"
	@echo "make bench-quick   the figures that we want to be judged by, each beside a peer, in three minutes"
	@echo "make bench-faults  what a killed server costs in edits and time, beside three other servers"
	@echo "make bench-start  what a kernel computes until the first live document is there"
	@echo "make bench-opening  how long a page with twenty live widgets takes until all can be used"
	@echo "make bench-cells    how long a notebook with thirty live cells takes, beside the same without"
	@echo "make bench-scaling  what deliveries, idle clients and documents cost the hub, up to 3,000 and 100,000 of them"
	@echo "make bench-processes  how soon an edit is at the other of two processes, and what two tell beside one (needs PostgreSQL, Redis)"
	@echo "make soak      does the hub's memory stay what it was while a class works for ten minutes?"
	@echo "make soak-cells  two people do at random, for long, what can be done with live cells: is everything there once?"
	@echo "make two-processes  all recordings, combinations of access and more random schools at two processes behind a balancer; idle sockets behind nginx and HAProxy"
	@echo "make gallery   draw anew the pictures of all document types in docs/images"
	@echo "make format    let ruff and biome rewrite the files"
	@echo "make lock      resolve the dependencies anew"
	@echo "make clean     remove everything that was made here"

demo: $(STAMPS)/demo $(BUNDLE) $(EXTENSION)
	$(BIN)/teaching-nb demo $(ARGS)

test: dev $(OLDER)/.stamp javascript chromium postgresql redis balancers strace
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target SIDE_BY_SIDE=yes check-javascript style types
	$(MAKE) --no-print-directory check-python browser
	@echo "All checks passed: style, types, JavaScript, Python and browser."

build: $(STAMPS)/dev
	rm -rf dist
	if [ -x $(BIN)/uv ]; then $(BIN)/uv build --python $(BIN)/python --out-dir dist; \
	else $(BIN)/python -m pip wheel --no-deps --wheel-dir dist .; fi

style: dev javascript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd js && npx biome ci --error-on-warnings

types: dev javascript
	$(BIN)/mypy
	cd js && npx tsc --noEmit && npx tsc --noEmit -p lab

browser: dev $(OLDER)/.stamp chromium
	$(BIN)/pytest tests/browser -m "not by_hand" --numprocesses $(BROWSERS) --dist loadfile --no-loadscope-reorder \
		--override-ini timeout=300 $(ARGS)

# Newest fixes of each release, so no lock: what people get who install today.
compat: build chromium
	@for release in $(RELEASES); do \
		lab=$${release%:*}; notebook=$${release#*:}; python="$(CURDIR)/$(COMPAT)/$$lab/bin/python"; \
		[ -x "$$python" ] || $(PYTHON) -m venv $(COMPAT)/$$lab || exit 1; \
		install() { if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python "$$python" "$$@"; \
			else "$$python" -m pip install --quiet "$$@"; fi; }; \
		install --upgrade "jupyterlab==$$lab.*" "notebook==$$notebook.*" dist/*.whl || exit 1; \
		install --no-deps --force-reinstall dist/*.whl || exit 1; \
		"$$python" -m jupyter labextension list 2>&1 | grep 'teaching-nb.*OK' \
			|| { echo "JupyterLab $$lab does not take the extension"; exit 1; }; \
		for front_end in lab notebook; do \
			echo "JupyterLab $$lab, Notebook $$notebook: $$front_end"; \
			files=tests/browser/test_real_cells.py; \
			[ $$front_end = notebook ] || files="$$files tests/browser/test_shared_cells.py"; \
			$(BIN)/pytest $$files -k "$(TRIED)" --override-ini timeout=300 \
				--jupyter-python "$$python" --front-end $$front_end $(ARGS) || exit 1; \
		done; \
	done

conformance: dev
	@$(MAKE) --no-print-directory postgresql || echo "Without it, scenarios in which the database is stopped are not played."
	$(BIN)/python -m tests.conformance $(TRANSCRIPTS) $(ARGS)

bench: dev chromium .venv-bench/.stamp
	$(BIN)/python bench/latency.py --peer-python .venv-bench/bin/python $(ARGS)

bench-writes: dev bench/peers/node-socketio/node_modules/.stamp
	$(BIN)/python bench/writes.py $(ARGS)

bench-fanout: dev bench/peers/node-socketio/node_modules/.stamp
	$(BIN)/python bench/fanout.py $(ARGS)

bench-quick: dev postgresql chromium .venv-bench/.stamp bench/peers/node-socketio/node_modules/.stamp
	$(BIN)/python bench/quick.py $(ARGS)

bench-faults: dev .venv-bench/.stamp bench/peers/yjs/node_modules/.stamp
	$(BIN)/python bench/faults.py --peer-python .venv-bench/bin/python $(ARGS)

bench-start: dev
	$(BIN)/python bench/start.py $(ARGS)

bench-opening: dev chromium
	$(BIN)/python bench/opening.py $(ARGS)

bench-cells: dev chromium
	$(BIN)/python bench/cells.py $(ARGS)

bench-scaling: dev
	$(BIN)/python bench/scaling.py $(ARGS)

bench-processes: dev postgresql redis
	$(BIN)/python bench/processes.py $(ARGS)

soak: dev
	$(BIN)/python bench/soak.py $(ARGS)

# What takes too long for every run.
soak-cells: dev chromium
	$(BIN)/pytest tests/browser/test_random_cells.py -m by_hand --override-ini timeout=600 $(ARGS)

gallery: dev chromium
	$(BIN)/pytest tests/browser/test_gallery.py -m by_hand --override-ini timeout=300 $(ARGS)

two-processes: dev postgresql redis balancers
	$(BIN)/pytest tests/hub tests/conformance tests/faults -m by_hand --numprocesses $(WORKERS) --dist loadfile --override-ini timeout=600 $(ARGS)

format: dev javascript
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd js && npm run format

check-javascript: javascript
	cd js && npm test

# The browser tests run in a process of their own: Playwright's synchronous interface leaves an event loop running.
check-python: dev $(OLDER)/.stamp javascript postgresql redis balancers strace
	$(BIN)/pytest tests bench --ignore=tests/browser -m "not by_hand" --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lock: $(STAMPS)/venv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --quiet --upgrade \
		--extra demo --extra postgresql --extra redis --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --quiet --upgrade \
		--extra demo --extra postgresql --extra redis --group dev --constraint requirements.lock --output-file requirements-dev.lock
	grep '^[a-z0-9].*==' requirements.lock | grep -v '^ipykernel==' | sed 's/ \\$$//' > $(STAMPS)/all-but-ipykernel.txt
	echo 'ipykernel>=6.29,<7' | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --no-annotate --quiet --upgrade \
		--constraint $(STAMPS)/all-but-ipykernel.txt --output-file requirements-ipykernel6.lock

clean:
	rm -rf $(VENV) $(OLDER) $(COMPAT) .venv-bench dist $(NPM_FOLDERS:%=%/node_modules) teaching_nb/widgets/static/*.js teaching_nb/widgets/static/*.css
	rm -rf js/lab/built js/lab/extension/lib
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find teaching_nb tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

dev: $(STAMPS)/dev $(BUNDLE) $(EXTENSION)

javascript: $(NPM_FOLDERS:%=%/node_modules/.stamp)

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); install Python 3.11 or newer, or say make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "teaching_nb needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version); say make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV) || { echo "No virtual environment could be made; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || echo "uv cannot be installed; pip will do, it only takes longer"
	@mkdir -p $(STAMPS)
	@touch $@

# The peers that we are measured beside have an environment of their own.
.venv-bench/.stamp: bench/requirements.txt $(STAMPS)/venv
	$(PYTHON) -m venv --clear .venv-bench
	if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python .venv-bench/bin/python --requirement $<; \
	else .venv-bench/bin/python -m pip install --quiet --requirement $<; fi
	@touch $@

# The second lock, installed last, replaces what the first has brought. Our own package is used in place by the tests.
$(OLDER)/.stamp: requirements.lock requirements-ipykernel6.lock $(STAMPS)/venv
	$(PYTHON) -m venv --clear $(OLDER)
	for lock in requirements.lock requirements-ipykernel6.lock; do \
		if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install --quiet --python $(OLDER)/bin/python --requirement $$lock; \
		else $(OLDER)/bin/python -m pip install --quiet --requirement $$lock; fi || exit 1; \
	done
	@touch $@

$(STAMPS)/demo: $(STAMPS)/venv requirements.lock $(PACKAGING) $(EXTENSION) | $(BUNDLE)
	$(INSTALL) --quiet --requirement requirements.lock
	$(INSTALL) --quiet --no-deps --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/venv requirements-dev.lock $(PACKAGING) $(EXTENSION) | $(BUNDLE)
	$(INSTALL) --quiet --requirement requirements-dev.lock
	$(INSTALL) --quiet --no-deps --editable .
	@touch $@ $(STAMPS)/demo

# Made before the package is installed, whose build then finds it up to date.
$(BUNDLE): $(JS_SOURCES) | js/node_modules/.stamp
	cd js && npm run --silent build

$(EXTENSION): $(JS_SOURCES) $(LAB_SOURCES) | js/node_modules/.stamp js/lab/node_modules/.stamp
	cd js && npm run --silent build:lab

$(NPM_FOLDERS:%=%/node_modules/.stamp): %/node_modules/.stamp: %/package-lock.json | node
	cd $* && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

node:
	@command -v npm >/dev/null || { echo "There is no npm; install Node.js 20 or newer (on Debian: apt-get install nodejs npm)"; exit 1; }
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' \
		|| { echo "teaching_nb needs Node.js 20 or newer, but this is $$(node --version)"; exit 1; }

chromium:
	@$(call debian,$(CHROMIUM_PACKAGES),chromium,The browser tests need Chromium)

postgresql:
	@$(call debian,$(POSTGRESQL_PACKAGES),initdb,The tests need PostgreSQL)

redis:
	@$(call debian,$(REDIS_PACKAGES),redis-server,The tests need Redis)

balancers:
	@$(call debian,$(BALANCER_PACKAGES),nginx,The tests need nginx and HAProxy)

strace:
	@$(call debian,$(TRACING_PACKAGES),strace,The tests of power cuts need strace)

# Installs Debian's packages (1) unless they are there, or unless this is no Debian and the program (2) is there.
define debian
if dpkg --status $(1) >/dev/null 2>&1 || { ! command -v dpkg >/dev/null && command -v $(2) >/dev/null; }; then exit 0; fi; \
if ! command -v apt-get >/dev/null; then echo "$(3); install it, so that $(2) is on the PATH"; exit 1; fi; \
as=""; if [ "$$(id -u)" != 0 ]; then as=sudo; fi; \
if [ -n "$$as" ] && ! command -v sudo >/dev/null; then echo "$(3); as root: apt-get install $(1)"; exit 1; fi; \
$$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1)
endef
