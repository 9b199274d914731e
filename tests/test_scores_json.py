import json

from eval.scores_json import scores_json
from tests.evaluations import EVALUATION, PROVENANCE


def test_scores_json_has_what_its_schema_says() -> None:
    data = json.loads(json.dumps(scores_json(EVALUATION, PROVENANCE), allow_nan=False))
    score = {"tp": 3, "predicted": 4, "gold": 6, "precision": 0.75, "recall": 0.5, "f1": 0.6}
    entities = data["systems"][0]["scores"]["all"]["entities"]
    assert {key: entities[key] for key in score} == score
    assert entities["interval"] == [0.512345, 0.698765]
    assert list(entities["parts"]) == ["LOC", "ORG", "FAC"]
    assert entities["parts"]["LOC"]["gold"] == 5
    assert entities["parts"]["FAC"]["interval"] is None
    assert data["systems"][1]["seconds"] == {"extract": 0.5, "relate": 0.0}
    assert list(data["systems"][1]["scores"]) == ["all", "seen", "unseen"]
    assert data["differences"][1] == {
        "reports": "unseen",
        "score": "entities",
        "other": "memory",
        "value": -0.1,
        "interval": None,
        "p": None,
        "p_holm": None,
    }
    assert (data["differences"][0]["p"], data["differences"][0]["p_holm"]) == (0.0002, 0.0123)
    assert data["systems"][0]["slices"]["length"]["long"]["entities"]["gold"] == 6
    assert data["systems"][1]["slices"] == {}
    del data["systems"], data["differences"]
    assert data == {
        "split": "test",
        "data_file": "test.jsonl",
        "data_sha256": "ab12",
        "schema": "small",
        "model_path": "models/x",
        "model_sha256": "cd34",
        "model_run": None,
        "versions": {"python": "3.11.7"},
        "unseen_conflicts": ["Chad", "Cyprus"],
        "bootstrap": {"seed": 7, "draws": 100, "level": 0.95},
        "reports": {"all": 5, "seen": 4, "unseen": 1},
        "slices": {"length": {"short": 5, "long": 4}},
        "compared": None,
    }
