from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conflictspan.errors import AnnotationError
from conflictspan.formats.brat import read_brat
from conflictspan.formats.brat_writing import standoff_lines, write_brat
from conflictspan.formats.conversion import convert
from conflictspan.formats.sources import SourceReport
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from tests.annotated import SCHEMA, there_and_back, whole

TEXT = "Rebels 🚁 hit Ossar and the\nDawn Army. Nine died."
REPORT = Report(
    "r1",
    TEXT,
    sentences=((0, 37), (38, 48)),
    mentions=(
        Mention("a1", 0, 6, "ORG"),
        Mention("e1", 9, 12, "ATTACK", "denied"),
        Mention("p1", 13, 18, "LOC"),
        Mention("a2", 23, 36, "ORG"),
        Mention("e2", 43, 47, "DEATH"),
    ),
    relations=(
        Relation("e1", "AGENT", "a1"),
        Relation("e2", "CAUSE", "e1"),
        Relation("e1", "AGENT", "a2"),
        Relation("p1", "NEAR2", "e1"),
        Relation("e1", "NEAR2", "p1"),
    ),
)
ITEM = SourceReport(REPORT, "validation", "f:1", "o")


def test_triggers_are_events_with_their_relations_as_arguments() -> None:
    assert list(standoff_lines(REPORT, SCHEMA)) == [
        "T1\tORG 0 6\tRebels",
        "T2\tATTACK 9 12\thit",
        "T3\tLOC 13 18\tOssar",
        "T4\tORG 23 26;27 36\tthe Dawn Army",
        "T5\tDEATH 43 47\tdied",
        "E1\tATTACK:T2 AGENT:T1 AGENT2:T4",
        "E2\tDEATH:T5 CAUSE:E1",
        # A label that ends in a digit would lose it as an argument.
        "R1\tNEAR2 Arg1:T3 Arg2:E1",
        "R2\tNEAR2 Arg1:E1 Arg2:T3",
        "A1\tStatus E1 denied",
    ]


def test_the_configuration_says_what_may_join_what(tmp_path: Path) -> None:
    write_brat(whole([ITEM]), tmp_path)
    assert (tmp_path / "annotation.conf").read_text() == (
        "[entities]\nORG\nLOC\n\n"
        "[relations]\n"
        "SAME_AS\tArg1:ORG, Arg2:ORG\n"
        "SAME_AS\tArg1:LOC, Arg2:LOC\n"
        "NEAR2\tArg1:ORG|LOC|ATTACK|DEATH, Arg2:ORG|LOC|ATTACK|DEATH\n\n"
        "[events]\n"
        "ATTACK\tAGENT*:ORG, CAUSE*:ATTACK|DEATH\n"
        "DEATH\tAGENT*:ORG, CAUSE*:ATTACK|DEATH\n\n"
        "[attributes]\n"
        "Status\tArg:<EVENT>, Value:planned|denied\n"
    )
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    assert files == ["annotation.conf", "reports.jsonl", "schema.toml", "validation/r1.ann", "validation/r1.txt"]


def test_a_scheme_without_events_has_no_attributes(tmp_path: Path) -> None:
    schema = Schema.parse('statuses = ["planned"]\n[entities]\nORG = ""')
    write_brat(whole([], schema), tmp_path)
    assert (tmp_path / "annotation.conf").read_text() == "[entities]\nORG\n\n[relations]\n\n[events]\n\n[attributes]\n"


def test_ids_make_file_names_that_no_system_refuses(tmp_path: Path) -> None:
    ids = [
        "../../etc/passwd",
        ".hidden",
        "a:b|*?",
        "https://x.org/" + "long/" * 60,
        "https://x.org/" + "long/" * 61,
        "é",
    ]
    items = [replace(ITEM, report=replace(REPORT, id=id_)) for id_ in ids]
    back = there_and_back(items, "brat", tmp_path / "out")
    assert [item.report.id for item in back.reports] == ids
    names = {path.name for path in (tmp_path / "out" / "validation").glob("*.ann")}
    assert len(names) == 6
    assert {"%2E.%2F..%2Fetc%2Fpasswd.ann", "%2Ehidden.ann", "a%3Ab%7C%2A%3F.ann", "é.ann"} < names


def test_what_an_annotator_did_comes_back_and_the_rest_keeps_its_ids(tmp_path: Path) -> None:
    out = tmp_path / "out"
    there_and_back([ITEM], "brat", out)
    ann = out / "validation" / "r1.ann"
    lines = ann.read_text(encoding="utf-8").splitlines()
    lines[4] = "T5\tATTACK 43 47\tdied"  # another type for the same words
    lines[6] = "E2\tATTACK:T5 "  # and no cause any more
    lines[9] = "A1\tStatus E2 planned"
    lines += ["T6\tLOC 38 42\tNine", "E3\tDEATH:T7 AGENT:T1", "T7\tDEATH 19 22\tand"]
    ann.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (out / "train").mkdir()
    for suffix in (".ann", ".txt"):
        ann.with_suffix(suffix).rename(out / "train" / f"r1{suffix}")
    annotations = convert(out, tmp_path / "corpus", to="corpus")
    (found,) = annotations.reports
    assert found.split == "train"
    assert [(m.id, m.type, m.status) for m in found.report.mentions] == [
        ("a1", "ORG", None),
        ("e1", "ATTACK", None),
        ("p1", "LOC", None),
        ("m1", "DEATH", None),
        ("a2", "ORG", None),
        ("m2", "LOC", None),
        ("e2", "ATTACK", "planned"),
    ]


def test_notes_that_do_not_fit_are_named(tmp_path: Path) -> None:
    there_and_back([ITEM], "brat", tmp_path / "out")
    notes = tmp_path / "out" / "reports.jsonl"
    notes.write_text(notes.read_text().replace("[38,48]", "[38,50]") * 2)
    with pytest.raises(AnnotationError) as raised:
        read_brat(tmp_path / "out")
    twice, misfit = raised.value.faults
    assert twice == f"{notes}:2: the file 'r1' stands twice"
    assert "r1.ann: sentences: 38 to 50 is none of a text of 48 characters; was the text changed?" in misfit


def test_a_report_that_is_gone_is_told(tmp_path: Path) -> None:
    there_and_back([ITEM, replace(ITEM, report=replace(REPORT, id="r2"))], "brat", tmp_path / "out")
    (tmp_path / "out" / "validation" / "r1.ann").unlink()
    tally = read_brat(tmp_path / "out").tally
    assert tally.skipped == [
        "validation/r1.txt (has no .ann)",
        "r1.ann (is gone, but reports.jsonl names it)",
    ]


def test_statuses_of_what_is_no_event_are_lost_and_of_nothing_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Tarvan fell.")
    lines = [
        "T1\tLOC 0 6\tTarvan",
        "T2\tATTACK 7 11\tfell",
        "E1\tATTACK:T2",
        "A1\tStatus T1 denied",
        "A2\tStatus T2 denied",
    ]
    (tmp_path / "a.ann").write_text("\n".join(lines))
    source = read_brat(tmp_path)
    assert [mention.status for mention in source.reports[0].report.mentions] == [None, "denied"]
    counts = {tuple(count): numbers["train"] for count, numbers in source.tally.table().items()}
    assert counts["statuses", "read", ""] == 2
    assert counts["statuses", "lost", "not that of an event"] == 1
