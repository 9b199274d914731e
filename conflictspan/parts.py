"""Files that have `.part` behind their name until they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from conflictspan.errors import OutputError
from conflictspan.packing import pack, packing_of


def part_of(target: Path) -> Path:
    """Where a file is written: `<name>.part`."""
    return target.with_name(f"{target.name}.part")


@contextmanager
def whole_or_not(target: Path) -> Iterator[Path]:
    """Give a place to write a file at, which takes its name once it is whole and is removed where it is not.

    Args:
        target: the name it will have; a file there is replaced.

    Yields:
        `part_of(target)`, where nothing is: what a killed run left goes.

    Raises:
        OutputError: for any OSError on the way: the target and what is wrong.
    """
    part = part_of(target)
    try:
        part.unlink(missing_ok=True)
        try:
            yield part
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error


class PartFile:
    """A file that is written piece by piece, packed if its name says so.

    Nothing is buffered here: what `append` has returned from, the operating system has.

    Attributes:
        size: its bytes so far.
    """

    def __init__(self, target: Path, *, keep: int = 0, remedy: str) -> None:
        """Open the part of a file, made where there is none.

        Args:
            target: the name it will have.
            keep: bytes at its beginning that stay; what is behind them goes.
            remedy: the end of the message of an OutputError.
        """
        self.path = part_of(target)
        self.size = keep
        self._packing = packing_of(target.name)
        self._remedy = remedy
        with faults_named(self.path, remedy):
            self._file = self.path.open("ab", buffering=0)
            self._file.truncate(keep)

    def append(self, data: bytes) -> None:
        """Write bytes, packed as one member or frame. Raises OutputError."""
        packed = memoryview(pack(data, self._packing))
        self.size += len(packed)
        with faults_named(self.path, self._remedy):
            while packed:
                packed = packed[self._file.write(packed) :]

    def sync(self) -> None:
        """Return once all is on the disk. Raises OutputError."""
        with faults_named(self.path, self._remedy):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; it keeps its name."""
        self._file.close()


@contextmanager
def faults_named(path: Path, remedy: str) -> Iterator[None]:
    """Make an OutputError of any OSError: the file, what is wrong with it, and what to do."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}; {remedy}") from error


def sync_folder(folder: Path) -> None:
    """Return once the names of a folder's files are on the disk, where the file system can tell."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
