"""The parts of an event record. All are pydantic models, since they are read back from files as they are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    NonNegativeInt,
    PlainSerializer,
)

Text = InstanceOf[str]
"""Words of a report: pydantic's own strings cannot hold a lone surrogate."""

Span = tuple[NonNegativeInt, NonNegativeInt]
"""Half-open range of Unicode code points of the report's text."""

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A probability. JSON as Python reads it has NaN and infinities, which are none."""

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Status = Literal["asserted", "planned", "denied"]
Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Amount(_Record):
    """A number of people as a text gives it.

    Attributes:
        low: at least so many; None where the text sets no floor.
        best: the number that the text names; None where it names none, or two.
        high: at most so many; None where the text sets no ceiling.
        estimated: a word such as "dozens" stands behind it, read by the table `vague_numbers.csv`.
    """

    low: NonNegativeInt | None = None
    best: NonNegativeInt | None = None
    high: NonNegativeInt | None = None
    estimated: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the text says anything."""
        return not self.low is self.best is self.high is None


class Toll(_Record):
    """How many were killed, or injured: in all, and of each side as UCDP GED divides them.

    In files it is flat: `{"low", "best", "high", "estimated", "deaths_a", "deaths_b", "deaths_civilians",
    "deaths_unknown"}`, with `injured_` for `deaths_` where it is about the injured; a side that the text gives no
    number of is null.
    """

    total: Amount = Amount()
    a: Amount = Amount()
    b: Amount = Amount()
    civilians: Amount = Amount()
    unknown: Amount = Amount()


def _flatten(toll: Toll, prefix: str) -> dict[str, object]:
    sides = ((f"{prefix}_{side}", getattr(toll, side)) for side in SIDES)
    return {**dict(toll.total), **{name: dict(amount) if amount.is_known else None for name, amount in sides}}


def _unflatten(value: object, prefix: str) -> object:
    if not isinstance(value, dict) or "low" not in value:
        return value
    sides = {side: value[name] for side in SIDES if value.get(name := f"{prefix}_{side}") is not None}
    names = {f"{prefix}_{side}" for side in SIDES}
    return {"total": {key: item for key, item in value.items() if key not in names}, **sides}


SIDES = ("a", "b", "civilians", "unknown")
"""The parts of a toll."""

Killed = Annotated[
    Toll, PlainSerializer(lambda t: _flatten(t, "deaths")), BeforeValidator(lambda v: _unflatten(v, "deaths"))
]
Injured = Annotated[
    Toll, PlainSerializer(lambda t: _flatten(t, "injured")), BeforeValidator(lambda v: _unflatten(v, "injured"))
]


ActorClass = Literal["state force", "armed group", "civilians", "other"]


class Actor(_Record):
    """A side of an event, or one of its allies.

    Attributes:
        name: canonical where a table knows it, else the fullest name that the report has.
        actor_class: what kind of actor; `class` in files.
        inter: ACLED's code 1-8; None where the text does not tell which.
        country: ISO 3166 code of the state whose force it is; None where the text does not say.
        aliases: what else the report calls it.
        allies: names of those who act beside it.
    """

    name: Text
    actor_class: Annotated[
        ActorClass, Field(validation_alias=AliasChoices("class", "actor_class"), serialization_alias="class")
    ]
    inter: Annotated[int, Field(ge=1, le=8)] | None = None
    country: str | None = None
    aliases: tuple[Text, ...] = ()
    allies: tuple[Text, ...] = ()


class Candidate(_Record):
    """A place of the gazetteer that a name could stand for."""

    name: str
    country: str
    admin: str | None = None
    lat: Latitude
    lon: Longitude


class Place(_Record):
    """Where it happened.

    Attributes:
        name: as the text has it.
        country: ISO 3166 code; None where the text does not settle it.
        country_name: in English.
        admin: first-order division.
        lat, lon: degrees; of the region where `where_prec` says region.
        where_prec: UCDP's: 1 the place itself, 2 near it, 3 district, 4 province, 5 a wider or linear area, 6 country,
            7 sea or air; None where nothing was found.
        candidates: what the name could stand for, where that is not settled.
        others: further places that the text names for the event.
    """

    name: Text
    country: str | None = None
    country_name: str | None = None
    admin: str | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    where_prec: Annotated[int, Field(ge=1, le=7)] | None = None
    candidates: tuple[Candidate, ...] = ()
    others: tuple[Text, ...] = ()


class When(_Record):
    """When it happened.

    Attributes:
        date_start, date_end: ISO 8601, both inclusive; one alone where the text sets only one bound.
        date_prec: UCDP's, by the length of the range: 1 a day, 2 two to six days, 3 a week, 4 up to a month, 5 longer.
        date_text: the expressions it was read from.
        date_unresolved: why there is no date although the text has an expression.
    """

    date_start: Date | None = None
    date_end: Date | None = None
    date_prec: Annotated[int, Field(ge=1, le=5)] | None = None
    date_text: tuple[Text, ...] = ()
    date_unresolved: str | None = None


class Said(_Record):
    """One trigger in a claim: what happened, in which word, and whether it did."""

    type: str
    mention: str
    text: Text
    status: Status


class Claim(_Record):
    """An event as one source tells it.

    Attributes:
        source: who says so; None for the report's own voice.
        status: of the event in this telling.
        says: the triggers.
        killed, injured: the numbers of this source.
    """

    source: Text | None
    status: Status
    says: tuple[Said, ...]
    killed: Killed = Toll()
    injured: Injured = Toll()


class Trigger(_Record):
    """The word that names the event best."""

    mention: str
    start: NonNegativeInt
    end: NonNegativeInt
    type: str
    text: Text


class Event(When):
    """One happening as one report tells it.

    Attributes:
        event_id: `<report>:<trigger's mention>`.
        report_id: of the report.
        event_type, sub_event_type: ACLED's names; None where the text does not tell enough.
        trigger: the word that names it best.
        triggers: ids of all trigger mentions that tell of it, by place in the text.
        status: asserted if any claim asserts it; else denied if any denies it; else planned.
        side_a, side_b: who did it, to whom; of a clash, both sides in the order of the text.
        type_of_violence: UCDP's: 1 state-based, 2 non-state, 3 one-sided.
        place: where.
        weapons: with what.
        killed, injured: over all claims.
        sources: who says so, by first mention.
        claims: the tellings, by first trigger.
        disputed: two claims cannot both be true.
        disputes: which, in words.
        evidence: field -> ranges of the text that it was read from.
        score: the least of the trigger's and its arcs' probabilities; None for gold.
    """

    event_id: Text
    report_id: Text
    event_type: str | None
    sub_event_type: str | None
    trigger: Trigger
    triggers: tuple[str, ...]
    status: Status
    side_a: Actor | None = None
    side_b: Actor | None = None
    type_of_violence: Annotated[int, Field(ge=1, le=3)] | None = None
    place: Place | None = None
    weapons: tuple[Text, ...] = ()
    killed: Killed = Toll()
    injured: Injured = Toll()
    sources: tuple[Text, ...] = ()
    claims: tuple[Claim, ...] = ()
    disputed: bool = False
    disputes: tuple[str, ...] = ()
    evidence: dict[str, tuple[Span, ...]] = Field(default_factory=dict)
    score: Score | None = None
