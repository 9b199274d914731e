from xml.etree.ElementTree import fromstring

from conflictspan.formats.label_studio_config import labeling_config
from conflictspan.schema import Schema
from tests.annotated import SCHEMA


def test_labels_relations_and_statuses_are_those_of_the_scheme() -> None:
    view = fromstring(labeling_config(SCHEMA))  # noqa: S314
    assert [label.get("value") for label in view.findall("Labels/Label")] == ["ORG", "LOC", "ATTACK", "DEATH"]
    assert len({label.get("background") for label in view.findall("Labels/Label")}) == 4
    assert [label.get("value") for label in view.findall("Relations/Relation")] == list(SCHEMA.labels)
    (choices,) = view.findall("Choices")
    assert choices.attrib == {
        "name": "status",
        "toName": "text",
        "perRegion": "true",
        "visibleWhen": "region-selected",
        "whenLabelValue": "ATTACK,DEATH",
    }
    assert [choice.get("value") for choice in choices] == ["planned", "denied"]
    (text,) = view.findall("Text")
    assert (text.get("name"), text.get("value")) == ("text", "$text")


def test_a_scheme_of_spans_alone_needs_labels_alone_and_any_name_is_escaped() -> None:
    view = fromstring(labeling_config(Schema.parse('[entities]\n"<a&\\"b\\">" = ""')))  # noqa: S314
    assert [part.tag for part in view] == ["Labels", "Text"]
    assert [label.get("value") for label in view.findall("Labels/Label")] == ['<a&"b">']
