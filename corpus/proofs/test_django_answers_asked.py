"""What answers about Django get wrong: the order of hooks, denied visitors, errors after a commit, squashing, F(), lazy users, caches, CSP."""

from pathlib import Path

from django_process import release, run_django

NOTE = """
class Note(models.Model):
    price = models.IntegerField(default=1)
"""


def test_exception_hooks_run_from_the_bottom_up(tmp_path: Path) -> None:
    """DJA991: Of two middleware the lower one sees exception and template response first, and the view last."""
    code = """
    from django.template import engines
    from django.template.response import TemplateResponse
    calls = []
    def recorder(name):
        class Recorder:
            def __init__(self, get_response): self.get_response = get_response
            def __call__(self, request): return self.get_response(request)
            def process_view(self, request, view, args, kwargs): calls.append(f"view {name}")
            def process_exception(self, request, error): calls.append(f"exception {name}")
            def process_template_response(self, request, response): calls.append(f"template {name}"); return response
        return Recorder
    Top, Bottom = recorder("top"), recorder("bottom")
    def broken(request): raise ValueError
    def late(request): return TemplateResponse(request, engines["django"].from_string("x"))
    urlpatterns += [path("broken/", broken), path("late/", late)]
    client = Client(raise_request_exception=False)
    client.get("/broken/"), client.get("/late/")
    show(calls=calls)
    """
    settings = {
        "MIDDLEWARE": ["__main__.Top", "__main__.Bottom"],
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    }
    seen = run_django(tmp_path, code, **settings)["calls"]
    assert seen == [
        "view top",
        "view bottom",
        "exception bottom",
        "exception top",
        "view top",
        "view bottom",
        "template bottom",
        "template top",
    ]


def test_permission_denied_becomes_403(tmp_path: Path) -> None:
    """DJA992: The exception leaves the view, the visitor gets Forbidden."""
    code = """
    from django.core.exceptions import PermissionDenied
    def closed(request): raise PermissionDenied
    urlpatterns += [path("closed/", closed)]
    show(status=Client().get("/closed/").status_code)
    """
    assert run_django(tmp_path, code) == {"status": 403}


def test_an_error_after_the_commit_undoes_nothing(tmp_path: Path) -> None:
    """DJA993: The callback raises, its exception arrives, the row stays."""
    code = """
    def broken(): raise ValueError
    def write():
        with transaction.atomic():
            Note.objects.create()
            transaction.on_commit(broken)
    show(raised=failure(write), kept=Note.objects.count())
    """
    assert run_django(tmp_path, code, NOTE) == {"raised": "ValueError", "kept": 1}


def test_squashing_leaves_the_old_files(tmp_path: Path) -> None:
    """DJA994: Two migrations are squashed into a third that names them."""
    code = """
    import importlib
    from django.core.management import call_command
    folder = HERE / "shop" / "migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    head = "from django.db import migrations, models\\nclass Migration(migrations.Migration):\\n    "
    (folder / "0001_a.py").write_text(
        head + 'operations = [migrations.CreateModel("Note", [("id", models.AutoField(primary_key=True))])]'
    )
    (folder / "0002_b.py").write_text(
        head + 'dependencies = [("shop", "0001_a")]\\n    operations = [migrations.AddField("Note", "n", models.IntegerField(default=1))]'
    )
    importlib.invalidate_caches()
    call_command("squashmigrations", "shop", "0002", interactive=False, verbosity=0)
    new = importlib.import_module("shop.migrations.0001_squashed_0002_b").Migration
    show(files=sorted(file.name for file in folder.glob("0*.py")), replaces=new.replaces)
    """
    seen = run_django(tmp_path, code)
    assert seen["files"] == ["0001_a.py", "0001_squashed_0002_b.py", "0002_b.py"]
    assert seen["replaces"] == [["shop", "0001_a"], ["shop", "0002_b"]]


def test_an_f_expression_is_one_update(tmp_path: Path) -> None:
    """DJA995: One statement is sent, and it is no SELECT."""
    code = """
    from django.db.models import F
    note = Note.objects.create()
    sql = sent(lambda: Note.objects.filter(pk=note.pk).update(price=F("price") + 1))
    note.refresh_from_db()
    show(sql=sql, price=note.price)
    """
    seen = run_django(tmp_path, code, NOTE)
    (update,) = seen["sql"]
    assert update.startswith("UPDATE") and "SELECT" not in update and seen["price"] == 2


def test_the_user_is_read_on_first_access(tmp_path: Path) -> None:
    """DJA996: A view that leaves request.user alone costs no query, one that looks costs those of session and user."""
    code = """
    from django.contrib.auth.models import User
    urlpatterns += [path("plain/", lambda request: HttpResponse("x")), path("look/", lambda request: HttpResponse(request.user.username))]
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    show(plain=len(sent(lambda: client.get("/plain/"))), look=len(sent(lambda: client.get("/look/"))))
    """
    assert run_django(tmp_path, code) == {"plain": 0, "look": 2}


def test_cached_pages_differ_by_query_string(tmp_path: Path) -> None:
    """DJA997: Each query string is computed once and answered from the cache after that."""
    code = """
    from django.views.decorators.cache import cache_page
    made = []
    @cache_page(60)
    def page(request):
        made.append(request.GET["page"])
        return HttpResponse(request.GET["page"])
    urlpatterns += [path("p/", page)]
    show(got=[Client().get(f"/p/?page={n}").content.decode() for n in (1, 2, 1, 2)], made=made)
    """
    assert run_django(tmp_path, code) == {"got": ["1", "2", "1", "2"], "made": ["1", "2"]}


def test_json_script_writes_data_to_be_parsed(tmp_path: Path) -> None:
    """DJA998: The whole of what the filter writes is an element with data in it."""
    code = """
    from django.utils.html import json_script
    show(html=json_script({"a": "</script>"}, "data"))
    """
    html = run_django(tmp_path, code)["html"]
    assert html == '<script id="data" type="application/json">{"a": "\\u003C/script\\u003E"}</script>'


def test_a_new_project_lacks_conditional_get(tmp_path: Path) -> None:
    """DJA999: startproject names other middleware; with this one a page has an ETag."""
    code = """
    from django.core.management import call_command
    from django.middleware.http import ConditionalGetMiddleware
    (HERE / "made").mkdir()
    call_command("startproject", "novel", str(HERE / "made"))
    urlpatterns += [path("", lambda request: HttpResponse("x"))]
    tagged = ConditionalGetMiddleware(lambda request: HttpResponse("x"))(RequestFactory().get("/"))
    text = (HERE / "made" / "novel" / "settings.py").read_text()
    show(named=["CommonMiddleware" in text, "ConditionalGet" in text], tagged=["ETag" in Client().get("/"), "ETag" in tagged])
    """
    assert run_django(tmp_path, code) == {"named": [True, False], "tagged": [False, True]}


def test_django_5_2_sends_no_content_security_policy(tmp_path: Path) -> None:
    """DJA990: Setting and middleware are there from 6.0 on, and not before."""
    code = """
    from importlib.util import find_spec
    from django.conf import global_settings
    show(setting=hasattr(global_settings, "SECURE_CSP"), middleware=find_spec("django.middleware.csp") is not None)
    """
    known = release() >= (6, 0)
    assert run_django(tmp_path, code) == {"setting": known, "middleware": known}
