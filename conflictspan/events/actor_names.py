"""What the words of an actor's name tell: a state, a proper name, an acronym, ACLED's code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from conflictspan.events.countries import country_in
from conflictspan.events.records import ActorClass
from conflictspan.events.tables import toml_table

ACRONYM = re.compile(r"[A-Z][A-Za-z-]{0,4}[A-Z0-9]|[A-Z]{2,}(?:-[A-Z]+)?")
"""A name in capitals."""

_SMALL = frozenset({"of", "the", "and", "for", "in", "al", "de", "du", "des", "la", "le", "el", "y", "i", "e"})


def state_of(text: str) -> str | None:
    """The state whose force a name is: "Turkish artillery", "Syria's army", "Moscow"."""
    if found := country_in(text):
        return found[0]
    return None


@lru_cache(65536)
def is_state_at_large(text: str) -> bool:
    """Whether a name says no more than that it is that state's force."""
    found = country_in(text)
    if not found:
        return False
    rest = re.sub(r"['\u2019]s?\b", "", text.replace(found[1], " ")).casefold()
    rest = re.sub(r"\b(?:the|of)\b", " ", rest)
    return not rest.strip() or " ".join(rest.split()) in toml_table("actor_words")["state_generic"]


def has_name(text: str) -> bool:
    """Whether there is a capital letter beyond that of a sentence's first word, or an acronym."""
    words = text.split()
    return (
        any(w[:1].isupper() for w in words[1:])
        or (bool(words) and (words[0][1:] != words[0][1:].lower() or ("-" in words[0] and words[0][0].isupper())))
        or (len(words) == 1 and words[0][:1].isupper() and words[0].casefold() not in _common())
    )


@cache
def _common() -> frozenset[str]:
    """Nouns that are no name, also where a sentence begins with them."""
    words = toml_table("actor_words")
    lists: list[str] = [
        *words["state_nominals"],
        *words["group_nominals"],
        *words["group_inter"],
        *words["state_generic"],
    ]
    lists += [w for names in words["people"].values() for w in names]
    return frozenset(lists) | {
        "police",
        "policemen",
        "peacekeepers",
        "conscripts",
        "officers",
        "officials",
        "residents",
        "witnesses",
        "ministry",
        "snipers",
        "sniper",
        "activists",
    }


@lru_cache(65536)
def is_acronym_of(short: str, long: str) -> bool:
    """Whether a name in capitals has the first letters of another's words, small words in or out."""
    if not ACRONYM.fullmatch(short) or len(long.split()) < 2:
        return False
    letters = re.sub(r"[^A-Za-z]", "", short).casefold()
    words = [w for w in re.split(r"[\s-]+", long) if w]
    big = "".join(w[0] for w in words if w.casefold() not in _SMALL).casefold()
    return letters in (big, "".join(w[0] for w in words).casefold())


def fullest(texts: list[str]) -> str:
    """The longest name that is no description; else the first words used, groups in the plural ("rebel bases")."""
    names = [t for t in texts if has_name(t)]
    if names and all(ACRONYM.fullmatch(name) for name in names):
        names += [t for t in texts if any(is_acronym_of(name, t) for name in names)]
    if names:
        return max(names, key=len)
    plural = f"{texts[0]}s"
    return plural if plural.casefold() in toml_table("actor_words")["group_nominals"] else texts[0]


def inter_of_class(class_: ActorClass) -> int | None:
    """ACLED's code where the class alone tells it."""
    return {"state force": 1, "civilians": 7}.get(class_)


def inter_of_group(texts: Iterable[str]) -> int | None:
    """ACLED's code of an armed group by its last word that tells: "rebels" 2, "militia" 3."""
    codes: Mapping[str, int] = toml_table("actor_words")["group_inter"]
    for text in texts:
        for word in reversed(text.split()):
            if word in codes or word.casefold() in codes:
                return codes.get(word) or codes[word.casefold()]
    return None
