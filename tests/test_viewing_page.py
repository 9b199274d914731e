from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from conflictspan.events.assembly import Assembler
from conflictspan.records import Report
from conflictspan.viewing.page import render, report_data, write_view
from conflictspan.writing import write_extractions
from tests.chromium import chromium, find_chromium
from tests.event_reports import report_of

STORY = """[Rebels|ARMED_GROUP a1] [shelled|SHELLING e1] [Manbij|LOC p1] in [Syria|LOC p2] on [Sunday|TIME t1], [Rudaw|ORG o1] said. The [army|STATE_FORCE a2] denied the [shelling|SHELLING e2 denied].
> e1 AGENT a1; e1 PLACE p1; p1 LOCATED_IN p2; e1 TIME t1; e1 SOURCE o1; e2 SOURCE a2"""
CHROMIUM = find_chromium()


def _story(id_: str = "r", published: str = "2016-06-21") -> Report:
    return Assembler().assemble(report_of(STORY, id_=id_, published=published))


def test_the_page_asks_for_nothing_and_runs_only_its_own_script() -> None:
    page = render([report_data(_story())], title="x")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1] and "unsafe" not in policy[1]
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy[1]
    assert not re.findall(r"(?:src|href)=|https?://(?!www\.w3\.org/2000/svg)|@import|url\(", page)


def test_a_report_cannot_get_out_of_its_data() -> None:
    evil = replace(_story("</script><script>alert(1)</script>"), title="<img src=x onerror=alert(1)>\u2028\ud800")
    page = render([report_data(evil)], title="<b>&")
    assert page.count("<script") == 2
    assert "<img" not in page
    assert "<title>&lt;b&gt;&amp;</title>" in page
    (data,) = re.findall(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data)["reports"][0]["id"] == evil.id
    page.encode("utf-8")


def _dom(page: Path) -> str:
    assert CHROMIUM
    with chromium(CHROMIUM, page.parent / "profile") as tab:
        tab.open(page, width=1200)
        return str(tab.run("document.documentElement.outerHTML"))


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_in_a_browser_it_shows_text_events_claims_map_and_timeline(tmp_path: Path) -> None:
    extracted, page = tmp_path / "x.jsonl", tmp_path / "x.html"
    write_extractions([_story("a"), _story("<i>b</i>")], extracted)
    assert write_view([extracted], page) == 2
    dom = _dom(page)
    assert "2 of 2 reports, 2 of 2 events" in dom
    assert re.search(r'<mark data-id="e1" class="event"[^>]*>shelled</mark>', dom)
    assert 'class="card disputed"' in dom
    assert dom.count('class="claim"') == 2
    assert 'class="dot"' in dom and 'class="bar"' in dom
    assert "&lt;i&gt;b&lt;/i&gt;" in dom and "<strong><i>" not in dom


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_the_timeline_keeps_the_months_in_which_nothing_is_told(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    stories = [report_data(_story("a")), report_data(_story("b", "2016-09-14"))]
    page.write_text(render(stories, title="x"), encoding="utf-8")
    bars = re.findall(r'class="bar" x="([\d.]+)"', _dom(page))
    assert [float(x) for x in bars] == [5, 5 + 3 * 290 / 4]  # June and September, of four months


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_of_two_thousand_reports_a_browser_lists_the_first_and_draws_one(tmp_path: Path) -> None:
    story = report_data(_story())
    page = tmp_path / "x.html"
    page.write_text(
        render([story | {"id": str(i), "events": story["events"] * 6} for i in range(2000)], title="x"),
        encoding="utf-8",
    )
    dom = _dom(page)
    assert "2000 of 2000 reports, 12000 of 12000 events" in dom
    assert 'id="more"' in dom and ">1800 more<" in dom  # what stays closed is not drawn, which keeps it fast
    assert dom.count("<li>") == 201
    assert dom.count('class="card disputed"') == 6
    assert re.search(r'data-opened="\d+"', dom)
