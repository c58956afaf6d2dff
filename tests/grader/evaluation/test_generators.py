"""The edits change what they say they change, and nothing else; the same seed gives the same text."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.evaluation import attacks, flips, rewrites

WORDS = (
    "the a view returns response because session cookie is can Flask request.args server stores on client data usually shows with".split()
)
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(lambda w: " ".join(w).capitalize() + ".")
TEXT = st.lists(SENTENCE, min_size=1, max_size=5).map(" ".join)
SEED = st.integers(0, 2**16)
PLAIN = [attacks.order, attacks.padded, attacks.repeated, attacks.triggered, attacks.adjectives, attacks.hidden, attacks.look_alikes, attacks.shuffled,
         rewrites.synonyms, rewrites.typos, rewrites.informal, rewrites.non_native, rewrites.reordered, rewrites.longer]  # fmt: skip
FLIPS = [flips.negated, flips.opposed, flips.swapped, flips.deleted, flips.contradicted]
POINT = "The session cookie is stored on the client."


@pytest.mark.parametrize("edit", PLAIN, ids=lambda e: e.__name__)
@given(text=TEXT, seed=SEED)
def test_the_same_seed_gives_the_same_text(edit, text, seed):
    """No clock, no set order."""
    assert edit(text, random.Random(seed)) == edit(text, random.Random(seed))


@pytest.mark.parametrize(
    "edit", [attacks.order, attacks.padded, attacks.repeated, attacks.triggered, rewrites.longer], ids=lambda e: e.__name__
)
@given(text=TEXT, seed=SEED)
def test_what_is_added_leaves_the_answer_whole(edit, text, seed):
    """The answer stands unchanged inside, and something stands beside it."""
    changed = edit(text, random.Random(seed))

    assert text in changed
    assert len(changed) > len(text)


@given(text=TEXT, seed=SEED)
def test_shuffling_and_reordering_keep_what_was_said(text, seed):
    """The same words; the same sentences."""
    assert Counter(attacks.shuffled(text, random.Random(seed)).split()) == Counter(text.split())
    changed = rewrites.reordered(text, random.Random(seed))
    if changed is not None:
        assert changed != text
        assert Counter(changed.split()) == Counter(text.split())


@given(text=TEXT, seed=SEED)
def test_what_is_hidden_can_be_taken_out_again(text, seed):
    """Without the invisible characters, and with the twins put back, the answer is as it was."""
    back = {v: k for k, v in attacks.LOOK_ALIKES.items()}

    assert "".join(c for c in attacks.hidden(text, random.Random(seed)) if c not in attacks.HIDDEN) == text
    assert "".join(back.get(c, c) for c in attacks.look_alikes(text, random.Random(seed))) == text


@given(text=TEXT, seed=SEED)
def test_adjectives_only_add_words(text, seed):
    """The words of the answer stay, in their order."""
    changed = attacks.adjectives(text, random.Random(seed))
    if changed is not None:
        rest = iter(changed.split())
        assert all(word in rest for word in text.split())


@given(text=TEXT, seed=SEED)
def test_typos_and_synonyms_change_single_words(text, seed):
    """As many words as before; names of code stay; a typo changes the length of a word by one at most."""
    for edit, most in ((rewrites.typos, 1), (rewrites.synonyms, 20)):
        changed = edit(text, random.Random(seed))
        if changed is not None:
            pairs = list(zip(text.split(), changed.split(), strict=True))
            assert all(abs(len(a) - len(b)) <= most for a, b in pairs)
            assert all(a == b for a, b in pairs if "." in a.rstrip(".") or "_" in a)


@given(text=TEXT, seed=SEED)
def test_a_negation_is_one_word_or_two(text, seed):
    """One "not" or "does not" more, nothing else moves but the ending of the verb."""
    changed = flips.negated(text, [POINT], random.Random(seed))
    if changed is not None:
        assert len(changed.split()) - len(text.split()) in {1, 2}
        assert changed.count(" not ") == text.count(" not ") + 1


@given(text=TEXT, seed=SEED)
def test_a_swap_keeps_the_words(text, seed):
    """The same words, two of them elsewhere."""
    changed = flips.swapped(text, [POINT], random.Random(seed))
    if changed is not None:
        assert sorted(changed) == sorted(text)
        assert changed != text


@given(text=TEXT, seed=SEED)
def test_a_deletion_shortens(text, seed):
    """One sentence less."""
    changed = flips.deleted(text, [POINT], random.Random(seed))
    if changed is not None:
        assert not Counter(changed.split()) - Counter(text.split())
        assert len(changed) < len(text)


@pytest.mark.parametrize(
    ("edit", "text", "said"),
    [
        (flips.negated, "The session cookie is kept on the client.", "The session cookie is not kept on the client."),
        (flips.negated, "The session cookie is not kept on the client.", "The session cookie is kept on the client."),
        (flips.negated, "Flask doesn't keep the session cookie.", "Flask does keep the session cookie."),
        (flips.negated, "Flask stores the session cookie there.", "Flask does not store the session cookie there."),
        (flips.opposed, "The session cookie lies on the client.", "The session cookie lies on the server."),
        (flips.swapped, "Only session_cookie holds what request.args lost on the client.", "Only request.args holds what session_cookie lost on the client."),
        (flips.swapped, "Look at session_cookie and request.args on the client.", None),
        (flips.deleted, "Hello. The session cookie lies on the client.", "Hello."),
        (flips.deleted, "The session cookie lies on the client.", None),
        (flips.negated, "An aside is an aside.", None),
        (flips.contradicted, "Yes.", "is not stored"),
    ],
)  # fmt: skip
def test_flips_by_example(edit, text, said):
    """The sentence nearest to a key point is turned, asides are left alone."""
    changed = edit(text, [POINT], random.Random(0))

    assert (said in changed) if said and edit is flips.contradicted else changed == said


def test_key_words_are_the_content_words_of_the_points():
    """Each once, no function word, no sentence."""
    found = attacks.key_words(["The cookie is signed.", "The signed cookie holds data."], random.Random(0)).split(", ")

    assert sorted(found) == ["cookie", "data", "holds", "signed"]
    assert "," in attacks.key_words(["cookie data"], random.Random(0))


def test_an_echo_ends_with_what_is_wrong():
    """The question first, the falsehood last."""
    said = attacks.echo_then("What is WSGI?", "It is a database.", random.Random(3))

    assert "hat is WSGI" in said
    assert said.endswith("It is a database.")
