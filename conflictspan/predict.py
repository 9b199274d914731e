"""From files of reports to a file of extractions, block by block, so that a run can be gone on with."""

from __future__ import annotations

import hashlib
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from conflictspan.blocks import BLOCK_CHARACTERS, Block, Consumed, cut_blocks
from conflictspan.errors import InputError, OutputError
from conflictspan.events.actor_table import load_actors
from conflictspan.events.assembly import Assembler
from conflictspan.progress import Progress, write_record
from conflictspan.reading import Item, Located, Reject, count_bytes, read_located
from conflictspan.run_files import RunFiles, is_finished
from conflictspan.writing import STDOUT, check_outside, line_of

if TYPE_CHECKING:
    from conflictspan.backends import BackendName
    from conflictspan.extractor import Extractor
    from conflictspan.records import Report

RELEASED = Path(__file__).parent / "released"
"""The model folder that comes with the package."""

Watch = Callable[[Progress], object]
"""What is shown the progress after every report."""

_LONGEST_REASON = 300  # characters of what an exception says

_log = logging.getLogger(__name__)


def predict(
    inputs: Sequence[str],
    output: str,
    *,
    model: str | Path,
    min_precision: float | None = None,
    actors: Path | None = None,
    backend: BackendName | None = None,
    overwrite: bool = False,
    resume: bool = False,
    summary: Path | None = None,
    watch: Watch | None = None,
) -> Progress | None:
    """Extract from all reports of files and folders, a block at a time, into a file.

    The output grows as `<output>.part` beside a journal. A run that was killed, or found the disk full, goes on with
    `resume`, and gives the same bytes as one that was not.

    Args:
        inputs: what `read_reports` takes.
        output: the file, packed where its name ends in `.gz` or `.zst`; "-" is standard output, and the rejects then
            go to standard error.
        model: a model folder or a model hub's id.
        min_precision: what `Extractor.from_pretrained` takes.
        actors: a table of actors to add to the packaged one.
        backend: what `Extractor.from_pretrained` takes.
        overwrite: replace an output that is there, and what an interrupted run left.
        resume: go on with the run that was interrupted; without one, begin.
        summary: a JSON file for the counts, times and rates of the run.
        watch: shown the progress after every report.

    Returns:
        The progress in the end; None where `resume` found a finished output.

    Raises:
        InputError: where an input cannot be read at all, or is not what the interrupted run read.
        OutputError: where the output must not or cannot be written, or would be read as an input; where the
            interrupted run is another one.
        ModelError: where the model cannot be trusted or read, or can promise no precision.
        ConfigError: where the precision is no share, the table of actors cannot be read or the backend cannot be had.
    """
    if is_finished(output, overwrite=overwrite, resume=resume):
        return None
    _check_places(inputs, output, summary)
    progress = Progress(bytes_total=count_bytes(inputs) if watch else None)
    items = read_located(inputs, count=progress.count_bytes)
    assembler = Assembler(actors=load_actors(actors))
    from conflictspan.devices import best_device
    from conflictspan.extractor import Extractor  # takes seconds, which a refusal should not
    from conflictspan.model_folder import hash_of_model

    extractor = Extractor.from_pretrained(model, backend=backend, min_precision=min_precision, assembler=assembler)
    signature = {
        "version": version("conflictspan"),
        "model": hash_of_model(model),
        "min_precision": min_precision,
        "actors": hashlib.sha256(actors.read_bytes()).hexdigest() if actors else None,
        "device": best_device().type,
        "backend": extractor.backend.name,
        "block": BLOCK_CHARACTERS,
    }
    with nullcontext() if output == STDOUT else RunFiles(Path(output), signature, resume=resume) as files:
        _run(items, extractor, files, progress, watch or (lambda _: None))
    if summary:
        about = {"version": signature["version"], "model": str(model), "model_sha256": signature["model"]}
        write_record(summary, about | progress.to_dict())
    return progress


def _check_places(inputs: Sequence[str], output: str, summary: Path | None) -> None:
    if output != STDOUT:
        check_outside(output, inputs)
    if summary and not summary.parent.is_dir():
        raise OutputError(f"{summary}: there is no folder {summary.parent}; make it first")


def _run(items: Iterator[Item], extractor: Extractor, files: RunFiles | None, progress: Progress, watch: Watch) -> None:
    consumed = Consumed()
    if files:
        _resume(items, files, consumed, progress)
        if files.mark.finished:
            files.finish()
            return
    pieces_before, seconds_before, began = progress.pieces - extractor.pieces_read, progress.seconds, time.monotonic()

    def tell(reports: int) -> None:
        progress.under_way = reports
        progress.bytes_done = bytes_before + (progress.bytes_read - bytes_before) * reports // len(block)
        progress.pieces = pieces_before + extractor.pieces_read
        progress.seconds = seconds_before + time.monotonic() - began
        watch(progress)

    bytes_before = progress.bytes_read
    for block in cut_blocks(items):
        lines: list[bytes] = []
        rejects: list[bytes] = []
        for item, line in extract_block(block, extractor, tell):
            (rejects if isinstance(item, Reject) else lines).append(line)
            progress.summary.count(item)
        bytes_before = progress.bytes_read
        tell(0)
        consumed.take(block)
        if files:
            files.commit(b"".join(lines), b"".join(rejects), consumed, progress)
        else:
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
            sys.stderr.buffer.writelines(rejects)
    if files:
        files.finish()


def _resume(items: Iterator[Item], files: RunFiles, consumed: Consumed, progress: Progress) -> None:
    """Skip the records that are done, if they are still the same."""
    mark = files.mark
    progress.summary = replace(mark.summary)
    progress.pieces, progress.seconds = mark.pieces, mark.seconds
    if not mark.items:
        return
    progress.resumed_at = mark.items
    _log.info("%s: goes on behind record %s", files.output, f"{mark.items:,}")
    if mark.finished:
        return
    consumed.skip(items, mark.items)
    if (consumed.items, consumed.digest) != (mark.items, mark.digest):
        raise InputError(
            f"the inputs are not those that the interrupted run read: of its first {mark.items:,} records, "
            f"{consumed.items:,} are there and some may differ; give the same files by the same names in the same "
            "order, or --overwrite to start anew"
        )


def extract_block(
    block: Block, extractor: Extractor, tell: Callable[[int], object] = lambda _: None
) -> list[tuple[Report | Reject, bytes]]:
    """Extract from the reports of a block; the rejects among them stay where they are.

    If that fails, each report is tried alone, and one that fails alone too becomes a reject.

    Args:
        block: records, in order.
        extractor: called with all reports of the block at once.
        tell: told how many reports of the block are done, after each.

    Returns:
        Reports and rejects with their lines in the output or in the rejects.
    """
    reports = [item.report for item in block if isinstance(item, Located)]
    try:
        done = _lines(reports, extractor, tell)
    except Exception as error:  # whatever a report can bring about must not take others down with it
        _log.warning("a block of %s reports failed; each is tried alone: %s", f"{len(reports):,}", _reason(error))
        tell(0)
        alone = (_extract_alone(item, extractor) for item in block if isinstance(item, Located))
        done = []
        for item in alone:
            done.append(item)
            tell(len(done))
    in_order = iter(done)
    return [next(in_order) if isinstance(item, Located) else (item, line_of(item)) for item in block]


def _lines(
    reports: Sequence[Report], extractor: Extractor, tell: Callable[[int], object]
) -> list[tuple[Report | Reject, bytes]]:
    done: list[tuple[Report | Reject, bytes]] = []
    for report in extractor.extract(reports):
        done.append((report, line_of(report)))
        tell(len(done))
    if len(done) != len(reports):
        raise RuntimeError(f"{len(done)} of {len(reports)} reports came back")
    return done


def _extract_alone(item: Located, extractor: Extractor) -> tuple[Report | Reject, bytes]:
    try:
        return _lines([item.report], extractor, lambda _: None)[0]
    except Exception as error:
        reject = Reject(item.file, item.line, f"the model failed on it: {_reason(error)}")
        _log.warning("%s:%s: %s", item.file, item.line, reject.reason)
        _log.debug("the failure at %s:%s", item.file, item.line, exc_info=error)
        return reject, line_of(reject)


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())[:_LONGEST_REASON]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
