"""What is timed: extraction end to end, the peer beside it, whole runs of the command, and a page in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from conflictspan.reading import read_reports
from conflictspan.records import Report
from conflictspan.viewing.page import write_view
from conflictspan.writing import write_extractions

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

    from conflictspan.extractor import Extractor

COMMAND = (sys.executable, "-c", "from conflictspan.cli import main; main()")
"""The command, wherever it is installed."""

PEER_BATCH = 32
"""The pipeline's batches, in sentences; on a CPU it is as fast with 1."""

_OPENED = re.compile(r'data-opened="(\d+(?:\.\d+)?)"')


def repeated(reports: Sequence[Report], number: int) -> Iterable[Report]:
    """So many reports under ids of their own, the given ones over and over."""
    return (replace(report, id=f"{report.id}-{n}") for n, report in enumerate(islice(cycle(reports), number)))


def sentences_as_reports(reports: Iterable[Report]) -> list[Report]:
    """Each sentence as a report of its own."""
    return [
        Report(f"{report.id}-{start}", report.text[start:end], published=report.published)
        for report in reports
        for start, end in report.sentences
    ]


def write_jsonl(path: Path, reports: Iterable[Report]) -> None:
    """Write reports as an input of `conflictspan predict`."""
    with path.open("w", encoding="utf-8") as file:
        for report in reports:
            record = {"id": report.id, "text": report.text, "published": report.published}
            file.write(json.dumps({key: value for key, value in record.items() if value is not None}) + "\n")


def interleaved(systems: Mapping[str, Callable[[], None]], *, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Time systems in turn, so that what slows the machine down for a while does not hit one of them alone.

    Args:
        systems: each by its name; warmed up by the caller.
        rounds: how often each runs.

    Returns:
        Of each system the `seconds` of each round, and the `cpu_seconds` of all its threads.
    """
    times: dict[str, dict[str, list[float]]] = {name: {"seconds": [], "cpu_seconds": []} for name in systems}
    for _ in range(rounds):
        for name, run in systems.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            times[name]["cpu_seconds"].append(time.process_time() - cpu)
            times[name]["seconds"].append(time.perf_counter() - wall)
    return times


def end_to_end(extractor: Extractor, source: Path, target: Path) -> None:
    """Read a file of reports, extract, assemble events, and write."""
    reports = (item for item in read_reports([str(source)]) if isinstance(item, Report))
    write_extractions(extractor.extract(reports), str(target), overwrite=True)


def encoder_config(extractor: Extractor) -> PreTrainedConfig:
    """Its encoder's configuration, in which `num_hidden_layers` is there whatever the architecture calls it."""
    from transformers import AutoConfig

    return AutoConfig.for_model(**extractor.model.config.encoder)


def peer(extractor: Extractor, tokenizer_folder: Path, texts: Sequence[str], *, layers: int) -> Callable[[], None]:
    """The token-classification pipeline of transformers with an untrained encoder and as many labels.

    Args:
        extractor: whose encoder it is like, but for the number of layers.
        tokenizer_folder: the model's.
        texts: sentences.
        layers: of the pipeline's encoder.
    """
    from transformers import AutoModelForTokenClassification, PreTrainedTokenizerFast, pipeline

    config = encoder_config(extractor)
    config.num_labels = extractor.model.tagger.out_features
    config.num_hidden_layers = layers
    model = AutoModelForTokenClassification.from_config(config).eval()  # type: ignore[no-untyped-call]
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tokenizer_folder)
    tagger: Any = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple")

    def run() -> None:
        for _ in tagger(list(texts), batch_size=PEER_BATCH):
            pass

    return run


def run_command(*arguments: str) -> dict[str, float]:
    """Run `conflictspan` in a process of its own: its `seconds` and `peak_mib`, the most memory it held.

    Raises:
        RuntimeError: it fails.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen([*COMMAND, *arguments], stdout=output, stderr=subprocess.STDOUT)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode:
            output.seek(0)
            raise RuntimeError(f"conflictspan {' '.join(arguments)} failed: {output.read().decode(errors='replace')}")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, else KiB
    return {"seconds": seconds, "peak_mib": usage.ru_maxrss * unit / 2**20}


def start_up(arguments: Sequence[str], *, rounds: int) -> float:
    """Median seconds of a run of the command."""
    return median(run_command(*arguments)["seconds"] for _ in range(rounds))


def archive_cost(reports: Sequence[Report], sizes: Iterable[int], model: str, scratch: Path) -> list[dict[str, float]]:
    """Time and memory of `predict` on archives of several sizes.

    Args:
        reports: what the archives are made of.
        sizes: in reports.
        model: a model folder.
        scratch: a folder for the archives.
    """
    points = []
    for size in sizes:
        write_jsonl(scratch / "archive.jsonl", repeated(reports, size))
        cost = run_command(
            "predict", str(scratch / "archive.jsonl"), "--model", model, "-o", str(scratch / "out.jsonl"), "--overwrite"
        )
        points.append({"reports": size, **cost})
    return points


def browser() -> str | None:
    """The path of a Chromium or Chrome, where there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def page_milliseconds(chromium: str, extracted: Path, number: int, scratch: Path) -> float | None:
    """How long a view of so many reports takes to stand, by its own clock; None where it does not say.

    Args:
        chromium: the browser.
        extracted: what `predict` wrote.
        number: reports; those extracted, over and over.
        scratch: a folder for the page.
    """
    records = [json.loads(line) for line in extracted.read_text(encoding="utf-8").splitlines()]
    many = (record | {"id": f"{record['id']}-{n}"} for n, record in enumerate(islice(cycle(records), number)))
    lines, page = scratch / "view.jsonl", scratch / "view.html"
    lines.write_text("".join(json.dumps(record) + "\n" for record in many), encoding="utf-8")
    write_view([lines], page, overwrite=True)
    options = ["--headless=new", f"--user-data-dir={scratch / 'profile'}", "--disable-gpu", "--no-first-run"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium refuses to sandbox root
    done = subprocess.run(  # noqa: S603
        [chromium, *options, "--dump-dom", page.resolve().as_uri()], capture_output=True, text=True, check=False
    )
    found = _OPENED.search(done.stdout)
    return float(found[1]) if found else None
