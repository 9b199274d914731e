from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.errors import OutputError
from conflictspan.journal import Mark, read_journal, signature_line
from conflictspan.writing import Summary

SIGNATURE = {"version": "0.1.0", "model": "ab", "min_precision": None}


def mark(items: int, *, finished: bool = False) -> Mark:
    return Mark(
        items=items,
        digest="0" * 64,
        output=items * 100,
        rejects=items,
        summary=Summary(reports=items, rejects=1),
        pieces=items * 30,
        seconds=items / 3,
        finished=finished,
    )


MARKS = [mark(3), mark(7), mark(12), mark(12, finished=True)]
LINES = [signature_line(SIGNATURE), *(m.line() for m in MARKS)]


def test_marks_come_back_with_the_ends_of_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"".join(LINES))
    stands = list(read_journal(path, SIGNATURE))
    assert [stand.mark for stand in stands] == MARKS
    assert [stand.end for stand in stands] == [len(b"".join(LINES[: n + 1])) for n in range(1, 5)]


@given(st.integers(0, sum(map(len, LINES))), st.sampled_from([b"", b"\0" * 100, b'{"items": 1']))
def test_cut_anywhere_it_is_read_up_to_its_last_whole_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int, rest: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal"
    whole = b"".join(LINES)[:cut]
    path.write_bytes(whole + rest)
    assert [stand.mark for stand in read_journal(path, SIGNATURE)] == MARKS[: max(whole.count(b"\n") - 1, 0)]


def test_the_journal_of_another_run_is_refused_with_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"".join(LINES))
    with pytest.raises(
        OutputError, match=r"model was ab and is cd, min_precision was not given and is 0\.9; "
    ) as caught:
        list(read_journal(path, SIGNATURE | {"model": "cd", "min_precision": 0.9}))
    assert "version" not in str(caught.value)
    assert "--overwrite" in str(caught.value)
    with pytest.raises(OutputError, match="actors was not given and is ef"):
        list(read_journal(path, SIGNATURE | {"actors": "ef"}))
    with pytest.raises(OutputError, match=r"version was 0\.1\.0 and is not given"):
        list(read_journal(path, {"model": "ab"}))


@pytest.mark.parametrize("content", [b"precious\n", b"[1]\n", b"\xff\n"])
def test_what_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "journal").write_bytes(content)
    with pytest.raises(OutputError, match="no journal of conflictspan"):
        list(read_journal(tmp_path / "journal", SIGNATURE))
