import re
from pathlib import Path

import pytest

from conflictspan.records import Mention, Report
from conflictspan.schema import Schema
from eval.baselines.relations import RelationWords, lines, relate

SCHEMA = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")
WORDS = RelationWords.load(nouns=["attack"])


def marked(*sentences: str) -> Report:
    """A report from sentences in markup: "[rebels|ARMED_GROUP] fled"."""
    text, mentions, ranges = "", [], []
    for sentence in sentences:
        begin = len(text)
        for piece in re.split(r"(\[[^]]*\])", sentence):
            surface, _, type_ = piece.strip("[]").partition("|")
            if type_:
                mentions.append(Mention(surface, len(text), len(text) + len(surface), type_))
            text += surface
        ranges.append((begin, len(text)))
        text += " "
    return Report("r", text[:-1], sentences=tuple(ranges), mentions=tuple(mentions))


def related(*sentences: str) -> set[tuple[str, str, str]]:
    return {(r.head, r.label, r.tail) for r in relate(marked(*sentences), SCHEMA).relations}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "[Rebels|ARMED_GROUP] [attacked|ATTACK] a [checkpoint|FAC] in [Taiz|LOC] on [Monday|TIME].",
            {
                ("attacked", "AGENT", "Rebels"),
                ("attacked", "TARGET", "checkpoint"),
                ("attacked", "PLACE", "Taiz"),
                ("attacked", "TIME", "Monday"),
                ("checkpoint", "LOCATED_IN", "Taiz"),
            },
        ),
        (
            "[Two|COUNT] [soldiers|STATE_FORCE] were [killed|DEATH] by [gunmen|ARMED_GROUP].",
            {("soldiers", "COUNT", "Two"), ("killed", "VICTIM", "soldiers"), ("killed", "AGENT", "gunmen")},
        ),
        (
            "[Shells|WEAPON] [hit|SHELLING] a [market|FAC], the [Observatory|ORG] said.",
            {
                ("hit", "INSTRUMENT", "Shells"),
                ("hit", "TARGET", "market"),
                ("hit", "SOURCE", "Observatory"),
            },
        ),
        (
            "The [Syrian Democratic Forces|ARMED_GROUP] ([SDF|ARMED_GROUP]) met.",
            {("SDF", "SAME_AS", "Syrian Democratic Forces")},
        ),
        (
            "A [market|FAC] in [Tabqa|LOC], in [Raqqa province|LOC], is quiet.",
            {("Tabqa", "LOCATED_IN", "Raqqa province"), ("market", "LOCATED_IN", "Tabqa")},
        ),
        ("It rained on [Monday|TIME].", set()),
    ],
)
def test_plain_sentences(sentence: str, expected: set[tuple[str, str, str]]) -> None:
    assert related(sentence) == expected


def test_mentions_stay_as_they_are_and_sentences_apart() -> None:
    report = marked("[Rebels|ARMED_GROUP] were seen.", "They [attacked|ATTACK].")
    assert relate(report, SCHEMA).mentions == report.mentions
    assert relate(report, SCHEMA).relations == ()


def test_relations_of_another_scheme_are_not_invented() -> None:
    other = Schema.parse('[entities]\nARMED_GROUP = ""\nLOC = ""\n[events]\nATTACK = ""\n')
    assert relate(marked("[Rebels|ARMED_GROUP] [attacked|ATTACK] [Taiz|LOC]."), other).relations == ()


def test_the_cues_of_a_pair() -> None:
    report = marked("[Rebels|ARMED_GROUP] said the [army|STATE_FORCE] had [shelled|SHELLING] [Taiz|LOC].")
    (line,) = lines(report, SCHEMA)
    assert line.keys(2, 1) == ("SHELLING < STATE_FORCE", "EVENT < STATE_FORCE")
    assert line.keys(2, 0) == ("SHELLING < ARMED_GROUP", "EVENT < ARMED_GROUP")
    near, far = line.cues(2, 1, WORDS), line.cues(2, 0, WORDS)
    assert {"e0", "r0", "g1", "=had", "v=act", "w=shelled", "t1", "h1", "t1+h1"} <= near
    assert {"r1", "s=say", "q=^", "h1"} <= far
    assert "t1" not in far


@pytest.mark.parametrize(
    ("sentence", "voice"),
    [
        ("The [attack|ATTACK] went on.", "noun"),
        ("It was heavily [shelled|SHELLING].", "pass"),
        ("They kept [shelling|SHELLING] it.", "ing"),
        ("They will [shell|SHELLING] it.", "inf"),
        ("Homes [shelled|SHELLING] by them fell.", "part"),
        ("They [shelled|SHELLING] it.", "act"),
    ],
)
def test_the_voice_of_a_trigger(sentence: str, voice: str) -> None:
    (line,) = lines(marked(sentence + " [Taiz|LOC]"), SCHEMA)
    assert f"v={voice}" in line.cues(0, 1, WORDS)
