"""The page in a real browser: the script runs, nothing breaks the policy, hostile texts stay texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conflictspan.records import Mention, Relation, Report
from eval.confusion import mention_confusion
from eval.errors import Errors, mention_errors, relation_errors
from eval.match import match_report
from eval.page import render_page
from eval.tables import Grid
from tests.chromium import Tab, chromium, find_chromium
from tests.readings import SCHEMA

BROWSER = find_chromium()
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed (apt-get install chromium)")

HOSTILE = "<script>alert(1)</script> </script><img src=x onerror=alert(2)> \"'& javascript:alert(3)"
EMOJI = "\N{COLLISION SYMBOL}\N{COLLISION SYMBOL} rebels attacked Taiz"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    assert BROWSER is not None
    with chromium(BROWSER, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


def hostile_pair() -> tuple[Report, Report]:
    """All words missed, as mentions of two types by turns."""
    words = [(at, at + len(word)) for word in HOSTILE.split() for at in [HOSTILE.index(word)]]
    mentions = tuple(Mention(f"g{i}", *word, ("GROUP", "LOC")[i % 2]) for i, word in enumerate(words))
    return (
        Report("<b>r1</b>", HOSTILE, sentences=((0, len(HOSTILE)),), mentions=mentions),
        Report("<b>r1</b>", HOSTILE),
    )


def emoji_pair() -> tuple[Report, Report]:
    """An agent with one border and a place with the type wrong; both relations lost, one answered."""
    ends = (Mention("a", 3, 9, "GROUP"), Mention("e", 10, 18, "ATTACK"), Mention("p", 19, 23, "LOC"))
    found = (Mention("a", 5, 9, "GROUP", score=0.8), ends[1], Mention("p", 19, 23, "GROUP"))
    agent, place = Relation("e", "AGENT", "a"), Relation("e", "PLACE", "p")
    return (
        Report("r2", EMOJI, sentences=((0, len(EMOJI)),), mentions=ends, relations=(agent, place)),
        Report("r2", EMOJI, mentions=found, relations=(Relation("e", "AGENT", "a", 0.75),)),
    )


def write_page(path: Path, *, copies: int = 1) -> Path:
    """A page on the two reports; `copies` of their errors."""
    matches = [match_report(*pair) for pair in (hostile_pair(), emoji_pair())]
    errors: dict[str, Errors] = {
        "Mentions": list(mention_errors(matches * copies)),
        "Relations end to end": list(relation_errors(matches, SCHEMA)),
    }
    row = (HOSTILE, *("80.0 [70.0, 90.0]",) * 6)
    text = render_page(
        title=HOSTILE,
        provenance=[HOSTILE, "0123456789abcdef" * 4],
        grids=[Grid(HOSTILE, ("", *("a system with a long name, all (62)",) * 6), (row,))],
        figures=[],
        errors=errors,
        confusion=[mention_confusion(matches, SCHEMA, title="Mentions")],
    )
    path.write_text(text, encoding="utf-8")
    return path


def shown(tab: Tab) -> str:
    return str(tab.run("document.getElementById('shown').textContent"))


def choose(tab: Tab, select: str, value: str) -> None:
    tab.run(
        f"{{ const s = document.getElementById('{select}'); s.value = '{value}';"
        " s.dispatchEvent(new Event('input', {bubbles: true})); }"
    )


def test_hostile_texts_are_shown_as_text_and_break_no_policy(tab: Tab, tmp_path: Path) -> None:
    tab.open(write_page(tmp_path / "page.html"))
    assert shown(tab) == "1–8 of 8 errors"  # 6 words of the hostile report, 2 of the other
    assert tab.run("document.querySelectorAll('.card').length") == 8
    assert tab.run("document.querySelector('.card p').textContent") == HOSTILE
    assert "<b>r1</b>, 0–" in str(tab.run("document.querySelector('.card h3').textContent"))
    assert tab.run("document.querySelector('.card dd').textContent") == "GROUP “<script>alert(1)</script>” 0–25"
    assert tab.run("document.scripts.length") == 3
    assert tab.run("document.querySelectorAll('b b, img, .card script').length") == 0
    assert tab.complaints() == []


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        ("<script>document.title = 'x'</script>", "Content Security Policy"),
        ("<b onclick='1' style='color: red'>x</b>", "Content Security Policy"),
        ("<img src='picture.png'>", "Content Security Policy"),
        ("<base href='https://example.org/'>", "Content Security Policy"),
    ],
)
def test_what_breaks_the_policy_is_blocked_and_seen(tab: Tab, tmp_path: Path, planted: str, complaint: str) -> None:
    path = write_page(tmp_path / "page.html")
    path.write_text(path.read_text(encoding="utf-8").replace("<main>", f"<main>{planted}"), encoding="utf-8")
    tab.open(path)
    assert complaint in " ".join(tab.complaints())
    assert tab.run("document.title") == HOSTILE


def test_filters_narrow_the_list(tab: Tab, tmp_path: Path) -> None:
    tab.open(write_page(tmp_path / "page.html"))
    choose(tab, "kind", "missed")
    assert shown(tab) == "1–6 of 6 errors"
    choose(tab, "gold", "LOC")
    assert shown(tab) == "1–3 of 3 errors"
    choose(tab, "kind", "")
    assert shown(tab) == "1–4 of 4 errors"  # with the place of the other report, of the wrong type
    choose(tab, "text", "TAIZ")
    assert shown(tab) == "1–1 of 1 error"
    choose(tab, "predicted", "none")
    assert shown(tab) == "No such errors"
    tab.click("#filters button")
    assert shown(tab) == "1–8 of 8 errors"
    choose(tab, "text", "<b>R1")
    assert shown(tab) == "1–6 of 6 errors"
    choose(tab, "list", "Relations end to end")
    assert shown(tab) == "No such errors"  # the text stays, and no relation of that report is wrong
    tab.run("document.getElementById('text').focus()")
    tab.enter()
    assert tab.complaints() == []


def test_numbers_of_the_tables_lead_to_their_errors(tab: Tab, tmp_path: Path) -> None:
    tab.open(write_page(tmp_path / "page.html"))
    tab.click("button[data-kind='type']")
    assert shown(tab) == "1–1 of 1 error"
    tab.click("td[data-gold='LOC'][data-predicted='none']")
    assert shown(tab) == "1–3 of 3 errors"
    tab.click("td[data-gold='ATTACK'][data-predicted='ATTACK']")  # right answers only
    assert shown(tab) == "No such errors"
    tab.run("document.querySelector('button[data-kind=\"tail\"]').focus()")
    tab.enter()
    assert tab.run("document.getElementById('list').value") == "Relations end to end"
    assert shown(tab) == "1–2 of 2 errors"
    assert tab.complaints() == []


def test_offsets_are_code_points(tab: Tab, tmp_path: Path) -> None:
    tab.open(write_page(tmp_path / "page.html"))
    choose(tab, "kind", "boundary")
    assert tab.run("[...document.querySelectorAll('.card dd')].map((d) => d.textContent)") == [
        "GROUP “rebels” 3–9",
        "GROUP “bels” 5–9, score 0.80",
    ]
    words = "[...document.querySelectorAll('.piece:has(.{})')].map((p) => p.children[1].textContent).join('|')"
    assert tab.run(words.format("gold")) == "re|bels"
    assert tab.run(words.format("predicted")) == "bels"


def test_relations_have_arcs_from_head_to_tail(tab: Tab, tmp_path: Path) -> None:
    tab.open(write_page(tmp_path / "page.html"))
    choose(tab, "list", "Relations end to end")
    arcs = "[...document.querySelectorAll('.card:nth-child({}) svg text')].map((t) => [t.classList[0], t.textContent])"
    # By the place of the tail: the agent, found with a wrong border and related, then the place, not related.
    assert tab.run(arcs.format(1)) == [["gold", "AGENT"], ["predicted", "AGENT"]]
    assert tab.run(arcs.format(2)) == [["gold", "PLACE"]]
    ends = tab.run(
        """(() => {
        const card = document.querySelector('.card');
        const middle = (word) => {
            const rects = [...card.querySelectorAll('.piece')].filter((p) => word.includes(p.children[1].textContent))
                .map((p) => p.getBoundingClientRect());
            return (Math.min(...rects.map((r) => r.left)) + Math.max(...rects.map((r) => r.right))) / 2;
        };
        const tip = card.querySelector('.tip.gold').getBoundingClientRect();
        return [(tip.left + tip.right) / 2, middle(['re', 'bels']), middle(['attacked'])];
        })()"""
    )
    assert ends[0] == pytest.approx(ends[1], abs=2)
    assert abs(ends[0] - ends[2]) > 20
    facts = "document.querySelector('.card dl').innerText"
    assert "“attacked” AGENT → “rebels”" in str(tab.run(facts))
    assert "tail: boundary, predicted is GROUP “bels”" in str(tab.run(facts))


def test_thousands_of_errors_come_page_by_page(tab: Tab, tmp_path: Path) -> None:
    tab.open(write_page(tmp_path / "page.html", copies=500))
    assert shown(tab) == "1–20 of 4000 errors"
    assert tab.run("document.querySelectorAll('.card').length") == 20
    buttons = "[...document.querySelectorAll('[data-step]')].map((b) => b.disabled)"
    assert tab.run(buttons) == [True, False, True, False]
    tab.click("[data-step='1']")
    assert shown(tab) == "21–40 of 4000 errors"
    assert tab.run("document.getElementById('cards').start") == 21
    tab.click("[data-step='-1']")
    assert shown(tab) == "1–20 of 4000 errors"


@pytest.mark.parametrize("width", [360, 900])
def test_the_page_is_no_wider_than_the_window(tab: Tab, tmp_path: Path, width: int) -> None:
    tab.open(write_page(tmp_path / "page.html"), width=width)
    for title in ("Mentions", "Relations end to end"):
        choose(tab, "list", title)
        assert tab.run("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_sentence_of_thousands_of_words_is_drawn_around_its_error(tab: Tab, tmp_path: Path) -> None:
    text = "word " * 5000 + "Taiz" + " word" * 5000
    gold = Report("r", text, sentences=((0, len(text)),), mentions=(Mention("g", 25000, 25004, "LOC"),))
    errors = {"Mentions": list(mention_errors([match_report(gold, Report("r", text))]))}
    page = render_page(title="x", provenance=[], grids=[], figures=[], errors=errors, confusion=[])
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    tab.open(tmp_path / "page.html")
    drawn = str(tab.run("document.querySelector('.sentence').textContent"))
    assert drawn.startswith("… ")
    assert drawn.endswith(" …")
    assert 500 < len(drawn) < 1500
    assert "LOCTaiz" in drawn


def test_with_no_errors_it_still_stands(tab: Tab, tmp_path: Path) -> None:
    page = render_page(title="x", provenance=[], grids=[], figures=[], errors={"Mentions": []}, confusion=[])
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    tab.open(tmp_path / "page.html")
    assert shown(tab) == "No such errors"
    assert tab.complaints() == []
