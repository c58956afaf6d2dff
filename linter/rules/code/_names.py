"""Which class a name in a sample stands for, and how to tell that a name is gone."""

from __future__ import annotations

from corpus.apis import Gone

__all__ = ["CLASSES", "OBJECTS", "told"]

# The objects of these classes are followed: their attributes are held against the index.
CLASSES = frozenset({"flask.Flask", "flask.Blueprint", "flask_babel.Babel", "flask_sqlalchemy.SQLAlchemy", "flask_login.LoginManager"})
# Names that everybody gives to such an object, and what they are where the sample does not show it.
OBJECTS = {
    "app": "flask.Flask",
    "current_app": "flask.Flask",
    "application": "flask.Flask",
    "blueprint": "flask.Blueprint",
    "bp": "flask.Blueprint",
    "babel": "flask_babel.Babel",
    "request": "werkzeug.wrappers.Request",
}
_TITLES = {
    "flask": "Flask",
    "werkzeug": "Werkzeug",
    "jinja2": "Jinja",
    "django": "Django",
    "itsdangerous": "ItsDangerous",
    "wtforms": "WTForms",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "flask_babel": "Flask-Babel",
    "flask_login": "Flask-Login",
    "flask_wtf": "Flask-WTF",
    "flask_jwt_extended": "Flask-JWT-Extended",
}


def told(gone: Gone) -> str:
    """The message: what is gone, since when, what to write."""
    package = gone.name.split(".")[0]
    title = _TITLES.get(package, package)
    instead = f"; {gone.instead}" if gone.instead else ""
    return f"`{gone.name}` is gone since {title} {gone.since} ({gone.last} was the last with it){instead}."
