from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.corpus import load_corpus, validate_corpus, write_corpus
from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats.corpus_folder import IMPORT, write_import
from conflictspan.formats.sources import ImportSource, SourceReport, Tally
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import Split

TEXT = "Rebels hold Tarvan. They left Ossar.\nThe army came to Ossar on Sunday, said one."


def source(*reports: SourceReport, events: tuple[str, ...] = ()) -> ImportSource:
    return ImportSource("own", ("A rule.",), {}, reports, Tally(), events)


def report(id_: str = "r1", split: Split = "train", text: str = TEXT) -> SourceReport:
    mentions = (Mention("a", 0, 6, "ORG"), Mention("b", 12, 18, "LOC"), Mention("c", 20, 24, "ORG"))
    return SourceReport(Report(id_, text, mentions=mentions, relations=(Relation("c", "IS", "a"),)), split, "f:1", "f")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_corpus_is_written_that_the_project_reads(tmp_path: Path) -> None:
    write_import(source(report(), report("r2", "test", "Nobody in Tarvan was at home when they came.")), tmp_path / "c")
    assert files(tmp_path / "c").keys() == {
        "schema.toml",
        "train.jsonl",
        "validation.jsonl",
        "test.jsonl",
        "reports.jsonl",
        IMPORT,
    }
    corpus = validate_corpus(tmp_path / "c")
    assert [len(corpus.splits[split]) for split in ("train", "validation", "test")] == [1, 0, 1]
    (found,) = load_corpus(tmp_path / "c", "train")
    assert found.text == TEXT.replace("\n", " ")
    assert found.published is None
    assert found.relations == (Relation("m3", "IS", "m1"),)


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    write_import(source(report()), tmp_path / "a")
    write_import(source(report()), tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_an_import_replaces_an_import_only_when_told_and_never_another_corpus(tmp_path: Path) -> None:
    write_import(source(report()), tmp_path / "a")
    before = files(tmp_path / "a")
    with pytest.raises(InputError, match=r"schema.toml: is there already; give another folder, or --overwrite"):
        write_import(source(report("r9")), tmp_path / "a")
    assert files(tmp_path / "a") == before
    write_import(source(report("r9")), tmp_path / "a", overwrite=True)
    assert files(tmp_path / "a") != before
    write_corpus(tmp_path, [], {})
    with pytest.raises(
        InputError, match=r"reports.jsonl: is there already and no import wrote it; give another folder"
    ):
        write_import(source(report()), tmp_path, overwrite=True)


def test_sentences_that_two_splits_share_are_counted(tmp_path: Path) -> None:
    tally = write_import(source(report("r1", "validation"), report("r2", "train")), tmp_path / "a")
    numbers = {count.why: n for count, n in tally.table().items() if count.what == "sentences"}
    # Of the three only the last has the six words from which sentences are compared.
    assert numbers["nearly the same as one of another split"] == {"train": 0, "validation": 1, "test": 0}


def test_line_breaks_between_sentences_are_counted(tmp_path: Path) -> None:
    tally = write_import(source(report()), tmp_path / "a")
    assert [n["train"] for count, n in tally.table().items() if count.what == "sentence borders"] == [1]


@pytest.mark.parametrize(
    ("reports", "says"),
    [
        ([], "own: no annotation is left"),
        ([SourceReport(Report("a", "x"), "train", "f:1", "o")], "own: no annotation is left"),
        ([report(), report()], None),
        (
            [SourceReport(Report("a", "x", mentions=(Mention("m", 0, 1, "@t"),)), "train", "f:7", "o")],
            "f:7: the type '@t'",
        ),
    ],
)
def test_what_cannot_be_a_corpus_is_refused(tmp_path: Path, reports: list[SourceReport], says: str | None) -> None:
    if says is None:
        reports[1] = SourceReport(reports[1].report, "test", "g:2", "o")
        says = "g:2: the report 'r1' stands already at f:1"
    with pytest.raises(AnnotationError, match=says):
        write_import(source(*reports), tmp_path / "a")
    assert not (tmp_path / "a").exists()


@st.composite
def annotated(draw: st.DrawFn, number: int) -> SourceReport:
    text = draw(st.text(st.sampled_from("ab .\n\u00a0'A"), min_size=0, max_size=60))
    ranges = draw(st.lists(st.tuples(st.integers(0, 59), st.integers(1, 20)), max_size=8)) if text else []
    mentions = [
        Mention(f"e{i}", a % len(text), min(a % len(text) + n, len(text)), draw(st.sampled_from("TUV")))
        for i, (a, n) in enumerate(ranges)
    ]
    ids = st.sampled_from([m.id for m in mentions] or [""])
    arcs = draw(st.lists(st.builds(Relation, ids, st.sampled_from("RS"), ids), max_size=8)) if mentions else []
    split: Split = draw(st.sampled_from(("train", "validation", "test")))
    return SourceReport(Report(f"r{number}", text, mentions=tuple(mentions), relations=tuple(arcs)), split, "f:1", "o")


@given(st.data(), st.integers(1, 3))
def test_whatever_comes_in_is_kept_or_counted_and_the_corpus_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, number: int
) -> None:
    reports = [data.draw(annotated(i)) for i in range(number)]
    reports.append(SourceReport(Report("last", "x", mentions=(Mention("m", 0, 1, "T"),)), "train", "f:1", "o"))
    read: Counter[tuple[str, str]] = Counter()
    for item in reports:
        read["reports", item.split] += 1
        read["mentions", item.split] += len(item.report.mentions)
        read["relations", item.split] += len(item.report.relations)
    folder = tmp_path_factory.mktemp("import") / "corpus"
    tally = write_import(source(*reports, events=("V",)), folder)
    found: Counter[tuple[str, str]] = Counter()
    for count, numbers in tally.table().items():
        if count.fate in ("lost", "kept") and count.what in ("reports", "mentions", "relations"):
            for split, n in numbers.items():
                found[count.what, split] += n
    assert +found == +read
    for split in ("train", "validation", "test"):
        loaded = load_corpus(folder, split)
        kept = {count.what: numbers[split] for count, numbers in tally.table().items() if count.fate == "kept"}
        assert sum(len(report.mentions) for report in loaded) == kept["mentions"]
        assert sum(len(report.relations) for report in loaded) == kept.get("relations", 0)
        for report in loaded:
            original = next(item.report for item in reports if item.report.id == report.id)
            surfaces = Counter((original.text[m.start : m.end].strip(), m.type) for m in original.mentions)
            mine = Counter((report.text[m.start : m.end], m.type) for m in report.mentions)
            assert mine <= surfaces  # no words and no type but the annotators'
