# make run    start Tertulia (SHARE=1: for other computers too; PORT=…: any setting of README.md)
# make test   everything that CI runs
# make lint   the quick part of it
# make generate   the client's types and the tables in README and docs, from the Python sources
# make fuzz   let random input loose on the native core (TARGET=…, SECONDS=60; docs/fuzzing.md)
# make sanitize   the engine's tests under the address, undefined-behaviour and thread sanitizers
# make screenshots   pictures of the whole page in FOLDER (.screenshots)
# make clean  remove what was built; data in .data stays

PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/.stamp
VENV_TEST := .venv/.stamp-test
CORE := .venv/.stamp-core
CORE_SOURCES := setup.py sfu/engine/_native.c $(wildcard sfu/engine/core/*.[ch])
MODULES := web/node_modules/.stamp
CLIENT := api/client/index.html
CLIENT_SOURCES := $(shell find web/src web/public web/scripts web/*.html web/*.ts web/*.json -type f)

# Browser tests make networks of their own. Whoever is not root may do that as "root" of a user
# namespace.
ifneq ($(shell id -u),0)
ALONE := unshare --user --net --map-current-user --keep-caps \
	sh -c 'PATH="$$PATH:/usr/sbin:/sbin" ip link set lo up && exec "$$@"' sh
endif

.PHONY: run test test-control test-media test-web test-browser lint generate check-generated fuzz sanitize screenshots clean
.DELETE_ON_ERROR:

run: $(VENV) $(CORE) $(CLIENT)
	@exec $(BIN)/tertulia

test: lint check-generated $(CORE) $(CLIENT)
	scripts/install-browsers.sh
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-control test-media test-web
	$(MAKE) --no-print-directory test-browser

# Two parts that take about as long beside each other, and a short one beside the longer. Browsers need
# the machine for themselves.
test-control:
	$(ALONE) $(BIN)/pytest tests/api tests/db tests/test_layout.py

test-media:
	$(ALONE) $(BIN)/pytest tests --ignore=tests/api --ignore=tests/db --ignore=tests/test_layout.py \
		--ignore=tests/browser

test-web: $(MODULES)
	cd web && npm test

test-browser:
	$(ALONE) $(BIN)/pytest tests/browser

lint: $(VENV_TEST) $(MODULES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cd web && npm run typecheck && npm run lint

generate: $(VENV_TEST) $(MODULES)
	cd web && npm run generate
	$(BIN)/python -m api.tables README.md docs/http-api.md

check-generated: $(VENV_TEST) $(MODULES)
	scripts/check-generated.sh

fuzz:
	@$(MAKE) --no-print-directory -f tests/fuzz/Makefile

sanitize: $(VENV_TEST)
	scripts/sanitize.sh

# Of all screens, or of those in SCENES="home chat …".
screenshots: $(VENV_TEST) $(CORE) $(CLIENT)
	scripts/install-browsers.sh
	$(ALONE) $(BIN)/python -m tests.gallery $(or $(FOLDER),.screenshots) $(SCENES)

clean:
	rm -rf .venv web/node_modules api/client build *.egg-info sfu/engine/_native*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV): requirements.lock requirements-build.lock setup.cfg pyproject.toml
	scripts/check-tools.sh $(PYTHON)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-build.lock -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Without a compiler this says so and succeeds, the reference engine runs, and it is tried again the
# next time.
$(CORE): $(VENV) $(CORE_SOURCES)
	rm -f sfu/engine/_native*.so
	$(BIN)/python setup.py --quiet build_ext --inplace
	@ls sfu/engine/_native*.so >/dev/null 2>&1 && touch $@ || \
		echo "No native core: it needs gcc and Python's headers (apt-get install gcc python3-dev)."

$(VENV_TEST): $(VENV) requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-test.lock
	@touch $@

$(MODULES): web/package-lock.json web/package.json
	cd web && npm ci
	@touch $@

$(CLIENT): $(MODULES) $(CLIENT_SOURCES)
	cd web && npm run build
	@touch $@
