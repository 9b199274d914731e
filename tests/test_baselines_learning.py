from eval.baselines.choices import NONE
from eval.baselines.learning import Instance, Limits, learn

FIRED: list[Instance] = [
    *[({"rocket", "all"}, "SHELLING")] * 6,
    *[({"jet", "all"}, "AIRSTRIKE")] * 4,
    *[({"jet", "rocket", "all"}, "SHELLING")] * 1,
    *[({"all"}, NONE)] * 3,
]


def test_rules_stand_by_their_precision_and_cover_what_is_left() -> None:
    # rocket is right 7 times of 7; jet 4 of 5, and 4 of 4 once rocket has taken its own
    rules, rest = learn(FIRED, Limits(support=3, precision=0.6, silence=0.8))
    assert rules == ["rocket SHELLING", "jet AIRSTRIKE"]
    assert rest == [({"all"}, NONE)] * 3


def test_a_rule_needs_its_support() -> None:
    rules, rest = learn(FIRED, Limits(support=6, precision=0.4, silence=0.8))
    assert rules == ["rocket SHELLING"]
    assert len(rest) == 7


def test_rules_for_nothing_need_their_own_precision() -> None:
    quiet: list[Instance] = [*[({"a"}, NONE)] * 9, ({"a"}, "LOC"), *[({"b"}, "LOC")] * 9]
    assert learn(quiet, Limits(support=2, precision=0.5, silence=0.95))[0] == ["b LOC"]
    assert learn(quiet, Limits(support=2, precision=0.5, silence=0.7))[0] == ["b LOC", "a -"]


def test_a_rule_that_fails_on_what_is_left_is_dropped() -> None:
    # "b" is right in 8 of 10, but all 8 have "a" too; of the two that "a" leaves it gets none
    instances: list[Instance] = [*[({"a", "b"}, "LOC")] * 8, *[({"b"}, "FAC")] * 2]
    assert learn(instances, Limits(support=2, precision=0.5, silence=1))[0] == ["a LOC"]
