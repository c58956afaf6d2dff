"""Samples of code (COD): do they parse, do the names exist, do they teach what endangers. One rule a file."""

from __future__ import annotations

from linter.rule import DocumentRule
from linter.rules.code.bare_word import RULE as BARE_WORD
from linter.rules.code.comment_as_body import RULE as COMMENT_AS_BODY
from linter.rules.code.cors_credentials import RULE as CORS_CREDENTIALS
from linter.rules.code.dead_package import RULE as DEAD_PACKAGE
from linter.rules.code.dead_package_in_prose import RULE as DEAD_PACKAGE_IN_PROSE
from linter.rules.code.debug_mode import RULE as DEBUG_MODE
from linter.rules.code.debug_on_all_interfaces import RULE as DEBUG_ON_ALL_INTERFACES
from linter.rules.code.development_server import RULE as DEVELOPMENT_SERVER
from linter.rules.code.forwarded_for import RULE as FORWARDED_FOR
from linter.rules.code.hard_coded_secret import RULE as HARD_CODED_SECRET
from linter.rules.code.lost_indentation import RULE as LOST_INDENTATION
from linter.rules.code.missing_import import RULE as MISSING_IMPORT
from linter.rules.code.open_redirect import RULE as OPEN_REDIRECT
from linter.rules.code.plain_text_password import RULE as PLAIN_TEXT_PASSWORD
from linter.rules.code.removed_name import RULE as REMOVED_NAME
from linter.rules.code.removed_name_in_prose import RULE as REMOVED_NAME_IN_PROSE
from linter.rules.code.request_data_executed import RULE as REQUEST_DATA_EXECUTED
from linter.rules.code.route_without_url import RULE as ROUTE_WITHOUT_URL
from linter.rules.code.safe_filter_on_input import RULE as SAFE_FILTER_ON_INPUT
from linter.rules.code.shell_among_python import RULE as SHELL_AMONG_PYTHON
from linter.rules.code.sql_by_string import RULE as SQL_BY_STRING
from linter.rules.code.syntax_error import RULE as SYNTAX_ERROR
from linter.rules.code.typographic_quotes import RULE as TYPOGRAPHIC_QUOTES
from linter.rules.code.unescaped_html import RULE as UNESCAPED_HTML
from linter.rules.code.unverified_jwt import RULE as UNVERIFIED_JWT
from linter.rules.code.unverified_tls import RULE as UNVERIFIED_TLS
from linter.rules.code.upload_name_as_path import RULE as UPLOAD_NAME_AS_PATH
from linter.rules.code.weak_password_hash import RULE as WEAK_PASSWORD_HASH

__all__ = ["CODE_RULES", "NAMES_IN_PROSE"]

CODE_RULES: tuple[DocumentRule, ...] = (
    SYNTAX_ERROR,
    LOST_INDENTATION,
    COMMENT_AS_BODY,
    SHELL_AMONG_PYTHON,
    TYPOGRAPHIC_QUOTES,
    MISSING_IMPORT,
    BARE_WORD,
    ROUTE_WITHOUT_URL,
    REMOVED_NAME,
    REMOVED_NAME_IN_PROSE,
    DEAD_PACKAGE,
    DEAD_PACKAGE_IN_PROSE,
    DEBUG_ON_ALL_INTERFACES,
    DEBUG_MODE,
    DEVELOPMENT_SERVER,
    HARD_CODED_SECRET,
    PLAIN_TEXT_PASSWORD,
    WEAK_PASSWORD_HASH,
    SQL_BY_STRING,
    UNESCAPED_HTML,
    SAFE_FILTER_ON_INPUT,
    FORWARDED_FOR,
    UPLOAD_NAME_AS_PATH,
    REQUEST_DATA_EXECUTED,
    OPEN_REDIRECT,
    UNVERIFIED_JWT,
    UNVERIFIED_TLS,
    CORS_CREDENTIALS,
)
# Of a fact and one of these on the same name the fact is told.
NAMES_IN_PROSE = frozenset({REMOVED_NAME_IN_PROSE.info.code, DEAD_PACKAGE_IN_PROSE.info.code})
