"""The whole audit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conflictspan.audit.checks import audit_corpus
from conflictspan.audit.finding import KINDS
from conflictspan.audit.reviews import Review
from conflictspan.corpus import to_report
from conflictspan.errors import InputError
from conflictspan.records import Mention
from conflictspan.schema import Schema
from tests.audited import corpus_of

GOOD = """
[Five|COUNT n1] [rebels|FORCE a1] [attacked|ATTACK e1], the [Observatory|ORG o1] said.
> a1 COUNT n1; e1 AGENT a1; e1 SOURCE o1
"""
WRONG_TYPE = GOOD.replace("FORCE", "PEOPLE")
NO_TRIGGER = """
[Five|COUNT n1] [rebels|FORCE a1] attacked, the [Observatory|ORG o1] said.
> a1 COUNT n1
"""
NO_COUNT = """
Five [rebels|FORCE a1] [attacked|ATTACK e1], the [Observatory|ORG o1] said.
> e1 AGENT a1; e1 SOURCE o1
"""
NO_SOURCE = GOOD.replace("; e1 SOURCE o1", "")
CORPUS = corpus_of(*[GOOD] * 12, WRONG_TYPE, NO_TRIGGER, NO_COUNT, NO_SOURCE)


def test_every_kind_of_fault_is_found_and_the_most_surprising_comes_first() -> None:
    audit = audit_corpus(CORPUS)
    assert audit.found == {"type-varies": 1, "trigger-unmarked": 1, "count-missing": 1, "source-missing": 1}
    assert {finding.kind: finding.row.report for finding in audit.findings} == {
        "type-varies": "r12",
        "trigger-unmarked": "r13",
        "count-missing": "r14",
        "source-missing": "r15",
    }
    surprises = [finding.surprise for finding in audit.findings]
    assert surprises == sorted(surprises, reverse=True)
    assert audit.n_unreviewed == 4
    assert audit.notes == ("without predictions nothing is looked for of model-only, gold-only",)


def test_what_was_judged_right_does_not_come_again_and_a_fault_does_until_it_is_mended() -> None:
    ids = {finding.kind: finding.id for finding in audit_corpus(CORPUS).findings}
    reviews = {
        ids["type-varies"]: Review(id=ids["type-varies"], verdict="right"),
        ids["source-missing"]: Review(id=ids["source-missing"], verdict="fault", note="the Observatory"),
        "0123456789": Review(id="0123456789", verdict="fault", note="mended long ago"),
    }
    audit = audit_corpus(CORPUS, reviews=reviews)
    assert [f.kind for f in audit.findings].count("type-varies") == 0
    assert audit.right == {"type-varies": 1}
    assert audit.faults == {ids["source-missing"]: "the Observatory"}
    assert (len(audit.findings), audit.n_unreviewed) == (3, 2)
    mended = audit_corpus(corpus_of(*[GOOD] * 16), reviews=reviews)
    assert (mended.findings, mended.faults, mended.n_unreviewed) == ((), {}, 0)


def test_only_the_kinds_that_are_asked_for() -> None:
    audit = audit_corpus(CORPUS, kinds=["count-missing"])
    assert audit.found == {"count-missing": 1}
    assert audit.notes == ()
    with pytest.raises(InputError, match="'counts' is no kind of finding; known: type-varies, trigger-unmarked"):
        audit_corpus(CORPUS, kinds=["counts"])


def test_what_the_scheme_has_no_label_for_is_told() -> None:
    schema = Schema.parse('[entities]\nPER = ""\n[events]\nATTACK = ""')
    audit = audit_corpus(corpus_of("[Ann|PER a1] [attacked|ATTACK e1].", schema=schema), kinds=tuple(KINDS))
    assert audit.found == {"type-varies": 0, "trigger-unmarked": 0}
    assert audit.notes[:2] == (
        "the label scheme has no relation COUNT, so nothing is looked for of count-missing",
        "the label scheme has no relation SOURCE, so nothing is looked for of source-missing",
    )


def test_predictions_bring_two_kinds_more_and_what_they_lack() -> None:
    report = to_report("r13", CORPUS.sentences["r13"])
    start = report.text.index("attacked")
    seen = Mention("m0", start, start + len("attacked"), "ATTACK", score=0.97)
    audit = audit_corpus(CORPUS, predictions=[replace(report, mentions=(seen,))])
    assert [f.row.report for f in audit.findings if f.kind == "model-only"] == ["r13"]
    assert (audit.found["model-only"], audit.found["gold-only"]) == (1, 0)
    assert audit.notes == ("15 reports have no prediction",)
