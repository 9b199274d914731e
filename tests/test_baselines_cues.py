from eval.baselines.cues import Reading, cues, status_cues
from eval.baselines.patterns import Window
from eval.baselines.tokens import tokenize

TEXT = "Rebels fired two rockets at Taiz."
TOKENS = tokenize(TEXT, (0, len(TEXT)))


def test_the_cues_of_a_trigger() -> None:
    reading = Reading(
        TOKENS,
        [t.lower for t in TOKENS],
        {"rockets": "artillery", "at": "place"},
        triggers=[Window(1, 2, "ATTACK")],
        windows=[Window(0, 1, "ARMED_GROUP"), Window(3, 4, "WEAPON"), Window(2, 3, "COUNT")],
    )
    assert cues(reading, 1, 2) == {
        "<rebels", ">two", "<<^_rebels", ">>two_rockets", "~artillery", "~place",
        "<:ARMED_GROUP", "<.ARMED_GROUP", ">:COUNT", ">.COUNT", "event", "c",
    }  # fmt: skip


def test_the_cues_of_a_noun_name_the_triggers_near_it() -> None:
    reading = Reading(TOKENS, [t.lower for t in TOKENS], {"at": "place"}, triggers=[Window(1, 2, "ATTACK")])
    assert {">>!", ">>!ATTACK", "<^", "C", "event"} <= cues(reading, 0, 1)
    assert {"<!", "<!ATTACK", "<~place", ">."} <= cues(reading, 5, 6)
    assert "no event" in cues(Reading(TOKENS, [t.lower for t in TOKENS], {}), 0, 1)


def test_a_neighbour_out_of_reach_is_no_cue() -> None:
    text = "Rebels " + "and " * 6 + "fled"
    tokens = tokenize(text, (0, len(text)))
    reading = Reading(tokens, [t.lower for t in tokens], {}, windows=[Window(0, 1, "ARMED_GROUP")])
    assert "<:ARMED_GROUP" in cues(reading, 6, 7)
    assert "<:ARMED_GROUP" not in cues(reading, 7, 8)


def test_the_cues_of_a_status_stay_in_the_clause() -> None:
    text = "It denied this; they plan to storm it if asked"
    tokens = tokenize(text, (0, len(text)))
    found = status_cues(tokens, Window(7, 8, "ATTACK"), {"denied", "plan", "if"})
    assert {"-plan", "^denied", "^plan", "+if", "<to", ">it", "T:ATTACK", "w:storm", "e:rm", "-plan+<to"} <= found
    assert "-denied" not in found
