"""The rules that are code: samples (COD), damage of extraction (TXT), questions (QNA), consistency (CON). One rule a file."""

from __future__ import annotations

from linter.consistency import ClaimRule
from linter.rule import DocumentRule
from linter.rules.code import CODE_RULES, NAMES_IN_PROSE
from linter.rules.consistency.default_values import DefaultValues
from linter.rules.consistency.fact_sides import FactSides
from linter.rules.text.announced_missing import AnnouncedMissing
from linter.rules.text.announced_number import AnnouncedNumber
from linter.rules.text.answer_numbers import AnswerNumbers
from linter.rules.text.copy_button import CopyButton
from linter.rules.text.cut_off import CutOff
from linter.rules.text.duplicate_question import DuplicateQuestion
from linter.rules.text.joined_words import JoinedWords
from linter.rules.text.lost_body import LostBody
from linter.rules.text.lost_decorator import LostDecorator
from linter.rules.text.lost_underscore import LostUnderscore
from linter.rules.text.missing_word import MissingWord
from linter.rules.text.mojibake import Mojibake
from linter.rules.text.question_numbers import QuestionNumbers
from linter.rules.text.repeated_passage import RepeatedPassage
from linter.rules.text.replacement_character import ReplacementCharacter
from linter.rules.text.unanswered_question import UnansweredQuestion
from linter.rules.text.wrapping_mark import WrappingMark

__all__ = ["CLAIM_RULES", "DEFAULT_VALUES", "DOCUMENT_RULES", "FACT_SIDES", "NAMES_IN_PROSE"]

FACT_SIDES, DEFAULT_VALUES = FactSides(), DefaultValues()
CLAIM_RULES: tuple[ClaimRule, ...] = (FACT_SIDES, DEFAULT_VALUES)

DOCUMENT_RULES: tuple[DocumentRule, ...] = (
    *CODE_RULES,
    WrappingMark(),
    JoinedWords(),
    MissingWord(),
    LostDecorator(),
    LostBody(),
    Mojibake(),
    ReplacementCharacter(),
    RepeatedPassage(),
    CutOff(),
    AnnouncedMissing(),
    CopyButton(),
    LostUnderscore(),
    UnansweredQuestion(),
    DuplicateQuestion(),
    QuestionNumbers(),
    AnswerNumbers(),
    AnnouncedNumber(),
)
