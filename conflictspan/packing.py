"""Packed files, gzip (`.gz`) and Zstandard (`.zst`): read as if they were not, and written a block at a time."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

PACKINGS = (".gz", ".zst")
"""The suffixes of packed files."""

FAULTS = (OSError, EOFError, zlib.error)
"""What reading a file raises that cannot be read, is cut short or was damaged."""

_GZIP_LEVEL = 6
_ZSTD_LEVEL = 3
_BUFFER = 2**17
_UNPACKED_BUFFER = 2**13  # of a file that is cut short, what does not fill the last one is lost


def packing_of(name: str) -> str | None:
    """The suffix of a packed file in small letters; None for any other name."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix in PACKINGS else None


def unpacked_name(name: str) -> str:
    """A file's name without the suffix of a packing, where it has one."""
    return name[: -len(Path(name).suffix)] if packing_of(name) else name


def pack(data: bytes, packing: str | None) -> bytes:
    """Bytes as one gzip member or one Zstandard frame, always the same for the same bytes; as they are without packing.

    Members and frames one behind the other are a packed file again, so one can be cut off behind any of them.
    """
    if packing == ".gz":
        return gzip.compress(data, _GZIP_LEVEL, mtime=0)
    if packing == ".zst":
        import pyarrow as pa

        return cast(bytes, pa.Codec("zstd", compression_level=_ZSTD_LEVEL).compress(data, asbytes=True))
    return data


@contextmanager
def open_unpacked(path: str | Path, count: Callable[[int], object] | None = None) -> Iterator[BinaryIO]:
    """Open a file for reading; what its name says is packed comes unpacked.

    Args:
        path: the file.
        count: called with every number of bytes read from the disk.

    Raises:
        OSError, EOFError, zlib.error: here, or while it is read; see FAULTS.
    """
    with io.BufferedReader(_Counted(path, count), _BUFFER) as raw:
        match packing_of(Path(path).name):
            case ".gz":
                with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                    yield cast(BinaryIO, unpacked)
            case ".zst":
                import pyarrow as pa

                with pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd") as stream:
                    yield io.BufferedReader(stream, _UNPACKED_BUFFER)
            case _:
                yield raw


class _Counted(io.FileIO):
    """A file that tells how much is read from it."""

    def __init__(self, path: str | Path, count: Callable[[int], object] | None) -> None:
        super().__init__(path)
        self._count = count or (lambda _: None)

    def readinto(self, buffer: object) -> int:
        read = super().readinto(buffer)  # type: ignore[arg-type]
        self._count(read)
        return read

    def readall(self) -> bytes:
        data = super().readall()
        self._count(len(data))
        return data
