"""The trained model at work: reports in, the same reports with mentions, relations and event records out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from conflictspan.backends import Backend, BackendName, TorchBackend, choose_backend
from conflictspan.batching import SpecialTokens, pair_batch, window_batch
from conflictspan.candidates import CandidatePairs, MentionArrays, PairRules, candidate_pairs
from conflictspan.devices import autocast, best_device
from conflictspan.drafts import Draft, Member, batches, chunks, mention_arrays, spans_starting_in, without_overlaps
from conflictspan.encoding import FastTokenizer, Window, cut_windows, encode
from conflictspan.events.assembly import Assembler
from conflictspan.model import ConflictModel, WindowBatch
from conflictspan.model_folder import load_model, local_folder
from conflictspan.precision import Thresholds, thresholds_for, usual_thresholds
from conflictspan.records import Report
from conflictspan.schema import Schema
from conflictspan.sentences import split_sentences
from conflictspan.tagging import best_tags, outer_masses, spans_of

UNLIKELY = 0.1
"""A relation of lower probability is not worth asking how sure its mentions are."""


@dataclass(slots=True)
class _Pass:
    """A batch of windows whose states are at hand."""

    members: list[Member]
    words: Tensor


class Extractor:
    """Extracts mentions and relations with a trained model, and assembles event records from them.

    Attributes:
        pieces_read: word pieces of all texts so far, each counted once.
    """

    name = "model"

    def __init__(
        self,
        model: ConflictModel,
        tokenizer: FastTokenizer,
        *,
        device: torch.device | None = None,
        backend: Backend | None = None,
        min_precision: float | None = None,
        assembler: Assembler | None = None,
    ) -> None:
        """Wrap a model.

        Args:
            model: trained, or in training.
            tokenizer: the encoder's.
            device: where it runs; where None, on a GPU if there is one.
            backend: runs the encoder; where None, torch.
            min_precision: of what `extract` gives out, at least this share is right by the model's validation; less
                certain mentions and relations are left out, see `conflictspan.precision`. Where None, what
                makes F1 best there is given.
            assembler: of the events; where None, with the packaged table of actors.

        Raises:
            ConfigError: the precision is no share.
            ModelError: the model can promise no precision.
        """
        self.assembler = assembler or Assembler()
        self.device = device or best_device()
        self.model = model.to(self.device)
        self.backend = backend or TorchBackend()
        self.tokenizer = tokenizer
        self.special = SpecialTokens.of(tokenizer)
        self.pieces_read = 0
        self._rules = PairRules(model.schema)
        self._asked = None if min_precision is None else thresholds_for(min_precision, model.calibrator, model.schema)

    @classmethod
    def from_pretrained(
        cls,
        path_or_hub_id: str | Path,
        *,
        device: torch.device | None = None,
        backend: BackendName | None = None,
        min_precision: float | None = None,
        assembler: Assembler | None = None,
    ) -> Extractor:
        """Load a model folder or a model hub's id.

        Args:
            path_or_hub_id: of the model.
            device: as `Extractor` takes it; where the backend is to be onnx, the CPU.
            backend: "torch" or "onnx"; where None, what is there, see `conflictspan.backends`.
            min_precision: as `Extractor` takes it.
            assembler: the same.

        Raises:
            ModelError: the model cannot be trusted or read.
            ConfigError: the backend cannot be had.
        """
        folder = local_folder(path_or_hub_id)
        model, tokenizer = load_model(folder)
        device = device or (torch.device("cpu") if backend == "onnx" else best_device())
        return cls(
            model,
            tokenizer,
            device=device,
            backend=choose_backend(folder, name=backend, device=device),
            min_precision=min_precision,
            assembler=assembler,
        )

    @property
    def schema(self) -> Schema:
        """The label scheme that the model was trained on."""
        return self.model.schema

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Give each report back with its mentions, relations and events, in input order, whatever its length.

        Sentences that a report brings are kept; a report without is split. Texts come back unchanged. Scores are
        probabilities, calibrated on the model's validation reports: a mention's that its range and type are right, a
        relation's that it holds given that its mentions are right.
        """
        if self._asked:
            yield from map(self.assembler.assemble, self.find(reports))
            return
        usual = self._thresholds()
        for found in self._run(reports, given=False):
            # A record gains more from an unsure argument than it loses, so that all that is likely goes into it.
            yield replace(usual.apply(found), events=self.assembler.events(self._likely(found)))

    def find(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Give each report back as `extract` does, without events."""
        yield from map(self._thresholds().apply, self._run(reports, given=False))

    def _likely(self, report: Report) -> Report:
        """A report with the relations that the network holds for likely, whatever it holds of their mentions."""
        threshold = self.model.calibrator.relation.scale(self.model.config.relation_threshold)
        kept = tuple(r for r in report.relations if r.score is None or r.score >= threshold)
        return replace(report, relations=kept)

    def _thresholds(self) -> Thresholds:
        return self._asked or usual_thresholds(self.model.calibrator, self.schema)

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Give each report back with all relations found between the mentions that it brings."""
        return self._run(reports, given=True)

    def _run(self, reports: Iterable[Report], *, given: bool) -> Iterator[Report]:
        """Keep the model at work on one chunk while the next is prepared and the last handed on.

        Reports are drawn and handed on in the caller's thread; a second one runs the model, which leaves Python free.
        """
        was_training = self.model.training
        self.model.eval()
        before: tuple[list[Draft], Future[None]] | None = None
        try:
            with ThreadPoolExecutor(1, thread_name_prefix="conflictspan-model") as worker:
                for chunk, drafts in chunks(self._draft(report, given=given) for report in reports):
                    reading = worker.submit(self._read, chunk, given=given)
                    if before:
                        yield from self._finished(*before)
                    before = drafts, reading
                if before:
                    yield from self._finished(*before)
        finally:
            self.model.train(was_training)

    def _finished(self, drafts: Iterable[Draft], reading: Future[None]) -> Iterator[Report]:
        reading.result()
        return (draft.finish(self.schema, self.model.calibrator) for draft in drafts)

    def _draft(self, report: Report, *, given: bool) -> Draft:
        if not report.sentences:
            report = replace(report, sentences=split_sentences(report.text))
        encoded = encode(report, self.tokenizer)
        self.pieces_read += len(encoded.pieces)
        config = self.model.config
        windows = list(cut_windows(encoded, budget=config.window_pieces, context=config.context_sentences))
        draft = Draft(report, encoded, windows)
        if given:
            draft.take(report.mentions, self.schema)
        return draft

    @torch.inference_mode()
    def _read(self, chunk: Sequence[Member], *, given: bool) -> None:
        """Find the mentions of all windows of a chunk first, then the relations: a pair may reach back a window."""
        passes = []
        for members in batches(chunk):
            batch = window_batch([(draft.encoded, window) for draft, window in members], self.special)
            moved = batch.to(self.device)
            with autocast(self.device):
                words = self.model.words(self.backend(self.model, moved), moved)
                if not given:
                    self._tag(members, words, batch)
            passes.append(_Pass(members, words))
        if not given:
            for draft in {id(draft): draft for draft, _ in chunk}.values():
                draft.spans = without_overlaps(draft.spans)
        for done in passes:
            self._relate(done, given=given)

    def _tag(self, members: Sequence[Member], words: Tensor, batch: WindowBatch) -> None:
        """Decode each window and keep the spans that begin in its core; no span crosses into the next sentence."""
        log_probs = self.model.tag(words).float().log_softmax(-1).cpu().numpy()
        lengths = batch.words.sum(1).numpy()
        for row, (draft, window) in enumerate(members):
            sentences = draft.encoded.word_sentences[window.start : window.end]
            log_probs[row, np.flatnonzero(np.diff(sentences)) + 1, 1 + len(self.schema.types) :] = -np.inf
        tags = best_tags(log_probs, lengths)
        before, after = outer_masses(log_probs, lengths)
        for row, (draft, window) in enumerate(members):
            length = int(lengths[row])
            for span in spans_of(tags[row, :length], log_probs[row, :length], before[row], after[row]):
                start = span.start + window.start
                if window.core_start <= start < window.core_end:
                    draft.spans.append(replace(span, start=start, end=span.end + window.start))

    def _relate(self, done: _Pass, *, given: bool) -> None:
        parts: list[tuple[Window, MentionArrays, CandidatePairs]] = []
        owners: list[tuple[Draft, int, bool]] = []  # of each mention: its report, its index there, in the core or not
        for draft, window in done.members:
            inside = [i for i in spans_starting_in(draft.spans, window) if draft.spans[i].end <= window.end]
            mentions = mention_arrays(draft.encoded, [draft.spans[i] for i in inside])
            asked = mentions.first_words >= window.core_start
            parts.append((window, mentions, candidate_pairs(mentions, self._rules, asked=asked)))
            owners += [(draft, i, core) for i, core in zip(inside, asked.tolist(), strict=True)]
        if not owners:
            return
        pairs = pair_batch(parts).to(self.device)
        with autocast(self.device):
            states = self.model.mentions(done.words, pairs)
            statuses = self.model.status(states).float().argmax(-1).tolist()
            scores = self.model.pairs(done.words, states, pairs).float().sigmoid()
        scores = scores * pairs.allowed
        heads, tails = pairs.heads.tolist(), pairs.tails.tolist()
        for pair, label in (scores >= self._relation_threshold(given=given)).nonzero().tolist():
            (draft, head, _), (_, tail, _) = owners[heads[pair]], owners[tails[pair]]
            draft.relations.append((head, label, tail, float(scores[pair, label])))
        if given:
            return
        for (draft, index, core), status in zip(owners, statuses, strict=True):
            if core and status and self.schema.is_event(self.schema.types[draft.spans[index].type]):
                draft.statuses[index] = self.schema.statuses[status - 1]

    def _relation_threshold(self, *, given: bool) -> float:
        """From which probability of the network's a relation is a candidate: its mentions may yet decide, or not."""
        threshold = self.model.config.relation_threshold
        decided = given or self.model.calibrator.relation.least is None
        return threshold if decided else min(threshold, UNLIKELY)
