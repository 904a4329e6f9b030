# openimaging.orthanc: `make demo` shows it, `make test` proves it.

export PATH := $(CURDIR)/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL := C.UTF-8
export MOLECULE_GLOB := molecule/*/molecule.yml
export MOLECULE_EPHEMERAL_DIRECTORY := $(CURDIR)/.cache/molecule-0
export MOLECULE_COMMAND_BORDERS := false

DEMO := ansible-playbook --inventory playbooks/demo/inventory.yml

ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
.PHONY: help setup demo demo-down test lint lint-style lint-collection lint-docs docs variables unit e2e soak e2e-down bench clean

help: ## Say what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Make .venv and install the Debian packages that the rest needs
	@tests/setup.sh

# What changes and what fails is shown; a task that finds all as it should be is not.
demo demo-down: export ANSIBLE_DISPLAY_OK_HOSTS := false
demo demo-down: export ANSIBLE_DISPLAY_SKIPPED_HOSTS := false

demo: setup ## Start three nodes and take them to HTTPS and mutual TLS
	$(DEMO) tests/nodes/up.yml
	$(DEMO) openimaging.orthanc.site
	ANSIBLE_DISPLAY_OK_HOSTS=true $(DEMO) playbooks/demo/demo.yml
	$(DEMO) openimaging.orthanc.report

demo-down: setup ## Remove the demo's nodes, network, keys and CA
	$(DEMO) tests/nodes/down.yml
	rm -rf .demo

test: setup lint unit e2e ## Run everything below

lint: setup ## Check style, types, documentation and Ansible's own rules
	tests/collection.sh
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target SIDE_BY_SIDE=1 lint-style lint-collection lint-docs

# Of what is in the working tree, and of the collection that is made from it.
lint-style:
	ruff check . && ruff format --check .
	yamllint --strict .
	mypy
	antsibull-changelog lint
	ansible-lint

lint-collection:
	antsibull-docs lint-collection-docs --plugin-docs .build/ansible_collections/openimaging/orthanc
	tests/sanity.sh
	ansible-galaxy collection build --force --output-path .build/galaxy .build/ansible_collections/openimaging/orthanc
	cd .build/galaxy && python3 -m galaxy_importer.main openimaging-orthanc-*.tar.gz

# Of what git would commit, with what antsibull-docs makes of the plugins beside the pages. A warning, such as of a link that
# leads nowhere, is an error.
SITE := .build/site/ansible_collections/openimaging/orthanc
lint-docs:
	tests/collection.sh .build/site
	cp docs/docsite/index.md $(SITE)
	chmod go-w $(SITE)/docs
	antsibull-docs collection --use-current --fail-on-error --dest-dir $(SITE)/docs openimaging.orthanc
	sphinx-build --quiet --fresh-env --fail-on-warning --keep-going --conf-dir docs/docsite $(SITE) .build/docs

docs: setup lint-docs ## Build the pages and the documentation of the plugins as a site, .build/docs/index.html

variables: setup ## Write docs/variables.md from the argument specs
	python3 -m ansible_collections.openimaging.orthanc.tests.variables_page

unit: setup ## Run the unit tests
	pytest --numprocesses auto

# All of them, two at a time. SCENARIO=name runs one and leaves the nodes up; STEP=converge (verify, …) runs a step on the
# nodes as they are.
e2e: setup ## Run Molecule's scenarios on real nodes
ifneq ($(SCENARIO)$(STEP),)
	molecule $(or $(STEP),test) $(if $(SCENARIO),--scenario-name $(SCENARIO) $(if $(STEP),,--destroy never),--all)
else
	tests/e2e.sh
endif

# The same nodes and steps: make soak SCENARIO=load STEP=verify. All of it takes about two hours.
soak: export MOLECULE_GLOB := tests/soak/*/molecule.yml
soak: export MOLECULE_EPHEMERAL_DIRECTORY := $(CURDIR)/.cache/soak
soak: setup .venv-soak/requirements.txt ## Run the long proofs: load, kills, clocks, a large fleet, large uploads, scanners
	molecule $(or $(STEP),test) $(if $(SCENARIO),--scenario-name $(SCENARIO) $(if $(STEP),,--destroy never),--all)

# A virtual environment of its own: what it holds wants other versions of what .venv has.
.venv-soak/requirements.txt: tests/soak/requirements.txt tests/soak/packages.txt
	tests/setup.sh tests/soak/packages.txt
	rm -rf .venv-soak
	python3 -m venv .venv-soak
	.venv-soak/bin/python -m pip install --quiet --quiet --requirement $<
	cp $< $@

e2e-down: setup ## Remove the nodes that e2e left
	tests/e2e.sh down

bench: setup .venv-bench/requirements.txt ## Measure site.yml, the certificate task, and nginx with mutual TLS, each against its alternative
	python3 tests/bench/site/compare.py
	.venv-bench/bin/python tests/bench/certificate/compare.py
	ANSIBLE_DISPLAY_SKIPPED_HOSTS=false ansible-playbook --inventory tests/bench/throughput/inventory.yml tests/bench/throughput/throughput.yml

# A virtual environment of its own: PyPI has community.crypto in the package ansible only, with all that comes with it.
.venv-bench/requirements.txt: tests/bench/certificate/requirements.txt
	rm -rf .venv-bench
	python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --quiet --requirement $<
	cd .venv-bench/lib/python3*/site-packages/ansible_collections && mkdir openimaging && ln -s $(CURDIR) openimaging/orthanc
	cp $< $@

# Without --force: an image that other nodes still use stays, and so do they.
clean: demo-down e2e-down ## Remove all that was made here, node images included
	tests/nodes/podman image rm --ignore localhost/orthanc-node-bookworm localhost/orthanc-node-trixie
	rm -rf .build .cache .venv .venv-bench .venv-soak
