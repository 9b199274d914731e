import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conflictspan.annotations_cli import app

FIXTURES = Path(__file__).parent / "fixtures" / "markup"
CORPUS = Path(__file__).parents[1] / "data" / "annotations"
GOOD = ["train-f1.ann", "validation-f2.ann"]


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    shutil.copy(CORPUS / "schema.toml", folder)
    done = _run("from-markup", *(FIXTURES / name for name in GOOD), "-o", folder)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"3 reports written to {folder}\n"
    return folder


def test_there_and_back(corpus: Path, tmp_path: Path) -> None:
    before = (corpus / "train.jsonl").read_bytes()
    assert _run("to-markup", corpus, "-o", tmp_path / "out").exit_code == 0
    assert _run("from-markup", tmp_path / "out", "-o", corpus).exit_code == 0
    assert (corpus / "train.jsonl").read_bytes() == before
    refused = _run("to-markup", corpus, "-o", tmp_path / "out")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert _run("to-markup", corpus, "-o", tmp_path / "out", "--overwrite").exit_code == 0


def test_faulty_markup_is_refused_with_every_fault_on_stderr(corpus: Path) -> None:
    before = (corpus / "train.jsonl").read_bytes()
    refused = _run("from-markup", FIXTURES / "faulty.ann", "-o", corpus)
    assert refused.exit_code == 1
    assert refused.stdout == ""
    *faults, total = refused.stderr.splitlines()
    assert len(faults) > 20
    assert total == f"{len(faults)} fault(s)"
    assert all(fault.startswith(f"{FIXTURES / 'faulty.ann'}:") for fault in faults)
    assert (corpus / "train.jsonl").read_bytes() == before


def test_validate(corpus: Path) -> None:
    done = _run("validate", corpus)
    assert (done.exit_code, done.stdout) == (0, "3 reports, no faults\n")
    rows = (corpus / "train.jsonl").read_text()
    (corpus / "train.jsonl").write_text(rows.replace('"type": "SHELLING"', '"type": "SHELING"'))
    done = _run("validate", corpus)
    assert done.exit_code == 1
    assert f"{corpus / 'train.jsonl'}:5: [shelled|SHELING e1]: unknown type SHELING" in done.stderr


def test_stats_counts_and_writes_the_card(corpus: Path) -> None:
    done = _run("stats", corpus)
    assert done.exit_code == 0
    rows = [line.replace("│", " ").split() for line in done.stdout.splitlines()]
    assert ["sentences", "5", "1", "0", "6"] in rows
    assert ["SAME_AS", "1", "0", "0", "1"] in rows
    shutil.copy(CORPUS / "README.md", corpus)
    assert _run("stats", corpus, "--write-card").exit_code == 0
    assert "| sentences | 5 | 1 | 0 | 6 |" in (corpus / "README.md").read_text()


def test_a_folder_that_is_no_corpus_is_named(tmp_path: Path) -> None:
    done = _run("validate", tmp_path)
    assert done.exit_code == 1
    assert str(tmp_path / "schema.toml") in done.stderr


def test_start_up_imports_nothing_heavy() -> None:
    code = "import sys, conflictspan.annotations_cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "pyarrow", "pydantic", "datasets"} & set(done.stdout.split())


IMPORTED = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize(
    ("name", "inputs", "row"),
    [
        ("re3d", "re3d", ["mentions", "kept", "12", "8", "0", "20"]),
        ("conll", "conll", ["mentions", "kept", "4", "5", "0", "9"]),
        ("brat", "brat", ["mentions", "kept", "6", "3", "0", "9"]),
    ],
)
def test_other_people_s_formats_come_in_with_their_counts(
    tmp_path: Path, name: str, inputs: str, row: list[str]
) -> None:
    folder = tmp_path / "made" / "corpus"
    arguments = ("convert", IMPORTED / inputs, "--from", name, "--to", "corpus", "-o", folder)
    done = _run(*arguments)
    assert done.exit_code == 0, done.output
    assert row in [line.replace("│", " ").split() for line in done.stdout.splitlines()]
    assert done.stdout.endswith(f"written to {folder}\n")
    assert _run("validate", folder).exit_code == 0
    assert _run("stats", folder).exit_code == 0
    refused = _run(*arguments)
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (1, True)
    assert _run(*arguments, "--overwrite").exit_code == 0


def test_faults_of_annotations_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "train.conll").write_text("Rebels PER\nleft\n")
    done = _run("convert", tmp_path / "train.conll", "--to", "corpus", "-o", tmp_path / "corpus")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"{tmp_path / 'train.conll'}:1: 'PER' is no tag; tags are O, B-TYPE and I-TYPE",
        f"{tmp_path / 'train.conll'}:2: 'left' stands alone; a line is a token, a space or a tab, and its tag",
        "2 fault(s)",
    ]
    assert not (tmp_path / "corpus").exists()


def test_what_is_lost_and_not_read_is_told_on_standard_error(corpus: Path, tmp_path: Path) -> None:
    done = _run("convert", corpus, "--to", "conll", "-o", tmp_path / "conll")
    assert done.exit_code == 0, done.output
    assert "13 relations lost: CoNLL columns have no place for them" in done.stderr.splitlines()
    assert "2 statuses lost: CoNLL columns have no place for them" in done.stderr.splitlines()
    done = _run("convert", IMPORTED / "brat", "--to", "doccano", "-o", tmp_path / "lines.jsonl")
    assert "not read: notes.txt (has no .ann)" in done.stderr.splitlines()


def test_a_scheme_can_be_named(corpus: Path, tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.json"
    assert _run("convert", corpus, "--to", "label-studio", "-o", tasks).exit_code == 0
    back = tmp_path / "back"
    done = _run("convert", tasks, "--to", "corpus", "-o", back, "--schema", corpus / "schema.toml")
    assert done.exit_code == 0, done.output
    assert (back / "train.jsonl").read_bytes() == (corpus / "train.jsonl").read_bytes()


def test_an_undated_report_cannot_be_markup_of_the_corpus(tmp_path: Path) -> None:
    assert _run("convert", IMPORTED / "re3d", "--to", "corpus", "-o", tmp_path / "corpus").exit_code == 0
    refused = _run("to-markup", tmp_path / "corpus", "-o", tmp_path / "markup")
    assert refused.exit_code == 1
    assert f"{tmp_path / 'corpus' / 'train.jsonl'}:1: the report 'A1' has no date in reports.jsonl" in refused.stderr


def test_audit_lists_what_is_odd_until_it_is_reviewed(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(CORPUS / "schema.toml", corpus)
    header = "@report r{} | date=2020-01-01 | conflict=none | genre=test\n"
    good = "[Rebels|ARMED_GROUP a1] [shelled|SHELLING e1] the [camp|FAC f1].\n> e1 AGENT a1; e1 TARGET f1\n"
    odd = good.replace("ARMED_GROUP", "STATE_FORCE")
    reports = (header.format(number) + text for number, text in enumerate([*[good] * 8, odd]))
    (tmp_path / "train-x.ann").write_text("\n".join(reports))
    assert _run("from-markup", tmp_path / "train-x.ann", "-o", corpus).exit_code == 0

    shown = _run("audit", corpus)
    assert shown.exit_code == 0
    assert "STATE\\_FORCE here, rather ARMED\\_GROUP by other reports" in shown.stdout
    found = tmp_path / "audit.jsonl"
    done = _run("audit", corpus, "-o", found, "--check", "--kinds", "type-varies,count-missing")
    assert (done.exit_code, done.stdout) == (
        1,
        "1 findings, 0 judged right, 0 judged faults and still there, 1 not reviewed\n",
    )
    (finding,) = map(json.loads, found.read_text().splitlines())
    assert (finding["report"], finding["surface"]) == ("r8", "Rebels")
    refused = _run("audit", corpus, "-o", found)
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (1, True)

    (corpus / "audit-reviewed.jsonl").write_text(json.dumps({"id": finding["id"], "verdict": "right"}) + "\n")
    done = _run("audit", corpus, "-o", found, "--check", "--overwrite", "--limit", "5")
    assert done.exit_code == 0
    assert done.stdout.startswith("1 findings, 1 judged right, 0 judged faults and still there, 0 not reviewed;")
    assert found.read_text() == ""
    (tmp_path / "other.jsonl").write_text("")
    assert _run("audit", corpus, "--reviewed", tmp_path / "other.jsonl", "--check").exit_code == 1
    assert _run("audit", corpus, "--kinds", "types").exit_code == 1


def test_audit_compares_predictions(corpus: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "train.jsonl").read_text().splitlines()]
    report = rows[0]["report"]
    text = " ".join(row["text"] for row in rows if row["report"] == report)
    mention = {"id": "m0", "start": 0, "end": 3, "type": "PERSON", "text": text[:3], "status": None, "score": 0.99}
    line = {"id": report, "published": None, "text": text, "sentences": [], "mentions": [mention], "relations": []}
    (tmp_path / "p.jsonl").write_text(json.dumps(line) + "\n")
    done = _run("audit", corpus, "--predictions", tmp_path / "p.jsonl", "--kinds", "model-only")
    assert done.exit_code == 0
    assert "1 findings" in done.stdout
    assert "2 reports have no prediction" in done.stdout
    (tmp_path / "p.jsonl").write_text("no\n")
    refused = _run("audit", corpus, "--predictions", tmp_path / "p.jsonl")
    assert (refused.exit_code, f"{tmp_path / 'p.jsonl'}:1: not JSON" in refused.stderr) == (1, True)


def test_suggest_says_what_it_picked_and_ends_with_3_where_records_are_rejected(
    tmp_path: Path, tiny_model: Path
) -> None:
    texts = ["Rebels shelled Raqqa, and the army left Aleppo on Sunday.", "", "A storm destroyed two villages."]
    lines = [json.dumps({"id": f"r{number}", "text": text}) for number, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    out = tmp_path / "round1.json"
    done = _run("suggest", tmp_path / "in.jsonl", "--model", tiny_model, "-n", "1", "--to", "label-studio", "-o", out)
    assert done.exit_code == 3, done.output
    assert re.fullmatch(r"\d+\.\d\d errors a sentence expected in 'r[02]': .*\n", done.stdout)
    assert (
        "2 reports read, 1 of 1 suggested, 0 known from the corpus, 1 records rejected, 0 duplicate ids" in done.stderr
    )
    assert len(json.loads(out.read_text())) == 1
    (reject,) = (tmp_path / "round1.json.rejects.jsonl").read_text().splitlines()
    assert json.loads(reject)["line"] == 2
    refused = _run(
        "suggest", tmp_path / "in.jsonl", "--model", tiny_model, "-n", "1", "--to", "label-studio", "-o", out
    )
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (1, True)
