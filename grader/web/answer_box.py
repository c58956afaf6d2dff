"""The answer box: a component of our own, since no text may be lost between a keystroke and the database."""

from __future__ import annotations

from typing import Any

from nicegui.element import Element

__all__ = ["AnswerBox"]


class AnswerBox(Element, component="answer_box.js"):
    """A text area that saves as one types and underlines what the grade quotes.

    It emits `save` {asked, text, version, seq} at each pause and `hand` {asked, text} at Ctrl+Enter. `store` parts what several users
    of one browser have typed. Marks are {start, end, kind}: code points of the graded text, kind stated, contradicted or false.
    """

    def __init__(self, store: str, *, max_length: int, readonly: bool) -> None:
        super().__init__()
        self.props.update({"store": store, "max": max_length, "readonly": readonly, "asked": "", "label": "Answer"})

    def open(self, asked: str, draft: dict[str, Any], placeholder: str) -> None:
        """Turn to another question; what was typed for the last one is sent first."""
        self.props.update({"asked": asked, "draft": draft, "graded": {"text": "", "marks": []}, "placeholder": placeholder})

    def theirs(self, draft: dict[str, Any]) -> None:
        """Somebody else wrote; taken over where nothing here is unsaved."""
        self.props["draft"] = draft

    def underline(self, text: str, marks: list[dict[str, Any]]) -> None:
        """Underline the quoted words of `text`."""
        self.props["graded"] = {"text": text, "marks": marks}

    def saved(self, asked: str, text: str, version: int) -> None:
        """The text is durable."""
        self.run_method("saved", {"asked": asked, "text": text, "version": version})

    def stale(self, asked: str, text: str, version: int, by: str) -> None:
        """It was not taken: this stands there instead."""
        self.run_method("stale", {"asked": asked, "text": text, "version": version, "by": by})
