"""The tables of docs/events.md that come from the code. `python -m tests.docs_tables` writes them into the page."""

from __future__ import annotations

from pathlib import Path

from conflictspan.events.coding import default_coding
from conflictspan.events.columns import ACLED, UCDP

PAGE = Path(__file__).parents[1] / "docs" / "events.md"


def rules_table() -> str:
    """ACLED's types, one rule a line."""
    lines = ["| event | condition | ACLED type | why |", "|---|---|---|---|"]
    for rule in default_coding().data["rules"]:
        conditions = []
        for key, words in (
            ("agent", "side a"),
            ("victim", "side b"),
            ("target", "hits a"),
            ("with", "words"),
            ("word", "trigger"),
        ):
            if key in rule:
                conditions.append(f"{words}: {', '.join(rule[key])}")
        if "also" in rule:
            conditions.append(f"also {' or '.join(rule['also'])}")
        if "also_not" in rule:
            conditions.append(f"no {' or '.join(rule['also_not'])}")
        if "place" in rule:
            conditions.append("a place is named" if rule["place"] else "no place is named")
        type_ = f"{rule['event_type']} / {rule['sub_event_type']}"
        lines.append(f"| {', '.join(rule['trigger'])} | {'; '.join(conditions)} | {type_} | {rule['why']} |")
    return "\n".join(lines)


def columns_table() -> str:
    """The columns of the two data sets and the fields they come from."""
    parts = []
    for title, columns in (("ACLED-like columns", ACLED), ("UCDP-GED-like columns", UCDP)):
        rows = "\n".join(f"| `{column.name}` | {column.meaning} |" for column in columns)
        parts.append(f"| {title} | from |\n|---|---|\n{rows}")
    return "\n\n".join(parts)


def fill(page: str) -> str:
    """The page with its tables as the code has them."""
    for name, table in (("rules", rules_table()), ("columns", columns_table())):
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
