import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.packing import FAULTS, open_unpacked, pack, packing_of, unpacked_name

PACKINGS = [".gz", ".zst", None]


def read(path: Path) -> bytes:
    with open_unpacked(path) as file:
        return file.read()


@pytest.mark.parametrize("packing", PACKINGS)
def test_members_one_behind_the_other_are_one_file(
    tmp_path_factory: pytest.TempPathFactory, packing: str | None
) -> None:
    @given(st.lists(st.binary(max_size=300), max_size=5))
    def there_and_back(members: list[bytes]) -> None:
        path = tmp_path_factory.mktemp("packed") / f"in.jsonl{packing or ''}"
        path.write_bytes(b"".join(pack(member, packing) for member in members))
        assert read(path) == b"".join(members)
        with open_unpacked(path) as file:
            assert list(file) == b"".join(members).splitlines(keepends=True) or b"\r" in b"".join(members)

    there_and_back()


def test_other_tools_read_what_is_packed_and_the_other_way_round(tmp_path: Path) -> None:
    data = b"Shots were fired.\n" * 1_000
    assert gzip.decompress(pack(data, ".gz") * 2) == data * 2
    assert pa.decompress(pack(data, ".zst"), len(data), codec="zstd", asbytes=True) == data
    (tmp_path / "a.gz").write_bytes(gzip.compress(data, 9))
    (tmp_path / "a.zst").write_bytes(pa.compress(data, codec="zstd", asbytes=True))
    assert read(tmp_path / "a.gz") == read(tmp_path / "a.zst") == data
    assert len(pack(data, ".gz")) < len(data) / 10 > len(pack(data, ".zst"))


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_what_is_cut_short_or_damaged_is_a_fault_behind_what_is_whole(tmp_path: Path, packing: str) -> None:
    first, second = (pack(b"".join(b"%d %d\n" % (member, n) for n in range(50_000)), packing) for member in (1, 2))
    damaged = bytearray(second)
    damaged[len(second) // 2] ^= 0xFF
    path = tmp_path / f"in{packing}"
    for rest in (second[:-1], second[: len(second) // 2], second[:6], b"junk" * 5):
        path.write_bytes(first + rest)
        lines = 0
        with pytest.raises(FAULTS), open_unpacked(path) as file:
            for line in file:
                lines += 1
                assert line.endswith(b"\n")
        assert lines > 48_000
    path.write_bytes(b"junk" * 5)
    with pytest.raises(FAULTS):
        read(path)


def test_the_bytes_read_are_counted_as_they_are_on_the_disk(tmp_path: Path) -> None:
    for packing in PACKINGS:
        path = tmp_path / f"in{packing or ''}"
        path.write_bytes(pack(b"Shots.\n" * 100_000, packing))
        counts: list[int] = []
        with open_unpacked(path, counts.append) as file:
            assert sum(1 for _ in file) == 100_000
        assert sum(counts) == path.stat().st_size
        counts.clear()
        with open_unpacked(path, counts.append) as file:
            file.read()
        assert sum(counts) == path.stat().st_size


def test_names() -> None:
    assert [packing_of(name) for name in ("a.jsonl.GZ", "a.zst", "a.jsonl", "gz", ".gz")] == [
        ".gz", ".zst", None, None, None,
    ]  # fmt: skip
    assert [unpacked_name(name) for name in ("a.b.jsonl.GZ", "a.zst", "a.jsonl")] == ["a.b.jsonl", "a", "a.jsonl"]
