from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.corpus import load_corpus
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from training.renaming import Renamer, name_form

CORPUS = Path(__file__).parents[1] / "data/annotations"
VALIDATION = load_corpus(CORPUS, "validation")
RANDOM = [random.Random(seed) for seed in range(50)]  # noqa: S311
REPORT = Report(
    "r",
    "SDF fighters took Tabqa. Tabqa fell to the SDF, Rami Aziz said on Sunday.",
    sentences=((0, 24), (25, 73)),
    mentions=(
        Mention("a1", 0, 12, "ARMED_GROUP"),
        Mention("e1", 13, 17, "CAPTURE"),
        Mention("p1", 18, 23, "LOC"),
        Mention("p2", 25, 30, "LOC"),
        Mention("e2", 31, 35, "CAPTURE"),
        Mention("a2", 43, 46, "ARMED_GROUP"),
        Mention("h1", 48, 57, "PERSON"),
        Mention("t1", 66, 72, "TIME"),
    ),
    relations=(Relation("e1", "PLACE", "p1"),),
)
OTHER = Report(
    "o",
    "ELN, Cúcuta, Ana de la Cruz, Luz Ríos, Monday, March, at dawn, overnight, at noon, at dusk, at night",
    mentions=(
        Mention("a", 0, 3, "ARMED_GROUP"),
        Mention("p", 5, 11, "LOC"),
        Mention("h", 13, 27, "PERSON"),
        Mention("i", 29, 37, "PERSON"),
        Mention("t", 39, 45, "TIME"),
        *(Mention(f"t{i}", 57, 61, "TIME") for i in range(9)),
    ),
)


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("ELN", "acronym"),
        ("Taiz", "name1"),
        ("al-Bab", "name1"),
        ("Abu Omar", "name2"),
        ("Army of the North", None),
        ("two villages", None),
        ("Free Syrian Army Northern Front", "name3"),
        ("X", "name1"),
    ],
)
def test_forms(words: str, form: str | None) -> None:
    assert name_form(words) == form


def test_a_name_is_swapped_for_one_of_its_type_and_form_wherever_it_stands(schema: Schema) -> None:
    renamer = Renamer([OTHER], schema)
    texts = {renamer.rename(REPORT, rng).text for rng in RANDOM}
    assert texts == {
        f"SDF fighters took {place}. {place} fell to the {group}, {person} said on Sunday."
        for place in ("Tabqa", "Cúcuta")
        for group in ("SDF", "ELN")
        for person in ("Rami Aziz", "Luz Ríos")
    }, "not the description, not the day: most of what is TIME is no name"


def test_a_noun_at_the_head_of_a_sentence_is_no_name(schema: Schema) -> None:
    mentions = (Mention("a", 0, 6, "STATE_FORCE"), Mention("b", 19, 25, "STATE_FORCE"))
    told = Report("n", "Police shot at the police.", sentences=((0, 26),), mentions=mentions)
    named = Report("o", "FSB", mentions=(Mention("a", 0, 3, "STATE_FORCE"), Mention("b", 0, 3, "STATE_FORCE")))
    renamer = Renamer([told, named, Report("p", "Berkut", mentions=(Mention("a", 0, 6, "STATE_FORCE"),))], schema)
    assert {renamer.rename(told, rng).text for rng in RANDOM} == {told.text}
    berkut = Report("q", "Berkut shot.", sentences=((0, 12),), mentions=(Mention("a", 0, 6, "STATE_FORCE"),))
    assert {renamer.rename(berkut, rng).text for rng in RANDOM} == {"Berkut shot."}, "nor is it given as one"


def test_annotation_and_sentences_move_with_the_text(schema: Schema) -> None:
    renamer = Renamer([OTHER], schema)
    renamed = next(r for rng in RANDOM if "Cúcuta" in (r := renamer.rename(REPORT, rng)).text and "ELN" in r.text)
    start, end = renamed.sentences[0]
    assert renamed.text[start:end] == "SDF fighters took Cúcuta."
    surfaces = {m.id: renamed.text[m.start : m.end] for m in renamed.mentions}
    assert surfaces["p1"] == surfaces["p2"] == "Cúcuta"
    assert {surfaces[i] for i in ("a1", "e1", "e2", "a2", "t1")} == {"SDF fighters", "took", "fell", "ELN", "Sunday"}
    assert renamed.relations == REPORT.relations
    assert [(m.id, m.type, m.status) for m in renamed.mentions] == [(m.id, m.type, m.status) for m in REPORT.mentions]


@given(rng=st.randoms(use_true_random=False), number=st.integers(0, len(VALIDATION) - 1))
def test_what_is_between_the_mentions_of_real_reports_never_changes(rng: random.Random, number: int) -> None:
    report = VALIDATION[number]
    renamed = Renamer(VALIDATION[:20], Schema.load(CORPUS / "schema.toml")).rename(report, rng)

    def gaps(r: Report) -> list[str]:
        borders = [0, *(offset for m in sorted(r.mentions, key=lambda m: m.start) for offset in (m.start, m.end))]
        return [r.text[a:b] for a, b in zip(borders[::2], [*borders[1::2], len(r.text)], strict=True)]

    assert gaps(renamed) == gaps(report)
    assert len(renamed.sentences) == len(report.sentences)
    for (start, end), (a, b) in zip(renamed.sentences, report.sentences, strict=True):
        assert sum(start <= m.start < end for m in renamed.mentions) == sum(a <= m.start < b for m in report.mentions)
