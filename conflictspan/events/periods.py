"""Periods of the calendar in words: "20 June", "3-4 May", "late 2007", "last week" -> first and last day."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator

Period = tuple[dt.date, dt.date]
"""First and last day, both inclusive."""

_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name[:3]: i for name, i in _MONTHS.items()} | {"sept": 9}
_DAYS = {name.lower(): i for i, name in enumerate(calendar.day_name)}
_DAYS |= {name[:3]: i for name, i in _DAYS.items()} | {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}

MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
WEEKDAY = "|".join(sorted(_DAYS, key=len, reverse=True))
_DAY = r"([0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"((?:1[89]|20)\d\d)"
_PART = r"(?:(early|mid|middle of|late|beginning of|start of|end of)[ -]?(?:the )?)?"
_FEASTS = {"christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "boxing day": (12, 26)}
_FEASTS |= {"new year's day": (1, 1), "new year's eve": (12, 31)}
_SEASON = r"(?:spring|summer|autumn|fall|winter|dry season|rainy season)"
_AHEAD_DAYS = 3
"""A day without its year that lies so few days after the report's date is that one: digests have such."""
_SLASH_DAYS = 7
"""An all-number date that can be read two ways is read the way that puts it at most so many days before the report."""


class Calendar:
    """Reads periods against the date of a report.

    Attributes:
        today: the report's date; None where it is not known: then only a period with its year can be read.
        future: whether a day without a year, or a weekday, is the next one instead of the last one.
    """

    def __init__(self, today: dt.date | None, *, future: bool = False) -> None:
        self.today = today
        self.future = future

    def period(self, words: str) -> Period | None:
        """Read one period; None where it is none, or cannot be read without the report's date.

        Args:
            words: in small letters, single spaces, no commas.
        """
        for reader in (self._days, self._weekdays, self._months, self._years, self._relative):
            if found := reader(words):
                return found
        return None

    def _days(self, words: str) -> Period | None:
        if match := re.fullmatch(rf"{_YEAR}-(\d\d)-(\d\d)(?:[t ].*)?", words):
            return _day(int(match[1]), int(match[2]), int(match[3]))
        if match := re.fullmatch(rf"(\d\d?)[/.](\d\d?)[/.]{_YEAR}", words):
            return self._slashed(int(match[1]), int(match[2]), int(match[3]))
        if words in _FEASTS:
            return self._dated(*_FEASTS[words], None)
        words, weekday = _cut_weekday(words)
        joint = r"\s?(?:-|to|and|or|/)\s?"
        if match := re.fullmatch(rf"{_DAY}(?: of)? ({MONTH})(?: {_YEAR})?", words):
            return self._dated(_MONTHS[match[2]], int(match[1]), match[3], weekday)
        if match := re.fullmatch(rf"({MONTH}) {_DAY}(?: {_YEAR})?", words):
            return self._dated(_MONTHS[match[1]], int(match[2]), match[3], weekday)
        if match := re.fullmatch(rf"{_DAY}{joint}{_DAY} ({MONTH})(?: {_YEAR})?", words):
            ends = ((match[3], match[1]), (match[3], match[2]))
            return self._stretch(ends, match[4])
        if match := re.fullmatch(rf"({MONTH}) {_DAY}{joint}{_DAY}(?: {_YEAR})?", words):
            return self._stretch(((match[1], match[2]), (match[1], match[3])), match[4])
        if match := re.fullmatch(rf"{_DAY} ({MONTH}){joint}{_DAY} ({MONTH})(?: {_YEAR})?", words):
            return self._stretch(((match[2], match[1]), (match[4], match[3])), match[5])
        if match := re.fullmatch(rf"({MONTH}) {_DAY}{joint}({MONTH}) {_DAY}(?: {_YEAR})?", words):
            return self._stretch(((match[1], match[2]), (match[3], match[4])), match[5])
        return None

    def _weekdays(self, words: str) -> Period | None:
        if match := re.fullmatch(rf"(?:(last|this|next) )?({WEEKDAY})s?(?: (last week|this week|next week))?", words):
            if not self.today:
                return None
            if match[3] and (week := self._relative(match[3])):
                return _one(week[0] + dt.timedelta(_DAYS[match[2]]))
            return self._weekday(_DAYS[match[2]], match[1])
        if match := re.fullmatch(rf"({WEEKDAY}) (?:and|or|to|-) ({WEEKDAY})", words):
            last = self.period(match[2])
            if not last:
                return None
            back = (last[0].weekday() - _DAYS[match[1]]) % 7
            return (last[0] - dt.timedelta(back), last[1]) if back else None
        return None

    def _weekday(self, weekday: int, which: str | None) -> Period | None:
        if not self.today:
            return None
        ahead = which == "next" or (which != "last" and self.future)
        if ahead:
            return _one(self.today + dt.timedelta((weekday - self.today.weekday()) % 7 or 7 * (which == "next")))
        back = (self.today.weekday() - weekday) % 7
        return _one(self.today - dt.timedelta(back or 7 * (which == "last")))

    def _months(self, words: str) -> Period | None:
        if match := re.fullmatch(
            rf"{_PART}(?:(last|this|next) )?({MONTH})(?: (?:of )?{_YEAR}| (?:of )?(last|this|next) year)?", words
        ):
            month = _MONTHS[match[3]]
            year = int(match[4]) if match[4] else self._year_of_month(month, match[2])
            if match[5] and self.today:
                year = self.today.year + {"last": -1, "this": 0, "next": 1}[match[5]]
            return _part_of_month(year, month, match[1]) if year else None
        if match := re.fullmatch(rf"({MONTH}) ?(?:-|to|and) ?({MONTH})(?: {_YEAR})?", words):
            first, last = _MONTHS[match[1]], _MONTHS[match[2]]
            year = int(match[3]) if match[3] else self._year_of_month(last, None)
            return (_month(year - (first > last), first)[0], _month(year, last)[1]) if year else None
        return None

    def _year_of_month(self, month: int, which: str | None) -> int | None:
        if not self.today:
            return None
        year = self.today.year
        if which == "next" or (which != "last" and self.future):
            return year + (month < self.today.month)
        return year - (month > self.today.month or (which == "last" and month == self.today.month))

    def _years(self, words: str) -> Period | None:
        if match := re.fullmatch(rf"{_PART}(?:c\.? ?|circa |all of )?{_YEAR}", words):
            return _part_of_year(int(match[2]), match[1])
        if match := re.fullmatch(r"(?:the )?(?:(early|mid|late)[ -])?((?:1[89]|20)\d)0s", words):
            decade = int(match[2]) * 10
            first, last = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(match[1] or "", (0, 9))
            return dt.date(decade + first, 1, 1), dt.date(decade + last, 12, 31)
        if match := re.fullmatch(rf"(?:{_PART}){_SEASON} (?:of )?{_YEAR}", words):
            return _part_of_year(int(match[2]), None)  # which months depends on the hemisphere
        if match := re.fullmatch(rf"(?:the )?(first|second|third|fourth|last) (half|quarter)(?: of {_YEAR})?", words):
            return self._share_of_year(match[1], match[2], match[3])
        return None

    def _share_of_year(self, which: str, share: str, year: str | None) -> Period | None:
        parts, months = (2, 6) if share == "half" else (4, 3)
        number = parts if which == "last" else ("first", "second", "third", "fourth").index(which) + 1
        if number > parts or not (year or self.today):
            return None
        first = months * (number - 1) + 1
        when = int(year) if year else self._year_of_month(first, None)
        return (_month(when, first)[0], _month(when, first + months - 1)[1]) if when else None

    def _relative(self, words: str) -> Period | None:
        today = self.today
        if not today:
            return None
        days = {"today": 0, "now": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "last night": -1}
        days |= {"the day before yesterday": -2, "the day after tomorrow": 2, "day before yesterday": -2}
        if words in days:
            return _one(today + dt.timedelta(days[words]))
        if match := re.fullmatch(
            r"(?:(?:(?:the |over the )?(last|past|this|next|coming)|all|the|over the) )?weekend", words
        ):
            saturday = today - dt.timedelta((today.weekday() - 5) % 7)
            ahead = match[1] in ("next", "coming") or (self.future and match[1] != "last")
            saturday += dt.timedelta(7 * (ahead and saturday < today - dt.timedelta(1)))
            return saturday, saturday + dt.timedelta(1)
        if match := re.fullmatch(
            r"(?:(end|start|beginning) of (?:the|this) |all |(last|this|next) )(week|month|year)", words
        ):
            return self._unit(match[3], {"last": -1, "next": 1}.get(match[2] or "", 0), match[1])
        return None

    def _unit(self, unit: str, step: int, edge: str | None) -> Period:
        today = self.today or dt.date.min
        if unit == "week":
            monday = today + dt.timedelta(7 * step - today.weekday())
            found = monday, monday + dt.timedelta(6)
        elif unit == "month":
            months = today.year * 12 + today.month - 1 + step
            found = _month(months // 12, months % 12 + 1)
        else:
            found = dt.date(today.year + step, 1, 1), dt.date(today.year + step, 12, 31)
        return _one(found[1]) if edge == "end" else found

    def _dated(self, month: int, day: int, year: str | None, weekday: int | None = None) -> Period | None:
        if year:
            return _day(int(year), month, day)
        found = list(self._years_around(month, day))
        if self.today and not self.future and (soon := _day(self.today.year, month, day)):
            ahead = (soon[0] - self.today).days
            if 0 < ahead <= _AHEAD_DAYS:
                found = [soon[0], *found]
        if weekday is not None:
            found = [date for date in found if date.weekday() == weekday] or found
        return _one(found[0]) if found else None

    def _years_around(self, month: int, day: int) -> Iterator[dt.date]:
        """The day in all years that come into question, the most likely one first."""
        if not self.today:
            return
        for step in range(7):
            year = self.today.year + (step if self.future else -step)
            if (found := _day(year, month, day)) and (
                found[0] >= self.today if self.future else found[0] <= self.today
            ):
                yield found[0]

    def _stretch(self, ends: tuple[tuple[str, str], tuple[str, str]], year: str | None) -> Period | None:
        (first_month, first_day), (last_month, last_day) = ends
        last = self._dated(_MONTHS[last_month], int(last_day), year)
        if not last:
            return None
        month = _MONTHS[first_month]
        first = _day(last[0].year - (month > _MONTHS[last_month]), month, int(first_day))
        return (first[0], last[0]) if first and first[0] <= last[0] else None

    def _slashed(self, first: int, second: int, year: int) -> Period | None:
        """A date all in numbers, day or month first."""
        readings = {found[0] for found in (_day(year, second, first), _day(year, first, second)) if found}
        if len(readings) > 1 and self.today:
            readings = {date for date in readings if 0 <= (self.today - date).days <= _SLASH_DAYS}
        return _one(readings.pop()) if len(readings) == 1 else None


def _cut_weekday(words: str) -> tuple[str, int | None]:
    match = re.match(rf"({WEEKDAY}) (?=\d|(?:{MONTH})\b)|(?<=\d) ({WEEKDAY})$", words)
    return (words[match.end() :], _DAYS[match[1]]) if match else (words, None)


def _one(date: dt.date) -> Period:
    return date, date


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        return _one(dt.date(year, month, day))
    except ValueError:
        return None


def _month(year: int, month: int) -> Period:
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def _part_of_month(year: int, month: int, part: str | None) -> Period:
    """Early is the first ten days, mid the second ten, late the rest."""
    first, last = _month(year, month)
    if part in ("early", "beginning of", "start of"):
        return first, first.replace(day=10)
    if part in ("mid", "middle of"):
        return first.replace(day=11), first.replace(day=20)
    return (first.replace(day=21), last) if part in ("late", "end of") else (first, last)


def _part_of_year(year: int, part: str | None) -> Period:
    """Early is January to April, mid May to August, late the rest."""
    starts = {"early": (1, 4), "beginning of": (1, 4), "start of": (1, 4), "mid": (5, 8), "middle of": (5, 8)}
    starts |= {"late": (9, 12), "end of": (9, 12)}
    first, last = starts.get(part or "", (1, 12))
    return dt.date(year, first, 1), _month(year, last)[1]
