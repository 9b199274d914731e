from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.records import Mention, Relation, Report
from eval.match import Pair, match_mentions, match_report
from eval.relaxed import alias_clusters, match_bounds, match_overlapping, match_resolved


def span(id_: str, start: int, end: int, type_: str = "LOC") -> Mention:
    return Mention(id_, start, end, type_)


def paired(pairs: Sequence[Pair[Mention]]) -> dict[str, str]:
    return {pair.gold.id: pair.predicted.id for pair in pairs if pair.gold and pair.predicted}


@pytest.mark.parametrize(
    ("start", "end", "type_", "overlaps"),
    [
        (10, 20, "LOC", True),
        (19, 25, "LOC", True),  # the last character
        (5, 11, "LOC", True),  # the first
        (20, 25, "LOC", False),  # begins where it ends
        (5, 10, "LOC", False),  # ends where it begins
        (12, 14, "LOC", True),  # inside
        (5, 25, "LOC", True),  # around
        (10, 20, "ORG", False),  # another type
    ],
)
def test_one_shared_character_of_the_same_type_is_an_overlap(start: int, end: int, type_: str, overlaps: bool) -> None:
    gold, predicted = span("g", 10, 20), span("p", start, end, type_)
    pairs = match_overlapping([gold], [predicted])
    assert pairs == ((Pair(gold, predicted),) if overlaps else (Pair(gold, None), Pair(None, predicted)))


def test_each_mention_answers_one_only() -> None:
    # One prediction over two gold mentions, which share 3 and 5 characters with it; the larger share wins.
    one, other, wide = span("g1", 0, 3), span("g2", 4, 9), span("p", 0, 9)
    assert match_overlapping([one, other], [wide]) == (Pair(one, None), Pair(other, wide))
    assert match_overlapping([wide], [one, other]) == (Pair(wide, other), Pair(None, one))


def test_more_pairs_go_before_more_characters() -> None:
    # a-x shares 1 character, a-y 8, b-y 1. Two pairs (a-x, b-y) are better than a-y alone.
    a, b = span("a", 0, 10), span("b", 10, 12)
    x, y = span("x", 0, 1), span("y", 2, 11)
    assert paired(match_overlapping([a, b], [x, y])) == {"a": "x", "b": "y"}


Flat = list[Mention]


@st.composite
def flat(draw: st.DrawFn, prefix: str) -> Flat:
    cuts = sorted(draw(st.sets(st.integers(0, 16), max_size=8)))
    types = draw(st.lists(st.sampled_from(["LOC", "LOC", "ORG", None]), min_size=8, max_size=8))
    spans = zip(cuts, cuts[1:], types, strict=False)
    return [Mention(f"{prefix}{start}", start, end, type_) for start, end, type_ in spans if type_]


def best_by_trying_all(gold: Flat, predicted: Flat) -> tuple[int, int]:
    """The most pairs and, with so many, the most shared characters, over all ways to pair."""
    if not gold:
        return 0, 0
    first, rest = gold[0], gold[1:]
    best = best_by_trying_all(rest, predicted)
    for mention in predicted:
        shared = len({*range(first.start, first.end)} & {*range(mention.start, mention.end)})
        if shared and mention.type == first.type:
            pairs, characters = best_by_trying_all(rest, [m for m in predicted if m is not mention])
            best = max(best, (pairs + 1, characters + shared))
    return best


@given(flat("g"), flat("p"))
def test_the_pairing_is_the_best_of_all(gold: Flat, predicted: Flat) -> None:
    pairs = match_overlapping(gold, predicted)
    assert sorted(p.gold.id for p in pairs if p.gold) == sorted(m.id for m in gold)
    assert sorted(p.predicted.id for p in pairs if p.predicted) == sorted(m.id for m in predicted)
    both = [(p.gold, p.predicted) for p in pairs if p.gold and p.predicted]
    shared = sum(min(g.end, p.end) - max(g.start, p.start) for g, p in both)
    assert (len(both), shared) == best_by_trying_all(gold, predicted)


@given(flat("g"), flat("p"))
def test_strict_pairs_are_kept(gold: Flat, predicted: Flat) -> None:
    strict = paired(match_mentions(gold, predicted))
    assert strict.items() <= paired(match_overlapping(gold, predicted)).items()
    assert strict.items() <= paired(match_bounds(gold, predicted)).items()


def test_bounds_without_types() -> None:
    gold, other_type, longer = span("g", 0, 4), span("p", 0, 4, "ORG"), span("p", 0, 5)
    assert match_bounds([gold], [other_type]) == (Pair(gold, other_type),)
    assert match_bounds([gold], [longer]) == (Pair(gold, None), Pair(None, longer))


SPANS = tuple(span(id_, 2 * i, 2 * i + 1) for i, id_ in enumerate("abcdef"))
ALIASES = (Relation("b", "SAME", "a"), Relation("c", "SAME", "b"))  # one cluster: a, b, c


def resolved(
    gold: tuple[Relation, ...], predicted: tuple[Relation, ...], spans: tuple[Mention, ...] = SPANS
) -> tuple[Pair[Relation], ...]:
    text = "x" * 12
    match = match_report(
        Report("r", text, mentions=SPANS, relations=gold), Report("r", text, mentions=spans, relations=predicted)
    )
    return match_resolved(match, {"SAME"})


def test_clusters_go_over_any_number_of_steps_in_either_direction() -> None:
    arcs = (
        Relation("a", "SAME", "b"),
        Relation("c", "SAME", "b"),
        Relation("d", "SAME", "e"),
        Relation("e", "IN", "f"),
    )
    of = alias_clusters(Report("r", "x" * 12, mentions=SPANS, relations=arcs), {"SAME"})
    assert of["a"] == of["b"] == of["c"]
    assert of["d"] == of["e"]
    assert len({of["a"], of["d"], of["f"]}) == 3


@pytest.mark.parametrize(
    ("predicted", "right"),
    [
        (Relation("d", "IN", "a"), True),
        (Relation("d", "IN", "c"), True),  # over two aliases
        (Relation("d", "IN", "e"), False),
        (Relation("e", "IN", "a"), False),
        (Relation("d", "AT", "c"), False),
        (Relation("c", "IN", "d"), False),  # head and tail swapped
    ],
)
def test_an_end_may_be_any_mention_of_the_gold_ends_cluster(predicted: Relation, right: bool) -> None:
    gold = Relation("d", "IN", "a")
    pairs = resolved((*ALIASES, gold), (predicted,))
    assert (Pair(gold, predicted) in pairs) == right
    assert (Pair(None, predicted) in pairs) != right


def test_the_systems_own_aliases_join_nothing() -> None:
    gold, predicted = Relation("d", "IN", "a"), Relation("d", "IN", "e")
    pairs = resolved((gold,), (Relation("e", "SAME", "a"), predicted))
    assert Pair(None, predicted) in pairs


def test_a_relation_answers_one_gold_relation_and_strict_pairs_stand() -> None:
    first, second = Relation("d", "IN", "a"), Relation("d", "IN", "b")
    strict, other, third = Relation("d", "IN", "b"), Relation("d", "IN", "c"), Relation("d", "IN", "a")
    assert resolved((*ALIASES, first, second), (other, strict))[2:] == (Pair(first, other), Pair(second, strict))
    # Two other names for one gold relation: the first statement is right, the second one too many.
    assert resolved((*ALIASES, first), (strict, other))[2:] == (Pair(first, strict), Pair(None, other))
    # Three statements where gold has two: the one too many is wrong.
    assert resolved((*ALIASES, first, second), (other, strict, third))[2:] == (
        *(Pair(first, third), Pair(second, strict), Pair(None, other)),
    )


def test_the_predicted_span_itself_must_be_strictly_right() -> None:
    longer = (*SPANS[:2], span("c", 4, 6), *SPANS[3:])
    gold, predicted = Relation("d", "IN", "a"), Relation("d", "IN", "c")
    assert Pair(None, predicted) in resolved((*ALIASES, gold), (predicted,), longer)


def test_aliases_themselves_stay_strict() -> None:
    wrong = Relation("c", "SAME", "a")
    assert resolved(ALIASES, (ALIASES[0], wrong)) == (
        *(Pair(ALIASES[0], ALIASES[0]), Pair(ALIASES[1], None), Pair(None, wrong)),
    )
