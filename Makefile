# `make` prints what there is. Everything is a script, so `bash scripts/demo.sh` does without make.
.DEFAULT_GOAL := help
.PHONY: help demo test check format bench fuzz sim sanitize build release golden corpus record clean

SECONDS := 30
ROUNDS := 5
PART := all
SEEDS := 100000
FIRST := 1
SWIFT_DIRECTORIES := Sources Tests Benchmarks Fuzz

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build, let three people talk through a proxy on a bad line, and explain it all
	@bash scripts/demo.sh

test: ## build everything and run all tests
	@bash scripts/test.sh

check: ## the gate: tidy, format, purity, warnings as errors, tests
	@bash scripts/check.sh

format: ## format all Swift code in place
	@swift format --in-place --parallel --recursive Package.swift $(SWIFT_DIRECTORIES)

bench: ## speed and memory (ROUNDS=5; PART=reading, core, fanout or proxy)
	@bash scripts/bench.sh $(ROUNDS) $(PART)

fuzz: ## feed damaged input to every decoder (SECONDS=30 each)
	@bash scripts/fuzz.sh $(SECONDS)

sim: ## simulate random conversations over bad lines and check them (SEEDS=100000 FIRST=1)
	@bash scripts/sim.sh $(SEEDS) $(FIRST)

sanitize: ## tests of threads and processes under ThreadSanitizer and AddressSanitizer
	@bash scripts/sanitize.sh

build: ## debug build
	@bash scripts/build.sh

release: ## optimised build of the programs; says where they are
	@bash scripts/release.sh

golden: ## write the golden files of the tests anew; read the diff
	@UPDATE_GOLDEN=1 bash scripts/test.sh

corpus: ## make the seeds in Fuzz/corpus anew
	@bash scripts/make-corpus.sh

record: ## record docs/lens-walkthrough.txt anew, in tmux
	@bash scripts/record-lens.sh

clean: ## remove all build output and generated captures
	rm -rf .build .build-* bench-data
