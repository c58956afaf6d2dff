"""Django's models and queries: fields and their columns, relations, saving, deleting, counting, transactions, and migrations."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from django_process import run_django, write_migration

ITEM = "class Item(models.Model):\n    name = models.CharField(max_length=20)\n    stock = models.IntegerField(default=7)\n"
BOOK = """
called = []
class Author(models.Model): name = models.CharField(max_length=9)
class Book(models.Model):
    author, title = models.ForeignKey(Author, models.CASCADE), models.CharField(max_length=9)
    def delete(self): called.append("delete"), super().delete()
"""
HELPERS = """
import threading, time
from contextlib import suppress
from django.db.models.signals import post_delete, post_init, pre_delete
def ddl(model): return plain(f"SELECT sql FROM sqlite_master WHERE name = '{model._meta.db_table}'")[0][0].upper()
"""


def run_shop(folder: Path, code: str, models: str = "", **settings: Any) -> dict[str, Any]:
    return run_django(folder, HELPERS + dedent(code), models, **settings)


def test_cascade_is_not_in_the_table(tmp_path: Path) -> None:
    """DJA721: The table refers without ON DELETE; plain SQL is refused, while delete() takes the book along and tells its receiver."""
    code = """
    gone = []
    post_delete.connect(lambda instance, **kw: gone.append(type(instance).__name__), weak=False)
    author = Book.objects.create(author=Author.objects.create(name="a"), title="t").author
    refused, left, _ = failure(plain, "DELETE FROM shop_author"), Book.objects.count(), author.delete()
    show(refused=refused, left=[left, Book.objects.count()], gone=gone, clauses=["REFERENCES" in ddl(Book), "ON DELETE" in ddl(Book)])
    """
    seen = run_shop(tmp_path, code, BOOK)
    assert seen == {"refused": "IntegrityError", "left": [1, 0], "gone": ["Book", "Author"], "clauses": [True, False]}


def test_default_is_not_in_the_table(tmp_path: Path) -> None:
    """DJA722: A new object has its default before it is saved, plain SQL gets none; db_default is the other way round."""
    number = "class {}(models.Model): a = models.IntegerField({}=7)\n"
    code = """
    inserts = [failure(plain, f"INSERT INTO shop_{name} (id) VALUES (5)") for name in ("item", "other")]
    show(new=[Item().a, type(Other().a).__name__], inserts=inserts, value=Other.objects.get().a, clauses=["DEFAULT" in ddl(m) for m in (Item, Other)])
    """
    seen = run_shop(tmp_path, code, number.format("Item", "default") + number.format("Other", "db_default"))
    assert seen == {"new": [7, "DatabaseDefault"], "inserts": ["IntegrityError", None], "value": 7, "clauses": [False, True]}


def test_a_default_is_passed_and_not_called(tmp_path: Path) -> None:
    """DJA723: A function gives each object its own value, its result the same to all; a literal list is shared, list is not."""
    models = """
    from django.utils import timezone
    class Stamp(models.Model):
        passed, called = models.DateTimeField(default=timezone.now), models.DateTimeField(default=timezone.now())
        shared, own = models.JSONField(default=[]), models.JSONField(default=list)
    """
    code = """
    first, _, second = Stamp(), time.sleep(0.01), Stamp()
    first.shared.append(1), first.own.append(1)
    show(passed=first.passed < second.passed, called=first.called == second.called, lists=[second.shared, second.own])
    """
    assert run_shop(tmp_path, code, models) == {"passed": True, "called": True, "lists": [[1], []]}


def test_choices_are_checked_by_validation_only(tmp_path: Path) -> None:
    """DJA724: create() and update() store a value outside the choices, full_clean() refuses it; only a CheckConstraint stands in the table."""
    models = """
    class Item(models.Model): size = models.CharField(max_length=9, choices=[("s", "small"), ("l", "large")])
    class Strict(models.Model):
        size = models.CharField(max_length=9)
        class Meta: constraints = [models.CheckConstraint(condition=models.Q(size__in=["s", "l"]), name="size_known")]
    """
    code = """
    created, _, item = Item.objects.create(size="x").size, Item.objects.update(size="y"), Item.objects.get()
    show(stored=[created, item.size, item.get_size_display()], clean=[failure(item.full_clean), failure(Item(size="s").full_clean)],
         check=["CHECK" in ddl(model) for model in (Item, Strict)], strict=failure(Strict.objects.create, size="x"))
    """
    seen = run_shop(tmp_path, code, models)
    assert seen == {"stored": ["x", "y", "y"], "clean": ["ValidationError", None], "check": [False, True], "strict": "IntegrityError"}


def test_a_file_field_stores_the_path(tmp_path: Path) -> None:
    """DJA725: The column is a varchar that holds the path; the bytes lie under MEDIA_ROOT, not in the database, and stay after delete()."""
    code = """
    from django.core.files.base import ContentFile
    paper = Paper.objects.create(file=ContentFile(b"the-bytes-of-it", name="a.txt"))
    stored, database = plain("SELECT file, typeof(file) FROM shop_paper"), (HERE / "real.db").read_bytes()
    paper.delete()
    show(stored=stored, type="VARCHAR(100)" in ddl(Paper), there=(HERE / "media/papers/a.txt").read_text(), inside=[x in database for x in (b"the-bytes", b"a.txt")])
    """
    models = "class Paper(models.Model): file = models.FileField(upload_to='papers')\n"
    seen = run_shop(tmp_path, code, models, MEDIA_ROOT=str(tmp_path / "media"))
    assert seen == {"stored": [["papers/a.txt", "text"]], "type": True, "there": "the-bytes-of-it", "inside": [False, True]}


def test_a_foreign_key_is_indexed(tmp_path: Path) -> None:
    """DJA726: Foreign key, unique field and slug have an index by themselves; a plain field, and a key with db_index=False, have none."""
    models = """
    class Author(models.Model): pass
    class Book(models.Model):
        author, other = models.ForeignKey(Author, models.CASCADE), models.ForeignKey(Author, models.CASCADE, db_index=False, related_name="+")
        name, asked = models.CharField(max_length=9), models.CharField(max_length=9, db_index=True)
        isbn, slug, day = models.CharField(max_length=9, unique=True), models.SlugField(), models.DateTimeField()
    """
    code = """
    with connection.cursor() as cursor: found = connection.introspection.get_constraints(cursor, "shop_book").values()
    show(indexed=sorted(column for one in found if one["index"] or one["unique"] for column in one["columns"]))
    """
    assert run_shop(tmp_path, code, models)["indexed"] == ["asked", "author_id", "isbn", "slug"]


def test_the_reverse_name_is_set_by_default(tmp_path: Path) -> None:
    """DJA727: Without related_name there is book_set, a manager, and lookups say book; with it only the new name, and two keys clash."""
    models = BOOK + "class Film(models.Model): author = models.ForeignKey(Author, models.CASCADE, related_name='films')\n"
    code = """
    keys = {name: models.ForeignKey(Author, models.CASCADE) for name in ("first", "second")}
    Twice = type("Twice", (models.Model,), {"__module__": "shop.models", **keys})
    author = Author.objects.create(name="a").book_set.create(title="t").author
    show(has=[hasattr(author, name) for name in ("book_set", "books", "films", "film_set")], found=Author.objects.filter(book__title="t").count(),
         wrong=[failure(Author.objects.filter, book_set__title="t"), failure(list, author.book_set)], clash="fields.E304" in [e.id for e in Twice.check()])
    """
    seen = run_shop(tmp_path, code, models)
    assert seen == {"has": [True, False, True, False], "found": 1, "wrong": ["FieldError", "TypeError"], "clash": True}


def test_the_reverse_of_one_to_one_is_an_object(tmp_path: Path) -> None:
    """DJA728: From the other side comes the object or an exception, a manager with ForeignKey(unique=True); both columns are unique."""
    models = """
    class User(models.Model): pass
    class Profile(models.Model): user = models.OneToOneField(User, models.CASCADE)
    class Badge(models.Model): user = models.ForeignKey(User, models.CASCADE, unique=True)
    """
    code = """
    user, lonely = User.objects.create(), User.objects.create()
    profile, badge = Profile.objects.create(user=user), Badge.objects.create(user=user)
    show(single=[user.profile == profile, hasattr(user, "profile_set"), user.badge_set.get() == badge, hasattr(user, "badge")],
         missing=[failure(lambda: lonely.profile), hasattr(lonely, "profile")], again=[failure(model.objects.create, user=user) for model in (Profile, Badge)])
    """
    seen = run_shop(tmp_path, code, models, INSTALLED_APPS=["shop"])
    assert seen == {"single": [True, False, True, False], "missing": ["RelatedObjectDoesNotExist", False], "again": ["IntegrityError"] * 2}


def test_save_writes_all_fields(tmp_path: Path) -> None:
    """DJA729: UPDATE names both columns though one or none was changed, and so undoes another's change; update_fields names its own."""
    code = """
    mine = Item.objects.create(name="old", stock=1)
    mine.name, _ = "new", Item.objects.update(stock=5)
    sql = [sent(mine.save), sent(mine.save), sent(lambda: mine.save(update_fields=["name"])), sent(lambda: mine.save(update_fields=[]))]
    show(named=[[[f'"{name}"' in query for name in ("name", "stock")] for query in queries] for queries in sql], left=Item.objects.values_list("name", "stock")[0])
    """
    assert run_shop(tmp_path, code, ITEM) == {"named": [[[True, True]], [[True, True]], [[True, False]], []], "left": ["new", 1]}


def test_queryset_delete_skips_the_method(tmp_path: Path) -> None:
    """DJA730: delete() of a queryset, and a cascade, send the signals and do not call the model's delete(); that of an object does."""
    code = """
    from shop.models import called
    pre_delete.connect(lambda **kw: called.append("pre"), sender=Book, weak=False)
    post_delete.connect(lambda **kw: called.append("post"), sender=Book, weak=False)
    def calls(function): return [called.clear(), function(), sorted(called)][-1]
    author = [Book.objects.create(author=Author.objects.get_or_create(name="a")[0], title=title).author for title in "abcd"][0]
    show(one=calls(Book.objects.get(title="a").delete), many=calls(Book.objects.exclude(title="d").delete), cascade=calls(author.delete))
    """
    seen = run_shop(tmp_path, code, BOOK)
    assert seen == {"one": ["delete", "post", "pre"], "many": ["post", "post", "pre", "pre"], "cascade": ["post", "pre"]}


def test_get_or_create_returns_a_pair(tmp_path: Path) -> None:
    """DJA731: The first call creates with the defaults, the second leaves the row as it is; update_or_create() writes them."""
    code = """
    def pair(method, stock):
        item, created = method(name="a", defaults={"stock": stock})
        return [item.stock, created, Item.objects.get().stock]
    seen = [pair(Item.objects.get_or_create, 1), pair(Item.objects.get_or_create, 2), pair(Item.objects.update_or_create, 3)]
    kind, other = type(Item.objects.get_or_create(name="a")).__name__, Item.objects.get_or_create(name="a", stock=9)[1]
    show(seen=seen, kind=kind, other=other, several=failure(Item.objects.get_or_create, name="a"))
    """
    pairs = [[1, True, 1], [1, False, 1], [3, False, 3]]
    assert run_shop(tmp_path, code, ITEM) == {"seen": pairs, "kind": "tuple", "other": True, "several": "MultipleObjectsReturned"}


def test_rows_are_unordered_without_order_by(tmp_path: Path) -> None:
    """DJA732: No ORDER BY is sent, and an index lends the rows its own order; order_by(), Meta.ordering and first() send one."""
    models = "class Word(models.Model): text, long = models.CharField(max_length=9, unique=True), models.TextField(default='x' * 99)\n"
    code = """
    for text in "cab": Word.objects.create(text=text)
    texts = Word.objects.values_list("text", flat=True)
    by = ["ORDER BY" in str(rows.query) for rows in (Word.objects.all(), Word.objects.order_by("pk"), Sorted.objects.all(), Sorted.objects.order_by())]
    show(texts=[list(texts), list(texts.order_by("pk"))], by=by, first="ORDER BY" in sent(Word.objects.first)[0])
    """
    seen = run_shop(tmp_path, code, models + "class Sorted(models.Model):\n    class Meta: ordering = ['-pk']\n")
    assert seen == {"texts": [["a", "b", "c"], ["c", "a", "b"]], "by": [False, True, True, False], "first": True}


def test_count_asks_and_len_loads(tmp_path: Path) -> None:
    """DJA733: count() sends COUNT(*) each time and makes no object; len() selects the columns once, and then both are free."""
    code = """
    Item.objects.bulk_create([Item(name=name) for name in "abc"])
    made, items = [], Item.objects.all()
    post_init.connect(lambda **kw: made.append(1), sender=Item, weak=False)
    queries = [(sent(function), len(made)) for function in (items.count, items.count, lambda: len(items), items.count, lambda: len(items))]
    show(seen=[[len(sql), "COUNT(*)" in "".join(sql), objects] for sql, objects in queries])
    """
    assert run_shop(tmp_path, code, ITEM)["seen"] == [[1, True, 0]] * 2 + [[1, False, 3]] + [[0, False, 3]] * 2


def test_a_deferred_field_is_read_later(tmp_path: Path) -> None:
    """DJA734: only() and defer() give objects without the column; reading it sends one query for each, and save() leaves it alone."""
    code = """
    Item.objects.bulk_create([Item(name=name) for name in "abc"])
    only, defer, last = list(Item.objects.only("name")), list(Item.objects.defer("stock")), Item.objects.only("name").only("stock")[0]
    loaded = [isinstance(only[0], Item), only[0].pk, *[sorted(item.get_deferred_fields()) for item in (only[0], defer[0], last)]]
    queries = [len(sent(lambda: [item.name for item in only])), len(sent(lambda: [item.stock for item in only])), len(sent(lambda: only[0].stock))]
    show(loaded=loaded, queries=queries, value=only[0].stock, saved='"stock"' in sent(defer[0].save)[0])
    """
    seen = run_shop(tmp_path, code, ITEM)
    assert seen == {"loaded": [True, 1, ["stock"], ["stock"], ["name"]], "queries": [0, 3, 0], "value": 7, "saved": False}


def test_an_inner_atomic_is_a_savepoint(tmp_path: Path) -> None:
    """DJA735: The outer rollback takes the inner block along, an inner failure that is caught takes its own rows only; durable is refused."""
    code = """
    def nested(inner=False, outer=False, **options):
        Item.objects.all().delete()
        with suppress(KeyError), transaction.atomic():
            Item.objects.create(name="outer")
            with suppress(KeyError), transaction.atomic(**options):
                Item.objects.create(name="inner")
                if inner: raise KeyError
            if outer: raise KeyError
        return sorted(Item.objects.values_list("name", flat=True))
    show(left=[nested(), nested(inner=True), nested(outer=True)], durable=failure(nested, durable=True), sql=" ".join(query.split()[0] for query in sent(nested)[-7:-1]))
    """
    seen = run_shop(tmp_path, code, ITEM)
    assert (seen["left"], seen["durable"]) == ([["inner", "outer"], ["outer"], []], "RuntimeError")
    assert seen["sql"] == "BEGIN INSERT SAVEPOINT INSERT RELEASE COMMIT"


def test_on_commit_waits_for_the_commit(tmp_path: Path) -> None:
    """DJA736: The function runs after the outermost block in the same thread, at once without one, and never after a rollback."""
    code = """
    def steps(fails=False):
        seen = []
        def callback(): seen.append([connection.in_atomic_block, threading.current_thread() is threading.main_thread()])
        with suppress(KeyError), transaction.atomic():
            with transaction.atomic(): transaction.on_commit(callback)
            seen.append("inner block left")
            if fails: raise KeyError
        return seen
    at_once = []
    transaction.on_commit(lambda: at_once.append("ran"))
    show(commit=steps(), rollback=steps(fails=True), at_once=at_once)
    """
    seen = run_shop(tmp_path, code)
    assert seen == {"commit": ["inner block left", [False, True]], "rollback": ["inner block left"], "at_once": ["ran"]}


def test_values_are_dictionaries_in_a_queryset(tmp_path: Path) -> None:
    """DJA737: values() gives dicts, values_list() tuples or, flat, bare values; both are querysets that send nothing until read."""
    code = """
    from django.http import JsonResponse
    made, items, _ = [], Item.objects, Item.objects.create(name="a")
    queries = sent(lambda: made.extend([items.values("name"), items.values_list("name"), items.values_list("name", flat=True)]))
    show(rows=[repr(rows[0]) for rows in made], lazy=[len(queries), all(isinstance(rows, models.QuerySet) for rows in made)], more=made[1].filter(name="b").count(),
         refused=[failure(items.values_list, "name", "stock", flat=True), failure(JsonResponse, made[0], safe=False)])
    """
    seen = run_shop(tmp_path, code, ITEM)
    assert seen == {"rows": ["{'name': 'a'}", "('a',)", "'a'"], "lazy": [0, True], "more": 0, "refused": ["TypeError"] * 2}


def test_migrate_goes_by_its_table(tmp_path: Path) -> None:
    """DJA738: A table dropped by hand and an edited migration are left alone; without its row the migration is run again."""
    write_migration(tmp_path)
    code = """
    from django.core.management import call_command
    file = HERE / "notes" / "migrations" / "0001_a.py"
    def step(sql="SELECT 1"):
        for name in [name for name in sys.modules if name.startswith("notes.migrations")]: del sys.modules[name]
        plain(sql), call_command("migrate", "notes", verbosity=0)
        return [len(plain("SELECT name FROM django_migrations")), [column[1] for column in plain("PRAGMA table_info(notes_note)")]]
    seen, _ = [step()], file.write_text(file.read_text().replace("True))", 'True)), ("text", models.TextField(default=""))'))
    show(seen=seen + [step(), step("DROP TABLE notes_note"), step("DELETE FROM django_migrations")])
    """
    seen = run_shop(tmp_path, code, INSTALLED_APPS=["notes", "shop"])["seen"]
    assert seen == [[1, ["id"]], [1, ["id"]], [1, []], [1, ["id", "text"]]]
