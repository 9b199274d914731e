"""The corpus folder from markup files, and markup files from the corpus folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from conflictspan.corpus import REPORTS, SCHEMA, Corpus, load_report_infos, read_corpus, to_report, write_corpus
from conflictspan.errors import AnnotationError, InputError
from conflictspan.markup import format_markup, scan_markup
from conflictspan.near_duplicates import near_duplicate_faults
from conflictspan.records import Report
from conflictspan.rows import AnnotatedReport, ReportHeader, ReportInfo
from conflictspan.schema import Schema
from conflictspan.splits import assign_splits

SUFFIX = ".ann"


def import_markup(inputs: Iterable[Path], folder: Path) -> list[ReportInfo]:
    """Take markup files into a corpus folder.

    The reports of a file replace those that came from a file of the same name before; all others stay as they are. A
    report keeps the split it has; a new one goes to the split its file's name begins with, or else trains.

    Args:
        inputs: markup files, or folders of `*.ann` files, taken in the order of their names.
        folder: the corpus; has its `schema.toml`.

    Returns:
        The reports that were taken in.

    Raises:
        AnnotationError: with every fault of the files; nothing is written then.
        InputError: where there is nothing to read.
    """
    paths = markup_paths(inputs)
    known = load_report_infos(folder)
    reports, faults = scan_files(paths, Schema.load(folder / SCHEMA))
    infos = assign_splits(reports, known)
    sentences = {report.header.id: report.sentences for report in reports}

    origins = {path.stem for path in paths}
    kept = {info.id: info for info in known.values() if info.origin not in origins}
    faults += [
        f"{report.where}: the report {report.header.id!r} belongs to {kept[report.header.id].origin}{SUFFIX}, "
        f"says {folder / REPORTS}; take both files in at once"
        for report in reports
        if report.header.id in kept
    ]
    if kept:
        sentences |= {id_: rows for id_, rows in read_corpus(folder).sentences.items() if id_ in kept}
    order = list(dict.fromkeys(info.origin for info in (*known.values(), *infos)))
    merged = sorted([*kept.values(), *infos], key=lambda info: order.index(info.origin))
    faults += near_duplicate_faults(
        [(info.split, row.row.text, row.where) for info in merged for row in sentences[info.id]]
    )
    if faults:
        raise AnnotationError(faults)
    write_corpus(folder, merged, {id_: [row.row for row in rows] for id_, rows in sentences.items()})
    return infos


def load_annotations(path: Path, schema: Schema) -> list[Report]:
    """Load annotated reports from wherever people keep them.

    Args:
        path: a markup file, a folder of these, or a corpus folder (all its splits).
        schema: the label scheme of markup; a corpus folder has its own.

    Raises:
        AnnotationError: with every fault.
        InputError: where there is nothing to read.
    """
    if (path / SCHEMA).is_file():
        return [to_report(id_, rows) for id_, rows in read_corpus(path).sentences.items()]
    reports, faults = scan_files(markup_paths([path]), schema)
    if faults:
        raise AnnotationError(faults)
    return [to_report(report.header.id, report.sentences) for report in reports]


def export_markup(corpus: Corpus, folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write a corpus as markup, one file for each origin of its reports.

    Args:
        corpus: what to write.
        folder: where to; made if need be.
        overwrite: replace files that are there.

    Returns:
        The files written.

    Raises:
        AnnotationError: where a report cannot be written as markup, or nothing is known about it.
        InputError: where a file is there already.
    """
    sentences = corpus.sentences
    faults = [
        f"{rows[0].where}: the report {id_!r} has no line in {REPORTS}, so no date, conflict and genre for its header"
        for id_, rows in sentences.items()
        if id_ not in corpus.infos
    ] + [
        f"{rows[0].where}: the report {id_!r} has no date in {REPORTS}, which its header needs; write it there"
        for id_, rows in sentences.items()
        if id_ in corpus.infos and corpus.infos[id_].date is None
    ]
    if faults:
        raise AnnotationError(faults)
    files: dict[Path, list[AnnotatedReport]] = {}
    for info in corpus.infos.values():
        header = ReportHeader.model_validate(info.model_dump(exclude={"split", "origin"}))
        report = AnnotatedReport(header, sentences[info.id], info.origin, sentences[info.id][0].where)
        files.setdefault(folder / f"{info.origin}{SUFFIX}", []).append(report)
    if not overwrite and (there := [path for path in files if path.exists()]):
        raise InputError(f"{there[0]}: is there already; give another folder or --overwrite")
    texts = {path: format_markup(reports) for path, reports in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def markup_paths(inputs: Iterable[Path]) -> list[Path]:
    """Markup files, and the `*.ann` files of folders by name and number. Raises InputError where there is none."""
    paths: dict[str, Path] = {}
    for input_ in inputs:
        found = sorted(input_.glob(f"*{SUFFIX}"), key=_by_number) if input_.is_dir() else [input_]
        if not found:
            raise InputError(f"{input_}: has no {SUFFIX} file")
        for path in found:
            if path.stem in paths:
                raise InputError(f"{path}: has the same name as {paths[path.stem]}; rename one")
            paths[path.stem] = path
    return list(paths.values())


def _by_number(path: Path) -> list[tuple[int, str]]:
    """`a2` before `a10`."""
    return [(int(part or 0), "") if part.isdecimal() else (0, part) for part in re.split(r"([0-9]+)", path.stem)]


def scan_files(
    paths: Sequence[Path], schema: Schema, *, undated: bool = False
) -> tuple[list[AnnotatedReport], list[str]]:
    """Read what can be read of markup files: their reports, and every fault; see `scan_markup`."""
    reports: list[AnnotatedReport] = []
    faults: list[str] = []
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{path}: cannot be read: {error}")
            continue
        first = {report.header.id: report.where for report in reports}
        found, found_faults = scan_markup(text, source=str(path), schema=schema, undated=undated)
        faults += found_faults
        faults += [
            f"{report.where}: the report {report.header.id!r} stands already at {first[report.header.id]}"
            for report in found
            if report.header.id in first
        ]
        reports += found
    return reports, faults
