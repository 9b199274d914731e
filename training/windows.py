"""The windows that training draws from, some of them with other names in every epoch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain

from torch.utils.data import Dataset

from conflictspan.records import Report
from training.examples import Example, Losses
from training.renaming import Renamer


class TrainingWindows(Dataset[Example]):
    """Windows of reports. Their number and order stay; `begin` decides whose names are swapped.

    Attributes:
        losses: what of the gold no window has.
    """

    def __init__(
        self,
        reports: Sequence[Report],
        build: Callable[[Sequence[Report]], tuple[list[Example], Losses]],
        *,
        renamer: Renamer,
        share: float,
        seed: int,
    ) -> None:
        """Cut reports into windows.

        Args:
            reports: annotated.
            build: cuts reports, as `build_examples` does.
            renamer: swaps their names.
            share: of the reports, how many are renamed in an epoch.
            seed: of which ones, and of their names; with the epoch's number, so that a run can be resumed.
        """
        self._reports = reports
        self._build = build
        self._renamer = renamer
        self._share = share
        self._seed = seed
        built = [build([report]) for report in reports]
        self.losses = sum((losses for _, losses in built), Losses())
        self._written = [examples for examples, _ in built]
        self._examples = list(chain.from_iterable(self._written))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._examples)

    def __getitem__(self, index: int) -> Example:
        """The window with this number."""
        return self._examples[index]

    def begin(self, epoch: int) -> None:
        """Draw the reports that are renamed in an epoch. One that would fall into more or fewer windows is left."""
        if not self._share:
            return
        rng = random.Random(f"{self._seed} {epoch}")  # noqa: S311 (no secret)
        drawn = []
        for report, written in zip(self._reports, self._written, strict=True):
            if rng.random() >= self._share:
                drawn.append(written)
                continue
            renamed, _ = self._build([self._renamer.rename(report, rng)])
            drawn.append(renamed if len(renamed) == len(written) else written)
        self._examples = list(chain.from_iterable(drawn))
