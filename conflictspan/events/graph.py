"""A report as a graph: its mentions by what they are, and what stands in which role to what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from conflictspan.events.coding import Coding
from conflictspan.records import Mention, Relation, Report


class ReportGraph:
    """The mentions and relations of one report, looked up under the roles of a coding.

    Attributes:
        report: the report.
        coding: what its labels mean.
        mentions: id -> mention, by place in the text.
        triggers: the event triggers, by place in the text.
    """

    def __init__(self, report: Report, coding: Coding) -> None:
        self.report = report
        self.coding = coding
        self.mentions = {m.id: m for m in sorted(report.mentions, key=lambda m: (m.start, m.end))}
        self.triggers = [m for m in self.mentions.values() if m.type in coding.ranks]
        self._tails: dict[tuple[str, str], list[Relation]] = defaultdict(list)
        self._heads: dict[tuple[str, str], list[Relation]] = defaultdict(list)
        for relation in report.relations:
            role = coding.roles.get(relation.label)
            if role and relation.head in self.mentions and relation.tail in self.mentions:
                self._tails[relation.head, role].append(relation)
                self._heads[relation.tail, role].append(relation)

    def text(self, mention: Mention) -> str:
        """The words of a mention, on one line."""
        return " ".join(self.report.text[mention.start : mention.end].split())

    def kind(self, mention: Mention) -> str | None:
        """What kind of entity it is; None for triggers and for types that the coding does not know."""
        return self.coding.kinds.get(mention.type)

    def of_kind(self, *kinds: str) -> list[Mention]:
        """The mentions of these kinds, by place in the text."""
        return [m for m in self.mentions.values() if self.kind(m) in kinds]

    def tails(self, mention: Mention, role: str) -> list[Mention]:
        """What stands in a role to a mention, by place in the text."""
        relations = self._tails.get((mention.id, role))
        return self._in_order({r.tail for r in relations}) if relations else []

    def heads(self, mention: Mention, role: str) -> list[Mention]:
        """What a mention stands in a role to, by place in the text."""
        relations = self._heads.get((mention.id, role))
        return self._in_order({r.head for r in relations}) if relations else []

    def containers(self, mention: Mention) -> list[Mention]:
        """The places that a place lies in, the nearest first."""
        found: list[Mention] = []
        level = [mention]
        while level := [up for m in level for up in self.tails(m, "located_in") if up not in found]:
            found += level
        return found

    def _in_order(self, ids: Iterable[str]) -> list[Mention]:
        return sorted((self.mentions[id_] for id_ in ids), key=lambda m: m.start)

    def arcs(self, mention: Mention) -> list[Relation]:
        """The relations that a mention heads."""
        return [r for role in self.coding.roles.values() for r in self._tails.get((mention.id, role), ())]

    def sentence(self, mention: Mention) -> int:
        """The index of its sentence."""
        return self.report.sentence_of(mention.start)

    def before(self, mention: Mention, width: int = 40) -> str:
        """The text of the sentence before a mention, at most `width` characters of it."""
        start = self.report.sentences[self.sentence(mention)][0] if self.report.sentences else 0
        return self.report.text[max(start, mention.start - width) : mention.start]

    def between(self, first: Mention, second: Mention) -> str:
        """The text between two mentions."""
        return self.report.text[min(first.end, second.end) : max(first.start, second.start)]

    def is_definite(self, mention: Mention) -> bool:
        """Whether "the", "this", "its" or the like stands before a mention; "any" too where it is denied."""
        before = self.before(mention)
        return bool(_DEFINITE.search(before)) or (mention.status == "denied" and bool(re.search(r"\bany\s+$", before)))


_DEFINITE = re.compile(
    r"\b(?:the|this|that|these|those|its|his|her|their|said)\s+(?:(?:same|two|three|four|five|six|alleged)\s+)?$", re.I
)
