"""The errors a caller can expect: each names the value, the place and the remedy."""

from __future__ import annotations

from pathlib import Path


class ConflictSpanError(Exception):
    """Base of every error that conflictspan raises on purpose; its text is meant for people."""


class SchemaError(ConflictSpanError):
    """A label scheme (`schema.toml`) that cannot be used as it stands."""


class AnnotationError(ConflictSpanError):
    """Annotations that break the schema or the markup.

    Attributes:
        faults: one line each, `file:line: what is wrong`.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        shown = "\n".join(faults[:20])
        more = f"\n... and {len(faults) - 20} more" if len(faults) > 20 else ""
        super().__init__(f"{len(faults)} fault(s) in the annotations:\n{shown}{more}")


class InputError(ConflictSpanError):
    """An input that cannot be opened or has no form that conflictspan reads."""


class ModelError(ConflictSpanError):
    """A model folder that is incomplete, altered or made for something else."""


class ConfigError(ConflictSpanError):
    """A configuration with an unknown key or a value that makes no sense."""


class OutputError(ConflictSpanError):
    """An output that is there already or cannot be written."""


class EngineError(ConflictSpanError):
    """Another engine (Ray) that is not installed, cannot be reached or gave up."""


def shown(path: Path, *, under: Path | None = None) -> str:
    """A path for messages and records: relative to `under`, what cannot be printed (control codes, ...) as escapes."""
    name = (path.relative_to(under) if under else path).as_posix()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
