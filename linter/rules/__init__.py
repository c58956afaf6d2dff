"""The rules that are code: samples of code (COD), damage of extraction (TXT), structure of questions (QNA). One rule a file."""

from __future__ import annotations

from linter.rule import DocumentRule

__all__ = ["DOCUMENT_RULES"]

DOCUMENT_RULES: tuple[DocumentRule, ...] = ()
