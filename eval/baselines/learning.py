"""Decision lists by counting: rules by precision, each kept where it is still right on what the ones before it left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from eval.baselines.choices import NONE

Instance = tuple[Collection[str], str]
"""The cues of one candidate, and the type that the annotation gives it (NONE for nothing)."""


class Limits(NamedTuple):
    """What a rule needs.

    Attributes:
        support: candidates that have its cue.
        precision: share of its candidates that it gets right, among all of them (smoothed) and again among those that
            the rules before it left.
        silence: the same, among all, for a rule that says NONE: the commonest answer and so the easiest to get right.
    """

    support: int
    precision: float
    silence: float


def learn(instances: Sequence[Instance], limits: Limits) -> tuple[list[str], list[Instance]]:
    """Rules `cue TYPE` in their order, without a default, and the instances of one key that no rule covers."""
    support, precision, silence = limits
    index: dict[str, list[int]] = defaultdict(list)
    for i, (cues, _) in enumerate(instances):
        for cue in cues:
            index[cue].append(i)
    total = Counter(type_ for _, type_ in instances)
    ranked = []
    for cue, places in index.items():
        if len(places) < support:
            continue
        type_, right = Counter(instances[i][1] for i in places).most_common(1)[0]
        # Smoothed towards the type's own share, so that ten of ten stands before three of three.
        share = (right + total[type_] / len(instances)) / (len(places) + 1.5)
        if share >= (silence if type_ == NONE else precision):
            ranked.append((-share, -right, len(cue), cue, type_))
    alive = [True] * len(instances)
    rules = []
    for _, _, _, cue, type_ in sorted(ranked):
        left = [i for i in index[cue] if alive[i]]
        if len(left) < max(2, 0.4 * support):
            continue
        if type_ != NONE and sum(instances[i][1] == type_ for i in left) < precision * len(left):
            continue
        rules.append(f"{cue} {type_}")
        for i in left:
            alive[i] = False
    return rules, [instance for instance, kept in zip(instances, alive, strict=True) if kept]
