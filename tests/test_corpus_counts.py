import shutil
from pathlib import Path

import pytest

from conflictspan.corpus import read_corpus
from conflictspan.corpus_counts import BEGIN, END, count_corpus, format_counts, write_counts
from conflictspan.errors import InputError
from conflictspan.markup_files import import_markup

FIXTURES = Path(__file__).parent / "fixtures" / "markup"
CORPUS = Path(__file__).parents[1] / "data" / "annotations"


def test_counts_of_a_small_corpus(tmp_path: Path) -> None:
    shutil.copy(CORPUS / "schema.toml", tmp_path)
    markup = tmp_path / "train-x.ann"
    markup.write_text(
        "@report x-1 | date=2020-05-05 | conflict=Chad | genre=newswire\n"
        "[Rebels|ARMED_GROUP a1] came.\n"
        "They will [attack|ATTACK e1 planned] [Moussoro|LOC p1], which [fell|CAPTURE e2 denied].\n"
        "> e1 AGENT a1; e1 PLACE p1; e2 PLACE p1\n"
    )
    import_markup([markup, FIXTURES / "validation-f2.ann"], tmp_path)
    tables = count_corpus(read_corpus(tmp_path))
    assert {name: tuple(row.values()) for name, row in tables["Sizes"].items()} == {
        "reports": (1, 1, 0),
        "sentences": (2, 1, 0),
        "sentences without a span": (0, 1, 0),
        "entity spans": (2, 0, 0),
        "event triggers": (2, 0, 0),
        "triggers, planned": (1, 0, 0),
        "triggers, denied": (1, 0, 0),
        "relations": (3, 0, 0),
        "relations across sentences": (1, 0, 0),
    }
    assert tables["Relations"]["PLACE"] == {"train": 2, "validation": 0, "test": 0}
    assert tables["Entity spans"]["LOC"]["train"] == tables["Event triggers"]["CAPTURE"]["train"] == 1
    assert "\n| PLACE | 2 | 0 | 0 | 2 |" in format_counts(tables)


def test_only_the_counts_of_a_card_are_written(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_counts(card, {"Sizes": {"reports": {"train": 1200, "validation": 30, "test": 4}}})
    table = (
        "| Sizes | train | validation | test | all |\n|---|---:|---:|---:|---:|\n| reports | 1,200 | 30 | 4 | 1,234 |"
    )
    assert card.read_text() == f"before\n{BEGIN}\n{table}\n{END}\nafter\n"


def test_a_card_without_a_place_for_the_counts_is_left_alone(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("no place")
    with pytest.raises(InputError, match="no place for the counts"):
        write_counts(card, {})
    assert card.read_text() == "no place"


def test_the_data_card_has_the_counts_of_the_corpus() -> None:
    card = (CORPUS / "README.md").read_text(encoding="utf-8")
    counts = format_counts(count_corpus(read_corpus(CORPUS)))
    assert f"{BEGIN}\n{counts}\n{END}" in card, "run `conflictspan annotations stats data/annotations --write-card`"
