"""Every suite from its files to its section, with a stand-in for the product and a tiny encoder."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.splits import is_learned, is_reported, is_to_measure_by
from grader.evaluation.page import Section, merge, number, table
from grader.evaluation.rows import Row, sample
from grader.evaluation.suite import FAMILIES, cases, families, run
from grader.evaluation.suites import BLIND, SUITES, Bench
from grader.evaluation.svg import Series, plot
from grader.records import Grade, GradeRequest, KeyPointState

LABELS = ("correct", "partially_correct_incomplete", "contradictory", "irrelevant", "non_domain")


class LengthGrader:
    """A tenth of the scale for each word; confidence a half; one key point, stated from three words on."""

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        n = len(request.answer.split())
        score = min(request.max_score, request.max_score * n / 10)
        point = KeyPointState(id="k1", text="red wires", weight=1, state="stated" if n >= 3 else "missing", confidence=1, evidence=None)
        return Grade(
            id=number, question_id=request.question_id, score=score, max_score=request.max_score, interval=(0, request.max_score),
            verdict="correct" if n > 5 else "irrelevant", confidence=0.5, needs_review=n < 3, review_reasons=(), key_points=(point,),
            false_claims=(), reference_issues=(), gaming=(), feedback="", model="tiny", corpus="0",
        )  # fmt: skip


class LetterEncoder:
    """Unit rows of letter counts."""

    def encode(self, texts):
        rows = np.array([[1e-3 + t.lower().count(c) for c in "aeioutnsr"] for t in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def bench(tmp_path_factory, bank) -> Bench:
    """Small sets in the shape of the real ones."""
    folder = tmp_path_factory.mktemp("data")

    def write(name: str, rows: list[dict[str, Any]]) -> None:
        (folder / "asag").mkdir(exist_ok=True)
        with gzip.open(folder / "asag" / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows)

    def row(i: int, question: int, split: str) -> dict[str, Any]:
        text = " ".join(["red", "wires", "join", "lamps", "and", "cells", "in", "one", "row", "here"][: 1 + i % 10])
        return {
            "split": split, "question_id": f"{question}.1{'0' * (question % 2)}", "question": f"What joins lamp {question}?",
            "reference_answers": ["red wires join the lamps"], "answer": text, "label5": LABELS[i % 5], "score": i % 6, "score_max": 5.0,
            "gaps": ["red wires"] if i % 10 < 1 else [],
        }  # fmt: skip

    for name in ("beetle", "scientsbank"):
        splits = ("train", "test-unseen-answers", "test-unseen-questions", "test-unseen-domains")
        write(f"semeval2013_{name}", [row(i, i % 6, s) for s in splits for i in range(60)])
    write("mohler2011", [row(i, i % 12, "none") for i in range(12 * 13)])
    write("saf_communication_networks_en", [row(i, i % 4, s) for s in ("train", *splits[1:3]) for i in range(60)])
    write("gaps_answers", [row(i, 1, s) for s in ("Beetle_Train", "Beetle_UA") for i in range(20)])
    return Bench(bank, LengthGrader(), LetterEncoder(), folder, draws=1)


@pytest.mark.parametrize("name", ["semeval", "mohler", "saf", "gaps"])
def test_a_suite_measures_product_and_rivals_on_the_same_rows(bench, name):
    """Every table has a line of the product; plots that the text shows are there."""
    (section,) = SUITES[name](bench)
    text = section.text("today")

    assert "Viva" in text or name == "gaps"
    assert name == "gaps" or "MiniLM vectors" in text
    assert set(re.findall(r"\]\(evaluation/([\w.-]+)\)", text)) == set(section.plots)
    assert all(svg.startswith("<svg") and "nan" not in svg for svg in section.plots.values())


def test_the_gaps_by_hand(bench):
    """Two of twenty answers lack the red wires; the stand-in also misses them in the two answers of two words."""
    (section,) = SUITES["gaps"](bench)

    assert "| Beetle_UA, answers | 20 | 0.100 | 0.900 | 0.667 |" in section.body


def test_a_sample_reads_no_test_split(bench):
    """While developing, gaps and SemEval tests stay closed, and the section says that it is a sample."""
    small = Bench(bench.corpus, bench.grader, bench.encoder, bench.folder, at_most=10)

    for name in ("semeval", "saf", "gaps"):
        (section,) = SUITES[name](small)
        assert "sample while developing" in section.protocol
        assert not re.search(r"unseen|_UA", section.body)


def test_a_sample_is_whole_questions():
    """Ten answers asked for: two questions of eight, the same ones each time."""
    rows = [Row(str(i % 5), "Q?", ("r",), f"a{i}", 0.5) for i in range(40)]
    found = sample(rows, 10)

    assert sorted(sum(r.group == g for r in found) for g in {r.group for r in found}) == [8, 8]
    assert found == sample(rows, 10)
    assert sample(rows, 40) == sample(rows, None) == rows


@pytest.fixture(scope="module")
def rows(bank):
    """A right and a false answer to one question of the bank."""
    question = bank.questions[0]
    right = " ".join(p.text for p in question.key_points)
    made = [(right, 1.0, "excellent"), ("It is the opposite of what people say. Nobody uses it.", 0.0, "false")]
    return [
        Row(question.id, question.question, question.reference_answers, text, mark, kind=kind, question_id=question.id)
        for text, mark, kind in made
    ]


def test_each_family_stands_against_its_own_answer(rows, bank):
    """Attacks are made of failing answers, flips and rewrites of right ones; nothing stays as it was; twice the same."""
    found = cases(rows, bank)

    assert found == cases(rows, bank)
    assert {c.family for c in found} >= {f for f, group in FAMILIES.items() if group == "gaming"}
    for case in found:
        if case.before:
            assert case.before.answer != case.after.answer
            assert case.before.group == case.after.group
            assert (case.before.mark < 0.5) == (case.group == "gaming")
        else:
            assert case.group == "gaming"


def test_the_rules_of_pass_notice_and_flip(rows, bank):
    """A grader of lengths: padding passes, a deletion is noticed, a reordering never flips; the rival that says 1 fails differently."""
    outcomes = run(cases(rows, bank), LengthGrader(), lambda new: np.ones(len(new)))
    lines = {(f.group, f.name): f for f in families(outcomes)}

    assert lines["gaming", "padding"].hit == 1
    assert lines["gaming", "padding"].rival == 1
    assert lines["invariance", "reordering"].hit == 0
    assert all(lines["meaning", name].rival == 0 for name in FAMILIES if ("meaning", name) in lines)
    assert lines["gaming", "all"].n == sum(
        f.n for (g, name), f in lines.items() if g == "gaming" and name not in {"all", "reference copied"}
    )


def test_a_section_replaces_itself_and_leaves_the_others():
    """One suite measured anew keeps the rest of the page, in the order of the suites."""
    old = merge("", [Section("a", "A", "how", "old"), Section("b", "B", "how", "other")], "monday", ("a", "b"))
    new = merge(old, [Section("a", "A", "how", "new")], "tuesday", ("a", "b"))

    assert "old" not in new
    assert new.index("new") < new.index("other")
    assert new.count("tuesday") == new.count("monday") == 1


def test_tables_and_plots():
    """A dash for what is not a number; points outside are drawn at the edge."""
    assert table(["a", "b"], [("x|y", number(float("nan")))]) == "| a | b |\n|---|--:|\n| x/y | - |"
    svg = plot("t", "x", "y", [Series("s", [(0.0, 0.0), (9.0, float("nan")), (9.0, 9.0)])], x_range=(0, 1), y_range=(0, 1))
    assert svg.count("<circle") == 2
    assert 'cx="386.0" cy="34.0"' in svg


def test_the_blind_answers_lie_where_the_harness_seeks_them():
    """The command needs no path."""
    assert Path(Bench.__dataclass_fields__["blind"].default).is_file()
    assert Path(Bench.__dataclass_fields__["others"].default).is_file()


def test_questions_written_to_measure_by_have_blind_answers_and_no_others(bench):
    """Ten kinds by two authors each, and nothing in the answers that models learn from."""
    asked = {q.id: {p.id for p in q.key_points} for q in bench.corpus.questions if is_to_measure_by(q.id)}
    rows = [json.loads(line) for line in BLIND.read_text("utf-8").splitlines()]
    found = Counter(r["question"] for r in rows if is_to_measure_by(r["question"]))
    assert len(asked) == 19 and found == dict.fromkeys(asked, 20)
    assert all(set(states) == asked[r["question"]] for r in rows if r["question"] in asked for states in r["key_points"])
    assert not {a.question for a in bench.corpus.answers} & set(asked)
    assert all(is_reported(q) and not is_learned(q) for q in asked)


class Requests(LengthGrader):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[GradeRequest] = []

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        self.asked.append(request)
        return super().grade(request, number)


def test_without_key_points_the_grader_is_told_question_and_reference_alone(bench):
    """Neither the bank's key points nor its id; all three sets, product and rival."""
    grader = Requests()
    (section,) = SUITES["bare"](Bench(bench.corpus, grader, bench.encoder, bench.folder))

    assert len(grader.asked) == 600 + 240
    assert all(r.question_id is None and r.key_points is None and r.question and r.reference_answers for r in grader.asked)
    assert section.body.count("| Viva, ") == section.body.count("| cosine + isotonic, ") == 3
