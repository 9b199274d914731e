"""From the annotated corpus to a model folder: `python -m training CONFIG`."""
