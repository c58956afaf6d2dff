"""Django in processes of its own, for the proofs about it: what is configured in one leaks into no other."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from typing import Any

_SHOP = """
import asyncio, json, os, sys, warnings
from pathlib import Path
import django
from django.conf import settings

HERE = Path(__file__).parent
defaults = dict(
    SECRET_KEY="k" * 50, ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="__main__", USE_TZ=True, STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "shop"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(HERE / "real.db")}},
)
settings.configure(**{**defaults, **json.loads(sys.argv[1])})
django.setup()

from django.apps import apps
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path, re_path
from shop.models import *

urlpatterns = []
with connection.schema_editor() as editor:
    for model in apps.get_models():
        if not model._meta.proxy:
            editor.create_model(model)


def show(**seen):
    print(json.dumps(seen))


def failure(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__


def plain(sql):
    with connection.cursor() as cursor:
        return cursor.execute(sql).fetchall()


def sent(function):
    with CaptureQueriesContext(connection) as queries:
        function()
    return [query["sql"] for query in queries]
"""

_SHOP_IN_MEMORY = """
import json, sys, warnings
import django
from django.conf import settings
from django.db import connection, models

settings.configure(
    SECRET_KEY="k" * 50, USE_TZ=True, ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="__main__",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "shop"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()

from django.apps import apps
from django.test.utils import CaptureQueriesContext
from shop.models import *

with connection.schema_editor() as editor:
    for model in apps.get_app_config("shop").get_models():
        editor.create_model(model)


def queries():
    return CaptureQueriesContext(connection)


def show(**seen):
    print(json.dumps(seen))
"""


def release() -> tuple[int, int]:
    """The first two numbers of the installed version of Django."""
    major, minor = version("django").split(".")[:2]
    return int(major), int(minor)


def run_script(folder: Path, script: str, *arguments: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """Runs a script in `folder` under these options of Python; the JSON it prints comes back."""
    (folder / "main.py").write_text(script)
    command = [sys.executable, "-B", *options, "main.py", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def run_configured(folder: Path, script: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Runs a script that takes its settings as JSON, and leaves warnings out."""
    return run_script(folder, script, json.dumps(settings), options=("-W", "ignore"))


def run_django(folder: Path, code: str, models: str = "", **settings: Any) -> dict[str, Any]:
    """Runs `code` in a Django process of its own with the app `shop` and a database in a file; what it shows comes back.

    `failure(function)` is the name of what it raises, `sent(function)` the SQL that it sends, `plain(sql)` the rows of a query by hand.
    """
    _make_shop(folder, models)
    return run_configured(folder, _SHOP + dedent(code), settings)


def write_migration(folder: Path) -> None:
    """An app `notes` in `folder` whose only migration makes the table of a model with nothing but a key."""
    (migrations := folder / "notes" / "migrations").mkdir(parents=True)
    operation = 'migrations.CreateModel("Note", [("id", models.AutoField(primary_key=True))])'
    (migrations / "__init__.py").touch()
    (migrations / "0001_a.py").write_text(
        f"from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [{operation}]"
    )


def run_in_memory(folder: Path, models: str, code: str) -> dict[str, Any]:
    """Runs `code` with the app `shop` and a database in memory, where `queries()` counts them; what it shows comes back."""
    _make_shop(folder, models)
    return run_script(folder, _SHOP_IN_MEMORY + dedent(code))


def _make_shop(folder: Path, models: str) -> None:
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "models.py").write_text("from django.db import models\n" + dedent(models))
