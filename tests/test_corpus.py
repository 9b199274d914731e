import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.corpus import (
    load_corpus,
    load_report_infos,
    read_corpus,
    unseen_conflicts,
    validate_corpus,
    write_corpus,
)
from conflictspan.errors import AnnotationError, SchemaError
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import ReportInfo, SentenceRow, Split

CORPUS = Path(__file__).parents[1] / "data" / "annotations"
SCHEMA = """
max_sentence_gap = 1
[entities]
ARMY = "soldiers"
[events]
FIGHT = "fighting"
[relations.BY]
head = ["FIGHT"]
tail = ["ARMY"]
cross_sentence = true
"""
FIRST = {
    "report": "r1",
    "sentence": 0,
    "text": "The army «Σίγμα» 🚁 came.",
    "mentions": [{"id": "a1", "start": 4, "end": 8, "type": "ARMY", "status": None}],
    "relations": [],
}
SECOND = {
    "report": "r1",
    "sentence": 1,
    "text": "It fought.",
    "mentions": [{"id": "e1", "start": 3, "end": 9, "type": "FIGHT", "status": None}],
    "relations": [{"head": "e1", "label": "BY", "tail": "a1"}],
}
OTHER = {"report": "r2", "sentence": 0, "text": "Nothing.", "mentions": [], "relations": []}
INFO = {"id": "r1", "date": "2020-01-31", "conflict": "Mali", "genre": "newswire", "split": "train", "origin": "x"}
Row = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: Row, infos: tuple[Row, ...] | None = None, schema: str = SCHEMA, split: str = "train") -> Path:
        (tmp_path / "schema.toml").write_text(schema)
        _write(tmp_path / f"{split}.jsonl", rows)
        if infos is not None:
            _write(tmp_path / "reports.jsonl", infos)
        return tmp_path

    return write


def _write(path: Path, rows: tuple[Row, ...]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _faults(folder: Path, split: str = "train") -> list[str]:
    with pytest.raises(AnnotationError) as raised:
        load_corpus(folder, split)
    return [fault.removeprefix(f"{folder}/") for fault in raised.value.faults]


def test_a_report_is_its_sentences_joined_by_one_space(folder: Callable[..., Path]) -> None:
    infos = (INFO, INFO | {"id": "r2"})
    assert load_corpus(folder(FIRST, SECOND, OTHER, infos=infos), "train") == [
        Report(
            id="r1",
            text="The army «Σίγμα» 🚁 came. It fought.",
            published="2020-01-31",
            sentences=((0, 24), (25, 35)),
            mentions=(Mention("a1", 4, 8, "ARMY"), Mention("e1", 28, 34, "FIGHT")),
            relations=(Relation("e1", "BY", "a1"),),
        ),
        Report(id="r2", text="Nothing.", published="2020-01-31", sentences=((0, 8),)),
    ]


def test_mentions_keep_their_status_and_stand_by_start(folder: Callable[..., Path]) -> None:
    mentions = [
        {"id": "e1", "start": 9, "end": 13, "type": "FIGHT", "status": "planned"},
        {"id": "a1", "start": 4, "end": 8, "type": "ARMY", "status": None},
    ]
    row = {"report": "r1", "sentence": 0, "text": "The army will fight.", "mentions": mentions, "relations": []}
    [report] = load_corpus(folder(row, schema='statuses = ["planned"]\n' + SCHEMA), "train")
    assert report.mentions == (Mention("a1", 4, 8, "ARMY"), Mention("e1", 9, 13, "FIGHT", status="planned"))


def test_spans_alone_and_no_reports_file_are_enough(folder: Callable[..., Path]) -> None:
    path = folder({k: v for k, v in FIRST.items() if k != "relations"}, schema='[entities]\nARMY = "soldiers"')
    [report] = load_corpus(path, "train")
    assert [report.text[m.start : m.end] for m in report.mentions] == ["army"]
    assert report.published is None
    assert load_report_infos(path) == {}


def test_an_annotation_that_breaks_the_schema_names_line_span_and_rule_and_yields_no_report(
    folder: Callable[..., Path],
) -> None:
    bad_type = FIRST | {"mentions": [{"id": "a1", "start": 4, "end": 8, "type": "NAVY", "status": None}]}
    bad_end = SECOND | {"relations": [{"head": "a1", "label": "BY", "tail": "e1"}]}
    assert _faults(folder(bad_type, SECOND, OTHER)) == [
        "train.jsonl:1: [army|NAVY a1]: unknown type NAVY; known: ARMY, FIGHT"
    ]
    faults = _faults(folder(OTHER, FIRST, bad_end))
    assert "train.jsonl:3: 'a1 BY e1': BY cannot have ARMY at its head; allowed: FIGHT" in faults


def test_every_fault_is_told_at_once(folder: Callable[..., Path]) -> None:
    path = folder(OTHER | {"sentence": "0"}, FIRST | {"mentions": [{"id": "a1"}]}, OTHER | {"text": " "}, SECOND)
    with (path / "train.jsonl").open("a") as file:
        file.write("{no json\n")
    faults = _faults(path)
    lines = {fault.split(": ")[0] for fault in faults}
    assert lines == {f"train.jsonl:{line}" for line in (1, 2, 3, 4, 5)}
    assert "train.jsonl:2: mentions.0.start: Field required" in faults
    assert any(fault.startswith("train.jsonl:3: text: ") for fault in faults)
    assert any("no span of the report has the id 'a1'" in fault for fault in faults)


def test_sentences_of_a_report_stand_together_in_order(folder: Callable[..., Path]) -> None:
    assert _faults(folder(FIRST, OTHER, SECOND)) == ["train.jsonl:3: the sentences of 'r1' do not stand together"]
    assert any("where 0 is due" in fault for fault in _faults(folder(SECOND, FIRST)))


def test_reports_and_their_infos_agree(folder: Callable[..., Path]) -> None:
    elsewhere = INFO | {"id": "r2", "split": "test"}
    assert _faults(folder(FIRST, SECOND, OTHER, infos=(INFO, elsewhere, INFO | {"id": "r3"}))) == [
        "train.jsonl:3: the report 'r2' belongs to test, says reports.jsonl",
        "reports.jsonl: the report 'r3' has no sentence in train.jsonl",
    ]
    assert _faults(folder(FIRST, SECOND, OTHER, infos=(INFO,))) == [
        "train.jsonl:3: the report 'r2' has no line in reports.jsonl"
    ]
    assert _faults(folder(FIRST, SECOND, infos=(INFO, INFO))) == ["reports.jsonl:2: the report 'r1' stands twice"]
    assert _faults(folder(FIRST, SECOND, infos=(INFO | {"date": "2020-02-31"},)))[0].startswith("reports.jsonl:1: date")


def test_a_report_is_in_one_split_only(folder: Callable[..., Path]) -> None:
    path = folder(FIRST, SECOND)
    folder(OTHER, FIRST, split="test")
    with pytest.raises(AnnotationError, match=r"test\.jsonl:2: the report 'r1' stands already at .*train\.jsonl:1"):
        read_corpus(path, splits=("train", "test"))


def test_a_missing_or_unreadable_file_is_named(folder: Callable[..., Path], tmp_path: Path) -> None:
    assert _faults(folder(FIRST, SECOND), "test")[0].startswith("test.jsonl: cannot be read: ")
    (tmp_path / "train.jsonl").write_bytes(b'{"text": "\xff"}\n')
    assert _faults(tmp_path)[0].startswith("train.jsonl: cannot be read: ")
    with pytest.raises(SchemaError, match=r"schema\.toml"):
        load_corpus(tmp_path / "nowhere", "train")


def test_validation_finds_near_duplicates_across_splits(folder: Callable[..., Path]) -> None:
    path = folder(OTHER | {"text": "Rockets killed 12 people in Marib."})
    folder(OTHER | {"report": "r3", "text": "Rockets killed 14 people in Marib!"}, split="validation")
    folder(split="test")
    with pytest.raises(AnnotationError, match=r"validation\.jsonl:1: .* stands nearly the same .*train\.jsonl:1"):
        validate_corpus(path)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), min_size=1),
        max_size=4,
    ),
    st.data(),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, reports: list[list[str]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("corpus")
    (path / "schema.toml").write_text(SCHEMA)
    splits = data.draw(st.lists(st.sampled_from(["train", "validation", "test"]), min_size=4, max_size=4))
    infos = [
        ReportInfo.model_validate(INFO | {"id": f"r{n}", "split": split})
        for n, (_, split) in enumerate(zip(reports, splits, strict=False))
    ]
    rows = {
        f"r{n}": [SentenceRow(report=f"r{n}", sentence=i, text=text) for i, text in enumerate(texts)]
        for n, texts in enumerate(reports)
    }
    write_corpus(path, infos, rows)
    corpus = read_corpus(path)
    assert list(corpus.infos.values()) == infos
    assert {id_: [sentence.row for sentence in found] for id_, found in corpus.sentences.items()} == rows
    for split in corpus.splits:
        assert list(corpus.splits[split]) == [info.id for info in infos if info.split == split]


def _info(id_: str, conflict: str, split: Split) -> ReportInfo:
    return ReportInfo(id=id_, date="2020-01-01", conflict=conflict, genre="x", split=split, origin="x")


@pytest.mark.parametrize(
    ("conflict", "unseen"),
    [
        ("Syria", False),
        ("Syria/Lebanon", False),
        ("Lebanon", True),
        ("India (Manipur)", False),
        ("Manipur and Assam", False),
        ("Myanmar Rakhine", False),
        ("Rwanda", False),
        ("East Timor", True),
        ("Northern Ireland", True),
        ("syria - TURKEY", False),
        ("none", False),
        ("several", False),
        ("Mali (protests)", True),
    ],
)
def test_a_conflict_is_unseen_if_training_tells_of_no_part_of_it(conflict: str, unseen: bool) -> None:
    seen = ["Syria/Turkey", "Manipur", "Myanmar", "Rwanda 1994", "Yemen (east, protests)", "none"]
    infos = {f"t{n}": _info(f"t{n}", name, "train") for n, name in enumerate(seen)}
    infos["x"] = _info("x", conflict, "test")
    assert unseen_conflicts(infos) == ({"x"} if unseen else set())


def test_the_corpus_keeps_its_rules() -> None:
    corpus = validate_corpus(CORPUS)
    assert corpus.sentences.keys() == corpus.infos.keys()


def test_the_unseen_conflicts_of_the_corpus_are_those_of_its_card() -> None:
    infos = load_report_infos(CORPUS)
    unseen = {infos[id_].conflict for id_ in unseen_conflicts(infos)}
    of_test = {"Algeria", "Moldova", "Transnistria", "East Timor", "Western Sahara"}
    of_validation = {"Comoros", "Gulf of Guinea", "Ghana (Bawku)", "Serbia (Presevo Valley)", "Solomon Islands"}
    assert unseen == of_test | of_validation


def test_datasets_loads_the_corpus_without_our_code_and_offline(tmp_path: Path) -> None:
    code = """if True:
        import json, sys
        from datasets import load_dataset
        corpus = load_dataset(sys.argv[1])
        mentions = corpus["test"].features["mentions"].feature
        statuses = {m["status"] for row in corpus["test"]["mentions"] for m in row}
        print(json.dumps([corpus.num_rows, {k: v.dtype for k, v in mentions.items()}, sorted(map(str, statuses))]))
    """
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "HF_DATASETS_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(CORPUS)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    rows, dtypes, statuses = json.loads(done.stdout.splitlines()[-1])
    assert rows == {split: len((CORPUS / f"{split}.jsonl").read_text().splitlines()) for split in rows}
    assert rows.keys() == {"train", "validation", "test"}
    assert dtypes == {"id": "string", "start": "int32", "end": "int32", "type": "string", "status": "string"}
    assert statuses == ["None", "denied", "planned"]
