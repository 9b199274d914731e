"""A folder of shards: extractions that several processes write, each shard whole or not there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

from conflictspan.columns import as_table
from conflictspan.errors import OutputError
from conflictspan.reading import Item, Located, Reject, SeenIds
from conflictspan.records import Report
from conflictspan.writing import Summary, as_record, rejects_path, write_extractions

SUMMARY = "_summary.json"
"""The file of counts, which is written last: where it is, all is."""

_SHARD, _REJECTS, _SCRATCH = "part-", "_rejects-", "_scratch-"


@dataclass(frozen=True, slots=True)
class Stub:
    """What is kept of a shard that was written.

    Attributes:
        name: of the shard; by it, shards are in input order.
        summary: counts.
        places: of its reports as JSON: `[[id, file, line], ...]`.
    """

    name: str
    summary: Summary
    places: bytes = b"[]"


@dataclass(frozen=True, slots=True)
class Shards:
    """The folder.

    Shards are `part-<name>`, rejects `_rejects-<name>.jsonl`: engines that read folders leave out names with `_`.

    Attributes:
        folder: where.
        parquet: shards are Parquet, with the columns of `conflictspan.columns.EXTRACTION`; else JSON lines.
    """

    folder: Path
    parquet: bool

    def prepare(self, *, overwrite: bool) -> None:
        """Make the folder; with `overwrite`, remove what an earlier run left there.

        Raises:
            OutputError: there is something in it already and `overwrite` is not set, or something that is no shard.
        """
        with _faults_named(self.folder):
            self.folder.mkdir(exist_ok=True)
            for path in self.folder.iterdir():
                if not (path.name.startswith((_SHARD, _REJECTS, _SCRATCH)) or path.name == SUMMARY):
                    raise OutputError(f"{path} is no shard; give a folder of its own as the output")
                if not overwrite:
                    raise OutputError(
                        f"{self.folder} has shards already; give another output, or --overwrite to replace them"
                    )
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def write(self, name: str, items: Sequence[tuple[Item, Report | Reject]]) -> Stub:
        """Write a shard and its rejects, in the place of those of an earlier attempt.

        Args:
            name: of the shard.
            items: what was read, and what came of it.

        Raises:
            OutputError: the folder cannot be written.
        """
        results = [self._storable(read, result) for read, result in items]
        places = [
            (result.id, read.file, read.line)
            for (read, _), result in zip(items, results, strict=True)
            if isinstance(result, Report)
        ]
        return Stub(name, self._write(name, results), json.dumps(places).encode())

    def write_rejects(self, name: str, rejects: Sequence[Reject]) -> Stub:
        """Write a shard of nothing but rejects. Raises OutputError as `write` does."""
        return Stub(name, self._write(name, rejects))

    def finish(self, stubs: Iterable[Stub]) -> Summary:
        """Find the ids that were there before, remove what killed attempts left, and write the counts.

        Args:
            stubs: of all shards, in any order.
        """
        counts: Counter[str] = Counter()
        duplicates: list[Reject] = []
        seen = SeenIds()
        for stub in sorted(stubs, key=lambda stub: stub.name):
            counts.update(asdict(stub.summary))
            for id_, file, line in json.loads(stub.places):
                if duplicate := seen.add(id_, file, line):
                    duplicates.append(duplicate)
        if duplicates:
            self.write_rejects("duplicates", duplicates)
        summary = Summary(**{**counts, "duplicates": len(duplicates)})
        with _faults_named(self.folder):
            for scratch in self.folder.glob(f"{_SCRATCH}*"):
                shutil.rmtree(scratch, ignore_errors=True)
            (self.folder / SUMMARY).write_text(json.dumps(asdict(summary), indent=2) + "\n", encoding="utf-8")
        return summary

    def _write(self, name: str, results: Sequence[Report | Reject]) -> Summary:
        with _faults_named(self.folder), tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.folder) as scratch:
            shard = Path(scratch) / "shard.jsonl"
            rejects = rejects_path(shard)
            summary = write_extractions(results, shard)
            if self.parquet:
                shard = shard.with_suffix(".parquet")
                pq.write_table(as_table(result for result in results if isinstance(result, Report)), shard)
            for written, target, wanted in (
                (shard, f"{_SHARD}{name}{shard.suffix}", summary.reports > 0),
                (rejects, f"{_REJECTS}{name}.jsonl", rejects.exists()),
            ):
                if wanted:
                    written.replace(self.folder / target)
                else:
                    (self.folder / target).unlink(missing_ok=True)  # an earlier attempt's
        return summary

    def _storable(self, read: Item, result: Report | Reject) -> Report | Reject:
        """The result, or a reject where it has what Parquet cannot hold."""
        if self.parquet and isinstance(read, Located) and isinstance(result, Report):
            try:
                json.dumps(as_record(result), ensure_ascii=False).encode()
            except UnicodeEncodeError:
                reason = "a lone surrogate, which Parquet cannot hold; write JSON lines instead"
                return Reject(read.file, read.line, reason)
        return result


@contextmanager
def _faults_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
