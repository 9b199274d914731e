from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictspan.errors import InputError
from eval.files import file_sha256, json_text, read_json, write_json, write_text


def test_what_holds_no_objects_stands_on_one_line() -> None:
    value = {"a": {"x": 1, "y": [0.5, None]}, "b": [{"z": {}}, [1]], "c": "ü"}
    assert (
        json_text(value)
        == '{\n "a": {"x": 1, "y": [0.5, null]},\n "b": [\n  {\n   "z": {}\n  },\n  [1]\n ],\n "c": "ü"\n}'
    )


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@settings(max_examples=50)
@given(
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
    )
)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert json.loads(json_text(value)) == value


def test_files_come_back_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.json"
    write_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}
    assert file_sha256(path) == hashlib.sha256(b'{"a": 1}\n').hexdigest()


@pytest.mark.parametrize(
    ("content", "says"), [("{", "not valid JSON"), ("[1]", "holds a JSON list where an object is needed")]
)
def test_what_is_no_json_object_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InputError, match=rf"x\.json: {says}"):
        read_json(tmp_path / "x.json")


def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        read_json(tmp_path / "none.json")
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        file_sha256(tmp_path / "none.json")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_text(tmp_path / "file" / "x.md", "")
