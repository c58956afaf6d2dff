"""Django's row locks, transactions, managers, async queries, users, permissions and tests, where recent texts asked for them."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from django_process import run_django, write_migration

BOOK = """
class Author(models.Model): name = models.CharField(max_length=9)
class Book(models.Model): author = models.ForeignKey(Author, models.CASCADE)
"""
ITEM = "class Item(models.Model): name = models.CharField(max_length=9, unique=True)\n"
HELPERS = """
import asyncio, builtins, getpass, io, sqlite3, threading, unittest, urllib.request
from contextlib import nullcontext, redirect_stdout, suppress
from unittest import mock
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError, connections
from django.db.models.signals import post_save
from django.test import LiveServerTestCase, TestCase, TransactionTestCase
def outside(sql, file="real.db"):
    with sqlite3.connect(HERE / file) as other: return other.execute(sql).fetchall()
def run_tests(case):
    done = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    return [done.testsRun, len(done.errors + done.failures)]
def permitted():
    permission = Permission.objects.create(content_type=ContentType.objects.get_for_model(Item), codename="pack_item", name="p")
    return User.objects.create_user("ann", password="pw"), permission
"""


def run_shop(folder: Path, code: str, models: str = "", **settings: Any) -> dict[str, Any]:
    return run_django(folder, HELPERS + dedent(code), models, **settings)


def two_databases(folder: Path) -> dict[str, Any]:
    return {alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / f"{alias}.db")} for alias in ("default", "other")}


def test_select_for_update_locks_joined_rows(tmp_path: Path) -> None:
    """DJA821: The lock clause of the joined query names no table, which means all of them; of=('self',) names the main one, or both."""
    code = """
    connection.features.has_select_for_update = connection.features.has_select_for_update_of = True
    def end(of=()):
        with transaction.atomic(): sql = str(Book.objects.select_related("author").select_for_update(of=of).query)
        assert "JOIN" in sql
        return sql[sql.index(" FOR UPDATE"):].replace('"', "").strip()
    with transaction.atomic(): alone = str(Book.objects.select_for_update().query)
    show(ends=[end(), end(("self",)), end(("self", "author"))], alone="JOIN" in alone)
    """
    seen = run_shop(tmp_path, code, BOOK)
    assert seen == {"ends": ["FOR UPDATE", "FOR UPDATE OF shop_book", "FOR UPDATE OF shop_book, shop_author"], "alone": False}


def test_post_save_comes_before_the_commit(tmp_path: Path) -> None:
    """DJA822: In atomic() the receiver runs before another connection sees the row, on_commit after; a rollback takes no signal back."""
    code = """
    seen = []
    def look(place): seen.append([place, connection.in_atomic_block, len(outside("SELECT * FROM shop_item"))])
    def receiver(**kw): look("signal"), transaction.on_commit(lambda: look("commit"))
    post_save.connect(receiver, Item)
    with suppress(KeyError), transaction.atomic():
        Item.objects.create(name="lost")
        raise KeyError
    with transaction.atomic(): Item.objects.create(name="kept")
    show(seen=seen, left=list(Item.objects.values_list("name", flat=True)))
    """
    assert run_shop(tmp_path, code, ITEM) == {"seen": [["signal", True, 0], ["signal", True, 0], ["commit", False, 1]], "left": ["kept"]}


def test_a_foreign_key_is_followed_with_the_base_manager(tmp_path: Path) -> None:
    """DJA823: The hidden author is found from the book and not by objects; book_set is filtered; base_manager_name changes the way there."""
    models = """
    class Visible(models.Manager):
        def get_queryset(self): return super().get_queryset().filter(hidden=False)
    class Author(models.Model): hidden, objects = models.BooleanField(default=True), Visible()
    class Strict(models.Model):
        hidden, objects = models.BooleanField(default=True), Visible()
        class Meta: base_manager_name = "objects"
    class Book(models.Model):
        author, strict = models.ForeignKey(Author, models.CASCADE), models.ForeignKey(Strict, models.CASCADE)
        hidden, objects = models.BooleanField(default=True), Visible()
    """
    code = """
    Book.objects.create(author=Author.objects.create(), strict=Strict.objects.create())
    book = Book._base_manager.get()
    show(pk=book.author.pk, direct=failure(Author.objects.get, pk=1), strict=failure(lambda: book.strict), back=book.author.book_set.count())
    """
    assert run_shop(tmp_path, code, models) == {"pk": 1, "direct": "DoesNotExist", "strict": "DoesNotExist", "back": 0}


def test_async_queries_run_in_a_thread(tmp_path: Path) -> None:
    """DJA824: Below aget() the synchronous get() runs, in another thread than the event loop; no asyncpg, no AsyncConnection."""
    code = """
    Item.objects.create(name="a")
    called, get = [], models.QuerySet.get
    def watched(self, *args, **kwargs):
        return called.append(threading.current_thread() is threading.main_thread()) or get(self, *args, **kwargs)
    models.QuerySet.get = watched
    async def ask():
        return (await Item.objects.aget(name="a")).name, failure(Item.objects.get, name="a")
    show(answer=asyncio.run(ask()), called=called, drivers=[name for name in ("asyncpg", "aiosqlite") if name in sys.modules])
    """
    assert run_shop(tmp_path, code, ITEM) == {"answer": ["a", "SynchronousOnlyOperation"], "called": [False, True], "drivers": []}


def test_migrate_works_on_one_database(tmp_path: Path) -> None:
    """DJA825: A run creates the table in default only, though the router writes elsewhere; --database takes the other one."""
    write_migration(tmp_path)
    code = """
    from django.core.management import call_command
    from django.db import connections
    class Router:
        def db_for_write(self, model, **hints): return "other"
    def tables(): return [sorted(connections[alias].introspection.table_names()) for alias in ("default", "other")]
    def step(**options): return call_command("migrate", verbosity=0, **options) or tables()
    show(seen=[tables(), step(), step(database="other")])
    """
    settings = {"DATABASES": two_databases(tmp_path), "DATABASE_ROUTERS": ["__main__.Router"]}
    seen, both = run_django(tmp_path, code, INSTALLED_APPS=["notes", "shop"], **settings), ["django_migrations", "notes_note"]
    assert seen["seen"] == [[[], []], [both, []], [both, both]]


def test_atomic_covers_one_database(tmp_path: Path) -> None:
    """DJA826: After a rollback the row in the other database stays, with using= it is the other way round; a list is refused."""
    code = """
    with connections["other"].schema_editor() as editor: editor.create_model(Item)
    def left(**options):
        for alias in connections: Item.objects.using(alias).all().delete()
        with suppress(KeyError), transaction.atomic(**options):
            for alias in connections: Item.objects.using(alias).create(name="a")
            raise KeyError
        return [Item.objects.using(alias).count() for alias in connections]
    def listed():
        with transaction.atomic(using=["default", "other"]): pass
    show(left=[left(), left(using="other")], listed=failure(listed))
    """
    assert run_shop(tmp_path, code, ITEM, DATABASES=two_databases(tmp_path)) == {"left": [[0, 1], [1, 0]], "listed": "TypeError"}


def test_live_server_tests_flush_the_tables(tmp_path: Path) -> None:
    """DJA827: The class is no TestCase; its server in another thread sees the committed row, and an older row is gone after the test."""
    code = """
    threads, answers = [], []
    def view(request): return HttpResponse(threads.append(threading.current_thread()) or Item.objects.count())
    urlpatterns.append(path("", view))
    class Live(LiveServerTestCase):
        def test(self):
            Item.objects.create(name="made inside")
            answers.append([urllib.request.urlopen(self.live_server_url + "/").read().decode(), connection.in_atomic_block])
    class Rolled(TestCase):
        def test(self): answers.append([str(Item.objects.create(name="made inside").pk > 0), connection.in_atomic_block])
    def left(case): return run_tests(case) + list(Item.objects.values_list("name", flat=True))
    Item.objects.create(name="old")
    show(left=[left(Rolled), left(Live)], answers=answers, main=threads[0] is threading.main_thread(), bases=[issubclass(LiveServerTestCase, c) for c in (TestCase, TransactionTestCase)])
    """
    seen = run_shop(tmp_path, code, ITEM)
    assert (seen["left"], seen["answers"]) == ([[1, 0, "old"], [1, 0]], [["True", True], ["2", False]])
    assert (seen["main"], seen["bases"]) == (False, [False, True])


def test_tests_run_with_debug_off(tmp_path: Path) -> None:
    """DJA828: With DEBUG = True in the settings a test sees False, True only by debug_mode or override_settings; afterwards it is back."""
    test = "from django.conf import settings\nfrom django.test import SimpleTestCase\nclass Case(SimpleTestCase):\n    def test(self):\n        "
    code = """
    from django.test.runner import DiscoverRunner
    (HERE / "shop" / "tests.py").write_text(TEST + "with self.settings(DEBUG=True): inner = settings.DEBUG\\n        settings.SEEN.append([settings.DEBUG, inner])\\n")
    settings.SEEN, before = [], settings.DEBUG
    with redirect_stdout(io.StringIO()): failed = [DiscoverRunner(verbosity=0, debug_mode=mode).run_tests(["shop.tests"]) for mode in (False, True)]
    show(seen=settings.SEEN, failed=failed, around=[before, settings.DEBUG])
    """
    seen = run_shop(tmp_path, code.replace("TEST +", f"{test!r} +"), DEBUG=True)
    assert seen == {"seen": [[False, True], [True, True]], "failed": [0, 0], "around": [True, True]}


def test_required_fields_leave_the_login_field_out(tmp_path: Path) -> None:
    """DJA829: The login field in the list is the error auth.E002, an empty list none; createsuperuser asks for login and password anyway."""
    code = """
    from django.contrib.auth.checks import check_user_model
    def ids(fields):
        User.REQUIRED_FIELDS = fields
        return [message.id for message in check_user_model(None)]
    seen, asked = [ids(["email"]), ids(["username"]), ids([])], []
    def answer(prompt="Password: "): return asked.append(prompt.split()[0]) or "ann-of-kent"
    with mock.patch.object(builtins, "input", answer), mock.patch.object(getpass, "getpass", answer):
        call_command("createsuperuser", stdin=mock.Mock(isatty=lambda: True), stdout=io.StringIO())
    show(seen=seen, asked=asked, checked=User.objects.get().check_password("ann-of-kent"))
    """
    seen = run_shop(tmp_path, code)
    assert seen == {"seen": [[], ["auth.E002"], []], "asked": ["Username", "Password:", "Password"], "checked": True}


def test_model_backend_denies_objects(tmp_path: Path) -> None:
    """DJA830: The holder of the model permission is refused for an object, a superuser is not unless inactive; nothing is raised."""
    code = """
    user, permission = permitted()
    user.user_permissions.add(permission)
    item = Item.objects.create(name="a")
    root, idle = User(is_superuser=True), User(is_superuser=True, is_active=False)
    show(answers=[[one.has_perm("shop.pack_item"), one.has_perm("shop.pack_item", item)] for one in (user, root, idle)],
         all=[len(user.get_all_permissions()), len(user.get_all_permissions(item))])
    """
    assert run_shop(tmp_path, code, ITEM) == {"answers": [[True, False], [True, True], [False, False]], "all": [1, 0]}


def test_permissions_stay_cached_on_the_user(tmp_path: Path) -> None:
    """DJA831: The answer is old after add(), save() and refresh_from_db(), new for an object fetched anew; a second check sends no query."""
    code = """
    user, permission = permitted()
    def allowed(one=user): return one.has_perm("shop.pack_item")
    seen = [allowed(), user.user_permissions.add(permission), allowed(), user.save(), allowed(), user.refresh_from_db(), allowed()]
    show(seen=[answer for answer in seen if answer is not None], queries=len(sent(allowed)), anew=allowed(User.objects.get()))
    """
    assert run_shop(tmp_path, code, ITEM) == {"seen": [False] * 4, "queries": 0, "anew": True}


def test_list_display_accepts_lookups(tmp_path: Path) -> None:
    """DJA832: The checks pass a lookup over one relation or two and refuse an unknown or dotted one; its value is that of the author."""
    country = "class Country(models.Model): code = models.CharField(max_length=2)\n"
    models = country + BOOK.replace("max_length=9)", "max_length=9); country = models.ForeignKey(Country, models.CASCADE)")
    code = """
    from django.contrib.admin import AdminSite, ModelAdmin
    from django.contrib.admin.utils import lookup_field
    def errors(*names): return [error.id for error in type("BookAdmin", (ModelAdmin,), {"list_display": names})(Book, AdminSite()).check()]
    book = Book(author=Author(name="Ann", country=Country(code="NZ")))
    values = [lookup_field(name, book)[2] for name in ("author__name", "author__country__code")]
    show(values=values, errors=[errors("author__name", "author__country__code"), errors("author__nose"), errors("author.name")])
    """
    assert run_shop(tmp_path, code, models) == {"values": ["Ann", "NZ"], "errors": [[], ["admin.E108"], ["admin.E108"]]}


def test_a_caught_error_breaks_the_block(tmp_path: Path) -> None:
    """DJA833: After an error caught inside, a query is refused and the block rolled back; with an inner atomic() both rows stay."""
    code = """
    def block(inner, more):
        Item.objects.all().delete()
        with transaction.atomic():
            Item.objects.create(name="a")
            with suppress(IntegrityError), inner(): Item.objects.create(name="a")
            if more: Item.objects.create(name="b")
    def outcome(inner, more=True): return [failure(block, inner, more), Item.objects.count()]
    show(broken=[outcome(nullcontext), outcome(nullcontext, more=False)], whole=outcome(transaction.atomic))
    """
    assert run_shop(tmp_path, code, ITEM) == {"broken": [["TransactionManagementError", 0], [None, 0]], "whole": [None, 2]}


def test_set_up_test_data_runs_once_per_class(tmp_path: Path) -> None:
    """DJA834: For two tests it runs once and setUp() twice; each finds row and object as made, and afterwards the row is gone."""
    code = """
    calls, found = [], []
    class Case(TestCase):
        @classmethod
        def setUpTestData(cls): calls.append("data"), setattr(cls, "item", Item.objects.create(name="a"))
        def setUp(self): calls.append("setUp")
        def change(self):
            found.append([Item.objects.count(), self.item.name])
            self.item.name = "changed"
            Item.objects.all().delete()
        test_1 = test_2 = change
    show(run=run_tests(Case), calls=calls, found=found, left=Item.objects.count(), elsewhere=hasattr(TransactionTestCase, "setUpTestData"))
    """
    expected = {"run": [2, 0], "calls": ["data", "setUp", "setUp"], "found": [[1, "a"]] * 2, "left": 0, "elsewhere": False}
    assert run_shop(tmp_path, code, ITEM) == expected


def test_inactive_users_are_locked_out(tmp_path: Path) -> None:
    """DJA835: authenticate() gives None though the password is right, the open session turns anonymous; another backend lets the user in."""
    code = """
    urlpatterns.append(path("", lambda request: HttpResponse(request.user.get_username() or "anonymous")))
    user, client = User.objects.create_user("ann", password="pw"), Client()
    def state(): return [client.get("/").content.decode(), getattr(authenticate(username="ann", password="pw"), "username", None)]
    seen = [client.login(username="ann", password="pw"), state()]
    User.objects.update(is_active=False)
    seen += [state(), User.objects.get().check_password("pw")]
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    show(seen=seen, all=state()[1])
    """
    assert run_shop(tmp_path, code) == {"seen": [True, ["ann", "ann"], ["anonymous", None], True], "all": "ann"}


def test_validators_do_not_run_in_create_user(tmp_path: Path) -> None:
    """DJA836: create_user() and set_password() take what the form and validate_password() refuse, and such a user logs in."""
    code = """
    from django.contrib.auth.forms import UserCreationForm, password_validation
    user = User.objects.create_user("ann", password="1")
    user.set_password("2"), user.save()
    def errors(word): return sorted(UserCreationForm({"username": "bob", "password1": word, "password2": word}).errors)
    show(logs_in=authenticate(username="ann", password="2") == user, form=[errors("2"), errors("long-enough-2")], called=failure(password_validation.validate_password, "2"))
    """
    validators = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
    seen = run_shop(tmp_path, code, AUTH_PASSWORD_VALIDATORS=validators)
    assert seen == {"logs_in": True, "form": [["password2"], []], "called": "ValidationError"}
