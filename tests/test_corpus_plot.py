from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from conflictspan.corpus_plot import plot_counts
from conflictspan.errors import ConfigError

TABLES = {
    "Sizes": {"reports": {"train": 9, "test": 1}},
    "Entity spans": {"LOC": {"train": 3, "test": 1}, "ORG": {"train": 9, "test": 0}},
}


def test_every_label_and_split_is_in_the_picture_and_no_size(tmp_path: Path) -> None:
    path = tmp_path / "counts.svg"
    plot_counts(TABLES, path)
    drawn = re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))  # matplotlib names the texts it draws
    assert {"LOC", "ORG", "train", "test", "Entity spans"} <= set(drawn)
    assert drawn.index("LOC") < drawn.index("ORG"), "the more frequent label stands higher, which is drawn later"
    assert "reports" not in drawn


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError, match=r"conflictspan\[train\]"):
        plot_counts(TABLES, tmp_path / "counts.png")
