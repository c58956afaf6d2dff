"""Django's data: models, queries, tests, static and uploaded files, and the cache."""

from pathlib import Path
from textwrap import dedent

import pytest
from django_process import release, run_django


def test_three_kinds_of_model_inheritance(tmp_path: Path) -> None:
    """DJA304: The abstract base has no table, the proxy its parent's, the child one of its own with a one-to-one link."""
    models = """
    class Abstract(models.Model):
        class Meta: abstract = True
    class Parent(Abstract): name = models.CharField(max_length=9)
    class Proxy(Parent):
        class Meta: proxy = True
    class Child(Parent): extra = models.CharField(max_length=9)
    """
    code = """
    child = Child.objects.create(name="n", extra="e")
    link = Child._meta.get_field("parent_ptr")
    show(tables=[t for t in connection.introspection.table_names() if t.startswith("shop_")], proxy=Proxy._meta.db_table,
         link=[type(link).__name__, link.related_model.__name__], seen=[Parent.objects.get().pk == child.pk, Proxy.objects.get().name])
    """
    seen = run_django(tmp_path, code, models)
    assert sorted(seen["tables"]) == ["shop_child", "shop_parent"]
    assert seen["proxy"] == "shop_parent"
    assert seen["link"] == ["OneToOneField", "Parent"]
    assert seen["seen"] == [True, "n"]


@pytest.mark.release("django==4.0.10")
def test_querysets_have_async_methods_and_transactions_do_not(tmp_path: Path) -> None:
    """DJA310: aget() and async for work; get() and transaction.atomic() in async code raise SynchronousOnlyOperation."""
    models = "class Item(models.Model): name = models.CharField(max_length=9)\n"
    code = """
    from asgiref.sync import sync_to_async
    Item.objects.create(name="one")
    def in_transaction():
        with transaction.atomic():
            pass
    async def main():
        seen = {"sync": [failure(Item.objects.get), failure(lambda: list(Item.objects.all())), failure(in_transaction)]}
        try:
            async with transaction.atomic():
                seen["atomic"] = "worked"
        except (TypeError, AttributeError):
            seen["atomic"] = "no async context manager"
        seen["wrapped"] = (await sync_to_async(Item.objects.get)()).name
        seen["has"] = hasattr(Item.objects, "aget")
        if seen["has"]:
            seen["async"] = [(await Item.objects.aget()).name, [item.name async for item in Item.objects.all()]]
        return seen
    show(**asyncio.run(main()))
    """
    seen = run_django(tmp_path, code, models)
    assert seen["sync"] == ["SynchronousOnlyOperation"] * 3
    assert (seen["atomic"], seen["wrapped"]) == ("no async context manager", "one")
    assert seen["has"] == (release() >= (4, 1))
    if seen["has"]:
        assert seen["async"] == ["one", ["one"]]


def test_tests_use_a_database_of_their_own_and_roll_back(tmp_path: Path) -> None:
    """DJA311: Each TestCase test finds the test database empty again, although both add a row; the real one keeps its row."""
    (tmp_path / "tests_of_shop.py").write_text(
        dedent("""
        from django.db import connection
        from django.test import TestCase
        from shop.models import Item
        class ItemTests(TestCase):
            def check(self):
                assert "real.db" not in str(connection.settings_dict["NAME"])
                assert Item.objects.count() == 0
                Item.objects.create(name="from a test")
            def test_one(self): self.check()
            def test_two(self): self.check()
        """)
    )
    code = """
    import io, sqlite3
    from contextlib import redirect_stdout
    from django.test.runner import DiscoverRunner
    Item.objects.create(name="real")
    with redirect_stdout(io.StringIO()):
        runner = DiscoverRunner(verbosity=0)
        count = runner.build_suite(["tests_of_shop"]).countTestCases()
        failed = runner.run_tests(["tests_of_shop"])
    rows = sqlite3.connect(HERE / "real.db").execute("SELECT name FROM shop_item")  # Django's connection keeps the test database open
    show(count=count, failed=failed, real=[name for (name,) in rows])
    """
    models = "class Item(models.Model): name = models.CharField(max_length=20)\n"
    assert run_django(tmp_path, code, models) == {"count": 2, "failed": 0, "real": ["real"]}


def test_collectstatic_gathers_static_files_not_uploads(tmp_path: Path) -> None:
    """DJA307: The project's own file arrives in STATIC_ROOT; an upload goes to MEDIA_ROOT and stays there alone."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "style.css").write_text("a {}")
    code = """
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.core.management import call_command
    default_storage.save("upload.txt", ContentFile(b"from a user"))
    call_command("collectstatic", interactive=False, verbosity=0)
    show(**{name: os.listdir(HERE / name) for name in ("static", "media")})
    """
    seen = run_django(
        tmp_path,
        code,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles", "shop"],
        STATICFILES_DIRS=[str(tmp_path / "own")],
        STATIC_ROOT=str(tmp_path / "static"),
        MEDIA_ROOT=str(tmp_path / "media"),
    )
    assert seen == {"static": ["style.css"], "media": ["upload.txt"]}


def test_an_evaluated_queryset_keeps_its_results(tmp_path: Path) -> None:
    """DJA308: A second loop over the same QuerySet sends no query; a new and a further filtered one send one each."""
    models = "class Item(models.Model): name = models.CharField(max_length=9)\n"
    code = """
    Item.objects.create(name="one")
    def queries(function):
        with CaptureQueriesContext(connection) as sent:
            function()
        return len(sent)
    items = Item.objects.all()
    show(sent=[queries(lambda: list(items)), queries(lambda: [item.name for item in items]), queries(lambda: list(Item.objects.all())),
               queries(lambda: list(items.filter(name="one"))), queries(lambda: list(items.all()))])
    """
    assert run_django(tmp_path, code, models)["sent"] == [1, 0, 1, 1, 1]


def test_jsonfield_works_outside_postgresql(tmp_path: Path) -> None:
    """DJA313: With SQLite, too, a models.JSONField keeps nested values and is queried by its keys."""
    models = "class Item(models.Model): data = models.JSONField()\n"
    code = """
    Item.objects.create(data={"tags": ["a", "b"], "size": {"width": 3}})
    Item.objects.create(data={"size": {"width": 4}})
    show(vendor=connection.vendor, found=[item.data for item in Item.objects.filter(data__size__width=3)],
         postgres="django.contrib.postgres" in sys.modules, tags=Item.objects.filter(data__has_key="tags").count())
    """
    seen = run_django(tmp_path, code, models)
    assert seen == {"vendor": "sqlite", "found": [{"tags": ["a", "b"], "size": {"width": 3}}], "postgres": False, "tags": 1}


def test_django_speaks_to_redis_itself(tmp_path: Path) -> None:
    """DJA314: Django's own backend and redis-py, with django-redis out of reach, send SET and GET to a server."""
    code = """
    import socketserver, threading
    sys.modules["django_redis"] = None
    heard, stored = [], {}
    class Redis(socketserver.StreamRequestHandler):  # as much of a Redis server as keeps one value
        def handle(self):
            while line := self.rfile.readline():
                words = []
                for _ in range(int(line[1:])):
                    words.append(self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2])
                heard.append(words[0].decode().upper())
                if heard[-1] == "SET":
                    stored[words[1]] = words[2]
                value = stored.get(words[1]) if heard[-1] == "GET" else None
                self.wfile.write(b"$%d\\r\\n%s\\r\\n" % (len(value), value) if value is not None else b"-ERR no\\r\\n" if heard[-1] == "HELLO" else b"+OK\\r\\n")
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Redis)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                                   "LOCATION": "redis://127.0.0.1:%d?protocol=2" % server.server_address[1]}}
    from django.core.cache import cache
    cache.set("a", ["kept"])
    show(got=cache.get("a"), heard=[word for word in heard if word in ("SET", "GET")])
    """
    assert run_django(tmp_path, code) == {"got": ["kept"], "heard": ["SET", "GET"]}
