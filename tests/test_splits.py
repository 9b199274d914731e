from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.corpus import load_report_infos
from conflictspan.rows import AnnotatedReport, ReportHeader, ReportInfo
from conflictspan.splits import SEED, assign_splits, draw_splits

CORPUS = Path(__file__).parents[1] / "data" / "annotations"


def _report(id_: str, origin: str) -> AnnotatedReport:
    header = ReportHeader(id=id_, date="2020-01-01", conflict="Mali", genre="newswire")
    return AnnotatedReport(header, (), origin, "f:1")


@given(st.lists(st.integers(8, 12), min_size=1, max_size=6), st.integers(0, 20), st.integers())
def test_a_draw_is_even_and_takes_the_size_asked_for(sizes: list[int], size: int, seed: int) -> None:
    groups = {str(g): [f"{g}-{i}" for i in range(n)] for g, n in enumerate(sizes)}
    size = min(size, 4 * len(groups))
    splits = draw_splits(groups, size, seed)
    assert splits.keys() == {id_ for ids in groups.values() for id_ in ids}
    for split in ("validation", "test"):
        by_group = Counter(dict.fromkeys(groups, 0))
        by_group.update(id_.split("-")[0] for id_, drawn in splits.items() if drawn == split)
        assert by_group.total() == size
        assert max(by_group.values()) - min(by_group.values()) <= 1


def test_a_draw_hangs_on_its_seed_alone() -> None:
    groups = {group: [f"{group}{i}" for i in range(20)] for group in "abc"}
    turned = {group: ids[::-1] for group, ids in reversed(groups.items())}
    assert draw_splits(groups, 10, 1) == draw_splits(turned, 10, 1)
    assert draw_splits(groups, 10, 1) != draw_splits(groups, 10, 2)


def test_a_group_with_too_few_reports_is_named() -> None:
    with pytest.raises(ValueError, match="'b' has too few reports"):
        draw_splits({"a": ["1", "2", "3"], "b": ["4"]}, 2, 0)


def test_a_report_keeps_its_split_and_a_new_one_goes_where_its_file_says() -> None:
    known = {"r1": ReportInfo(id="r1", date="2020-01-01", conflict="x", genre="y", split="test", origin="train-a1")}
    reports = [_report("r1", "train-a1"), _report("r2", "train-a1"), _report("r3", "validation-b"), _report("r4", "x")]
    infos = assign_splits(reports, known)
    assert [info.split for info in infos] == ["test", "train", "validation", "train"]
    assert infos[0].conflict == "Mali"


def test_the_splits_of_the_corpus_are_the_ones_that_were_drawn() -> None:
    # How many reports train-e* to train-q* had at the draw: e-001 to e-055, and so on. Later ones train.
    sizes = dict(zip("efghijklmnopq", (55, 50, 60, 54, 56, 106, 63, 70, 58, 70, 65, 68, 55), strict=True))
    drawn = draw_splits({g: [f"{g}-{n:03}" for n in range(1, size + 1)] for g, size in sizes.items()}, 40, SEED)
    infos = load_report_infos(CORPUS)
    assert {id_: infos[id_].split for id_ in drawn} == drawn
    for id_, info in infos.items():
        if id_ not in drawn:
            assert info.origin.startswith(f"{info.split}-")
