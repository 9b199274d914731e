from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.formats.sources import SourceReport, Tally, as_word, decode, named_splits, repeated_ids
from conflictspan.records import Report


@pytest.mark.parametrize(
    ("name", "splits"),
    [
        ("train.txt", ["train"]),
        ("eng.testa", ["validation"]),
        ("re3d_dev.conll", ["validation"]),
        ("VALID", ["validation"]),
        ("test-2.tsv", ["test"]),
        ("trains.txt", []),
        ("train-dev.txt", ["train", "validation"]),
        ("dev-valid.txt", ["validation"]),
    ],
)
def test_a_name_speaks_of_splits(name: str, splits: list[str]) -> None:
    assert named_splits(name) == splits


def test_a_file_name_becomes_a_word() -> None:
    assert as_word("raid one/2\x1b[31m\\%") == "raid%20one%2F2%1B[31m%5C%25"
    assert as_word("منبج-né") == "منبج-né"
    assert as_word("bad\udcff") == "bad%FF"


@given(st.one_of(st.binary(min_size=1), st.text(st.characters(exclude_categories=["Cs"])).map(os.fsencode)))
def test_words_of_names_have_no_space_or_slash_and_lead_back(name: bytes) -> None:
    word = as_word(os.fsdecode(name))
    assert word.isprintable()
    assert not set(word) & set(" /\\")
    assert unquote_to_bytes(word) == name


def test_a_tally_stands_by_thing_and_fate_and_leaves_zeros_out() -> None:
    tally = Tally()
    tally.add("validation", "mentions", "kept", number=3)
    tally.add("train", "mentions", "lost", "white space only", 2)
    tally.add("train", "mentions", "read", number=2)
    tally.add("train", "links", "read", number=0)
    tally.add("validation", "mentions", "read", number=3)
    assert [(*count, *numbers.values()) for count, numbers in tally.table().items()] == [
        ("mentions", "read", "", 2, 3, 0),
        ("mentions", "lost", "white space only", 2, 0, 0),
        ("mentions", "kept", "", 0, 3, 0),
    ]


def test_text_keeps_its_line_ends_and_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\r\nb\rc\n")
    (tmp_path / "b\x1b.txt").write_bytes(b"ab\xff")
    faults: list[str] = []
    assert decode(tmp_path / "a.txt", faults) == "a\r\nb\rc\n"
    assert decode(tmp_path / "b\x1b.txt", faults) is None
    assert decode(tmp_path / "c.txt", faults) is None
    assert faults == [
        f"{tmp_path}/b\\x1b.txt: cannot be read: not UTF-8 at byte 2",
        f"{tmp_path}/c.txt: cannot be read: No such file or directory",
    ]


def test_two_reports_of_one_name_are_a_fault() -> None:
    reports = [SourceReport(Report("a", "x"), "train", where, "o") for where in ("f:1", "f:9")]
    assert repeated_ids(reports) == ["f:9: the report 'a' stands already at f:1; rename one"]
