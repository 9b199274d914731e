import codecs
import csv
import datetime as dt
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictspan.errors import InputError
from conflictspan.packing import pack
from conflictspan.reading import Located, Reject, count_bytes, read_located, read_reports
from conflictspan.records import Report

FIXTURES = Path(__file__).parent / "fixtures" / "reports"
LONE_SURROGATE = "\ud800"


def read(*inputs: str | Path) -> tuple[list[Report], list[Reject]]:
    items = list(read_reports(inputs))
    return [i for i in items if isinstance(i, Report)], [i for i in items if isinstance(i, Reject)]


def lines_of(path: Path, *lines: object) -> Path:
    """Write JSON lines; bytes as they are."""
    path.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + b"\n" for x in lines))
    return path


def test_a_text_file_is_one_report_named_after_it() -> None:
    file = FIXTURES / "tarvan-bulletin.txt"
    assert read(file) == ([Report("tarvan-bulletin", file.read_text(encoding="utf-8"))], [])


def test_json_lines() -> None:
    reports, rejects = read(FIXTURES / "wire.jsonl")
    assert reports[0] == Report(
        "dova-001",
        "Shells hit Dova overnight. Two children died, the mayor said.",
        published="2021-04-09",
        title="Shelling in Dova",
    )
    assert [r.id for r in reports] == ["dova-001", "7", "wire-4"]
    assert rejects == []


def test_csv() -> None:
    reports, rejects = read(FIXTURES / "monitor.csv")
    assert reports == [
        Report(
            "kes-1",
            'Protesters marched in Kessa; police fired tear gas, and "dozens" were hurt.',
            published="2019-11-02",
        ),
        Report("monitor-2", "A roadside bomb killed a driver.\n\nNobody claimed it."),
        Report("kes-3", "Border guards turned back 40 people."),
    ]
    assert rejects == []


def test_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["One.", "Two.", None, "Four."]),
            "id": pa.array([1, None, 3, 4]),
            "published": pa.array([dt.date(2020, 1, 31), None, None, None]),
            "score": pa.array([0.1] * 4),
        }
    )
    file = tmp_path / "archive.parquet"
    pq.write_table(table, file, row_group_size=2)
    reports, rejects = read(file)
    assert reports == [Report("1", "One.", published="2020-01-31"), Report("archive-2", "Two."), Report("4", "Four.")]
    assert [(r.file, r.line) for r in rejects] == [(str(file), 3)]
    assert "text" in rejects[0].reason


def test_parquet_whose_end_says_that_there_are_no_rows_is_read_as_far_as_there_are(tmp_path: Path) -> None:
    file = tmp_path / "archive.parquet"
    pq.write_table(pa.table({"text": [f"Report {n}." for n in range(4)]}), file)
    whole = file.read_bytes()
    assert whole.count(b"\x16\x08\x19") == 1  # in the footer: the number of rows, then the list of row groups
    file.write_bytes(whole.replace(b"\x16\x08\x19", b"\x16\x00\x19"))
    assert [item.text for item in read_reports([file]) if isinstance(item, Report)] == [
        f"Report {n}." for n in range(4)
    ]


def test_parquet_with_two_columns_of_one_name_or_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    texts = pa.array(["One."])
    pq.write_table(pa.Table.from_arrays([texts, texts], names=["text", "text"]), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": texts, "other": texts}), tmp_path / "b.parquet")
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole.replace(b"other", b"othe\xff"))
    pq.write_table(pa.table({"text": texts}), tmp_path / "c.parquet")
    reports, rejects = read(tmp_path)
    assert [r.id for r in reports] == ["c-1"]
    assert [(Path(r.file).name, r.line) for r in rejects] == [("a.parquet", None), ("b.parquet", None)]
    assert "several columns are named text" in rejects[0].reason
    assert "utf-8" in rejects[1].reason


def test_parquet_times_of_a_zone_that_nobody_knows(tmp_path: Path) -> None:
    when = pa.array([0], pa.timestamp("us", tz="No/Where"))
    pq.write_table(pa.table({"text": ["One."], "published": when}), tmp_path / "a.parquet")
    reports, rejects = read(tmp_path / "a.parquet")
    assert reports == []
    assert [r.line for r in rejects] == [1]
    assert "No/Where" in rejects[0].reason


def test_standard_input_is_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b'{"text": "Shots."}\nShots were fired.\n'))
    monkeypatch.setattr(sys, "stdin", stdin)
    reports, rejects = read("-")
    assert reports == [Report("stdin-1", "Shots.")]
    assert [(r.file, r.line) for r in rejects] == [("-", 2)]


def test_a_folder_is_read_by_name_with_its_folders(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/y.TXT", ".hidden.txt", ".git/c.txt", "notes.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Report {name}.")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    reports, rejects = read(tmp_path)
    assert [r.text for r in reports] == ["Report a/y.TXT.", "Report a/z.txt.", "Report b.txt."]
    assert [(r.file, r.line) for r in rejects] == [
        (str(tmp_path / "a/loop"), None),
        (str(tmp_path / "notes.docx"), None),
    ]
    assert read(FIXTURES)[0] == [
        report
        for file in ("monitor.csv", "north/sela-communique.txt", "tarvan-bulletin.txt", "wire.jsonl")
        for report in read(FIXTURES / file)[0]
    ]


@pytest.mark.parametrize("name", ["gone.txt", "gone", "report.docx", "report"])
def test_an_input_that_cannot_be_meant_is_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    if not name.startswith("gone"):
        (tmp_path / name).write_text("A report.")
    with pytest.raises(InputError, match=name):
        read_reports([FIXTURES / "wire.jsonl", tmp_path / name])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"text": "A."', "not JSON"),
        (b'{"text": "caf\xe9"}', "not UTF-8"),
        (b'{"text": "\xed\xa0\x80"}', "not UTF-8"),
        (b'["A report."]', "object"),
        (b"7", "object"),
        (b'"A report."', "object"),
        (b'{"id": "x"}', "text"),
        (b'{"text": null}', "text"),
        (b'{"text": ["A."]}', "text"),
        (b'{"text": ""}', "empty"),
        (b'{"text": " \\n\\t"}', "empty"),
        (b'{"text": "A.", "id": 1.5}', "id"),
        (b'{"text": "A.", "id": true}', "id"),
        (b'{"text": "A.", "published": 2020}', "published"),
        (b'{"text": "A.", "title": {}}', "title"),
        (b'{"text": "A.", "id": ' + b"9" * 5000 + b"}", "cannot be read"),
        (b"[" * 200_000, "cannot be read"),
        (b"\x00", "not JSON"),
    ],
)
def test_a_bad_line_is_rejected_with_its_place_and_the_run_goes_on(tmp_path: Path, line: bytes, reason: str) -> None:
    file = lines_of(tmp_path / "in.jsonl", {"id": "a", "text": "A."}, b"", line, {"id": "b", "text": "B."})
    reports, rejects = read(file)
    assert [r.id for r in reports] == ["a", "b"]
    assert [(r.file, r.line, r.kind) for r in rejects] == [(str(file), 3, "rejected")]
    assert reason in rejects[0].reason
    assert len(rejects[0].reason) < 300


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"x,caf\xe9,t", "text: not UTF-8"),
        (b"\xff,A.,t", "id: not UTF-8"),
        (b"x,A.", "2 cells"),
        (b"x,A.,t,u", "4 cells"),
        (b"x,,t", "empty"),
        (b'x,"A" quote,t', "not CSV"),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_and_the_run_goes_on(tmp_path: Path, row: bytes, reason: str) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b'id,text,title\na,"A\nB.",t\n' + row + b"\n\nb,B.,t\n")
    reports, rejects = read(file)
    assert [(r.id, r.text) for r in reports] == [("a", "A\nB."), ("b", "B.")]
    assert [(r.file, r.line) for r in rejects] == [(str(file), 4)]
    assert reason in rejects[0].reason


def test_bad_bytes_in_a_column_that_is_not_read_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b",text,note\n1,A.,caf\xe9\n")
    assert read(file) == ([Report("in-1", "A.")], [])


def test_a_quotation_mark_that_nothing_closes_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text('text\nA.\n"B.\nC.\n')
    reports, rejects = read(file)
    assert [r.text for r in reports] == ["A."]
    assert [(r.line, "quotation mark" in r.reason) for r in rejects] == [(3, True)]


def test_a_cell_may_have_ten_megabytes(tmp_path: Path) -> None:
    text = "Shots, " * 1_500_000
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text"], [text]])
    assert read(tmp_path / "in.csv")[0] == [Report("in-1", text)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n", "empty"),
        ("a.txt", b"caf\xe9", "not UTF-8"),
        ("a.txt", "Fire.".encode("utf-16"), "not UTF-8"),
        ("a.csv", b"id,body\n1,A.\n", "id, body"),
        ("a.csv", b"id;text\n1;A.\n", "id;text"),
        ("a.parquet", b"PAR1 no more", "cannot be read"),
        ("a.parquet", b"", "cannot be read"),
    ],
)
def test_a_bad_file_is_rejected_and_the_run_goes_on(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "b.txt").write_text("B.")
    reports, rejects = read(tmp_path)
    assert reports == [Report("b", "B.")]
    assert [r.file for r in rejects] == [str(tmp_path / name)]
    assert reason in rejects[0].reason


def test_parquet_without_text_or_with_bytes_for_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": ["A."]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": pa.array([b"A.", b"\xff"], pa.binary())}), tmp_path / "b.parquet")
    not_utf8 = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0"), pa.py_buffer(b"\xffB."))
    pq.write_table(pa.table({"text": not_utf8}), tmp_path / "c.parquet")
    reports, rejects = read(tmp_path)
    assert [(Path(r.file).name, r.line) for r in rejects] == [
        ("a.parquet", None),
        ("b.parquet", 1),
        ("b.parquet", 2),
        ("c.parquet", 1),
    ]
    assert "body" in rejects[0].reason
    assert reports == [Report("c-2", "B.")]


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(codecs.BOM_UTF8 + b"A.")
    (tmp_path / "b.jsonl").write_bytes(codecs.BOM_UTF8 + b'{"text": "B."}')
    (tmp_path / "c.csv").write_bytes(codecs.BOM_UTF8 + b"text\r\nC.\r\n")
    assert read(tmp_path) == ([Report("a", "A."), Report("b-1", "B."), Report("c-1", "C.")], [])


def test_text_stays_as_it_is(tmp_path: Path) -> None:
    text = "Dead\x00line\r\n\x0b\u200f مدينة \U0001f4a3\u200b" + LONE_SURROGATE
    lines_of(tmp_path / "a.jsonl", {"text": text})
    (tmp_path / "b.txt").write_bytes(text[:-1].encode())
    assert [r.text for r in read(tmp_path)[0]] == [text, text[:-1]]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(lambda t: f"x{t}x"), max_size=5))
def test_csv_gives_back_any_text_it_was_given(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("csv") / "in.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    reports, rejects = read(path)
    assert [r.text for r in reports] == texts
    assert rejects == []


def test_of_two_reports_with_one_id_both_are_kept_and_the_second_is_reported(tmp_path: Path) -> None:
    file = lines_of(
        tmp_path / "in.jsonl", {"id": "a", "text": "A."}, {"id": "b", "text": "B."}, {"id": "a", "text": "C."}
    )
    reports, rejects = read(file)
    assert [r.text for r in reports] == ["A.", "B.", "C."]
    assert [(r.file, r.line, r.kind) for r in rejects] == [(str(file), 3, "duplicate id")]
    assert "'a'" in rejects[0].reason


def test_of_many_ids_those_that_come_again_are_known(tmp_path: Path) -> None:
    rows = ({"id": f"r{n % 3_000}", "text": "A."} for n in range(4_000))
    _, rejects = read(lines_of(tmp_path / "in.jsonl", *rows, {"id": LONE_SURROGATE, "text": "A."}))
    assert [r.line for r in rejects] == list(range(3_001, 4_001))


def test_reports_come_before_the_file_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"text": "A."}\n' * 200_000)
    stream = read_reports([file])
    assert isinstance(next(stream), Report)
    file.write_bytes(b"")
    assert sum(1 for _ in stream) < 100_000


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_packed_files_are_read_as_if_they_were_not(tmp_path: Path, packing: str) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    for folder in (plain, packed):
        folder.mkdir()
    lines_of(plain / "wire.jsonl", {"text": "A."}, {"id": "b", "text": "B."}, b"{")
    (plain / "monitor.csv").write_bytes(b'text,title\r\n"A\r\nB.",t\r\n,u\r\n')
    (plain / "Sela.x.txt").write_bytes(codecs.BOM_UTF8 + b"Shots.")
    for path in plain.iterdir():
        (packed / f"{path.name}{packing}").write_bytes(pack(path.read_bytes(), packing))
    reports, rejects = read(packed)
    unpacked = [replace(r, file=str(plain / Path(r.file).stem)) for r in rejects]
    assert (reports, unpacked) == read(plain)
    assert [r.id for r in reports] == ["Sela.x", "monitor-1", "wire-1", "b"]
    with pytest.raises(InputError, match="not a kind"):
        (tmp_path / f"a.parquet{packing}").touch()
        read(tmp_path / f"a.parquet{packing}")


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_a_packed_file_that_is_cut_short_is_read_up_to_there(tmp_path: Path, name: str, packing: str) -> None:
    rows = b'{"text": "A."}\n' * 6_000 if name == "a.jsonl" else b"text\n" + b"A.\n" * 24_000
    (tmp_path / f"{name}{packing}").write_bytes(pack(rows, packing) + pack(rows, packing)[:-20])
    least = (len(rows) - 9_000) * rows.count(b"\n") // len(rows)  # up to 9 kB before the cut may be lost
    (tmp_path / "b.txt").write_text("B.")
    reports, rejects = read(tmp_path)
    assert len(reports) > least > 3_000
    assert reports[-1] == Report("b", "B.")
    assert [(r.file, r.line) for r in rejects] == [(str(tmp_path / f"{name}{packing}"), rejects[0].line)]
    assert (rejects[0].line or 0) > least
    assert rejects[0].reason.startswith("cannot be read from here on: ")


@pytest.mark.parametrize("name", ["a.txt.gz", "a.jsonl.zst", "a.csv.gz"])
def test_what_is_not_packed_as_its_name_says_is_rejected_and_the_run_goes_on(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"text": "A."}\n')
    (tmp_path / "b.txt").write_text("B.")
    reports, rejects = read(tmp_path)
    assert reports == [Report("b", "B.")]
    assert [(r.file, r.line) for r in rejects] == [(str(tmp_path / name), None)]
    assert rejects[0].reason.startswith("cannot be read: ")


def test_each_report_comes_with_its_place() -> None:
    places = [(Path(i.file).name, i.line, i.report.id) for i in read_located([FIXTURES]) if isinstance(i, Located)]
    assert places == [
        ("monitor.csv", 2, "kes-1"),
        ("monitor.csv", 3, "monitor-2"),
        ("monitor.csv", 6, "kes-3"),
        ("sela-communique.txt", 1, "sela-communique"),
        ("tarvan-bulletin.txt", 1, "tarvan-bulletin"),
        ("wire.jsonl", 1, "dova-001"),
        ("wire.jsonl", 2, "7"),
        ("wire.jsonl", 4, "wire-4"),
    ]


def test_the_bytes_read_come_to_those_of_all_files(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["A."] * 1_000}), tmp_path / "a.parquet")
    lines_of(tmp_path / "b.jsonl", *({"text": f"{n}."} for n in range(10_000)))
    (tmp_path / "c.csv.gz").write_bytes(pack(b"text\nA.\n", ".gz"))
    (tmp_path / "d.txt").write_text("D.")
    (tmp_path / "e.docx").write_text("not read")
    counts: list[int] = []
    assert sum(1 for _ in read_located([tmp_path, FIXTURES], count=counts.append)) == 11_000 + 3 + 8
    assert sum(counts) == count_bytes([tmp_path, FIXTURES])
    assert count_bytes([tmp_path, "-"]) is None
