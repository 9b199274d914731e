from __future__ import annotations

from pathlib import Path

import pytest

from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats.conll import read_conll, read_conll_path
from conflictspan.formats.conll_writing import write_conll
from conflictspan.formats.sources import SourceReport
from conflictspan.records import Mention, Relation, Report
from tests.annotated import whole

TEXT = " pro-Ossar  rebels\u200b.\nThey|left\\"
REPORT = Report(
    "r1",
    TEXT,
    published="2020-01-31",
    sentences=((1, 20), (21, 31)),
    mentions=(Mention("p1", 5, 10, "LOC"), Mention("a1", 12, 18, "ORG"), Mention("e1", 26, 30, "ATTACK", "denied")),
    relations=(Relation("e1", "AGENT", "a1"),),
)
ITEM = SourceReport(REPORT, "validation", "f:1", "o", "Syria", "newswire")


def test_a_token_a_line_with_what_stands_behind_it(tmp_path: Path) -> None:
    written = whole([ITEM])
    write_conll(written, tmp_path)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["schema.toml", "validation.conll"]
    assert (tmp_path / "validation.conll").read_text(encoding="utf-8").split("\n") == [
        '-DOCSTART-\t{"report":"r1","published":"2020-01-31","conflict":"Syria","genre":"newswire","origin":"o"}\tO',
        "",
        "pro\tSpaceAfter=No\tO",
        "-\tSpaceAfter=No\tO",
        "Ossar\tSpacesAfter=\\s\\s\tB-LOC",
        "rebels\tSpaceAfter=No\tB-ORG",
        "\u200b\tSpaceAfter=No\tO",
        ".\tSpacesAfter=\\n\tO",
        "",
        "They\tSpaceAfter=No\tO",
        "|\tSpaceAfter=No\tO",
        "left\tSpaceAfter=No\tB-ATTACK",
        "\\\t_\tO",
        "",
        "",
    ]
    assert {(c.what, c.fate): n["validation"] for c, n in written.tally.table().items()} == {
        ("relations", "lost"): 1,
        ("statuses", "lost"): 1,
        ("ids of mentions", "lost"): 3,
        ("reports", "changed"): 1,
    }


def test_the_text_comes_back_but_for_what_is_around_it(tmp_path: Path) -> None:
    write_conll(whole([ITEM]), tmp_path)
    (item,) = read_conll_path(tmp_path).reports
    assert item.report.text == TEXT.strip()
    assert item.report.sentences == ((0, 19), (20, 30))
    assert [(item.report.text[m.start : m.end], m.type) for m in item.report.mentions] == [
        ("Ossar", "LOC"),
        ("rebels", "ORG"),
        ("left", "ATTACK"),
    ]
    assert (item.report.id, item.report.published, item.conflict, item.genre) == (
        "r1",
        "2020-01-31",
        "Syria",
        "newswire",
    )


def test_other_columns_mean_one_space(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("U.N. NNP _ I-ORG\nleft VBD SpaceAfter=Yes O\n. . SpaceAfter=No O\n")
    (item,) = read_conll([tmp_path / "train.txt"]).reports
    assert item.report.text == "U.N. left ."


def test_a_header_that_is_no_note_is_none_and_a_faulty_one_a_fault(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("-DOCSTART- -X- O O\n\na O\n")
    assert [item.report.id for item in read_conll([tmp_path / "train.txt"]).reports] == ["train-1"]
    (tmp_path / "train.txt").write_text('a\tO\n\n-DOCSTART-\t{"report": 7}\tO\n\na\tO\n')
    with pytest.raises(AnnotationError, match=r"train\.txt:3: report: Input should be a valid string"):
        read_conll([tmp_path / "train.txt"])


def test_of_a_folder_the_files_are_read_that_are_named_for_a_split(tmp_path: Path) -> None:
    for name in ("train.conll", "dev.txt", "labels.txt", "train.json", ".test.conll"):
        (tmp_path / name).write_text("a B-X\n")
    source = read_conll_path(tmp_path)
    assert [item.report.id for item in source.reports] == ["dev-1", "train-1"]
    assert source.tally.skipped == ["labels.txt", "train.json"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="has no file that is named for train"):
        read_conll_path(tmp_path / "empty")
