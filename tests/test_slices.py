from __future__ import annotations

import pytest

from conflictspan.corpus import ReportInfo, load_report_infos
from conflictspan.records import Report
from eval.slices import genre_family, group_reports, length_bucket, slice_reports
from tests.conftest import REPOSITORY


def info(id_: str, conflict: str, genre: str) -> ReportInfo:
    return ReportInfo(id=id_, date="2020-01-01", conflict=conflict, genre=genre, split="test", origin="x")


def test_reports_are_grouped_by_conflicts_seen_in_training() -> None:
    assert group_reports(["a", "b", "c"], {"b", "z"}) == {"all": [0, 1, 2], "seen": [0, 2], "unseen": [1]}
    assert group_reports(["a", "b"], {"z"}) == {"all": [0, 1]}
    assert group_reports(["a"], {"a"}) == {"all": [0]}


@pytest.mark.parametrize(
    ("genre", "family"),
    [
        ("newswire", "news agencies"),
        ("agency-urgent", "news agencies"),
        ("Agency Wire", "news agencies"),
        ("agency quoting agency", "news agencies"),
        ("national daily", "newspapers and news sites"),
        ("live-blog", "broadcast and live"),  # before "blog"
        ("local-blog", "social media and blogs"),
        ("rebel-statement", "armed groups"),  # before "statement"
        ("defence-ministry daily briefing", "governments and armies"),  # before "daily"
        ("UN human-rights note", "UN and humanitarian"),  # before "rights"
        ("journalists' union statement", "monitors and rights groups"),  # "un" is a word by itself
        ("encyclopaedia article on an armed group", "reference and history"),  # a beginning of a word
        ("court-report", "police and courts"),
        ("think-tank daily update", "analysis and features"),
        ("company-notice", "other"),
        ("", "other"),
    ],
)
def test_the_first_family_with_a_fitting_keyword_has_the_genre(genre: str, family: str) -> None:
    assert genre_family(genre) == family


def test_nearly_all_reports_of_the_corpus_have_a_family_and_none_has_them_all() -> None:
    infos = load_report_infos(REPOSITORY / "data" / "annotations").values()
    families = [genre_family(info.genre) for info in infos]
    counts = {family: families.count(family) for family in set(families)}
    assert len(counts) >= 10
    assert counts["other"] < 0.01 * len(families)
    assert max(counts.values()) < 0.3 * len(families)


@pytest.mark.parametrize(
    ("words", "bucket"),
    [
        (0, "up to 100 words"),
        (100, "up to 100 words"),
        (101, "101 to 150 words"),
        (150, "101 to 150 words"),
        (151, "151 to 200 words"),
        (201, "201 to 400 words"),
        (400, "201 to 400 words"),
        (401, "over 400 words"),
    ],
)
def test_lengths_by_hand(words: int, bucket: str) -> None:
    assert length_bucket("word,\n " * words) == bucket


def test_every_report_stands_in_one_slice_of_each_kind() -> None:
    reports = [Report("a", "x " * 120), Report("b", "x"), Report("c", "x " * 120)]
    infos = {
        "a": info("a", "Syria", "newswire"),
        "b": info("b", "Yemen", "wire"),
        "c": info("c", "Syria", "court report"),
    }
    assert slice_reports(reports, infos) == {
        "conflict": {"Syria": [0, 2], "Yemen": [1]},
        "genre": {"news agencies": [0, 1], "police and courts": [2]},
        "length": {"up to 100 words": [1], "101 to 150 words": [0, 2]},
    }
    assert list(slice_reports(reports, infos)["length"]) == ["up to 100 words", "101 to 150 words"]


def test_without_knowledge_of_the_reports_only_their_length_parts_them() -> None:
    assert list(slice_reports([Report("a", "x")], {})) == ["length"]
