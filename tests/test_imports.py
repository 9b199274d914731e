import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "conflictspan": {"training", "eval", "tests"},
    "training": {"eval", "tests"},
    "eval": {"training", "tests"},
}


def imported(source: str) -> Iterator[str]:
    """Top-level packages that a module imports by name, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(arg.value).partition(".")[0] for arg in node.args if isinstance(arg, ast.Constant))


@pytest.mark.parametrize("package", FORBIDDEN)
def test_no_package_imports_one_it_must_not_know(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    faults = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules
        for name in imported(module.read_text(encoding="utf-8"))
        if name in FORBIDDEN[package]
    ]
    assert faults == []


def test_every_form_of_import_is_seen() -> None:
    source = """
import a.b, c
from d.e import f
from . import g
def late():
    import h
    return importlib.import_module("i.j"), __import__("k")
"""
    assert set(imported(source)) == {"a", "c", "d", "h", "i", "k"}
