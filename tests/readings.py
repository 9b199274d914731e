"""A small label scheme and random pairs of readings of one report, for the tests of the harness."""

from __future__ import annotations

from hypothesis import strategies as st

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema

SCHEMA = Schema.parse(
    """
    name = "small"
    statuses = ["planned"]
    max_sentence_gap = 1
    [entities]
    GROUP = ""
    LOC = ""
    [events]
    ATTACK = ""
    RAID = ""
    [relations.AGENT]
    head = ["@events"]
    tail = ["GROUP"]
    cross_sentence = true
    [relations.SOURCE]
    head = ["@events"]
    tail = ["GROUP"]
    [relations.PLACE]
    head = ["@events"]
    tail = ["LOC"]
    [relations.ALLY_OF]
    head = ["GROUP"]
    tail = ["GROUP"]
    order = "head_first"
    [relations.SAME_AS]
    head = ["@entities"]
    tail = ["@entities"]
    same_type = true
    order = "tail_first"
    """
)
LENGTH = 30


@st.composite
def mentions(draw: st.DrawFn, prefix: str) -> tuple[Mention, ...]:
    """Flat spans of any type."""
    cuts = draw(st.lists(st.integers(0, LENGTH), unique=True, max_size=12).map(sorted))
    found = []
    for index, (start, end) in enumerate(zip(cuts[::2], cuts[1::2], strict=False)):
        type_ = draw(st.sampled_from(SCHEMA.types))
        status = draw(st.sampled_from([None, "planned"])) if SCHEMA.is_event(type_) else None
        found.append(Mention(f"{prefix}{index}", start, end, type_, status))
    return tuple(found)


@st.composite
def relations(draw: st.DrawFn, between: tuple[Mention, ...]) -> tuple[Relation, ...]:
    """Any relations between mentions, some of them twice, whether the scheme allows them or not."""
    if not between:
        return ()
    ends = st.sampled_from([mention.id for mention in between])
    return tuple(draw(st.lists(st.builds(Relation, ends, st.sampled_from(SCHEMA.labels), ends), max_size=8)))


@st.composite
def readings(draw: st.DrawFn) -> tuple[Report, Report]:
    """Two readings of one text; the second keeps some mentions and relations of the first, so that much is right."""
    text = "x" * LENGTH
    gold_mentions = draw(mentions("g"))
    gold_relations = draw(relations(gold_mentions))
    found = draw(mentions("p"))
    kept = [m for m in gold_mentions if all(m.end <= p.start or p.end <= m.start for p in found)]
    found = tuple(sorted((*found, *kept), key=lambda m: m.start))
    ids = {m.id for m in found}
    right = tuple(r for r in gold_relations if {r.head, r.tail} <= ids and draw(st.booleans()))
    return (
        Report("r", text, sentences=((0, 10), (10, 20), (20, 30)), mentions=gold_mentions, relations=gold_relations),
        Report("r", text, sentences=((0, 15), (15, 30)), mentions=found, relations=(*right, *draw(relations(found)))),
    )
