import filecmp
import shutil
from pathlib import Path

import pytest

from conflictspan.corpus import load_report_infos, read_corpus
from conflictspan.errors import AnnotationError, InputError
from conflictspan.markup_files import export_markup, import_markup

FIXTURES = Path(__file__).parent / "fixtures" / "markup"
CORPUS = Path(__file__).parents[1] / "data" / "annotations"
GOOD = [FIXTURES / "train-f1.ann", FIXTURES / "validation-f2.ann"]
FILES = ["train.jsonl", "validation.jsonl", "test.jsonl", "reports.jsonl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "corpus"
    path.mkdir()
    shutil.copy(CORPUS / "schema.toml", path)
    return path


def _bytes(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


def test_markup_goes_into_a_new_corpus(folder: Path) -> None:
    import_markup(GOOD, folder)
    infos = load_report_infos(folder)
    assert {id_: (info.split, info.origin) for id_, info in infos.items()} == {
        "fix-001": ("train", "train-f1"),
        "fix-002": ("train", "train-f1"),
        "fix-003": ("validation", "validation-f2"),
    }
    assert len(read_corpus(folder).sentences["fix-001"]) == 4
    assert (folder / "test.jsonl").read_text() == ""


def test_a_corpus_goes_to_markup_and_back_without_loss(folder: Path, tmp_path: Path) -> None:
    import_markup(GOOD, folder)
    before = _bytes(folder)
    written = export_markup(read_corpus(folder), tmp_path / "out")
    assert [path.name for path in written] == ["train-f1.ann", "validation-f2.ann"]
    for path in written:
        assert filecmp.cmp(path, FIXTURES / path.name, shallow=False)
    import_markup([tmp_path / "out"], folder)
    assert _bytes(folder) == before


def test_the_whole_corpus_goes_to_markup_and_back_without_loss(folder: Path, tmp_path: Path) -> None:
    export_markup(read_corpus(CORPUS), tmp_path / "out")
    shutil.copy(CORPUS / "reports.jsonl", folder)
    import_markup([tmp_path / "out"], folder)
    for name in FILES:
        assert filecmp.cmp(folder / name, CORPUS / name, shallow=False), name


def test_a_corrected_file_replaces_its_reports_and_no_others(folder: Path, tmp_path: Path) -> None:
    import_markup(GOOD, folder)
    moved = (folder / "reports.jsonl").read_text().replace('"split": "train"', '"split": "test"', 1)
    (folder / "reports.jsonl").write_text(moved)
    (folder / "test.jsonl").write_text("".join((folder / "train.jsonl").read_text().splitlines(True)[:4]))
    (folder / "train.jsonl").write_text("".join((folder / "train.jsonl").read_text().splitlines(True)[4:]))
    assert load_report_infos(folder)["fix-001"].split == "test"

    kept, _ = (FIXTURES / "train-f1.ann").read_text(encoding="utf-8").split("\n\n")
    new = "\n\n@report fix-009 | date=2020-05-05 | conflict=Chad | genre=newswire\nAll quiet.\n"
    corrected = tmp_path / "train-f1.ann"
    corrected.write_text(kept.replace("Nobody else spoke.", "Nobody spoke.") + new, encoding="utf-8")
    import_markup([corrected], folder)

    infos = load_report_infos(folder)
    assert {id_: info.split for id_, info in infos.items()} == {
        "fix-001": "test",
        "fix-009": "train",
        "fix-003": "validation",
    }
    sentences = read_corpus(folder).sentences
    assert sentences["fix-001"][3].row.text == "Nobody spoke."
    assert sentences["fix-003"][0].row.text == "The striker attacked the far post."


def test_a_file_name_may_have_a_space(folder: Path, tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "validation-f2.ann", tmp_path / "my notes.ann")
    import_markup([tmp_path / "my notes.ann"], folder)
    assert export_markup(read_corpus(folder), tmp_path / "out") == [tmp_path / "out" / "my notes.ann"]


def test_files_of_a_folder_are_taken_in_the_order_of_their_numbers(folder: Path, tmp_path: Path) -> None:
    for number in (10, 9, 100):
        header = f"@report r-{number} | date=2020-05-05 | conflict=Chad | genre=newswire\n"
        (tmp_path / f"train-a{number}.ann").write_text(f"{header}All quiet.\n")
    import_markup([tmp_path], folder)
    assert list(load_report_infos(folder)) == ["r-9", "r-10", "r-100"]


def test_faults_of_all_files_are_told_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.ann"
    again.write_text((FIXTURES / "validation-f2.ann").read_text())
    import_markup(GOOD, folder)
    before = _bytes(folder)
    with pytest.raises(AnnotationError) as raised:
        import_markup([FIXTURES, again, tmp_path / "missing.ann"], folder)
    faults = raised.value.faults
    assert any(fault.startswith(f"{FIXTURES / 'faulty.ann'}:3: ") for fault in faults)
    assert f"{again}:1: the report 'fix-003' stands already at {FIXTURES / 'validation-f2.ann'}:1" in faults
    assert any(fault.startswith(f"{tmp_path / 'missing.ann'}: cannot be read") for fault in faults)
    assert _bytes(folder) == before


def test_a_report_cannot_move_to_a_file_by_itself(folder: Path, tmp_path: Path) -> None:
    import_markup(GOOD, folder)
    shutil.copy(FIXTURES / "validation-f2.ann", tmp_path / "train-x.ann")
    with pytest.raises(AnnotationError, match=r"train-x\.ann:1: the report 'fix-003' belongs to validation-f2\.ann"):
        import_markup([tmp_path / "train-x.ann"], folder)


def test_a_near_duplicate_in_another_split_is_refused(folder: Path, tmp_path: Path) -> None:
    import_markup(GOOD, folder)
    copy = tmp_path / "test-x.ann"
    copy.write_text(
        "@report x-1 | date=2020-05-05 | conflict=Chad | genre=newswire\n"
        "The striker attacked\nThe striker attacked the far post!\n"
    )
    with pytest.raises(AnnotationError, match=r"test-x\.ann:3: .* stands nearly the same .*validation\.jsonl:1"):
        import_markup([copy], folder)


def test_an_input_without_markup_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"corpus: has no \.ann file"):
        import_markup([folder], folder)
    shutil.copy(FIXTURES / "validation-f2.ann", tmp_path)
    with pytest.raises(InputError, match="has the same name as"):
        import_markup([FIXTURES / "validation-f2.ann", tmp_path], folder)


def test_markup_that_is_there_is_not_overwritten_unasked(folder: Path, tmp_path: Path) -> None:
    import_markup(GOOD, folder)
    out = tmp_path / "out"
    out.mkdir()
    (out / "validation-f2.ann").write_text("my corrections")
    with pytest.raises(InputError, match=r"validation-f2\.ann: is there already"):
        export_markup(read_corpus(folder), out)
    assert [path.name for path in out.iterdir()] == ["validation-f2.ann"]
    assert (out / "validation-f2.ann").read_text() == "my corrections"
    export_markup(read_corpus(folder), out, overwrite=True)
    assert filecmp.cmp(out / "validation-f2.ann", FIXTURES / "validation-f2.ann", shallow=False)


def test_a_corpus_without_headers_has_no_markup(folder: Path, tmp_path: Path) -> None:
    import_markup(GOOD, folder)
    (folder / "reports.jsonl").unlink()
    with pytest.raises(AnnotationError, match=r"validation\.jsonl:1: the report 'fix-003' has no line"):
        export_markup(read_corpus(folder), tmp_path / "out")
