from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictspan.corpus import load_corpus
from conflictspan.errors import AnnotationError, InputError, OutputError
from conflictspan.formats.annotations import sentence_rows
from conflictspan.formats.conversion import READERS, WRITERS, check_target, convert, recognise, write_annotations
from conflictspan.formats.sources import SourceReport
from conflictspan.formats_cli import Format, Source
from conflictspan.records import Report
from conflictspan.schema import Schema
from tests.annotated import PLAIN, SCHEMA, corpora, there_and_back, whole

FIXTURES = Path(__file__).parent / "fixtures"
CORPUS = FIXTURES.parents[1] / "data" / "annotations"
OUTPUTS = {"label-studio": "tasks.json", "doccano": "lines.jsonl"}


def by_id(items: Sequence[SourceReport]) -> dict[str, SourceReport]:
    return {item.report.id: item for item in items}


def plain(item: SourceReport) -> SourceReport:
    """Without what a comparison must not look at: the place it was read from, what its ids are called after."""
    return replace(item, where="", own_ids=frozenset())


@pytest.mark.parametrize("to", ["brat", "label-studio", "doccano"])
@given(given_=corpora())
@settings(max_examples=30)
def test_formats_with_room_give_back_all(
    tmp_path_factory: pytest.TempPathFactory, to: str, given_: list[SourceReport]
) -> None:
    back = there_and_back(given_, to, tmp_path_factory.mktemp(to) / OUTPUTS.get(to, "folder"))
    assert [plain(item) for item in back.reports] == [plain(item) for item in given_]
    assert not +back.lost()


@given(corpora())
@settings(max_examples=30)
def test_a_corpus_gives_back_all_but_what_stood_between_sentences(
    tmp_path_factory: pytest.TempPathFactory, given_: list[SourceReport]
) -> None:
    back = there_and_back(given_, "corpus", tmp_path_factory.mktemp("corpus") / "folder")
    found = by_id(back.reports)
    for item in given_:
        other = found[item.report.id]
        rows, others = sentence_rows(item.report), sentence_rows(other.report)
        assert [row.model_copy(update={"relations": set(row.relations)}) for row in rows] == [
            row.model_copy(update={"relations": set(row.relations)}) for row in others
        ]
        assert (item.report.published, item.split, item.origin) == (other.report.published, other.split, other.origin)
        assert (item.conflict, item.genre) == (other.conflict, other.genre)
        assert other.report.text == " ".join(item.report.text[a:b] for a, b in item.report.sentences)


@given(corpora())
@settings(max_examples=40)
def test_columns_give_back_text_sentences_spans_and_headers(
    tmp_path_factory: pytest.TempPathFactory, given_: list[SourceReport]
) -> None:
    back = there_and_back(given_, "conll", tmp_path_factory.mktemp("conll") / "folder")
    found = by_id(back.reports)
    assert len(found) == len(given_)
    for item in given_:
        other = found[item.report.id]
        spans = tuple(replace(m, id="", status=None) for m in item.report.mentions)
        assert tuple(replace(m, id="") for m in other.report.mentions) == spans
        bare = replace(item.report, mentions=(), relations=())
        assert replace(other.report, mentions=()) == bare
        assert plain(replace(other, report=bare)) == plain(replace(item, report=bare))


@given(corpora(PLAIN))
@settings(max_examples=30)
def test_markup_gives_back_all_but_what_stood_between_sentences_and_splits(
    tmp_path_factory: pytest.TempPathFactory, given_: list[SourceReport]
) -> None:
    given_ = [replace(item, split="train") for item in given_]
    back = there_and_back(given_, "markup", tmp_path_factory.mktemp("markup") / "folder")
    found = by_id(back.reports)
    assert len(found) == len(given_)
    for item in given_:
        other = found[item.report.id]
        assert sentence_rows(other.report) == sentence_rows(item.report)
        assert (item.report.published, item.origin) == (other.report.published, other.origin)
        assert (item.conflict, item.genre) == (other.conflict, other.genre)


@pytest.mark.parametrize("to", WRITERS)
@given(given_=corpora(PLAIN))
@settings(max_examples=10)
def test_what_is_read_is_kept_or_counted_as_lost(
    tmp_path_factory: pytest.TempPathFactory, to: str, given_: list[SourceReport]
) -> None:
    written = whole(given_)
    numbers: Counter[tuple[str, str]] = Counter()
    for item in given_:
        for what, number in (
            ("reports", 1),
            ("sentences", len(item.report.sentences)),
            ("mentions", len(item.report.mentions)),
            ("relations", len(item.report.relations)),
        ):
            numbers[what, item.split] += number
    write_annotations(written, tmp_path_factory.mktemp(to) / OUTPUTS.get(to, "folder"), to=to)
    found: Counter[tuple[str, str]] = Counter()
    for (count, split), number in written.tally.counts.items():
        if count.fate in ("kept", "lost") and count.what in ("reports", "sentences", "mentions", "relations"):
            found[count.what, split] += number
    assert +found == +numbers


def test_the_command_offers_the_formats_that_there_are() -> None:
    assert [source.value for source in Source] == list(READERS)
    assert [format_.value for format_ in Format] == list(WRITERS)


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("brat", "brat"),
        ("markup", "markup"),
        ("re3d", "re3d"),
        ("conll/dev.conll", "conll"),
        ("markup/faulty.ann", "markup"),
    ],
)
def test_an_input_tells_its_format(name: str, format_: str) -> None:
    assert recognise(FIXTURES / name) == format_


def test_every_output_tells_its_format(tmp_path: Path) -> None:
    for to in WRITERS:
        output = tmp_path / to / OUTPUTS.get(to, "folder")
        convert(FIXTURES / "brat", output, to=to)
        assert recognise(output) == to


def test_an_input_that_does_not_tell_its_format_is_refused(tmp_path: Path) -> None:
    for path in (FIXTURES / "reports", FIXTURES / "conll" / "train.txt"):
        with pytest.raises(InputError, match="nothing tells its format; name it with --from"):
            convert(path, tmp_path / "out", to="brat")
    with pytest.raises(InputError, match="there is no such file or folder"):
        convert(tmp_path / "nowhere", tmp_path / "out", to="brat")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["brat", "markup", "conll"])
def test_a_folder_with_something_in_it_is_not_written_to(tmp_path: Path, to: str) -> None:
    (tmp_path / "out").mkdir()
    convert(FIXTURES / "brat", tmp_path / "out", to=to)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="give a new folder or an empty one"):
            check_target(tmp_path / "out", to, overwrite=overwrite)


@pytest.mark.parametrize("to", OUTPUTS)
def test_a_file_is_replaced_only_when_told(tmp_path: Path, to: str) -> None:
    output = tmp_path / OUTPUTS[to]
    output.write_text("precious")
    with pytest.raises(OutputError, match="is there already"):
        convert(FIXTURES / "brat", output, to=to)
    assert output.read_text() == "precious"
    convert(FIXTURES / "brat", output, to=to, overwrite=True)
    assert recognise(output) == to
    with pytest.raises(OutputError, match=r"is a file; give a name that ends in \.json"):
        check_target(tmp_path / "folder", to, overwrite=False)


def test_nothing_half_done_stays(tmp_path: Path) -> None:
    report = Report("a|b", "Text.", sentences=((0, 5),))
    with pytest.raises(AnnotationError, match=r"'a\|b' has a bar"):
        write_annotations(whole([SourceReport(report, "train", "f:1", "o")]), tmp_path / "out", to="markup")
    assert list(tmp_path.iterdir()) == []


def test_annotations_that_break_the_scheme_that_is_named_are_faults_with_their_file(tmp_path: Path) -> None:
    schema = Schema.parse('[entities]\nGroup = ""\nPlace = ""\n[events]\nShelling = ""')
    with pytest.raises(AnnotationError) as raised:
        convert(FIXTURES / "brat", tmp_path / "out.json", to="label-studio", schema=schema)
    assert f"{FIXTURES}/brat/train/raid one.ann: [killed|Death m6]: unknown type Death" in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_chain_of_all_formats_leaves_the_corpus_as_it_was(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    convert(FIXTURES / "markup" / "train-f1.ann", corpus, to="corpus", schema=Schema.load(CORPUS / "schema.toml"))
    before = {path.name: path.read_bytes() for path in corpus.glob("*.jsonl")}
    schema = Schema.load(corpus / "schema.toml")
    last = corpus
    for to in ("brat", "label-studio", "doccano", "markup", "corpus"):
        output = tmp_path / f"last-{to}" / OUTPUTS.get(to, "folder")
        convert(last, output, to=to, schema=schema)
        last = output
    assert {path.name: path.read_bytes() for path in last.glob("*.jsonl")} == before
    assert len(load_corpus(last, "train")) == 2


def test_without_a_scheme_one_is_read_off_the_data(tmp_path: Path) -> None:
    given_ = convert(FIXTURES / "brat", tmp_path / "lines.jsonl", to="doccano")
    found = convert(tmp_path / "lines.jsonl", tmp_path / "corpus", to="corpus")
    assert set(found.schema.types) == set(given_.schema.types)
    assert [item.report.mentions for item in found.reports] == [item.report.mentions for item in given_.reports]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 12 validation reports of the corpus, as a corpus."""
    folder = tmp_path_factory.mktemp("sample")
    infos = [json.loads(line) for line in (CORPUS / "reports.jsonl").read_text(encoding="utf-8").splitlines()]
    infos = [info for info in infos if info["split"] == "validation"][:12]
    ids = {info["id"] for info in infos}
    rows = (CORPUS / "validation.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "schema.toml").write_bytes((CORPUS / "schema.toml").read_bytes())
    (folder / "reports.jsonl").write_text("".join(json.dumps(info, ensure_ascii=False) + "\n" for info in infos))
    (folder / "train.jsonl").touch()
    (folder / "test.jsonl").touch()
    (folder / "validation.jsonl").write_text("".join(row for row in rows if json.loads(row)["report"] in ids))
    return folder


@pytest.mark.parametrize("to", ["brat", "label-studio", "doccano"])
def test_the_corpus_comes_back_byte_for_byte(sample: Path, tmp_path: Path, to: str) -> None:
    output = tmp_path / OUTPUTS.get(to, "folder")
    convert(sample, output, to=to)
    convert(output, tmp_path / "corpus", to="corpus", schema=Schema.load(CORPUS / "schema.toml"))
    for name in ("validation.jsonl", "reports.jsonl", "schema.toml"):
        assert (tmp_path / "corpus" / name).read_bytes() == (sample / name).read_bytes(), name


@given(st.sampled_from(sorted(WRITERS)))
def test_a_report_without_annotations_is_one(tmp_path_factory: pytest.TempPathFactory, to: str) -> None:
    item = SourceReport(Report("r", "Nobody came.", sentences=((0, 12),)), "train", "f:1", "o")
    back = there_and_back([item], to, tmp_path_factory.mktemp(to) / OUTPUTS.get(to, "folder"), SCHEMA)
    assert [plain(found) for found in back.reports] == [plain(item)]
