# Gantry. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
UNITDIR ?= /etc/systemd/system
bin := out/bin
published := out/.published
image := out/images/busybox.tar

# The folders are there for the files that were deleted: removing one changes its folder's time.
sources := $(shell find src \( -name obj -o -name bin \) -prune -o \( -type d -o -type f \) -print) Directory.Build.props Directory.Packages.props

.PHONY: all clients deb help test test-vm quickstart soak bench compare compare-builds examples install uninstall clean

all: $(published) ## build both binaries, native code, into out/bin (the default)

$(published): $(sources) eng/publish eng/publish.proj eng/aot-framework eng/build-tools
	@eng/build-tools
	@eng/publish $(bin)
	@touch $@

$(image): eng/busybox-image eng/debian-package
	@eng/busybox-image $@

test: $(published) $(image) ## unit, architecture and end-to-end tests (as root); the last line reads `N passed, M failed`
	@eng/test

quickstart: $(published) $(image) ## an engine on a private socket: load an image, run, ps, logs, clean up (as root)
	@eng/quickstart $(bin) $(image)

soak: $(published) $(image) ## 500 container lives beside kills of the daemon, the keeper and clients, a crowd of as many side by side; then how long a restart takes (as root)
	@eng/soak $(bin) $(image)

bench: $(published) $(image) ## measure; beside a real Docker when PEER_DOCKER_HOST names one
	@bench/run $(bin) $(image)

test-vm: $(published) ## the tests of tests/vm in a virtual machine with Debian's kernel: cgroup v2 alone, ipvlan, SCTP, quotas (as root)
	@eng/test-vm $(bin)

compare: $(published) $(image) ## the end-to-end tests against the real Docker that PEER_DOCKER_HOST names, then against Gantry; compose projects with PEER_COMPOSE
	@eng/compare
	@eng/compare-compose

examples: $(published) ## the projects of examples/lectures on an engine of their own: base images, up, a look at each, down (as root)
	@examples/lectures/run $(bin)

compare-builds: $(published) ## the Dockerfiles of tests/compare/builds by Docker at PEER_DOCKER_HOST and by Gantry at GANTRY_HOST, entry by entry
	@eng/compare-builds

clients: $(published) $(image) ## programs with python's docker, node's dockerode and testcontainers, as far as they are installed (as root)
	@eng/clients $(bin) $(image)

install: $(published) ## install under PREFIX (/usr/local), with systemd units, completions, manual pages; DOCKER_COMPAT=yes: also as docker
	@eng/install $(if $(DOCKER_COMPAT),--docker-compat) $(bin) "$(DESTDIR)" "$(PREFIX)" "$(UNITDIR)"

uninstall: ## remove what install put there
	@eng/install --remove "$(DESTDIR)" "$(PREFIX)" "$(UNITDIR)"

deb: $(published) ## a Debian package in out/deb
	@eng/deb $(bin) out/deb

clean: ## remove everything that was built
	rm -rf out
	find src tests -mindepth 2 -maxdepth 2 \( -name bin -o -name obj \) -exec rm -rf {} +

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile
