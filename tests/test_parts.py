from pathlib import Path

import pytest

from conflictspan.errors import OutputError
from conflictspan.parts import whole_or_not


def test_a_file_takes_its_name_once_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with whole_or_not(target) as part:
        part.write_text("new")
        assert (part.name, target.read_text()) == ("out.csv.part", "old")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_leaves_the_file_from_before_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_or_not(target) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_is_not_written_into(tmp_path: Path) -> None:
    target = tmp_path / "out.db"
    (tmp_path / "out.db.part").write_text("half of a database")
    with whole_or_not(target) as part:
        assert not part.exists()
        part.write_text("new")
    assert target.read_text() == "new"


def test_a_fault_of_the_system_is_told_with_the_target(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"gone/out\.csv: cannot be written: No such file"),
        whole_or_not(tmp_path / "gone" / "out.csv") as part,
    ):
        part.write_text("new")
    (tmp_path / "folder").mkdir()
    with (
        pytest.raises(OutputError, match="folder: cannot be written: Is a directory"),
        whole_or_not(tmp_path / "folder") as part,
    ):
        part.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
