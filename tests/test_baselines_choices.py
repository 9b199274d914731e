from eval.baselines.choices import NONE, Choices

CHOICES = Choices({"fired": ["~rocket SHELLING", "~jet AIRSTRIKE", "ATTACK"], "open": ["<in LOC"], "fire": [NONE]})


def test_the_first_rule_that_fires_decides() -> None:
    assert CHOICES.choose("fired", {"~jet", "~rocket"}) == "SHELLING"
    assert CHOICES.choose("fired", {"~jet"}) == "AIRSTRIKE"


def test_a_last_entry_without_a_cue_is_the_default() -> None:
    assert CHOICES.choose("fired", {"<the"}) == "ATTACK"
    assert CHOICES.choose("fire", {"<the"}) == NONE


def test_a_list_without_a_default_and_an_unknown_key_say_nothing() -> None:
    assert CHOICES.choose("open", {"<the"}) is None
    assert CHOICES.choose("shot", {"<the"}) is None
    assert "open" in CHOICES
    assert "shot" not in CHOICES


def test_a_cue_may_hold_blanks() -> None:
    assert Choices({"k": ["=said the SOURCE", NONE]}).choose("k", {"=said the"}) == "SOURCE"
