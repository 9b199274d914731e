"""`conflictspan predict` on a Ray cluster: files of reports to a folder of shards.

Files are read in tasks and cut into blocks, actors that hold the model extract from a block each and write it as a
shard, and the driver counts. A shard is named after its block's place in the input and takes its name once it is
whole: what Ray runs again because a worker died gives the same file again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from conflictspan.errors import EngineError, OutputError
from conflictspan.events.actor_table import load_actors
from conflictspan.events.assembly import Assembler
from conflictspan.extractor import Extractor
from conflictspan.model_folder import hash_of_model
from conflictspan.ray_stages import ExtractBlocks, read_files, stub_of
from conflictspan.reading import STDIN, Reject, list_files
from conflictspan.shards import Shards, Stub
from conflictspan.writing import STDOUT, Summary

LOCAL = "local"
"""The address that means a Ray of this machine's cores, started for the run."""

BLOCK_CHARACTERS = 200_000
"""Characters of text in a block, which is what a worker is handed; a longer report is a block of its own."""

_GROUP_BYTES = 2**25  # small files are read together, large ones each in a task


def predict_with_ray(
    inputs: Sequence[str],
    output: str | Path,
    *,
    model: str | Path,
    address: str = LOCAL,
    min_precision: float | None = None,
    actors: Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
) -> Summary:
    """Extract from all reports of files and folders, by all workers of a Ray cluster, into a folder.

    The folder gets the shards `part-*.jsonl`, or `part-*.parquet` where its own name ends in `.parquet`; what was not
    read or could not be extracted from, in `_rejects-*.jsonl`; and, when all is there, the counts, in `_summary.json`.
    Each GPU of the cluster has a worker, or where there is none each core. All of them must see inputs, model, actors
    and output under the same paths. Where Ray is running in this process, it is used and `address` is not looked at.

    Args:
        inputs: what `read_reports` takes, but for "-".
        output: the folder; it is made.
        model: a model folder or a model hub's id.
        address: of the cluster, as `ray.init` takes it: "auto", "10.0.0.1:6379"; "local" starts one here.
        min_precision: what `Extractor.from_pretrained` takes.
        actors: a table of actors to add to the packaged one.
        overwrite: remove the shards of an earlier run.
        resume: go on with a run that was interrupted, if there is one: what it has shards of is read again, but not
            extracted from. A run that is finished is left as it is.

    Raises:
        EngineError: Ray is not installed, cannot be reached or gave up.
        InputError: an input cannot be read at all.
        OutputError: the output must not or cannot be written, or would be read as an input.
        ModelError: the model cannot be trusted or read, or can promise no precision.
        ConfigError: the precision is no share, or the table of actors cannot be read.
    """
    if STDIN in inputs or str(output) == STDOUT:
        raise EngineError("workers of a cluster cannot read standard input or write standard output; give files")
    if resume and overwrite:
        raise OutputError("--resume goes on with a run and --overwrite starts it anew; give one of them")
    folder = Path(output).resolve()
    for given in map(Path, inputs):
        if given.resolve() in (folder, *folder.parents):
            raise OutputError(f"{output} is inside the input {given}, which would read it; give another output")
    groups, rejects = _group_files(inputs)
    # A fault in the table or the model is told before a cluster is asked for anything.
    assembler = Assembler(actors=load_actors(actors))
    Extractor.from_pretrained(model, device=torch.device("cpu"), min_precision=min_precision, assembler=assembler)
    shards = Shards(folder, parquet=folder.suffix == ".parquet")
    model_hash = hash_of_model(model)
    signature = {
        "version": version("conflictspan"),
        "model": model_hash,
        "min_precision": min_precision,
        "actors": hashlib.sha256(actors.read_bytes()).hexdigest() if actors else None,
        "block": BLOCK_CHARACTERS,
        "inputs": _hash_of([(file, Path(file).stat().st_size) for group in groups for file in group]),
    }
    constructor = {
        "model": Path(model).resolve() if Path(model).is_dir() else model,
        "model_hash": model_hash,
        "min_precision": min_precision,
        "actors": actors.resolve() if actors else None,
        "shards": shards,
    }
    with _connected(address):
        if shards.prepare(signature, overwrite=overwrite, resume=resume):
            return shards.counts()
        stubs = [shards.write_rejects("unread", rejects)] if rejects else []
        if groups:
            stubs += _run(groups, constructor)
    return shards.finish(stubs)


def _group_files(inputs: Sequence[str]) -> tuple[list[list[str]], list[Reject]]:
    """Files in their order, in groups that are worth a task; and what is no file to read."""
    groups: list[list[str]] = []
    rejects: list[Reject] = []
    room = 0
    for file in list_files(inputs):
        if isinstance(file, Reject):
            rejects.append(file)
            continue
        size = file.stat().st_size
        if size > room or not groups:
            groups.append([])
            room = _GROUP_BYTES
        groups[-1].append(str(file))
        room -= size
    return groups, rejects


def _hash_of(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


@contextmanager
def _connected(address: str) -> Iterator[None]:
    """A Ray that is running in this process, or else a connection for the time being."""
    try:
        import ray
    except ImportError as error:
        raise EngineError("Ray is not installed; install it with: pip install 'conflictspan[ray]'") from error
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address=address, logging_level=logging.WARNING, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise EngineError(
            f"Ray cannot be reached at {address!r}: {error}; give a cluster's address, or {LOCAL!r} to start one here"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _run(groups: Sequence[Sequence[str]], constructor: dict[str, Any]) -> list[Stub]:
    import ray

    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    workers = gpus or max(int(resources.get("CPU", 1)), 1)
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = sys.stderr.isatty()
    context.print_on_execution_start = False
    context.raise_original_map_exception = True  # and not "UDF failed"
    context.target_max_block_size = 1  # a row is handed on when it is there, not when 128 MB are
    with ray.data.DataContext.current(context):
        rows = [{"number": number, "files": json.dumps(files)} for number, files in enumerate(groups)]
        blocks = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            read_files,
            batch_size=1,
            fn_kwargs={"root": Path.cwd(), "characters": BLOCK_CHARACTERS},
            num_cpus=0,  # every core is a worker's; reading takes little beside
            compute=ray.data.TaskPoolStrategy(size=min(workers, len(rows))),
        )
        shards = blocks.map_batches(
            ExtractBlocks,
            batch_size=1,
            fn_constructor_kwargs=constructor,
            num_cpus=1,
            num_gpus=1 if gpus else None,
            compute=ray.data.ActorPoolStrategy(size=workers),
        )
        try:
            return [stub_of(row) for row in shards.iter_rows()]
        except ray.exceptions.RayError as error:
            raise EngineError(f"Ray gave up: {fault_of(error)}") from error


def fault_of(error: Exception) -> str:
    """What is said last of a worker's error, whose text is the whole traceback there."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
