"""Reading and writing the harness's own files, with errors that name them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from conflictspan.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def read_text(path: Path) -> str:
    """The text of a file. Raises InputError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises InputError where there is none."""
    try:
        value = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON: {error}; make or fetch the file again") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: holds a JSON {type(value).__name__} where an object is needed")
    return value


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file. Raises InputError where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def write_text(path: Path, text: str) -> None:
    """Write a file and the folders above it. Raises InputError where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}") from error


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write an object as JSON. Raises InputError where that cannot be done."""
    write_text(path, json_text(value) + "\n")


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG file. Raises InputError where that cannot be done."""
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}") from error


def json_text(value: object, margin: str = "") -> str:
    """JSON for people and for diffs: what holds no further objects stands on one line.

    >>> print(json_text({"a": {"b": 1, "c": [1, 2]}, "d": None}))
    {
     "a": {"b": 1, "c": [1, 2]},
     "d": null
    }
    """
    inner = f"{margin} "
    if isinstance(value, dict) and any(_holds_objects(v) or isinstance(v, dict) for v in value.values()):
        lines = (f"{inner}{json.dumps(key, ensure_ascii=False)}: {json_text(v, inner)}" for key, v in value.items())
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if _holds_objects(value):
        return "[\n" + ",\n".join(f"{inner}{json_text(v, inner)}" for v in value) + f"\n{margin}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _holds_objects(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
