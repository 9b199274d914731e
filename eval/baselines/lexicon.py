"""The lexicon baseline: nouns, names, trigger words and patterns from data files, chosen between by decision lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from conflictspan.records import Offsets, Report
from conflictspan.schema import Schema
from eval.baselines.choices import NONE, Choices
from eval.baselines.cues import Reading, cues, status_cues
from eval.baselines.datafiles import read_data
from eval.baselines.gazetteer import name_class
from eval.baselines.output import Found, assemble, split
from eval.baselines.patterns import Grammar, Window, apart
from eval.baselines.relations import relate
from eval.baselines.runs import RunWords
from eval.baselines.tokens import Token, form, tokenize

LONGEST = 8
"""Words in the longest phrase of the lexicon."""

_OWNERS = frozenset({"STATE_FORCE", "ARMED_GROUP"})
_OWNED = frozenset({"FAC", "WEAPON"})
_KEPT_KINDS = frozenset({"acronym", "name1", "name2"})
"""Kinds of names that keep their type when the report names them again."""


@cache
def _grammar() -> Grammar:
    return Grammar(read_data("patterns"))


class Lexicon:
    """Marks what the lexicon holds.

    Attributes:
        nouns: noun, phrase or name -> its type; a noun phrase is found by its last words.
        triggers: trigger word or phrase -> its commonest type.
    """

    name = "lexicon"

    def __init__(self, schema: Schema, counted: Mapping[str, Any] | None = None) -> None:
        """Take the lists of `words.toml` and the counted ones, by default those of `lexicon.toml`."""
        words = read_data("words")
        counted = counted or read_data("lexicon")
        self.schema = schema
        self._titles = frozenset(words["titles"])
        self._demonyms = frozenset(words["demonyms"])
        self._status_words = frozenset(words["status_words"])
        self._groups = {word: group for group, members in words["cue_words"].items() for word in members}
        self._runs = RunWords(*(frozenset(x) for x in (counted["stopwords"], words["joints"], words["particles"])))
        self._modifiers = frozenset(counted["modifiers"])
        self._choices = Choices(counted["choices"])
        self.nouns: dict[str, str] = {word: type_ for type_, words in counted["nouns"].items() for word in words}
        self.triggers: dict[str, str] = {word: type_ for type_, words in counted["triggers"].items() for word in words}

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Mark every report; scores are 1.0."""
        for report in map(split, reports):
            yield relate(assemble(report, self.find(report)), self.schema)

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Replace the relations by those of the span rules; scores are 1.0."""
        return (relate(report, self.schema) for report in reports)

    def find(self, report: Report) -> Iterator[Found]:
        """What the lexicon marks in one report that has its sentences."""
        names: dict[str, str] = {}
        for sentence in report.sentences:
            tokens = tokenize(report.text, sentence)
            for window in self._read(tokens, names):
                status = None
                if self.schema.is_event(window.label):
                    status = self._choices.choose("status", status_cues(tokens, window, self._status_words))
                start, end = tokens[window.first].start, tokens[window.last - 1].end
                yield Found(start, end, window.label, None if status == NONE else status)

    def choose(self, keys: Sequence[str], found: Collection[str], default: str, span: Offsets) -> str:  # noqa: ARG002
        """The type of one candidate, by the first of its keys that has rules; `span` says where it stands."""
        key = next((key for key in keys if key in self._choices), None)
        return default if key is None else self._choices.choose(key, found) or default

    def _read(self, tokens: Sequence[Token], names: dict[str, str]) -> list[Window]:
        """Mentions of one sentence. `names` holds the names met so far in the report and gets new ones."""
        reading = Reading(tokens, [form(token.text) for token in tokens], self._groups)
        for window in _grammar().find(tokens):
            pattern = f"#{window.label}"
            self._decide(reading, window, (f"{pattern} {_key(reading, window)}", pattern), window.label)
        phrases = apart(self._phrases(reading, self.nouns, least=2))
        reading.triggers = apart(w for w in self._phrases(reading, self.triggers) if not _inside(w, phrases))
        # The longer of two that overlap: "settling scores" holds no number, "9 March" no trigger.
        reading.windows = [
            w for w in reading.windows if not any(_shorter_beside(w, trigger) for trigger in reading.triggers)
        ]
        reading.triggers = [t for t in reading.triggers if not any(_overlap(t, w) for w in reading.windows)]
        blocked = {i for w in (*reading.windows, *reading.triggers) for i in range(w.first, w.last)}
        held = {i for w in phrases for i in range(w.first, w.last)}
        for first, last in self._runs.runs(tokens, blocked, held):
            self._name(reading, first, last, names)
        for window in reading.triggers:
            self._decide(reading, window, (f"!{_key(reading, window)}",), window.label)
        return sorted(self._widen(reading))

    def _decide(self, reading: Reading, window: Window, keys: tuple[str, ...], default: str) -> str:
        """Choose a candidate's type, and mark it unless that is NONE."""
        span = reading.tokens[window.first].start, reading.tokens[window.last - 1].end
        type_ = self.choose(keys, cues(reading, window.first, window.last), default, span)
        if type_ != NONE:
            reading.windows.append(window._replace(label=type_))
        return type_

    def _phrases(self, reading: Reading, lexicon: Mapping[str, str], *, least: int = 1) -> Iterator[Window]:
        for first in range(len(reading.forms)):
            for last in range(first + least, min(first + LONGEST, len(reading.forms)) + 1):
                label = lexicon.get(" ".join(reading.forms[first:last]))
                if label is not None:
                    yield Window(first, last, label)

    def _name(self, reading: Reading, first: int, last: int, names: dict[str, str]) -> None:
        """Mark what one run holds: a titled person, an owner and its site, a noun phrase or a name."""
        tokens, forms = reading.tokens, reading.forms
        known = self._suffix(forms, first, last)
        held = last - known.count(" ") - 1 if known else last
        titles = [i for i in range(first, held) if forms[i] in self._titles]
        if titles and titles[-1] + 1 < last and tokens[titles[-1] + 1].capital:
            if titles[0] > first:
                self._name(reading, first, titles[0], names)
            self._person(reading, titles[-1] + 1, last, names)
            return
        while known is None and last > first and not tokens[last - 1].capital:
            last -= 1  # "civilians fearing": an unknown word in small letters ends no span
            known = self._suffix(forms, first, last)
        if last == first:
            return
        if known is None:
            self._unknown_name(reading, first, last, names)
            return
        label = self.nouns[known]
        if label in _OWNED and (cut := self._owner(reading, first, last - known.count(" ") - 1)):
            self._name(reading, first, cut, names)
            first = cut
        type_ = self._decide(reading, Window(first, last, label), (known, *self._kind(known)), label)
        if type_ == "LOC" and not tokens[last - 1].capital:
            _count_in(reading)

    def _unknown_name(self, reading: Reading, first: int, last: int, names: dict[str, str]) -> None:
        """Mark a run that ends in a name the lexicon does not hold."""
        tokens = reading.tokens
        start = last
        while start > first and (tokens[start - 1].capital or (start - 1 > first and self._small(tokens[start - 1]))):
            start -= 1
        role = self._suffix(reading.forms, first, start)
        if role and self.nouns[role] == "PEOPLE":
            self._person(reading, start, last, names)
            return
        name = " ".join(token.text for token in tokens[start:last])
        if name in names:
            reading.windows.append(Window(start, last, names[name]))
            return
        kind = "demonym" if name.lower() in self._demonyms else name_class(name)
        key = f"@{kind}^" if start == 0 and kind.startswith("name") else f"@{kind}"
        type_ = self._decide(reading, Window(start if last - start > 1 else first, last, NONE), (key,), NONE)
        if type_ == "PERSON":
            names[tokens[last - 1].text] = type_
        elif type_ != NONE and key[1:] in _KEPT_KINDS:
            names[name] = type_

    def _small(self, token: Token) -> bool:
        return token.lower in self._runs.particles or token.lower in ("of", "for", "the", "on")

    @staticmethod
    def _person(reading: Reading, first: int, last: int, names: dict[str, str]) -> None:
        while last > first and not reading.tokens[last - 1].capital:
            last -= 1
        if last > first:
            reading.windows.append(Window(first, last, "PERSON"))
            names[reading.tokens[last - 1].text] = "PERSON"

    def _kind(self, noun: str) -> tuple[str, ...]:
        """The class of names whose rules stand in where the lexicon has few examples of a noun."""
        if noun in self._demonyms:
            return ("@demonym",)
        kind = name_class(noun if noun.isupper() else noun.title())
        return (f"@{kind}",) if kind in ("country", "capital") else ()

    def _suffix(self, forms: Sequence[str], first: int, last: int) -> str | None:
        """The longest end of a run that the lexicon holds."""
        ends = (" ".join(forms[start:last]) for start in range(max(first, last - LONGEST), last))
        return next((end for end in ends if end in self.nouns), None)

    def _owner(self, reading: Reading, first: int, head: int) -> int:
        """Where a named force ends that owns a site or weapon: "Hamas tunnels" are two spans; 0 for none."""
        for last in range(head, first, -1):
            known = self._suffix(reading.forms, first, last)
            if known and self.nouns[known] in _OWNERS and reading.tokens[last - 1].capital:
                return last
        return 0

    def _widen(self, reading: Reading) -> Iterator[Window]:
        """Take in the participles that no trigger claimed: "trapped families"."""
        taken = {i for w in reading.windows for i in range(w.first, w.last)}
        for window in reading.windows:
            first = window.first
            if not self.schema.is_event(window.label):
                while first > 0 and first - 1 not in taken and reading.forms[first - 1] in self._modifiers:
                    first -= 1
            yield window._replace(first=first)


def _key(reading: Reading, window: Window) -> str:
    return " ".join(reading.forms[window.first : window.last])


def _count_in(reading: Reading) -> None:
    """Give a number to the place it counts, the last mention found: "two villages" is one span."""
    place = reading.windows[-1]
    count = next((w for w in reading.windows if w.label == "COUNT" and w.last == place.first), None)
    if count:
        reading.windows.remove(count)
        reading.windows[-1] = place._replace(first=count.first)


def _inside(window: Window, others: Iterable[Window]) -> bool:
    return any(o.first <= window.first and window.last <= o.last and o[:2] != window[:2] for o in others)


def _overlap(window: Window, other: Window) -> bool:
    return window.first < other.last and other.first < window.last


def _shorter_beside(window: Window, other: Window) -> bool:
    return _overlap(window, other) and window.last - window.first < other.last - other.first
