"""Django's ORM: when queries run, and what each method returns."""

from pathlib import Path
from textwrap import dedent

from django_process import run_in_memory

LIBRARY = """
class Author(models.Model):
    name = models.CharField(max_length=50)

class Tag(models.Model):
    name = models.CharField(max_length=50)

class Book(models.Model):
    title = models.CharField(max_length=50)
    price = models.IntegerField(default=10)
    author = models.ForeignKey(Author, models.CASCADE)
    tags = models.ManyToManyField(Tag)

def fill():
    for name in ("Ann", "Bob"):
        author = Author.objects.create(name=name)
        for number in (1, 2, 3):
            book = Book.objects.create(title=f"{name} {number}", price=number * 10, author=author)
            book.tags.add(Tag.objects.create(name=f"tag of {book.title}"))
"""


def test_querysets_are_lazy(tmp_path: Path) -> None:
    """DJA100: Building and chaining a QuerySet sends no SQL; evaluating it does."""
    code = """
    fill()
    with queries() as building:
        books = Book.objects.all().filter(price__gt=10).exclude(title="Ann 2").order_by("title")
        cheap = books[:2]
    counts = {}
    for name, evaluate in {"for": lambda q: [b for b in q], "list": list, "len": len, "bool": bool, "repr": repr}.items():
        with queries() as evaluating:
            evaluate(books.all())
        counts[name] = len(evaluating)
    with queries() as again:
        list(books), list(books)
    show(building=len(building), evaluating=counts, twice_the_same_object=len(again), rows=len(books))
    """
    seen = run_in_memory(tmp_path, LIBRARY, code)
    assert seen["building"] == 0
    assert seen["evaluating"] == {"for": 1, "list": 1, "len": 1, "bool": 1, "repr": 1}
    assert seen["twice_the_same_object"] == 1
    assert seen["rows"] == 3


def test_select_related_joins_and_prefetch_related_asks_again(tmp_path: Path) -> None:
    """DJA101: select_related is one joined query; prefetch_related one more query per relation, joined in Python."""
    code = """
    fill()
    with queries() as plain:
        names = [book.author.name for book in Book.objects.all()]
    with queries() as joined:
        assert names == [book.author.name for book in Book.objects.select_related("author")]
    with queries() as prefetched:
        assert names == [book.author.name for book in Book.objects.prefetch_related("author")]
    with queries() as reverse:
        books = [len(author.book_set.all()) for author in Author.objects.prefetch_related("book_set")]
    with queries() as two_relations:
        for book in Book.objects.prefetch_related("author", "tags"):
            book.author.name, [tag.name for tag in book.tags.all()]
    try:
        list(Book.objects.select_related("tags"))
    except django.core.exceptions.FieldError:
        refused = True
    show(
        plain=len(plain), joined=[q["sql"] for q in joined], prefetched=[q["sql"] for q in prefetched],
        reverse=[q["sql"] for q in reverse], books=books, two_relations=len(two_relations), refused=refused,
    )
    """
    seen = run_in_memory(tmp_path, LIBRARY, code)
    assert seen["plain"] == 1 + 6
    assert len(seen["joined"]) == 1
    assert "INNER JOIN" in seen["joined"][0]
    assert len(seen["prefetched"]) == 2
    assert not any("JOIN" in sql for sql in seen["prefetched"])
    assert len(seen["reverse"]) == 2
    assert " IN (" in seen["reverse"][1]
    assert seen["books"] == [3, 3]
    assert seen["two_relations"] == 3
    assert seen["refused"]


SAVED = """
class Post(models.Model):
    title = models.CharField(max_length=50)
    slug = models.CharField(max_length=50)
    saves = []

    def save(self, *args, **options):
        self.saves.append(self.title)
        self.slug = self.title.lower()
        super().save(*args, **options)
"""

LISTEN = """
signals = []
for name in ("pre_save", "post_save"):
    getattr(models.signals, name).connect(lambda name=name, **kw: signals.append(name), sender=Post, weak=False)
"""


def test_queryset_update_skips_save_and_signals(tmp_path: Path) -> None:
    """DJA200: update() is one UPDATE, calls no save() and sends no save signals."""
    code = """
    Post.objects.create(title="A"); Post.objects.create(title="B")
    by_save = (list(signals), list(Post.saves))
    signals.clear(); Post.saves.clear()
    with queries() as update:
        changed = Post.objects.update(title="New")
    show(by_save=by_save, signals=signals, saves=Post.saves, changed=changed, sql=[q["sql"] for q in update],
         rows=list(Post.objects.values_list("title", "slug")))
    """
    seen = run_in_memory(tmp_path, SAVED, LISTEN + dedent(code))
    assert seen["by_save"] == [["pre_save", "post_save"] * 2, ["A", "B"]]
    assert seen["signals"] == []
    assert seen["saves"] == []
    assert seen["changed"] == 2
    assert len(seen["sql"]) == 1
    assert seen["sql"][0].startswith("UPDATE")
    assert seen["rows"] == [["New", "a"], ["New", "b"]]


def test_bulk_create_skips_save_and_signals(tmp_path: Path) -> None:
    """DJA201: bulk_create() inserts many objects in one query, without save() and save signals."""
    code = """
    with queries() as bulk:
        Post.objects.bulk_create([Post(title=f"T{number}") for number in range(100)])
    after_bulk = (list(signals), list(Post.saves))
    with queries() as batches:
        Post.objects.bulk_create([Post(title="more") for number in range(100)], batch_size=20)
    with queries() as loop:
        for number in range(5):
            Post.objects.create(title="X")
    show(after_bulk=after_bulk, sql=[q["sql"][:6] for q in bulk if q["sql"].startswith("INSERT")], stored=Post.objects.count(),
         batches=sum(q["sql"].startswith("INSERT") for q in batches), signals=signals, saves=Post.saves,
         slugs=list(Post.objects.values_list("slug", flat=True).distinct()), loop=sum(q["sql"].startswith("INSERT") for q in loop))
    """
    seen = run_in_memory(tmp_path, SAVED, LISTEN + dedent(code))
    assert seen["after_bulk"] == [[], []]
    assert seen["sql"] == ["INSERT"]
    assert seen["batches"] == 5
    assert seen["stored"] == 205
    assert sorted(seen["slugs"]) == ["", "x"]  # save() would have filled all of them
    assert seen["loop"] == 5
    assert seen["saves"] == ["X"] * 5
    assert seen["signals"] == ["pre_save", "post_save"] * 5


def test_aggregate_returns_a_dict_and_annotate_a_queryset(tmp_path: Path) -> None:
    """DJA202: aggregate() gives one dictionary for the queryset, annotate() a queryset with a value per object."""
    code = """
    from django.db.models import Avg, Count, QuerySet
    fill()
    Book.objects.filter(title="Bob 3").delete()
    total = Book.objects.aggregate(Avg("price"), books=Count("id"))
    with queries() as building:
        authors = Author.objects.annotate(books=Count("book")).order_by("id")
    show(total=total, kind=type(total).__name__, filterable=hasattr(total, "filter"), building=len(building),
         is_queryset=isinstance(authors, QuerySet), per_author=[(author.name, author.books) for author in authors],
         chained=[author.name for author in authors.filter(books__gt=2)])
    """
    seen = run_in_memory(tmp_path, LIBRARY, code)
    assert seen["kind"] == "dict"
    assert seen["total"] == {"price__avg": 18.0, "books": 5}
    assert not seen["filterable"]
    assert seen["is_queryset"]
    assert seen["building"] == 0
    assert seen["per_author"] == [["Ann", 3], ["Bob", 2]]
    assert seen["chained"] == ["Ann"]


def test_get_raises_and_filter_returns_a_queryset(tmp_path: Path) -> None:
    """DJA203: get() returns exactly one object or raises; filter() returns a queryset, possibly empty."""
    code = """
    fill()

    def outcome(**lookup):
        try:
            return Book.objects.get(**lookup).title
        except (Book.DoesNotExist, Book.MultipleObjectsReturned) as error:
            return type(error).__name__

    found = [Book.objects.filter(title=title) for title in ("Ann 1", "Nobody")]
    show(one=outcome(title="Ann 1"), none=outcome(title="Nobody"), many=outcome(price=10),
         kinds=[type(books).__name__ for books in found], sizes=[len(books) for books in found], first=found[1].first())
    """
    seen = run_in_memory(tmp_path, LIBRARY, code)
    assert seen["one"] == "Ann 1"
    assert seen["none"] == "DoesNotExist"
    assert seen["many"] == "MultipleObjectsReturned"
    assert seen["kinds"] == ["QuerySet", "QuerySet"]
    assert seen["sizes"] == [1, 0]
    assert seen["first"] is None


def test_raw_sql_is_possible(tmp_path: Path) -> None:
    """DJA108: Manager.raw() and a database cursor run SQL written by hand, beside the ORM."""
    code = """
    fill()
    books = list(Book.objects.raw("SELECT * FROM shop_book WHERE price > %s ORDER BY id", [20]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM shop_book WHERE price > %s", [20])
        counted = cursor.fetchone()[0]
        cursor.execute("UPDATE shop_book SET price = 99 WHERE title = %s", ["Ann 1"])
    show(titles=[book.title for book in books], are_models=all(isinstance(book, Book) for book in books), counted=counted,
         by_orm=Book.objects.filter(price__gt=20, price__lt=99).count(), written=Book.objects.get(title="Ann 1").price)
    """
    seen = run_in_memory(tmp_path, LIBRARY, code)
    assert seen["titles"] == ["Ann 3", "Bob 3"]
    assert seen["are_models"]
    assert seen["counted"] == seen["by_orm"] == 2
    assert seen["written"] == 99
