"""Annotations in the forms that people and tools have them in: read, brought into one form, written.

A reader gives `SourceReport`s (`sources`); `annotations.settle` makes them flat (`flattening`), finds their label
scheme (`schema_derivation`) and checks them; a writer takes what is settled. `conversion` has the list of both. A
module's `RULES` say in words what it does to the data.

| format | on disk | offsets | ids, sentences, date, genre, split | status | relations | scores |
|---|---|---|---|---|---|---|
| corpus | folder | code points in the sentence | own fields | field | field | lost |
| markup | a file an origin | none | own signs; split by file name | field | field | lost |
| brat | folder | code points | `reports.jsonl` beside, split by folder | attribute | arguments, relations | lost |
| label-studio | `.json`, `.xml` | code points | fields of the task | choice | relations | of predictions |
| doccano | `.jsonl` | UTF-16 code units | fields of the line | end of the label | relations | lost |
| conll | a file a split | tokens | `-DOCSTART-`, `SpaceAfter`; ids lost | lost | lost | lost |
| re3d | read only | code points | | none | relations | confidence decides |
"""
