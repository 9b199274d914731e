"""A folder of shards: extractions that several processes write, each shard whole or not there."""

from __future__ import annotations

import json
import os
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
from conflictspan.journal import Signature, check_signature, signature_line
from conflictspan.parts import sync_folder
from conflictspan.reading import Item, Located, Reject, SeenIds
from conflictspan.records import Report
from conflictspan.writing import Summary, line_of

SUMMARY = "_summary.json"
"""The file of counts, which is written last: where it is, all is."""

_JOURNAL = "_run.json"  # what the run is one of; it goes when all is there
_SHARD, _REJECTS, _SCRATCH, _DONE = "part-", "_rejects-", "_scratch-", "_done-"


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

    Shards are `part-<name>`, rejects `_rejects-<name>.jsonl`: engines that read folders leave out names with `_`. A
    shard that is whole is noted in `_done-<name>`, so that a run that was interrupted can be gone on with.

    Attributes:
        folder: where.
        parquet: shards are Parquet, with the columns of `conflictspan.columns.EXTRACTION`; else JSON lines.
    """

    folder: Path
    parquet: bool

    def prepare(self, signature: Signature, *, overwrite: bool, resume: bool) -> bool:
        """Make the folder, and note in it what the run is one of.

        Args:
            signature: all that the shards depend on.
            overwrite: remove what an earlier run left there.
            resume: keep it, if it is of a run with this signature.

        Returns:
            Whether nothing is left to do, since `resume` is set and the counts are there.

        Raises:
            OutputError: there is something in it already and neither is set, or it is of another run, or no shard.
        """
        journal = self.folder / _JOURNAL
        with _faults_named(self.folder):
            self.folder.mkdir(exist_ok=True)
            left = list(self.folder.iterdir())
            for path in left:
                if not (path.name.startswith((_SHARD, _REJECTS, _SCRATCH, _DONE)) or path.name in (SUMMARY, _JOURNAL)):
                    raise OutputError(f"{path} is no shard; give a folder of its own as the output")
            if resume and (self.folder / SUMMARY).exists():
                self._tidy()
                return True
            if resume and journal.exists():
                check_signature(journal, journal.read_bytes(), signature)
                return False
            # What tells of shards goes before them: a run killed here must not leave word of what is gone.
            for path in sorted(left, key=lambda path: path.name.startswith((_SHARD, _REJECTS))):
                if not (overwrite or path.name.startswith(_SCRATCH)):
                    advice = f"but no {journal.name} that tells of what" if resume else "which --resume goes on with"
                    raise OutputError(
                        f"{self.folder} has shards already, {advice}; give another output, or --overwrite to start anew"
                    )
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            self._replace(_JOURNAL, signature_line(signature))
        return False

    def counts(self) -> Summary:
        """The counts of a run that is finished. Raises OutputError where they cannot be read."""
        path = self.folder / SUMMARY
        try:
            return Summary(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise OutputError(f"{path}: cannot be read: {error}; --overwrite starts anew") from error

    def done(self, name: str, digest: str) -> Stub | None:
        """The stub of a shard that is there from before the run was interrupted.

        Args:
            name: of the shard.
            digest: of what is read for it.

        Raises:
            OutputError: the shard was made of something else.
        """
        path = self.folder / f"{_DONE}{name}"
        if not path.exists():
            return None
        noted = json.loads(path.read_bytes())
        if noted["digest"] != digest:
            raise OutputError(
                f"{self.folder}: the inputs are not those that the interrupted run read: what went into shard {name} "
                "has changed; give the same files, or --overwrite to start anew"
            )
        stub = Stub(name, Summary(**noted["summary"]), noted["places"].encode())
        return None if stub.summary.reports and not self._shard(name).exists() else stub

    def write(self, name: str, items: Sequence[tuple[Item, Report | Reject, bytes]], *, digest: str) -> Stub:
        """Write a shard and its rejects, in the place of those of an earlier attempt, and note that it is done.

        Args:
            name: of the shard.
            items: what was read, what came of it, and that as a line.
            digest: of what was read.

        Raises:
            OutputError: the folder cannot be written.
        """
        results = [self._storable(read, result, line) for read, result, line in items]
        places = [
            (result.id, read.file, read.line)
            for (read, *_), (result, _) in zip(items, results, strict=True)
            if isinstance(result, Report)
        ]
        stub = Stub(name, self._write(name, results), json.dumps(places).encode())
        noted = {"digest": digest, "summary": asdict(stub.summary), "places": stub.places.decode()}
        with _faults_named(self.folder):
            sync_folder(self.folder)
            self._replace(f"{_DONE}{name}", json.dumps(noted).encode())
        return stub

    def write_rejects(self, name: str, rejects: Sequence[Reject]) -> Stub:
        """Write a shard of nothing but rejects. Raises OutputError as `write` does."""
        return Stub(name, self._write(name, [(reject, line_of(reject)) for reject in rejects]))

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
            self._replace(SUMMARY, json.dumps(asdict(summary), indent=2).encode() + b"\n")
            self._tidy()
        return summary

    def _tidy(self) -> None:
        for path in self.folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (*self.folder.glob(f"{_DONE}*"), self.folder / _JOURNAL):
            path.unlink(missing_ok=True)

    def _shard(self, name: str) -> Path:
        return self.folder / f"{_SHARD}{name}.{'parquet' if self.parquet else 'jsonl'}"

    def _write(self, name: str, results: Sequence[tuple[Report | Reject, bytes]]) -> Summary:
        summary = Summary()
        for result, _ in results:
            summary.count(result)
        shard = self._shard(name).name
        with _faults_named(self.folder):
            if not summary.reports:
                (self.folder / shard).unlink(missing_ok=True)  # an earlier attempt's
            elif self.parquet:
                with self._scratch(shard) as path:
                    pq.write_table(as_table(result for result, _ in results if isinstance(result, Report)), path)
            else:
                self._replace(shard, b"".join(line for result, line in results if isinstance(result, Report)))
            rejects = b"".join(line for result, line in results if isinstance(result, Reject))
            if rejects:
                self._replace(f"{_REJECTS}{name}.jsonl", rejects)
            else:
                (self.folder / f"{_REJECTS}{name}.jsonl").unlink(missing_ok=True)
        return summary

    def _replace(self, name: str, content: bytes) -> None:
        with self._scratch(name) as path:
            path.write_bytes(content)

    @contextmanager
    def _scratch(self, name: str) -> Iterator[Path]:
        """Where to write a file, which takes its name once it is on the disk; two attempts at a shard have two such."""
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.folder) as scratch:
            path = Path(scratch) / name
            yield path
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.replace(self.folder / name)

    def _storable(self, read: Item, result: Report | Reject, line: bytes) -> tuple[Report | Reject, bytes]:
        """The result, or a reject where it has what Parquet cannot hold."""
        if self.parquet and isinstance(read, Located) and isinstance(result, Report):
            try:
                "".join((result.id, result.text, result.title or "", result.published or "")).encode()
            except UnicodeEncodeError:
                reason = "a lone surrogate, which Parquet cannot hold; write JSON lines instead"
                reject = Reject(read.file, read.line, reason)
                return reject, line_of(reject)
        return result, line


@contextmanager
def _faults_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
