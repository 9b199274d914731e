"""`python -m eval.baselines.counting`: count the lists of `lexicon.toml` and `relations.toml` on the training split."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conflictspan.corpus import load_corpus
from conflictspan.records import Offsets, Report
from conflictspan.schema import Schema
from eval.baselines.choices import NONE
from eval.baselines.cues import status_cues
from eval.baselines.datafiles import HERE, read_data
from eval.baselines.learning import Instance, Limits, learn
from eval.baselines.lexicon import LONGEST, Lexicon
from eval.baselines.patterns import Window
from eval.baselines.relations import RelationWords, lines
from eval.baselines.tokens import form, tokenize

ANNOTATIONS = Path("data/annotations")

# Tuned on the validation split.
CHOICES = Limits(support=8, precision=0.45, silence=0.9)
STATUS = Limits(support=8, precision=0.4, silence=0.99)
RELATIONS = Limits(support=5, precision=0.5, silence=0.9)
RELATIONS_OPEN = RELATIONS._replace(support=10)

MIN_CANDIDATES = {"#": 8, "@": 25}
"""Candidates that a key needs for rules of its own where it has a class to fall back on: a pattern, a kind of names."""

MIN_PAIRS = 40
"""The same for a pair of types, which falls back on the list of its tail's type."""

LONGEST_SUFFIX = 4
"""Words in the longest end of a noun phrase that is counted apart from the whole."""


class Recorder(Lexicon):
    """A Lexicon that keeps every candidate it comes by, with its cues and the type that the annotation gives it."""

    def __init__(self, schema: Schema, counted: Mapping[str, Any]) -> None:
        super().__init__(schema, counted)
        self.instances: dict[str, list[Instance]] = defaultdict(list)
        self.fallback: dict[str, str] = {}
        self._exact: dict[Offsets, str] = {}
        self._by_end: dict[int, str] = {}

    def record(self, report: Report) -> None:
        """Read one annotated report."""
        self._exact = {(m.start, m.end): m.type for m in report.mentions}
        self._by_end = {m.end: m.type for m in report.mentions}
        list(self.find(report))

    def choose(self, keys: Sequence[str], found: Collection[str], default: str, span: Offsets) -> str:
        """Keep the candidate. One that ends where a mention ends has its type: borders are not the list's fault."""
        type_ = self._exact.get(span) or self._by_end.get(span[1]) or NONE
        if self.schema.is_event(type_) != keys[0].startswith("!"):
            type_ = NONE
        for key in keys:
            self.instances[key].append((found, type_))
        self.fallback[keys[0]] = keys[-1]
        return super().choose(keys, found, default, span)


def count_lexicon(reports: Sequence[Report], schema: Schema) -> dict[str, Any]:
    """Everything in `lexicon.toml`."""
    words = read_data("words")
    counted: dict[str, Any] = {"choices": {}, **_count_words(reports, schema)}
    # The second round sees the neighbours that the rules of the first one leave standing.
    for _ in range(2):
        recorder = Recorder(schema, counted)
        for report in reports:
            recorder.record(report)
        counted["choices"] = _count_choices(recorder)
    instances = [i for report in reports for i in _status_instances(report, schema, words["status_words"])]
    counted["choices"]["status"] = [*learn(instances, STATUS)[0], NONE]
    return counted


def _count_choices(recorder: Recorder) -> dict[str, list[str]]:
    known = {**recorder.nouns, **{f"!{word}": type_ for word, type_ in recorder.triggers.items()}}
    known |= {f"#{label}": label for label in ("TIME", "COUNT")}
    choices = {}
    for key, instances in sorted(recorder.instances.items()):
        class_ = recorder.fallback.get(key, key)
        if len(instances) < (3 if class_ == key else MIN_CANDIDATES[class_[0]]):
            continue
        rules, rest = learn(instances, CHOICES)
        default = Counter(type_ for _, type_ in rest or instances).most_common(1)[0][0]
        rules = _trim(rules, default)
        if rules or known.get(key) != default:
            choices[key] = [*rules, default]
    return choices


def _trim(rules: list[str], default: str) -> list[str]:
    """Rules without the last ones that say what the default says."""
    while rules and rules[-1].endswith(f" {default}"):
        rules = rules[:-1]
    return rules


def _status_instances(report: Report, schema: Schema, words: Collection[str]) -> Iterator[Instance]:
    for mention in report.mentions:
        if schema.is_event(mention.type):
            tokens = tokenize(report.text, report.sentences[report.sentence_of(mention.start)])
            inside = [i for i, t in enumerate(tokens) if mention.start <= t.start < mention.end]
            if inside:
                window = Window(inside[0], inside[-1] + 1, mention.type)
                yield status_cues(tokens, window, words), mention.status or NONE


def _count_words(reports: Sequence[Report], schema: Schema) -> dict[str, Any]:
    """Nouns, triggers, modifiers and stopwords: the hand-written ones and those of the annotations."""
    words = read_data("words")
    grammar = {"TIME", "COUNT"}
    within: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    before_head: Counter[str] = Counter()
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    triggers: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        starts = {m.start: m for m in report.mentions}
        nominal = {
            i for m in report.mentions if m.type not in grammar and not schema.is_event(m.type)
            for i in range(m.start, m.end)
        }  # fmt: skip
        for sentence in report.sentences:
            tokens = tokenize(report.text, sentence)
            forms = [form(t.text) for t in tokens]
            stops = {t.end: i + 1 for i, t in enumerate(tokens)}
            for i in range(len(forms)):
                phrases.update(" ".join(forms[i:j]) for j in range(i + 1, min(i + LONGEST, len(forms)) + 1))
            for i, token in enumerate(tokens):
                if token.text[0].isalpha() and (token.text[0].islower() or i == 0):
                    seen[token.lower] += 1
                    within[token.lower] += token.start in nominal
                mention = starts.get(token.start)
                if mention is None or mention.type in grammar or mention.end not in stops:
                    continue
                last = stops[mention.end]
                if schema.is_event(mention.type):
                    triggers[" ".join(forms[i:last])][mention.type] += 1
                    continue
                first = i + 1 if forms[i] in ("the", "a", "an") and last > i + 1 else i
                before_head.update(forms[first : last - 1])
                for start in {first, *range(max(first, last - LONGEST_SUFFIX), last)}:
                    ends[" ".join(forms[start:last])][mention.type] += 1
    stopwords = {w for w, n in seen.items() if _is_stopword(w, n, within[w])} | set(words["stopwords"])
    nouns = {end: c.most_common(1)[0][0] for end, c in ends.items() if c.total() >= 2 and end not in stopwords}
    nouns = {noun: type_ for type_, group in words["nouns"].items() for noun in group} | nouns
    kept = {
        word: c.most_common(1)[0][0]
        for word, c in triggers.items()
        if c.total() >= (0.06 if c.total() >= 3 else 0.12 if c.total() == 2 else 0.6) * phrases[word]
    }
    kept = {word: type_ for type_, group in words["triggers"].items() for word in group} | kept
    return {
        "stopwords": sorted(stopwords),
        "modifiers": sorted(word for word in before_head if before_head[word] >= 2 and word in kept),
        "nouns": _by_type({n: t for n, t in nouns.items() if not _implied(n, nouns, stopwords, kept)}),
        "triggers": _by_type(kept),
    }


def _is_stopword(word: str, seen: int, within: int) -> bool:
    if seen >= 3:
        return within < 0.12 * seen
    return within == 0 and (seen == 2 or word.endswith(("ed", "ly", "ing")))


def _implied(noun: str, nouns: Mapping[str, str], stopwords: Collection[str], triggers: Collection[str]) -> bool:
    """Whether a phrase is found with its type through its last words already."""
    words = noun.split(" ")
    if len(words) == 1 or any(word in stopwords or word in triggers for word in words):
        return False
    end = next((e for i in range(1, len(words)) if (e := " ".join(words[i:])) in nouns), None)
    return end is not None and nouns[end] == nouns[noun]


def _by_type(words: Mapping[str, str]) -> dict[str, list[str]]:
    return {type_: sorted(w for w, t in words.items() if t == type_) for type_ in sorted(set(words.values()))}


def count_relations(reports: Sequence[Report], schema: Schema) -> dict[str, Any]:
    """Everything in `relations.toml`."""
    nouns = _trigger_nouns(reports, schema)
    words = RelationWords.load(nouns)
    narrow: dict[str, list[Instance]] = defaultdict(list)
    wide: dict[str, list[Instance]] = defaultdict(list)
    for report in reports:
        gold = {(r.head, r.tail): r.label for r in report.relations}
        for line in lines(report, schema):
            for head, tail in line.pairs(schema):
                label = gold.get((line.mentions[head].id, line.mentions[tail].id), NONE)
                instance = line.cues(head, tail, words), label
                for table, key in zip((narrow, wide), line.keys(head, tail), strict=True):
                    table[key].append(instance)
    choices = {key: [*learn(i, RELATIONS)[0]] for key, i in narrow.items() if len(i) >= MIN_PAIRS}
    choices |= {key: _trim(learn(i, RELATIONS_OPEN)[0], NONE) for key, i in wide.items()}
    return {"nouns": nouns, "choices": {key: rules for key, rules in sorted(choices.items()) if rules}}


def _trigger_nouns(reports: Iterable[Report], schema: Schema) -> list[str]:
    """Triggers that mostly follow an article, a possessive, a preposition or an adjective."""
    lists = read_data("words")["relation_words"]
    before, endings = frozenset(lists["before_noun"]), tuple(lists["adjective_endings"])
    votes: Counter[str] = Counter()
    for report in reports:
        for mention in report.mentions:
            if schema.is_event(mention.type):
                words = report.text[: mention.start].split()[-1:] or ["^"]
                word = words[0].lower()
                surface = report.text[mention.start : mention.end].lower()
                votes[surface] += 1 if word in before or word.endswith(endings) else -1
    return sorted(word for word, vote in votes.items() if vote > 0 and not word.endswith("ed"))


def write(name: str, counted: Mapping[str, Any]) -> None:
    """Write one data file of this folder."""
    lines_ = ["# Counted on the training split by `python -m eval.baselines.counting`; edit words.toml instead."]
    tables = {key: value for key, value in counted.items() if isinstance(value, dict)}
    lines_ += [f"{key} = {_toml(value)}" for key, value in counted.items() if key not in tables]
    for key, table in tables.items():
        lines_ += ["", f"[{key}]", *(f"{_toml(k)} = {_toml(v)}" for k, v in table.items())]
    (HERE / f"{name}.toml").write_text("\n".join(lines_) + "\n", encoding="utf-8")


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    training, scheme = load_corpus(ANNOTATIONS, "train"), Schema.load(ANNOTATIONS / "schema.toml")
    write("lexicon", count_lexicon(training, scheme))
    write("relations", count_relations(training, scheme))
