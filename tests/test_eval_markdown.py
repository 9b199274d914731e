import pytest

from conflictspan.errors import InputError
from eval.markdown import fill_readme, readme_markdown, scores_markdown
from tests.evaluations import EVALUATION, PROVENANCE


def test_scores_md_has_all_tables_and_where_they_come_from() -> None:
    text = scores_markdown(EVALUATION, PROVENANCE)
    for part in (
        "# Scores on the test split",
        "`models/x` on test.jsonl (SHA-256 `ab12`)",
        "100 draws, seed 7",
        "## F1, all (5 reports)\n\n|  | model | memory |",
        "| Entities | 60.0 [51.2, 69.9] | 25.0 [10.0, 40.0] |",
        "## F1, seen conflicts (4 reports)",
        "## F1, unseen conflicts (1 report)",
        "| Entities | memory | -10.0 | - | - |",
        "## F1 by other counts, all (5 reports)",
        "## Mentions whose words training has",
        "## F1 by length",
        "| short | 5 | 60.0 [51.2, 69.9] |",
        "## Entities, by part",
        "| LOC | 5 | 3 | 100.0 | 60.0 |",
        "- memory: 0.5 s",
    ):
        assert part in text
    assert "\n\n\n" not in text


def test_the_readme_is_changed_between_its_markers_only() -> None:
    text = "# Name\n<!-- scores:begin -->\nold\n<!-- scores:end -->\nmore\n"
    filled = fill_readme(text, readme_markdown(EVALUATION), where="README.md")
    assert filled.startswith("# Name\n<!-- scores:begin -->\nF1 in %, with its 95 % interval")
    assert filled.endswith("\n<!-- scores:end -->\nmore\n")
    assert "| Entities | 60.0 [51.2, 69.9] |" in filled
    assert "| Entities | memory | +35.0 [-1.2, +50.0] | < 0.001 | 0.012 |" in filled
    assert "overlap" not in filled  # strict scores only
    assert "old" not in filled
    assert fill_readme(filled, readme_markdown(EVALUATION), where="README.md") == filled


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "<!-- scores:begin -->",
        "<!-- scores:end --> <!-- scores:begin -->",
        "<!-- scores:begin --> <!-- scores:begin --> <!-- scores:end -->",
    ],
)
def test_a_readme_without_a_place_for_the_scores_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"README\.md: needs one line <!-- scores:begin -->"):
        fill_readme(text, "", where="README.md")
