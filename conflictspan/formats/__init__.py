"""Other people's annotations as a corpus of the project's own form: re3d, CoNLL columns, brat standoff.

One module reads each format into `SourceReport`s; `flattening`, `schema_derivation` and `corpus_folder` do the rest
for all of them. A module's `RULES` say in words what it does to the data; they are written beside the counts.
"""
