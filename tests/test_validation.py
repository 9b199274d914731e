import pytest

from conflictspan.rows import Located, MentionRow, RelationRow, SentenceRow
from conflictspan.schema import Schema
from conflictspan.validation import report_faults

SCHEMA = Schema.parse("""
statuses = ["planned"]
max_sentence_gap = 2
no_leading_article = ["ARMY"]
[entities]
ARMY = "soldiers"
DAY = "when"
[events]
FIGHT = "fighting"
[relations.BY]
head = ["FIGHT"]
tail = ["ARMY"]
cross_sentence = true
[relations.ON]
head = ["FIGHT"]
tail = ["DAY"]
[relations.WITH]
head = ["ARMY"]
tail = ["ARMY"]
order = "head_first"
[relations.ALIAS]
head = ["@entities"]
tail = ["@entities"]
same_type = true
order = "tail_first"
""")
TEXT = "The army fought on Monday."
#       0123456789012345678901234
ARMY = MentionRow(id="a1", start=4, end=8, type="ARMY")
FIGHT = MentionRow(id="e1", start=9, end=15, type="FIGHT")
DAY = MentionRow(id="t1", start=19, end=25, type="DAY")


_Sentence = tuple[list[MentionRow], list[str]]


def _faults(*sentences: _Sentence, text: str = TEXT) -> list[str]:
    located = []
    for number, (mentions, arcs) in enumerate(sentences):
        relations = tuple(
            RelationRow(head=head, label=label, tail=tail) for head, label, tail in (arc.split() for arc in arcs)
        )
        row = SentenceRow(report="r1", sentence=number, text=text, mentions=tuple(mentions), relations=relations)
        located.append(Located(row, f"f:{number + 1}", (f"f:{number + 1}",) * len(relations)))
    return list(report_faults(located, SCHEMA))


def _army(number: int, start: int = 4, end: int = 8) -> MentionRow:
    return MentionRow(id=f"a{number}", start=start, end=end, type="ARMY")


def test_a_report_that_keeps_the_rules_has_no_faults() -> None:
    assert _faults(([ARMY, FIGHT, DAY], ["e1 BY a1", "e1 ON t1"])) == []


@pytest.mark.parametrize(
    ("mention", "fault"),
    [
        ({"type": "NAVY"}, "[army|NAVY a1]: unknown type NAVY; known: ARMY, DAY, FIGHT"),
        ({"status": "planned"}, "[army|ARMY a1]: status 'planned' on an entity; only event triggers have one"),
        ({"type": "FIGHT", "status": "hoped"}, "[army|FIGHT a1]: unknown status 'hoped'; known: planned"),
        ({"start": 3}, "[ army|ARMY a1]: the span has outer space; leave it out"),
        ({"end": 9}, "[army |ARMY a1]: the span has outer space; leave it out"),
        ({"end": 4}, "[|ARMY a1]: 4 to 4 is no span of a sentence of 26 characters"),
        ({"end": 27}, "[army fought on Monday.|ARMY a1]: 4 to 27 is no span of a sentence of 26 characters"),
        ({"start": 0}, "[The army|ARMY a1]: the span of a ARMY has a leading article; leave it out"),
    ],
)
def test_a_mention_that_breaks_a_rule_is_named_with_its_place(mention: dict[str, object], fault: str) -> None:
    assert _faults(([ARMY.model_copy(update=mention)], [])) == [f"f:1: {fault}"]


@pytest.mark.parametrize(
    ("surface", "type_", "is_fault"),
    [
        ("a militia", "ARMY", True),
        ("An army", "ARMY", True),
        ("The Hague guard", "ARMY", False),
        ("the Guard", "ARMY", True),
        ("Anbar guard", "ARMY", False),
        ("a Monday", "DAY", False),
    ],
)
def test_the_article_rule_holds_for_the_types_the_scheme_names(surface: str, type_: str, is_fault: bool) -> None:
    mention = MentionRow(id="a1", start=0, end=len(surface), type=type_)
    assert bool(_faults(([mention], []), text=surface)) == is_fault


def test_spans_are_flat() -> None:
    [fault] = _faults(([ARMY, MentionRow(id="e1", start=7, end=15, type="FIGHT")], []))
    assert fault == "f:1: [y fought|FIGHT e1]: overlaps the span before it; spans are flat"
    assert len(_faults(([_army(1, 4, 25), _army(2, 9, 15), _army(3, 19, 25)], []))) == 2


def test_an_id_stands_once_in_a_report() -> None:
    assert _faults(([ARMY], []), ([ARMY], [])) == ["f:2: [army|ARMY a1]: the id 'a1' stands twice in the report"]


@pytest.mark.parametrize(
    ("arc", "fault"),
    [
        ("e1 NEAR a1", "unknown relation NEAR; known: BY, ON, WITH, ALIAS"),
        ("e1 BY a9", "no span of the report has the id 'a9'"),
        ("a1 WITH a1", "joins a span with itself"),
        ("a1 BY e1", "BY cannot have ARMY at its head; allowed: FIGHT"),
        ("e1 BY t1", "BY cannot have DAY at its tail; allowed: ARMY"),
        ("t1 ALIAS a1", "ALIAS joins two spans of one type, not DAY and ARMY"),
    ],
)
def test_a_relation_that_breaks_a_rule_is_named_with_its_place(arc: str, fault: str) -> None:
    assert _faults(([ARMY, FIGHT, DAY], [arc])) == [f"f:1: '{arc}': {fault}"]


def test_a_relation_stands_once() -> None:
    [fault] = _faults(([ARMY, FIGHT], ["e1 BY a1"]), ([], ["e1 BY a1"]))[-1:]
    assert fault == "f:2: 'e1 BY a1': stands twice in the report"


def test_order_rules() -> None:
    two = [_army(1), _army(2, 9, 15)]
    assert _faults((two, ["a1 WITH a2", "a2 ALIAS a1"])) == []
    assert _faults((two, ["a2 WITH a1", "a1 ALIAS a2"])) == [
        "f:1: 'a2 WITH a1': WITH goes from the earlier span to the later; swap its ends",
        "f:1: 'a1 ALIAS a2': ALIAS goes from the later span to the earlier; swap its ends",
    ]


def test_a_relation_across_sentences_looks_back_as_far_as_the_scheme_allows() -> None:
    army: _Sentence = ([ARMY], [])
    nothing: _Sentence = ([], [])
    fight: _Sentence = ([FIGHT], ["e1 BY a1"])
    assert _faults(army, nothing, fight) == []
    assert _faults(army, nothing, nothing, fight) == [
        "f:4: 'e1 BY a1': reaches 3 sentences back; at most 2 are allowed"
    ]
    assert _faults(([FIGHT], []), ([ARMY], ["e1 BY a1"])) == [
        "f:2: 'e1 BY a1': the tail stands 1 sentence(s) after the head; a relation across sentences looks back"
    ]


def test_a_relation_that_may_not_cross_sentences() -> None:
    [fault] = _faults(([DAY], []), ([FIGHT], ["e1 ON t1"]))
    assert fault == "f:2: 'e1 ON t1': ON joins spans of one sentence; these stand in sentences 1 and 0 (from 0)"


@pytest.mark.parametrize("under", [0, 2])
def test_a_relation_stands_with_the_later_of_its_sentences(under: int) -> None:
    sentences: list[_Sentence] = [([ARMY], []), ([FIGHT], []), ([], [])]
    sentences[under][1].append("e1 BY a1")
    [fault] = _faults(*sentences)
    assert fault == (
        f"f:{under + 1}: 'e1 BY a1': belongs under sentence 1, the later of its two, not under {under} (from 0)"
    )


def test_sentences_are_numbered_from_0() -> None:
    row = SentenceRow(report="r1", sentence=1, text=TEXT)
    assert list(report_faults([Located(row, "f:1", ())], SCHEMA)) == ["f:1: sentence 1 of 'r1' where 0 is due"]
