import json
import os
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictspan.errors import InputError, OutputError
from conflictspan.reading import Reject, read_reports
from conflictspan.records import Mention, Relation, Report
from conflictspan.sentences import split_sentences
from conflictspan.writing import Summary, read_extractions, write_extractions

REPORT = Report(
    id="syr-014",
    text="💣 At least 28 fighters died near Manbij. More later.",
    published="2016-06-21",
    title="Losses",
    sentences=((0, 41), (42, 53)),
    mentions=(
        Mention("m0", 2, 13, "COUNT", score=0.98765),
        Mention("m1", 14, 22, "ARMED_GROUP", score=1.0),
        Mention("m2", 23, 27, "DEATH", "denied", 0.5),
    ),
    relations=(Relation("m2", "VICTIM", "m1", 0.123449),),
)
REJECT = Reject("in.jsonl", 3, "not JSON")
DUPLICATE = Reject("in.jsonl", 4, "an earlier report has the id", "duplicate id")


def test_a_line_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    summary = write_extractions([REPORT, Report("b", "")], out)
    first, second = out.read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == {
        "id": "syr-014",
        "published": "2016-06-21",
        "title": "Losses",
        "text": REPORT.text,
        "sentences": [[0, 41], [42, 53]],
        "mentions": [
            {
                "id": "m0",
                "start": 2,
                "end": 13,
                "type": "COUNT",
                "text": "At least 28",
                "status": None,
                "score": 0.9877,
            },
            {
                "id": "m1",
                "start": 14,
                "end": 22,
                "type": "ARMED_GROUP",
                "text": "fighters",
                "status": None,
                "score": 1.0,
            },
            {"id": "m2", "start": 23, "end": 27, "type": "DEATH", "text": "died", "status": "denied", "score": 0.5},
        ],
        "relations": [{"head": "m2", "label": "VICTIM", "tail": "m1", "score": 0.1234}],
        "events": [],
    }
    assert "💣" in first
    assert json.loads(second) == {
        "id": "b",
        "published": None,
        "text": "",
        "sentences": [],
        "mentions": [],
        "relations": [],
        "events": [],
    }
    assert summary == Summary(reports=2, sentences=2, mentions=3, relations=1)


texts = st.text(st.characters(codec=None), min_size=1).filter(
    # Two halves of a pair beside each other are one character once they have been through JSON.
    lambda t: json.loads(json.dumps(t)) == t
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    text = draw(texts)
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))), max_size=4))
    mentions = tuple(
        Mention(f"m{i}", start, max(end, start + 1), "LOC", draw(st.sampled_from([None, "denied"])), draw(scores))
        for i, (start, end) in enumerate(spans)
    )
    arcs = tuple(Relation(m.id, "LOCATED_IN", mentions[0].id, draw(scores)) for m in mentions)
    return Report(
        draw(texts), text, draw(st.none() | texts), draw(st.none() | texts), split_sentences(text), mentions, arcs
    )


scores = st.none() | st.integers(0, 10_000).map(lambda n: n / 10_000)


@settings(deadline=None)
@given(st.lists(reports(), max_size=4))
def test_there_and_back(tmp_path_factory: pytest.TempPathFactory, reports: list[Report]) -> None:
    out = tmp_path_factory.mktemp("out") / "out.jsonl"
    write_extractions(reports, out)
    assert list(read_extractions(out)) == reports
    assert out.read_bytes().count(b"\n") == len(reports)


def test_an_output_can_be_read_as_reports_again(tmp_path: Path) -> None:
    write_extractions([REPORT], tmp_path / "out.jsonl")
    assert list(read_reports([tmp_path / "out.jsonl"])) == [replace(REPORT, sentences=(), mentions=(), relations=())]


def test_rejects_and_duplicates_go_to_a_file_beside(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert write_extractions([REJECT, REPORT, DUPLICATE], out) == Summary(1, 2, 3, 1, rejects=1, duplicates=1)
    assert [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()] == [
        {"file": "in.jsonl", "line": 3, "reason": "not JSON", "kind": "rejected"},
        {"file": "in.jsonl", "line": 4, "reason": "an earlier report has the id", "kind": "duplicate id"},
    ]
    assert len(out.read_text().splitlines()) == 1


def test_without_rejects_there_is_no_such_file_nor_one_from_before(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    write_extractions([REJECT], out)
    write_extractions([REPORT], out, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert [report.id for report in read_extractions(out)] == ["syr-014"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.rejects.jsonl"])
def test_what_is_there_is_not_replaced_unasked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")

    def untouched() -> Iterator[Report]:
        pytest.fail("an item was taken")
        yield REPORT

    with pytest.raises(OutputError, match=rf"{name} is there already.*--overwrite"):
        write_extractions(untouched(), tmp_path / "out.jsonl")
    assert (tmp_path / name).read_text() == "precious"


def test_a_folder_or_a_device_is_no_output_and_a_missing_folder_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OutputError, match="is a folder or a device"):
            write_extractions([REPORT], path, overwrite=True)
    assert (tmp_path / "pipe").is_fifo()
    with pytest.raises(OutputError, match="gone"):
        write_extractions([REPORT], tmp_path / "gone" / "out.jsonl")


def test_a_run_that_breaks_leaves_what_was_there_before(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    write_extractions([REPORT], out)
    before = out.read_bytes()

    def broken() -> Iterator[Report | Reject]:
        yield Report("b", "B.")
        yield REJECT
        assert not list(read_extractions(out))[1:], "the output is replaced before it is whole"
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_extractions(broken(), out, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert out.read_bytes() == before


def test_what_a_killed_run_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl.part").write_text('{"id": "half')
    write_extractions([REPORT], tmp_path / "out.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.fixture
def small_files() -> Iterator[None]:
    """As on a full disk: nothing can be written beyond 100 kB of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_is_told_with_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    for count in (1_000, 93):  # found when a line is written, found when the file is closed
        with pytest.raises(OutputError, match=r"out\.jsonl\.part: cannot be written: File too large"):
            write_extractions((Report(str(n), "x" * 1_000) for n in range(count)), tmp_path / "out.jsonl")
        assert list(tmp_path.iterdir()) == []


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_extractions([REPORT, REJECT], "-")
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["id"] == "syr-014"
    assert json.loads(err)["reason"] == "not JSON"


GOOD = {"id": "a", "published": None, "text": "Ab cd", "sentences": [[0, 5]], "mentions": [], "relations": []}
MENTION = {"id": "m0", "start": 0, "end": 2, "type": "LOC", "text": "Ab", "status": None, "score": None}
NO_PROBABILITIES = (float("nan"), float("inf"), float("-inf"), 1.0001, -0.5, "0.5", True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"text": None}, "text"),
        ({"sentences": [[0]]}, "sentences.0"),
        ({"sentences": [[0, "5"]]}, "sentences.0.1"),
        ({"mentions": [MENTION | {"start": -1}]}, "mentions.0.start"),
        ({"mentions": [MENTION | {"start": "0"}]}, "mentions.0.start"),
        *(({"mentions": [MENTION | {"score": score}]}, "mentions.0.score") for score in NO_PROBABILITIES),
        *(
            (
                {"mentions": [MENTION], "relations": [{"head": "m0", "label": "L", "tail": "m0", "score": score}]},
                "relations.0.score",
            )
            for score in NO_PROBABILITIES
        ),
        ({"mentions": [MENTION | {"end": 3}]}, "'Ab '"),
        ({"mentions": [MENTION | {"end": 0, "text": ""}]}, "m0"),
        ({"mentions": [MENTION | {"start": 9, "end": 11}]}, "m0"),
        ({"mentions": [MENTION], "relations": [{"head": "m0", "label": "L", "tail": "m7", "score": 1}]}, "m0 L m7"),
    ],
)
def test_what_is_no_extraction_is_refused_by_line_and_field(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text(json.dumps(GOOD | {"mentions": [MENTION]}) + "\n" + json.dumps(GOOD | change) + "\n")
    stream = read_extractions(file)
    assert next(stream) == Report("a", "Ab cd", sentences=((0, 5),), mentions=(Mention("m0", 0, 2, "LOC"),))
    with pytest.raises(InputError, match=r"out\.jsonl:2: ") as caught:
        next(stream)
    assert named in str(caught.value)


@pytest.mark.parametrize("score", [0, 1, 0.5, None])
def test_both_ends_of_what_a_score_can_be_are_read(tmp_path: Path, score: float | None) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text(json.dumps(GOOD | {"mentions": [MENTION | {"score": score}]}) + "\n")
    assert [mention.score for report in read_extractions(file) for mention in report.mentions] == [score]


def test_what_is_no_json_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("{\n")
    with pytest.raises(InputError, match=r"out\.jsonl:1: not JSON"):
        list(read_extractions(tmp_path / "out.jsonl"))
    with pytest.raises(InputError, match=r"gone\.jsonl"):
        list(read_extractions(tmp_path / "gone.jsonl"))
