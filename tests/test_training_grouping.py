"""Folds by report, region and writer."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.corpus import ReportInfo, load_report_infos
from conflictspan.errors import ConfigError, InputError
from tests.conftest import REPOSITORY
from training.grouping import By, deal, group_reports, region_of, writer_of

CORPUS = REPOSITORY / "data" / "annotations"


def info(id_: str, conflict: str, origin: str) -> ReportInfo:
    return ReportInfo(id=id_, date="2020-01-01", conflict=conflict, genre="newswire", split="train", origin=origin)


REPORTS = [
    info("1", "Syria", "train-b1"),
    info("2", "Peru VRAEM", "validation-a12"),
    info("3", "Turkey/Iraq", "test-b2"),
]


@given(st.lists(st.integers(), unique=True), st.integers(1, 9), st.integers())
def test_everything_is_dealt_once_and_evenly(items: list[int], hands: int, seed: int) -> None:
    dealt = deal(items, hands, seed=seed)
    assert sorted(item for hand in dealt for item in hand) == sorted(items)
    sizes = [len(hand) for hand in dealt]
    assert len(sizes) == hands
    assert max(sizes) - min(sizes) <= 1
    assert deal(items, hands, seed=seed) == dealt


@pytest.mark.parametrize(
    ("conflict", "region"),
    [
        ("Syria", "Middle East and North Africa"),
        ("Iran (Sistan-Baluchestan)", "Middle East and North Africa"),
        ("Western Sahara", "Middle East and North Africa"),
        ("Turkey-PKK", "Middle East and North Africa"),
        ("Libya", "Middle East and North Africa"),
        ("Chad-Libya", "sub-Saharan Africa"),  # the first named
        ("Libya-Chad", "Middle East and North Africa"),
        ("Niger", "sub-Saharan Africa"),
        ("Nigeria (Niger Delta protests)", "sub-Saharan Africa"),
        ("Guinea", "sub-Saharan Africa"),
        ("Gulf of Guinea", "sub-Saharan Africa"),
        ("Central African Republic", "sub-Saharan Africa"),
        ("South Sudan", "sub-Saharan Africa"),
        ("Papua New Guinea", "East and South-East Asia and Pacific"),  # not Guinea
        ("Indonesia (Papua)", "East and South-East Asia and Pacific"),
        ("Thailand-Cambodia border", "East and South-East Asia and Pacific"),
        ("India (Manipur)", "South and Central Asia"),
        ("Tajik-Kyrgyz border", "South and Central Asia"),
        ("Pakistan Balochistan", "South and Central Asia"),
        ("Georgia 2008", "Europe, Russia and the Caucasus"),
        ("nagorno-karabakh", "Europe, Russia and the Caucasus"),
        ("Central America", "the Americas"),
        ("Falklands", "the Americas"),
        ("none", "none or several"),
        ("several", "none or several"),
        ("Second World War", "none or several"),
        ("Indiana", None),  # whole words
        ("Nigerien border", None),
        ("unknown", None),
    ],
)
def test_the_keyword_that_stands_first_has_the_conflict(conflict: str, region: str | None) -> None:
    assert region_of(conflict) == region


def test_no_conflict_of_the_corpus_falls_through_and_every_region_has_a_share() -> None:
    infos = load_report_infos(CORPUS).values()
    assert {info.conflict for info in infos if region_of(info.conflict) is None} == set()
    regions = [region_of(info.conflict) for info in infos]
    shares = {region: regions.count(region) / len(regions) for region in set(regions)}
    assert len(shares) == 7
    assert all(0.02 < share < 0.4 for share in shares.values()), shares


def test_no_keyword_stands_twice_and_all_are_lower_case() -> None:
    table = tomllib.loads((REPOSITORY / "training" / "regions.toml").read_text(encoding="utf-8"))
    keywords = [keyword for region in table["regions"] for keyword in region["keywords"]]
    assert len(keywords) == len(set(keywords))
    assert keywords == [keyword.casefold() for keyword in keywords]


@pytest.mark.parametrize(
    ("origin", "writer"),
    [
        ("train-a1", "a"),
        ("train-j11", "j"),
        ("validation-r1", "r"),
        ("test-t4", "t"),
        ("train-a", None),
        ("a1", None),
        ("train-A1", None),
        ("train-a1.b2", None),
        ("train-a1\n", None),
    ],
)
def test_the_letter_of_the_file_is_the_writer(origin: str, writer: str | None) -> None:
    assert writer_of(origin) == writer


def test_every_report_of_the_corpus_has_a_writer() -> None:
    infos = load_report_infos(CORPUS).values()
    assert {info.origin for info in infos if writer_of(info.origin) is None} == set()


def test_folds_by_report_are_numbered() -> None:
    folds = group_reports(REPORTS, by=By.report, folds=2, seed=1)
    assert {name: len(ids) for name, ids in folds.items()} == {"0": 2, "1": 1}
    assert len(group_reports(REPORTS * 2, by=By.report, folds=None, seed=1)) == 5


def test_folds_by_region_and_writer_have_names_fit_for_a_folder() -> None:
    by_region = group_reports(REPORTS, by=By.region, folds=None, seed=1)
    assert list(by_region.items()) == [("middle-east-and-north-africa", ["1", "3"]), ("the-americas", ["2"])]
    by_writer = group_reports(REPORTS, by=By.writer, folds=None, seed=1)
    assert list(by_writer.items()) == [("a", ["2"]), ("b", ["1", "3"])]


@pytest.mark.parametrize("by", [By.region, By.writer])
def test_a_number_of_folds_goes_with_random_ones_only(by: By) -> None:
    with pytest.raises(ConfigError, match=f"--folds 3: by {by} .* leave it out"):
        group_reports(REPORTS, by=by, folds=3, seed=1)


def test_all_conflicts_and_origins_that_fit_nowhere_are_named() -> None:
    strays = [*REPORTS, info("4", "Atlantis", "x"), info("5", "../Mu", "train-1"), info("6", "Atlantis", "x")]
    with pytest.raises(InputError, match=r"conflict '\.\./Mu', 'Atlantis'; add .* training/regions\.toml"):
        group_reports(strays, by=By.region, folds=None, seed=1)
    with pytest.raises(InputError, match="origin 'train-1', 'x'; name"):
        group_reports(strays, by=By.writer, folds=None, seed=1)
    assert group_reports(strays, by=By.report, folds=2, seed=1), "which random folds do not mind"
