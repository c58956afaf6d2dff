"""What the stance model learns from: every pair is what its label says, and the numbers about it are right."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from corpus.meaning.delta import delta_checksum, factors, merged, read_delta, write_delta
from corpus.meaning.encoder import load_encoder
from corpus.meaning.source import ModelCorruptError
from corpus.meaning.train.answers import edit_pairs, flipped_pairs, sentence_pairs
from corpus.meaning.train.batches import Row, are_twins, batches, n_batches
from corpus.meaning.train.beside import myth_pairs, plain_pairs
from corpus.meaning.train.calibrate import calibrated, expected_calibration_error, fit_calibration
from corpus.meaning.train.corrupt import TRICKS, corruptions, myths, rewordings
from corpus.meaning.train.kept import kept_as
from corpus.meaning.train.manuals import Passage, read_manuals
from corpus.meaning.train.pairs import fact_pairs, manual_pairs
from corpus.meaning.train.stages import Material
from corpus.records import Answer, Edit, Plain, Question, Wording
from corpus.settings import load_settings
from corpus.store import Corpus, load_corpus

TEXT = "By default send_file() does not check all 3 headers before it calls wrap_file(), and GET is used instead of POST."
NAMES = ["render_template", "open_file()", "HTTP", "Flask-Login"]


@pytest.mark.parametrize("trick", sorted(TRICKS))
def test_a_trick_changes_little(trick: str) -> None:
    """Each trick finds its place in a sentence that has one, and touches few words."""
    changed = TRICKS[trick](TEXT, np.random.default_rng(0), NAMES)

    assert changed and changed != TEXT
    assert len(set(changed.split()) ^ set(TEXT.split())) <= 4


def test_nothing_to_change_gives_nothing() -> None:
    """A sentence without a hold is left alone rather than mangled."""
    assert list(corruptions("Fine words butter parsnips.", np.random.default_rng(0), NAMES)) == []


def test_rewordings_and_frames_keep_the_sentence() -> None:
    """A rewording keeps the negation; a frame that denies is not one that affirms."""
    rng = np.random.default_rng(0)
    for text in rewordings(TEXT, rng):
        assert ("not check" in text or "n't check" in text) and text != TEXT
    framed = myths(TEXT, rng)
    assert len({framed["denied"], framed["affirmed"], framed["asked"]}) == 3 and framed["asked"].endswith(("?", "."))


def test_manuals_give_prose_alone(tmp_path: Path) -> None:
    """Directives, code and headings stay out; roles and marks become words."""
    page = """Sessions
========

The ``session`` object of :class:`flask.Flask` keeps its data in a signed cookie.

.. code-block:: python

    session["a"] = "The code block never becomes a sentence of the manual."

- Each item of a list is read as a sentence of its own.
"""
    archive = tmp_path / "flask-9.9.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("flask-9.9/docs/quickstart.rst", "flask-9.9/docs/changes.rst"):
            info = tarfile.TarInfo(name)
            info.size = len(page)
            tar.addfile(info, io.BytesIO(page.encode()))

    assert [(p.package, p.text) for p in read_manuals([archive])] == [
        ("flask", "The session object of Flask keeps its data in a signed cookie."),
        ("flask", "Each item of a list is read as a sentence of its own."),
    ]


def test_manual_pairs_show_both_sides_of_a_corruption() -> None:
    """The corrupted sentence is also seen supported, so that clumsy words alone tell nothing."""
    passages = [Passage("flask", "p", TEXT.replace("3", str(n))) for n in range(30)]
    pairs = list(manual_pairs(passages, np.random.default_rng(0)))
    texts = {p.text for p in passages}
    corrupted = {p.statement for p in pairs if p.label == "contradict"} - texts

    assert {p.label for p in pairs} == {"support", "contradict", "silent"}
    assert any(p.statement in corrupted and p.label == "support" for p in pairs)


def test_pairs_of_a_fact_carry_its_labels() -> None:
    """False wordings contradict their statement, true ones support it, and a refuted myth is no contradiction."""
    corpus = load_corpus()
    fact = corpus.fact("FLK012")
    pairs = {(p.text, p.statement): p.label for p in fact_pairs([fact, corpus.fact("DJA001")], (), (), np.random.default_rng(0))}

    assert all(pairs[text, fact.statement] == "contradict" for text in fact.false_wordings)
    assert all(pairs[text, fact.statement] == "support" for text in fact.true_wordings)
    assert all(pairs[text, fact.statement] != "contradict" for text in fact.near_misses)


_QUESTION = Question.model_validate({
    "id": "own-001", "topic": "t", "level": "mid", "question": "Where are Flask sessions kept?", "reference_answers": ["In a cookie."],
    "key_points": [
        {"id": "k1", "text": "The session data is stored in a signed cookie.", "weight": 0.5},
        {"id": "k2", "text": "The secret key must be kept private.", "weight": 0.5},
    ],
})  # fmt: skip
_ANSWER = Answer(
    question="own-001", kind="terse", mark=0.5, writer="me", key_points={"k1": "stated", "k2": "missing"},
    text="I like Flask a lot. The session data is stored in a cookie that is signed.",
)  # fmt: skip


def test_pairs_of_an_answer_know_which_sentence_says_it() -> None:
    """The sentence that holds a stated point supports it; no sentence says a missing one; a flipped sentence denies its point."""
    rng = np.random.default_rng(0)
    found = {(p.text.split(" | ")[1], p.statement, p.label) for p in sentence_pairs([_ANSWER], [_QUESTION], rng)}
    said, aside = "The session data is stored in a cookie that is signed.", "I like Flask a lot."
    first, second = (point.text for point in _QUESTION.key_points)
    assert found == {(said, first, "support"), (said, second, "silent"), (aside, second, "silent")}
    flipped = [p for _ in range(8) for p in flipped_pairs([_ANSWER], [_QUESTION], rng)]
    assert {p.label for p in flipped} == {"support", "contradict"} and {p.statement for p in flipped} == {first}
    assert any("is not stored" in p.text for p in flipped if p.label == "contradict")


def test_an_edit_changes_what_it_says_it_changes() -> None:
    """The edited sentence and the edited answer deny the point; a harmless edit of the same sentence supports it; the rest stays."""
    false = Edit(
        question="own-001", answer=_ANSWER.key, find="a cookie", put="a file", now={"k1": "contradicted"}, trick="name", writer="me"
    )
    same = Edit(question="own-001", answer=_ANSWER.key, find="stored", put="kept", trick="harmless", writer="me")
    rng = np.random.default_rng(0)
    found = [p for _ in range(12) for p in edit_pairs([(_ANSWER, false), (_ANSWER, same)], [_QUESTION], rng)]
    first, second = (point.text for point in _QUESTION.key_points)
    labels = {(p.statement, "a file" in p.text, "kept" in p.text, p.label) for p in found}
    assert {(s, file, label) for s, file, _, label in labels if s == first} == {(first, True, "contradict"), (first, False, "support")}
    assert {label for s, *_, label in labels if s == second} <= {"silent"} and any(kept for *_, kept, _ in labels)


def test_the_difference_to_the_base_is_exact_at_full_rank(tmp_path: Path) -> None:
    """base + factors give the tuned weights back; a lower rank gives something near; the file is pinned by its checksum."""
    rng = np.random.default_rng(0)
    base = {"a.weight": rng.normal(size=(6, 4)).astype(np.float32), "a.bias": np.ones(6, np.float32)}
    tuned = {"a.weight": base["a.weight"] + rng.normal(size=(6, 4)) / 10, "a.bias": base["a.bias"] + 0.5, "classifier.bias": np.ones(3)}
    path = tmp_path / "stance.safetensors"
    write_delta(factors(base, tuned, 4), [1.0, 0.0, 0.1, 0.0], path)
    delta, calibration = read_delta(path)
    again = merged(base, delta)

    assert calibration == [1.0, 0.0, 0.1, 0.0] and len(delta_checksum(path)) == 64
    assert all(np.abs(again[name] - tuned[name]).max() < 2e-3 for name in tuned)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelCorruptError, match="damaged"):
        delta_checksum(path)


def test_calibration_cools_what_is_too_sure() -> None:
    """Right three times in four while sure of 0.98: the temperature brings the confidence down to what is true."""
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=400)
    said = np.where(rng.random(400) < 0.75, truth, (truth + 1) % 3)
    logits = 4.5 * np.eye(3)[said]
    before, after = calibrated(logits, [1, 0, 0, 0]), calibrated(logits, fit_calibration(logits, truth))

    assert expected_calibration_error(before, truth) > 0.15
    assert expected_calibration_error(after, truth) < 0.05


def test_batches_hold_every_row_once_and_keep_twins_together() -> None:
    """Of 32 rows in a batch at most one pair is parted at its end, and the same seed gives the same batches."""
    rng = np.random.default_rng(0)
    rows: list[Row] = []
    for i, n in enumerate(rng.integers(1, 40, 2000)):
        words = " ".join(f"w{k}" for k in range(n))
        rows += [(f"{words} is kept", f"s{i}", 0), (f"{words} is lost", f"s{i}", 1)] if n % 2 else [(words, f"s{i}", 2)]
    found = batches(rows, 32, np.random.default_rng(1))

    def pairs(numbers: list[int]) -> int:
        return sum(are_twins(rows[a], rows[b]) for a, b in zip(numbers, numbers[1:], strict=False))

    assert sorted(row for numbers in found for row in numbers) == list(range(len(rows)))
    assert len(found) == n_batches(len(rows), 32)
    assert sum(map(pairs, found)) >= pairs(list(range(len(rows)))) - len(found) > 500
    assert found == batches(rows, 32, np.random.default_rng(1))
    assert np.mean([np.ptp([len(rows[i][0]) for i in numbers]) for numbers in found]) < 20


def test_strangers_are_no_twins() -> None:
    """Two sentences about one fact, one for and one against it, differ in more than what counts."""
    one = ("The cookie is signed, not encrypted.", "s", 0)
    assert are_twins(one, ("The cookie is encrypted, not signed.", "s", 1))
    assert not are_twins(one, ("Nobody can read what a session holds.", "s", 1))
    assert not are_twins(one, ("The cookie is encrypted, not signed.", "t", 1))


def test_the_trainer_reads_a_data_set_by_length() -> None:
    """The batches of a real data set, as the trainer asks for them."""
    data = pytest.importorskip("datasets").Dataset.from_dict(
        {"text": ["a b", "a c", "x"] * 40, "statement": ["s", "s", "t"] * 40, "label": [0, 1, 2] * 40}
    )
    from corpus.meaning.train.trainer import ByLength

    sampler = ByLength(data, batch_size=32, drop_last=False, valid_label_columns=["label"], generator=None, seed=0)
    assert sorted(i for numbers in sampler for i in numbers) == list(range(120)) and len(list(sampler)) == len(sampler)


def test_what_a_label_leaves_possible_is_what_the_loss_asks_for() -> None:
    """A certain label gives the cross-entropy; of an ordinary sentence any mass but that on the contradiction is right."""
    torch = pytest.importorskip("torch")
    from corpus.meaning.train.trainer import ALLOWED, LABELS, possible_loss

    logits = torch.tensor([[0.3, 1.2, -0.5], [2.0, 0.1, 0.4]])
    labels = torch.tensor([1, 2])
    assert tuple(ALLOWED)[:3] == LABELS
    assert float(possible_loss(logits, labels)) == pytest.approx(float(torch.nn.functional.cross_entropy(logits, labels)), rel=1e-5)
    shares = torch.softmax(logits[:1], dim=1)[0]
    for name, wrong in (("uncontradicted", 1), ("unsupported", 0)):
        loss = float(possible_loss(logits[:1], torch.tensor([list(ALLOWED).index(name)])))
        assert loss == pytest.approx(-float(torch.log(1 - shares[wrong])), rel=1e-5)


def test_sentences_meet_the_myths_and_facts_that_lie_nearest() -> None:
    """A true sentence contradicts its fact's myth, a false one repeats it; an ordinary one contradicts no fact and supports no myth."""
    corpus, encoder = load_corpus(), load_encoder(load_settings())
    facts = [corpus.fact("FLK012"), corpus.fact("DJA001")]
    texts = {"true": facts[0].true_wordings[0], "false": facts[0].false_wordings[0]}
    wordings = [Wording(fact="FLK012", label=label, text=text, writer="w") for label, text in texts.items()]

    told = {pair.text: pair for pair in myth_pairs(facts, wordings, encoder)}
    assert (told[texts["true"]].label, told[texts["false"]].label) == ("contradict", "support")
    assert {pair.statement for pair in told.values()} <= set(facts[0].false_wordings)

    plain = list(plain_pairs(facts, [Plain(text="The session object is a dictionary.", writer="w")], encoder))
    assert plain[0].statement == facts[0].statement and {p.label for p in plain} == {"uncontradicted", "unsupported"}
    assert all((p.statement in {f.statement for f in facts}) == (p.label == "uncontradicted") for p in plain)


def test_the_loss_of_twins_falls_as_they_part() -> None:
    """Beside the cross-entropy; a batch without twins has that alone."""
    torch = pytest.importorskip("torch")
    from corpus.meaning.train.trainer import TwinLoss

    def loss(logits: list[list[float]], statements: list[str], labels: list[int]) -> tuple[float, float]:
        class Model:
            device = torch.device("cpu")
            preprocess = staticmethod(lambda rows, **_: {"n": torch.tensor(len(rows))})

            def __call__(self, rows: object) -> dict[str, object]:
                return {"scores": torch.tensor(logits)}

        made = TwinLoss.__new__(TwinLoss)
        torch.nn.Module.__init__(made)
        made.__dict__["model"] = Model()
        made.activation_fn = torch.nn.Identity()
        plain = float(torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(labels)))
        return float(made.forward([["a b c", "a b d"], statements], torch.tensor(labels))), plain

    alike, plain = loss([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], ["s", "s"], [0, 1])
    parted, _ = loss([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]], ["s", "s"], [0, 1])
    assert alike == pytest.approx(plain + 0.5 * np.log(2)) and parted < alike
    strangers, plain = loss([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], ["s", "t"], [0, 1])
    assert strangers == pytest.approx(plain)


def test_a_stage_is_kept_under_a_name_of_all_it_is_made_of() -> None:
    """Other pairs, another rate or another start are another model."""
    names = {kept_as("field", start, rate, pairs).name for start in ("a", "b") for rate in (1e-4, 2e-4) for pairs in ([], [("t", "s")])}
    assert len(names) == 8 and all(name.startswith("field-") for name in names)
    assert kept_as("field", "a", [("t", "s")]) == kept_as("field", "a", [["t", "s"]])


def test_training_on_learns_what_was_not_heard_and_forgets_little(tmp_path: Path) -> None:
    """Every twin of a new voice comes twice, among about as many pairs as were asked for; the rest is of what earlier stages taught."""
    whole = load_corpus()
    (tmp_path / "facts").mkdir()
    (tmp_path / "twins").mkdir()
    for writer in ("new-voice", "old-voice"):
        record = {
            "statement": f"A kettle of {writer} whistles when its water boils.",
            "true": [f"Its whistle tells {writer} that the water boils."],
            "false": [f"Its whistle tells {writer} that the water is cold."],
            "writer": writer,
        }
        (tmp_path / "twins" / f"{writer}.yaml").write_text(f"- {json.dumps(record)}\n", "utf-8")
    corpus = Corpus(whole.located_facts[:6], whole.located_questions[:8], (tmp_path,))
    assert {t.writer for t in corpus.twins} == {"new-voice", "old-voice"}

    rows = Material(corpus, [], tmp_path, load_encoder(load_settings())).onward({"old-voice"}, 100)

    of_new = [row for row in rows if row.text == "Its whistle tells new-voice that the water is cold."]
    assert [row.label for row in of_new if row.statement.startswith("A kettle")] == ["contradict"] * 2
    assert 40 <= len(rows) <= 110
    assert any(row.group.startswith("fact:") for row in rows)
