from __future__ import annotations

import os
from pathlib import Path

import pytest

from conflictspan.corpus import load_corpus, load_report_infos
from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats.brat import read_brat
from conflictspan.formats.corpus_folder import write_import
from conflictspan.schema import Schema
from tests.annotated import arcs, words

FIXTURE = Path(__file__).parent / "fixtures" / "brat"


def test_spans_events_and_relations_come_with_their_words(tmp_path: Path) -> None:
    tally = write_import(read_brat(FIXTURE), tmp_path / "corpus")
    (report,) = load_corpus(tmp_path / "corpus", "train")
    # Of several pieces: from the first to the last, which swallows the two groups inside it.
    assert words(report) == [
        ("Rebels of the Dawn\nBrigade", "Group"),
        ("shelled", "Shelling"),
        ("Tarvan", "Place"),
        ("Ossar", "Place"),
        ("attack", "Attack"),
        ("killed", "Death"),
    ]
    assert arcs(report) == [
        ("shelled", "Place", "Tarvan"),
        ("shelled", "Place", "Ossar"),
        ("killed", "Cause", "attack"),
        ("killed", "Cause", "shelled"),
    ]
    schema = Schema.load(tmp_path / "corpus" / "schema.toml")
    assert (list(schema.entities), list(schema.events)) == (["Group", "Place"], ["Attack", "Death", "Shelling"])
    assert schema.labels == ("Agent", "Cause", "Place")
    assert schema.relations["Cause"].cross_sentence
    counts = {tuple(count): numbers["train"] for count, numbers in tally.table().items()}
    assert {key: n for key, n in counts.items() if key[0] not in ("sentences", "sentence borders", "reports")} == {
        ("attributes", "read", ""): 2,
        ("attributes", "lost", "Negation"): 1,
        ("attributes", "lost", "Speculation"): 1,
        ("equivalences", "read", ""): 1,
        ("equivalences", "lost", "not taken in"): 1,
        ("normalisations", "read", ""): 1,
        ("normalisations", "lost", "not taken in"): 1,
        ("notes", "read", ""): 1,
        ("notes", "lost", "not taken in"): 1,
        ("mentions", "read", ""): 8,
        ("mentions", "lost", "overlap a longer or earlier one"): 2,
        ("mentions", "kept", ""): 6,
        ("mentions", "changed", "of several pieces, white space between taken in"): 1,
        ("mentions", "changed", "of several pieces, words between taken in"): 1,
        ("relations", "read", ""): 6,
        ("relations", "lost", "an end was lost"): 2,
        ("relations", "kept", ""): 4,
        ("relations", "noted", "of a label that training lacks"): 0,
    }
    assert tally.skipped == ["notes.txt (has no .ann)"]


def test_folders_are_splits_and_paths_are_ids(tmp_path: Path) -> None:
    write_import(read_brat(FIXTURE), tmp_path / "corpus")
    infos = load_report_infos(tmp_path / "corpus")
    assert {id_: (info.split, info.origin) for id_, info in infos.items()} == {
        "dev%2Fstrike": ("validation", "strike"),
        "train%2Fraid%20one": ("train", "raid%20one"),
    }


def write(folder: Path, name: str, text: str, *lines: str) -> None:
    path = folder / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.with_suffix(".ann").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_offsets_count_code_points_and_line_ends_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, "a", "🚁\r\nTarvan fell.", "T1\tPlace 3 9\tTarvan")
    write_import(read_brat(tmp_path), tmp_path / "corpus")
    (report,) = load_corpus(tmp_path / "corpus", "train")
    assert words(report) == [("Tarvan", "Place")]


def test_lines_may_stand_in_any_order_and_events_may_be_arguments(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a",
        "They fled the raid.",
        "E1\tFlight:T1 Cause:E2 Who:T3",
        "E2\tRaid:T2 ",
        "R1\tsame Arg1:T3 Arg2:E2",
        "",
        "T2\tRaid 14 18\traid",
        "T1\tFlight 5 9\tfled",
        "T3\tPeople 0 4\tThey",
    )
    write_import(read_brat(tmp_path), tmp_path / "corpus")
    (report,) = load_corpus(tmp_path / "corpus", "train")
    assert arcs(report) == [("fled", "Cause", "raid"), ("fled", "Who", "They"), ("They", "same", "raid")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "T9\tPlace 0 6\tOssar",
            r"a.ann:2: T9 is 'Ossar', but 0 6 of the text is 'Tarvan'",
        ),
        ("T9\tPlace 0 99\tTarvan", r"a.ann:2: T9: 0 99 is no span of a text of 12 characters"),
        ("T9\tPlace 3 3\t", r"a.ann:2: T9: 3 3 is no span"),
        ("T9\tPlace 4 6;0 2\tan Ta", r"a.ann:2: T9: 4 6;0 2 is no span"),
        ("T9 Place 0 6 Tarvan", r"a.ann:2: 'T9 Place 0 6 Tarvan' is no line of standoff; its forms are T1<TAB>"),
        ("T9\tPlace 0 99999999999999\tTarvan", r"a.ann:2: .* is no line of standoff"),
        ("T1\tPlace 7 11\tfell", r"a.ann:2: the id T1 stands already further up"),
        ("E1\tFall:T7", r"a.ann:2: the trigger T7 of E1 stands nowhere in the file"),
        ("E1\tFall:T1", r"a.ann:2: E1 is a Fall, but its trigger T1 a Place; make them one"),
        ("E1\tPlace:T1 In:E4", r"a.ann:2: E4 stands nowhere in the file"),
        ("R1\tnear Arg1:T1 Arg2:T8", r"a.ann:2: T8 stands nowhere in the file"),
        ("R1\tnear T1 T1", r"a.ann:2: .* is no line of standoff"),
        ("W1\twhat", r"a.ann:2: 'W1\\twhat' is no line of standoff"),
    ],
)
def test_faults_are_named_by_file_and_line(tmp_path: Path, line: str, fault: str) -> None:
    write(tmp_path, "a", "Tarvan fell.", "T1\tPlace 0 6\tTarvan", line)
    with pytest.raises(AnnotationError, match=fault):
        read_brat(tmp_path)


def test_annotations_without_their_text_are_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "a", "Tarvan fell.", "T1\tPlace 0 6\tTarvan")
    (tmp_path / "a.txt").unlink()
    with pytest.raises(AnnotationError, match=r"a.txt: cannot be read: No such file"):
        read_brat(tmp_path)


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"has no \.ann file"):
            read_brat(folder)


def test_folders_that_name_two_splits_are_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "train/test/a", "Tarvan fell.", "T1\tPlace 0 6\tTarvan")
    with pytest.raises(AnnotationError, match=r"a\.ann: its folders speak of train and test; leave one"):
        read_brat(tmp_path)


def test_files_may_have_any_name(tmp_path: Path) -> None:
    names = ["=cmd|' \\", "a\x1b[31m\nb", os.fsdecode(b"raw\xff"), "منبج", ".hidden/x"]
    for name in names:
        write(tmp_path / "in", name, "Tarvan fell.", "T1\tPlace 0 6\tTarvan")
    write_import(read_brat(tmp_path / "in"), tmp_path / "corpus")
    infos = load_report_infos(tmp_path / "corpus")
    assert sorted(infos) == ["=cmd|'%20%5C", "a%1B[31m%0Ab", "raw%FF", "منبج"]
    assert (tmp_path / "corpus" / "import.json").read_text(encoding="utf-8").count("raw\\\\udcff") == 2


def test_a_report_that_nothing_marks_is_kept_and_an_empty_one_counted(tmp_path: Path) -> None:
    write(tmp_path, "a", "Tarvan fell.", "T1\tPlace 0 6\tTarvan")
    write(tmp_path, "b", "Nothing else.")
    write(tmp_path, "c", " \n")
    tally = write_import(read_brat(tmp_path), tmp_path / "corpus")
    assert list(load_report_infos(tmp_path / "corpus")) == ["a", "b"]
    assert tally.table()["reports", "lost", "no text"]["train"] == 1  # type: ignore[index]
