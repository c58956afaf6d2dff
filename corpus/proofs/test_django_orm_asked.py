"""What interviews ask about Django's connections, keys, fields, migrations and querysets."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from django_process import release, run_django

BOOK = """
class Author(models.Model): name = models.CharField(max_length=9)
class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="edited")
    title, notes = models.CharField(max_length=9), models.TextField(default="n")
class Prize(models.Model): author = models.ForeignKey(Author, models.CASCADE)
"""
IMPORTS = "from django.db import migrations, models\n"
LATER = "models.IntegerField(default=0)"
MIGRATION = f"""{IMPORTS}
seen = []
def fill(apps, editor):
    Note = apps.get_model("notes", "Note")
    seen.extend([hasattr(Note, "shout"), "save" in vars(Note), [f.name for f in Note._meta.fields], Note.objects.create(text="a").text])
class Migration(migrations.Migration):
    fields = [("id", models.AutoField(primary_key=True)), ("text", models.CharField(max_length=9))]
    operations = [migrations.CreateModel("Note", fields), migrations.RunPython(fill)]
"""
HELPERS = """
import threading
from django.core.management import call_command
from django.db import connections
def in_thread(function):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(function()))
    thread.start(), thread.join()
    return seen[0]
"""


def run_shop(folder: Path, code: str, models: str = "", **settings: Any) -> dict[str, Any]:
    return run_django(folder, HELPERS + dedent(code), models, **settings)


def keeping(folder: Path, **options: Any) -> dict[str, Any]:
    """DATABASES with these options beside a SQLite file."""
    return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "real.db"), **options}}


def test_each_thread_keeps_a_connection_of_its_own(tmp_path: Path) -> None:
    """DJA801: With CONN_MAX_AGE the connection outlives the requests of its thread, another thread opens its own; a pool is refused beside it."""
    code = """
    from django.db.backends.postgresql.base import DatabaseWrapper
    def asked(): return [connection.close_if_unusable_or_obsolete() or plain("SELECT 1") and id(connection.connection) for _ in range(3)]
    mine, (other, there) = asked(), in_thread(lambda: (asked(), connection.connection))
    postgres = DatabaseWrapper({**connection.settings_dict, "NAME": "x", "CONN_MAX_AGE": 60, "OPTIONS": {"pool": True}})
    try: refused = postgres.pool
    except Exception as error: refused = str(error)
    show(mine=len(set(mine)), other=len(set(other)), shared=mine[0] == other[0], age=connection.settings_dict["CONN_MAX_AGE"], refused=refused)
    """
    seen = run_shop(tmp_path, code, DATABASES=keeping(tmp_path, CONN_MAX_AGE=60))
    assert (seen["mine"], seen["other"], seen["shared"], seen["age"]) == (1, 1, False, 60)
    assert seen["refused"] == "Pooling doesn't support persistent connections."


def test_the_connection_is_closed_after_the_request(tmp_path: Path) -> None:
    """DJA802: The end of a request closes the connection by default and leaves it open with CONN_MAX_AGE; two queries share one."""
    code = """
    from django.core.signals import request_finished
    def asked():
        first, second = [plain("SELECT 1") and connection.connection for _ in range(2)]
        request_finished.send(sender=None)
        return [first is second, connection.connection is None]
    show(seen=asked(), age=connection.settings_dict["CONN_MAX_AGE"])
    """
    (tmp_path / "kept").mkdir()
    assert run_shop(tmp_path, code) == {"seen": [True, True], "age": 0}
    kept = run_shop(tmp_path / "kept", code, DATABASES=keeping(tmp_path / "kept", CONN_MAX_AGE=60))
    assert kept == {"seen": [True, False], "age": 60}


def test_startproject_sets_big_keys(tmp_path: Path) -> None:
    """DJA803: A new project says BigAutoField, or Django itself does since 6.0; the setting decides the type of the key and its column."""
    code = """
    from django.conf import global_settings
    (HERE / "new").mkdir(), call_command("startproject", "site_", str(HERE / "new"))
    line = [line for line in (HERE / "new/site_/settings.py").read_text().splitlines() if line.startswith("DEFAULT_AUTO_FIELD")]
    from django.db.backends.postgresql.base import DatabaseWrapper
    columns = [DatabaseWrapper.data_types[type(model._meta.pk).__name__] for model in (Item, apps.get_model("auth", "User"))]
    show(line="".join(line), default=global_settings.DEFAULT_AUTO_FIELD, key=type(Item._meta.pk).__name__, columns=columns)
    """
    big = "django.db.models.BigAutoField"
    seen = run_shop(tmp_path, code, "class Item(models.Model): pass\n", DEFAULT_AUTO_FIELD=big)
    assert big in (seen["line"], seen["default"]) or seen["line"] == f"DEFAULT_AUTO_FIELD = '{big}'"
    assert release() < (6, 0) or seen["default"] == big
    assert (seen["key"], seen["columns"][0][:6], seen["columns"][1][:7]) == ("BigAutoField", "bigint", "integer")


def test_a_key_of_two_columns(tmp_path: Path) -> None:
    """DJA804: Both columns are the key, without an id; two primary_key=True, a ForeignKey and the admin are refused."""
    models = """
    class Line(models.Model):
        pk, order, number = models.CompositePrimaryKey("order", "number"), models.IntegerField(), models.IntegerField()
    """
    code = """
    from django.contrib.admin import site
    line, _ = [Line.objects.create(order=1, number=number) for number in (2, 3)]
    def ids(**fields): return [error.id for error in type("Other", (models.Model,), {"__module__": "shop.models", **fields}).check()]
    keys = [column[1] for column in plain("PRAGMA table_info(shop_line)") if column[5]]
    show(pk=line.pk, found=Line.objects.get(pk=(1, 3)).number, keys=keys, again=failure(Line.objects.bulk_create, [Line(order=1, number=2)]),
         twice=ids(**{name: models.IntegerField(primary_key=True) for name in "ab"}), foreign=ids(to=models.ForeignKey(Line, models.CASCADE)), admin=failure(site.register, Line), fields=hasattr(line, "id"))
    """
    seen = run_shop(
        tmp_path, code, models, INSTALLED_APPS=[*(f"django.contrib.{name}" for name in ("contenttypes", "auth", "admin")), "shop"]
    )
    assert (seen["pk"], seen["found"], seen["keys"], seen["again"]) == ([1, 2], 3, ["order", "number"], "IntegrityError")
    assert (seen["admin"], seen["fields"]) == ("ImproperlyConfigured", False)
    assert seen["foreign"] + seen["twice"] == ["fields.E347", "models.E026"]


def test_a_char_field_without_length(tmp_path: Path) -> None:
    """DJA805: SQLite takes it and stores a long text, the features of PostgreSQL allow it; for MySQL and Oracle E120 stays."""
    code = """
    import importlib, types
    from unittest import mock
    from django.db.backends.base.features import BaseDatabaseFeatures
    from django.db.backends.postgresql.features import DatabaseFeatures
    def found(allowed):
        with mock.patch.object(type(connection.features), "supports_unlimited_charfield", allowed): return [e.id for e in Item.check(databases=["default"])]
    names = [BaseDatabaseFeatures.supports_unlimited_charfield, DatabaseFeatures.supports_unlimited_charfield]
    own = [e.id for e in Item.check(databases=["default"])]
    others = ["unlimited_charfield" in Path(django.__file__).with_name("db").joinpath("backends", name, "features.py").read_text() for name in ("mysql", "oracle")]
    show(own=own, stored=len(Item.objects.create(name="x" * 999).name), features=names, others=others, checks=[found(True), found(False)])
    """
    seen = run_shop(tmp_path, code, "class Item(models.Model): name = models.CharField()\n")
    assert seen == {"own": [], "stored": 999, "features": [False, True], "others": [False, False], "checks": [[], ["fields.E120"]]}


def test_a_text_field_is_limited_by_forms_only(tmp_path: Path) -> None:
    """DJA806: full_clean(), save() and the column let a long text pass, the form does not; a CharField's length stands in both."""
    models = "class Item(models.Model): text, name = models.TextField(max_length=3), models.CharField(max_length=3)\n"
    code = """
    from django.forms import modelform_factory
    form = modelform_factory(Item, fields=["text"])
    Item(text="x" * 99, name="a").save()
    show(clean=[failure(Item(text="x" * 99, name="a").full_clean), failure(Item(text="x", name="aaaa").full_clean)], stored=len(Item.objects.get().text),
         columns=[column[2] for column in plain("PRAGMA table_info(shop_item)")][1:], valid=[form({"text": t}).is_valid() for t in ("xxxx", "xxx")],
         area='maxlength="3"' in str(form()["text"]))
    """
    seen = run_shop(tmp_path, code, models)
    assert seen == {
        "clean": [None, "ValidationError"],
        "stored": 99,
        "columns": ["TEXT", "varchar(3)"],
        "valid": [False, True],
        "area": True,
    }


def test_makemigrations_reads_files_and_no_tables(tmp_path: Path) -> None:
    """DJA807: A dropped table and an added column go unseen, nothing is proposed twice; without its file the change is written again."""
    code = """
    def made():
        before = set((HERE / "shop/migrations").glob("0*"))
        for name in [name for name in sys.modules if name.startswith("shop.migrations")]: del sys.modules[name]
        call_command("makemigrations", "shop", verbosity=0)
        return sorted(file.name for file in set((HERE / "shop/migrations").glob("0*")) - before)
    seen = [made(), made(), plain("ALTER TABLE shop_item ADD COLUMN extra int"), made(), plain("DROP TABLE shop_item"), made()]
    (HERE / "shop/migrations/0001_initial.py").unlink()
    show(seen=[*seen, made()])
    """
    seen = run_shop(tmp_path, code, "class Item(models.Model): name = models.CharField(max_length=9)\n")["seen"]
    assert seen == [["0001_initial.py"], [], [], [], [], [], ["0001_initial.py"]]


def test_a_slice_is_lazy(tmp_path: Path) -> None:
    """DJA809: A slice sends nothing and is a queryset; an index and a step query at once, -1 and filter() are refused."""
    code = """
    Author.objects.bulk_create([Author(name=name) for name in "abcd"])
    names = Author.objects.order_by("name")
    cut = names[:2]
    queries = [len(sent(f)) for f in (lambda: names[:2], lambda: Author.objects.filter(pk__in=cut), lambda: names[0], lambda: names[::2], lambda: list(cut))]
    show(queries=queries, kinds=[type(names[:2]).__name__, type(names[::2]).__name__], refused=[failure(lambda: names[-1]), failure(names[:2].filter, name="a")])
    """
    seen = run_shop(tmp_path, code, BOOK)
    assert seen == {"queries": [0, 0, 1, 1, 1], "kinds": ["QuerySet", "list"], "refused": ["ValueError", "TypeError"]}


def test_select_related_keeps_rows_without_the_other(tmp_path: Path) -> None:
    """DJA810: A nullable key is joined with LEFT OUTER JOIN and its row stays, a required one with INNER JOIN; without names null is skipped."""
    code = """
    Book.objects.create(title="t", author=Author.objects.create(name="a"))
    sql = [sent(lambda: list(Book.objects.select_related(*names)))[0] for names in (["editor"], ["author"], [])]
    book = Book.objects.select_related("editor").get()
    joins = [["LEFT OUTER JOIN" in query, "INNER JOIN" in query] for query in sql]
    show(joins=joins, editor=book.editor, more=len(sent(lambda: book.editor)), filtered=Book.objects.filter(editor__name="a").count())
    """
    seen = run_shop(tmp_path, code, BOOK)
    assert seen == {"joins": [[True, False], [False, True], [False, True]], "editor": None, "more": 0, "filtered": 0}


def test_each_deferred_field_costs_a_query(tmp_path: Path) -> None:
    """DJA811: Two deferred fields cost two queries, the first leaves the second deferred; refresh_from_db(fields=...) takes one for both."""
    code = """
    Book.objects.create(title="t", author=Author.objects.create(name="a"))
    book, other = Book.objects.only("pk").get(), Book.objects.only("pk").get()
    queries = [len(sent(lambda: book.title)), sorted(book.get_deferred_fields()), len(sent(lambda: book.notes)), len(sent(lambda: book.title))]
    show(queries=queries, together=len(sent(lambda: (other.refresh_from_db(fields=["title", "notes"]), other.title, other.notes))))
    """
    assert run_shop(tmp_path, code, BOOK) == {"queries": [1, ["author_id", "editor_id", "notes"], 1, 0], "together": 1}


def test_iterator_prefetches_in_chunks(tmp_path: Path) -> None:
    """DJA812: Six authors in chunks of two take one query and three for the prizes, none later; without chunk_size it is a ValueError."""
    code = """
    Author.objects.bulk_create([Author(name=name) for name in "abcdef"])
    authors = Author.objects.prefetch_related("prize_set")
    def loop(rows): return len(sent(lambda: [list(author.prize_set.all()) for author in rows]))
    show(chunks=loop(authors.iterator(chunk_size=2)), without=loop(Author.objects.iterator()), refused=failure(authors.iterator))
    """
    assert run_shop(tmp_path, code, BOOK) == {"chunks": 4, "without": 7, "refused": "ValueError"}


def test_bulk_create_sets_the_keys(tmp_path: Path) -> None:
    """DJA813: One INSERT sets the keys where rows can be returned, ignore_conflicts and a database that cannot leave None."""
    code = """
    from unittest import mock
    def keys(**options):
        authors = [Author(name=name) for name in "ab"]
        return [len(sent(lambda: Author.objects.bulk_create(authors, **options))), [author.pk for author in authors]]
    with mock.patch.object(type(connection.features), "can_return_rows_from_bulk_insert", False): unable = keys()
    from django.db.backends.postgresql.features import DatabaseFeatures
    show(keys=keys(), ignored=keys(ignore_conflicts=True)[1], unable=unable[1], postgres=DatabaseFeatures.can_return_rows_from_bulk_insert)
    """
    seen = run_shop(tmp_path, code, BOOK, INSTALLED_APPS=["shop"])
    assert (seen["keys"][1], seen["ignored"], seen["unable"], seen["postgres"]) == ([3, 4], [None] * 2, [None] * 2, True)


def test_a_data_migration_sees_an_older_model(tmp_path: Path) -> None:
    """DJA814: Within RunPython the model from apps.get_model() has neither save() nor a method of the class, and only the field of then."""
    (tmp_path / "notes" / "migrations").mkdir(parents=True)
    text = "    text = models.CharField(max_length=9)\n    def shout(self): pass\n    def save(self, **k): self.text = 'saved'; super().save(**k)\n"
    files = {
        "__init__.py": "",
        "migrations/__init__.py": "",
        "models.py": f"{IMPORTS}class Note(models.Model):\n    later = {LATER}\n{text}",
    }
    files["migrations/0001_a.py"] = MIGRATION
    assert all((tmp_path / "notes" / name).write_text(content) >= 0 for name, content in files.items())
    code = """
    from importlib import import_module
    plain("DROP TABLE notes_note"), call_command("migrate", "notes", verbosity=0)
    seen, Note = import_module("notes.migrations.0001_a").seen, apps.get_model("notes", "Note")
    show(seen=seen, now=[hasattr(Note, "shout"), "save" in vars(Note), [field.name for field in Note._meta.fields]], broken=failure(Note.objects.create, text="a"))
    """
    seen = run_shop(tmp_path, code, INSTALLED_APPS=["notes", "shop"])
    assert seen["seen"] == [False, False, ["id", "text"], "a"]
    assert (seen["now"], seen["broken"]) == ([True, True, ["id", "later", "text"]], "OperationalError")


def test_two_counts_multiply(tmp_path: Path) -> None:
    """DJA815: Three books and two prizes count as 6 and 6, distinct=True in each Count gives 3 and 2, distinct() of the queryset does not."""
    code = """
    from django.db.models import Count
    author = Author.objects.create(name="a")
    for title in "abc": Book.objects.create(author=author, title=title)
    for _ in "ab": Prize.objects.create(author=author)
    def counted(rows): return list(rows.values_list("books", "prizes")[0])
    both = Author.objects.annotate(books=Count("book"), prizes=Count("prize"))
    right = Author.objects.annotate(books=Count("book", distinct=True), prizes=Count("prize", distinct=True))
    chained = Author.objects.annotate(books=Count("book")).annotate(prizes=Count("prize"))
    show(seen=[counted(rows) for rows in (both, both.distinct(), chained, right)], alone=Author.objects.annotate(books=Count("book")).get().books)
    """
    assert run_shop(tmp_path, code, BOOK) == {"seen": [[6, 6]] * 3 + [[3, 2]], "alone": 3}


def test_a_failed_migration_is_rolled_back(tmp_path: Path) -> None:
    """DJA816: On SQLite the first table goes with the failure of the second step and stays with atomic = False; MySQL and Oracle cannot."""
    code = """
    from django.db import migrations
    from django.db.backends.base.features import BaseDatabaseFeatures
    from django.db.backends.postgresql.features import DatabaseFeatures
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.state import ProjectState
    def left(atomic):
        steps = [migrations.RunSQL(sql) for sql in (f"CREATE TABLE first_{atomic} (a int)", "nonsense")]
        migration = type("Migration", (migrations.Migration,), {"operations": steps, "atomic": atomic})("0001_a", "shop")
        error = failure(MigrationExecutor(connection).apply_migration, ProjectState(), migration)
        return [error, f"first_{atomic}" in connection.introspection.table_names()]
    folder = Path(django.__file__).with_name("db") / "backends"
    others = ["can_rollback_ddl = True" in (folder / name / "features.py").read_text() for name in ("mysql", "oracle")]
    show(left=[left(True), left(False)], able=[BaseDatabaseFeatures.can_rollback_ddl, DatabaseFeatures.can_rollback_ddl, *others])
    """
    seen = run_shop(tmp_path, code)
    assert seen == {"left": [["OperationalError", False], ["OperationalError", True]], "able": [False, True, False, False]}
