"""What names a matter and claims nothing is held against no fact."""

import pytest

from linter.detect.titles import is_title


@pytest.mark.parametrize(
    "text",
    [
        "Secure forms with Flask-WTF",
        "Application context and request context.",
        "Versioned namespaces with Flask-RESTX:",
        "Cookies",
        "Flask sessions in cookies",
    ],
)
def test_a_few_words_without_verb_are_a_title(text: str) -> None:
    """Whatever they name."""
    assert is_title(text)


@pytest.mark.parametrize(
    "text",
    [
        "Flask encrypts its cookies.", "Sessions: on the server", "sessions? on the server", "wsgi and asgi, two spellings", "No CLI in Flask",
        "Flask sessions are server-side", "flask only for tiny sites", "301 or 302, same meaning",
        "The default session of Flask in the database of the application server next to the user table",
    ],
)  # fmt: skip
def test_what_claims_is_none(text: str) -> None:
    """A verb, a separator, a negation or a comparison; and so many words that a verb may be one that the list does not know."""
    assert not is_title(text)
