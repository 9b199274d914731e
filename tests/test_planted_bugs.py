"""Every metric with a bug planted in a copy of it: the suite's own tests must catch each.

The harness's modules are loaded anew from their source, one of them changed, and a module of tests is loaded anew on
top. Then one of its tests is run, which has to fail, and has to pass where nothing is changed. It is one of an example
worked out by hand: a test on random data would catch the bug too, but then go on to look for the smallest example.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY

COPIED = (
    *("eval.match", "eval.relaxed", "eval.vocabulary", "eval.scores", "eval.crosscheck"),
    *("eval.bootstrap", "eval.significance", "eval.slices", "eval.systems", "eval.evaluation"),
)
"""The modules that are loaded anew, each after those that it imports."""

BUGS = {
    # bug: (module, what stands there, what is planted, the test that catches it)
    "strict: an end off by one": (
        *("eval.match", "unused = {(m.start, m.end, m.type): m", "unused = {(m.start, m.end - 1, m.type): m"),
        "test_match.test_ids_scores_and_statuses_take_no_part_in_the_match_of_spans",
    ),
    "strict: the end is not looked at": (
        *("eval.match", "(m.start, m.end, m.type)", "(m.start, m.type)"),
        "test_scores.test_spans_by_hand",
    ),
    "strict: the type is not looked at": (
        *("eval.match", "(m.start, m.end, m.type)", "(m.start, m.end)"),
        "test_scores.test_spans_by_hand",
    ),
    "spans: what was missed leaves recall's denominator": (
        *("eval.match", "pairs = [Pair(m, unused.pop((m.start, m.end, m.type), None)) for m in gold]"),
        "pairs = [Pair(m, unused.pop((m.start, m.end, m.type))) for m in gold if (m.start, m.end, m.type) in unused]",
        "test_scores.test_spans_by_hand",
    ),
    "relations: candidates that were never proposed leave recall's denominator": (
        *("eval.match", "wanted = {(r.head, r.label, r.tail): r for r in gold}"),
        "wanted = {(r.head, r.label, r.tail): r for r in gold if {r.head, r.tail} <= set(gold_id.values())}",
        "test_scores.test_relations_end_to_end_by_hand",
    ),
    "relations: missed ones leave recall's denominator": (
        *("eval.match", "pairs = [Pair(relation, answers.get(key)) for key, relation in wanted.items()]"),
        "pairs = [Pair(relation, answers.get(key)) for key, relation in wanted.items() if key in answers]",
        "test_scores.test_relations_on_gold_spans_by_hand",
    ),
    "relations: head and tail swapped": (
        *("eval.match", "key = (gold_id.get(relation.head), relation.label, gold_id.get(relation.tail))"),
        "key = (gold_id.get(relation.tail), relation.label, gold_id.get(relation.head))",
        "test_scores.test_relations_end_to_end_by_hand",
    ),
    "relations: the label is not looked at": (
        *("eval.match", "key = (gold_id.get(relation.head), relation.label, gold_id.get(relation.tail))"),
        "ends = (gold_id.get(relation.head), gold_id.get(relation.tail))\n"
        "        key = next((k for k in wanted if (k[0], k[2]) == ends), (None, relation.label, None))",
        "test_match.test_swapped_ends_and_another_label_are_wrong",
    ),
    "relations: a repetition counts twice": (
        *("eval.match", "spurious.setdefault((relation.head, relation.label, relation.tail), relation)"),
        "spurious.setdefault((str(len(spurious)), *map(str, key)), relation)",
        "test_match.test_a_relation_stated_twice_is_one_relation",
    ),
    "relaxed: spans that only touch": (
        *("eval.relaxed", "if right.start >= left.end:", "if right.start > left.end:"),
        "test_relaxed.test_one_shared_character_of_the_same_type_is_an_overlap",
    ),
    "relaxed: the type is not looked at": (
        *("eval.relaxed", "if right.type == left.type:", "if True:"),
        "test_scores.test_milder_span_scores_by_hand",
    ),
    "relaxed: a prediction answers all that it overlaps": (
        *("eval.relaxed", "            i = free[i - 1]", "            i -= 1"),
        "test_relaxed.test_each_mention_answers_one_only",
    ),
    "relaxed: the first overlap is taken": (
        *("eval.relaxed", "best.append(max(best[i], (pairs + 1, characters + shared)))"),
        "best.append((pairs + 1, characters + shared) if before == i else best[i])",
        "test_relaxed.test_each_mention_answers_one_only",
    ),
    "relaxed relations: over strict pairs": (
        *("eval.scores", "match.predicted.relations, overlapping)", "match.predicted.relations, match.mentions)"),
        "test_scores.test_relaxed_relations_by_hand",
    ),
    "untyped: an end off by one": (
        *("eval.relaxed", "unused = {(m.start, m.end): m", "unused = {(m.start, m.end + 1): m"),
        "test_scores.test_milder_span_scores_by_hand",
    ),
    "resolved: head and tail swapped": (
        *("eval.relaxed", "missed.get((gold_end.get(relation.head), relation.label, gold_end.get(relation.tail)))"),
        "missed.get((gold_end.get(relation.tail), relation.label, gold_end.get(relation.head)))",
        "test_scores.test_resolved_relations_by_hand",
    ),
    "resolved: one step of aliases only": (
        *(
            "eval.relaxed",
            "kept if of == joined else of for id_, of",
            "kept if id_ == relation.tail else of for id_, of",
        ),
        "test_relaxed.test_clusters_go_over_any_number_of_steps_in_either_direction",
    ),
    "resolved: a gold relation is answered again and again": (
        *("eval.relaxed", "answers[waiting.pop(0)] = relation", "answers[waiting[0]] = relation"),
        "test_relaxed.test_a_relation_answers_one_gold_relation_and_strict_pairs_stand",
    ),
    "resolved: aliases the system found count": (
        *("eval.relaxed", "cluster = alias_clusters(match.gold, aliases)"),
        "cluster = alias_clusters(match.gold, aliases); cluster |= dict.fromkeys(cluster, 'one')",
        "test_relaxed.test_an_end_may_be_any_mention_of_the_gold_ends_cluster",
    ),
    "words: the type is not looked at": (
        *("eval.scores", "words = (words_of(mentions.either, match.gold.text), mentions.either.type)"),
        "words = next(((w, t) for w, t in vocabulary if w == words_of(mentions.either, match.gold.text)), None)",
        "test_scores.test_words_seen_and_unseen_in_training_by_hand",
    ),
    "words: upper and lower case": (
        *("eval.vocabulary", ".casefold()", ""),
        "test_vocabulary.test_the_vocabulary_has_words_with_their_type",
    ),
    "words: off by one": (
        *("eval.vocabulary", "text[mention.start : mention.end]", "text[mention.start : mention.end - 1]"),
        "test_vocabulary.test_words_are_found_again_whatever_their_case_and_spaces",
    ),
    "status: of any trigger that has one": (
        *("eval.scores", '"status", gold, (gold == predicted, False, True)', '"status", gold, (True, False, True)'),
        "test_scores.test_statuses_by_hand",
    ),
    "status accuracy: over all triggers": (
        *("eval.scores", "        if pair.gold and pair.predicted:", "        if pair.gold or pair.predicted:"),
        "test_scores.test_statuses_by_hand",
    ),
    "cross-sentence: by the system's own sentences": (
        *("eval.scores", "match.gold.sentence_of(", "match.predicted.sentence_of("),
        "test_scores.test_gold_sentences_decide_what_crosses_a_border",
    ),
    "cross-sentence: all relations": (
        *(
            "eval.scores",
            "for end in (relation.head, relation.tail)}) == 2:",
            "for end in (relation.head, relation.tail)}) >= 1:",
        ),
        "test_scores.test_relations_on_gold_spans_by_hand",
    ),
    "a whole without its last part": (
        *("eval.scores", "            counts[:, whole] += counts[:, number]"),
        "            counts[:, whole] += counts[:, number] * (row != scored[-1] and scored[number + 1].part != WHOLE)",
        "test_scores.test_spans_by_hand",
    ),
    "f1: the arithmetic mean": (
        *("eval.scores", "return _ratio(2 * self.tp, self.predicted + self.gold)"),
        "return (self.precision + self.recall) / 2",
        "test_scores.test_ratios_by_hand",
    ),
    "recall: over the predictions": (
        *("eval.scores", "return _ratio(self.tp, self.gold)", "return _ratio(self.tp, self.predicted)"),
        "test_scores.test_ratios_by_hand",
    ),
    "seqeval check: never looks": (
        *("eval.crosscheck", "if not math.isclose(value, other, abs_tol=1e-9):", "if False:"),
        "test_crosscheck.test_a_count_that_seqeval_does_not_share_is_an_error",
    ),
    "bootstrap: macro for micro": (
        *("eval.bootstrap", "        np.divide(block @ above, divisor, out=flat[start : start + step]"),
        "        divisor = np.where(divisor > 0, block.sum(axis=1, keepdims=True), 0)\n"
        "        above = np.divide(above, below, where=below > 0, out=np.zeros_like(above))\n"
        "        np.divide(block @ above, divisor, out=flat[start : start + step]",
        "test_bootstrap.test_a_draw_by_hand",
    ),
    "bootstrap: without replacement": (
        *("eval.bootstrap", "random.integers(reports, size=reports)", "random.permutation(reports)"),
        "test_bootstrap.test_every_draw_holds_as_many_reports_as_there_are",
    ),
    "bootstrap: single precision for any number": (
        *("eval.bootstrap", "if largest * drawn < 2**24", "if True"),
        "test_bootstrap.test_counts_too_large_for_single_precision_are_summed_exactly",
    ),
    "interval: one-sided": (
        *("eval.bootstrap", "[(1 - level) / 2, (1 + level) / 2]", "[0.0, level]"),
        "test_bootstrap.test_a_percentile_interval_by_hand",
    ),
    "evaluation: macro for micro": (
        *("eval.evaluation", "sums = counts.sum(axis=0).tolist()"),
        "sums = np.round(counts.mean(axis=0)).astype(int).tolist()",
        "test_evaluation.test_scores_by_group_by_hand",
    ),
    "evaluation: a slice has all reports": (
        *("eval.evaluation", "counts[indices][:, :, compared]", "counts[:, :, compared]"),
        "test_evaluation.test_slices_have_the_compared_scores_of_their_reports",
    ),
    "evaluation: a difference the wrong way round": (
        *("eval.evaluation", "scores[0][row].counts.f1 - scores[other][row].counts.f1"),
        "scores[other][row].counts.f1 - scores[0][row].counts.f1",
        "test_evaluation.test_differences_are_from_every_other_system_by_hand",
    ),
    "evaluation: differences of other draws": (
        *("eval.evaluation", "- drawn[:, other, index[row]]", "- drawn[::-1, other, index[row]]"),
        "test_evaluation.test_the_difference_of_equal_systems_is_nothing_on_every_draw",
    ),
    "p: one-sided": (
        *(
            "eval.significance",
            "np.abs(drawn - observed) >= abs(observed) - 1e-12",
            "observed - drawn >= observed - 1e-12",
        ),
        "test_significance.test_a_p_value_by_hand",
    ),
    "p: can be zero": (
        *("eval.significance", "(1 + int(as_far.sum())) / (1 + drawn.size)", "int(as_far.sum()) / drawn.size"),
        "test_significance.test_no_number_of_draws_shows_a_p_of_zero",
    ),
    "Holm: the same factor for all": (
        *("eval.significance", "(len(p_values) - rank) * p_values", "len(p_values) * p_values"),
        "test_significance.test_holm_by_hand",
    ),
    "Holm: may fall again": (
        *("eval.significance", "floor = max(floor, min(", "floor = max(0.0, min("),
        "test_significance.test_holm_by_hand",
    ),
    "Holm: the factor off by one": (
        *("eval.significance", "(len(p_values) - rank)", "(len(p_values) - rank - 1)"),
        "test_significance.test_holm_by_hand",
    ),
    "length: off by one": (
        *("eval.slices", "words > most", "words >= most"),
        "test_slices.test_lengths_by_hand",
    ),
    "genre: beginnings of words": (
        *("eval.slices", r""")})\b").search""", r""")})").search"""),
        "test_slices.test_the_first_family_with_a_fitting_keyword_has_the_genre",
    ),
}


@contextmanager
def copies(module: str = "", old: str = "", new: str = "") -> Iterator[None]:
    """Put copies of the harness's modules in their places, with `new` for `old` in one of them, and take them out."""
    kept = {name: sys.modules[name] for name in COPIED}
    try:
        for name in COPIED:
            source = inspect.getsource(kept[name])
            if name == module:
                assert old in source, f"{module} no longer says {old!r}: plant the bug in what it says now"
                source = source.replace(old, new)
            copy = ModuleType(name)
            copy.__file__ = kept[name].__file__
            sys.modules[name] = copy
            exec(compile(source, f"{name} with a bug", "exec"), copy.__dict__)  # noqa: S102
        yield
    finally:
        sys.modules.update(kept)


def cases(name: str) -> list[Callable[[], None]]:
    """A test, loaded anew over the modules that are in place now: one call for each set of its parameters."""
    module_name, test_name = name.split(".")
    path = REPOSITORY / "tests" / f"{module_name}.py"
    module = ModuleType(f"tests.{module_name}")
    module.__file__ = str(path)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)  # noqa: S102
    test = getattr(module, test_name)
    for mark in getattr(test, "pytestmark", ()):
        names, values = mark.args
        if isinstance(names, str):
            return [partial(test, **{names: value}) for value in values]
        return [partial(test, **dict(zip(names, value, strict=True))) for value in values]
    return [test]


def fails(case: Callable[[], None]) -> bool:
    try:
        case()
    except (Exception, pytest.fail.Exception):
        return True
    return False


@pytest.fixture(autouse=True, scope="module")
def imported() -> None:
    for name in COPIED:
        importlib.import_module(name)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug: str) -> None:
    module, old, new, test = BUGS[bug]
    with copies(module, old, new):
        assert any(fails(case) for case in cases(test))


@pytest.mark.parametrize("test", sorted({test for *_, test in BUGS.values()}))
def test_without_a_bug_the_same_test_passes(test: str) -> None:
    with copies():
        for case in cases(test):
            case()
