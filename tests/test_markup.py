import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.errors import AnnotationError
from conflictspan.markup import format_markup, parse_markup, scan_markup
from conflictspan.rows import AnnotatedReport, Located, MentionRow, RelationRow, ReportHeader, SentenceRow
from conflictspan.schema import Schema

FIXTURES = Path(__file__).parent / "fixtures" / "markup"
SCHEMA = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")
HEADER = "@report r-1 | date=2016-06-21 | conflict=Syria | genre=newswire\n"


def _faults(text: str) -> list[str]:
    return scan_markup(text, source="x.ann", schema=SCHEMA)[1]


@pytest.mark.parametrize("name", ["train-f1.ann", "validation-f2.ann"])
def test_markup_comes_back_byte_for_byte(name: str) -> None:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    assert format_markup(parse_markup(text, source=name, schema=SCHEMA)) == text


def test_what_a_report_says() -> None:
    first, second = parse_markup(
        (FIXTURES / "train-f1.ann").read_text(encoding="utf-8"), source="some/train-f1.ann", schema=SCHEMA
    )
    assert first.header == ReportHeader(id="fix-001", date="2016-06-21", conflict="Syria", genre="newswire")
    assert (first.origin, first.where, second.where) == ("train-f1", "some/train-f1.ann:1", "some/train-f1.ann:10")
    assert len(first.sentences) == 4
    storm = first.sentences[1]
    assert storm.where == "some/train-f1.ann:4"
    assert storm.relations_where == ("some/train-f1.ann:5",)
    assert storm.row == SentenceRow(
        report="fix-001",
        sentence=1,
        text="The alliance has yet to storm the city.",
        mentions=(
            MentionRow(id="e3", start=24, end=29, type="ATTACK", status="planned"),
            MentionRow(id="p2", start=34, end=38, type="LOC"),
        ),
        relations=(RelationRow(head="e3", label="PLACE", tail="p2"),),
    )


def test_loose_writing_is_read_and_written_in_the_one_form() -> None:
    loose = (
        "\n@report r-1 |date=2016-06-21|genre=newswire  |  conflict=Syria\r\n"
        "[Rebels|ARMED_GROUP a1] [fled|WITHDRAWAL e1] [Tabqa|LOC p1].\r\n\r\n"
        ">e1 AGENT a1 ;\n> e1   PLACE p1;;"
    )
    tight = HEADER + "[Rebels|ARMED_GROUP a1] [fled|WITHDRAWAL e1] [Tabqa|LOC p1].\n> e1 AGENT a1; e1 PLACE p1\n"
    assert format_markup(parse_markup(loose, source="x.ann", schema=SCHEMA)) == tight


@pytest.mark.parametrize(
    ("line", "text", "fault"),
    [
        (1, "Some text.\n" + HEADER + "Text.\n", "'Some text.' stands before the first @report line"),
        (1, HEADER.replace("genre=newswire", "genre=") + "Text.\n", "header of 'r-1': genre: "),
        (1, HEADER.replace(" | genre=newswire", "") + "Text.\n", "header of 'r-1': genre: Field required"),
        (1, HEADER.replace("2016-06-21", "2016-06-31") + "Text.\n", "header of 'r-1': date: "),
        (1, HEADER.replace("newswire", "newswire | kind=x") + "Text.\n", "header of 'r-1': kind: "),
        (1, HEADER.replace("@report r-1", "@report") + "Text.\n", "header of '': id: "),
        (1, HEADER.replace("newswire", "newswire | date=2016-06-21") + "Text.\n", "header of 'r-1': date stands twice"),
        (1, HEADER, "the report 'r-1' has no sentence"),
        (3, HEADER + "Text.\n" + HEADER + "Text.\n", "the report 'r-1' stands already at x.ann:1"),
        (2, HEADER + "> e1 AGENT a1\nText.\n", "relations before the first sentence of the report"),
        (2, HEADER + "A [city.\n", "stray '[' in 'A [city.'"),
        (2, HEADER + "A | city.\n", "stray '|' in 'A | city.'"),
        (2, HEADER + "A [[city|LOC p1]].\n", "stray '[' in 'A [city].'"),
        (2, HEADER + "[Kin [city|LOC p1]|ORG o1].\n", "stray '[' in '[Kin city|ORG o1].'"),
        (2, HEADER + "The [city|LOC].\n", "'[city|LOC]' is no span"),
        (2, HEADER + "The [city|LOC p1 denied twice].\n", "'[city|LOC p1 denied twice]' is no span"),
        (2, HEADER + "The [city|LOC P1].\n", "'[city|LOC P1]' is no span"),
        (2, HEADER + "The [|LOC p1] city.\n", "[|LOC p1]: 4 to 4 is no span"),
        (2, HEADER + " Text.\n", "the line has outer space"),
        (3, HEADER + "The [city|LOC p1].\n> p1 LOCATED_IN\n", "'p1 LOCATED_IN' is no relation"),
    ],
)
def test_markup_that_cannot_be_read_is_named_with_file_and_line(line: int, text: str, fault: str) -> None:
    [found] = _faults(text)
    assert found.startswith(f"x.ann:{line}: {fault}")


def test_the_rules_of_the_scheme_are_checked_at_the_line_that_breaks_them() -> None:
    text = HEADER + "[Rebels|ARMED_GROUP a1] [fled|WITHDRAWAL e1].\n> e1 AGENT a1\n> e1 PLACE a1\n"
    assert _faults(text) == ["x.ann:4: 'e1 PLACE a1': PLACE cannot have ARMED_GROUP at its tail; allowed: FAC, LOC"]


def test_all_faults_of_a_file_are_told_by_line() -> None:
    text = (FIXTURES / "faulty.ann").read_text(encoding="utf-8")
    with pytest.raises(AnnotationError) as raised:
        parse_markup(text, source="faulty.ann", schema=SCHEMA)
    faults = [re.match(r"faulty\.ann:(\d+): (.*)", fault) for fault in raised.value.faults]
    told = [(int(fault[1]), fault[2]) for fault in faults if fault]
    assert len(told) == len(raised.value.faults)
    assert [line for line, _ in told] == sorted(line for line, _ in told)
    expected = [
        (1, "before the first @report"),
        (2, "date: "),
        (2, "conflict: "),
        (2, "page: "),
        (3, "stray ']'"),
        (3, "unknown type SHELING"),
        (4, "'e1 PLACE' is no relation"),
        (4, "'e9'"),
        (4, "unknown relation HITS"),
        (5, "'[tag|LOC]' is no span"),
        (5, "stray '['"),
        (5, "status 'planned' on an entity"),
        (5, "outer space"),
        (5, "unknown status 'maybe'"),
        (5, "'a1' stands twice"),
        (8, "relations before the first sentence"),
        (10, "cannot have STATE_FORCE at its tail"),
        (10, "stands twice in the report"),
        (10, "joins a span with itself"),
        (12, "SAME_AS goes from the later span"),
        (12, "ALLY_OF goes from the earlier span"),
        (12, "the tail stands 1 sentence(s) after the head"),
        (12, "cannot have CLASH at its head"),
        (16, "reaches 4 sentences back"),
        (16, "belongs under sentence 1"),
        (17, "'bad-1' stands already at faulty.ann:2"),
        (17, "'bad-1' has no sentence"),
    ]
    for line, words in expected:
        assert any(at == line and words in what for at, what in told), (line, words)


def _report(text: str, mentions: tuple[MentionRow, ...] = (), **header: str) -> AnnotatedReport:
    row = SentenceRow(report="r-1", sentence=0, text=text, mentions=mentions)
    fields = {"id": "r-1", "date": "2016-06-21", "conflict": "Syria", "genre": "newswire"} | header
    return AnnotatedReport(ReportHeader.model_validate(fields), (Located(row, "f.jsonl:7", ()),), "x", "f.jsonl:7")


@pytest.mark.parametrize(
    "report",
    [
        _report("A [city]."),
        _report("A | city."),
        _report("Two\nlines."),
        _report("Outer space. "),
        _report("> e1 AGENT a1"),
        _report("@report r-2"),
        _report("Text.", (MentionRow(id="T1", start=0, end=4, type="LOC"),)),
        _report("Text.", genre="news | wire"),
        _report("Text.", conflict=" Syria"),
    ],
)
def test_what_markup_cannot_hold_is_refused(report: AnnotatedReport) -> None:
    with pytest.raises(AnnotationError, match=r"f\.jsonl:7: "):
        format_markup([report])


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]|\n"), min_size=1).filter(
    lambda text: text == text.strip() and not text.startswith((">", "@"))
)


@st.composite
def _annotated(draw: st.DrawFn) -> AnnotatedReport:
    """A report whose annotations keep the rules: entities and triggers, and AGENT arcs back to earlier sentences."""
    sentences: list[Located] = []
    agents: list[tuple[int, str]] = []
    events = 0
    for number, text in enumerate(draw(st.lists(_TEXT, min_size=1, max_size=4))):
        marks = [i for i, character in enumerate(text) if not character.isspace()]
        chosen = sorted(draw(st.sets(st.sampled_from(marks), max_size=4)))
        mentions, relations = [], []
        for start, stop in pairwise([*chosen, len(text)]):
            end = draw(st.sampled_from([i + 1 for i in marks if start <= i < stop]))
            if draw(st.booleans()):
                agents.append((number, f"a{len(agents)}"))
                mentions.append(MentionRow(id=agents[-1][1], start=start, end=end, type="ORG"))
            else:
                status = draw(st.sampled_from([None, "planned", "denied"]))
                mentions.append(MentionRow(id=f"e{events}", start=start, end=end, type="PROTEST", status=status))
                near = [id_ for at, id_ in agents if number - at <= 2]
                for tail in draw(st.sets(st.sampled_from(near))) if near else ():
                    relations.append(RelationRow(head=f"e{events}", label="AGENT", tail=tail))
                events += 1
        row = SentenceRow(
            report="r-1", sentence=number, text=text, mentions=tuple(mentions), relations=tuple(relations)
        )
        sentences.append(Located(row, "", ("",) * len(relations)))
    value = st.text(st.characters(codec="utf-8", exclude_characters="|\n"), min_size=1)
    header = ReportHeader(
        id="r-1",
        date=draw(st.dates()).isoformat(),
        conflict=draw(value.filter(lambda v: v == v.strip())),
        genre=draw(value.filter(lambda v: v == v.strip())),
    )
    return AnnotatedReport(header, tuple(sentences), "x", "")


@given(_annotated())
def test_records_come_back_from_markup_as_they_went(report: AnnotatedReport) -> None:
    # A sentence in which a leading article was marked is no fault of the markup.
    schema = Schema.parse(re.sub(r"(?m)^no_leading_article.*$", "", SCHEMA.source))
    text = format_markup([report])
    [back] = parse_markup(text, source="x.ann", schema=schema)
    assert back.header == report.header
    assert [sentence.row for sentence in back.sentences] == [sentence.row for sentence in report.sentences]
    assert format_markup([back]) == text


@given(st.text(st.sampled_from("@report |=[]>;\n\r\x1c\x85 a1\u2028eAGENTdate") | st.characters(codec="utf-8")))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    reports, faults = scan_markup(HEADER + text, source="x.ann", schema=SCHEMA)
    assert all(re.match(r"x\.ann:\d+: ", fault) for fault in faults)
    if not faults:
        assert format_markup(parse_markup(format_markup(reports), source="x.ann", schema=SCHEMA)) == format_markup(
            reports
        )
