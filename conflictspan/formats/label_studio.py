"""Label Studio's tasks as JSON (https://labelstud.io/guide/task_format): gold as annotations, a model's as predictions.

Offsets are code points, also of emoji: the editor counts them so since label-studio-frontend pull request 308 (2021).
Exports that are older count UTF-16 code units; they are told by the words that a region repeats.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from conflictspan.errors import AnnotationError, shown
from conflictspan.formats.annotations import Annotations
from conflictspan.formats.label_studio_config import LABELS, STATUS, TEXT, labeling_config
from conflictspan.formats.report_notes import ReportNote
from conflictspan.formats.sources import (
    UNKNOWN,
    ImportSource,
    SourceReport,
    Tally,
    as_label,
    as_word,
    decode,
    split_of_file,
)
from conflictspan.formats.utf16 import Utf16Offsets
from conflictspan.records import Mention, Offsets, Relation
from conflictspan.rows import Split, describe
from conflictspan.schema import Schema

RULES = (
    "Of several annotations of a task the last is read; skipped ones are not. Where there is none, the last prediction "
    "is read.",
    "A region's first label is its type, its choice its status. White space in labels becomes % and hex digits.",
    "A relation goes from its first region to its second, or the other way where its direction is left; where it has "
    "several labels there is a relation of each.",
    "A task without a report's name is named after the file and its place there; its split is the one that the file's "
    "name speaks of, or else train.",
    "A report has the date, the sentences and so on that its data says; a span where one stood has its id.",
)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Value(_Row):
    start: NonNegativeInt | None = None
    end: NonNegativeInt | None = None
    text: str | None = None
    labels: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class _Result(_Row):
    type: str
    id: str | None = None
    value: _Value = _Value()
    score: float | None = None
    from_id: str | None = None
    to_id: str | None = None
    direction: Literal["left", "right", "bi"] = "right"
    labels: tuple[str, ...] | None = ()


class _Answer(_Row):
    """An annotation or a prediction."""

    result: tuple[_Result, ...] = ()
    was_cancelled: bool = False
    model_version: str | None = None


class _Task(_Row):
    data: dict[str, Any]
    annotations: tuple[_Answer, ...] = ()
    predictions: tuple[_Answer | int, ...] = ()  # exports have numbers only


def read_label_studio(path: Path, _schema: Schema | None = None) -> ImportSource:
    """Read tasks as Label Studio exports them under "JSON", or as `write_label_studio` writes them.

    Raises:
        AnnotationError: with every fault of the file, each with the number of its task.
    """
    faults: list[str] = []
    tally = Tally()
    split = split_of_file(path)
    reports: list[SourceReport] = []
    for number, fields in enumerate(_tasks(path, faults), 1):
        where = f"{shown(path)}: task {number}"
        try:
            task = _Task.model_validate(fields)
            text = task.data.get(TEXT)
            if not isinstance(text, str):
                faults.append(f"{where}: data.{TEXT}: a text is needed, not {repr(text)[:80]}")
                continue
            note = ReportNote.read(task.data, stem=as_word(path.stem), number=number, split=split)
        except ValidationError as error:
            faults += [f"{where}: {fault}" for fault in describe(error)]
            continue
        if fault := note.fault(text):
            faults.append(f"{where}: data.{fault}")
        tally.add(note.split, "reports", "read")
        answer = _answer(task, note.split, tally)
        if answer is None:
            continue
        regions = _Regions(text, where, note.split, tally, faults)
        regions.take(answer)
        if not faults:
            model = None if task.annotations else answer.model_version or UNKNOWN
            mentions = tuple(regions.mentions.values())
            reports.append(note.source(text, mentions, regions.relations, where=where, model=model))
    if faults:
        raise AnnotationError(faults)
    events = {mention.type for item in reports for mention in item.report.mentions if mention.status}
    return ImportSource("label-studio", RULES, {shown(Path(path.name)): path}, reports, tally, events)


def write_label_studio(annotations: Annotations, path: Path) -> None:
    """Write a task for each report, and beside it the labeling configuration, `<name>.xml`."""
    tasks = ",\n".join(json.dumps(_task(item), ensure_ascii=False) for item in annotations.reports)
    path.write_text(f"[\n{tasks}\n]\n", encoding="utf-8", newline="\n")
    path.with_suffix(".xml").write_text(labeling_config(annotations.schema), encoding="utf-8", newline="\n")


def _task(item: SourceReport) -> dict[str, object]:
    data = {TEXT: item.report.text} | ReportNote.of(item).model_dump()
    result = list(_results(item))
    if item.model is None:
        return {"data": data, "annotations": [{"result": result}]}
    scores = [mention.score for mention in item.report.mentions if mention.score is not None]
    prediction = {"model_version": item.model, "score": fmean(scores) if scores else None, "result": result}
    return {"data": data, "predictions": [prediction]}


def _results(item: SourceReport) -> Iterator[dict[str, object]]:
    for mention in item.report.mentions:
        place = {"start": mention.start, "end": mention.end, "text": item.report.text[mention.start : mention.end]}
        region: dict[str, object] = {"id": mention.id, "to_name": TEXT}
        score = {} if mention.score is None else {"score": mention.score}
        yield region | {"from_name": LABELS, "type": "labels", "value": place | {"labels": [mention.type]}} | score
        if mention.status:
            yield region | {"from_name": STATUS, "type": "choices", "value": place | {"choices": [mention.status]}}
    for relation in item.report.relations:
        ends = {"from_id": relation.head, "to_id": relation.tail, "direction": "right", "labels": [relation.label]}
        yield {"type": "relation"} | ends | ({} if relation.score is None else {"score": relation.score})


def _tasks(path: Path, faults: list[str]) -> list[object]:
    text = decode(path, faults)
    if text is None:
        return []
    try:
        tasks = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        faults.append(f"{shown(path)}: not JSON: {error}")
        return []
    if not isinstance(tasks, list):
        faults.append(f"{shown(path)}: a list of tasks is needed; export the project as JSON")
        return []
    return tasks


def _answer(task: _Task, split: Split, tally: Tally) -> _Answer | None:
    """The annotation of a task that counts; None, and the report is lost, where there is none."""
    given = [annotation for annotation in task.annotations if not annotation.was_cancelled]
    predicted = [prediction for prediction in task.predictions if isinstance(prediction, _Answer)]
    tally.add(split, "annotations", "lost", "of several of one task only the last is read", max(len(given) - 1, 0))
    if given:
        return given[-1]
    if task.annotations:
        tally.add(split, "reports", "lost", "skipped in Label Studio")
        return None
    if predicted:
        tally.add(split, "reports", "noted", "only predicted by a model, annotated by nobody")
        return predicted[-1]
    tally.add(split, "reports", "lost", "annotated by nobody")
    return None


@dataclass(slots=True)
class _Regions:
    """The regions and relations of one answer as they are read.

    Attributes:
        text, where, split: of the task.
        tally, faults: of all tasks.
        mentions: region's id -> mention.
        relations: between the mentions.
    """

    text: str
    where: str
    split: Split
    tally: Tally
    faults: list[str]
    mentions: dict[str, Mention] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)

    def take(self, answer: _Answer) -> None:
        """Read all results, whatever their order."""
        for result in answer.result:
            if result.type == "labels":
                self._take_region(result)
            elif result.type not in ("choices", "relation"):
                self.tally.add(self.split, "results", "lost", f"of the type {result.type}")
        ids = {result.id for result in answer.result}
        for result in answer.result:
            if result.type == "choices":
                self._take_choice(result)
            elif result.type == "relation":
                self._take_relation(result, ids)

    def _take_region(self, result: _Result) -> None:
        value, id_ = result.value, result.id
        if id_ is None or value.start is None or value.end is None:
            self.faults.append(f"{self.where}: a region without id, start or end")
            return
        self.tally.add(self.split, "mentions", "read")
        if not value.labels:
            self.tally.add(self.split, "mentions", "lost", "without a label")
            return
        self.tally.add(self.split, "labels", "lost", "of a region that has another", len(value.labels) - 1)
        place = self._place(value.start, value.end, value.text)
        if place is None:
            found = self.text[value.start : value.end]
            self.faults.append(
                f"{self.where}: region {id_} is {value.text!r}, but {value.start} to {value.end} of a text of "
                f"{len(self.text)} characters is {found[:60]!r}; was the text changed?"
            )
            return
        if id_ in self.mentions:
            self.faults.append(f"{self.where}: the region {id_} stands twice")
        self.mentions[id_] = Mention(id_, *place, as_label(value.labels[0]), score=result.score)

    def _place(self, start: int, end: int, words: str | None) -> Offsets | None:
        if start < end <= len(self.text) and (words is None or _same(words, self.text[start:end])):
            return start, end
        offsets = Utf16Offsets(self.text)
        first, last = offsets.points(start), offsets.points(end)
        if words is None or first is None or last is None or not _same(words, self.text[first:last]):
            return None
        self.tally.add(self.split, "mentions", "changed", "offsets were UTF-16 code units")
        return first, last

    def _take_choice(self, result: _Result) -> None:
        self.tally.add(self.split, "statuses", "read")
        if result.id not in self.mentions or not result.value.choices:
            self.tally.add(self.split, "statuses", "lost", "a choice for no region that is read")
            return
        self.tally.add(self.split, "statuses", "lost", "of a region that has another", len(result.value.choices) - 1)
        status = as_label(result.value.choices[0])
        self.mentions[result.id] = replace(self.mentions[result.id], status=status)

    def _take_relation(self, result: _Result, ids: Collection[str | None]) -> None:
        ends = (result.from_id, result.to_id) if result.direction != "left" else (result.to_id, result.from_id)
        number = max(len(result.labels or ()), 1)
        self.tally.add(self.split, "relations", "read", number=number)
        for end in ends:
            if end not in ids:
                self.faults.append(f"{self.where}: a relation joins the region {end}, which stands nowhere in the task")
        if not result.labels:
            self.tally.add(self.split, "relations", "lost", "without a label")
        elif ends[0] not in self.mentions or ends[1] not in self.mentions:
            self.tally.add(self.split, "relations", "lost", "an end was lost", number)
        else:
            self.relations += [Relation(ends[0], as_label(label), ends[1], result.score) for label in result.labels]


def _same(words: str, found: str) -> bool:
    """Whether a region repeats the words of the text; the editor writes a line break as a backslash and an n."""
    first, second = (" ".join(part.replace("\\n", " ").split()) for part in (words, found))
    return first == second
