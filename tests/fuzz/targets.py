"""The targets by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.fuzz import forms, happenings, readers, texts

TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "read-text": readers.read_text,
    "read-json-lines": readers.read_json_lines,
    "read-csv": readers.read_csv,
    "read-parquet": readers.read_parquet,
    "sentences": texts.sentences,
    "windows": texts.windows,
    "extract": texts.extract,
    "markup": forms.markup,
    "extractions": forms.extractions,
    "schemes": forms.schemes,
    "brat": forms.brat,
    "conll": forms.conll,
    "re3d": forms.re3d,
    "numbers": happenings.numbers,
    "times": happenings.times,
    "places": happenings.places,
    "assembly": happenings.assembly,
    "exports": happenings.exports,
}
