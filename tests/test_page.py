import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from conflictspan.records import Mention, Report
from eval.confusion import Confusion
from eval.errors import mention_errors
from eval.evaluation import Provenance
from eval.match import match_report
from eval.page import provenance_lines, render_page, script_json
from eval.tables import Grid
from tests.readings import SCHEMA

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"><img src=x onerror='alert(1)'>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "&lt;b&gt; & \N{LINE SEPARATOR} \x00 \ud800 \N{RIGHT-TO-LEFT OVERRIDE}",
)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the texts inside."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.found[-1][0] if self.found else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(text: str = "rebels attacked", **changes: object) -> str:
    """A page on one report with one missed mention, every text of which is given."""
    gold = Report(text, text, sentences=((0, len(text)),), mentions=(Mention("g", 0, len(text), "GROUP"),))
    errors = {text: list(mention_errors([match_report(gold, Report(text, text))]))}
    parts: dict[str, object] = {
        "title": text,
        "provenance": [text],
        "grids": [Grid(text, ("", text), ((text, text),)), Grid("second", ("", "F1"), (("LOC", "50.0 [40.0, 60.0]"),))],
        "figures": [(text, b"\x89PNG")],
        "errors": errors,
        "confusion": [Confusion(text, text, (text,), {(text, text): 3, (text, None): 1})],
    }
    return render_page(**(parts | changes))  # type: ignore[arg-type]


def test_nothing_is_loaded_from_outside() -> None:
    elements = Elements(page("https://example.org/x"))
    for tag, attributes in elements.found:
        assert tag not in {"iframe", "object", "embed", "base", "frame", "video", "audio", "source"}
        for name, value in attributes.items():
            if name in {"src", "href", "srcset", "action", "data", "poster", "xlink:href"}:
                assert value is not None
                assert value.startswith(("data:", "#")), (tag, name, value)
    (style,) = (text for tag, text in elements.texts if tag == "style" and text.strip())
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_only_what_stands_in_the_page() -> None:
    text = page()
    elements = Elements(text)
    policy = {
        name: sources
        for meta in elements.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
        for name, _, sources in (part.strip().partition(" ") for part in (meta["content"] or "").split(";"))
    }
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == "data:"
    assert (policy["base-uri"], policy["form-action"]) == ("'none'", "'none'")
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in inside]
        assert policy[directive].split() == hashes
        assert "unsafe" not in policy[directive]
    # Inline handlers and styles would be blocked; there are none.
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
    assert not [tag for tag, attributes in elements.found if "style" in attributes]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_add_no_element_and_change_no_script(hostile: str) -> None:
    harmless, attacked = Elements(page()), Elements(page(hostile))
    assert [tag for tag, _ in attacked.found] == [tag for tag, _ in harmless.found]
    assert [set(attributes) for _, attributes in attacked.found] == [
        set(attributes) for _, attributes in harmless.found
    ]
    assert [{**a, "id": 0} for a in attacked.all("script")] == [{**a, "id": 0} for a in harmless.all("script")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_data_block_gives_hostile_texts_back_unchanged(hostile: str) -> None:
    text = page(hostile)
    ((block),) = re.findall(r'<script type="application/json" id="error-data">(.*?)</script>', text, re.DOTALL)
    data = json.loads(block)
    wanted = hostile.replace("\ud800", "\N{REPLACEMENT CHARACTER}")  # a lone surrogate has no form in UTF-8
    assert data["excerpts"][0]["text"] == wanted
    assert data["lists"][0]["title"] == wanted
    text.encode()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_json_in_a_script_has_no_sign_that_could_end_it(hostile: str) -> None:
    safe = script_json({hostile: [hostile]})
    assert not set("<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}") & set(safe)
    assert json.loads(safe) == {hostile: [hostile]}


def test_tables_plots_and_counts_stand_in_it() -> None:
    text = page()
    assert '<td>50.0 <span class="interval">[40.0, 60.0]</span></td>' in text
    assert f'<img src="data:image/png;base64,{base64.b64encode(bytes([0x89, *b"PNG"])).decode()}"' in text
    assert re.search(r'data-kind="missed">missed</button>.*?<td>1</td>', text, re.DOTALL)
    assert re.search(r'data-kind="boundary" disabled>boundary</button>.*?<td>0</td>', text, re.DOTALL)


def test_a_matrix_shows_shares_of_its_rows_and_leaves_out_unused_labels() -> None:
    counts = {("LOC", "LOC"): 30, ("LOC", "GROUP"): 1, ("LOC", None): 9, (None, "GROUP"): 2}
    text = page(confusion=[Confusion("Mentions", "", SCHEMA.types, counts)])
    cells = re.findall(r'<td class="(\w+) heat(\d+)" data-gold="(\w+)" data-predicted="(\w+)"[^>]*>(\d+)<', text)
    assert cells == [
        ("wrong", "1", "LOC", "GROUP", "1"),  # 1 of 40: a tenth, rounded up, so that it shows
        ("right", "8", "LOC", "LOC", "30"),  # 7.5 tenths
        ("wrong", "3", "LOC", "none", "9"),
        ("wrong", "10", "none", "GROUP", "2"),
    ]
    assert re.findall(r'<th scope="col"><span>(\w+)</span>', text) == ["GROUP", "LOC", "none", "all"]
    assert re.findall(r'<td class="sum">(\d+)</td>', text) == ["0", "40", "2"]


def test_a_label_called_none_is_not_nothing() -> None:
    text = page(confusion=[Confusion("x", "", ("none",), {("none", "none"): 5, ("none", None): 2})])
    assert re.findall(r'<td class="(\w+) heat\d+"[^>]*>(\d+)<', text) == [("right", "5"), ("wrong", "2")]


def test_without_figures_and_errors_it_is_a_page_too() -> None:
    text = page(grids=[], figures=[], errors={}, confusion=[])
    assert 'id="plots"' not in text
    assert 'id="confusion"' not in text


def test_provenance_says_what_was_scored_and_with_what() -> None:
    provenance = Provenance("test", "test.jsonl", "ab12", "small", "models/x", None, None, {"python": "3.11.7"}, ())
    assert provenance_lines(provenance) == [
        "Model: models/x",
        "Data: test.jsonl (test), SHA-256 ab12",
        "Label scheme: small",
        "Versions: python 3.11.7",
    ]
    trained = Provenance("test", "t", "ab", "s", "m", "cd34", "2026-01-31", {}, ())
    assert provenance_lines(trained)[1:3] == ["Trained: 2026-01-31", "Weights: SHA-256 cd34"]
