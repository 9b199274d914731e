"""The files of a run that can be gone on with: output, rejects and journal."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from conflictspan.blocks import Consumed
from conflictspan.errors import OutputError
from conflictspan.journal import Mark, Signature, read_journal, signature_line
from conflictspan.parts import PartFile, faults_named, part_of, sync_folder
from conflictspan.progress import Progress
from conflictspan.writing import STDOUT, Summary, check_output, rejects_path

_BEGINNING = Mark(items=0, digest=Consumed().digest, output=0, rejects=0, summary=Summary(), pieces=0, seconds=0)
_REMEDY = "what was done before is safe, and --resume goes on with it"


def journal_path(output: Path) -> Path:
    """The journal: `<output>.journal`."""
    return output.with_name(f"{output.name}.journal")


def is_finished(output: str, *, overwrite: bool, resume: bool) -> bool:
    """Whether a run has nothing to do, since `resume` is set and the output is whole.

    Raises:
        OutputError: it must not begin: the output or the journal of an interrupted run are there unexpectedly, or there
            is no place for them.
    """
    if resume and overwrite:
        raise OutputError("--resume goes on with a run and --overwrite starts it anew; give one of them")
    if output == STDOUT:
        if resume:
            raise OutputError("what went to standard output cannot be gone on with; give a file with --output")
        return False
    path = Path(output)
    interrupted = journal_path(path).exists()
    if interrupted and not resume and not overwrite:
        raise OutputError(
            f"{path}: a run was interrupted here: --resume goes on with it, --overwrite starts anew "
            f"(it left {journal_path(path)})"
        )
    if resume and not interrupted and path.is_file():
        return True
    check_output(path, overwrite=overwrite or interrupted)
    return False


class RunFiles:
    """Output, rejects and journal of a run.

    Both files grow as `<name>.part`. `commit` puts what was done of a block on the disk and then a mark into the
    journal; `finish` writes a last mark, gives the files their names, rejects first, and removes the journal. Of a run
    that was killed `resume` finds, if that was

    - before the first mark: a journal without marks, or none. It starts anew.
    - between two marks: parts longer than the last mark says, or a mark cut short. It cuts both back to the last mark.
    - behind the last mark: that mark and both parts, or one. It gives the names that are missing.
    - just before the journal was removed: that mark and no part. It removes the journal.

    Attributes:
        mark: how far the run has come.
    """

    def __init__(self, output: Path, signature: Signature, *, resume: bool) -> None:
        """Begin a run, or go on with one.

        Args:
            output: where the file is to be.
            signature: of this run.
            resume: go on where the journal ends, if there is one; else what an interrupted run left is removed.

        Raises:
            OutputError: the journal is that of another run, or of one that is at work; a file cannot be written.
        """
        self.output = output
        self.rejects = rejects_path(output)
        self._journal_path = journal_path(output)
        self._parts: list[PartFile] = []
        with faults_named(self._journal_path, "give another output"):
            self._journal = self._journal_path.open("ab", buffering=0)
        try:
            self._lock()
            last = self._last_mark(signature) if resume else None
            if not last:
                self._write_journal(signature_line(signature), at=0)
            self.mark = last or _BEGINNING
            if self.mark.finished:
                return
            for target, keep in ((self.output, self.mark.output), (self.rejects, self.mark.rejects)):
                self._parts.append(PartFile(target, keep=keep, remedy=_REMEDY))
            sync_folder(output.parent)
        except BaseException:
            self._journal.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._journal.close()
        for part in self._parts:
            part.close()

    def commit(self, output: bytes, rejects: bytes, consumed: Consumed, progress: Progress) -> None:
        """Put what was done of a block on the disk, and then say so in the journal.

        Args:
            output: lines to append.
            rejects: lines to append to the file beside.
            consumed: all records of the inputs that are done.
            progress: of the run, with this block.

        Raises:
            OutputError: a file cannot be written; `resume` goes on with what was written before.
        """
        for part, data in zip(self._parts, (output, rejects), strict=True):
            if data:
                part.append(data)
                part.sync()
        self.mark = Mark(
            items=consumed.items,
            digest=consumed.digest,
            output=self._parts[0].size,
            rejects=self._parts[1].size,
            summary=replace(progress.summary),
            pieces=progress.pieces,
            seconds=progress.seconds,
        )
        self._write_journal(self.mark.line())

    def finish(self) -> None:
        """Give the files their names; without rejects there is none, nor one from before. Raises OutputError."""
        if not self.mark.finished:
            if not self.mark.output:
                self._parts[0].append(b"")  # without reports too there is a file that can be unpacked
                self._parts[0].sync()
            self.mark = self.mark.model_copy(update={"finished": True, "output": self._parts[0].size})
            self._write_journal(self.mark.line())
        for target in (self.rejects, self.output):
            with faults_named(target, _REMEDY):
                if target == self.rejects and not self.mark.rejects:
                    target.unlink(missing_ok=True)
                    part_of(target).unlink(missing_ok=True)
                elif part_of(target).exists():  # else it got its name before the kill
                    part_of(target).replace(target)
        sync_folder(self.output.parent)
        with faults_named(self._journal_path, _REMEDY):
            self._journal_path.unlink()
        sync_folder(self.output.parent)

    def _write_journal(self, line: bytes, *, at: int | None = None) -> None:
        with faults_named(self._journal_path, _REMEDY):
            if at is not None:
                self._journal.truncate(at)
            rest = memoryview(line)
            while rest:
                rest = rest[self._journal.write(rest) :]
            os.fsync(self._journal.fileno())

    def _last_mark(self, signature: Signature) -> Mark | None:
        """The last mark that both files have the bytes for; those behind it are cut off."""
        last = None
        for stand in read_journal(self._journal_path, signature):
            if self._has(stand.mark):
                last = stand
        if last is None:
            return None
        with faults_named(self._journal_path, _REMEDY):
            self._journal.truncate(last.end)
        return last.mark

    def _has(self, mark: Mark) -> bool:
        for target, size in ((self.output, mark.output), (self.rejects, mark.rejects)):
            part = part_of(target)
            renamed = mark.finished and not part.exists()
            if renamed and target == self.output:
                return _size(target) == size  # its rejects got their name before
            if not (_size(target) == size if renamed else _size(part) >= size):
                return False
        return True

    def _lock(self) -> None:
        """Keep a second run from the same files; the lock goes with the process, however it ends."""
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        except OSError:  # a file system without locks
            return
        else:
            if (
                self._journal_path.exists()
                and self._journal_path.stat().st_ino == os.fstat(self._journal.fileno()).st_ino
            ):
                return  # else a run that finished just now has removed it
        raise OutputError(f"{self.output}: another run is writing it")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
