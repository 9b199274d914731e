import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest

import eval.__main__ as command
from conflictspan.errors import ModelError
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.scores import STRICT
from eval.systems import System
from tests.evaluations import invoke

SCHEMA = """
name = "small"
statuses = ["planned"]
[entities]
LOC = ""
[events]
ATTACK = ""
[relations.PLACE]
head = ["ATTACK"]
tail = ["LOC"]
"""
SPANS_ONLY = 'name = "spans"\n[entities]\nLOC = ""\nATTACK = ""'
README = "before\n<!-- scores:begin -->\n<!-- scores:end -->\nafter\n"


class Words:
    """Calls certain words places and attacks, and puts every attack of a report at its first place."""

    def __init__(self, name: str, **types: str) -> None:
        self.name = name
        self.types = types

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            starts = {word: report.text.find(word) for word in self.types if word in report.text}
            yield dataclasses.replace(
                report, mentions=tuple(Mention(w, s, s + len(w), self.types[w]) for w, s in starts.items())
            )

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            places = [m.id for m in report.mentions if m.type == "LOC"]
            attacks = [m.id for m in report.mentions if m.type == "ATTACK"]
            yield dataclasses.replace(report, relations=tuple(Relation(a, "PLACE", places[0]) for a in attacks))


def sentence(id_: str, town: str, *, relations: bool) -> str:
    return json.dumps(
        {
            "report": id_,
            "sentence": 0,
            "text": f"They stormed {town} .",
            "mentions": [
                {"id": "e1", "start": 5, "end": 12, "type": "ATTACK", "status": None},
                {"id": "p1", "start": 13, "end": 13 + len(town), "type": "LOC", "status": None},
            ],
            "relations": [{"head": "e1", "label": "PLACE", "tail": "p1"}] if relations else [],
        }
    )


def write_corpus(folder: Path, schema: str, *, relations: bool) -> None:
    """One training report on Yemen; test reports on Yemen (Taiz) and Cyprus (Kyrenia)."""
    reports = [
        ("a-1", "train", "Aden", "Yemen"),
        ("b-1", "test", "Taiz", "Yemen"),
        ("b-2", "test", "Kyrenia", "Cyprus"),
    ]
    folder.mkdir()
    (folder / "schema.toml").write_text(schema)
    for split in ("train", "validation", "test"):
        lines = [sentence(id_, town, relations=relations) + "\n" for id_, s, town, _ in reports if s == split]
        (folder / f"{split}.jsonl").write_text("".join(lines))
    infos = [
        {"id": id_, "date": "2015-01-01", "conflict": conflict, "genre": "wire", "split": split, "origin": "x"}
        for id_, split, _, conflict in reports
    ]
    (folder / "reports.jsonl").write_text("".join(json.dumps(info) + "\n" for info in infos))


@pytest.fixture
def systems(monkeypatch: pytest.MonkeyPatch) -> list[System]:
    """The model finds stormed and Taiz; the baselines find less. A test may change them."""
    systems: list[System] = [
        Words("model", stormed="ATTACK", Taiz="LOC"),
        Words("lexicon", Kyrenia="ATTACK"),
        Words("memory", Taiz="LOC"),
    ]
    monkeypatch.setattr(command, "load_model", lambda *_: systems[0])
    monkeypatch.setattr(command, "load_baselines", lambda *_: systems[1:])
    return systems


run = partial(invoke, command.main)


def test_a_run_writes_and_shows_its_scores(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    readme = tmp_path / "README.md"
    readme.write_text(README)
    out = tmp_path / "results" / "x"
    named = ("--model", "some/model", "--data", tmp_path / "corpus", "--out", out)
    result = run(*named, "--seed", "3", "--write-readme", readme)
    assert result.exit_code == 0, result.output
    data = json.loads((out / "scores.json").read_text())
    assert data["reports"] == {"all": 2, "seen": 1, "unseen": 1}
    assert data["unseen_conflicts"] == ["Cyprus"]
    assert data["bootstrap"] == {"seed": 3, "draws": 10_000, "level": 0.95}
    assert data["data_sha256"] == hashlib.sha256((tmp_path / "corpus" / "test.jsonl").read_bytes()).hexdigest()
    assert (data["model_path"], data["model_sha256"], data["model_run"]) == ("some/model", None, None)
    assert [system["name"] for system in data["systems"]] == ["model", "lexicon", "memory"]
    model = data["systems"][0]["scores"]
    counts = {name: (s["tp"], s["predicted"], s["gold"]) for name, s in model["all"].items() if name in STRICT}
    assert counts == {
        "entities": (1, 1, 2),  # Taiz, not Kyrenia; F1 2/3
        "triggers": (2, 2, 2),
        "status": (0, 0, 0),
        "status_accuracy": (2, 2, 2),
        "relations_on_gold": (2, 2, 2),
        "relations": (0, 0, 2),  # extract() makes none, both gold relations count
    }
    assert model["seen"]["entities"]["f1"] == 1
    assert model["unseen"]["entities"]["f1"] == 0
    # Memory is as good as the model in entities; over one report there is nothing to test.
    by_hand = {(d["reports"], d["score"], d["other"]): d for d in data["differences"]}
    assert (by_hand["all", "entities", "memory"]["value"], by_hand["all", "entities", "memory"]["p"]) == (0, 1)
    assert by_hand["all", "entities", "lexicon"]["value"] == pytest.approx(2 / 3)
    assert by_hand["seen", "entities", "lexicon"]["p"] is None
    assert data["slices"] == {
        "conflict": {"Cyprus": 1, "Yemen": 1},
        "genre": {"news agencies": 2},
        "length": {"up to 100 words": 2},
    }
    assert model["all"]["triggers_seen_words"]["gold"] == 2  # "stormed" stands in training
    assert model["all"]["entities_unseen_words"]["gold"] == 2  # Taiz and Kyrenia do not
    row = "| Entities | 66.7 [0.0, 100.0] | 100.0 | 0.0 | 0.0 [0.0, 0.0] |"
    assert row in readme.read_text()
    assert readme.read_text().startswith("before\n<!-- scores:begin -->\n")
    assert "| Entities | 66.7 [0.0, 100.0] | 0.0 [0.0, 0.0] | 66.7 [0.0, 100.0] |" in (out / "scores.md").read_text()
    assert "66.7 [0.0, 100.0]" in result.output
    assert "p, Holm" in result.output
    assert "+66.7" in result.output
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "some/model" in page
    # Kyrenia was missed, and with it the tail of its relation; extract() relates nothing, so Taiz's is missed.
    kinds = re.findall(r'"kind":"([a-z ]+)"', page)
    assert kinds == ["missed", "missed", "tail"]


def test_a_second_model_is_scored_in_the_same_run(
    tmp_path: Path, systems: list[System], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{"model.safetensors": "ef56"}')
    models = {"first": systems[0], str(tmp_path / "other"): Words("model", Kyrenia="LOC")}
    monkeypatch.setattr(command, "load_model", lambda path, _: models[path])
    arguments = ("--data", tmp_path / "corpus", "--out", tmp_path / "out", "--model", "first")
    result = run(*arguments, "--compare", tmp_path / "other", "--no-baselines")
    assert result.exit_code == 0, result.output
    data = json.loads((tmp_path / "out" / "scores.json").read_text())
    other = str(tmp_path / "other")
    assert [system["name"] for system in data["systems"]] == ["model", other]
    assert data["compared"] == {"path": other, "sha256": "ef56", "run": None}
    triggers = next(d for d in data["differences"] if (d["reports"], d["score"]) == ("all", "triggers"))
    assert (triggers["other"], triggers["value"]) == (other, 1)


def test_a_run_writes_the_calibration_of_a_model_that_has_scores(tmp_path: Path, systems: list[System]) -> None:
    class Scored(Words):
        def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
            for report in super().extract(reports):
                yield dataclasses.replace(
                    report, mentions=tuple(dataclasses.replace(m, score=0.75) for m in report.mentions)
                )

    systems[0] = Scored("model", stormed="ATTACK", Taiz="LOC")
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    (tmp_path / "model").mkdir()
    curve = {"curves": {"LOC": [[0.9, 0.8]], "ATTACK": [[0.9, 0.7]]}}
    (tmp_path / "model" / "calibration.json").write_text(json.dumps({"entity": curve, "trigger": curve}))
    out = tmp_path / "out"
    assert run("--data", tmp_path / "corpus", "--out", out, "--model", tmp_path / "model").exit_code == 0
    data = json.loads((out / "calibration.json").read_text())
    assert {kind: (r["right"], r["ece"]) for kind, r in data["kinds"].items()} == {
        "entities": (1, 0.25),
        "triggers": (2, 0.25),
    }
    kept = {(p["kind"], p["min_precision"]): p["predicted"] for p in data["promises"] if not p["label"]}
    assert (kept["entities", 0.9], kept["triggers", 0.9], kept["triggers", 0.95]) == (0, 2, 0)
    assert "| Event triggers | 2 | 100.0 | 75.0 | 25.0 | 0.062 |" in (out / "scores.md").read_text()
    assert (out / "reliability.png").is_file()


def test_the_same_seed_writes_the_same_scores(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    found = []
    for name in ("one", "two"):
        assert run("--data", tmp_path / "corpus", "--out", tmp_path / name).exit_code == 0
        data = json.loads((tmp_path / name / "scores.json").read_text())
        found.append([system["scores"] for system in data["systems"]] + data["differences"])
    assert found[0] == found[1]


def test_without_baselines_the_model_stands_alone(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    assert run("--data", tmp_path / "corpus", "--out", tmp_path, "--no-baselines").exit_code == 0
    data = json.loads((tmp_path / "scores.json").read_text())
    assert [system["name"] for system in data["systems"]] == ["model"]
    assert data["differences"] == []


def test_a_corpus_of_spans_has_no_rows_for_relations(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SPANS_ONLY, relations=False)
    (tmp_path / "corpus" / "reports.jsonl").unlink()
    assert run("--data", tmp_path / "corpus", "--out", tmp_path).exit_code == 0
    data = json.loads((tmp_path / "scores.json").read_text())
    assert data["reports"] == {"all": 2}
    assert list(data["systems"][0]["scores"]["all"])[:2] == ["entities", "entities_relaxed"]
    assert "elation" not in (tmp_path / "scores.md").read_text().split("## ", 1)[1]


def test_the_model_folder_says_which_run_it_comes_from(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    (tmp_path / "manifest.json").write_text('{"model.safetensors": "cd34"}')
    (tmp_path / "run.json").write_text('{"finished": "2026-01-31T12:00:00+00:00"}')
    assert run("--data", tmp_path / "corpus", "--out", tmp_path, "--model", tmp_path).exit_code == 0
    data = json.loads((tmp_path / "scores.json").read_text())
    assert (data["model_sha256"], data["model_run"]) == ("cd34", "2026-01-31T12:00:00+00:00")


def test_a_system_whose_spans_overlap_stops_the_run(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    systems[1] = Words("lexicon", stormed="ATTACK", storm="ATTACK")
    result = run("--data", tmp_path / "corpus", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "error: lexicon, report 'b-1': " in result.stderr
    assert "overlap" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_broken_model_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, schema: Schema) -> System:
        raise ModelError(f"{path}: the weights [are] gone")

    monkeypatch.setattr(command, "load_model", refuse)
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    result = run("--data", tmp_path / "corpus", "--model", "models/x")
    assert (result.exit_code, result.stderr) == (2, "error: models/x: the weights [are] gone\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--split", "validation"], "validation.jsonl: no reports to score on"),
        (["--data", "nowhere"], "nowhere"),
        (["--write-readme", "nowhere.md"], "nowhere.md: cannot be read"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    tmp_path: Path, systems: list[System], arguments: list[str], says: str
) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    result = run("--data", tmp_path / "corpus", "--out", tmp_path / "out", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, systems: list[System]) -> None:
    write_corpus(tmp_path / "corpus", SCHEMA, relations=True)
    (tmp_path / "file").write_text("")
    result = run("--data", tmp_path / "corpus", "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
