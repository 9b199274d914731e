"""From files of reports to a file of extractions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conflictspan.errors import OutputError
from conflictspan.events.actor_table import load_actors
from conflictspan.events.assembly import Assembler
from conflictspan.reading import STDIN, Reject, read_reports
from conflictspan.records import Report
from conflictspan.writing import STDOUT, Summary, check_output, write_extractions

if TYPE_CHECKING:
    from conflictspan.extractor import Extractor

Items = Iterable[Report | Reject]

RELEASED = Path(__file__).parent / "released"
"""The model folder that comes with the package."""


def predict(
    inputs: Sequence[str],
    output: str,
    *,
    model: str | Path,
    min_precision: float | None = None,
    actors: Path | None = None,
    overwrite: bool = False,
    watch: Callable[[Items], Items] = iter,
) -> Summary:
    """Extract from all reports of files and folders, one at a time, into a file.

    Args:
        inputs: what `read_reports` takes.
        output: what `write_extractions` takes.
        model: a model folder or a model hub's id.
        min_precision: what `Extractor.from_pretrained` takes.
        actors: a table of actors to add to the packaged one.
        overwrite: replace an output that is there.
        watch: handed the stream on its way to the file, which it hands on; for a progress bar.

    Raises:
        InputError: where an input cannot be read at all.
        OutputError: where the output must not or cannot be written, or would be read as an input.
        ModelError: where the model cannot be trusted or read, or can promise no precision.
        ConfigError: where the precision is no share, or the table of actors cannot be read.
    """
    check_output(output, overwrite=overwrite)
    if output != STDOUT:
        for folder in (Path(given) for given in inputs if given != STDIN):
            if folder.resolve() in Path(output).resolve().parents:
                raise OutputError(f"{output} is inside the input {folder}, which would read it; give another output")
    items = read_reports(inputs)
    assembler = Assembler(actors=load_actors(actors))
    from conflictspan.extractor import Extractor  # takes seconds, which a refusal should not

    extractor = Extractor.from_pretrained(model, min_precision=min_precision, assembler=assembler)
    return write_extractions(watch(extract_between(items, extractor)), output, overwrite=overwrite)


def extract_between(items: Items, extractor: Extractor) -> Iterator[Report | Reject]:
    """Extract from the reports of a stream; the rejects among them pass by."""
    rejects: list[Reject] = []

    def reports() -> Iterator[Report]:
        for item in items:
            if isinstance(item, Report):
                yield item
            else:
                rejects.append(item)

    for report in extractor.extract(reports()):
        yield from rejects
        rejects.clear()
        yield report
    yield from rejects
