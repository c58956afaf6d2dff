"""Django as interviews talk of it: projects, settings, mail, caching, pages, CORS, static files, jobs, and uploaded files."""

import subprocess
import sys
from pathlib import Path

from django_process import release, run_django

ITEM = "class Item(models.Model): name = models.CharField(max_length=9)\n"
PAPER = "class Paper(models.Model): scan = models.FileField()\n"
LANGUAGE = "django.template.backends.django.DjangoTemplates"


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in `folder`; how it ended comes back."""
    return subprocess.run([sys.executable, "-B", *words], cwd=folder, capture_output=True, text=True, check=False)


def project(folder: Path) -> Path:
    """A project made by startproject; its settings stand in site1/settings.py."""
    assert command(folder, "-m", "django", "startproject", "site1", ".").returncode == 0
    return folder / "site1" / "settings.py"


def test_startapp_does_not_register_the_app(tmp_path: Path) -> None:
    """DJA761: startapp leaves the settings alone; the app's model is seen only once INSTALLED_APPS names the app."""
    settings = project(tmp_path)
    before = settings.read_text()
    assert command(tmp_path, "manage.py", "startapp", "blog").returncode == 0
    assert settings.read_text() == before
    (tmp_path / "blog" / "models.py").write_text("from django.db import models\nclass Post(models.Model): pass\n")
    assert "No changes detected" in command(tmp_path, "manage.py", "makemigrations").stdout
    settings.write_text(before + "INSTALLED_APPS.append('blog')\n")
    assert "Create model Post" in command(tmp_path, "manage.py", "makemigrations").stdout


def test_startapp_makes_no_urls(tmp_path: Path) -> None:
    """DJA762: Its files are these and no others; the project has a urls.py."""
    settings = project(tmp_path)
    command(tmp_path, "manage.py", "startapp", "blog")
    made = {path.name for path in (tmp_path / "blog").iterdir()}
    assert made == {"__init__.py", "admin.py", "apps.py", "models.py", "tests.py", "views.py", "migrations"}
    assert settings.with_name("urls.py").exists()


def test_startproject_configures_sqlite(tmp_path: Path) -> None:
    """DJA763: The settings name SQLite and a file, and migrate works at once and makes that file."""
    settings = project(tmp_path).read_text()
    assert '"ENGINE": "django.db.backends.sqlite3"' in settings.replace("'", '"')
    assert "postgresql" not in settings and "mysql" not in settings
    assert not (tmp_path / "db.sqlite3").exists()
    assert command(tmp_path, "manage.py", "migrate").returncode == 0
    assert (tmp_path / "db.sqlite3").read_bytes().startswith(b"SQLite format 3")


def test_manage_py_is_django_admin_with_settings(tmp_path: Path) -> None:
    """DJA764: Both know the same commands, django-admin once told the settings; an app gets no manage.py."""
    project(tmp_path)
    command(tmp_path, "manage.py", "startapp", "blog")
    mine = command(tmp_path, "manage.py", "help", "--commands").stdout
    theirs = command(tmp_path, "-m", "django", "help", "--commands", "--settings=site1.settings").stdout
    assert mine == theirs and {"migrate", "runserver", "startproject"} <= set(mine.split())
    assert command(tmp_path, "manage.py", "migrate", "--plan").returncode == 0
    assert command(tmp_path, "-m", "django", "migrate", "--plan").returncode != 0
    assert command(tmp_path, "-m", "django", "migrate", "--plan", "--settings=site1.settings").returncode == 0
    assert not (tmp_path / "blog" / "manage.py").exists()


def test_a_root_templates_folder_needs_dirs(tmp_path: Path) -> None:
    """DJA765: With startproject's settings an app's template is found and one at the root is not, until DIRS names its folder."""
    settings = project(tmp_path)
    command(tmp_path, "manage.py", "startapp", "blog")
    for folder, name in ((tmp_path / "templates", "root.html"), (tmp_path / "blog" / "templates", "app.html")):
        folder.mkdir()
        (folder / name).write_text("x")
    settings.write_text(settings.read_text() + "INSTALLED_APPS.append('blog')\n")
    code = "from django.template.loader import get_template as g; g('{}')"
    found = [command(tmp_path, "manage.py", "shell", "-c", code.format(name)) for name in ("app.html", "root.html")]
    assert found[0].returncode == 0
    assert found[1].returncode != 0 and "TemplateDoesNotExist" in found[1].stderr
    settings.write_text(settings.read_text() + "TEMPLATES[0]['DIRS'].append(BASE_DIR / 'templates')\n")
    assert command(tmp_path, "manage.py", "shell", "-c", code.format("root.html")).returncode == 0


def test_datetimes_are_stored_in_utc(tmp_path: Path) -> None:
    """DJA766: The row holds UTC, the template shows TIME_ZONE, and USE_TZ is True by default."""
    code = """
    from datetime import datetime
    from zoneinfo import ZoneInfo
    from django.conf import global_settings
    from django.template import Context, Template
    from django.utils import timezone
    Visit.objects.create(at=datetime(2026, 1, 5, 12, tzinfo=ZoneInfo("Asia/Tokyo")))
    with connection.cursor() as cursor:
        stored = cursor.execute("SELECT CAST(at AS TEXT) FROM shop_visit").fetchone()[0]
    at = Visit.objects.get().at
    show(stored=stored, default=global_settings.USE_TZ, now=str(timezone.now().tzinfo), read=at.isoformat(),
         shown=Template("{{ at|date:'H:i' }}").render(Context({"at": at})))
    """
    models = "class Visit(models.Model): at = models.DateTimeField()\n"
    seen = run_django(tmp_path, code, models, TIME_ZONE="Asia/Tokyo", TEMPLATES=[{"BACKEND": LANGUAGE}])
    assert (seen["stored"], seen["read"]) == ("2026-01-05 03:00:00", "2026-01-05T03:00:00+00:00")
    assert (seen["shown"], seen["default"], seen["now"]) == ("12:00", True, "UTC")


def test_send_mail_waits_for_the_smtp_server(tmp_path: Path) -> None:
    """DJA768: The default backend speaks SMTP; send_mail() returns after the server's last word, and fails where there is none."""
    code = """
    import smtplib, socket, threading, time
    from django.core.mail import send_mail
    door = socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_HOST, settings.EMAIL_PORT = door.getsockname()
    def serve():
        line, data = door.accept()[0].makefile("rw", newline=""), False
        def say(word): line.write(word + "\\r\\n"), line.flush()
        say("220 hello")
        for got in line:
            if data and got != ".\\r\\n": continue
            if data: time.sleep(0.4)
            data = not data and got.lower().startswith("data")
            say("354 go on" if data else "250 fine")
    threading.Thread(target=serve, daemon=True).start()
    start = time.monotonic()
    sent, took = send_mail("s", "b", "a@example.com", ["b@example.com"]), time.monotonic() - start
    door.close()
    try: failed = send_mail("s", "b", "a@example.com", ["b@example.com"])
    except OSError as error: failed = type(error).__name__
    show(backend=settings.EMAIL_BACKEND, sent=sent, waited=took >= 0.4, failed=failed)
    """
    seen = run_django(tmp_path, code)
    assert seen == {"backend": "django.core.mail.backends.smtp.EmailBackend", "sent": 1, "waited": True, "failed": "ConnectionRefusedError"}


def test_the_test_client_skips_csrf_checks(tmp_path: Path) -> None:
    """DJA769: A POST without a token passes; with enforce_csrf_checks the same POST gets 403."""
    code = """
    urlpatterns.append(path("", lambda request: HttpResponse(request.method)))
    show(plain=Client().post("/").status_code, strict=Client(enforce_csrf_checks=True).post("/").status_code)
    """
    assert run_django(tmp_path, code, MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"]) == {"plain": 200, "strict": 403}


def test_no_page_is_cached_unasked(tmp_path: Path) -> None:
    """DJA770: With CACHES set and DEBUG off a view runs for each request; under cache_page it runs once."""
    code = """
    from django.views.decorators.cache import cache_page
    runs = []
    def view(request): return runs.append(request.path) or HttpResponse(str(len(Item.objects.all())))
    urlpatterns.extend([path("plain/", view), path("cached/", cache_page(60)(view))])
    with CaptureQueriesContext(connection) as queries:
        for url in ("/plain/", "/plain/", "/cached/", "/cached/"): Client().get(url)
    show(runs=runs, queries=len(queries))
    """
    caches = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    seen = run_django(tmp_path, code, ITEM, CACHES=caches, DEBUG=False)
    assert seen == {"runs": ["/plain/", "/plain/", "/cached/"], "queries": 3}
    assert "CacheMiddleware" not in project(tmp_path).read_text()


def test_paginator_reads_one_page(tmp_path: Path) -> None:
    """DJA771: A page of three takes a COUNT and a query with LIMIT and OFFSET; a list made first reads all."""
    code = """
    from django.core.paginator import Paginator
    Item.objects.bulk_create(Item(name=str(number)) for number in range(10))
    made = []
    models.signals.post_init.connect(lambda **_: made.append(1), sender=Item, weak=False)
    with CaptureQueriesContext(connection) as queries:
        page = [item.name for item in Paginator(Item.objects.order_by("pk"), 3).page(2)]
    lazy = len(made)
    Paginator(list(Item.objects.order_by("pk")), 3).page(2)
    show(page=page, sql=[query["sql"] for query in queries], lazy=lazy, eager=len(made) - lazy)
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen["page"] == ["3", "4", "5"]
    assert len(seen["sql"]) == 2 and "COUNT(*)" in seen["sql"][0] and "LIMIT 3 OFFSET 3" in seen["sql"][1]
    assert (seen["lazy"], seen["eager"]) == (3, 10)


def test_django_sends_no_cors_headers(tmp_path: Path) -> None:
    """DJA772: All of startproject's middleware adds none, whatever ALLOWED_HOSTS; a header set by the view arrives."""
    code = """
    def view(request): return HttpResponse(headers={"Access-Control-Allow-Origin": "*"} if "own" in request.GET else {})
    urlpatterns.append(path("", view))
    def cors(url): return [name for name in Client().get(url, headers={"Origin": "https://a.example"}).headers if "Access-Control" in name]
    show(plain=cors("/"), own=cors("/?own"), other="X-Frame-Options" in Client().get("/").headers)
    """
    values: dict[str, list[str]] = {}
    exec(project(tmp_path).read_text(), {"__file__": str(tmp_path / "site1" / "settings.py")}, values)
    settings = {"MIDDLEWARE": values["MIDDLEWARE"], "INSTALLED_APPS": [*values["INSTALLED_APPS"], "shop"]}
    seen = run_django(tmp_path, code, ALLOWED_HOSTS=["*"], CSRF_TRUSTED_ORIGINS=["https://a.example"], TEMPLATES=[], **settings)
    assert seen == {"plain": [], "own": ["Access-Control-Allow-Origin"], "other": True}


def test_collectstatic_copies_into_static_root(tmp_path: Path) -> None:
    """DJA773: Finders see the sources and not STATIC_ROOT; collectstatic copies the files there, unchanged and without moving them."""
    code = """
    from django.contrib.staticfiles.finders import find
    from django.core.management import call_command
    for folder, name in ((HERE / "shop" / "static", "app.css"), (HERE / "extra", "more.css"), (HERE / "out", "lost.css")):
        folder.mkdir()
        (folder / name).write_text("a  {  }")
    found = [bool(find(name)) for name in ("app.css", "more.css", "lost.css")]
    call_command("collectstatic", interactive=False, verbosity=0)
    show(found=found, out=sorted(os.listdir(HERE / "out")), text=(HERE / "out" / "app.css").read_text(),
         stays=(HERE / "shop" / "static" / "app.css").exists())
    """
    apps = ["django.contrib.staticfiles", "shop"]
    folders = {"STATIC_ROOT": str(tmp_path / "out"), "STATICFILES_DIRS": [str(tmp_path / "extra")]}
    seen = run_django(tmp_path, code, INSTALLED_APPS=apps, **folders)
    assert seen == {"found": [True, True, False], "out": ["app.css", "lost.css", "more.css"], "text": "a  {  }", "stays": True}


def test_no_background_tasks_come_with_django(tmp_path: Path) -> None:
    """DJA774: There is no django.tasks, no command for a worker, no demand for Celery, and an async view ends before its response comes."""
    code = """
    from importlib.metadata import requires
    from importlib.util import find_spec
    from django.core.management import get_commands
    log = []
    async def view(request):
        await asyncio.sleep(0.1)
        log.append("work done")
        return HttpResponse()
    urlpatterns.append(path("", view))
    async def ask():
        await django.test.AsyncClient().get("/")
        log.append("response")
    asyncio.run(ask())
    show(tasks=bool(find_spec("django.tasks")), log=log, needs=" ".join(requires("django")).lower(),
         workers=[name for name in get_commands() if "worker" in name or "task" in name])
    """
    seen = run_django(tmp_path, code)
    assert release() == (5, 2) and not seen["tasks"] and not seen["workers"] and "celery" not in seen["needs"]
    assert seen["log"] == ["work done", "response"]


def test_the_file_outlives_its_object(tmp_path: Path) -> None:
    """DJA775: A replaced file and the file of a deleted object stay; deleting the file itself removes it."""
    code = """
    from django.core.files.base import ContentFile
    def left(): return sorted(os.listdir(HERE / "media"))
    paper = Paper.objects.create(scan=ContentFile(b"1", name="one.txt"))
    paper.scan = ContentFile(b"2", name="two.txt")
    paper.save()
    replaced = left()
    paper.delete()
    deleted = [left(), Paper.objects.count()]
    paper.scan.delete(save=False)
    show(replaced=replaced, deleted=deleted, removed=left())
    """
    seen = run_django(tmp_path, code, PAPER, MEDIA_ROOT=str(tmp_path / "media"))
    assert seen == {"replaced": ["one.txt", "two.txt"], "deleted": [["one.txt", "two.txt"], 0], "removed": ["one.txt"]}
