# `make run` and `make test` do all their own set-up in .venv; the rest are the parts they are made of.
PYTHON ?= python3
BIN := .venv/bin
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: run train eval samples seeds curve release check-model bench bench-eval test lint types unit clean

run: train eval samples
	@echo
	@echo "model       models/default (card README.md, record run.json, curves.png)"
	@echo "scores      eval/results/latest/scores.md, scores.json and the page report.html"
	@echo "extracted   runs/samples.jsonl, from samples/; its events runs/events.csv; to look at runs/samples.html"

train: .venv/ready
	$(BIN)/python -m training training/configs/default.toml

eval: .venv/ready
	$(BIN)/python -m eval --model models/default --split test

samples: .venv/ready
	mkdir -p runs
	$(BIN)/conflictspan predict samples --model models/default -o runs/samples.jsonl --overwrite
	$(BIN)/conflictspan export runs/samples.jsonl -o runs/events.csv --columns acled --overwrite
	$(BIN)/conflictspan view runs/samples.jsonl -o runs/samples.html --overwrite

# Three trainings of the default recipe, or four on shares of the reports: most of an hour on two cores.
SEEDS := 13 14 15
SHARES := 0.1 0.25 0.5 1

seeds: .venv/ready
	set -e; for seed in $(SEEDS); do \
	  $(BIN)/python -m training training/configs/default.toml --seed $$seed -o models/seeds/$$seed; done
	$(BIN)/python -m eval.seeds $(SEEDS:%=models/seeds/%)

curve: .venv/ready
	set -e; for share in $(SHARES); do \
	  $(BIN)/python -m training training/configs/default.toml --set train_share=$$share -o models/curve/$$share; done
	$(BIN)/python -m eval.curve $(SHARES:%=models/curve/%)

# The model that comes with the package, its weights as int8: two passes more from the encoder of the one that is there, forty
# minutes on one core. Commit it with its scores.
release: .venv/ready
	$(BIN)/python -m training training/configs/best.toml --encoder released --set epochs=2 --set learning_rate=2e-4
	rm -rf conflictspan/released
	$(BIN)/conflictspan compress models/best -o conflictspan/released
	$(BIN)/python -m eval --model conflictspan/released --split test --no-baselines --out eval/results/released

check-model: .venv/ready
	$(BIN)/python -m eval.gate --model models/default --reference eval/results/default/scores.json

# Ten minutes on one quiet core; --archives 1000,5000 for a quick look.
bench: .venv/ready
	$(BIN)/python -m eval.speed --readme README.md

bench-eval: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m eval.bench

test: lint types unit

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

unit: .venv/ready
	$(BIN)/python -m pytest

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv build dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
