import pytest
from pydantic import ValidationError

from conflictspan.rows import MentionRow, ReportHeader, ReportInfo, SentenceRow, describe


@pytest.mark.parametrize("date", ["2016-02-30", "20160221", "2016-W08-7", "21 June 2016", ""])
def test_a_date_is_a_day_of_the_calendar(date: str) -> None:
    with pytest.raises(ValidationError, match="date"):
        ReportHeader(id="r1", date=date, conflict="Syria", genre="newswire")


def test_faults_name_the_field_and_the_value() -> None:
    with pytest.raises(ValidationError) as raised:
        SentenceRow.model_validate_json('{"report": "r1", "sentence": 0, "mentions": [{"id": "e1", "start": "3"}]}')
    faults = describe(raised.value)
    assert "text: Field required" in faults
    assert "mentions.0.type: Field required" in faults
    assert any(fault.startswith("mentions.0.start: ") and fault.endswith(", not '3'") for fault in faults)


def test_an_unknown_field_is_a_fault() -> None:
    with pytest.raises(ValidationError, match="score"):
        MentionRow.model_validate_json('{"id": "e1", "start": 0, "end": 1, "type": "ATTACK", "score": 1.0}')


def test_an_origin_is_a_file_name_and_no_path() -> None:
    header = {"id": "r1", "date": "2016-06-21", "conflict": "Syria", "genre": "newswire", "split": "train"}
    assert ReportInfo.model_validate(header | {"origin": "train-a1"}).origin == "train-a1"
    for origin in ("../train-a1", "a\\b", ""):
        with pytest.raises(ValidationError, match="origin"):
            ReportInfo.model_validate(header | {"origin": origin})
