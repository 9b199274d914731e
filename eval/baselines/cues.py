"""What the decision lists look at: the words around a candidate, and what was found beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from eval.baselines.patterns import Window
from eval.baselines.tokens import Token

REACH = 6
"""Tokens within which a neighbouring mention counts."""

NEAR = 4
"""Tokens within which a trigger word counts."""

STATUS_REACH = 7
"""Tokens before or after a trigger within which a word of the status list counts."""

_CLAUSE_ENDS = frozenset({".", ";", ":", "who", "which", "where", "while"})


@dataclass
class Reading:
    """One sentence while it is read.

    Attributes:
        tokens: its tokens.
        forms: the tokens as the lexica spell them.
        groups: word -> cue group, as in "rocket" -> "artillery".
        triggers: its trigger words, their types not settled yet.
        windows: the mentions found so far.
    """

    tokens: Sequence[Token]
    forms: Sequence[str]
    groups: Mapping[str, str]
    triggers: Sequence[Window] = ()
    windows: list[Window] = field(default_factory=list)


def cues(reading: Reading, first: int, last: int) -> set[str]:
    """The cues of a range of tokens.

    `<w`, `>w`: the word before and after, `^` and `$` at the sentence's ends; `<<v_w`, `>>v_w`: two words;
    `<~g`, `>~g`: that word's group; `~g`: a word of the group stands in the sentence;
    `<:T`, `>:T`: the nearest mention within REACH; `<.T`, `>.T`: one right beside;
    `<!`, `>!`, `<!T`, `>!T`: a trigger word within NEAR; `<<!`, `>>!` and so on: one right beside;
    `event`, `no event`: whether the sentence has a trigger word; `C`, `c`: capital or small first letter.
    """
    forms = ("^", "^", *reading.forms, "$", "$")
    before, after = forms[first + 1], forms[last + 2]
    found = {f"<{before}", f">{after}", f"<<{forms[first]}_{before}", f">>{after}_{forms[last + 3]}"}
    found |= {f"~{reading.groups[form]}" for form in reading.forms if form in reading.groups}
    found |= {f"{side}~{reading.groups[w]}" for side, w in (("<", before), (">", after)) if w in reading.groups}
    left = [w for w in reading.windows if 0 <= first - w.last < REACH]
    right = [w for w in reading.windows if 0 <= w.first - last < REACH]
    if left:
        nearest = max(left, key=lambda w: w.last)
        found |= {f"<:{nearest.label}"} | ({f"<.{nearest.label}"} if nearest.last == first else set())
    if right:
        nearest = min(right, key=lambda w: w.first)
        found |= {f">:{nearest.label}"} | ({f">.{nearest.label}"} if nearest.first == last else set())
    found |= set(_trigger_cues(reading.triggers, first, last))
    found.add("C" if reading.tokens[first].text[0].isupper() else "c")
    return found


def _trigger_cues(triggers: Collection[Window], first: int, last: int) -> Iterator[str]:
    yield "event" if triggers else "no event"
    for trigger in triggers:
        if 0 <= trigger.first - last < NEAR:
            side = ">!" if trigger.first > last else ">>!"
        elif 0 <= first - trigger.last < NEAR:
            side = "<!" if trigger.last < first else "<<!"
        else:
            continue
        yield from (side, f"{side}{trigger.label}")


def status_cues(tokens: Sequence[Token], window: Window, words: Collection[str]) -> set[str]:
    """The cues of a trigger's status, alone and in pairs joined by "+".

    `<w`, `>w`: the word before and after; `-w`: a word of `words` up to STATUS_REACH tokens before, in the same clause;
    `^w`: one anywhere before; `+w`: one up to STATUS_REACH tokens after; `T:`: the trigger's type; `w:`, `e:`: its last
    word and that word's ending.
    """
    forms = [token.lower for token in tokens]
    first, last = window.first, window.last
    near: list[str] = []
    for form in reversed(forms[max(first - STATUS_REACH, 0) : first]):
        if form in _CLAUSE_ENDS:
            break
        near.append(form)
    found = {f"-{form}" for form in near if form in words}
    found |= {f"^{form}" for form in forms[:first] if form in words}
    found |= {f"+{form}" for form in forms[last : last + STATUS_REACH] if form in words}
    found |= {f"<{forms[first - 1] if first else '^'}", f">{forms[last] if last < len(forms) else '$'}"}
    found |= {f"T:{window.label}", f"w:{forms[last - 1]}", f"e:{forms[last - 1][-2:]}"}
    return found | {"+".join(pair) for pair in combinations(sorted(found), 2)}
