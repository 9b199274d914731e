from __future__ import annotations

import numpy as np

from conflictspan.candidates import CandidatePairs, MentionArrays, PairRules, candidate_pairs
from conflictspan.schema import Schema

SCHEMA = Schema.parse(
    """
    max_sentence_gap = 2
    [entities]
    ORG = ""
    LOC = ""
    [events]
    ATTACK = ""
    [relations.AGENT]
    head = ["@events"]
    tail = ["ORG"]
    cross_sentence = true
    [relations.PLACE]
    head = ["@events"]
    tail = ["LOC"]
    [relations.SAME_AS]
    head = ["@entities"]
    tail = ["@entities"]
    same_type = true
    order = "tail_first"
    """
)
RULES = PairRules(SCHEMA)


def mentions(*rows: tuple[int, int, int, str]) -> MentionArrays:
    """From (first word, last word, sentence, type)."""
    first, last, sentence, types = zip(*rows, strict=True)
    return MentionArrays(
        np.array(first), np.array(last), np.array(sentence), np.array([SCHEMA.types.index(t) for t in types])
    )


def triples(pairs: CandidatePairs) -> set[tuple[int, str, int]]:
    return {
        (int(pairs.heads[row]), SCHEMA.labels[label], int(pairs.tails[row]))
        for row, label in np.argwhere(pairs.allowed)
    }


def test_within_a_sentence_every_allowed_pair_in_its_order() -> None:
    found = candidate_pairs(mentions((0, 0, 0, "ORG"), (2, 2, 0, "ORG"), (3, 3, 0, "ATTACK"), (5, 5, 0, "LOC")), RULES)
    assert triples(found) == {(2, "AGENT", 0), (2, "AGENT", 1), (2, "PLACE", 3), (1, "SAME_AS", 0)}


def test_over_sentences_only_what_may_cross_only_backwards_and_not_too_far() -> None:
    found = candidate_pairs(
        mentions((0, 0, 0, "ORG"), (9, 9, 1, "ORG"), (11, 11, 1, "LOC"), (20, 20, 3, "ATTACK"), (30, 30, 4, "ORG")),
        RULES,
    )
    assert triples(found) == {(3, "AGENT", 1)}  # sentence 0 is three back, PLACE does not cross, sentence 4 comes later


def test_only_pairs_whose_later_mention_is_asked_for() -> None:
    rows = mentions((0, 0, 0, "ORG"), (1, 1, 0, "ATTACK"), (9, 9, 1, "ORG"), (12, 12, 1, "ATTACK"))
    found = candidate_pairs(rows, RULES, asked=np.array([False, False, True, True]))
    assert triples(found) == {(3, "AGENT", 0), (3, "AGENT", 2)}


def test_features_tell_distance_side_gap_and_what_stands_between() -> None:
    found = candidate_pairs(
        mentions((0, 1, 0, "ORG"), (2, 2, 0, "ORG"), (6, 6, 0, "ATTACK"), (20, 20, 1, "ATTACK")), RULES
    )
    rows = {(int(h), int(t)): row for row, (h, t) in enumerate(zip(found.heads, found.tails, strict=True))}
    near, far = rows[2, 1], rows[3, 0]
    assert found.distances[near] == 3  # three words between: the bucket 3-4; the tail comes first
    assert found.distances[far] == 6  # words 2 to 19, 18 between: the bucket 13-24
    assert (found.gaps[near], found.gaps[far]) == (0, 1)
    assert (found.tails_between[near], found.heads_between[near]) == (0, 0)
    assert (found.tails_between[far], found.heads_between[far]) == (1, 1)  # one ORG and one ATTACK between


def test_head_first_has_distances_of_its_own() -> None:
    found = candidate_pairs(mentions((0, 0, 0, "ATTACK"), (1, 1, 0, "LOC")), RULES)
    assert found.distances.tolist() == [8]


def test_no_mentions_no_pairs() -> None:
    empty = np.zeros(0, dtype=np.int64)
    found = candidate_pairs(MentionArrays(empty, empty, empty, empty), RULES)
    assert found.allowed.shape == (0, 3)
