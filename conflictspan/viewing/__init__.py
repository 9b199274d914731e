"""One HTML file in which people look at extractions: text, events, timeline, map."""
