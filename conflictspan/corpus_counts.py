"""What a corpus has, counted: for the command line and for the data card, which the program writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from conflictspan.corpus import Corpus
from conflictspan.errors import InputError
from conflictspan.rows import SPLITS, Located
from conflictspan.schema import Schema

BEGIN = "<!-- counts: written by `conflictspan annotations stats --write-card` -->"
END = "<!-- end of counts -->"

Table = dict[str, dict[str, int]]
"""Row name -> split -> count."""


def count_corpus(corpus: Corpus) -> dict[str, Table]:
    """Count a corpus.

    Returns:
        Title -> table: sizes, spans by type, relations by label. Each row has a count for each split of the corpus.
    """
    counts = {split: _count(reports, corpus.schema) for split, reports in corpus.splits.items()}
    schema = corpus.schema
    rows = {
        "Sizes": ["reports", "sentences", "sentences without a span", "entity spans", "event triggers"]
        + [f"triggers, {status}" for status in schema.statuses]
        + ["relations", "relations across sentences"],
        "Entity spans": list(schema.entities),
        "Event triggers": list(schema.events),
        "Relations": list(schema.labels),
    }
    return {
        title: {name: {split: counts[split][title, name] for split in corpus.splits} for name in names}
        for title, names in rows.items()
        if names
    }


def format_counts(tables: Mapping[str, Table]) -> str:
    """The tables in Markdown."""
    blocks = []
    for title, table in tables.items():
        lines = [f"| {title} | {' | '.join(SPLITS)} | all |", "|---|" + "---:|" * (len(SPLITS) + 1)]
        for name, row in table.items():
            numbers = [*(row[split] for split in SPLITS), sum(row.values())]
            lines.append(f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} |")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def write_counts(card: Path, tables: Mapping[str, Table]) -> None:
    """Replace the counts in a data card. Raises InputError where the card has no place for them."""
    text = card.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise InputError(f"{card}: has no place for the counts; add the lines {BEGIN!r} and {END!r}")
    card.write_text(f"{before}{begin}\n{format_counts(tables)}\n{end}{after}", encoding="utf-8")


def _count(reports: Mapping[str, Iterable[Located]], schema: Schema) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter({("Sizes", "reports"): len(reports)})
    for sentences in reports.values():
        earlier: set[str] = set()
        for sentence in sentences:
            row = sentence.row
            counts["Sizes", "sentences"] += 1
            counts["Sizes", "sentences without a span"] += not row.mentions
            for mention in row.mentions:
                event = schema.is_event(mention.type)
                counts["Event triggers" if event else "Entity spans", mention.type] += 1
                counts["Sizes", "event triggers" if event else "entity spans"] += 1
                if mention.status:
                    counts["Sizes", f"triggers, {mention.status}"] += 1
            for relation in row.relations:
                counts["Relations", relation.label] += 1
                counts["Sizes", "relations"] += 1
                counts["Sizes", "relations across sentences"] += relation.tail in earlier
            earlier |= {mention.id for mention in row.mentions}
    return counts
