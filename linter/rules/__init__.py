"""The rules that are code: samples of code (COD), damage of extraction (TXT), structure of questions (QNA). One rule a file."""

from __future__ import annotations

from linter.rule import DocumentRule
from linter.rules.code import CODE_RULES

__all__ = ["DOCUMENT_RULES"]

DOCUMENT_RULES: tuple[DocumentRule, ...] = (*CODE_RULES,)
