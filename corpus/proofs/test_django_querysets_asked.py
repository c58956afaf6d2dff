"""Django's querysets, managers and constraints: F(), aggregates, related objects, validation, and what the MySQL backend does."""

from pathlib import Path
from textwrap import dedent

from django_process import run_django

BOOK = """
class Author(models.Model):
    name = models.CharField(max_length=9)
class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    editor = models.ForeignKey(Author, models.CASCADE, null=True, related_name="edited")
    title, price = models.CharField(max_length=9), models.IntegerField(default=1)
"""
DRIVER = """
import types
driver, constants, converters = (types.ModuleType(name) for name in ("MySQLdb", "MySQLdb.constants", "MySQLdb.converters"))
for name in ("DataError", "OperationalError", "IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError", "DatabaseError",
             "InterfaceError", "Error"):
    setattr(driver, name, type(name, (Exception,), {}))
class Anything:
    def __getattr__(self, name): return 1
driver.version_info, driver.__version__, converters.conversions = (2, 2, 4), "2.2.4", {1: str}
constants.CLIENT = constants.FIELD_TYPE = Anything()
sys.modules.update({"MySQLdb": driver, "MySQLdb.constants": constants, "MySQLdb.converters": converters})
from django.db.backends.mysql.base import DatabaseWrapper
def mysql(**options): return DatabaseWrapper({**connection.settings_dict, "ENGINE": "django.db.backends.mysql", "OPTIONS": options})
"""


def test_an_f_expression_is_applied_by_each_save(tmp_path: Path) -> None:
    """DJA901: Two saves add two and the attribute is no number; after refresh_from_db() a save adds nothing."""
    code = """
    from django.db.models import F
    book = Book.objects.create(author=Author.objects.create(name="a"), title="t", price=1)
    book.price = F("price") + 1
    kinds, values = [], []
    for _ in range(2):
        book.save()
        kinds.append(type(book.price).__name__), values.append(Book.objects.get().price)
    book.refresh_from_db(), book.save()
    show(kinds=kinds, values=values, after=[book.price, Book.objects.get().price])
    """
    seen = run_django(tmp_path, code, BOOK)
    assert seen == {"kinds": ["CombinedExpression"] * 2, "values": [2, 3], "after": [3, 3]}


def test_update_takes_no_f_across_relations(tmp_path: Path) -> None:
    """DJA902: F() over a foreign key is refused by update(), annotated and joined too, and taken by filter(); a Subquery does it."""
    code = """
    from django.db.models import F, OuterRef, Subquery
    book, books = Book.objects.create(author=Author.objects.create(name="a"), title="t"), Book.objects.all()
    refused = [failure(books.update, title=F("author__name")), failure(books.select_related("author").update, title=F("author__name")),
               failure(books.annotate(name=F("author__name")).update, title=F("name"))]
    read = [books.filter(title__gt=F("author__name")).count(), books.filter(author__name="a").update(price=F("price") * 2 + F("author_id"))]
    books.update(title=Subquery(Author.objects.filter(pk=OuterRef("author_id")).values("name")))
    show(refused=refused, read=read, title=books.get().title)
    """
    assert run_django(tmp_path, code, BOOK) == {"refused": ["FieldError"] * 3, "read": [1, 1], "title": "a"}


def test_aggregate_runs_at_once(tmp_path: Path) -> None:
    """DJA903: Each aggregate() sends a query though nobody reads it, annotate() sends none; what it returns has no filter()."""
    code = """
    from django.db.models import Count, Sum
    books = Book.objects.all()
    counts = [len(sent(lambda: books.aggregate(Sum("price")))) for _ in range(2)] + [len(sent(lambda: books.annotate(n=Count("author"))))]
    show(counts=counts, type=type(books.aggregate(Sum("price"))).__name__)
    """
    assert run_django(tmp_path, code, BOOK) == {"counts": [1, 1, 0], "type": "dict"}


def test_aggregates_over_no_rows_give_none(tmp_path: Path) -> None:
    """DJA904: Sum, Avg, Min and Max over an empty table or relation are None, with default= 0; Count is 0 by itself."""
    code = """
    from django.db.models import Avg, Count, Max, Min, Sum
    kinds = Sum, Avg, Min, Max
    values = [Book.objects.aggregate(x=kind("price"))["x"] for kind in kinds]
    defaults = [Book.objects.aggregate(x=kind("price", default=0))["x"] for kind in kinds]
    Author.objects.create(name="a")
    author = Author.objects.annotate(spent=Sum("book__price"), books=Count("book")).get()
    show(values=values, defaults=defaults, count=Book.objects.aggregate(x=Count("price"))["x"], author=[author.spent, author.books])
    """
    seen = run_django(tmp_path, code, BOOK)
    assert seen == {"values": [None] * 4, "defaults": [0] * 4, "count": 0, "author": [None, 0]}


def test_bare_select_related_skips_nullable_keys(tmp_path: Path) -> None:
    """DJA905: Without names the required key is joined and the nullable one costs a query; with its name it is joined as well."""
    code = """
    author = Author.objects.create(name="a")
    Book.objects.create(author=author, editor=author, title="t")
    bare, named = Book.objects.select_related().get(), Book.objects.select_related("author", "editor").get()
    show(queries=[len(sent(lambda: getattr(book, name))) for book in (bare, named) for name in ("author", "editor")])
    """
    assert run_django(tmp_path, code, BOOK)["queries"] == [0, 1, 0, 0]


def test_to_attr_holds_a_list(tmp_path: Path) -> None:
    """DJA906: The attribute named by to_attr is a list without filter(); without to_attr there is a manager, whose filter() queries."""
    code = """
    from django.db.models import Prefetch
    Book.objects.create(author=Author.objects.create(name="a"), title="t")
    cheap = Book.objects.filter(price=1)
    listed = Author.objects.prefetch_related(Prefetch("book_set", cheap, to_attr="cheap")).get()
    plain = Author.objects.prefetch_related(Prefetch("book_set", cheap)).get()
    show(type=type(listed.cheap).__name__, has=[hasattr(listed.cheap, "filter"), hasattr(plain.book_set, "filter")],
         queries=[len(sent(lambda: len(listed.cheap))), len(sent(lambda: list(listed.book_set.all())))],
         missing=hasattr(Author.objects.get(), "cheap"))
    """
    assert run_django(tmp_path, code, BOOK) == {"type": "list", "has": [False, True], "queries": [0, 1], "missing": False}


def test_bulk_create_refuses_multi_table_children(tmp_path: Path) -> None:
    """DJA907: A child with a table of its own raises ValueError and leaves no row; its parent, a proxy and an abstract child work."""
    models = """
    class Place(models.Model): name = models.CharField(max_length=9)
    class Bar(Place): beer = models.CharField(max_length=9, default="b")
    class Proxy(Place):
        class Meta: proxy = True
    class Base(models.Model):
        name = models.CharField(max_length=9)
        class Meta: abstract = True
    class Child(Base): pass
    """
    code = """
    raised = [failure(model.objects.bulk_create, [model(name="n"), model(name="m")]) for model in (Bar, Place, Proxy, Child)]
    show(raised=raised, rows=[model.objects.count() for model in (Bar, Place, Child)])
    """
    assert run_django(tmp_path, code, models) == {"raised": ["ValueError", None, None, None], "rows": [0, 4, 2]}


def test_proxy_permissions_have_their_own_content_type(tmp_path: Path) -> None:
    """DJA908: The proxy's permissions stand at its own content type; who may change the concrete model may not change the proxy."""
    models = """
    class Person(models.Model): name = models.CharField(max_length=9)
    class Boss(Person):
        class Meta: proxy = True
    """
    code = """
    from django.contrib.auth.models import Permission, User
    from django.contrib.auth.management import create_permissions
    create_permissions(apps.get_app_config("shop"), verbosity=0)
    codes = lambda name: sorted(Permission.objects.filter(content_type__model=name).values_list("codename", flat=True))
    user = User.objects.create_user("u")
    user.user_permissions.add(Permission.objects.get(codename="change_person"))
    show(person=codes("person"), boss=codes("boss"), may=[user.has_perm("shop.change_person"), user.has_perm("shop.change_boss")])
    """
    seen, kinds = run_django(tmp_path, code, models), ("add", "change", "delete", "view")
    assert seen == {"person": [f"{x}_person" for x in kinds], "boss": [f"{x}_boss" for x in kinds], "may": [True, False]}


def test_check_constraint_takes_condition(tmp_path: Path) -> None:
    """DJA909: condition= makes the constraint without a warning, check= only with one that it will be gone in Django 6.0."""
    code = """
    def made(**kwargs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            models.CheckConstraint(name="c", **kwargs)
        return [type(one.message).__name__ for one in caught]
    show(condition=made(condition=models.Q(a=1)), check=made(check=models.Q(a=1)), neither=failure(made))
    """
    assert run_django(tmp_path, code) == {"condition": [], "check": ["RemovedInDjango60Warning"], "neither": "TypeError"}


def test_full_clean_checks_constraints(tmp_path: Path) -> None:
    """DJA910: full_clean() refuses what breaks a check or a unique constraint, save() leaves it to the database."""
    models = """
    class Item(models.Model):
        price, code = models.IntegerField(), models.CharField(max_length=9)
        class Meta:
            constraints = [models.CheckConstraint(condition=models.Q(price__gt=0), name="positive"),
                           models.UniqueConstraint(models.functions.Lower("code"), name="one_code")]
    """
    code = """
    Item.objects.create(price=1, code="a")
    bad = Item(price=-1, code="b"), Item(price=1, code="A")
    show(clean=[failure(item.full_clean) for item in bad], off=[failure(item.full_clean, validate_constraints=False) for item in bad],
         good=failure(Item(price=1, code="c").full_clean), save=[failure(item.save) for item in bad])
    """
    seen, errors = run_django(tmp_path, code, models), ["ValidationError", "IntegrityError"]
    assert seen == {"clean": [errors[0]] * 2, "off": [None] * 2, "good": None, "save": [errors[1]] * 2}


def test_mysql_gets_no_conditional_unique_constraint(tmp_path: Path) -> None:
    """DJA911: For MySQL and MariaDB the backend makes no SQL of it and warns W036; without condition, and on SQLite, it does make some."""
    code = """
    free = models.UniqueConstraint(fields=["a"], condition=models.Q(b__isnull=False), name="c")
    plain = models.UniqueConstraint(fields=["a"], name="p")
    def look(server):
        base = mysql()
        base.__dict__["mysql_server_info"] = server
        sql = [constraint.create_sql(Item, base.SchemaEditorClass(base, collect_sql=True)) for constraint in (free, plain)]
        return sql[0], "UNIQUE (`a`)" in str(sql[1]), [error.id for constraint in (free, plain) for error in constraint._check(Item, base)]
    show(looks=[look("8.4.6"), look("11.8.2-MariaDB")], sqlite="WHERE" in str(free.create_sql(Item, connection.schema_editor())))
    """
    models = "class Item(models.Model): a, b = models.IntegerField(), models.IntegerField(null=True)\n"
    seen = run_django(tmp_path, DRIVER + dedent(code), models)
    assert seen == {"looks": [[None, True, ["models.W036"]]] * 2, "sqlite": True}


def test_the_first_manager_is_the_default(tmp_path: Path) -> None:
    """DJA912: The first manager is the default one, whatever it is called, and default_manager_name names another."""
    managers = "    live, objects = Live(), models.Manager()\n"
    code = """
    from django.shortcuts import get_object_or_404
    three = First, Second, Named
    for model in three: model.objects.create(on=False)
    show(names=[model._default_manager.name for model in three],
         rows=[model._default_manager.count() for model in three],
         found=[failure(get_object_or_404, model, pk=1) for model in three])
    """
    models = "class Live(models.Manager):\n    def get_queryset(self): return super().get_queryset().filter(on=True)\n"
    for name, rest in (
        ("First", managers),
        ("Second", "    objects, live = models.Manager(), Live()\n"),
        ("Named", managers + "    class Meta: default_manager_name = 'objects'\n"),
    ):
        models += f"class {name}(models.Model):\n    on = models.BooleanField()\n{rest}"
    seen = run_django(tmp_path, code, models)
    assert seen == {"names": ["live", "objects", "objects"], "rows": [0, 1, 1], "found": ["Http404", None, None]}


def test_mysql_sessions_read_committed(tmp_path: Path) -> None:
    """DJA913: A MySQL connection of Django begins with SET SESSION ... READ COMMITTED; isolation_level in OPTIONS changes or stops it."""
    code = """
    from unittest.mock import MagicMock
    def levels(**options):
        wrapper, cursor = mysql(**options), MagicMock()
        wrapper.get_connection_params()
        wrapper.cursor, wrapper.__dict__["mysql_server_data"] = MagicMock(), {"sql_auto_is_null": False}
        wrapper.init_connection_state()
        return [str(call.args[0]) for call in wrapper.cursor.mock_calls if call.args and "ISOLATION" in str(call.args[0])]
    show(default=levels(), named=levels(isolation_level="repeatable read"), server=levels(isolation_level=None))
    """
    begin = "SET SESSION TRANSACTION ISOLATION LEVEL"
    seen = run_django(tmp_path, DRIVER + dedent(code))
    assert seen == {"default": [f"{begin} READ COMMITTED"], "named": [f"{begin} REPEATABLE READ"], "server": []}


def test_index_together_is_gone(tmp_path: Path) -> None:
    """DJA914: A Meta with index_together is refused, unique_together is not; Meta.indexes makes an index of two columns."""
    code = """
    def made(**options):
        meta = type("Meta", (), {"app_label": "shop", **options})
        type(f"M{len(apps.all_models['shop'])}", (Base,), {"__module__": "shop.models", "Meta": meta})
    with connection.cursor() as cursor: found = connection.introspection.get_constraints(cursor, "shop_item").values()
    show(old=failure(made, index_together=[("a", "b")]), unique=failure(made, unique_together=[("a", "b")]),
         columns=[one["columns"] for one in found if one["index"]])
    """
    models = """
    class Base(models.Model):
        a, b = models.IntegerField(), models.IntegerField()
        class Meta: abstract = True
    class Item(Base):
        class Meta: indexes = [models.Index(fields=["a", "b"])]
    """
    assert run_django(tmp_path, code, models) == {"old": "TypeError", "unique": None, "columns": [["a", "b"]]}
