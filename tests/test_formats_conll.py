from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from conflictspan.corpus import load_corpus, read_corpus
from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats.conll import chunks, read_conll, scan_conll, token_offsets, token_tags
from conflictspan.formats.corpus_folder import write_import
from conflictspan.records import Mention, Report
from conflictspan.schema import Schema

FIXTURE = Path(__file__).parent / "fixtures" / "conll"
FILES = [FIXTURE / "train.txt", FIXTURE / "dev.conll"]

TAGS = st.sampled_from(["O", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-a-b", "I-a-b"])
TOKENS = st.text(st.characters(exclude_characters=" \t\n\r", exclude_categories=["Cs"]), min_size=1).filter(
    lambda token: token.strip() and token[0] != "-" and token[0] != "\ufeff"
)
SENTENCES = st.lists(st.lists(st.tuples(TOKENS, TAGS), min_size=1, max_size=8), min_size=1, max_size=4)


def iob2(tags: Sequence[str]) -> list[str]:
    spelled = ["O"] * len(tags)
    for start, end, type_ in chunks(tags):
        spelled[start:end] = [f"B-{type_}", *[f"I-{type_}"] * (end - start - 1)]
    return spelled


def tokens_and_tags(report: Report) -> list[tuple[str, str]]:
    """The way back: from a report of the corpus to tokens and tags."""
    tokens = report.text.split(" ")
    tags, lost = token_tags(report.text, token_offsets(tokens), report.mentions)
    assert lost == 0
    return list(zip(tokens, tags, strict=True))


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-A I-A O B-A", [(0, 2, "A"), (3, 4, "A")]),  # IOB2
        ("I-A I-A B-A I-A O", [(0, 2, "A"), (2, 4, "A")]),  # IOB1
        ("I-A I-B B-B O I-B", [(0, 1, "A"), (1, 2, "B"), (2, 3, "B"), (4, 5, "B")]),
        ("B-A I-B I-B I-A", [(0, 1, "A"), (1, 3, "B"), (3, 4, "A")]),
        ("O O", []),
    ],
)
def test_spans_begin_where_conlleval_says(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert list(chunks(tags.split())) == spans


@given(st.lists(TAGS, max_size=12))
def test_spans_are_those_of_seqeval(tags: list[str]) -> None:
    assert list(chunks(tags)) == [(start, last + 1, type_) for type_, start, last in get_entities(tags)]


@given(SENTENCES, st.sampled_from(" \t"), st.booleans())
def test_tokens_and_tags_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    sentences: list[list[tuple[str, str]]],
    separator: str,
    parted: bool,
) -> None:
    folder = tmp_path_factory.mktemp("conll")
    lines = ["-DOCSTART- O\n\n"] if parted else []
    lines += ["".join(f"{token}{separator}{tag}\n" for token, tag in sentence) + "\n" for sentence in sentences]
    lines.append(f"x{separator}B-ORG\n")  # at least one span, so that there is something to import
    (folder / "train.txt").write_text("".join(lines), encoding="utf-8", newline="")
    write_import(read_conll([folder / "train.txt"]), folder / "corpus")
    reports = load_corpus(folder / "corpus", "train")
    expected = [*sentences, [("x", "B-ORG")]]
    plain = [
        [(token, tag) for (token, _), tag in zip(sentence, iob2([t for _, t in sentence]), strict=True)]
        for sentence in expected
    ]
    assert len(reports) == (1 if parted else len(expected))
    assert [row for report in reports for row in tokens_and_tags(report)] == [row for s in plain for row in s]
    for sentence, same in zip(expected, plain, strict=True):
        valid = all(
            tag[0] != "I" or (before != "O" and before[2:] == tag[2:])
            for before, tag in pairwise(["O", *(t for _, t in sentence)])
        )
        assert (sentence == same) == valid  # an IOB2 sentence comes back tag for tag, any other as IOB2
    rows = [row.row for rows in read_corpus(folder / "corpus").splits["train"].values() for row in rows]
    assert [row.text for row in rows] == [" ".join(token for token, _ in sentence) for sentence in expected]


def test_documents_and_sentences_become_reports(tmp_path: Path) -> None:
    tally = write_import(read_conll(FILES), tmp_path / "corpus")
    train, dev = load_corpus(tmp_path / "corpus", "train"), load_corpus(tmp_path / "corpus", "validation")
    assert [report.id for report in (*train, *dev)] == ["train-1", "train-2", "train-3", "dev-1", "dev-2"]
    assert [dev[0].text[a:b] for a, b in dev[0].sentences] == ["Rebels left Tarvan Ossar Army", "They denied"]
    schema = Schema.load(tmp_path / "corpus" / "schema.toml")
    assert (schema.types, schema.events, schema.labels) == (("LOC", "ORG", "PER"), {}, ())
    counts = {(c.what, c.fate, c.why): (n["train"], n["validation"]) for c, n in tally.table().items()}
    assert counts == {
        ("reports", "read", ""): (3, 2),
        ("reports", "kept", ""): (3, 2),
        ("sentences", "read", ""): (3, 3),
        ("sentences", "kept", ""): (3, 3),
        ("mentions", "read", ""): (4, 5),
        ("mentions", "kept", ""): (4, 5),
        ("tags", "changed", "I- after O or at the beginning, read as B-"): (0, 3),
        ("tags", "changed", "I- after another type, read as B-"): (0, 1),
    }
    assert json.loads((tmp_path / "corpus" / "import.json").read_text())["files_sha256"].keys() == {
        "train.txt",
        "dev.conll",
    }


TEXT = "pro-Assad U.S.-led ( IS ) \u200b x"
PLACES = token_offsets(TEXT.split(" "))


@pytest.mark.parametrize(
    ("found", "tags", "lost"),
    [
        ("IS", "O O O B O O O", 0),
        ("U.S", "O B O O O O O", 0),  # the token's first word is in it
        ("Assad", "O O O O O O O", 1),  # ... is not in it
        ("Assad U", "O B O O O O O", 0),
        ("led ( IS", "O O B I O O O", 0),
        ("pro-Assad U.S.-led ( IS )", "B I I I I O O", 0),
    ],
)
def test_a_token_goes_to_the_span_of_its_first_word(found: str, tags: str, lost: int) -> None:
    start = TEXT.index(found)
    mention = Mention("m", start, start + len(found), "T")
    assert token_tags(TEXT, PLACES, [mention]) == ([t if t == "O" else f"{t}-T" for t in tags.split()], lost)


def test_neighbours_in_one_token_do_not_run_together() -> None:
    mentions = [Mention("a", 0, 3, "X"), Mention("b", 4, 12, "X")]  # "pro", "Assad U."
    assert token_tags(TEXT, PLACES[:2], mentions) == (["B-X", "B-X"], 0)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("Rebels B-X\nleft", r"train.txt:2: 'left' stands alone; a line is a token, a space or a tab, and its tag"),
        ("Rebels PER", r"train.txt:1: 'PER' is no tag; tags are O, B-TYPE and I-TYPE"),
        ("a O\n\nRebels S-PER", r"train.txt:3: 'S-PER' is no tag"),
        ("Rebels B-", r"train.txt:1: 'B-' is no tag"),
        ("ten km\tB-X", r"train.txt:1: the token 'ten km' is empty or has a space; put a mark in its place"),
        ("a O\n\tO", r"train.txt:2: 'O' stands alone"),
        ("Rebels B-@x", r"train.txt:1: the type '@x' begins with @"),
        ("Rebels O", r"conll: no annotation is left"),
    ],
)
def test_lines_that_are_no_columns_are_named(tmp_path: Path, lines: str, fault: str) -> None:
    (tmp_path / "train.txt").write_text(lines)
    with pytest.raises(AnnotationError, match=fault):
        write_import(read_conll([tmp_path / "train.txt"]), tmp_path / "corpus")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a\nb\n")
    (tmp_path / "dev.txt").write_bytes(b"a O\n\xff O")
    with pytest.raises(AnnotationError) as caught:
        read_conll([tmp_path / "train.txt", tmp_path / "dev.txt"])
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["corpus.txt"], "corpus.txt: the name speaks of no split; name it for one of train, dev and test"),
        (["train-dev.txt"], "the name speaks of train and validation"),
        (["train.txt", "x/train.conll"], "train.conll: has the same name as .*train.txt; rename one"),
    ],
)
def test_a_name_that_tells_no_split_is_refused(tmp_path: Path, names: list[str], says: str) -> None:
    (tmp_path / "x").mkdir()
    for name in names:
        (tmp_path / name).write_text("a B-X\n")
    with pytest.raises(InputError, match=says):
        read_conll([tmp_path / name for name in names])


def test_tokens_of_white_space_alone_do_not_break_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("\u00a0 B-X\nRebels I-X\n\n\u2003 B-X\n\n", encoding="utf-8")
    tally = write_import(read_conll([tmp_path / "train.txt"]), tmp_path / "corpus")
    (report,) = load_corpus(tmp_path / "corpus", "train")
    assert report.text[report.mentions[0].start :] == "Rebels"
    counts = {tuple(count): numbers["train"] for count, numbers in tally.table().items()}
    assert counts["mentions", "changed", "outer white space left out"] == 1
    assert counts["mentions", "lost", "white space only"] == 1
    assert counts["reports", "lost", "no text"] == counts["sentences", "lost", "white space only"] == 1


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_a_token(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_bytes("\ufeffRebels B-X\r\nleft O\r\n\r\nAna B-X\r\n".encode())
    file, faults = scan_conll(tmp_path / "train.txt")
    assert faults == []
    assert [sentence.tokens for (sentence,) in file.reports] == [("Rebels", "left"), ("Ana",)]
    assert [sentence.where for (sentence,) in file.reports] == [f"{tmp_path}/train.txt:1", f"{tmp_path}/train.txt:4"]
