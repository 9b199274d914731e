import pytest

from eval.baselines.gazetteer import name_class


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kabul", "capital"),
        ("KABUL", "capital"),
        ("Yemen", "country"),
        ("Mosul", "city"),
        ("JNIM", "acronym"),
        ("2nd Battalion", "unit"),
        ("Qadhmar", "name1"),
        ("Abu Omar", "name2"),
        ("One Two Three Four Five", "name4"),
    ],
)
def test_the_kind_of_a_name(name: str, expected: str) -> None:
    assert name_class(name) == expected
