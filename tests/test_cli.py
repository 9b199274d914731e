import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from transformers import PreTrainedTokenizerFast

from conflictspan import model_folder
from conflictspan.calibration import Calibrator, KindCalibrator
from conflictspan.cli import main
from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel
from conflictspan.model_folder import save_model
from conflictspan.predict import RELEASED
from conflictspan.records import Mention, Relation, Report
from conflictspan.run_files import RunFiles
from conflictspan.sentences import split_sentences
from conflictspan.writing import read_extractions

FIXTURES = Path(__file__).parent / "fixtures" / "reports"


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command as a shell runs it."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "argv", ["conflictspan", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 1, *capfd.readouterr())

    return run


class FirstAndLastWord:
    """An extractor that finds the first and the last word, and looks one report ahead as the real one does."""

    pieces_read = 0
    backend = SimpleNamespace(name="torch")

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        waiting: list[Report] = []
        for report in reports:
            first, *_, last = report.text.split()
            end = report.text.rindex(last) + len(last)
            mentions = (Mention("m0", 0, len(first), "ORG"), Mention("m1", end - len(last), end, "LOC"))
            yield from waiting
            waiting = [
                replace(
                    report,
                    sentences=split_sentences(report.text),
                    mentions=mentions,
                    relations=(Relation("m1", "LOCATED_IN", "m0", 0.25),),
                )
            ]
        yield from waiting


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> list[str | Path]:
    """Which models were asked for; a fake one stands in for each."""
    asked: list[str | Path] = []

    def load(path: str | Path, *, min_precision: float | None, **_options: object) -> FirstAndLastWord:
        assert min_precision is None
        asked.append(str(path))
        return FirstAndLastWord()

    monkeypatch.setattr(Extractor, "from_pretrained", load)
    monkeypatch.setattr(model_folder, "hash_of_model", str)
    return asked


def test_predict_reads_all_forms_and_writes_one_line_a_report(
    run: Run, fake_model: list[str | Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    ended = run(
        "predict", FIXTURES, FIXTURES / "north" / "sela-communique.txt", "-", "-o", out, stdin=b'{"text": "a b"}'
    )
    assert ended.code == 0
    assert fake_model == [str(RELEASED)]
    reports = list(read_extractions(out))
    assert [report.id for report in reports] == [
        *("kes-1", "monitor-2", "kes-3", "sela-communique", "tarvan-bulletin", "dova-001", "7", "wire-4"),
        "sela-communique",
        "stdin-1",
    ]
    assert reports[-1].mentions == (Mention("m0", 0, 1, "ORG"), Mention("m1", 2, 3, "LOC"))
    assert ended.out == ""
    counts = f"10 reports, {sum(len(r.sentences) for r in reports)} sentences, 20 mentions, 10 relations"
    assert ended.err.startswith(f"{counts}, 0 events, 0 records rejected, 1 duplicate ids; ")
    assert len(ended.err.splitlines()) == 1


def test_rejects_are_listed_and_end_with_3_after_the_rest_is_done(
    run: Run, fake_model: list[str | Path], tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": ""}\n{"text": "A b."}\nshots\n{"text": "C d."}\n7\n')
    out = tmp_path / "out.jsonl"
    ended = run("predict", tmp_path / "in.jsonl", "-o", out)
    assert ended.code == 3
    assert [report.text for report in read_extractions(out)] == ["A b.", "C d."]
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [(r["file"], r["line"]) for r in rejects] == [(str(tmp_path / "in.jsonl"), line) for line in (1, 3, 5)]
    assert ", 3 records rejected, " in ended.err


def test_a_minimum_of_precision_is_asked_of_the_model_before_anything_is_written(
    run: Run, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Rebels shelled Raqqa.")
    out = tmp_path / "out.jsonl"
    asked = ("predict", tmp_path / "in", "-o", out, "--model", tiny_model, "--min-precision")
    ended = run(*asked, "0.9")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "cannot promise a precision of 0.9" in ended.err
    ended = run(*asked, "90")
    assert (ended.code, ended.err) == (
        2,
        "a precision of 90.0 cannot be asked for; give a share between 0 and 1, such as 0.9\n",
    )
    assert not list(tmp_path.glob("out*"))


def test_a_minimum_of_precision_names_what_it_leaves_out_altogether(
    run: Run,
    model: ConflictModel,
    tokenizer: PreTrainedTokenizerFast,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = "Rebels shelled Raqqa, and the army left Aleppo on Sunday. " * 5
    (whole,) = Extractor(model, tokenizer).extract([Report("r", text)])
    withheld = next(m.type for m in whole.mentions if not model.schema.is_event(m.type))
    curve = ((0.9, 0.0),)
    model.calibrator = Calibrator(
        entity=KindCalibrator(curves=dict.fromkeys(set(model.schema.entities) - {withheld}, curve)),
        trigger=KindCalibrator(curves=dict.fromkeys(model.schema.events, curve)),
        relation=KindCalibrator(curves=dict.fromkeys(model.schema.labels, curve)),
    )
    save_model(tmp_path / "model", model, tokenizer)
    asked = ("predict", "-", "-o", "-", "--model", tmp_path / "model", "--min-precision", "0.9")
    ended = run(*asked, stdin=json.dumps({"text": text}).encode())
    assert ended.code == 0
    assert [m["type"] for m in json.loads(ended.out)["mentions"]] == [
        m.type for m in whole.mentions if m.type != withheld
    ]
    # Outside of pytest, which takes the log, a warning goes to standard error as it is.
    assert caplog.messages == [f"a precision of 0.9 cannot be promised for these types, which are left out: {withheld}"]


def test_a_dash_writes_to_standard_output(run: Run, fake_model: list[str | Path]) -> None:
    ended = run("predict", FIXTURES / "north", "-o", "-", "--model", "other/model")
    assert ended.code == 0
    assert json.loads(ended.out)["id"] == "sela-communique"
    assert fake_model == ["other/model"]


def test_an_output_is_replaced_only_when_asked(run: Run, fake_model: list[str | Path], tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("precious")
    ended = run("predict", FIXTURES, "-o", out)
    assert (ended.code, ended.out, out.read_text()) == (2, "", "precious")
    assert ended.err == f"{out} is there already; give another output, or --overwrite to replace it\n"
    assert fake_model == [], "a refusal need not wait for a model"
    assert run("predict", FIXTURES, "-o", out, "--overwrite").code == 0
    assert len(list(read_extractions(out))) == 8


def test_a_run_that_was_interrupted_goes_on_when_asked(
    run: Run, fake_model: list[str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(RunFiles, "finish", interrupt)
        ended = run("predict", FIXTURES, "-o", out)
    assert (ended.code, ended.err) == (130, f"interrupted; --resume goes on with {out}\n")
    ended = run("predict", FIXTURES, "-o", out)
    assert ended.code == 2
    assert "a run was interrupted here: --resume goes on with it, --overwrite starts anew" in ended.err
    ended = run("predict", FIXTURES, "-o", out, "--resume", "--summary", tmp_path / "run.json")
    assert ended.code == 0
    assert ended.err.startswith("8 reports, ")
    assert ended.err.endswith(" s, the first 8 records done before\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "run.json"]
    ended = run("predict", FIXTURES, "-o", out, "--resume")
    assert (ended.code, ended.out, ended.err) == (0, "", f"{out} is finished already\n")


@pytest.mark.parametrize(
    ("options", "named"), [(["-o", "-", "--resume"], "standard output"), (["--resume", "--overwrite"], "one of them")]
)
def test_what_cannot_be_gone_on_with_is_refused(
    run: Run, fake_model: list[str | Path], options: list[str], named: str
) -> None:
    ended = run("predict", FIXTURES, *options)
    assert (ended.code, fake_model) == (2, [])
    assert named in ended.err


def test_a_packed_output_is_read_by_the_other_commands(run: Run, fake_model: list[str | Path], tmp_path: Path) -> None:
    for name in ("out.jsonl.gz", "out.jsonl.zst"):
        out = tmp_path / name
        assert run("predict", FIXTURES, "-o", out).code == 0
        assert out.read_bytes()[:1] != b"{"
        assert "8 reports" in run("view", out, "-o", tmp_path / f"{name}.html").err
        assert run("incidents", out, "-o", tmp_path / f"{name}.incidents.jsonl").code == 0
        assert run("export", out, "-o", tmp_path / f"{name}.csv").code == 0
        out.write_bytes(out.read_bytes()[:-9])
        ended = run("view", out, "-o", tmp_path / f"{name}.2.html")
        assert (ended.code, ended.err.startswith(f"{out}: cannot be read: ")) == (2, True)


def test_an_output_inside_an_input_folder_is_refused(run: Run, fake_model: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A b.")
    ended = run("predict", tmp_path, "-o", tmp_path / "out.jsonl")
    assert ended.code == 2
    assert "inside the input" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "gone.jsonl", "-o", "out.jsonl"],
        ["predict", ".", "-o", "gone/out.jsonl"],
        ["predict", ".", "-o", "../out.jsonl", "--model", "gone"],
        ["predict", ".", "-o", "../out.jsonl", "--model", "./gone"],
    ],
)
def test_a_fault_is_one_sentence_for_people(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(*arguments)
    assert ended.code == 2
    assert "gone" in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [["predict"], ["predict", "-o", "x"], ["predict", "a.txt", "--ray", "local", "--summary", "s"], ["shout"]],
)
def test_wrong_usage_ends_with_2(run: Run, arguments: list[str]) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert "Usage" in ended.err


def test_version_and_sub_commands(run: Run) -> None:
    assert run("--version").out.strip()[0].isdigit()
    assert "validate" in run("annotations", "--help").out


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = {"torch", "transformers", "pyarrow", "pydantic", "datasets", "numpy", "sentencex"}
    code = f"import sys, conflictspan.cli; print(*{heavy} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_one_report_is_read_without_the_slow_imports(tiny_model: Path, tmp_path: Path) -> None:
    """Each takes a second or more: models of transformers', torch's compiler and what it counts with."""
    (tmp_path / "a.txt").write_text("Rebels shelled Dova on Sunday, killing two civilians.")
    slow = {"transformers", "torch._dynamo", "sympy", "datasets"}
    code = f"""
import sys
from pathlib import Path
from conflictspan.predict import predict
predict(["a.txt"], "out.jsonl", model=Path({str(tiny_model)!r}))
print(*{slow} & sys.modules.keys())
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (tmp_path / "out.jsonl").stat().st_size
    assert done.stdout.split() == []


HOSTILE = {
    "nul and control characters": "Gunmen\x00 of the\x07 Orel Brigade\x1b[31m killed five\x0b people in\x85Tarvan.\x00",
    "lone surrogates": "The \ud800army\udfff shelled Dova. \udc80 \ud83d Rebels fled.",
    "right to left": "قتل مسلحون خمسة أشخاص في طرفان يوم الجمعة. \u202eThe army\u202c denied it.",
    "emoji": "💣💥 17 fighters 👨‍👩‍👧 died in the 🇺🇦 town ✊🏾. RIP!!",
    "zero width": "\ufeffThe\u200b a\u200brmy\u2060 shelled\u00ad Do\u0301va\u200d.\u200b",
    "only what no tokenizer knows": "\u200b\u200d\ufe0f",
    "one long line": "Shells hit Dova and Sela and " * 400,
    "one long word": "x" * 100_000,
    "a sentence of 5,000 words": " ".join(f"and militia {n} shelled town {n}" for n in range(1_000)) + ".",
    "one letter": "x",
}


def test_offsets_fit_any_text_exactly(run: Run, tiny_model: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(json.dumps({"id": id_, "text": text}) + "\n" for id_, text in HOSTILE.items()))
    ended = run("predict", file, "-o", out, "--model", tiny_model)
    assert ended.code == 0, ended.err
    reports = list(read_extractions(out))
    assert {report.id: report.text for report in reports} == HOSTILE
    for report in reports:
        assert report.sentences == split_sentences(report.text)
        found = [report.text[mention.start : mention.end] for mention in report.mentions]
        assert found == [text.strip() for text in found]
    assert sum(len(report.mentions) for report in reports) > 100


def test_compress_writes_a_smaller_copy(run: Run, tiny_model: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    assert run("compress", tiny_model, "-o", small).code == 0
    assert (small / "model.safetensors").stat().st_size < (tiny_model / "model.safetensors").stat().st_size
    ended = run("compress", tmp_path / "none", "-o", tmp_path / "x")
    assert ended.code == 2
    assert "no model folder" in ended.err
