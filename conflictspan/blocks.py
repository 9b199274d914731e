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


def cut_blocks(items: Iterable[Item]) -> Iterator[Block]:
    """Cut a stream into blocks, the same whether it begins at its beginning or behind any of its blocks."""
    block: Block = []
    size = 0
    for item in items:
        own = max(_LEAST, len(item.report.text if isinstance(item, Located) else item.reason))
        if block and size + own > BLOCK_CHARACTERS:
            yield block
            block, size = [], 0
        block.append(item)
        size += own
    if block:
        yield block


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
            if isinstance(item, Located):
                report = item.report
                fields: tuple[object, ...] = (
                    item.file,
                    item.line,
                    report.id,
                    report.text,
                    report.published,
                    report.title,
                )
            else:
                fields = (item.file, item.line, item.reason, item.kind)
            self._sha256.update(json.dumps(fields).encode())
            self.items += 1

    def skip(self, items: Iterator[Item], count: int) -> None:
        """Take in as many of the records as there are, up to a number, and hand them to nobody."""
        self.take(islice(items, count))
