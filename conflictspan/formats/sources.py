"""What a reader gives: reports as their annotators left them, their names, and the count of what becomes of all."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from conflictspan.errors import shown
from conflictspan.records import Report
from conflictspan.rows import SPLITS, Split

UNKNOWN = "unknown"
"""Conflict or genre of a report whose source does not tell it."""

_SPLIT_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "devel", "development", "valid", "val", "validation", "testa"), "validation"),
    **dict.fromkeys(("test", "testing", "testb"), "test"),
}

Fate = Literal["read", "lost", "kept", "changed", "noted"]
_FATES: tuple[Fate, ...] = ("read", "lost", "kept", "changed", "noted")


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A report as the source has it.

    Attributes:
        report: its mentions may overlap and have outer space, their scores are the annotators' confidence; its
            sentences are empty where the source has none. Relations name mentions of the report.
        split: where it belongs.
        where: `file:line`, or the file, for messages.
        origin: what it came from, a name without slashes.
        conflict, genre: as far as the source tells.
        own_ids: ids of mentions that a corpus gave them and that they keep; all others get new ones.
        model: the name of the model that annotated it; None where people did.
    """

    report: Report
    split: Split
    where: str
    origin: str
    conflict: str = UNKNOWN
    genre: str = UNKNOWN
    own_ids: frozenset[str] = frozenset()
    model: str | None = None


class Count(NamedTuple):
    """One kind of thing that befell one kind of thing: ("mentions", "lost", "confidence 0")."""

    what: str
    fate: Fate
    why: str = ""


@dataclass(slots=True)
class Tally:
    """The count of everything, by split. For each `what`: read = lost + kept.

    Attributes:
        counts: (count, split) -> number.
        skipped: names of files and folders that were not read.
    """

    counts: Counter[tuple[Count, Split]] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)

    def add(self, split: Split, what: str, fate: Fate, why: str = "", number: int = 1) -> None:
        """Count something."""
        self.counts[Count(what, fate, why), split] += number

    def add_read(self, report: Report, split: Split) -> None:
        """Count a report as read, with all that it has."""
        self.add(split, "reports", "read")
        self.add(split, "sentences", "read", number=len(report.sentences))
        self.add(split, "mentions", "read", number=len(report.mentions))
        self.add(split, "relations", "read", number=len(report.relations))

    def table(self) -> dict[Count, dict[str, int]]:
        """Count -> split -> number, in a fixed order; rows without a number above 0 are left out."""
        keys = {count for (count, _), number in self.counts.items() if number}
        ordered = sorted(keys, key=lambda count: (count.what, _FATES.index(count.fate), count.why))
        return {count: {split: self.counts[count, split] for split in SPLITS} for count in ordered}


@dataclass(frozen=True, slots=True)
class ImportSource:
    """What a format's own module has read.

    Attributes:
        format: its name, as in `--from NAME`.
        rules: what that module does to the data, in words.
        files: the files that were read, by the names that the record calls them.
        reports: what they hold.
        tally: what was read and what was left out already; goes on counting.
        events: types that are event triggers.
    """

    format: str
    rules: tuple[str, ...]
    files: Mapping[str, Path]
    reports: Sequence[SourceReport]
    tally: Tally
    events: Collection[str] = ()


def free_names(prefix: str, taken: Container[str], *, start: int = 1) -> Iterator[str]:
    """The names `<prefix><number>` that are not taken, by number."""
    return (name for number in count(start) if (name := f"{prefix}{number}") not in taken)


def named_splits(name: str) -> list[Split]:
    """The splits that a file's or a folder's name speaks of: "eng.testa" of validation, "train.txt" of train."""
    words = re.split(r"[^a-z]+", name.lower())
    return list(dict.fromkeys(_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS))


def split_of_file(path: Path) -> Split:
    """The first split that a file's name speaks of; of none, it trains."""
    return next(iter(named_splits(path.name)), "train")


def as_word(name: str) -> str:
    r"""A file's name as a report's id: white space, slashes, `%` and what cannot be printed become `%` and hex digits.

    >>> as_word("camp fire/2\\n")
    'camp%20fire%2F2%5Cn'
    """
    return "".join(c if c.isprintable() and c not in " %/\\" else quote(c, "", errors="surrogateescape") for c in name)


def as_label(name: str) -> str:
    """A label of a tool that allows any: as it is if it is a word, else with its white space as `%` and hex digits."""
    return name if re.fullmatch(r"\S+", name) else as_word(name)


def iso_date(published: str | None) -> str | None:
    """The day of a time stamp, `2016-06-21` of `2016-06-21T08:30Z`; None where it does not begin with one."""
    try:
        return dt.date.fromisoformat((published or "")[:10]).isoformat()
    except ValueError:
        return None


def decode(path: Path, faults: list[str]) -> str | None:
    """The text of a UTF-8 file with its line ends as they are, since offsets count them; None and a fault if unfit."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"not UTF-8 at byte {error.start}"
        faults.append(f"{shown(path)}: cannot be read: {reason}")
        return None


def repeated_ids(sources: Sequence[SourceReport]) -> list[str]:
    """A fault for each report whose id an earlier one has."""
    first: dict[str, str] = {}
    return [
        f"{source.where}: the report {source.report.id!r} stands already at {first[source.report.id]}; rename one"
        for source in sources
        if first.setdefault(source.report.id, source.where) != source.where
    ]
