# Two commands for newcomers: `make demo` and `make test`. `make` alone lists all.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell command -v $(name) 2>/dev/null)))
IN := .venv/bin/python
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(IN) -m uv pip compile -q --universal --generate-hashes --python-version 3.11
ARGS ?=
export PYTHONUNBUFFERED := 1
# Without compiled files every process would spend seconds reading Python.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo test test-long test-voice check bench pictures lock css words

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

install: ## the virtual environment with what running needs
	@$(or $(PYTHON),$(error Python 3.11, 3.12 or 3.13 is needed, and no python3 is on PATH)) contactcenter/install.py

install-dev:
	@$(or $(PYTHON),$(error Python 3.11, 3.12 or 3.13 is needed, and no python3 is on PATH)) contactcenter/install.py --dev

demo: install ## everything with sample data in the foreground (PORT, HOST, RESET=1); Ctrl-C stops it
	@$(IN) -m contactcenter.serve

test: install-dev ## all tests, on real servers and in a real browser; ARGS go to pytest
	@$(IN) -m tests.run $(ARGS)

test-long: install-dev ## all tests with the long profiles of the property and race tests
	@HYPOTHESIS_PROFILE=long $(IN) -m tests.run $(ARGS)

test-voice: install-dev ## the SIP dialler against Debian's kamailio and two baresip telephones, on loopback
	@$(IN) -m tests.voice $(ARGS)

check: install-dev ## format, lint, types, layers, migrations, deploy settings, style sheet
	@$(IN) -m tests.check

bench: install-dev ## processor time of the pages beside a floor of the same data (ROOM=desk for one room); 1 if a goal is missed
	@$(IN) -m bench

pictures: install-dev ## every picture of README and docs, taken anew from a demo of its own (ARGS: names of some)
	@$(IN) -m docs.pictures $(ARGS)

lock: install-dev ## rewrite requirements.txt and requirements-dev.txt from their .in files
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements-dev.in -o requirements-dev.txt

css: ## the compiled style sheet from its sources (needs Node)
	npm ci --no-audit --no-fund
	npm run build

words: install ## the German catalogue brought up to the strings there are (needs gettext); what is new waits to be translated
	@$(IN) manage.py makemessages -l de --no-location --no-obsolete --no-wrap $(foreach place,.venv node_modules var tests bench,--ignore "$(place)/*")
	@$(IN) manage.py compilemessages -l de --ignore ".venv/*" --ignore "node_modules/*"
