"""Django REST framework in processes of its own, for the proofs about it."""

import json
import subprocess
import sys
from typing import Any

_REST = """
import json, django, sys
from django.conf import settings
settings.configure(
    SECRET_KEY="k" * 50, ALLOWED_HOSTS=["*"], ROOT_URLCONF="__main__", USE_TZ=True, REST_FRAMEWORK=REST, DEBUG=False, STATIC_URL="/s/",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=[*map("django.contrib.".__add__, ("contenttypes", "auth", "sessions", "staticfiles")), "rest_framework", "rest_framework.authtoken"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]}}],
)
django.setup()
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.urls import include, path
call_command("migrate", verbosity=0)
def show(*seen): print(json.dumps(seen))
"""


def run_rest(code: str, rest: dict[str, Any] | None = None) -> Any:
    """Runs `code` beside Django REST framework with the settings `rest`, its database in memory; what it shows comes back."""
    source = f"REST = {rest or {}!r}\n{_REST}\n{code}"
    done = subprocess.run([sys.executable, "-B", "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
