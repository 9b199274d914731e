"""What the workers of a Ray cluster do: read files in blocks, extract from a block and write it. Needs no Ray."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from conflictspan.blocks import Block, as_fields, cut_blocks
from conflictspan.errors import ModelError
from conflictspan.predict import extract_block
from conflictspan.reading import Item, Located, Reject, read_located
from conflictspan.records import Report
from conflictspan.shards import Shards, Stub
from conflictspan.writing import Summary

Batch = Mapping[str, Sequence[Any]]
"""Columns of a Ray dataset."""


def read_files(groups: Batch, *, root: Path, characters: int) -> Iterator[dict[str, list[Any]]]:
    """Read groups of files in blocks of consecutive records.

    Args:
        groups: a `number` and a JSON list of `files` each.
        root: where their paths begin.
        characters: of text in a block; a longer report is a block of its own.

    Yields:
        One block at a time: its `name`, by which blocks are in input order, and its `items` as JSON.
    """
    for number, files in zip(groups["number"], groups["files"], strict=True):
        for index, block in enumerate(cut_blocks(_read(json.loads(files), root), characters)):
            yield {"name": [f"{number:05d}-{index:05d}"], "items": [_pack(block)]}


class ExtractBlocks:
    """Holds the model and makes shards of blocks."""

    def __init__(
        self, *, model: str | Path, model_hash: str, min_precision: float | None, actors: Path | None, shards: Shards
    ) -> None:
        """Load the model, once a worker.

        Args:
            model: a model folder or a model hub's id.
            model_hash: what `hash_of_model` gives for it where the run was started.
            min_precision: what `Extractor.from_pretrained` takes.
            actors: a table of actors to add to the packaged one.
            shards: where to write.

        Raises:
            ModelError: it cannot be trusted or read, or is another one here.
        """
        # Here, since what only reads files can do without torch.
        from conflictspan.events.actor_table import load_actors
        from conflictspan.events.assembly import Assembler
        from conflictspan.extractor import Extractor
        from conflictspan.model_folder import hash_of_model

        if hash_of_model(model) != model_hash:
            raise ModelError(f"{model} is another model on this worker than where the run was started; copy it anew")
        assembler = Assembler(actors=load_actors(actors))
        self._extractor = Extractor.from_pretrained(model, min_precision=min_precision, assembler=assembler)
        self._shards = shards

    def __call__(self, blocks: Batch) -> dict[str, list[Any]]:
        """Extract from blocks as `read_files` yields them, write a shard for each and give its stub as a row.

        A block whose shard is there from before the run was interrupted is not extracted from again.
        """
        stubs = []
        for name, packed in zip(blocks["name"], blocks["items"], strict=True):
            digest = hashlib.sha256(packed).hexdigest()
            stub = self._shards.done(name, digest)
            if not stub:
                block = _unpack(packed)
                found = extract_block(block, self._extractor)
                stub = self._shards.write(
                    name, [(read, *result) for read, result in zip(block, found, strict=True)], digest=digest
                )
            stubs.append(stub)
        return stub_rows(stubs)


def stub_rows(stubs: Iterable[Stub]) -> dict[str, list[Any]]:
    """Stubs as columns."""
    rows = [(stub.name, json.dumps(asdict(stub.summary)), stub.places) for stub in stubs]
    return {
        name: list(column) for name, column in zip(("name", "summary", "places"), zip(*rows, strict=True), strict=True)
    }


def stub_of(row: Mapping[str, Any]) -> Stub:
    """A row of `stub_rows` as a stub."""
    return Stub(row["name"], Summary(**json.loads(row["summary"])), row["places"])


def _read(files: Iterable[str], root: Path) -> Iterator[Item]:
    """Read files as they are called in the input; ids that come twice are looked for over all files in the end."""
    for file in files:
        for item in read_located([root / file]):
            if isinstance(item, Located) or item.kind == "rejected":
                yield replace(item, file=file)


def _pack(block: Block) -> bytes:
    """A block as JSON in ASCII, which can name the lone surrogates that Arrow's strings cannot hold."""
    return json.dumps([as_fields(item) for item in block]).encode()


def _unpack(packed: bytes) -> list[Item]:
    items: list[Item] = []
    for file, line, *rest in json.loads(packed):
        if len(rest) == 2:
            items.append(Reject(file, line, *rest))
        else:
            id_, text, published, title = rest
            items.append(Located(Report(id_, text, published=published, title=title), file, line))
    return items
