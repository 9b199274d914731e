"""The project's own corpus folder, read like any other format, written with `import.json`: how it was made."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from conflictspan.corpus import REPORTS, SCHEMA, read_corpus, to_report, write_corpus
from conflictspan.encoding import WORD
from conflictspan.errors import InputError
from conflictspan.formats.annotations import Annotations, sentence_rows, settle
from conflictspan.formats.sources import UNKNOWN, ImportSource, SourceReport, Tally, iso_date
from conflictspan.near_duplicates import near_duplicates
from conflictspan.parts import whole_or_not
from conflictspan.rows import SPLITS, Located, ReportInfo, SentenceRow, Split
from conflictspan.schema import Schema

IMPORT = "import.json"
RULES = ("The text of a report is its sentences, with a space between two.",)

_NO_PLACE = "a corpus has no place for them"
_LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")


def read_corpus_folder(folder: Path, _schema: Schema | None = None) -> ImportSource:
    """Read a corpus folder.

    Raises:
        AnnotationError: with every fault of its files, each with file and line.
        SchemaError: where it has no label scheme that can be read.
    """
    corpus = read_corpus(folder)
    tally = Tally()
    splits: dict[str, Split] = {id_: split for split in SPLITS for id_ in corpus.splits[split]}
    sentences = corpus.sentences
    names = [SCHEMA, *(f"{split}.jsonl" for split in SPLITS), *([REPORTS] if corpus.infos else [])]
    reports = []
    for id_ in corpus.infos or splits:
        item = _source(id_, sentences[id_], corpus.infos.get(id_), splits[id_])
        reports.append(item)
        tally.add_read(item.report, item.split)
    files = {name: folder / name for name in names}
    return ImportSource("corpus", RULES, files, reports, tally, tuple(corpus.schema.events))


def _source(id_: str, rows: Sequence[Located], info: ReportInfo | None, split: Split) -> SourceReport:
    report = to_report(id_, rows, info)
    return SourceReport(
        report,
        split,
        rows[0].where,
        info.origin if info else split,
        info.conflict if info else UNKNOWN,
        info.genre if info else UNKNOWN,
        own_ids=frozenset(mention.id for mention in report.mentions),
    )


def write_import(source: ImportSource, folder: Path, *, overwrite: bool = False) -> Tally:
    """Write what a reader gave as a corpus, with a label scheme read off the data.

    The same files give byte for byte the same corpus.

    Args:
        source: what was read.
        folder: where to; made if need be.
        overwrite: replace what an earlier import wrote there.

    Returns:
        The full count, as in `import.json`.

    Raises:
        InputError: where the folder has a corpus that must not be replaced; nothing is written then.
        AnnotationError: where two reports have one id, no schema can have a type's name, or no annotation is left.
    """
    check_folder(folder, overwrite=overwrite)
    annotations = settle(source)
    write_corpus_folder(annotations, folder)
    return annotations.tally


def write_corpus_folder(annotations: Annotations, folder: Path) -> None:
    """Write `schema.toml`, three splits, `reports.jsonl` and `import.json`; see `check_folder` first."""
    before = annotations.lost()
    annotations.lose(_NO_PLACE, "scores", "titles", "dates", "times of day")
    sentences = {item.report.id: sentence_rows(item.report) for item in annotations.reports}
    annotations.count_kept(before)
    _count_changes(annotations, sentences)
    _write(annotations, sentences, folder)


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Raise InputError where an import must not write to a folder."""
    there = [
        name for name in (SCHEMA, REPORTS, IMPORT, *(f"{split}.jsonl" for split in SPLITS)) if (folder / name).exists()
    ]
    if there and IMPORT not in there:
        raise InputError(f"{folder / there[0]}: is there already and no import wrote it; give another folder")
    if there and not overwrite:
        raise InputError(f"{folder / there[0]}: is there already; give another folder, or --overwrite to replace it")


def _count_changes(annotations: Annotations, sentences: Mapping[str, Sequence[SentenceRow]]) -> None:
    flat, tally = annotations.reports, annotations.tally
    types = {mention.type for item in flat if item.split == "train" for mention in item.report.mentions}
    labels = {relation.label for item in flat if item.split == "train" for relation in item.report.relations}
    for item in flat:
        report, split = item.report, item.split
        breaks = sum(bool(_LINE_BREAK.search(report.text[a[1] : b[0]])) for a, b in pairwise(report.sentences))
        tally.add(split, "sentence borders", "changed", "a line break there became a space", breaks)
        inside = sum(_begin_or_end_inside_a_word(row) for row in sentences[report.id])
        tally.add(split, "mentions", "noted", "begin or end inside a word: gold, but not to be found", inside)
        strange = sum(mention.type not in types for mention in report.mentions)
        tally.add(split, "mentions", "noted", "of a type that training lacks", strange)
        strange = sum(relation.label not in labels for relation in report.relations)
        tally.add(split, "relations", "noted", "of a label that training lacks", strange)
    rows = [(item.split, row.text) for item in flat for row in sentences[item.report.id]]
    pairs = near_duplicates([text for _, text in rows], [split for split, _ in rows])
    for twin in {first if rows[later][0] == "train" else later for first, later, _ in pairs}:
        tally.add(rows[twin][0], "sentences", "noted", "nearly the same as one of another split")


def _begin_or_end_inside_a_word(row: SentenceRow) -> int:
    words = [match.span() for match in WORD.finditer(row.text)]
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    return sum(mention.start not in starts or mention.end not in ends for mention in row.mentions)


def _write(annotations: Annotations, sentences: Mapping[str, Sequence[SentenceRow]], folder: Path) -> None:
    infos = [
        ReportInfo(
            id=item.report.id,
            date=iso_date(item.report.published),
            conflict=item.conflict,
            genre=item.genre,
            split=item.split,
            origin=item.origin,
        )
        for item in annotations.reports
    ]
    record = {
        "format": annotations.format,
        "conflictspan": version("conflictspan"),
        "rules": list(annotations.rules),
        "counts": [count._asdict() | numbers for count, numbers in annotations.tally.table().items()],
        "skipped": annotations.tally.skipped,
        "files_sha256": {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in annotations.files.items()
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / SCHEMA, annotations.schema.source)
    write_corpus(folder, infos, sentences)
    _replace(folder / IMPORT, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _replace(path: Path, text: str) -> None:
    with whole_or_not(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
