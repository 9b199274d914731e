"""Extraction as the function of `datasets.Dataset.map`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conflictspan.columns import FOUND, as_row
from conflictspan.errors import InputError
from conflictspan.model_folder import check_model_folder, hash_of_model, local_folder
from conflictspan.records import Report

if TYPE_CHECKING:
    from datasets import Features

    from conflictspan.extractor import Extractor

_log = logging.getLogger(__name__)


class ExtractBatch:
    """Takes a batch of rows with a `text` and gives their sentences, mentions, relations and events.

        extract = ExtractBatch("models/default")
        found = reports.map(extract, batched=True, features=extract.features(reports.features))

    A row also needs an `id`, which events are named after; where the dataset has none, pass `with_indices=True` and
    its number in the dataset serves. `published`, the date that words such as "on Sunday" are reckoned from, is taken
    where it is. The columns are those of `conflictspan.columns.FOUND`.

    What it pickles to, and hence the fingerprint that `datasets` finds its cache by, is the model's path and hash and
    the options; the model itself is loaded at the first batch, once a process.
    """

    def __init__(self, model: str | Path, *, min_precision: float | None = None) -> None:
        """Name the model.

        Args:
            model: a model folder.
            min_precision: what `Extractor.from_pretrained` takes.

        Raises:
            ModelError: it is no model folder, or was altered.
        """
        self.model = str(model)
        folder = local_folder(model)
        check_model_folder(folder)
        self.model_hash = hash_of_model(folder)
        self.min_precision = min_precision

    def __getstate__(self) -> dict[str, object]:
        """Leave out the loaded model."""
        return {key: value for key, value in vars(self).items() if key != "_extractor"}

    def __call__(
        self, batch: Mapping[str, Sequence[Any]], indices: Sequence[int] | None = None
    ) -> dict[str, list[Any]]:
        """Extract from a batch.

        Args:
            batch: columns.
            indices: numbers of the rows, as `with_indices=True` gives them.

        Returns:
            The new columns. A row whose text is missing or null has empty lists in them.

        Raises:
            InputError: there is no column `text`, or neither `id` nor indices.
        """
        if "text" not in batch:
            raise InputError(f"no column is named text; the columns are {', '.join(batch)}")
        if "id" not in batch and indices is None:
            raise InputError("no column is named id; add one, or pass with_indices=True to name rows by their numbers")
        texts = batch["text"]
        ids = batch.get("id", indices)
        dates = batch.get("published", [None] * len(texts))
        if missing := sum(text is None for text in texts):
            _log.warning("%d rows have no text; nothing is extracted from them", missing)
        reports = (
            Report(str(id_), text or "", published=None if date is None else str(date))
            for id_, text, date in zip(ids or (), texts, dates, strict=True)
        )
        rows = [as_row(report) for report in self._extractor.extract(reports)]
        return {name: [row[name] for row in rows] for name in FOUND.names}

    def features(self, given: Features) -> Features:
        """The features of the mapped dataset: those of the given one, and the new columns.

        Passed to `map`, they hold whatever the first batches have; without, `datasets` takes a column of empty lists
        for one of nulls.
        """
        from datasets import Features

        return Features({**given, **Features.from_arrow_schema(FOUND)})

    @cached_property
    def _extractor(self) -> Extractor:
        from conflictspan.extractor import Extractor

        return Extractor.from_pretrained(self.model, min_precision=self.min_precision)
