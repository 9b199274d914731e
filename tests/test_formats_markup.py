from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats.markup import read_markup, write_markup
from conflictspan.formats.sources import SourceReport
from conflictspan.markup_files import import_markup
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import Split
from tests.annotated import SCHEMA, whole

TEXT = "> [Rebels] came.\n  A |\nB  @report them\n@report\n"
REPORT = Report(
    "r1",
    TEXT,
    published="2020-01-31T08:00",
    title="A title",
    sentences=((0, 16), (17, 26), (26, 39), (39, 46)),
    mentions=(Mention("A-1", 3, 9, "ORG", score=0.5), Mention("m1", 11, 15, "ATTACK"), Mention("p1", 23, 24, "LOC")),
    relations=(Relation("m1", "AGENT", "A-1"),),
)
ITEM = SourceReport(REPORT, "validation", "f:1", "round 1", model="m")


def test_what_markup_has_no_sign_for_is_replaced_and_counted(tmp_path: Path) -> None:
    written = whole([ITEM])
    write_markup(written, tmp_path)
    assert (tmp_path / "round 1.ann").read_text(encoding="utf-8") == (
        "@report r1 | date=2020-01-31 | conflict=unknown | genre=unknown\n"
        "› ([Rebels|ORG m2]) [came|ATTACK m1].\n"
        "> m1 AGENT m2\n"
        "A / [B|LOC p1]\n"
        "＠report them\n"
        "＠report\n"
    )
    counts = {(c.what, c.fate): n["validation"] for c, n in written.tally.table().items()}
    assert counts == {
        ("sentences", "changed"): 4,
        ("ids of mentions", "changed"): 1,
        ("scores", "lost"): 1,
        ("splits", "lost"): 1,
        ("times of day", "lost"): 1,
        ("titles", "lost"): 1,
    }


def test_it_is_the_markup_that_the_corpus_takes_in_once_its_date_is_known(tmp_path: Path) -> None:
    report = replace(REPORT, published=None)
    write_markup(whole([replace(ITEM, report=report)]), tmp_path)
    path = tmp_path / "round 1.ann"
    assert "| date=unknown |" in path.read_text(encoding="utf-8")
    (item,) = read_markup(tmp_path, SCHEMA).reports
    assert item.report.published is None
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "schema.toml").write_text(SCHEMA.source)
    with pytest.raises(AnnotationError, match=r"round 1\.ann:1: header of 'r1': date: .*'unknown'"):
        import_markup([path], tmp_path / "corpus")
    path.write_text(path.read_text(encoding="utf-8").replace("date=unknown", "date=2020-02-01"), encoding="utf-8")
    assert [info.id for info in import_markup([path], tmp_path / "corpus")] == ["r1"]


def test_reports_of_one_origin_are_one_file_which_may_say_the_split(tmp_path: Path) -> None:
    short = Report("r", "Text.", sentences=((0, 5),))
    origins: list[tuple[str, Split, str]] = [("a", "test", "test-x"), ("b", "train", "y"), ("c", "test", "test-x")]
    items = [SourceReport(replace(short, id=id_), split, "f:1", origin) for id_, split, origin in origins]
    written = whole(items)
    write_markup(written, tmp_path)
    back = read_markup(tmp_path, SCHEMA)
    assert [(item.report.id, item.split, item.origin) for item in back.reports] == [
        ("a", "test", "test-x"),
        ("c", "test", "test-x"),
        ("b", "train", "y"),
    ]
    assert not +written.lost()


def test_without_a_scheme_nothing_tells_events_from_entities(tmp_path: Path) -> None:
    (tmp_path / "a.ann").write_text("@report r | date=2020-01-31 | conflict=x | genre=y\nText.\n")
    with pytest.raises(InputError, match="markup needs its label scheme; name it with --schema"):
        read_markup(tmp_path / "a.ann")
