"""The labeling configuration of a Label Studio project, made from a label scheme (https://labelstud.io/tags/)."""

from __future__ import annotations

import colorsys
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conflictspan.schema import Schema

LABELS, STATUS, TEXT = "label", "status", "text"
"""Names of the controls and of the text; `text` is also the field of a task that has it."""


def labeling_config(schema: Schema) -> str:
    """Write the XML that a project takes under Settings, Labeling Interface.

    A type is a label, a status is a choice for a region whose label is an event's. Relations have their labels; which
    types they may join Label Studio cannot check, `convert` does.
    """
    view = Element("View")
    if schema.labels:
        relations = SubElement(view, "Relations")
        for label in schema.labels:
            SubElement(relations, "Relation", value=label)
    labels = SubElement(view, "Labels", name=LABELS, toName=TEXT)
    for number, type_ in enumerate(schema.types):
        # Events are darker; one turn of the colour wheel for all.
        colour = colorsys.hls_to_rgb(number / len(schema.types), 0.55 if schema.is_event(type_) else 0.75, 0.7)
        SubElement(
            labels, "Label", value=type_, background="#" + "".join(f"{round(255 * part):02x}" for part in colour)
        )
    if schema.statuses and schema.events:
        choices = SubElement(
            view,
            "Choices",
            name=STATUS,
            toName=TEXT,
            perRegion="true",
            visibleWhen="region-selected",
            whenLabelValue=",".join(schema.events),
        )
        for status in schema.statuses:
            SubElement(choices, "Choice", value=status)
    SubElement(view, "Text", name=TEXT, value=f"${TEXT}", granularity="word")
    indent(view)
    return tostring(view, encoding="unicode") + "\n"
