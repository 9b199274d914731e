"""`python -m eval.speed`: what extraction costs in time and memory, beside the token-classification pipeline.

With the default sizes about ten minutes on one quiet core; most of it is the archive of 50,000 reports.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from conflictspan.corpus import load_corpus
from conflictspan.encoding import rust_tokenizer
from conflictspan.errors import InputError
from conflictspan.records import Report
from eval import timing
from eval.console import errors_in_one_line
from eval.files import read_json, read_text, write_json, write_text
from eval.markdown import fill_readme
from eval.speed_report import BEGIN, END, bench_markdown, grids, plot_archive
from eval.tables import to_terminal

if TYPE_CHECKING:
    from conflictspan.extractor import Extractor

VIEWED = 2000
"""Reports of the page that is opened."""

ONE_REPORT = "Rebels shelled Raqqa on Sunday, killing two civilians, the Observatory said."


def main(
    model: Annotated[Path, typer.Option(help="Model folder.")] = Path("models/default"),
    data: Annotated[Path, typer.Option(help="Corpus folder, whose test reports are read.")] = Path("data/annotations"),
    rounds: Annotated[int, typer.Option(min=1, help="How often each system is timed.")] = 3,
    reports: Annotated[int, typer.Option(min=1, help="Reports in a round.")] = 60,
    peer_layers: Annotated[
        int, typer.Option(min=1, help="Layers of the pipeline's encoder; the default one has 6.")
    ] = 6,
    archives: Annotated[str, typer.Option(help="Sizes of archives, in reports of one sentence.")] = "1000,10000,50000",
    out: Annotated[Path, typer.Option(help="Folder for bench.json, bench.md and bench.png.")] = Path("eval/results"),
    readme: Annotated[Path | None, typer.Option(help="Write the tables between this file's markers.")] = None,
) -> None:
    """Measure speed, memory and start-up, and write what came of it."""
    with errors_in_one_line():
        try:
            sizes = sorted({int(size) for size in archives.split(",")})
        except ValueError as error:
            raise InputError(f"--archives {archives}: give numbers, as in 1000,10000") from error
        record = measure(
            model, load_corpus(data, "test"), rounds=rounds, reports=reports, sizes=sizes, peer_layers=peer_layers
        )
        write_json(out / "bench.json", record)
        write_text(out / "bench.md", f"# What it costs\n\n{bench_markdown(record)}\n")
        plot_archive(record, out / "bench.png")
        if readme:
            filled = fill_readme(read_text(readme), bench_markdown(record), where=str(readme), markers=(BEGIN, END))
            write_text(readme, filled)
    console = Console(highlight=False)
    for grid in grids(record):
        console.print(to_terminal(grid))
    console.print(f"Written to {out}: bench.json, bench.md, bench.png.", markup=False)


def measure(
    model: Path, corpus: list[Report], *, rounds: int, reports: int, sizes: Iterable[int], peer_layers: int
) -> dict[str, Any]:
    """Measure all of it: the content of bench.json.

    Args:
        model: a model folder; exported for ONNX Runtime on the way where that is installed.
        corpus: reports with sentences, which are read over and over.
        rounds: how often each system is timed.
        reports: reports in a round.
        sizes: of the archives, in reports of one sentence.
        peer_layers: of the pipeline's encoder; the pipeline is timed with as many layers as the model has, too.
    """
    from conflictspan.extractor import Extractor

    record: dict[str, Any] = {"machine": _machine()}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        extractors = {"torch": Extractor.from_pretrained(model, backend="torch")}
        fastest = str(model)
        if all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime")):
            from conflictspan.onnx_export import export_onnx

            export_onnx(model, scratch / "exported")
            fastest = str(scratch / "exported")
            extractors["onnx"] = Extractor.from_pretrained(fastest, backend="onnx")
        many = list(timing.repeated(corpus, reports))
        record["speed"] = _speed(extractors, model, many, rounds, scratch, peer_layers)
        sentences = timing.sentences_as_reports(corpus)
        backend = list(extractors)[-1]
        points = timing.archive_cost(sentences, sizes, fastest, scratch)
        record["archive"] = {"backend": backend, "points": points}
        timing.write_jsonl(scratch / "one.jsonl", [Report("one", ONE_REPORT)])
        predict = ["predict", str(scratch / "one.jsonl"), "--model", fastest, "-o", str(scratch / "one-out.jsonl")]
        record["start_up"] = {
            "conflictspan --help": timing.start_up(["--help"], rounds=rounds),
            "conflictspan predict": timing.start_up([*predict, "--overwrite"], rounds=rounds),
        }
        record["training"] = _training(model.parent)
        record["view"] = None
        if chromium := timing.browser():
            opened = timing.page_milliseconds(chromium, scratch / "torch.jsonl", VIEWED, scratch)
            record["view"] = None if opened is None else {"reports": VIEWED, "milliseconds": opened}
    return record


def _speed(
    extractors: dict[str, Extractor], model: Path, reports: list[Report], rounds: int, scratch: Path, peer_layers: int
) -> dict[str, Any]:
    source = scratch / "reports.jsonl"
    timing.write_jsonl(source, reports)
    rust = rust_tokenizer(extractors["torch"].tokenizer)
    pieces = sum(len(rust.encode(report.text, add_special_tokens=False).ids) for report in reports)
    texts = [report.text[start:end] for report in reports for start, end in report.sentences]

    def ours(name: str, extractor: Extractor) -> Callable[[], None]:
        return lambda: timing.end_to_end(extractor, source, scratch / f"{name}.jsonl")

    torch_extractor = extractors["torch"]
    own_layers = timing.encoder_config(torch_extractor).num_hidden_layers
    systems = {
        f"pipeline, {layers} layers": timing.peer(torch_extractor, model, texts, layers=layers)
        for layers in dict.fromkeys((peer_layers, own_layers))
    }
    reference = next(iter(systems))
    systems |= {f"conflictspan, {name}": ours(name, extractor) for name, extractor in extractors.items()}
    timing.interleaved(systems, rounds=1)  # to warm up
    times = timing.interleaved(systems, rounds=rounds)
    return {"reports": len(reports), "pieces": pieces, "rounds": rounds, "reference": reference, "systems": times}


def _training(folder: Path) -> dict[str, float]:
    """Seconds of the trainings whose records lie beside the model, by the model's name."""
    records = {path.parent.name: read_json(path) for path in sorted(folder.glob("*/run.json"))}
    return {name: float(run["seconds"]) for name, run in records.items() if "seconds" in run}


def _machine() -> dict[str, Any]:
    import torch

    from conflictspan.devices import best_device, has_fast_bf16

    return {
        "cpu": _cpu_name(),
        "device": str(best_device()),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "bf16": has_fast_bf16(best_device()),
        "torch": torch.__version__,
        "load": os.getloadavg()[0],
    }


def _cpu_name() -> str:
    """The processor's name and its widest vectors, which decide more than the name."""
    import torch

    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name} ({torch.backends.cpu.get_cpu_capability()})"


if __name__ == "__main__":
    typer.run(main)
