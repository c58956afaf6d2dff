"""Django: projects, keys and relations, queries, migrations, middleware, debug pages, forms, users, and databases."""

from pathlib import Path

from django_process import run_django

ITEM = "class Item(models.Model):\n    name = models.CharField(max_length=20)\n    stock = models.IntegerField(default=0)\n"
RELATED = """
class Author(models.Model): name = models.CharField(max_length=9)
class Tag(models.Model): pass
class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    tags = models.ManyToManyField(Tag)
"""


def test_a_project_holds_several_apps(tmp_path: Path) -> None:
    """DJA701: startproject alone makes settings and root URLconf, a project lists several apps, and one app serves two projects."""
    code = """
    from django.core.management import call_command
    call_command("startproject", "site1")
    call_command("startapp", "blog")
    values = {}
    exec((HERE / "site1" / "site1" / "settings.py").read_text(), {"__file__": str(HERE / "settings.py")}, values)
    show(project=os.listdir(HERE / "site1" / "site1"), app=os.listdir(HERE / "blog"),
         apps=values["INSTALLED_APPS"], here=settings.INSTALLED_APPS)
    """
    seen = run_django(tmp_path, code)
    assert {"settings.py", "urls.py", "wsgi.py", "asgi.py"} <= set(seen["project"])
    assert {"models.py", "views.py", "apps.py", "migrations"} <= set(seen["app"])
    assert not {"settings.py", "urls.py", "manage.py"} & set(seen["app"])
    assert not {"models.py", "views.py"} & set(seen["project"])
    assert len(seen["apps"]) > 1 and "blog" not in seen["apps"]
    assert "django.contrib.auth" in set(seen["apps"]) & set(seen["here"])


def test_django_adds_a_primary_key(tmp_path: Path) -> None:
    """DJA702: A model without a key gets id, which counts up by itself; one with a primary key of its own gets no id."""
    models = ITEM + "class Country(models.Model): code = models.CharField(max_length=2, primary_key=True)\n"
    code = """
    first, second = Item.objects.create(name="a"), Item.objects.create(name="b")
    show(item=[field.name for field in Item._meta.fields], pk=[first.pk, first.id, second.pk],
         auto=isinstance(Item._meta.pk, models.AutoField), country=[field.name for field in Country._meta.fields],
         has_id=hasattr(Country(code="fr"), "id"), key=Country(code="fr").pk)
    """
    seen = run_django(tmp_path, code, models)
    assert seen["item"] == ["id", "name", "stock"]
    assert (seen["pk"], seen["auto"]) == ([1, 1, 2], True)
    assert (seen["country"], seen["has_id"], seen["key"]) == (["code"], False, "fr")


def test_cascade_deletes_those_that_refer(tmp_path: Path) -> None:
    """DJA703: Deleting a book leaves its author; deleting the author deletes the other book."""
    code = """
    author = Author.objects.create(name="a")
    book, other = Book.objects.create(author=author), Book.objects.create(author=author)
    def left():
        return [Author.objects.count(), Book.objects.count()]
    before = left()
    book.delete()
    between = left()
    author.delete()
    show(left=[before, between, left()])
    """
    assert run_django(tmp_path, code, RELATED)["left"] == [[1, 2], [1, 1], [0, 0]]


def test_many_to_many_gets_a_table_of_its_own(tmp_path: Path) -> None:
    """DJA704: The join table is there without a model for it, the two sides have no such column, and both sides see the relation."""
    code = """
    book, tag = Book.objects.create(author=Author.objects.create(name="a")), Tag.objects.create()
    book.tags.add(tag)
    def columns(table):
        with connection.cursor() as cursor:
            return [column.name for column in connection.introspection.get_table_description(cursor, table)]
    show(join=columns("shop_book_tags"), book=columns("shop_book"), tag=columns("shop_tag"),
         auto=bool(Book.tags.through._meta.auto_created), seen=[book.tags.get() == tag, tag.book_set.get() == book])
    """
    seen = run_django(tmp_path, code, RELATED)
    assert (seen["join"], seen["auto"]) == (["id", "book_id", "tag_id"], True)
    assert (seen["book"], seen["tag"]) == (["id", "author_id"], ["id"])
    assert seen["seen"] == [True, True]


def test_filter_joins_with_and_and_q_with_or(tmp_path: Path) -> None:
    """DJA705: Two arguments of filter() must both hold, chained calls too; Q objects with | find either and with ~ the rest."""
    code = """
    from django.db.models import Q
    for name, stock in [("a", 1), ("a", 2), ("b", 2), ("c", 3)]:
        Item.objects.create(name=name, stock=stock)
    def found(queryset):
        return [f"{item.name}{item.stock}" for item in queryset.order_by("pk")]
    show(both=found(Item.objects.filter(name="a", stock=2)), chained=found(Item.objects.filter(name="a").filter(stock=2)),
         either=found(Item.objects.filter(Q(name="a") | Q(stock=2))), negated=found(Item.objects.filter(~Q(name="a"))))
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen["both"] == seen["chained"] == ["a2"]
    assert (seen["either"], seen["negated"]) == (["a1", "a2", "b2"], ["b2", "c3"])


def test_f_is_computed_in_the_database(tmp_path: Path) -> None:
    """DJA706: update() with F() sends one UPDATE that names the column; two stale objects lose no step with it, but one without."""
    code = """
    from django.db.models import F
    Item.objects.create(name="a", stock=10)
    with CaptureQueriesContext(connection) as sent:
        Item.objects.update(stock=F("stock") - 1)
    def left(value):
        Item.objects.update(stock=10)
        for stale in [Item.objects.get(), Item.objects.get()]:
            stale.stock = value(stale.stock)
            stale.save()
        return Item.objects.get().stock
    show(sql=[query["sql"] for query in sent], left=[left(lambda old: F("stock") - 1), left(lambda old: old - 1)])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert len(seen["sql"]) == 1
    assert seen["sql"][0].startswith("UPDATE") and '"stock" - 1' in seen["sql"][0]
    assert seen["left"] == [8, 9]


def test_a_declared_manager_replaces_objects(tmp_path: Path) -> None:
    """DJA707: With a manager of another name the model has no objects; without one it has, and with both it has both."""
    models = """
    class Plain(models.Model): pass
    class Other(models.Model): people = models.Manager()
    class Both(models.Model):
        objects = models.Manager()
        people = models.Manager()
    """
    code = """
    show(objects=[hasattr(model, "objects") for model in (Plain, Other, Both)], people=[Other.people.count(), Both.people.count()],
         default=[model._default_manager.name for model in (Plain, Other, Both)])
    """
    seen = run_django(tmp_path, code, models)
    assert seen == {"objects": [True, False, True], "people": [0, 0], "default": ["objects", "people", "objects"]}


def test_migrations_are_undone_by_migrate(tmp_path: Path) -> None:
    """DJA708: migrate with an earlier name takes the later column away, zero takes the table, and the files stay."""
    folder = tmp_path / "notes" / "migrations"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    head = "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    "
    (folder / "0001_a.py").write_text(head + 'operations = [migrations.CreateModel("Note", [("id", models.AutoField(primary_key=True))])]')
    second = 'dependencies = [("notes", "0001_a")]; operations = [migrations.AddField("Note", "text", models.TextField(default=""))]'
    (folder / "0002_b.py").write_text(head + second)
    code = """
    from django.core.management import call_command
    def columns(*target):
        call_command("migrate", "notes", *target, verbosity=0)
        with connection.cursor() as cursor:
            return [column[1] for column in cursor.execute("PRAGMA table_info(notes_note)").fetchall()]
    show(steps=[columns(), columns("0001"), columns("0002"), columns("zero")], files=os.listdir(HERE / "notes" / "migrations"))
    """
    seen = run_django(tmp_path, code, INSTALLED_APPS=["notes", "shop"])
    assert seen["steps"] == [["id", "text"], ["id"], ["id", "text"], []]
    assert {"0001_a.py", "0002_b.py"} <= set(seen["files"])


def test_middleware_classes_is_ignored(tmp_path: Path) -> None:
    """DJA709: A middleware listed in MIDDLEWARE_CLASSES never runs; one in MIDDLEWARE does, and without get_response it is refused."""
    code = """
    class New:
        def __init__(self, get_response): self.get_response = get_response
        def __call__(self, request):
            response = self.get_response(request)
            response["X-New"] = "yes"
            return response
    class Old:
        def process_request(self, request): return HttpResponse("old")
    urlpatterns.append(path("", lambda request: HttpResponse("view")))
    def answer(**values):
        for name, value in values.items(): setattr(settings, name, value)
        try: return [(response := Client().get("/")).content.decode(), response.get("X-New")]
        except TypeError as error: return type(error).__name__
    show(old=answer(MIDDLEWARE=[], MIDDLEWARE_CLASSES=["__main__.New"]), new=answer(MIDDLEWARE=["__main__.New"]),
         style=answer(MIDDLEWARE=["__main__.Old"]))
    """
    assert run_django(tmp_path, code) == {"old": ["view", None], "new": ["view", "yes"], "style": "TypeError"}


def test_debug_pages_show_the_inside(tmp_path: Path) -> None:
    """DJA710: With DEBUG any visitor's error page has the traceback and a local variable, without it neither; startproject sets it."""
    code = """
    from django.core.management import call_command
    def view(request):
        balance = "private-" + "value"
        raise RuntimeError("broken inside")
    urlpatterns.append(path("", view))
    def page(debug):
        settings.DEBUG = debug
        response = Client(raise_request_exception=False).get("/")
        text = response.content.decode()
        return [response.status_code, "private-value" in text, "Traceback" in text, "ROOT_URLCONF" in text, "broken inside" in text]
    call_command("startproject", "fresh")
    show(on=page(True), off=page(False), fresh="DEBUG = True" in (HERE / "fresh" / "fresh" / "settings.py").read_text())
    """
    seen = run_django(tmp_path, code)
    assert seen == {"on": [500, True, True, True, True], "off": [500, False, False, False, False], "fresh": True}


def test_templates_escape_by_default(tmp_path: Path) -> None:
    """DJA711: A variable is escaped, also in a file that is not HTML; safe, mark_safe() and autoescape off leave it as it is."""
    (tmp_path / "page.md").write_text("{{ x }}")
    code = """
    from django.template import engines, loader
    from django.utils.safestring import mark_safe
    def render(text, x="<b>"):
        return engines["django"].from_string(text).render({"x": x})
    show(plain=[render("{{ x }}"), loader.render_to_string("page.md", {"x": "<b>"})],
         raw=[render("{{ x|safe }}"), render("{{ x }}", mark_safe("<b>")), render("{% autoescape off %}{{ x }}{% endautoescape %}")])
    """
    templates = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [str(tmp_path)]}]
    assert run_django(tmp_path, code, TEMPLATES=templates) == {"plain": ["&lt;b&gt;"] * 2, "raw": ["<b>"] * 3}


def test_cleaned_data_comes_with_validation(tmp_path: Path) -> None:
    """DJA712: Before is_valid() there is no cleaned_data; after it values are converted, the bad field is missing and HTML is as sent."""
    code = """
    from django import forms
    class Order(forms.Form):
        count, text = forms.IntegerField(), forms.CharField()
    good, bad, unbound = Order({"count": "5", "text": "<b>"}), Order({"count": "x", "text": "t"}), Order()
    before = [hasattr(form, "cleaned_data") for form in (good, bad, unbound)]
    show(before=before, valid=[form.is_valid() for form in (good, bad, unbound)], data=[good.cleaned_data, bad.cleaned_data],
         raw=good.data["count"], unbound=hasattr(unbound, "cleaned_data"))
    """
    seen = run_django(tmp_path, code)
    assert (seen["before"], seen["valid"]) == ([False] * 3, [True, False, False])
    assert seen["data"] == [{"count": 5, "text": "<b>"}, {"text": "t"}]
    assert (seen["raw"], seen["unbound"]) == ("5", False)


def test_staff_enters_the_admin_and_superusers_may_all(tmp_path: Path) -> None:
    """DJA713: is_staff opens the admin and gives no permission; is_superuser gives all, but without is_staff the admin stays shut."""
    code = """
    from django.contrib.admin import site
    from django.contrib.auth.models import User
    def may(**flags):
        request = RequestFactory().get("/")
        request.user = User.objects.create_user(str(flags), **flags)
        return [site.has_permission(request), request.user.has_perm("shop.add_item"), len(request.user.get_all_permissions())]
    show(plain=may(), staff=may(is_staff=True), root=may(is_superuser=True)[:2],
         inactive=may(is_superuser=True, is_staff=True, is_active=False))
    """
    seen = run_django(tmp_path, code, ITEM, INSTALLED_APPS=[f"django.contrib.{n}" for n in ("admin", "auth", "contenttypes")] + ["shop"])
    assert seen == {"plain": [False, False, 0], "staff": [True, False, 0], "root": [False, True], "inactive": [False, False, 0]}


def test_login_required_redirects(tmp_path: Path) -> None:
    """DJA714: Without a login the answer is a 302 to LOGIN_URL with next; a user who is logged in gets the page without any permission."""
    code = """
    from django.contrib.auth.decorators import login_required
    from django.contrib.auth.models import User
    urlpatterns.append(path("secret/", login_required(lambda request: HttpResponse("page"))))
    anonymous, ann = Client(), Client()
    ann.force_login(User.objects.create_user("ann"))
    first, second = anonymous.get("/secret/"), ann.get("/secret/")
    show(anonymous=[first.status_code, first["Location"]], ann=[second.status_code, second.content.decode()])
    """
    seen = run_django(tmp_path, code)
    assert seen == {"anonymous": [302, "/accounts/login/?next=/secret/"], "ann": [200, "page"]}


def test_abstract_base_user_is_the_bare_one(tmp_path: Path) -> None:
    """DJA715: AbstractBaseUser has password and last_login; AbstractUser adds all that User has, is_staff and permissions among them."""
    code = """
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AbstractUser, User
    names = lambda model: sorted(field.name for field in model._meta.get_fields() if not field.auto_created)
    show(base=names(AbstractBaseUser), full=names(AbstractUser), user=names(User),
         abstract=[m._meta.abstract for m in (AbstractBaseUser, AbstractUser)])
    """
    seen = run_django(tmp_path, code)
    assert seen["base"] == ["last_login", "password"]
    assert {"username", "email", "first_name", "is_staff", "is_superuser", "groups", "user_permissions", "password"} <= set(seen["full"])
    assert (seen["full"], seen["abstract"]) == (seen["user"], [True, True])


def test_no_backend_for_mongodb(tmp_path: Path) -> None:
    """DJA716: The backends that come with Django are relational; the name of one for MongoDB is refused."""
    code = """
    from django.core.exceptions import ImproperlyConfigured
    from django.db import ConnectionHandler
    def failure(engine):
        try: ConnectionHandler({"default": {"ENGINE": engine}})["default"].settings_dict["ENGINE"]
        except ImproperlyConfigured as error: return str(error)
    show(mongo=failure("django.db.backends.mongodb"), sqlite=failure("django.db.backends.sqlite3"),
         there=[p.name for p in (Path(django.__file__).parent / "db" / "backends").iterdir() if (p / "base.py").exists()])
    """
    seen = run_django(tmp_path, code)
    assert "isn't an available database backend" in seen["mongo"] and seen["sqlite"] is None
    assert sorted(seen["there"]) == ["base", "dummy", "mysql", "oracle", "postgresql", "sqlite3"]
