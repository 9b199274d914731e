"""The stream of records in blocks, cut by a rule that looks at nothing but the stream, and its running digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import islice

from conflictspan.reading import Item, Located

BLOCK_CHARACTERS = 500_000
"""Characters of text in a block; a longer report is a block of its own."""

_LEAST = 100  # what a record counts for at least, so that empty ones do not make a block without end

Block = list[Item]
"""Consecutive records. A block is extracted from, written and made safe as one."""


def cut_blocks(items: Iterable[Item], characters: int | None = None) -> Iterator[Block]:
    """Cut a stream into blocks, the same whether it begins at its beginning or behind any of its blocks.

    Args:
        items: the stream.
        characters: of text in a block, where it is not to be `BLOCK_CHARACTERS`; a longer report is a block of its own.
    """
    most = characters or BLOCK_CHARACTERS
    block: Block = []
    size = 0
    for item in items:
        own = max(_LEAST, len(item.report.text if isinstance(item, Located) else item.reason))
        if block and size + own > most:
            yield block
            block, size = [], 0
        block.append(item)
        size += own
    if block:
        yield block


def as_fields(item: Item) -> tuple[object, ...]:
    """All that was read of a record, as JSON types: file and line, then four fields of a report or two of a reject."""
    if isinstance(item, Located):
        report = item.report
        return item.file, item.line, report.id, report.text, report.published, report.title
    return item.file, item.line, item.reason, item.kind


class Consumed:
    """What of a stream was taken: how many records, and a SHA-256 over them.

    Attributes:
        items: their number.
    """

    def __init__(self) -> None:
        self.items = 0
        self._sha256 = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of all records so far, with their places."""
        return self._sha256.hexdigest()

    def take(self, items: Iterable[Item]) -> None:
        """Take records in."""
        for item in items:
            self._sha256.update(json.dumps(as_fields(item)).encode())
            self.items += 1

    def skip(self, items: Iterator[Item], count: int) -> None:
        """Take in as many of the records as there are, up to a number, and hand them to nobody."""
        self.take(islice(items, count))
