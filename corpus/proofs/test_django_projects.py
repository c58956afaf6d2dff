"""What a Django project has from the start: sessions, CSRF checks, migrations, databases, passwords."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

from django_process import run_script

PRELUDE = """
import base64
import hashlib
import json
import os
import re
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "site1.settings"
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

settings.ALLOWED_HOSTS = ["testserver"]


def show(**seen):
    print(json.dumps(seen))
"""

SETTINGS = """
SECRET_KEY = "k" * 50
ROOT_URLCONF = "site1.urls"
INSTALLED_APPS = ["shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""


def run_project(folder: Path, code: str, files: dict[str, str]) -> dict[str, Any]:
    """Runs `code` in a project that startproject made, with further files; what it shows comes back."""
    startproject = [sys.executable, "-m", "django", "startproject", "site1", str(folder)]
    subprocess.run(startproject, check=True, capture_output=True, cwd=folder)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return run_script(folder, PRELUDE + dedent(code))


def test_csrf_protection_is_on_by_default(tmp_path: Path) -> None:
    """DJA104: In a project made by startproject a POST without the token is refused, with csrf_token it passes."""
    urls = """
    from django.http import HttpResponse
    from django.template import engines
    from django.urls import path

    FORM = engines["django"].from_string("<form method=post>{% csrf_token %}</form>")

    def view(request):
        return HttpResponse("saved" if request.method == "POST" else FORM.render({}, request))

    urlpatterns = [path("", view)]
    """
    code = """
    client = Client(enforce_csrf_checks=True)
    page = client.get("/").content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    show(
        listed="django.middleware.csrf.CsrfViewMiddleware" in settings.MIDDLEWARE,
        without=client.post("/").status_code,
        with_tag=client.post("/", {"csrfmiddlewaretoken": token}).content.decode(),
        with_header=client.post("/", headers={"X-CSRFToken": token}).content.decode(),
    )
    """
    seen = run_project(tmp_path, code, {"site1/urls.py": urls})
    assert seen == {"listed": True, "without": 403, "with_tag": "saved", "with_header": "saved"}


def test_session_lives_in_the_database(tmp_path: Path) -> None:
    """DJA004: Session data is a row of django_session; the cookie holds only its id."""
    urls = """
    from django.http import HttpResponse
    from django.urls import path

    def view(request):
        request.session["fruit"] = "mango"
        return HttpResponse("stored")

    urlpatterns = [path("", view)]
    """
    code = """
    from django.contrib.sessions.models import Session
    call_command("migrate", "sessions", verbosity=0)
    client = Client()
    response = client.get("/")
    row = Session.objects.get()
    show(cookies={name: cookie.value for name, cookie in response.cookies.items()}, key=row.session_key, data=row.get_decoded())
    """
    seen = run_project(tmp_path, code, {"site1/urls.py": urls})
    assert seen["data"] == {"fruit": "mango"}
    assert seen["cookies"] == {"sessionid": seen["key"]}
    assert seen["key"].isalnum()
    assert len(seen["key"]) == 32  # drawn by chance: no room for data


def test_makemigrations_writes_and_migrate_applies(tmp_path: Path) -> None:
    """DJA107: makemigrations only writes a file; migrate changes the tables."""
    models = """
    from django.db import models

    class Book(models.Model):
        title = models.CharField(max_length=50)
    """
    code = """
    files = lambda: sorted(path.name for path in Path("shop/migrations").glob("0*.py"))
    tables = lambda: [name for name in connection.introspection.table_names() if name.startswith("shop")]
    steps = [(files(), tables())]
    call_command("makemigrations", "shop", verbosity=0)
    steps.append((files(), tables()))
    call_command("migrate", "shop", verbosity=0)
    steps.append((files(), tables()))
    show(steps=steps)
    """
    seen = run_project(tmp_path, code, {"site1/settings.py": SETTINGS, "shop/models.py": models, "shop/migrations/__init__.py": ""})
    assert seen["steps"] == [[[], []], [["0001_initial.py"], []], [["0001_initial.py"], ["shop_book"]]]


def test_several_databases(tmp_path: Path) -> None:
    """DJA006: Backends for PostgreSQL, MySQL (and MariaDB), Oracle and SQLite ship with Django; one project uses several."""
    models = """
    from django.db import models

    class Book(models.Model):
        title = models.CharField(max_length=50)
    """
    databases = """
    DATABASES = {
        name: {"ENGINE": f"django.db.backends.{engine}", "NAME": ":memory:"}
        for name, engine in [
            ("default", "sqlite3"), ("archive", "sqlite3"), ("postgresql", "postgresql"), ("mysql", "mysql"),
            ("oracle", "oracle"), ("cassandra", "cassandra"),
        ]
    }
    """
    code = """
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connections
    from shop.models import Book

    for name in ("default", "archive"):
        with connections[name].schema_editor() as editor:
            editor.create_model(Book)
        Book.objects.using(name).create(title="in " + name)
    shipped = {}
    for name in ("postgresql", "mysql", "oracle", "cassandra"):
        try:
            shipped[name] = connections[name].vendor == name
        except ImproperlyConfigured as error:  # a shipped backend may merely lack its driver
            shipped[name] = "isn't an available database backend" not in str(error)
        except ModuleNotFoundError as error:
            shipped[name] = error.name == "oracledb"
    show(titles={name: [book.title for book in Book.objects.using(name)] for name in ("default", "archive")}, shipped=shipped)
    """
    seen = run_project(tmp_path, code, {"site1/settings.py": SETTINGS + dedent(databases), "shop/models.py": models})
    assert seen["titles"] == {"default": ["in default"], "archive": ["in archive"]}
    assert seen["shipped"] == {"postgresql": True, "mysql": True, "oracle": True, "cassandra": False}


def test_no_transaction_around_a_request(tmp_path: Path) -> None:
    """DJA204: Without settings a view runs in autocommit mode: what it saved before an error stays."""
    models = """
    from django.db import models

    class Payment(models.Model):
        amount = models.IntegerField()
    """
    urls = """
    from django.db import connection
    from django.urls import path
    from shop.models import Payment

    modes = []

    def view(request):
        modes.append((connection.get_autocommit(), connection.in_atomic_block))
        Payment.objects.create(amount=5)
        raise RuntimeError("between two saves")

    urlpatterns = [path("", view)]
    """
    code = """
    import logging
    logging.disable()
    from shop.models import Payment
    from site1.urls import modes

    default = connection.settings_dict["ATOMIC_REQUESTS"]
    with connection.schema_editor() as editor:
        editor.create_model(Payment)
    client = Client(raise_request_exception=False)
    status = [client.get("/").status_code]
    kept = Payment.objects.count()
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    status.append(client.get("/").status_code)
    show(default=default, status=status, modes=modes, kept=kept, kept_with_atomic_requests=Payment.objects.count() - kept)
    """
    seen = run_project(tmp_path, code, {"site1/settings.py": SETTINGS, "site1/urls.py": urls, "shop/models.py": models})
    assert seen["default"] is False
    assert seen["status"] == [500, 500]
    assert seen["modes"][0] == [True, False]
    assert seen["modes"][1][1] is True
    assert seen["kept"] == 1
    assert seen["kept_with_atomic_requests"] == 0


def test_passwords_are_pbkdf2_hashes(tmp_path: Path) -> None:
    """DJA211: A stored password is a salted PBKDF2 hash, and the admin sees no more than that."""
    code = """
    from django.contrib.auth.models import User
    call_command("migrate", verbosity=0)
    ann = User.objects.create_user("ann", password="correct horse")
    algorithm, rounds, salt, digest = ann.password.split("$")
    again = base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"correct horse", salt.encode(), int(rounds))).decode()
    admin = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(admin)
    page = client.get(f"/admin/auth/user/{ann.pk}/change/").content.decode()
    bob = User(username="bob")
    bob.set_password("correct horse")
    show(algorithm=algorithm, computed=again == digest, same_as_bob=ann.password == bob.password,
         page_has_name="ann" in page, page_has_algorithm=algorithm in page, page_has_password="correct horse" in page,
         page_has_digest=digest in page)
    """
    seen = run_project(tmp_path, code, {})
    assert seen["algorithm"] == "pbkdf2_sha256"
    assert seen["computed"]  # PBKDF2 goes one way: the password had to be known
    assert not seen["same_as_bob"]  # another salt
    assert seen["page_has_name"]
    assert seen["page_has_algorithm"]
    assert not seen["page_has_password"]
    assert not seen["page_has_digest"]
