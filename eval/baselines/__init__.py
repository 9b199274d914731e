"""Rule baselines: what memory, word lists, patterns and decision lists reach without a trained encoder.

`words.toml` and `patterns.toml` are written by hand; `lexicon.toml` and `relations.toml` are counted on the training
split by `python -m eval.baselines.counting`, and read as they are by the baselines.
"""
