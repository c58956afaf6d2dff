"""Django's on_delete options, choices, table names, saving, many-to-many relations, case in lookups, first() and sqlmigrate."""

from pathlib import Path

from django_process import run_django, write_migration

ITEM = "class Item(models.Model): name = models.CharField(max_length=20)\n"
OWNED = "class Owner(models.Model): pass\nclass Item(models.Model): owner = models.ForeignKey(Owner, {})\n"
TAGGED = """
class Tag(models.Model): pass
class Item(models.Model): name, tags = models.CharField(max_length=20), models.ManyToManyField(Tag)
"""


def test_protect_blocks_deletion_of_the_referenced(tmp_path: Path) -> None:
    """DJA540: While an item points to it the owner stays; the item goes without hindrance, and the owner after it."""
    code = """
    item = Item.objects.create(owner=Owner.objects.create())
    refused = [failure(item.owner.delete), failure(Owner.objects.all().delete)]
    kept = [Owner.objects.count(), Item.objects.count()]
    show(refused=refused, kept=kept, item=failure(item.delete), owner=failure(Owner.objects.get().delete), left=Owner.objects.count())
    """
    seen = run_django(tmp_path, code, OWNED.format("models.PROTECT"))
    assert seen == {"refused": ["ProtectedError"] * 2, "kept": [1, 1], "item": None, "owner": None, "left": 0}


def test_set_null_needs_a_nullable_field(tmp_path: Path) -> None:
    """DJA541: The item stays with an empty key; without null=True a system check reports an error and the deletion fails."""
    models = OWNED.format("models.SET_NULL, null=True") + "class Strict(models.Model): owner = models.ForeignKey(Owner, models.SET_NULL)\n"
    code = """
    from django.core.checks import run_checks
    item = Item.objects.create(owner=Owner.objects.create())
    item.owner.delete()
    strict = Strict.objects.create(owner=Owner.objects.create())
    show(key=Item.objects.get().owner_id, errors=[[e.id, e.obj.model.__name__] for e in run_checks()], strict=failure(strict.owner.delete))
    """
    seen = run_django(tmp_path, code, models)
    assert seen == {"key": None, "errors": [["fields.E320", "Strict"]], "strict": "IntegrityError"}


def test_choices_store_the_first_of_each_pair(tmp_path: Path) -> None:
    """DJA542: The column holds the first element, get_size_display() gives the second, and so it is with TextChoices."""
    models = """
    class Size(models.TextChoices): SMALL = "S", "Small one"
    class Item(models.Model):
        size = models.CharField(max_length=9, choices=[("L", "Large one")])
        kind = models.CharField(max_length=9, choices=Size)
    """
    code = """
    item = Item.objects.create(size="L", kind=Size.SMALL)
    show(row=plain("SELECT size, kind FROM shop_item")[0], labels=[item.get_size_display(), item.get_kind_display()],
         found=[Item.objects.filter(size=size).count() for size in ("L", "Large one")])
    """
    seen = run_django(tmp_path, code, models)
    assert seen == {"row": ["L", "S"], "labels": ["Large one", "Small one"], "found": [1, 0]}


def test_a_table_is_named_after_app_and_model(tmp_path: Path) -> None:
    """DJA543: shop_bookorder is the table of BookOrder, whatever its plural name; db_table is taken as it is."""
    models = """
    class BookOrder(models.Model):
        class Meta: verbose_name_plural = "orders"
    class Other(models.Model):
        class Meta: db_table = "Things"
    """
    code = """show(tables=[name for name, in plain("SELECT name FROM sqlite_master WHERE type = 'table'")])"""
    tables = run_django(tmp_path, code, models)["tables"]
    assert {"shop_bookorder", "Things"} <= set(tables) and not {"orders", "shop_other", "shop_Things"} & set(tables)


def test_sqlmigrate_changes_nothing(tmp_path: Path) -> None:
    """DJA544: It prints the CREATE TABLE, yet the table does not exist and no migration is recorded until migrate runs."""
    write_migration(tmp_path)
    code = """
    import io
    from django.core.management import call_command
    tables = lambda: {"notes_note", "django_migrations"} & set(connection.introspection.table_names())
    call_command("sqlmigrate", "notes", "0001", stdout=(out := io.StringIO()))
    before = len(tables())
    call_command("migrate", "notes", verbosity=0)
    show(printed='CREATE TABLE "notes_note"' in out.getvalue(), before=before, after=len(tables()))
    """
    apps = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "shop", "notes"]
    assert run_django(tmp_path, code, INSTALLED_APPS=apps) == {"printed": True, "before": 0, "after": 2}


def test_create_saves_and_the_constructor_does_not(tmp_path: Path) -> None:
    """DJA545: Item() sends no SQL and has no key; create() sends the INSERT; a save() after it is an UPDATE."""
    code = """
    made, created = [], []
    built = sent(lambda: made.append(Item(name="a")))
    stored = sent(lambda: created.append(Item.objects.create(name="b")))
    show(built=built, key=made[0].pk, stored=[sql[:6] for sql in stored], again=[sql[:6] for sql in sent(created[0].save)],
         names=[item.name for item in Item.objects.all()])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen == {"built": [], "key": None, "stored": ["INSERT"], "again": ["UPDATE"], "names": ["b"]}


def test_save_inserts_or_updates_by_the_key(tmp_path: Path) -> None:
    """DJA546: No key: a new row; the key of a row: that row is changed, even by another object; key set to None: a copy."""
    code = """
    item = Item(name="a")
    kinds = lambda thing: [sql[:6] for sql in sent(thing.save)]
    first, second = kinds(item), kinds(item)
    Item(pk=item.pk, name="b").save()
    rows = [Item.objects.count(), Item.objects.get().name]
    item.pk = None
    show(first=first, second=second, rows=rows, copy=kinds(item), count=Item.objects.count())
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen == {"first": ["INSERT"], "second": ["UPDATE"], "rows": [1, "b"], "copy": ["INSERT"], "count": 2}


def test_a_many_to_many_relation_is_written_at_once(tmp_path: Path) -> None:
    """DJA547: add(), set(), remove() and clear() change the join table without save(); unsaved objects are refused."""
    code = """
    item, a, b = Item.objects.create(), Tag.objects.create(), Tag.objects.create()
    def rows(change, *values):
        change(*values)
        return sorted(tag for tag, in plain("SELECT tag_id FROM shop_item_tags"))
    steps = [rows(item.tags.add, a), rows(item.tags.set, [b]), rows(item.tags.remove, b), rows(item.tags.add, a, b), rows(item.tags.clear)]
    show(steps=steps, tags=Tag.objects.count(), unsaved=[failure(item.tags.add, Tag()), failure(lambda: Item().tags.add(a))])
    """
    seen = run_django(tmp_path, code, TAGGED)
    assert seen == {"steps": [[1], [2], [], [1, 2], []], "tags": 2, "unsaved": ["ValueError"] * 2}


def test_i_stands_for_ignoring_case(tmp_path: Path) -> None:
    """DJA548: exact misses another case, iexact and icontains do not; contains does on SQLite, while PostgreSQL folds for icontains only."""
    code = """
    from django.db.backends.postgresql.operations import DatabaseOperations
    Item.objects.create(name="Django")
    cast = lambda lookup: DatabaseOperations(connection).lookup_cast(lookup)
    lookups = ("exact", "iexact", "contains", "icontains")
    show(found={lookup: Item.objects.filter(**{"name__" + lookup: "django"}).count() for lookup in lookups},
         short=Item.objects.filter(name="django").count(), casts=[cast("contains"), cast("icontains")])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen["found"] == {"exact": 0, "iexact": 1, "contains": 1, "icontains": 1} and seen["short"] == 0
    assert seen["casts"] == ["%s::text", "UPPER(%s::text)"]


def test_commit_false_leaves_the_many_to_many_data_out(tmp_path: Path) -> None:
    """DJA549: After save(commit=False) and the save of the instance there are no tags until save_m2m(); a plain save() stores them."""
    code = """
    from django.forms import modelform_factory
    tag, Form = Tag.objects.create(), modelform_factory(Item, fields=["name", "tags"])
    def form(): return Form({"name": "a", "tags": [tag.pk]})
    late = form()
    item = late.save(commit=False)
    item.save()
    before, _ = item.tags.count(), late.save_m2m()
    whole = form()
    show(before=before, after=item.tags.count(), plain=whole.save().tags.count(), method=hasattr(whole, "save_m2m"))
    """
    assert run_django(tmp_path, code, TAGGED) == {"before": 0, "after": 1, "plain": 1, "method": False}


def test_first_returns_none_for_no_rows(tmp_path: Path) -> None:
    """DJA550: first() and last() give None over no rows and an object otherwise; get(), latest() and earliest() raise."""
    code = """
    items = Item.objects.all()
    empty = [items.first(), items.last()]
    raised = [failure(items.get), failure(items.latest, "name"), failure(items.earliest, "name")]
    Item.objects.create(name="a")
    show(empty=empty, raised=raised, kinds=[type(items.first()).__name__, type(items.last()).__name__])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen == {"empty": [None, None], "raised": ["DoesNotExist"] * 3, "kinds": ["Item", "Item"]}
