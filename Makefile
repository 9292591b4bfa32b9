# For users: render, validate, check, plan, drift, pull, rehearse. For developers: the rest; `make help` lists all.
# Everything runs in .venv, which tools/environment.py makes from constraints.txt when it is needed.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough. `make PYTHON=/path/to/python3.12 render` chooses another.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
endif
RUN := .venv/bin/python -m
SENDSPEC := $(RUN) sendspec
SOURCES := generator tests benchmarks tools

.PHONY: help render validate check rehearse plan drift pull test ci lint types imports render-check examples format golden docs benchmark benchmark-live peers runtime dev clean

help:  ## show what make can do
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile | awk -F': ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

render: runtime  ## specs/ -> output/
	@$(SENDSPEC) render

validate: runtime  ## all findings about specs/
	@$(SENDSPEC) validate

check: runtime  ## is the world what specs/ says? needs the network
	@$(SENDSPEC) check $(ARGS)

plan: runtime  ## what differs at ESPs and DNS hosts, and what that means; needs credentials
	@$(SENDSPEC) plan $(ARGS)

drift: runtime  ## output/, the world and the accounts against specs/, in one report; needs credentials
	@$(SENDSPEC) drift $(ARGS)

pull: runtime  ## what ESPs issued and SPF records of others -> specs/sendspec.lock.yaml; needs credentials
	@$(SENDSPEC) pull $(ARGS)

rehearse: runtime  ## the same against stand-ins on this machine, no account needed
	@$(SENDSPEC) rehearse $(ARGS)

test: dev  ## the whole test suite; three workers for two cores, because many tests wait for timeouts
	@$(RUN) pytest -n 3 --dist worksteal $(ARGS)

ci: lint types imports render-check  ## everything CI checks besides the tests

lint: dev
	@$(RUN) ruff format --check $(SOURCES)
	@$(RUN) ruff check $(SOURCES)

types: dev
	@$(RUN) mypy

imports: dev
	@.venv/bin/lint-imports

render-check: dev
	@$(SENDSPEC) render --check

examples: dev  ## rewrite examples/*/output/
	@for folder in examples/*/; do (cd "$$folder" && ../../$(SENDSPEC) render) || exit 1; done

format: dev  ## rewrite the sources as ruff wants them
	@$(RUN) ruff format $(SOURCES)
	@$(RUN) ruff check --fix $(SOURCES)

golden: dev  ## rewrite the files that tests compare with; review the diff like code
	@WRITE_GOLDEN=1 $(RUN) pytest -q tests/esp tests/e2e/test_broken_specs.py -k reviewed

docs: dev  ## rewrite what is generated: JSON Schema, rules, ESPs and targets in docs/, what commands print in the README
	@$(RUN) sendspec schema > specs/.schema.new && mv specs/.schema.new specs/sendspec.schema.json
	@.venv/bin/python tools/reference.py
	@.venv/bin/python tools/readme.py

benchmark: dev  ## 1,000 and 10,000 domains, beside octoDNS
	@.venv/bin/python benchmarks/render.py $(ARGS)
	@.venv/bin/python benchmarks/validate.py $(ARGS)

benchmark-live: peers  ## (as root, Debian) live checks, beside dnspython, smtplib and checkdmarc
	@.venv/bin/python benchmarks/dns_questions.py
	@.venv/bin/python benchmarks/smtp.py
	@.venv/bin/python benchmarks/check.py

peers:  ## (as root, Debian) the name servers, mail servers and libraries that tests talk to
	@sh tests/peers/install.sh

runtime dev:
	@if [ -z "$(PYTHON)" ]; then echo "sendspec: Python 3.11 or newer is needed, and none is on the PATH; install it or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" tools/environment.py $@

clean:  ## remove .venv and every cache
	@rm -rf .venv .peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
