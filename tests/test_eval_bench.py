from __future__ import annotations

import json
from pathlib import Path

import eval.bench as command
from conflictspan.corpus import load_corpus
from conflictspan.rows import SPLITS
from conflictspan.schema import Schema
from eval.bench import made_up
from eval.match import check_report, match_report
from tests.conftest import REPOSITORY
from tests.evaluations import invoke

CORPUS = REPOSITORY / "data" / "annotations"


def test_made_up_readings_are_sound_and_about_as_good_as_a_models(schema: Schema) -> None:
    gold = load_corpus(CORPUS, "validation")
    for keep_spans in (False, True):
        read = made_up(gold, schema, seed=0, keep_spans=keep_spans)
        for report in read:
            check_report(report, schema, source="made up")
        pairs = [pair for match in map(match_report, gold, read) for pair in match.relations]
        right = sum(pair.gold is not None and pair.predicted is not None for pair in pairs)
        assert 0.3 < right / sum(pair.gold is not None for pair in pairs) < 0.95
        assert [report.mentions == other.mentions for report, other in zip(gold, read, strict=True)].count(True) == (
            len(gold) if keep_spans else 0
        )


def test_the_benchmark_says_how_long_scoring_takes(tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_text('[entities]\nLOC = ""\n[relations.IN]\nhead = ["LOC"]\ntail = ["LOC"]')
    for split in SPLITS:
        mentions = [{"id": "a", "start": 0, "end": 4, "type": "LOC"}, {"id": "b", "start": 6, "end": 11, "type": "LOC"}]
        relations = [{"head": "a", "label": "IN", "tail": "b"}]
        line = {"report": split, "sentence": 0, "text": "Taiz, Yemen", "mentions": mentions, "relations": relations}
        (tmp_path / f"{split}.jsonl").write_text(json.dumps(line))
    result = invoke(command.main, "--reports", "30", "--data", tmp_path)
    assert result.exit_code == 0, result.output
    assert "s for 30 reports" in result.output
