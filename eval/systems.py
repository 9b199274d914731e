"""What is scored: the trained model and the rule baselines, behind one protocol, and their runs over gold reports."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from conflictspan.errors import ModelError
from conflictspan.records import Report
from conflictspan.schema import Schema
from eval.match import Match, MatchError, check_report, match_report


class System(Protocol):
    """Anything that reads reports. One report out for each one in, in order, the text unchanged."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Fill in mentions and relations of bare reports."""

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Fill in relations between the mentions that the reports have, and keep these."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one system made of the gold reports.

    Attributes:
        name: the system.
        end_to_end: gold against extraction from the bare text, one per report.
        on_gold: gold against the relations put between gold mentions, one per report; empty where the scheme has none.
        extract_seconds, relate_seconds: wall time of the two passes, loading left out.
    """

    name: str
    end_to_end: tuple[Match, ...]
    on_gold: tuple[Match, ...]
    extract_seconds: float
    relate_seconds: float


def load_model(path: str, schema: Schema) -> System:
    """Load a trained model.

    Args:
        path: model folder or hub id.
        schema: the corpus's label scheme.

    Raises:
        ModelError: the model is broken, or was trained for other labels.
    """
    # Here, because torch takes seconds to import and the rest of the harness has no need of it.
    from conflictspan.extractor import Extractor

    model = Extractor.from_pretrained(path)
    for kind, theirs, ours in (
        ("types", model.schema.types, schema.types),
        ("relations", model.schema.labels, schema.labels),
        ("statuses", model.schema.statuses, schema.statuses),
    ):
        if differing := sorted(set(theirs) ^ set(ours)):
            raise ModelError(
                f"{path}: the model's {kind} are not the corpus's; only one of them has {', '.join(differing)}. "
                "Score it on the corpus it was trained for, or train on this one"
            )
    return model


def run_system(system: System, gold: Sequence[Report], schema: Schema) -> Run:
    """Let a system read the gold reports, twice: bare, then with gold mentions.

    End to end means from the text on: mentions, relations and the annotators' sentence borders are all taken out of the
    report first. For relations on gold spans the gold sentences stay in.

    Raises:
        MatchError: the output cannot be compared with gold; the message names the system and the report.
    """
    bare = [dataclasses.replace(report, sentences=(), mentions=(), relations=()) for report in gold]
    extracted, extract_seconds = _read(system.name, system.extract, bare, schema)
    related: list[Report] = []
    relate_seconds = 0.0
    if schema.labels:
        spans = [dataclasses.replace(report, relations=()) for report in gold]
        related, relate_seconds = _read(system.name, system.relate, spans, schema)
        for given, returned in zip(spans, related, strict=True):
            if set(returned.mentions) != set(given.mentions):
                raise MatchError(f"{system.name}, report {given.id!r}: relate() must keep the mentions as they are")
    return Run(
        name=system.name,
        end_to_end=tuple(map(match_report, gold, extracted)),
        on_gold=tuple(map(match_report, gold, related)) if related else (),
        extract_seconds=extract_seconds,
        relate_seconds=relate_seconds,
    )


def _read(
    name: str, read: Callable[[Iterable[Report]], Iterator[Report]], given: Sequence[Report], schema: Schema
) -> tuple[list[Report], float]:
    start = time.perf_counter()
    returned = list(read(given))
    seconds = time.perf_counter() - start
    if len(returned) != len(given):
        raise MatchError(f"{name}: {len(given)} reports went in and {len(returned)} came out; each must come back once")
    for before, after in zip(given, returned, strict=True):
        if after.id != before.id:
            raise MatchError(f"{name}: report {after.id!r} came back for {before.id!r}; reports must keep their order")
        if after.text != before.text:
            raise MatchError(f"{name}, report {after.id!r}: the text was changed, so its offsets mean nothing; keep it")
        check_report(after, schema, source=name)
    return returned, seconds


def load_baselines(training: Sequence[Report], schema: Schema) -> list[System]:
    """The rule baselines: the memory of the training split; under a scheme that has its types, the lexicon; both."""
    from eval.baselines.combined import LexiconMemory
    from eval.baselines.lexicon import Lexicon
    from eval.baselines.memory import Memory

    memory = Memory.fit(training, schema)
    systems: list[System] = [memory]
    lexicon = Lexicon(schema)
    if {*lexicon.nouns.values(), *lexicon.triggers.values()} <= set(schema.types):
        systems += [lexicon, LexiconMemory(schema, memory)]
    return systems
