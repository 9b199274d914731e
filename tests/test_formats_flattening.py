from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conflictspan.formats.flattening import flatten, join_sentences
from conflictspan.formats.sources import SourceReport, Tally
from conflictspan.records import Mention, Offsets, Relation, Report

TEXT = "The Sela Army left Tarvan.\nIt said so."


def flat(report: Report) -> tuple[Report, dict[tuple[str, str, str], int]]:
    tally = Tally()
    done = flatten(SourceReport(report, "train", "f:1", "o"), tally)
    return done.report, {(c.what, c.fate, c.why): numbers["train"] for c, numbers in tally.table().items()}


def span(id_: str, words: str, type_: str = "ORG", score: float | None = None, text: str = TEXT) -> Mention:
    start = text.index(words)
    return Mention(id_, start, start + len(words), type_, score=score)


def test_the_longest_of_overlapping_spans_stays_then_the_earliest() -> None:
    mentions = (span("a", "Sela Army"), span("b", "Army left"), span("c", "The Sela"), span("d", "Tarvan", "LOC"))
    report, counts = flat(Report("r", TEXT, mentions=mentions))
    # "Sela Army" and "Army left" have 9 characters, "The Sela" 8: the first of the longer two stays.
    assert [(m.id, m.start, m.end, m.type) for m in report.mentions] == [("m1", 4, 13, "ORG"), ("m2", 19, 25, "LOC")]
    assert counts == {("mentions", "lost", "overlap a longer or earlier one"): 2}


def test_of_spans_over_the_same_words_the_surest_stays_and_takes_relations_of_its_type() -> None:
    mentions = (
        span("a", "Sela Army", "ORG", 0.5),
        span("b", "Sela Army", "PER", 0.9),
        span("c", "Sela Army", "PER", 0.9),
        span("d", "Tarvan", "LOC", 1.0),
    )
    relations = (Relation("a", "IN", "d"), Relation("c", "IN", "d"), Relation("b", "AT", "d"))
    report, counts = flat(Report("r", TEXT, mentions=mentions, relations=relations))
    assert [m.type for m in report.mentions] == ["PER", "LOC"]
    assert report.relations == (Relation("m1", "IN", "m2"), Relation("m1", "AT", "m2"))
    assert counts == {
        ("mentions", "lost", "over the same words as another"): 2,
        ("relations", "lost", "an end was lost"): 1,
    }


def test_outer_space_is_left_out_and_a_blank_span_is_lost() -> None:
    mentions = (span("a", " Tarvan.\n"), Mention("b", 26, 27, "ORG"))
    report, counts = flat(Report("r", TEXT, mentions=mentions))
    assert [(m.start, m.end) for m in report.mentions] == [(19, 26)]
    assert counts == {
        ("mentions", "lost", "white space only"): 1,
        ("mentions", "changed", "outer white space left out"): 1,
    }


def test_relations_are_lost_with_an_end_with_themselves_and_when_stated_twice() -> None:
    mentions = (span("a", "Sela Army"), span("b", "Sela"), span("c", "Tarvan"), span("d", "Sela Army"))
    pairs = (("a", "c"), ("b", "c"), ("c", "c"), ("d", "c"), ("a", "d"), ("c", "a"))
    relations = tuple(Relation(head, "IN", tail) for head, tail in pairs)
    report, counts = flat(Report("r", TEXT, mentions=mentions, relations=relations))
    assert report.relations == (Relation("m1", "IN", "m2"), Relation("m2", "IN", "m1"))
    assert {why: n for (what, _, why), n in counts.items() if what == "relations"} == {
        "an end was lost": 1,  # b lies in a
        "join a span with itself": 2,  # c, and d which is a
        "stand twice": 1,
    }


def test_a_span_over_a_sentence_border_joins_the_sentences() -> None:
    report, counts = flat(Report("r", TEXT, mentions=(span("a", "Tarvan.\nIt"),)))
    assert report.sentences == ((0, len(TEXT)),)
    assert counts == {("sentence borders", "changed", "gone: a span reaches over it"): 1}
    report, _ = flat(Report("r", TEXT, mentions=(span("a", "Tarvan."), span("b", "It"))))
    assert report.sentences == ((0, 26), (27, 38))


def test_sentences_of_the_source_are_kept_but_for_blank_ones() -> None:
    report, counts = flat(Report("r", "a . \u00a0 b", sentences=((0, 3), (4, 5), (6, 7))))
    assert report.sentences == ((0, 3), (6, 7))
    assert counts == {("sentences", "lost", "white space only"): 1}


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), max_size=12),
)
def test_joined_sentences_hold_every_mention_and_lose_no_other_border(
    lengths: list[tuple[int, int]], ranges: list[Offsets]
) -> None:
    sentences: list[Offsets] = []
    at = 0
    for length, gap in lengths:
        sentences.append((at, at + length))
        at += length + gap
    text = "".join("x" if any(a <= i < b for a, b in sentences) else " " for i in range(at))
    mentions = tuple(Mention(f"e{n}", a, min(a + length, at), "T") for n, (a, length) in enumerate(ranges) if a < at)
    report, _ = flat(Report("r", text, sentences=tuple(sentences), mentions=mentions))
    for mention in report.mentions:
        assert sum(a <= mention.start and mention.end <= b for a, b in report.sentences) == 1
    for a, b in zip(report.mentions, report.mentions[1:], strict=False):
        assert a.end <= b.start
    borders = {start for start, _ in report.sentences}
    crossed = {s for s, _ in sentences if any(m.start < s < m.end for m in report.mentions)}
    assert borders == {start for start, _ in sentences} - crossed


def test_three_sentences_become_one_where_spans_chain_them() -> None:
    sentences = ((0, 4), (5, 9), (10, 14), (15, 19))
    mentions = (Mention("a", 3, 6, "T"), Mention("b", 8, 12, "T"))
    assert join_sentences(sentences, mentions) == ((0, 14), (15, 19))
