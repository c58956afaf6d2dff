"""Contradictions between places (CON)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import Corpus
from corpus.text import Document, Segment, SegmentKind, Span, segments
from linter.cache import FindingsCache
from linter.checker import FactChecker, Lead, Verdict
from linter.consistency import MAX_SIDES, Claim, ClaimTable
from linter.detect.decision import SIGNALS
from linter.engine import Engine, Result
from linter.finding import Finding
from linter.registry import Registry
from linter.rules import CLAIM_RULES, DEFAULT_VALUES, FACT_SIDES
from linter.sides import OtherSides


def values(text: str, path: str = "a.txt") -> list[tuple[str, str]]:
    document = Document(path, text)
    return [(claim.key, claim.side) for claim in DEFAULT_VALUES.claims(segments(document))]


def compared(*said: str) -> list[Finding]:
    table, found = ClaimTable(CLAIM_RULES), []
    for n, text in enumerate(said):
        document = Document(f"{'abcdef'[n]}.txt", text)
        found += table.compare(document, list(DEFAULT_VALUES.claims(segments(document))))
    return found


@pytest.mark.parametrize("text", DEFAULT_VALUES.info.wrong)
def test_a_wrong_example_is_found(text: str) -> None:
    """Two defaults of one thing in one text are told at the later place."""
    (finding,) = compared(text)
    assert finding.code == "CON002" and "a.txt:1 " in finding.message and finding.text in text


@pytest.mark.parametrize("text", DEFAULT_VALUES.info.right)
def test_a_right_example_is_silent(text: str) -> None:
    """Different products have different defaults."""
    assert compared(text) == []


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("By default, Redis listens on port 6379.", [("port of redis", "6379")]),
        ("Redis listens on port 6,379 by default.", [("port of redis", "6379")]),
        ("`MAX_AGE_DAYS` defaults to 31 days.", [("MAX_AGE_DAYS s", "2.6784e+06 s")]),
        ("The default for MAX_AGE_DAYS is 2678400 seconds.", [("MAX_AGE_DAYS s", "2.6784e+06 s")]),
        ("The default timeout of Gunicorn is 30 seconds.", [("timeout of gunicorn s", "30 s")]),
        ("The default timeout is 30 seconds.", []),
        ("The default timeout of Gunicorn behind Nginx is 30 seconds.", []),
        ("By default, Redis does not listen on port 6380.", []),
        ("Is the default port of Redis 6380?", []),
        ("Before 2.0 the default port of Redis was 6380.", []),
        ("If TLS is on, Redis listens on port 6380 by default.", []),
        ("The default version of Python is 3.11.", []),
        ("Redis listens on port 6380.", []),
    ],
)
def test_only_plain_defaults_of_one_named_thing_are_claims(text: str, claims: list[tuple[str, str]]) -> None:
    """A condition, a denial, history, two names or none make it no claim; units are compared in one measure."""
    assert values("Notes\n\n" + text) == claims


def test_a_pair_is_told_where_its_second_place_is_met() -> None:
    """Over documents the later one names the earlier; a third that agrees with the first is held against the second."""
    said = (
        "Notes\n\nRedis listens on port 6379 by default.",
        "The default port of Redis is 6380.",
        "Redis listens on port 6379 by default.",
    )
    second, third = compared(*said)
    assert (second.path, third.path) == ("b.txt", "c.txt")
    assert "a.txt:3 " in second.message and "b.txt:1 " in third.message


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many things only those known already are compared; of one thing a few places are kept."""
    monkeypatch.setattr("linter.consistency.MAX_THINGS", 2)
    table = ClaimTable(CLAIM_RULES)
    document = Document("a.txt", "abc")
    for n in range(9):
        list(table.compare(document, [Claim("CON002", f"k{n}", "1", Span(0, 1)), Claim("CON002", "k0", str(n), Span(1, 2))]))
    assert len(table._known) == 2 and len(table._known["CON002", "k0"]) == MAX_SIDES


def verdict(corpus: Corpus, probability: float, contradicts: float, supports: float) -> Verdict:
    signals = dict.fromkeys(SIGNALS, 0.0) | {"contradicts": contradicts, "supports": supports}
    return Verdict(corpus.fact("FLK012"), 0, 4, probability, tuple(signals.values()))


@pytest.mark.parametrize(
    ("probability", "contradicts", "supports", "side"),
    [
        (0.95, 2.0, -3.0, "false"),
        (0.7, 2.0, -3.0, ""),
        (0.01, -4.0, 3.0, "true"),
        (0.01, -4.0, 1.0, ""),
        (0.01, 0.0, 3.0, ""),
        (0.5, -4.0, 3.0, ""),
    ],
)
def test_a_side_is_taken_only_for_sure(corpus: Corpus, probability: float, contradicts: float, supports: float, side: str) -> None:
    """A pair accuses two places, so both have to be surer than a finding."""
    segment = Segment(SegmentKind.SENTENCE, Span(0, 4), "Said", "", ((0, 0),))
    claims = list(FACT_SIDES.claims([(segment, [verdict(corpus, probability, contradicts, supports)])], {}))
    assert [claim.side for claim in claims] == ([side] if side else [])
    assert list(FACT_SIDES.claims([(segment, [verdict(corpus, probability, contradicts, supports)])], {"FLK012"})) == []


def test_the_false_place_is_told_where_both_are_at_hand() -> None:
    """In one document the false side is reported, whichever comes first, with the side the fact supports."""
    document = Document("a.txt", "right\nwrong\n")
    right, wrong = Claim("CON001", "FLK012", "true", Span(0, 5), "So."), Claim("CON001", "FLK012", "false", Span(6, 11), "So.")
    for said in ([right, wrong], [wrong, right]):
        (finding,) = ClaimTable(CLAIM_RULES).compare(document, said)
        assert (finding.text, finding.truth, finding.severity) == ("wrong", "So.", "warning")
        assert finding.message.startswith("a.txt:1 says otherwise, and FLK012 supports it")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "default ",
                "port ",
                "of ",
                "is ",
                "Redis ",
                "6379",
                ".",
                "\r\n",
                "🙂",
                "a_b ",
                "defaults to ",
                "7 days",
                "\u00a0",
                "by default ",
            ]
        )
    ).map("".join)
)
def test_no_text_makes_it_raise(text: str) -> None:
    """Spans lie inside and hold words."""
    for claim in DEFAULT_VALUES.claims(segments(Document("a.txt", text))):
        assert 0 <= claim.span.start < claim.span.end <= len(text)


def test_claims_come_back_from_the_cache(tmp_path: Path, corpus: Corpus) -> None:
    """An unchanged document is compared without being judged again."""
    cache, document = FindingsCache(tmp_path, corpus, "m"), Document("a.txt", "Said")
    claims, leads = [Claim("CON001", "FLK012", "true", Span(0, 4), "So.")], [Lead("FLK012", "Said", "Sessions", Span(0, 4))]
    cache.put(document, [], claims, leads)
    assert cache.read(document) == ([], claims, leads)
    assert cache.read_stated(leads) is None
    cache.put_stated(leads, [True])
    assert cache.read_stated(leads) == [True] and cache.read_stated(leads * 2) is None


MYTH = "Flask sessions are stored on the server side, and the client gets only an identifier."
TRUTH = "By default Flask keeps the session data in a signed cookie on the client."


def told(engine: Engine, folder: Path) -> list[tuple[str, str]]:
    results = [one for one in engine.check_paths([folder]) if isinstance(one, Result)]
    return [(Path(f.path).name, f.code) for result in results for f in result.findings]


@pytest.mark.parametrize(
    ("said", "at"), [((MYTH, TRUTH), "b.txt"), ((TRUTH, MYTH), "b.txt"), ((f"{TRUTH} {MYTH}", ""), "a.txt"), ((TRUTH, TRUTH), "")]
)
def test_the_other_side_is_found_whichever_comes_first(
    tmp_path: Path, corpus: Corpus, checker: FactChecker, said: tuple[str, str], at: str
) -> None:
    """The truth is looked for where a myth is known; in two files the later one is told, in one the false place."""
    for name, text in zip("ab", said, strict=True):
        (tmp_path / f"{name}.txt").write_text(f"{text}\n")
    assert told(Engine(corpus, checker, Registry(corpus).select(["CON"])), tmp_path) == ([(at, "CON001")] if at else [])


def test_few_places_wait_for_the_other_side(corpus: Corpus, checker: FactChecker) -> None:
    """Memory does not grow with what is read: of one fact a few places of all documents wait."""
    sides, document = OtherSides(checker, None, ClaimTable(CLAIM_RULES)), Document("a.txt", TRUTH)
    for _ in range(9):
        assert sides.claims(document, [], [Lead("FLK012", TRUTH, "", Span(0, len(TRUTH)))] * 9) == []
    assert [len(waiting) for waiting in sides._waiting.values()] == [MAX_SIDES]


def test_documents_of_one_run_are_compared(tmp_path: Path, corpus: Corpus, checker: FactChecker) -> None:
    """From files to findings: a myth in one file, the truth in another, two defaults; the same from the cache."""
    (tmp_path / "a.txt").write_text(f"{MYTH}\n")
    (tmp_path / "b.txt").write_text(f"{TRUTH}\n\nRedis listens on port 6379 by default.\n")
    (tmp_path / "c.txt").write_text("The default port of Redis is 6380.\n")
    engine = Engine(corpus, checker, Registry(corpus).select(["CON"]), FindingsCache(tmp_path / "kept", corpus, "m"))
    for _ in range(2):
        assert told(engine, tmp_path) == [("b.txt", "CON001"), ("c.txt", "CON002")]
