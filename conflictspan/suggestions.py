"""What to annotate next: raw reports that the model is least sure of, unlike each other, with what it found in them."""

from __future__ import annotations

import heapq
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conflictspan.corpus import read_corpus
from conflictspan.errors import OutputError
from conflictspan.formats.annotations import Annotations
from conflictspan.formats.conversion import check_target, write_annotations
from conflictspan.formats.sources import SourceReport, Tally, as_word
from conflictspan.near_duplicates import near_duplicates, normalise
from conflictspan.parts import whole_or_not
from conflictspan.reading import Reject, read_reports
from conflictspan.records import Report
from conflictspan.schema import Schema
from conflictspan.writing import check_outside, rejects_path

POOL = 20
"""Candidates held for each report that is wanted: from so many of the most uncertain ones unlike ones are picked."""

_BUCKETS = 4096
_NOTHING_NEW = 1e-6
# What UTF-8 or the databases of annotation tools cannot hold.
_UNFIT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A report with what the model found in it.

    Attributes:
        report: with scored mentions and relations.
        uncertainty: see `expected_errors`.
    """

    report: Report
    uncertainty: float


@dataclass(slots=True)
class SuggestionSummary:
    """What became of the reports.

    Attributes:
        suggestions: what was written, in the order picked.
        tally: what the format could not hold.
        reports: how many were read.
        known: how many candidates stand, nearly the same, in the corpus.
        rejects: records that could not be read, and reports with the id of an earlier one.
    """

    suggestions: list[Suggestion] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    reports: int = 0
    known: int = 0
    rejects: list[Reject] = field(default_factory=list)


def suggest(
    inputs: Sequence[str],
    output: Path,
    *,
    model: str | Path,
    number: int,
    to: str,
    corpus: Path | None = None,
    overwrite: bool = False,
    watch: Callable[[Iterable[Report | Reject]], Iterable[Report | Reject]] = iter,
) -> SuggestionSummary:
    """Pick reports from files and folders and write them with the model's annotations.

    What could not be read goes to `<output>.rejects.jsonl`.

    Args:
        inputs: what `read_reports` takes.
        output: the file or folder to write.
        model: a model folder or a model hub's id.
        number: how many reports to pick at most.
        to: a format that `conversion.write_annotations` writes.
        corpus: a corpus folder; a report that has, nearly the same, a sentence of it is left out.
        overwrite: as for `conversion.convert`.
        watch: handed the stream on its way, which it hands on; for a progress bar.

    Raises:
        InputError: where an input cannot be read at all.
        OutputError: where the output must not or cannot be written, or would be read as an input.
        ModelError: where the model cannot be trusted or read.
        AnnotationError: where the corpus has faults.
    """
    check_target(output, to, overwrite=overwrite)
    rejects = rejects_path(output)
    if rejects.exists() and not overwrite:
        raise OutputError(f"{rejects}: is there already; give another output, or --overwrite to replace it")
    check_outside(output, inputs)
    items = read_reports(inputs)
    known = [row.row.text for rows in read_corpus(corpus).sentences.values() for row in rows] if corpus else []
    from conflictspan.extractor import Extractor  # takes seconds, which a refusal should not

    extractor = Extractor.from_pretrained(model)
    summary = SuggestionSummary()
    pool = most_uncertain(extractor.find(_reports(watch(items), summary)), POOL * number)
    fresh = without_known(pool, known)
    summary.known = len(pool) - len(fresh)
    summary.suggestions = pick(fresh, number)
    annotations = _annotations(summary, extractor.schema, model=str(model), origin=as_word(output.stem))
    write_annotations(annotations, output, to=to)
    _write_rejects(summary.rejects, rejects)
    return summary


def expected_errors(report: Report) -> float:
    """How many mentions and relations of a report are wrong a sentence, by the model's own scores.

    Scores are calibrated probabilities, so the wrong ones among n are expected to be the sum of 1 - p, however they
    hang together; a relation is right with both its mentions. It is least confidence (Culotta and McCallum 2005,
    "Reducing labeling effort for structured prediction tasks"), summed over what an annotator will look at, and
    divided by length, without which the longest reports always come first (Settles and Craven 2008, "An analysis of
    active learning strategies for sequence labeling tasks"). What the model overlooks without a trace is not in it.

    >>> from conflictspan.records import Mention, Relation
    >>> mentions = (Mention("a", 0, 4, "ORG", score=0.9), Mention("b", 5, 9, "ORG", score=0.5))
    >>> relations = (Relation("a", "KNOWS", "b", score=0.8),)
    >>> sentences = ((0, 10), (11, 18))
    >>> report = Report("r", "Anna Bert. Nobody.", sentences=sentences, mentions=mentions, relations=relations)
    >>> round(expected_errors(report), 2)  # (0.1 + 0.5 + 1 - 0.9 * 0.5 * 0.8) / 2
    0.62
    """
    sure = {mention.id: _score(mention.score) for mention in report.mentions}
    wrong = sum(1 - score for score in sure.values())
    wrong += sum(1 - sure[r.head] * sure[r.tail] * _score(r.score) for r in report.relations)
    return wrong / max(len(report.sentences), 1)


def most_uncertain(reports: Iterable[Report], number: int) -> list[Suggestion]:
    """The reports that are expected to have the most errors, these first; of equals the earlier. Holds no more."""
    heap: list[tuple[float, int, Report]] = []
    for place, report in enumerate(reports):
        heapq.heappush(heap, (expected_errors(report), -place, report))
        if len(heap) > number:
            heapq.heappop(heap)
    return [Suggestion(report, uncertainty) for uncertainty, _, report in sorted(heap, reverse=True)]


def without_known(suggestions: Sequence[Suggestion], known: Sequence[str]) -> list[Suggestion]:
    """Leave out the reports that have, nearly the same, one of the known sentences."""
    owners = [n for n, suggestion in enumerate(suggestions) for _ in suggestion.report.sentences]
    texts = [s.report.text[start:end] for s in suggestions for start, end in s.report.sentences]
    pairs = near_duplicates([*known, *texts], ["known"] * len(known) + ["new"] * len(texts))
    seen = {owners[later - len(known)] for _, later, _ in pairs}
    return [suggestion for number, suggestion in enumerate(suggestions) if number not in seen]


def pick(suggestions: Sequence[Suggestion], number: int) -> list[Suggestion]:
    """Pick uncertain reports that are unlike each other.

    Greedy, as maximal marginal relevance is (Carbonell and Goldstein 1998, "The use of MMR, diversity-based reranking
    for reordering documents and producing summaries"): next comes the report with the largest uncertainty times 1 less
    its similarity to the nearest one picked already. A product, so that no weight need be chosen. Similarity is the
    cosine of the words' TF-IDF. So neither a copy of a report is picked nor one in which nothing was found.

    Args:
        suggestions: the candidates, most uncertain first.
        number: how many to pick at most.

    Returns:
        What was picked, in that order; the same for the same candidates.
    """
    uncertainty = np.array([suggestion.uncertainty for suggestion in suggestions])
    vectors = word_vectors([suggestion.report.text for suggestion in suggestions])
    nearest = np.zeros(len(suggestions))
    picked: list[Suggestion] = []
    while len(picked) < min(number, len(suggestions)):
        gains = uncertainty * (1 - nearest)
        best = int(gains.argmax())
        if gains[best] <= _NOTHING_NEW:
            break
        picked.append(suggestions[best])
        nearest = np.maximum(nearest, np.minimum(vectors @ vectors[best], 1))
        nearest[best] = 1
    return picked


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Texts as vectors of length 1: TF-IDF of their words, hashed (Weinberger and others 2009) so that they fit.

    Args:
        texts: n of them.

    Returns:
        (n, 4096); a text without words is all zeros.
    """
    vectors = np.zeros((len(texts), _BUCKETS), dtype=np.float32)
    for row, text in enumerate(texts):
        for word, times in Counter(normalise(text)).items():
            vectors[row, zlib.crc32(word.encode()) % _BUCKETS] += 1 + np.log(times)
    holders = (vectors > 0).sum(0)
    vectors *= (np.log((1 + len(texts)) / (1 + holders)) + 1).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    vectors /= lengths
    return vectors


def _score(score: float | None) -> float:
    return 1.0 if score is None else score


def _reports(items: Iterable[Report | Reject], summary: SuggestionSummary) -> Iterator[Report]:
    for item in items:
        if isinstance(item, Reject):
            summary.rejects.append(item)
        else:
            summary.reports += 1
            yield item


def _annotations(summary: SuggestionSummary, schema: Schema, *, model: str, origin: str) -> Annotations:
    reports = []
    taken: Counter[str] = Counter()
    for report in (suggestion.report for suggestion in summary.suggestions):
        fit = _UNFIT.sub("\ufffd", report.text)
        summary.tally.add("train", "reports", "changed", "NUL or half a character became U+FFFD", fit != report.text)
        # No bar, which would end the id in markup.
        id_ = as_word(_UNFIT.sub("\ufffd", report.id)).replace("|", "%7C")
        taken[id_] += 1
        clean = replace(
            report,
            id=id_ if taken[id_] == 1 else f"{id_}~{taken[id_]}",
            text=fit,
            published=_UNFIT.sub("\ufffd", report.published) if report.published else None,
            title=_UNFIT.sub("\ufffd", report.title) if report.title else None,
        )
        reports.append(SourceReport(clean, "train", report.id, origin, model=model))
    return Annotations("suggestions", (), {}, schema, reports, summary.tally)


def _write_rejects(rejects: Sequence[Reject], path: Path) -> None:
    if not rejects:
        path.unlink(missing_ok=True)
        return
    with whole_or_not(path) as part:
        # ASCII, since a file's name may be no UTF-8.
        part.write_text(
            "".join(f"{json.dumps(asdict(reject))}\n" for reject in rejects), encoding="ascii", newline="\n"
        )
