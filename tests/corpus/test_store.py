"""Look-up in the store."""

import pickle

import pytest

from corpus import UnknownFactError, UnknownQuestionError, load_corpus
from corpus.store import Corpus


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


def test_facts_by_code_and_name(corpus: Corpus) -> None:
    """A fact answers to its code and its name in any case."""
    assert corpus.fact("flk012") is corpus.fact("Session-Cookie-Client-Side")
    assert corpus.fact("FLK012").code == "FLK012"


def test_questions_by_id_and_topic(corpus: Corpus) -> None:
    """Questions are found by id and by topic, ordered by id."""
    assert corpus.question("adv-003").id == "adv-003"
    found = corpus.by_topic("BASICS")
    assert found and [q.id for q in found] == sorted(q.id for q in found)
    assert corpus.by_topic("gardening") == ()


def test_an_unknown_key_names_the_near_ones(corpus: Corpus) -> None:
    """A mistyped key is answered with the keys that look like it."""
    with pytest.raises(UnknownQuestionError, match=r"No question 'adv-03'.*adv-003") as caught:
        corpus.question("adv-03")
    with pytest.raises(UnknownFactError, match="session-cookie-client-side"):
        corpus.fact("session-cookie-clientside")
    with pytest.raises(UnknownFactError, match=r"in the corpus\.$"):
        corpus.fact("x" * 10_000)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_version_is_of_the_content(corpus: Corpus) -> None:
    """Two readings of the same files have one version; fewer records have another."""
    assert load_corpus().version == corpus.version
    fewer = Corpus(corpus.located_facts[1:], corpus.located_questions, corpus.folders)
    assert len(corpus.version) == 12
    assert Corpus(fewer.located_facts, corpus.located_questions).version != corpus.version


def test_only_our_own_questions_are_built_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder beside ours whose name begins alike is a team's own: its references are still read by the linter."""
    home = tmp_path_factory.mktemp("home") / "corpus"
    record = "- {id: own-001, topic: t, level: mid, question: Q, reference_answers: [A], key_points: [{id: k, text: T, weight: 1}]}"
    for folder, text in ((home, record), (home.with_name("corpus-own"), record.replace("own-001", "own-002"))):
        (folder / "questions").mkdir(parents=True)
        (folder / "questions" / "q.yaml").write_text(text, "utf-8")
    monkeypatch.setattr("corpus.store.builtin_folder", lambda: home)
    corpus = load_corpus([home.with_name("corpus-own")])
    assert corpus.is_builtin("own-001") and not corpus.is_builtin("own-002") and not corpus.is_builtin("own-003")
