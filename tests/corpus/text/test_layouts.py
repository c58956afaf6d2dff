"""Questions and answers as pages, slides and chats lay them out: the answer stands under its question."""

from __future__ import annotations

import pytest

from corpus.text import Document, SegmentKind, segments

ASKED, TOLD = "What is a hub?", "It joins lines."
PLAIN = {
    "line by line": "What is a hub?\nIt joins lines.\n",
    "apart": "What is a hub?\n\nIt joins lines.\n",
    "numbered": "12) What is a hub?\nIt joins lines.\n",
    "counted with a word": "Que 5. What is a hub?\nAns. It joins lines.\n",
    "counted, with a dash": "Question 5 - What is a hub?\n\nIt joins lines.\n",
    "in brackets": "[Q12] What is a hub?\n[A] It joins lines.\n",
    "a talk": "Interviewer: What is a hub?\nCandidate: It joins lines.\n",
    "underlined": "What is a hub?\n==============\n\nIt joins lines.\n",
    "in one paragraph": "A title\n\nWhat is a hub? It joins lines.\n",
    "a table of tabs": "Question\tAnswer\nWhat is a hub?\tIt joins lines.\nWhat is a port?\tIt opens.\n",
}
MARKDOWN = {
    "a paragraph": "What is a hub?\n\nIt joins lines.\n",
    "line by line": "What is a hub?\nIt joins lines.\n",
    "bold": "**What is a hub?**\n\nIt joins lines.\n",
    "bold, underscores": "__What is a hub?__\nIt joins lines.\n",
    "bold and numbered": "**Q3. What is a hub?**\n**Answer:** It joins lines.\n",
    "bold in HTML": "<b>What is a hub?</b>\n\nIt joins lines.\n",
    "folded": "<details>\n<summary>What is a hub?</summary>\n\nIt joins lines.\n\n</details>\n",
    "an item with its answer": "- **What is a hub?**\n\n  It joins lines.\n",
    "nested items": "* What is a hub?\n    * It joins lines.\n",
    "a table": "| Question | Answer |\n|---|---|\n| What is a hub? | It joins lines. |\n",
}


@pytest.mark.parametrize(
    "path, text", [*((f"{name}.txt", t) for name, t in PLAIN.items()), *((f"{name}.md", t) for name, t in MARKDOWN.items())]
)
def test_an_answer_stands_under_its_question(path: str, text: str) -> None:
    """In each of these layouts; a label before the answer stays with it."""
    answer = next(one for one in segments(Document(path, text)) if one.text.endswith(TOLD))
    assert answer.context == ASKED


@pytest.mark.parametrize(
    "path, text, heading",
    [
        ("a.txt", "12) Hubs of today\nThey join lines.\n", "Hubs of today"),
        ("b.txt", "Hubs of today\n-------------\nThey join lines.\n", "Hubs of today"),
        ("c.md", "**Hubs of today**\n\nThey join lines.\n", "Hubs of today"),
        ("d.md", "**Hubs of today**\nThey join lines.\n", "Hubs of today"),
        ("e.md", "<h3>Hubs of today</h3>\n\nThey join lines.\n", "Hubs of today"),
    ],
)
def test_lines_set_off_are_headings(path: str, text: str, heading: str) -> None:
    """Underlined, bold, or numbered right above a paragraph."""
    found = segments(Document(path, text))
    assert [(one.kind, one.text) for one in found] == [(SegmentKind.HEADING, heading), (SegmentKind.SENTENCE, "They join lines.")]
    assert found[1].context == heading


@pytest.mark.parametrize(
    "path, text",
    [
        ("a.md", "- What is a hub?\n- What is a port?\n"),  # items alone: a list of what will be asked
        ("b.md", "**Hubs** join lines.\n\nPorts open, don't they?\n"),
        ("c.md", "**Note:** hubs join lines.\n"),
        ("d.txt", "1. Hubs\n2. Ports\n3. Lines\n"),
        ("e.txt", "Hubs join lines, and why is that?\nNobody knows.\n"),
    ],
)
def test_what_only_looks_set_off(path: str, text: str) -> None:
    """Neither questions nor headings."""
    kinds = {one.kind for one in segments(Document(path, text))}
    assert kinds <= {SegmentKind.ITEM, SegmentKind.SENTENCE}


def test_places_behind_a_bold_question_are_exact() -> None:
    """The answer on the next line of the same paragraph."""
    text = "Intro.\r\n\r\n**1. What is a hub?**  \r\nIt *joins* `lines`. It is small.\r\n"
    found = segments(Document("a.md", text))
    assert [text[one.span.start : one.span.end] for one in found[1:]] == ["What is a hub?", "It *joins* `lines`.", "It is small."]


@pytest.mark.parametrize(
    "text", ["__Q2.__\nUse a hub to join them.\n13. How do you join them?\n", "Q2.\n\n**3. **\n\n**Q:**\nWhy?\n", "12) \nWhy?\n"]
)
@pytest.mark.parametrize("path", ["a.md", "a.txt"])
def test_a_number_alone_is_no_question(path: str, text: str) -> None:
    """Every segment has words, and a place."""
    for one in segments(Document(path, text)):
        assert one.text.strip() and text[one.span.start : one.span.end].strip()
