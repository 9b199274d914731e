import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.formats.utf16 import Utf16Offsets


def test_an_emoji_has_two_units() -> None:
    offsets = Utf16Offsets("a🚁b")
    assert [offsets.units(point) for point in range(4)] == [0, 1, 3, 4]
    assert [offsets.points(unit) for unit in range(6)] == [0, 1, None, 2, 3, None]
    with pytest.raises(IndexError):
        offsets.units(4)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_units_are_those_of_the_encoding_and_lead_back(text: str) -> None:
    offsets = Utf16Offsets(text)
    for point in range(len(text) + 1):
        assert offsets.units(point) == len(text[:point].encode("utf-16-le")) // 2
        assert offsets.points(offsets.units(point)) == point
