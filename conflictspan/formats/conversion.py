"""From any format to any other."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from conflictspan.corpus import SCHEMA
from conflictspan.errors import InputError, OutputError, shown
from conflictspan.formats.annotations import Annotations, settle
from conflictspan.formats.brat import read_brat
from conflictspan.formats.brat_writing import write_brat
from conflictspan.formats.conll import read_conll_path
from conflictspan.formats.conll_writing import write_conll
from conflictspan.formats.corpus_folder import check_folder, read_corpus_folder, write_corpus_folder
from conflictspan.formats.doccano import read_doccano, write_doccano
from conflictspan.formats.label_studio import read_label_studio, write_label_studio
from conflictspan.formats.markup import read_markup, write_markup
from conflictspan.formats.re3d import read_re3d
from conflictspan.formats.sources import ImportSource
from conflictspan.rows import SPLITS
from conflictspan.schema import Schema

READERS: Mapping[str, Callable[[Path, Schema | None], ImportSource]] = {
    "corpus": read_corpus_folder,
    "markup": read_markup,
    "brat": read_brat,
    "label-studio": read_label_studio,
    "doccano": read_doccano,
    "conll": read_conll_path,
    "re3d": read_re3d,
}
"""Format -> what reads it."""

WRITERS: Mapping[str, Callable[[Annotations, Path], None]] = {
    "corpus": write_corpus_folder,
    "markup": write_markup,
    "brat": write_brat,
    "label-studio": write_label_studio,
    "doccano": write_doccano,
    "conll": write_conll,
}
"""Format -> what writes it."""

SUFFIXES = {"label-studio": (".json", ".xml"), "doccano": (".jsonl",)}
"""Of the formats that are files, the suffix of the output and those of the files beside it; the others are folders."""


_FILES = {".ann": "markup", ".json": "label-studio", ".jsonl": "doccano", ".conll": "conll"}


def convert(
    path: Path,
    output: Path,
    *,
    to: str,
    source_format: str | None = None,
    schema: Schema | None = None,
    overwrite: bool = False,
) -> Annotations:
    """Read annotations in one format and write them in another.

    Args:
        path: the file or folder.
        output: the file or folder to write.
        to: the format to write, a key of `WRITERS`.
        source_format: the format to read, a key of `READERS`; where None, what the input looks like.
        schema: the label scheme; where None, the input's own `schema.toml`, or else one that is read off the data.
        overwrite: replace a file that is there, or a corpus that an earlier run wrote.

    Returns:
        What was written, with the count of what was lost on the way.

    Raises:
        InputError: where there is nothing to read, or nothing tells what it is.
        AnnotationError: with every fault of the annotations; nothing is written then.
        OutputError: where the output must not be replaced or cannot be written.
    """
    check_target(output, to, overwrite=overwrite)
    if not path.exists():
        raise InputError(f"{shown(path)}: there is no such file or folder")
    source_format = source_format or recognise(path)
    if schema is None and (path / SCHEMA).is_file():
        schema = Schema.load(path / SCHEMA)
    annotations = settle(READERS[source_format](path, schema), schema)
    write_annotations(annotations, output, to=to)
    return annotations


def recognise(path: Path) -> str:
    """The format that a file or folder looks to be in. Raises InputError where nothing tells it."""
    if path.is_dir():
        standoff = [file.with_suffix(".txt").is_file() for file in path.rglob("*.ann")]
        if (path / SCHEMA).is_file() and any((path / f"{split}.jsonl").is_file() for split in SPLITS):
            return "corpus"
        if standoff:
            return "brat" if any(standoff) else "markup"
        if any(path.glob("*.conll")):
            return "conll"
        if any(path.glob("**/documents.json")):
            return "re3d"
    elif path.suffix.lower() in _FILES:
        return _FILES[path.suffix.lower()]
    raise InputError(f"{shown(path)}: nothing tells its format; name it with --from, one of {', '.join(READERS)}")


def check_target(output: Path, to: str, *, overwrite: bool) -> None:
    """Raise an error where an output must not be written: a corpus that no import wrote, a folder that is not empty."""
    if to == "corpus":
        check_folder(output, overwrite=overwrite)
    elif to in SUFFIXES:
        suffix, *others = SUFFIXES[to]
        if output.suffix != suffix:
            raise OutputError(f"{shown(output)}: {to} is a file; give a name that ends in {suffix}")
        for path in (output, *(output.with_suffix(other) for other in others)):
            if path.exists() and not (overwrite and path.is_file()):
                raise OutputError(f"{shown(path)}: is there already; give another output, or --overwrite to replace it")
    elif output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise OutputError(f"{shown(output)}: is there already; for {to} give a new folder or an empty one")


def write_annotations(annotations: Annotations, output: Path, *, to: str) -> None:
    """Write annotations in a format; see `check_target` first.

    What is not a corpus is written as `<name>.part` and takes its name once it is whole.

    Raises:
        AnnotationError: where the format cannot hold them.
        OutputError: where the output cannot be written.
    """
    if to == "corpus":
        write_corpus_folder(annotations, output)
        return
    before = annotations.lost()
    part = output.with_name(f"{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        if to in SUFFIXES:
            WRITERS[to](annotations, part / output.name)
            for path in part.iterdir():
                path.replace(output.with_name(path.name))
        else:
            WRITERS[to](annotations, part)
            part.replace(output)
    except OSError as error:
        raise OutputError(f"{shown(output)}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    annotations.count_kept(before)
