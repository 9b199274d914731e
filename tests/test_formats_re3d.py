"""The fixture is of our own writing, in re3d's format; its sentences are invented."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conflictspan.corpus import load_corpus, load_report_infos, read_corpus
from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats.corpus_folder import write_import
from conflictspan.formats.re3d import read_re3d
from conflictspan.schema import Schema
from tests.annotated import arcs, words

FIXTURE = Path(__file__).parent / "fixtures" / "re3d"


@pytest.fixture
def re3d(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "re3d"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_import(read_re3d(FIXTURE), tmp_path / "corpus")
    return tmp_path / "corpus"


def test_what_is_gold_comes_with_its_words(corpus: Path) -> None:
    first, second = load_corpus(corpus, "train")
    assert (first.id, second.id) == ("A1", "A2")
    assert words(first) == [
        ("Troops of the Sela Army", "Organisation"),
        ("Tarvan", "Location"),
        ("Monday", "Temporal"),
        ("week", "Temporal"),
        ("Ana Berg\nA spokesman", "Person"),
        ("Tarvan", "Location"),
        ('the "Dawn" Brigade', "Organisation"),
    ]
    assert arcs(first) == [
        ("Troops of the Sela Army", "CoLocated", "Tarvan"),
        ("Ana Berg\nA spokesman", "CoLocated", "Tarvan"),
        ("Tarvan", "IsSynonymOf", "Tarvan"),
    ]
    assert arcs(second) == [("The Sela Army", "FightingAgainst", "the brigade"), ("the brigade", "CoLocated", "Tarvan")]
    assert [first.text[a:b] for a, b in first.sentences][2] == "General Ana Berg\nA spokesman spoke in Tarvan."


def test_documents_keep_their_split_and_their_source_is_their_genre(corpus: Path) -> None:
    infos = load_report_infos(corpus)
    assert {id_: (info.split, info.genre, info.conflict, info.date) for id_, info in infos.items()} == {
        "A1": ("train", "North Desk", "Syria/Iraq", None),
        "A2": ("train", "North Desk", "Syria/Iraq", None),
        "B1": ("validation", "Ministry of Defence", "Syria/Iraq", None),
    }
    (report,) = load_corpus(corpus, "validation")
    assert ("rebels", "Organisation") in words(report)  # of 1 and 0.6, over the same words
    assert ("rebels", "Person") not in words(report)
    assert load_corpus(corpus, "test") == []


def test_the_schema_is_the_data_s(corpus: Path) -> None:
    schema = Schema.load(corpus / "schema.toml")
    assert schema.types == ("Location", "Organisation", "Person", "Quantity", "Temporal", "Weapon")
    assert schema.labels == ("CoLocated", "CommWith", "FightingAgainst", "HasAttrOf", "IsSynonymOf")
    assert (schema.events, schema.statuses, schema.max_sentence_gap) == ({}, (), 2)
    assert [label for label, rule in schema.relations.items() if rule.cross_sentence] == ["IsSynonymOf"]


def test_the_record_counts_all_that_was_read_lost_and_kept(corpus: Path) -> None:
    record = json.loads((corpus / "import.json").read_text(encoding="utf-8"))
    counts = {(c["what"], c["fate"], c["why"]): (c["train"], c["validation"]) for c in record["counts"]}
    assert {key: numbers for key, numbers in counts.items() if key[0] == "mentions"} == {
        ("mentions", "read", ""): (14, 9),
        ("mentions", "lost", "confidence 0"): (1, 0),
        ("mentions", "lost", "over the same words as another"): (0, 1),
        ("mentions", "lost", "overlap a longer or earlier one"): (1, 0),
        ("mentions", "kept", ""): (12, 8),
        ("mentions", "changed", "outer white space left out"): (1, 0),
        ("mentions", "noted", "begin or end inside a word: gold, but not to be found"): (0, 1),
        ("mentions", "noted", "of a type that training lacks"): (0, 2),
        ("mentions", "noted", "the value differs from the text in marks or white space"): (2, 0),
    }
    assert {key: numbers for key, numbers in counts.items() if key[0] == "relations"} == {
        ("relations", "read", ""): (11, 4),
        ("relations", "lost", "an end has confidence 0"): (1, 0),
        ("relations", "lost", "an end was lost"): (1, 0),
        ("relations", "lost", "confidence 0"): (1, 0),
        ("relations", "lost", "join a span with itself"): (1, 0),
        ("relations", "lost", "reach further back than in training"): (0, 1),
        ("relations", "lost", "stand twice"): (1, 0),
        ("relations", "lost", "the tail stands in a later sentence"): (1, 0),
        ("relations", "kept", ""): (5, 3),
        ("relations", "noted", "of a label that training lacks"): (0, 1),
    }
    kept = read_corpus(corpus).splits["train"]
    assert sum(len(row.row.mentions) for rows in kept.values() for row in rows) == 12
    assert "North Desk/entities.json" in record["files_sha256"]
    assert any("longest" in rule for rule in record["rules"])


def test_one_source_s_folder_will_do(tmp_path: Path) -> None:
    write_import(read_re3d(FIXTURE / "North Desk"), tmp_path / "one")
    assert list(load_report_infos(tmp_path / "one")) == ["A1", "A2"]


def test_folders_that_are_no_source_are_told(re3d: Path) -> None:
    (re3d / "schema").mkdir()
    assert read_re3d(re3d).tally.skipped == ["schema/"]


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match=r"has no documents.json"):
            read_re3d(folder)


def edit(path: Path, line: int, **values: Any) -> None:
    """Change fields of a line, from 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line - 1] = json.dumps(json.loads(lines[line - 1]) | values)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "line", "values", "fault"),
    [
        ("entities.json", 2, {"begin": "13"}, r"entities.json:2: begin: Input should be a valid integer, not '13'"),
        ("entities.json", 2, {"end": 999}, r"entities.json:2: 12 to 999 is no span of a text of \d+ characters"),
        (
            "entities.json",
            3,
            {"begin": 32},
            r"entities.json:3: the value is 'Tarvan', but 32 to 37 .* 'arvan'.*code poi",
        ),
        ("entities.json", 1, {"documentId": "Z"}, r"entities.json:1: no document has the id 'Z'"),
        ("entities.json", 1, {"confidence": 7}, r"entities.json:1: confidence: .* less than or equal to 1"),
        ("entities.json", 1, {"type": "Two words"}, r"entities.json:1: type: .*, not 'Two words'"),
        ("relations.json", 2, {"sourceEnd": 30}, r"relations.json:2: an end is \d+ to 30, where no entity"),
        ("relations.json", 2, {"documentId": "Z"}, r"relations.json:2: no document has the id 'Z'"),
        ("documents.json", 2, {"_id": "A1"}, r"documents.json:2: the document 'A1' stands already at .*:1"),
        ("documents.json", 2, {"_id": "A3"}, r"documents.json:2: the document 'A3' has no split in split.json"),
        ("documents.json", 2, {"text": None}, r"documents.json:2: text: Input should be a valid string, not None"),
    ],
)
def test_faults_are_named_by_file_and_line(
    re3d: Path, file: str, line: int, values: dict[str, Any], fault: str
) -> None:
    edit(re3d / "North Desk" / file, line, **values)
    with pytest.raises(AnnotationError, match=fault):
        read_re3d(re3d)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", r"split.json: line: Invalid JSON"),
        ('{"train": ["A1", "A2"], "dev": []}', r"split.json: dev.*: Input should be 'train', 'validation' or 'test'"),
        ('{"train": ["A1", "A2"], "test": ["A2"]}', r"split.json: 'A2' stands in train and in test; leave it in one"),
        ('{"train": ["A1", "A2", "A9"]}', r"split.json: names 'A9', which is no document"),
    ],
)
def test_a_split_that_is_none_is_refused(re3d: Path, content: str, fault: str) -> None:
    (re3d / "North Desk" / "split.json").write_text(content)
    with pytest.raises(AnnotationError, match=fault):
        read_re3d(re3d)


def test_the_split_is_asked_for_where_the_download_has_none(re3d: Path) -> None:
    (re3d / "North Desk" / "split.json").unlink()
    with pytest.raises(AnnotationError, match=r'split.json: cannot be read: No such file.*; it says .*"validation"'):
        read_re3d(re3d)


def test_the_same_document_in_two_sources_is_a_fault(re3d: Path, tmp_path: Path) -> None:
    shutil.copytree(re3d / "North Desk", re3d / "South Desk")
    with pytest.raises(AnnotationError, match=r"South Desk/documents.json:1: the report 'A1' stands already at "):
        write_import(read_re3d(re3d), tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_a_source_folder_may_have_any_name(re3d: Path, tmp_path: Path) -> None:
    (re3d / "North Desk").rename(re3d / "=HYPERLINK(\x1b[31m)\\..")
    (re3d / "Ministry of Defence").rename(re3d / "<script>")
    write_import(read_re3d(re3d), tmp_path / "corpus")
    infos = load_report_infos(tmp_path / "corpus")
    assert infos["A1"].origin == "=HYPERLINK(%1B[31m)%5C.."
    assert "\x1b" not in infos["A1"].genre
    assert infos["B1"].genre == "<script>"
