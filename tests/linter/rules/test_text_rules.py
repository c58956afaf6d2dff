"""Damage of extraction (TXT) and holes in questions and answers (QNA)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.text import Document, segments
from linter.finding import Finding
from linter.rule import DocumentRule
from linter.rules import DOCUMENT_RULES

RULES = [rule for rule in DOCUMENT_RULES if rule.info.code.startswith(("TXT", "QNA"))]
BY_CODE = {rule.info.code: rule for rule in RULES}


def run(rule: DocumentRule, text: str, path: str = "a.txt") -> list[Finding]:
    document = Document(path, text)
    return list(rule.check(document, segments(document)))


def texts(code: str, text: str, path: str = "a.txt") -> list[str]:
    return [finding.text for finding in run(BY_CODE[code], text, path)]


WRONG = [pytest.param(rule, text, id=f"{rule.info.code}-{n}") for rule in RULES for n, text in enumerate(rule.info.wrong)]
RIGHT = [pytest.param(rule, text, id=f"{rule.info.code}-{n}") for rule in RULES for n, text in enumerate(rule.info.right)]


@pytest.mark.parametrize(("rule", "text"), WRONG)
def test_a_wrong_example_is_found(rule: DocumentRule, text: str) -> None:
    """What the page of a rule calls wrong draws one finding of it."""
    assert len(run(rule, text)) == 1


@pytest.mark.parametrize(("rule", "text"), RIGHT)
def test_a_right_example_is_silent(rule: DocumentRule, text: str) -> None:
    """What the page of a rule calls right draws none, of any of these rules."""
    assert [finding.code for one in RULES for finding in run(one, text)] == []


QUEUE = "1. What is a queue?\n\nA line.\n\n"
PLAIN_ROW = "Small and fastBigname is large and slow\nQuick to learnBigname takes its time\n"
FOUND = [
    ("TXT001", "x = 1[Text Wrapping Break]y = 2\n", ["[Text Wrapping Break]"]),
    ("TXT001", "one[Page Break][Page Break] two[Page Break]", ["[Page Break][Page Break]"]),
    ("TXT001", "The mark “[Text Wrapping Break]” is explained here.", []),
    ("TXT002", "It was started.In this way it runs.", ["started.In"]),
    ("TXT002", "See flask.Markup, pkg.mod.Name, v2.The, Node.js and e.g. GitHub.", ["v2.The,"]),
    ("TXT002", PLAIN_ROW, ["fastBigname"]),
    ("TXT002", "Read NetworksOperating SystemsCompilers first.", ["NetworksOperating SystemsCompilers"]),
    ("TXT002", "Learn RustKotlinKotlinScript now.", ["RustKotlinKotlinScript"]),
    ("TXT002", "The word is theserver here. A server is a server.", ["theserver"]),
    ("TXT002", "Write a file“ok” there.", ["“"]),
    ("TXT002", "The handleClick of React, useState of React, and with React, componentDidMount.", []),
    ("TXT002", "A Dockerfile is a file. With Docker the file runs; in Docker a file, by Docker a file.", []),
    ("TXT003", "Create the file “” and open it.", ["“”"]),
    ("TXT003", "An empty string “” is false, and “ ” is a blank.", []),
    ("TXT003", "Use the () function of it.", ["()"]),
    ("TXT003", "A tuple without members is written () in code.", []),
    ("TXT003", "Then write - $ touch, and $ mkdir app", ["$ touch"]),
    ("TXT003", "Installed with , it runs.", ["with ,"]),
    ("TXT003", "hosts = ['', '']\nprint(hosts)\n", ["['', '']"]),
    ("TXT003", "names = ['']\nprint('', names)\n", []),
    ("TXT004", "from flask import g\n@app.before_request\ndef load():\n    return 'a'\n", []),
    ("TXT004", "from flask import g\ndef load():\n    return 'a'\napp.before_request(load)\n", []),
    ("TXT004", "from flask import Flask\ndef create_app():\n    return 'a'\n", []),
    ("TXT004", "from django.http import HttpResponse\ndef index(request):\n    return 'a'\n", []),
    ("TXT004", "from flask import request\ndef one():\n    return 'a'\ndef two():\n    return 'b'\n", ["def one():"]),
    ("TXT005", "import os\n\ndef one():\n    return 1\n\ndef two():\n", ["def two():"]),
    ("TXT005", "try:\n    one()\n# said\nexcept OSError:\n    two()\nimport os\n", []),
    ("TXT005", "+ def one():\n-     return 1\n+     return 2\ndef two():\n", []),
    ("TXT006", "Ã la carte, CAFÉ” and SÃO", []),
    ("TXT006", "ðŸ™‚ is a smile", ["ðŸ™‚"]),
    ("TXT007", "a\ufffd\ufffdb", ["\ufffd\ufffd"]),
    ("TXT008", "One thing is said here and is said at some length. One thing is said here and is said at some length.", ["One thing is said here and is said at some length."]),
    ("TXT008", "Used since 2.0. Used since 2.0.", []),
    ("TXT009", "It is there. More of it is found in (\n\nThe next.", ["("]),
    ("TXT009", "Run the program with the\n\n    $ pip install it", []),
    ("TXT010", "Set it up first, use the following command. It takes a moment.", ["Set it up first, use the following command."]),
    ("TXT010", "Set it up, use the following command.\n\n$ pip install it\n", []),
    ("TXT011", "dockerfileCopyFROM python:3\nWORKDIR /app\n", ["dockerfileCopy"]),
    ("TXT011", "copyfile(a, b)\nshutil.copy(a)\n", []),
    ("TXT012", "Call get user() here.\n\nuser = get_user()\n", ["get user"]),
    ("TXT012", "Then call print() and they call run().", []),
    ("QNA001", "1. What is SQL?\n2. What is a join?\n3. What is a view?\n4. What is a key?\n", []),
    ("QNA002", QUEUE + "2. How do you use a queue?\n\nPut and get.", []),
    ("QNA002", QUEUE + "2. How do you turn A1 into B1?\n\nSo.\n\n3. How do you turn B1 into A1?\n\nSo.", []),
    ("QNA002", QUEUE + "2. Compare Rust and Go.\n\nSo.\n\n3. What is the difference between Go and Rust?\n\nSo.", ["What is the difference between Go and Rust?"]),
    ("QNA003", QUEUE + "1. What is a heap?\n\nA tree.", []),
    ("QNA003", QUEUE + "2. Queues in practice\n\nText.\n\n3. What is a heap?\n\nA tree.", []),
    ("QNA003", QUEUE + "4. What is a heap?\n\nA tree.", ["4"]),
    ("QNA004", "Q1. What is a queue?\nQ2. What is a heap?\n\nA1. A line.\nA2. A tree.\nA5. A row.", ["5"]),
    ("QNA005", "30 questions\n\n" + QUEUE, []),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "found"), FOUND)
def test_the_exact_words_are_reported(code: str, text: str, found: list[str]) -> None:
    """Each case draws these spans and no others."""
    assert texts(code, text) == found


@pytest.mark.parametrize("odd", ["\r\n", "\r", "\t", "\u00a0", "🙂", "\u200b", "e\u0301"])
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("TXT001", "x = 1[Text Wrapping Break]y"),
        ("TXT002", "It was started.In this way it runs."),
        ("TXT003", "Create the file “” and open it."),
        ("TXT006", "It was a cafÃ© once."),
        ("TXT007", "A lost\ufffd one."),
        ("TXT012", "Call get user() and get_user once."),
        ("QNA003", "1. What is a queue?\n\nA line.\n\n3. What is a heap?\n\nA tree."),
    ],
)
def test_offsets_hold_behind_any_character(code: str, text: str, odd: str) -> None:
    """What stands before the words never moves them."""
    (plain,) = run(BY_CODE[code], text)
    ahead = f"So it {odd}is.\n\n"
    for shifted, moved in ((ahead + text, len(ahead)), (ahead + text.replace("\n", "\r\n"), None)):
        (finding,) = run(BY_CODE[code], shifted)
        assert finding.text == plain.text == shifted[finding.span.start : finding.span.end]
        assert moved is None or finding.span == plain.span.shift(moved)


def test_markdown_code_is_no_prose() -> None:
    """What stands in ticks, fences and addresses is nobody's lost word."""
    text = "Call the `()` of `a.The`, “`x`” and <https://a.b/c.The>.\n\n```text\nsaid.In “” here\n```\n"
    assert [f.code for rule in RULES for f in run(rule, text, "a.md")] == []


def test_dozens_are_told_in_one_line() -> None:
    """Of more than ten places one finding tells where they are; up to ten are told one by one."""
    line = "x = 1[Text Wrapping Break]y = 2\n\n"
    assert len(run(BY_CODE["TXT001"], line * 10)) == 10
    (one,) = run(BY_CODE["TXT001"], line * 40)
    assert "40 such places" in one.message and one.message.endswith("39, ….")


def test_mojibake_and_underscores_have_fixes() -> None:
    """The fix is what the bytes, or the code beside, say."""
    (mojibake,) = run(BY_CODE["TXT006"], "a cafÃ©")
    (underscore,) = run(BY_CODE["TXT012"], "Call get user() and get_user.")
    assert mojibake.fix and (mojibake.fix.text, mojibake.fix.safe) == ("é", True)
    assert underscore.fix and underscore.fix.text == "get_user"


SHARDS = st.sampled_from(
    ["1. ", "What is a? ", "\n", "\r\n", "\n\n", "def f():", "    ", "return 'a'", "from flask import g", "“”", "()", "Ã©", "\ufffd", ".In ", "The ", "[Text Wrapping Break]",
     "get user() ", "get_user", "A2. ", "Q3. ", "except:", "try:", "bashCopypip", "use the following code.", "🙂", "\u00a0", "\t", "| a | b |", "12 questions ", "`", "# "]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(SHARDS, st.text(max_size=8)), max_size=40).map("".join), st.sampled_from(["a.txt", "a.md"]))
def test_no_text_makes_a_rule_raise(text: str, path: str) -> None:
    """Spans lie inside and hold the words; the output is bounded."""
    for rule in RULES:
        found = run(rule, text, path)
        assert len(found) <= 10
        for finding in found:
            assert 0 <= finding.span.start < finding.span.end <= len(text)
            assert text[finding.span.start : finding.span.end] == finding.text
