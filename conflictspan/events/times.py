"""Time expressions against the report's date: "overnight", "two weeks ago", "since March" -> a range of days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache

from conflictspan.events.numbers import parse_number
from conflictspan.events.periods import MONTH, WEEKDAY, Calendar, Period
from conflictspan.events.records import When

_NO_DATE = "the report has no date to count from"
_OTHER_EVENT = "it is counted from another event"
_TIME_OF_DAY = "a time of day without a day"
_NOT_READ = "not a date that can be read"
_DURATION = "how long, not when"
_OFF_CALENDAR = "before the year 1 or after 9999"

_LONGEST = 200
"""Characters of the longest expression that is read; no date has so many, and patterns could take long over more."""

_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d{1,2}"
_CLOCK = re.compile(
    r"(?:\b(?:at|around|about|by|between|from|shortly (?:after|before)|just (?:after|before)) )?"
    r"(?:\b\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\b\.?)?|\b\d{1,2} ?[ap]\.?m\b\.?|\b\d{4} ?(?:hrs|hours|h)\b)"
    r"(?: ?(?:hrs|hours|gmt|utc|local time|local))*"
    r"(?: ?(?:and|to|-) ?\d{1,2}[:.]\d{2})?"
    rf"|(?:\b(?:at|around|about|by) )?\b(?:half past )?(?:{_HOURS})(?: thirty| fifteen)?"
    r"(?: o'clock|(?= (?:on|this|in the|yesterday)\b))|\bhalf past (?:" + _HOURS + r")\b"
)
_DAYTIME = re.compile(
    r"(?:\b(?:in|at|by|during|before|after|around|until|since|towards?|just|shortly|the|early|late|mid) ?-?)*"
    r"\b(?:early hours|small hours|wee hours|first light|morning|afternoon|evening|night|dawn|dusk|noon|midday"
    r"|midnight|sunset"
    r"|sunrise|daybreak|nightfall|sundown|dark|lunchtime|lunch|breakfast|supper)\b(?: (?:of|on|in))?(?: the\b)?"
)
_LATER = re.compile(r"^(?:earlier|later) (?=this |today)")
_PREPOSITION = re.compile(r"^(?:on|in|at|of|during|the|from|for) ")
_EDGES = re.compile(
    r"^(?:(?:on|in|at|the|of|early on|late on|early|late|during|from|for) )+(?=.)"
    r"|(?: (?:on|in|at|of|the|about|around))+$"
)
_OTHER = re.compile(
    r"\b(?:earlier|later|before|after|then|that|same|next|following|previous|preceding|within"
    r"|afterwards)\b"
    rf"(?! (?:{MONTH})\b)(?! (?:{WEEKDAY})\b)(?! \d)(?! yesterday| tomorrow| weekend| (?:two|few|three) )"
)
_UNITS = r"(minute|hour|day|night|week|fortnight|month|year)s?"
_DAYS_OF = {
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1,
    "night": 1,
    "week": 7,
    "fortnight": 14,
    "month": 30,
    "year": 365,
}
_AGO = re.compile(rf"(?:almost|nearly|about|some|just over|over|more than|around|roughly)? ?(.+?) {_UNITS} ago")
_PAST = re.compile(rf"(?:over |during |in |within |for )?(?:the )?(?:past|last|previous) (?:(.+?) )?{_UNITS}")
_LENGTH = re.compile(
    r"(?:for |after |in |over )?(?:almost |nearly |about |some |more than |at least |up to |around |the )?"
    r"(.+?)[ -](?:second|minute|hour|day|night|week|month|year|decade)s?(?:-long)?"
)
_VAGUE_DAYS = (6, 2)
"""Read "A few days ago": between six and two days before the report."""


def resolve_time(text: str, published: str | None, *, future: bool = False) -> When:
    """Read a time expression.

    A weekday, or a day or month without its year, is the last one up to the report's date; the next one from it
    on where `future`. Times of day add nothing to their day. "Overnight" is the night that ends on the report's
    day; a named night is the day it begins on. "N weeks ago" is the week around that day, "N months ago" that
    month. "Since" looks back, planned or not, and runs to the report's date, or is open if it begins later;
    "until" and "by" give an end alone. A period that holds the report's date ends with it, unless `future`.
    "Early", "mid" and "late" are thirds. Seasons stand for their year, since the hemisphere is not known.

    Args:
        text: as a TIME span has it.
        published: the report's date, ISO 8601, if it is known; what follows the day is not looked at.
        future: whether it tells of what is planned.

    Returns:
        The range, or why there is none.

    >>> resolve_time("the night of 3-4 May", "2017-05-06").date_end
    '2017-05-04'
    """
    words = " ".join(text.split())
    if len(words) > _LONGEST:
        return make_when(None, None, text=(words,), unresolved=_NOT_READ)
    return _resolve(words, day_of(published), future)


def day_of(published: str | None) -> dt.date | None:
    """The day of a report's date; None where it has none in ISO 8601."""
    try:
        return dt.date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None


@lru_cache(65536)
def _resolve(text: str, today: dt.date | None, future: bool) -> When:
    words = text.casefold().replace("\u2019", "'")
    words = re.sub(r"[\u2010-\u2015]", "-", words.replace(",", " "))
    words = re.sub(rf"\b({MONTH}|c)\.", r"\1", words)
    words = re.sub(r"\s+", " ", words).strip(" .")
    try:
        start, end, reason = _Reader(today, future=future).read(words)
    except (OverflowError, ValueError):  # "the past 5,000 years"
        start, end, reason = None, None, _OFF_CALENDAR
    if not start and not end and re.search(r"\d", words) and (odd := _by_dateparser(text)):
        start, end, reason = odd, odd, None
    return make_when(start, end, text=(text,), unresolved=reason)


def make_when(
    start: dt.date | None, end: dt.date | None, *, text: Iterable[str], unresolved: str | None = None
) -> When:
    """A range of days with UCDP's `date_prec` for its length; no precision where an end is open."""
    prec = None
    if start and end:
        days = (end - start).days + 1
        prec = next((code for code, most in ((1, 1), (2, 6), (3, 7), (4, 31)) if days <= most), 5)
    return When(
        date_start=start.isoformat() if start else None,
        date_end=end.isoformat() if end else None,
        date_prec=prec,
        date_text=tuple(text),
        date_unresolved=None if start or end else unresolved,
    )


class _Reader:
    """Reads one expression; `read` gives the two ends, and why there are none."""

    def __init__(self, today: dt.date | None, *, future: bool) -> None:
        self.today = today
        self.future = future
        self.calendar = Calendar(today, future=future)

    def read(self, words: str) -> tuple[dt.date | None, dt.date | None, str | None]:
        found = self._open(words) or self._closed(words)
        if found:
            return (*found, None)
        return None, None, self._why(words)

    def _open(self, words: str) -> tuple[dt.date | None, dt.date | None] | None:
        """What "since", "until", "by", "before" and "after" make of a period."""
        match = re.match(r"(since|until|till|up to|by|before|after|as of) (?:the end of (?=\w* ?\d))?(.+)", words)
        if not match:
            return None
        looking_back = _Reader(self.today, future=False) if match[1] == "since" else self
        period = looking_back._closed(match[2], clip=False)
        if not period:
            return None
        if match[1] == "since":
            return self._until_today(period[0])
        if match[1] == "after":
            if period[0] == period[1] and _without_daytime(match[2]) != match[2]:
                return period  # "after dawn on Friday" is on Friday
            if _DAYTIME.match(words):
                return period
            next_day = period[1] + dt.timedelta(1)
            return (next_day, None) if self.future else self._until_today(next_day)
        if _DAYTIME.match(words) and _without_daytime(words) != words:
            return period  # "before dawn on Friday"
        return None, period[1] - dt.timedelta(1) if match[1] == "before" else period[1]

    def _until_today(self, start: dt.date) -> tuple[dt.date, dt.date | None]:
        """Open where it begins after the report, as a report of 2017 may say "since 2030" by mistake."""
        return start, self.today if self.today and start <= self.today else None

    def _closed(self, words: str, *, clip: bool = True) -> Period | None:
        period = self._ago(words) or self._past(words) or self._night(words)
        period = period or self._between(words) or self._core(words)
        if period and clip and self.today and not self.future and period[0] <= self.today < period[1]:
            period = period[0], self.today
        elif period and clip and self.today and self.future and period[0] < self.today <= period[1]:
            period = self.today, period[1]
        return period

    def _core(self, words: str) -> Period | None:
        timeless = re.sub(r"\s+", " ", _CLOCK.sub(" ", words)).strip()
        forms = [_LATER.sub("", form) for form in (words, timeless, _without_daytime(words))]
        cuts = (cut for form in forms for cut in (form, _EDGES.sub("", form), _PREPOSITION.sub("", form)))
        for cut in dict.fromkeys(cuts):
            if cut and (period := self.calendar.period(cut)):
                return period
        if re.fullmatch(r"this (?:morning|afternoon|evening)|(?:later |earlier )?today.*", timeless) and self.today:
            return self.today, self.today
        return None

    def _night(self, words: str) -> Period | None:
        one = dt.timedelta(1)
        if words in ("overnight", "during the night", "in the night") and self.today:
            return self.today - one, self.today
        if match := re.fullmatch(r"overnight (?:on |from |of )?(?:the )?(.+)", words):
            period = self._core(re.sub(r"\binto\b", "to", match[1]))
            return (period[0], max(period[1], period[0] + one)) if period else None
        if match := re.fullmatch(r"(?:the )?nights? (?:of|from|between) (.+?) (?:to|and|into) (.+)", words):
            return self._core(f"{match[1]} to {match[2]}")
        if match := re.fullmatch(
            rf"(?:late )?({WEEKDAY})(?: night)? (?:in)?to (?:early )?({WEEKDAY})(?: morning)?", words
        ):
            return self._core(f"{match[1]} to {match[2]}")
        return None

    def _between(self, words: str) -> Period | None:
        if not (match := re.fullmatch(r"(?:between |from )?(.+?) (?:and|to|until|-) (.+)", words)):
            return None
        if whole := self._core(f"{match[1]} to {match[2]}"):
            return whole
        last = self._core(match[2])
        first = self._core(match[1])
        return (first[0], last[1]) if first and last and first[0] <= last[1] else None

    def _ago(self, words: str) -> Period | None:
        if not (match := _AGO.fullmatch(words)) or not self.today:
            return None
        if re.fullmatch(r"a few|several", match[1]) and match[2] == "day":
            far, near = _VAGUE_DAYS
            return self.today - dt.timedelta(far), self.today - dt.timedelta(near)
        number = parse_number(match[1])
        return None if number.best is None or number.estimated else self._back(number.best, match[2])

    def _back(self, number: int, unit: str) -> Period | None:
        today = self.today
        if not today or number > 10_000:
            return None
        if unit in ("minute", "hour"):
            number = number if unit == "hour" else number // 60
            day = (dt.datetime.combine(today, dt.time(12)) - dt.timedelta(hours=number)).date()
            return (today, today) if number < 12 else (day, today)
        if unit in ("day", "night"):
            return (today - dt.timedelta(number),) * 2
        if unit in ("week", "fortnight"):
            number *= 2 if unit == "fortnight" else 1
            middle = today - dt.timedelta(7 * number)
            return middle - dt.timedelta(3), middle + dt.timedelta(3)
        months = today.year * 12 + today.month - 1 - number
        if unit == "month":
            return self.calendar_of(months)
        year = today.year - number
        return (dt.date(year, 1, 1), dt.date(year, 12, 31)) if year > 0 else None

    @staticmethod
    def calendar_of(months: int) -> Period | None:
        """The month that is so many months after the year 0."""
        if months < 12:
            return None
        first = dt.date(months // 12, months % 12 + 1, 1)
        return first, (first + dt.timedelta(31)).replace(day=1) - dt.timedelta(1)

    def _past(self, words: str) -> Period | None:
        """Read "The past 24 hours", "the last two days"; "last week" is the calendar's."""
        match = _PAST.fullmatch(words)
        if not match or not self.today or (not match[1] and not re.search(r"\bpast\b", words)):
            return None
        number = parse_number(match[1] or "one")
        if number.best is None or number.estimated or number.best > 10_000:
            return None
        days = _DAYS_OF[match[2]] * number.best
        return self.today - dt.timedelta(max(round(days), 1)), self.today

    def _why(self, words: str) -> str:
        bare = _without_daytime(words)
        if re.fullmatch(r"(?:at |about |around )?(?:[01]\d|2[0-3])[0-5]\d", words):
            return _TIME_OF_DAY
        if not re.sub(r"\b(?:the|of|on|in|at|about|around|and|between|\w+)\b", "", bare).strip() and not bare.strip():
            return _TIME_OF_DAY
        if _OTHER.search(words):
            return _OTHER_EVENT
        if self.today is None and Calendar(dt.date(2000, 6, 15)).period(_EDGES.sub("", bare)):
            return _NO_DATE
        if self.today is None and re.search(rf"\b(?:ago|since|overnight|{WEEKDAY}|{MONTH})\b", words):
            return _NO_DATE
        if (length := _LENGTH.fullmatch(words)) and parse_number(length[1]).is_known:
            return _DURATION
        return _NOT_READ


def _without_daytime(words: str) -> str:
    """The expression without times of day: "dusk on Friday" is "friday"."""
    bare = _DAYTIME.sub(" ", _CLOCK.sub(" ", words))
    return re.sub(r"\s+", " ", bare).strip(" -")


@lru_cache(4096)
def _by_dateparser(text: str) -> dt.date | None:
    """A full date in a form that the grammar does not know ("4-Nov-2019"); all of day, month, year must be in it."""
    if not re.search(rf"\b(?:{MONTH})", text, re.IGNORECASE) or not re.search(r"\b(?:1[89]|20)\d\d\b", text):
        return None
    import dateparser  # takes half a second, for one expression in ten thousand

    found = dateparser.parse(text, languages=["en"], settings={"STRICT_PARSING": True, "DATE_ORDER": "DMY"})
    return found.date() if found else None
